"""Running what a shopper reads: each statement confirms the caller and what is remembered of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import sqlalchemy as sa
from msgspec import Raw

from entrepot.declare.entity import Entity
from entrepot.declare.operation import Reply
from entrepot.declare.wire import Column, Wire
from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.request import ListRequest, list_meta
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, clause, field_expressions, page_columns, scalar
from entrepot.engine.sql import numbered
from entrepot.engine.statements import projection
from entrepot.features.catalog.audience.memory import AudienceMemory, with_shopper
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.shopping.visible import CATALOG_EPOCH, without_long
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_facets, fetch_page
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

Row = Mapping[str, Any] | asyncpg.Record
EPOCHS = """
SELECT s.epoch AS _epoch, c.epoch AS _catalog_epoch FROM security_epochs s
JOIN catalog_epochs c ON c.marketplace_id = :marketplace_id
WHERE s.marketplace_id = :marketplace_id
"""


def for_shopper(call: Call, run: Callable[[Shopper], Awaitable[Reply]]) -> Awaitable[Reply]:
    """Run for the calling shopper, anew if what is remembered of it turns out to be old."""
    return with_shopper(call, services(call).memory(AudienceMemory), run)


def catalog_epoch_column() -> sa.ColumnElement[Any]:
    """What each row of a page carries to confirm the shopper, beside the epoch that confirms the caller."""
    return scalar(CATALOG_EPOCH, sa.BigInteger()).label("_catalog_epoch")


def rows_source(
    entity: Entity,
    properties: tuple[Column, ...],
    shape: ListShape,
    where: str,
    *,
    extra: tuple[sa.ColumnElement[Any], ...] = (),
    fields: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> Source:
    """The rows `t` of a table for which `where` holds, with named parameters."""
    table = entity_alias(entity)
    own = table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())
    return Source(
        shape=shape,
        table=table,
        columns=(*page_columns(properties, table, ()), *extra, catalog_epoch_column()),
        fields=field_expressions(entity, properties, table) | dict(fields or {}),
        where=(own, clause(where)),
    )


async def page(
    call: Call,
    shopper: Shopper,
    source: Source,
    request: ListRequest,
    scope: Mapping[str, Any],
    show: Callable[[Row], Any],
) -> Reply:
    """One page, with facets where the source has them; more statements for an empty one. Raises StaleAudienceError and
    StaleStandingError.
    """
    compiled = compile_list(source, request, {MARKETPLACE: call.marketplace_id, **scope})
    rows, total = await fetch_page(call.db, compiled)
    await confirm_rows(call, shopper, rows)
    head = meta(request, total, len(rows))
    if source.facets is not None:
        head = {"Facets": Raw(await fetch_facets(call.db, compiled, rows)), **head}
    return Reply({"Meta": head, "Items": [show(row) for row in rows]})


def meta(request: ListRequest, total: int, count: int) -> dict[str, Any]:
    """Meta of a page of `count` items."""
    return list_meta(request, total, count, next_page_key=request.next_page_key(total))


async def confirm_rows(call: Call, shopper: Shopper, rows: list[asyncpg.Record]) -> None:
    """Confirm caller and shopper by the first row of a page, else by a statement of its own."""
    if rows:
        await confirm_row(call, shopper, rows[0])
    else:
        await confirm_both(call, shopper)


async def confirm_both(call: Call, shopper: Shopper) -> None:
    """Confirm caller and shopper by a statement of its own."""
    await confirm_row(call, shopper, await one(call, EPOCHS, {}))


async def confirm_row(
    call: Call, shopper: Shopper, row: asyncpg.Record | None, *, lists: bool = True
) -> None:
    """Confirm both by the `_epoch` and `_catalog_epoch` of a row. lists: as AudienceMemory.confirm has it; False where the row
    alone says all that is answered.
    """
    call.confirm(row["_epoch"] if row else None)
    epoch = row["_catalog_epoch"] if row else None
    if epoch != shopper.epoch:
        await services(call).memory(AudienceMemory).confirm(call, shopper, epoch, lists=lists)


def columns_of(model: type[Wire]) -> str:
    """The select list of a model's properties over a row `t`, with named parameters."""
    return projection(model.__columns__.values())


def confirming_both(table: str, columns: str, where: str) -> str:
    """The SELECT of the row `t` for which `where` holds, beside what confirms caller and shopper; for `found`."""
    return f"""
SELECT e._epoch, e._catalog_epoch, t.marketplace_id AS _found, {columns} FROM ({EPOCHS}) e
LEFT JOIN {table} t ON t.marketplace_id = :marketplace_id AND {where}
"""


async def found(
    call: Call, shopper: Shopper, row: asyncpg.Record | None, kind: str, sought: str, *, lists: bool = True
) -> asyncpg.Record:
    """The row that such a statement gave, which confirms both. Raises NotFoundError of this kind and ID where it found none. lists: as
    of confirm_row.
    """
    await confirm_row(call, shopper, row, lists=lists)
    if row is None or row["_found"] is None:
        raise NotFoundError(kind, sought)
    return row


async def one(call: Call, sql: str, scope: Mapping[str, Any]) -> asyncpg.Record | None:
    """The row of a statement with named parameters; `:marketplace_id` is the call's."""
    text, names = numbered(sql)
    marketplace_id = call.marketplace_id
    return await call.db.fetchrow(
        text, *[marketplace_id if name == MARKETPLACE else scope[name] for name in names]
    )


async def one_visible(call: Call, sql: str, scope: dict[str, Any]) -> asyncpg.Record | None:
    """The same of a confirming_both that finds a product by VISIBLE, with its arrays as texts. A second statement where the shopper's short arrays do
    not show it and there are long ones.
    """
    short = without_long(scope)
    row = await one(call, sql, short or scope)
    if short is not None and row is not None and row["_found"] is None:
        row = await one(call, sql, scope)
    return row
