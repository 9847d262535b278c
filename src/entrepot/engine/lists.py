"""The uniform list over one resource: a page in one statement that also confirms the caller, beside what Resource.prewritten
may have to read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.declare.entity import Entity
from entrepot.declare.operation import Reply
from entrepot.declare.resource import Resource
from entrepot.declare.wire import Column
from entrepot.domain.listing.request import ListRequest, list_meta, read_list_request
from entrepot.engine import sight
from entrepot.engine.call import Call
from entrepot.engine.pages import fetch_confirmed
from entrepot.engine.query import parameters
from entrepot.engine.rows import common_texts, item_properties, json_columns, render, render_items
from entrepot.engine.scoping import is_foreign_company, refuse_foreign_parents, require_parents, target
from entrepot.engine.standing import READ_EPOCH
from entrepot.kernel.user_types import UserType
from entrepot.storage.columns import Citext, column_type
from entrepot.storage.listing.compile import PreparedList, prepared_list
from entrepot.storage.listing.fetch import fetch_items
from entrepot.storage.listing.prewritten import filled, row_text
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import KeptTotals, Source
from entrepot.storage.tables import entity_alias, totals_alias

MARKETPLACE = "marketplace_id"
OWN_COMPANY = "own_company"
COMPANY = "company"


class UniformList:
    """The list handler of one resource."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.shape = shape_of(resource.entity.model, resource.lists, resource.query)
        self._sources: dict[tuple[frozenset[str], UserType | None], Source] = {}

    async def list(self, call: Call) -> Reply:
        """A page of the caller's rows (LIST-2), with 404 for a missing parent."""
        refuse_foreign_parents(call, self.resource)
        request = read_list_request(call.query, self.shape)
        given = parameters(call)
        scope: dict[str, Any] = {MARKETPLACE: call.marketplace_id, **target(call, self.resource), **given}
        extra = set(given)
        if is_foreign_company(call, self.resource, ""):
            scope[OWN_COMPANY] = call.principal.company_id
            extra.add(OWN_COMPANY)
        kind: UserType | None = call.principal.user_type
        if kind in sight.limited_kinds(self.resource):
            scope |= sight.facts_of(call.principal)
        else:
            kind = None
        return await page(call, self.resource, self._source(frozenset(extra), kind), request, scope)

    def _source(self, extra: frozenset[str], kind: UserType | None) -> Source:
        """The source with the conditions of the parameters that were given; made once per combination."""
        source = self._sources.get((extra, kind))
        if source is None:
            source = self._sources[extra, kind] = source_of(self.resource, self.shape, extra, kind)
        return source


async def page(
    call: Call, resource: Resource, source: Source, request: ListRequest, scope: Mapping[str, Any]
) -> Reply:
    """Run a list of a resource's rows and render it. One statement, which also confirms the caller; more for an empty page."""
    statement = prepared_list(source, request)
    items, count, total = await (_items if source.item else _rows)(call, resource, statement, scope)
    if not count:
        await require_parents(call, resource)
    key = request.next_page_key(total)
    return Reply({"Meta": list_meta(request, total, count, next_page_key=key), "Items": items})


async def _items(
    call: Call, resource: Resource, statement: PreparedList, scope: Mapping[str, Any]
) -> tuple[Any, int, int]:
    texts = await common_texts(call, resource)
    page = await fetch_items(call.db, statement, scope)
    call.confirm(page.row["_epoch"])
    if texts is not None and page.count:
        page.items = filled(page.items, texts)
    return render_items(call, resource, page), page.count, page.total


async def _rows(
    call: Call, resource: Resource, statement: PreparedList, scope: Mapping[str, Any]
) -> tuple[Any, int, int]:
    rows, total = await fetch_confirmed(call, statement.bind(scope))
    return [render(call, resource, row) for row in rows], len(rows), total


def source_of(resource: Resource, shape: Any, extra: frozenset[str], kind: UserType | None = None) -> Source:
    """Where a resource's list reads from, narrowed by the parameters named in `extra` and by what `kind` sees."""
    entity = resource.entity
    table = entity_alias(entity)
    where = _within(resource, table)
    if OWN_COMPANY in extra:
        where.append(table.c[entity.id_column] == sa.bindparam(OWN_COMPANY, type_=Citext()))
    if kind is not None:
        where.append(condition(sight.condition(resource, kind)))
    where += [condition(resource.narrow[name]) for name in sorted(extra - {OWN_COMPANY})]
    item = item_properties(resource)
    kept = resource.prewritten
    columns = row_columns(resource.columns if kept is None else (), table, resource.hooks.shows)
    text = None if kept is None else sa.type_coerce(sa.text(row_text(kept.own)), sa.Text())
    return Source(
        shape=shape,
        table=table,
        columns=tuple(columns if item else [*columns, epoch_column()]),
        fields=field_expressions(entity, resource.columns, table),
        where=tuple(where),
        item=item,
        once=(epoch_column(),) if item else (),
        prewritten=text,
        totals=_kept_totals(resource) if entity.totals and not extra and kind is None else None,
    )


def _within(resource: Resource, table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """The conditions that keep a list within its marketplace and the path's parents."""
    entity = resource.entity
    where: list[sa.ColumnElement[bool]] = [
        table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())
    ]
    where += [table.c[w.column] == sa.bindparam(w.parameter, type_=Citext()) for w in resource.within]
    if not {within.column for within in resource.within}.intersection(
        owner.column for owner in entity.owners
    ):
        # Of a row with an owner the others are null.
        where += [table.c[owner.stored].is_(None) for owner in entity.owners]
    return where


def _kept_totals(resource: Resource) -> KeptTotals:
    table = totals_alias(resource.entity)
    return KeptTotals(table, tuple(_within(resource, table)), table.c.rows, frozenset(resource.entity.totals))


def page_columns(
    properties: Iterable[Column], table: sa.FromClause, shows: tuple[str, ...]
) -> list[sa.ColumnElement[Any]]:
    """The columns of a page: properties, what `present` needs, and the security epoch."""
    return [*row_columns(properties, table, shows), epoch_column()]


def row_columns(
    properties: Iterable[Column], table: sa.FromClause, shows: tuple[str, ...]
) -> list[sa.ColumnElement[Any]]:
    """The same without the epoch."""
    columns: list[sa.ColumnElement[Any]] = []
    for column in properties:
        if column.write_only:
            continue
        if column.computed is not None:
            columns.append(selected(column).label(column.name))
        elif column.stored:
            columns.append(table.c[column.name])
    return [*columns, *(table.c[name] for name in shows)]


def epoch_column() -> sa.ColumnElement[Any]:
    """The security epoch, with which a page confirms the caller."""
    return scalar(READ_EPOCH, sa.BigInteger()).label("_epoch")


def field_expressions(
    entity: Entity, properties: Iterable[Column], table: sa.FromClause
) -> dict[str, sa.ColumnElement[Any]]:
    """Property names -> expressions; JSON as jsonb."""
    json = json_columns(entity)
    fields: dict[str, sa.ColumnElement[Any]] = {}
    for column in properties:
        if column.name == "xp" and column.stored:
            fields["xp"] = table.c.xp_value
        elif column.computed is not None:
            fields[column.name] = computed(column)
        elif column.stored:
            expression = table.c[column.name]
            fields[column.name] = sa.cast(expression, pg.JSONB()) if column.name in json else expression
    return fields


def selected(column: Column) -> sa.ColumnElement[Any]:
    """A computed property as a page shows it: objects as the JSON text that the SELECT makes."""
    assert column.computed is not None
    return scalar(column.computed, column_type(column.type))


def computed(column: Column) -> sa.ColumnElement[Any]:
    """A computed property as filters take it: objects as jsonb."""
    return filterable(selected(column))


def filterable(expression: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An expression as filters take it: objects as jsonb."""
    return sa.cast(expression, pg.JSONB()) if isinstance(expression.type, pg.JSON) else expression


def scalar(select: str, type_: Any) -> sa.ColumnElement[Any]:
    """A SELECT of one value, written as text over alias `t`, as an expression."""
    return sa.text(select).columns(sa.column("value", type_)).scalar_subquery()


def condition(text: str) -> sa.ColumnElement[bool]:
    """A condition written as text over alias `t`, with named parameters."""
    return scalar(f"SELECT {text}", sa.Boolean())


def clause(text: str) -> sa.ColumnElement[bool]:
    """The same, such that the planner sees what it is about and an index can serve it."""
    return sa.text(f"({text})")  # type: ignore[return-value]
