"""Operations of the cart: each does to the cart what its twin does to an outgoing order (CART-3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.declare.resource import declared_here
from entrepot.declare.roles import sufficient
from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.engine.event_log import ORDER
from entrepot.engine.query import shape_of_list
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.models import validate
from entrepot.features.trade.cart.finding import find_cart, found_or_made
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.reference import OrderOperation, OrderRef
from entrepot.kernel.errors import NotFoundError, UserTypeError
from entrepot.kernel.user_types import UserType

Missing = Callable[[Call, Operation], Awaitable[Reply]]
"""What a call without a cart gets."""


def require_buyer(call: Call) -> None:
    """CART-1: buyer users only; the contract marks none of these operations."""
    if call.principal.user_type is not UserType.BUYER:
        raise UserTypeError


async def no_line(call: Call, _twin: Operation) -> Reply:
    """404 LineItem."""
    raise NotFoundError("LineItem", call.path.get("lineItemID", ""))


async def no_payment(call: Call, _twin: Operation) -> Reply:
    """404 Payment."""
    raise NotFoundError("Payment", call.path.get("paymentID", ""))


async def no_order(_call: Call, _twin: Operation) -> Reply:
    """404 Order."""
    raise NotFoundError("Order", "")


async def nothing_to_do(_call: Call, _twin: Operation) -> Reply:
    """204: what is to be gone is gone."""
    return Reply()


async def empty_page(call: Call, twin: Operation) -> Reply:
    """A page without items."""
    await confirm_standing(call)
    request = read_list_request(call.query, shape_of_list(twin))
    return Reply({"Meta": list_meta(request, 0, 0, next_page_key=None), "Items": []})


async def nothing(call: Call, twin: Operation) -> Reply:
    """An object whose properties are all null."""
    await confirm_standing(call)
    assert twin.returns is not None
    return Reply(dict.fromkeys(twin.returns.model.__columns__))


def silent(of: OrderOperation) -> OrderOperation:
    """The same operation, which answers 204 without a body."""

    async def handle(call: Call, where: OrderRef) -> Reply:
        await of.of(call, where)
        return Reply()

    return replace(of, of=handle, status=204, returns=None)


def cart_of(order_id: str) -> OrderRef:
    """The cart as an order: carts are outgoing."""
    return OrderRef(OrderDirection.OUTGOING, order_id)


def twin(
    operation_id: str, route: str, summary: str, of: OrderOperation, missing: Missing | None = None
) -> Operation:
    """The cart's operation at `VERB /path`. Without `missing` a cart is made where there is none."""
    verb, _, path = route.partition(" ")

    async def handle(call: Call) -> Reply:
        require_buyer(call)
        if missing is None:
            order_id = await found_or_made(call)
        else:
            found = await find_cart(call)
            if found is None:
                if of.unit is not Unit.WRITE:
                    await confirm_standing(call)
                if of.body is not None and (of.body.required or call.content.is_given):
                    # What is wrong with the body is said before what is missing.
                    validate(of.body.model, call.body, partial=of.body.partial)
                return await missing(call, of)
            order_id = found
        call.notes.put(ORDER, order_id)
        return await of.of(call, cart_of(order_id))

    return replace(
        of,
        id=operation_id,
        verb=verb,
        path=path,
        tag="Cart",
        summary=summary,
        handler=handle,
        source=declared_here(2),
        roles=sufficient("Shopper"),
        moves=of.moves
        if missing is not None or OrderEvent.CREATE in of.moves
        else (*of.moves, OrderEvent.CREATE),
    )
