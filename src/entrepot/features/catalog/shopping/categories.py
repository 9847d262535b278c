"""Me.ListCategories and Me.GetCategory: the parts of a catalog's tree that a shopper sees (CTY-3 to CTY-6, SHP-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply
from entrepot.declare.view import View
from entrepot.domain.listing.request import ListRequest, list_meta, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import clause
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.catalogs.category_list import DEEPEST, read_depth, split_starts, tree_source
from entrepot.features.catalog.catalogs.category_sight import SAID, seen_category
from entrepot.features.catalog.catalogs.resources import CATEGORIES, CATEGORY, Category
from entrepot.features.catalog.shopping.pages import (
    catalog_epoch_column,
    columns_of,
    confirm_both,
    confirming_both,
    for_shopper,
    found,
    one,
    page,
)
from entrepot.features.catalog.shopping.placing import NUMBERS
from entrepot.kernel.errors import CategoryDepthError, NotFoundError
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source

OPTIONS = CATEGORIES.lists
QUERY = (
    QueryParameter(
        "depth",
        description="How many levels of the tree to list: a number, or `all`. Default 1, with productID `all`.",
    ),
    QueryParameter("catalogID", description="The catalog; the caller's default one if left out."),
    QueryParameter("productID", description="Only categories that hold this product."),
)
MEANT = """r."BuyerID" = CAST(:buyer AS citext)
    AND (r.group_key IS NULL OR r.group_key = ANY(CAST(:groups AS bigint[])))"""
SEEN = seen_category(
    meant=MEANT,
    catalog="CAST(:catalog AS citext)",
    category="CAST(:category AS citext)",
    shows=":shows",
)
TREE = f"""
WITH RECURSIVE said AS (
    SELECT r."CategoryID" AS id, {SAID} AS visible FROM category_assignments r
    WHERE r.marketplace_id = :marketplace_id AND r."CatalogID" = CAST(:catalog AS citext) AND {MEANT}
    GROUP BY r."CategoryID"
),
seen AS (
    SELECT k."ID", k."ParentID", coalesce(said.visible, CAST(:shows AS boolean)) AS visible,
           coalesce(k."ListOrder", -1) AS place, lower(k."Name") AS name
    FROM categories k LEFT JOIN said ON said.id = k."ID"
    WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = CAST(:catalog AS citext) AND k."ParentID" IS NULL
      AND k."Active"
    UNION ALL
    SELECT k."ID", k."ParentID", coalesce(said.visible, seen.visible), coalesce(k."ListOrder", -1), lower(k."Name")
    FROM seen
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = CAST(:catalog AS citext)
     AND k."ParentID" = seen."ID" AND k."Active"
    LEFT JOIN said ON said.id = k."ID"
),
tree AS (
    SELECT seen."ID", seen.visible, seen.place, seen.name, 1 AS level FROM seen WHERE {{start}}
    UNION ALL
    SELECT seen."ID", seen.visible, seen.place, seen.name, tree.level + 1 FROM tree
    JOIN seen ON seen."ParentID" = tree."ID"
    WHERE tree.level < CAST(:depth AS integer)
) SEARCH DEPTH FIRST BY place, name, "ID" SET path
SELECT DISTINCT ON ("ID") "ID", path FROM tree WHERE visible ORDER BY "ID", level
"""
ROOTS = 'seen."ParentID" IS NULL'
BELOW = 'seen."ParentID" IN (SELECT CAST(s AS citext) FROM unnest(CAST(:starts AS text[])) s)'
HOLDS = """EXISTS (
    SELECT 1 FROM products p
    JOIN category_product_assignments l ON l.marketplace_id = :marketplace_id
     AND l."ProductID" = ANY(ARRAY[p."ID", p."ParentID"])
    WHERE p.marketplace_id = :marketplace_id AND p."ID" = CAST(:product AS citext) AND l."CatalogID" = t."CatalogID"
      AND l."CategoryID" = t."ID")"""
SHAPE = shape_of(Category, OPTIONS, QUERY)
GET = confirming_both(
    "categories",
    columns_of(Category),
    f't."CatalogID" = CAST(:catalog AS citext) AND t."ID" = CAST(:category AS citext) AND ({SEEN})',
)


@lru_cache(maxsize=4)
def _source(start: str, *, of_product: bool) -> Source:
    tree = tree_source(SHAPE, TREE.format(start=start), "catalog")
    return replace(
        tree,
        columns=(*tree.columns, catalog_epoch_column()),
        where=(*tree.where, clause(HOLDS)) if of_product else tree.where,
    )


VIEW = View(
    name="Category",
    names="Categories",
    model=Category,
    table=CATEGORY.table,
    path="/me/categories",
    item="categoryID",
    lists=OPTIONS,
)


@VIEW.list("List the categories that the caller may see", query=QUERY, errors=(CategoryDepthError,))
async def list_my_categories(call: Call) -> Reply:
    """`depth` levels below the categories that the filter on ParentID names, else from the root, of the named catalog or
    the default one; nothing where there is none.
    """
    given = parameters(call)
    request = read_list_request(call.query, SHAPE)
    product = given.get("productID")
    # Where a product is, is asked of the whole tree (SHP-2).
    depth = DEEPEST if product is not None and "depth" not in given else read_depth(given.get("depth"))
    scope: dict[str, Any] = {"depth": depth, "product": product}
    request, scope["starts"] = split_starts(request)
    start = BELOW if scope["starts"] else ROOTS

    async def run(shopper: Shopper) -> Reply:
        place = catalog_scope(shopper, given.get("catalogID"))
        if place is None:
            return await _nothing(call, shopper, request)
        source = _source(start, of_product=product is not None)
        return await page(call, shopper, source, request, scope | place, renderer(Category).render)

    return await for_shopper(call, run)


@VIEW.get(
    "Get a category that the caller may see",
    query=(QueryParameter("catalogID", description="The catalog; the caller's default one if left out."),),
)
async def get_my_category(call: Call) -> Reply:
    """404 for what is not visible (SHP-2). One statement."""
    category = call.path["categoryID"]
    catalog = parameters(call).get("catalogID")

    async def run(shopper: Shopper) -> Reply:
        place = catalog_scope(shopper, catalog)
        if place is None:
            await confirm_both(call, shopper)
            raise NotFoundError("Category", category)
        row = await one(call, GET, place | {"category": category})
        return Reply(renderer(Category).render(await found(call, shopper, row, "Category", category)))

    return await for_shopper(call, run)


def catalog_scope(shopper: Shopper, catalog: str | None) -> dict[str, Any] | None:
    """The parameters of a catalog, the default one for None; None where the shopper sees no such catalog."""
    wanted = catalog or shopper.default_catalog
    seen = shopper.audience.catalogs.get(wanted.lower()) if wanted else None
    if seen is None:
        return None
    facts = {"catalog": seen.id, "shows": seen.shows_categories}
    return facts | {"buyer": shopper.buyer, "groups": shopper.groups}


async def is_category_seen(call: Call, shopper: Shopper, catalog: str, category: str) -> bool:
    """CTY-6. At most one statement."""
    seen, _ = await seen_part(call, shopper, catalog, category)
    return seen


async def seen_part(
    call: Call, shopper: Shopper, catalog: str, category: str, depth: int = 0
) -> tuple[bool, list[int]]:
    """Whether a category is seen (CTY-6), and the numbers of the active categories of its `depth` uppermost levels. At most one
    statement.
    """
    place = catalog_scope(shopper, catalog)
    if place is None:
        return False, []
    sql = f"SELECT ({SEEN}) AS seen" + (f", ({NUMBERS}) AS numbers" if depth else "")
    values = place | {"category": category, "tree_catalogs": [place["catalog"]], "depth": depth}
    row = await one(call, sql, values)
    return row is not None and bool(row["seen"]), (depth and row and row["numbers"]) or []


async def _nothing(call: Call, shopper: Shopper, request: ListRequest) -> Reply:
    await confirm_both(call, shopper)
    meta: Mapping[str, Any] = list_meta(request, 0, 0)
    return Reply({"Meta": meta, "Items": []})


OPERATIONS: tuple[Operation, ...] = (list_my_categories, get_my_category)
