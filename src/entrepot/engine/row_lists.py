"""Lists that show the rows of a declared resource, chosen by a condition instead of by path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import Reply
from entrepot.declare.resource import Resource
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, clause, field_expressions, page, page_columns
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

RowsList = Callable[[Call, Mapping[str, Any]], Awaitable[Reply]]


def rows_list(resource: Resource, where: str) -> RowsList:
    """A list of the rows `t` for which the SQL condition holds; `:marketplace_id` and others are its parameters.

    The list takes the call and the values of the other parameters. One statement, which also confirms the caller.
    """
    source = rows_source(resource, where)

    async def run(call: Call, scope: Mapping[str, Any]) -> Reply:
        request = read_list_request(call.query, source.shape)
        return await page(call, resource, source, request, {MARKETPLACE: call.marketplace_id, **scope})

    return run


def rows_source(resource: Resource, where: str) -> Source:
    """What such a list reads, for use cases that look for something else between the request and the page."""
    entity = resource.entity
    table = entity_alias(entity)
    return Source(
        shape=shape_of(entity.model, resource.lists, resource.query),
        table=table,
        columns=tuple(page_columns(resource.columns, table, resource.hooks.shows)),
        fields=field_expressions(entity, resource.columns, table),
        where=(
            table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),
            clause(where),
        ),
    )
