"""Which order an operation is about: an argument of its handler, which its path names, or its twin's caller (CART-3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.engine.call import Call
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order by its ID and the side of it that the caller's company is on, both as the caller spells them."""

    direction: str
    id: str

    @property
    def side(self) -> OrderDirection:
        """404 for what is no direction."""
        return side_of(self.direction)


OrderHandler = Callable[[Call, OrderRef], Awaitable[Reply]]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OrderOperation(Operation):
    """An operation at /orders/{direction}/{orderID}; `of` does the same to an order that is named otherwise."""

    of: OrderHandler


def order_operation(
    operation_id: str, verb: str, path: str, **facts: Any
) -> Callable[[OrderHandler], OrderOperation]:
    """Declare a use case of one order, as `declare.operation` does.

    @order_operation("Orders.Get", "GET", "/orders/{direction}/{orderID}", tag="Orders", summary="Get an order")
    async def get(call: Call, where: OrderRef) -> Reply: ...

    The statement that finds the order confirms the caller (store.find_order); a unit of its own may have done something before.
    """
    facts.setdefault("confirms", facts.get("unit") is not Unit.OWN)

    def declare(of: OrderHandler) -> OrderOperation:
        @wraps(of)
        async def handle(call: Call) -> Reply:
            return await of(call, OrderRef(call.path["direction"], call.path["orderID"]))

        code = of.__code__
        source = f"{code.co_filename}:{code.co_firstlineno}"
        return OrderOperation(
            id=operation_id, verb=verb, path=path, handler=handle, source=source, of=of, **facts
        )

    return declare


def side_of(text: str) -> OrderDirection:
    """A direction, in any case (ORD-1). 404 for what is none, as for any path that leads nowhere."""
    for direction in OrderDirection:
        if text.lower() == direction.lower():
            return direction
    raise NotFoundError("OrderDirection", text)
