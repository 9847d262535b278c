"""The list of categories: a part of the tree as a flat page (CTY-3)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import Right
from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.filters import FilterCondition, Operator
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.lists import (
    MARKETPLACE,
    clause,
    field_expressions,
    page,
    page_columns,
)
from entrepot.engine.query import parameters
from entrepot.engine.scoping import require_parents
from entrepot.engine.sight import facts_of, limited_kinds
from entrepot.features.catalog.catalogs.resources import CATEGORIES, CATEGORY, Category
from entrepot.kernel.errors import CategoryDepthError, NotFoundError
from entrepot.kernel.user_types import UserType
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

DEEPEST = 2**31 - 1
QUERY = (
    QueryParameter(
        "depth", description="How many levels of the tree to list: a number, or `all`. Default 1."
    ),
)
OPTIONS = CATEGORIES.lists
ROOTS = 'k."ParentID" IS NULL'
BELOW = 'k."ParentID" IN (SELECT CAST(s AS citext) FROM unnest(CAST(:starts AS text[])) s)'
TREE = """
WITH RECURSIVE tree AS (
    SELECT k."ID", 1 AS level, coalesce(k."ListOrder", -1) AS place, lower(k."Name") AS name
    FROM categories k WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = :catalogID AND {start}
    UNION ALL
    SELECT k."ID", tree.level + 1, coalesce(k."ListOrder", -1), lower(k."Name") FROM tree
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = :catalogID
         AND k."ParentID" = tree."ID"
    WHERE tree.level < :depth
) SEARCH DEPTH FIRST BY place, name, "ID" SET path
SELECT DISTINCT ON ("ID") "ID", path FROM tree ORDER BY "ID", level
"""
"""The categories at most `depth` levels below the start; the path sorts them in pre-order: siblings by ListOrder, Name,
ID. One start may be below another: then the shorter way counts."""


def tree_source(shape: ListShape, select: str, catalog: str) -> Source:
    """The categories that a SELECT of their IDs and paths names, in the order of the paths; all of the catalog that the
    parameter `catalog` names.
    """
    table = entity_alias(CATEGORY)
    columns = (sa.column("ID", Citext()), sa.column("path", sa.types.NullType()))
    tree = sa.text(select).columns(*columns).subquery("tree")
    own = sa.and_(
        table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),
        table.c.CatalogID == sa.bindparam(catalog, type_=Citext()),
    )
    return Source(
        shape=shape,
        table=table.join(tree, sa.and_(own, tree.c.ID == table.c.ID)),
        columns=tuple(page_columns(CATEGORY.model.__columns__.values(), table, ())),
        fields=field_expressions(CATEGORY, CATEGORY.model.__columns__.values(), table),
        where=(own,),
        lead=(tree.c.path,),
    )


_SHAPE = shape_of(Category, OPTIONS, QUERY)


@cache
def _source(start: str, kind: UserType) -> Source:
    tree = tree_source(_SHAPE, TREE.format(start=start), "catalogID")
    if kind not in CATEGORIES.visible:
        return tree
    return replace(tree, where=(*tree.where, clause(CATEGORIES.visible[kind])))


@operation(
    "Categories.List",
    "GET",
    CATEGORIES.path,
    tag=CATEGORIES.title,
    summary="List Categories",
    roles=CATEGORIES.roles.read,
    user_types=allowed_types(CATEGORIES.access, Right.READ),
    query=QUERY,
    lists=OPTIONS,
    returns=Returns(Category, page=True),
    errors=(NotFoundError, CategoryDepthError),
    confirms=True,
    resource=CATEGORIES.name,
    table=CATEGORY.table,
)
async def list_categories(call: Call) -> Reply:
    """`depth` levels below the categories that the filter on ParentID names, else from the root; search, sort and the
    other filters act inside. One statement, one more for who does not see all catalogs.
    """
    kind = call.principal.user_type
    if kind in limited_kinds(CATEGORIES):
        await require_parents(call, CATEGORIES)
    request = read_list_request(call.query, _SHAPE)
    scope: dict[str, Any] = {
        MARKETPLACE: call.marketplace_id,
        "catalogID": call.path["catalogID"],
        "depth": read_depth(parameters(call).get("depth")),
    }
    request, starts = split_starts(request)
    scope["starts"] = starts
    if kind in CATEGORIES.visible:
        scope |= facts_of(call.principal)
    return await page(call, CATEGORIES, _source(BELOW if starts else ROOTS, kind), request, scope)


def read_depth(text: str | None) -> int:
    """The number of levels, beyond every tree's for `all`. Raises Category.InvalidDepth."""
    if text is None:
        return 1
    if text.strip().lower() == "all":
        return DEEPEST
    digits = text.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise CategoryDepthError({"Property": "depth", "Value": text[:100]})
    return int(digits) if len(digits) < 10 else DEEPEST


def split_starts(request: ListRequest) -> tuple[ListRequest, list[str]]:
    """The categories below which a list begins, by a filter `ParentID=a|b`, and the request without that filter; the
    request as it is, and none, where it has no such filter.
    """
    for condition in request.filters:
        starts = _named_parents(condition)
        if starts:
            rest = tuple(other for other in request.filters if other is not condition)
            return replace(request, filters=rest), starts
    return request, []


def _named_parents(condition: FilterCondition) -> list[str]:
    """The IDs of a filter `ParentID=a|b`; none for any other filter, be it on ParentID."""
    found: list[str] = []
    for test in condition.tests:
        if test.path is None or test.path.name != "ParentID":
            return []
        for alternative in test.alternatives:
            if alternative.operator is not Operator.EQUAL or alternative.negated:
                return []
            found.append(str(alternative.literal))
    return found
