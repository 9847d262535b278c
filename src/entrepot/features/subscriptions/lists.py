"""The lists of subscriptions and of their items: the rows within the caller's reach, found by an index."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, Reply
from entrepot.declare.resource import Resource
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, field_expressions, page, page_columns
from entrepot.features.subscriptions import store
from entrepot.features.subscriptions.resources import ITEMS, SUBSCRIPTIONS
from entrepot.features.subscriptions.store import Reach
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

VALUE = "value"
COLUMNS = {Reach.OWN: "user_key", Reach.SENT: "FromCompanyID", Reach.RECEIVED: "ToCompanyID"}


def _source(resource: Resource, column: str | None) -> Source:
    """The rows of which a column has the value that `page` gets; all of them without a column."""
    entity, properties = resource.entity, resource.columns
    table = entity_alias(entity)
    where: list[Any] = [table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())]
    if column is not None:
        type_ = sa.BigInteger() if column.endswith("_key") else Citext()
        where.append(table.c[column] == sa.bindparam(VALUE, type_=type_))
    return Source(
        shape=shape_of(entity.model, ListOptions(search=resource.search, sort=resource.sort), ()),
        table=table,
        columns=tuple(page_columns(properties, table, ())),
        fields=field_expressions(entity, properties, table),
        where=tuple(where),
    )


_subscriptions = {reach: _source(SUBSCRIPTIONS, COLUMNS.get(reach)) for reach in Reach}
_items = _source(ITEMS, "subscription_key")


async def list_subscriptions(call: Call) -> Reply:
    """ProjectedSubtotal is that of the last write or order. One statement; one more for an empty page."""
    source = _subscriptions[store.reach_of(call)]
    request = read_list_request(call.query, source.shape)
    return await _page(call, SUBSCRIPTIONS, source, request, store.reaching(call))


async def list_items(call: Call) -> Reply:
    """Two statements; one more for an empty page."""
    request = read_list_request(call.query, _items.shape)
    found = await store.require(call, lock=False)
    return await _page(call, ITEMS, _items, request, found["key"])


async def _page(call: Call, resource: Resource, source: Source, request: ListRequest, value: Any) -> Reply:
    return await page(call, resource, source, request, {MARKETPLACE: call.marketplace_id, VALUE: value})
