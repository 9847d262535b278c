"""LineItems.List, the lines of one order, and LineItems.ListAcrossOrders, those of all submitted ones (LST-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from entrepot.declare.entity import TextFields
from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.listing.fields import FieldPath, ListShape
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, clause, epoch_column, page_columns
from entrepot.engine.pages import read_page
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders import list_options
from entrepot.features.trade.orders.access import direction_of, listed, sight
from entrepot.features.trade.orders.list_sources import (
    LINES,
    ORDERS,
    line_fields,
    of_marketplace,
    order_fields,
)
from entrepot.features.trade.orders.lists import (
    CONDITIONS,
    QUERY,
    order_parameters,
    scope_of,
    sees_all,
)
from entrepot.features.trade.orders.models.lines import ExtendedLineItem, LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.resources import LINE_ITEM, SUBMITTED
from entrepot.features.trade.orders.store import require_order, show_line
from entrepot.kernel.errors import (
    FilterAcrossError,
    NotFoundError,
    SearchAcrossError,
    SortByOrderFirstError,
)
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import text_columns

ORDER_LEVEL = "Order."
LINE_COLUMNS = tuple(LineItem.__columns__.values())
LINES_SHAPE: ListShape = shape_of(LineItem, list_options.LINES, ())
SEARCHED = TextFields(list_options.LINES_ACROSS.search or (), prominent=("ID",))
ACROSS = ListOptions(search=None, sort=None, premium=True, text=SEARCHED, order=("DateAdded", "ID"))
ACROSS_SHAPE = replace(
    shape_of(ExtendedLineItem, ACROSS, QUERY), key=(f"{ORDER_LEVEL}ID", f"{ORDER_LEVEL}FromCompanyID", "ID")
)


@order_operation(
    "LineItems.List",
    "GET",
    "/orders/{direction}/{orderID}/lineitems",
    tag="Line Items",
    summary="List the lines of an order",
    roles=sufficient("OrderAdmin", "OrderReader", "Shopper"),
    lists=list_options.LINES,
    returns=Returns(LineItem, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="line_items",
)
async def list_lines(call: Call, where: OrderRef) -> Reply:
    """The lines of an order that the caller reaches (ORD-3). Two statements; up to four for an empty page."""
    request = read_list_request(call.query, LINES_SHAPE)
    order = await require_order(call, where, lock=False)
    scope: dict[str, Any] = {MARKETPLACE: call.marketplace_id, "order_key": order["key"]}
    source, invitation = lines_source(whole=sees_all(call.principal)), call.principal.invitation_id
    if invitation is not None:
        source = of_invitation(source)
        scope["invitation"] = invitation
    rows, meta = await read_page(call, source, request, scope)
    return Reply({"Meta": meta, "Items": [show_line(call, row) for row in rows]})


@operation(
    "LineItems.ListAcrossOrders",
    "GET",
    "/lineitems/{direction}",
    tag="Line Items",
    summary="List lines of all orders",
    roles=sufficient("OrderAdmin", "OrderReader"),
    user_types=frozenset({UserType.SELLER, UserType.SUPPLIER}),
    query=QUERY,
    lists=list_options.LINES_ACROSS,
    returns=Returns(ExtendedLineItem, page=True),
    errors=(NotFoundError, FilterAcrossError, SearchAcrossError, SortByOrderFirstError),
    confirms=True,
    table="line_items",
)
async def list_across(call: Call) -> Reply:
    """Lines of submitted orders, each with its order. One statement; up to three for an empty page."""
    direction = direction_of(call)
    request = read_list_request(call.query, ACROSS_SHAPE)
    require_levels(request)
    given = order_parameters(call)
    reach = listed(sight(call.principal), direction, submitted=True)
    source = across_source(reach, frozenset(given), whole=sees_all(call.principal))
    rows, meta = await read_page(call, source, request, scope_of(call.principal) | given)
    return Reply({"Meta": meta, "Items": [_extended(call, row) for row in rows]})


@cache
def of_invitation(source: Source) -> Source:
    """The lines that one invitation has brought (GRP-2)."""
    own = LINES.c.InvitationID == sa.bindparam("invitation", type_=sa.Text())
    return replace(source, where=(*source.where, own))


def require_levels(request: ListRequest) -> None:
    """LST-4: one filter and one search stay on one level, and orders are sorted by before lines.

    Raises FilterAcrossError, SearchAcrossError, SortByOrderFirstError.
    """
    for condition in request.filters:
        if _levels(test.path for test in condition.tests) > 1:
            raise FilterAcrossError
    if _levels(request.search_on) > 1:
        raise SearchAcrossError
    if request.sort_by and not _of_order(request.sort_by[0].path):
        raise SortByOrderFirstError


@cache
def lines_source(*, whole: bool) -> Source:
    """The lines of one order, in the order of adding: lines that came at once have one DateAdded."""
    return Source(
        shape=LINES_SHAPE,
        table=LINES,
        columns=tuple(page_columns(LINE_COLUMNS, LINES, ())),
        fields=line_fields(whole=whole),
        where=(
            of_marketplace(LINES),
            LINES.c.order_key == sa.bindparam("order_key", type_=sa.BigInteger()),
        ),
        lead=(LINES.c.position,),
    )


@lru_cache(maxsize=64)
def across_source(reach: str, given: frozenset[str], *, whole: bool) -> Source:
    """The lines of the submitted orders within a caller's reach, narrowed by parameters; made once per combination."""
    order_columns = (ORDERS.c[name].label(f"{ORDER_LEVEL}{name}") for name in Order.__columns__)
    return Source(
        shape=ACROSS_SHAPE,
        table=ORDERS.join(LINES, LINES.c.order_key == ORDERS.c.key),
        columns=(*(LINES.c[column.name] for column in LINE_COLUMNS), *order_columns, epoch_column()),
        fields={
            **line_fields(whole=whole),
            "OrderID": ORDERS.c.ID,
            **{f"{ORDER_LEVEL}{name}": expression for name, expression in order_fields().items()},
        },
        where=(
            of_marketplace(ORDERS),
            of_marketplace(LINES),
            clause(f"t.{SUBMITTED}"),
            clause(reach),
            *(CONDITIONS[name] for name in sorted(given)),
        ),
        text=text_columns(LINES, LINE_ITEM.text),
    )


def _extended(call: Call, row: Any) -> dict[str, Any]:
    item = show_line(call, row)
    order = {name: row[f"{ORDER_LEVEL}{name}"] for name in Order.__columns__}
    item |= {"OrderID": order["ID"], "Order": renderer(Order).render(order)}
    return {name: item[name] for name in ExtendedLineItem.__columns__}


def _levels(paths: Iterable[FieldPath | None]) -> int:
    return len({_of_order(path) for path in paths if path is not None})


def _of_order(path: FieldPath) -> bool:
    return path.name.startswith(ORDER_LEVEL)


OPERATIONS: tuple[Operation, ...] = (list_lines, list_across)
