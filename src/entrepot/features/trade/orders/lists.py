"""Orders.List and Me.ListOrders: premium lists of submitted orders, standard ones of all others (LST-1 to LST-3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.literals import read_date
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, clause, page_columns
from entrepot.engine.pages import read_page
from entrepot.engine.principal import Principal
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.features.trade.orders import list_options
from entrepot.features.trade.orders.access import direction_of, listed, sight
from entrepot.features.trade.orders.list_sources import (
    LINE_ITEMS,
    LINES_FIELD,
    ORDERS,
    PRODUCT_OF_LINE,
    SEARCHED_LINES,
    SHIPPING_ADDRESS,
    lines_of_order,
    of_marketplace,
    order_fields,
)
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.resources import ORDER, SUBMITTED, UNSUBMITTED
from entrepot.features.trade.orders.submission import DECIDING, asks_for_submitted, require_standard
from entrepot.kernel.errors import InvalidTypeError, MixedSubmissionError, NotFoundError, SubmittedOnlyError
from entrepot.kernel.user_types import UserType
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import text_columns

PERIOD = (
    QueryParameter("from", description="Only orders created at this time or later."),
    QueryParameter("to", description="Only orders created at this time or earlier."),
)
PARTIES = (
    QueryParameter("buyerID", description="Only orders from this company."),
    QueryParameter("supplierID", description="Only orders to this company."),
)
QUERY = (*PARTIES, *PERIOD)
KEY = ("ID", "FromCompanyID")
"""ORD-2: an ID is unique for each sender."""
PREMIUM = ListOptions(
    search=None, sort=None, premium=True, text=ORDER.text, order=("DateSubmitted", "DateCreated", "ID")
)
STANDARD = ListOptions(
    search=list_options.ORDERS.search,
    sort=tuple(dict.fromkeys(("DateCreated", "ID", *(list_options.ORDERS.sort or ())))),
)
"""No order here has a DateSubmitted, so that the default order begins with the next (SRCH-6)."""
_PREMIUM, _STANDARD = (shape_of(Order, options, QUERY) for options in (PREMIUM, STANDARD))
SUBMITTED_SHAPE = replace(
    _PREMIUM,
    fields=(*_PREMIUM.fields, SHIPPING_ADDRESS, LINES_FIELD),
    key=KEY,
    groups=(SEARCHED_LINES, PRODUCT_OF_LINE),
    any_case=DECIDING,
    dear=(LINES_FIELD.name,),
)
UNSUBMITTED_SHAPE: ListShape = replace(_STANDARD, fields=(*_STANDARD.fields, SHIPPING_ADDRESS), key=KEY)
CONDITIONS = {
    "buyerID": ORDERS.c.FromCompanyID == sa.bindparam("buyerID", type_=Citext()),
    "supplierID": ORDERS.c.ToCompanyID == sa.bindparam("supplierID", type_=Citext()),
    "from": ORDERS.c.DateCreated >= sa.bindparam("from", type_=sa.DateTime(timezone=True)),
    "to": ORDERS.c.DateCreated <= sa.bindparam("to", type_=sa.DateTime(timezone=True)),
}
"""What the parameters of an operation ask of an order (LST-1)."""
OWN = "(t.user_key = :user_key AND NOT t.guest)"
OWN_AS_GUEST = '(t.user_key = :user_key AND t.guest AND t."ID" = :guest_order)'
READERS = sufficient("OrderAdmin", "OrderReader")


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A request and the kind of orders that it asks for."""

    request: ListRequest
    submitted: bool


@operation(
    "Orders.List",
    "GET",
    "/orders/{direction}",
    tag="Orders",
    summary="List orders",
    roles=READERS,
    query=QUERY,
    lists=list_options.ORDERS,
    returns=Returns(Order, page=True),
    errors=(NotFoundError, MixedSubmissionError, SubmittedOnlyError),
    confirms=True,
    table="orders",
)
async def list_orders(call: Call) -> Reply:
    """Submitted orders unless a filter asks for others; what the caller reaches in the direction (ORD-3).

    One statement; up to three for an empty page.
    """
    direction = direction_of(call)
    asked = read_order_request(call.query)
    reach = listed(sight(call.principal), direction, submitted=asked.submitted)
    return await order_page(call, asked, reach)


@operation(
    "Me.ListOrders",
    "GET",
    "/me/orders",
    tag="Me",
    summary="List the caller's own orders",
    roles=sufficient("Shopper"),
    query=PERIOD,
    lists=list_options.ORDERS,
    returns=Returns(Order, page=True),
    errors=(MixedSubmissionError, SubmittedOnlyError),
    confirms=True,
    table="orders",
)
async def list_own_orders(call: Call) -> Reply:
    """FromUser = caller; a guest has the order of its token alone (ANO-1). Else as Orders.List."""
    reach = OWN_AS_GUEST if call.principal.is_guest else OWN
    return await order_page(call, read_order_request(call.query), reach)


async def order_page(call: Call, asked: OrderRequest, reach: str) -> Reply:
    """The page of the orders `t` for which the SQL condition `reach` holds; its parameters are those of `scope_of`."""
    given = order_parameters(call)
    source = order_source(reach, frozenset(given), submitted=asked.submitted, whole=sees_all(call.principal))
    rows, meta = await read_page(call, source, asked.request, scope_of(call.principal) | given)
    return Reply({"Meta": meta, "Items": renderer(Order).render_all(rows)})


def order_parameters(call: Call) -> dict[str, Any]:
    """The operation's own parameters that were given, times as such. Raises List.InvalidType."""
    given: dict[str, Any] = {**parameters(call)}
    for name in ("from", "to"):
        if name in given:
            given[name] = _time(name, given[name])
    return given


def scope_of(principal: Principal) -> dict[str, Any]:
    """The values that `access.listed` and its kind take."""
    return {
        MARKETPLACE: principal.marketplace_id,
        "company": principal.company_id,
        "user_key": principal.user_key,
        "guest_order": principal.guest_order_id,
    }


def read_order_request(query: str) -> OrderRequest:
    """Raises Order.CannotMixSubmittedAndUnsubmitted, Order.AllowedOnSubmittedOnly and what any list does."""
    request = read_list_request(query, SUBMITTED_SHAPE)
    if asks_for_submitted(request.filters):
        return OrderRequest(request, submitted=True)
    require_standard(request)
    standard = read_list_request(query, UNSUBMITTED_SHAPE)
    require_standard(standard)  # again, since standard lists find names in any case
    return OrderRequest(standard, submitted=False)


@lru_cache(maxsize=256)
def order_source(reach: str, given: frozenset[str], *, submitted: bool, whole: bool) -> Source:
    """The orders of one kind within a caller's reach, narrowed by parameters; made once per combination."""
    return Source(
        shape=SUBMITTED_SHAPE if submitted else UNSUBMITTED_SHAPE,
        table=ORDERS,
        columns=tuple(page_columns(Order.__columns__.values(), ORDERS, ())),
        fields=order_fields(),
        where=(
            of_marketplace(ORDERS),
            clause(SUBMITTED if submitted else UNSUBMITTED),
            clause(reach),
            *(CONDITIONS[name] for name in sorted(given)),
        ),
        collections={LINE_ITEMS: lines_of_order(whole=whole)} if submitted else {},
        text=text_columns(ORDERS, ORDER.text) if submitted else None,
    )


def sees_all(principal: Principal) -> bool:
    """Whether the caller sees the seller's properties of lines, too (LI-4)."""
    return principal.user_type is UserType.SELLER


def _time(name: str, text: str) -> datetime:
    time = read_date(text)
    if time is None:
        raise InvalidTypeError(name, text)
    return time


OPERATIONS: tuple[Operation, ...] = (list_orders, list_own_orders)
