"""What may come back of an order (RET-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.status import RETURNABLE
from entrepot.kernel.errors import (
    DuplicateReturnItemError,
    NotFoundError,
    NotReturnableError,
    ReturnOrderStatusError,
    ReturnQuantityError,
)


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """A line of the order. returnable: whether shoppers may return its product."""

    id: str
    quantity: int
    shipped: int
    returnable: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that a return names, and how much of it; 0 where it does not say."""

    line_id: str
    quantity: int = 0


def require_returnable_order(status: OrderStatus) -> None:
    """RET-1. Raises OrderReturn.CannotCreateBadOrderStatus."""
    if status not in RETURNABLE:
        raise ReturnOrderStatusError({"Status": status})


def eligible(line: ReturnableLine, status: OrderStatus, elsewhere: int) -> int:
    """How much of a line can come back: of a completed order all of it, of an open one what has been shipped, less
    what other returns take back.
    """
    arrived = line.quantity if status is OrderStatus.COMPLETED else line.shipped
    return arrived - elsewhere


def check_items(
    wanted: Iterable[Wanted],
    lines: Iterable[ReturnableLine],
    status: OrderStatus,
    elsewhere: Mapping[str, int],
    *,
    admin: bool,
) -> list[str]:
    """Check the items of a return; the lines' IDs as the order has them, in the items' order.

    elsewhere: what other returns take back, by line ID in lower case. admin: whether products that are not Returnable
    may come back, too. Raises NotFoundError (LineItem) and the refusals of RET-2.
    """
    known = {line.id.lower(): line for line in lines}
    found: list[str] = []
    for item in wanted:
        line = known.get(item.line_id.lower())
        if line is None:
            raise NotFoundError("LineItem", item.line_id)
        if line.id in found:
            raise DuplicateReturnItemError({"LineItemID": line.id})
        if not (line.returnable or admin):
            raise NotReturnableError({"LineItemID": line.id})
        left = eligible(line, status, elsewhere.get(line.id.lower(), 0))
        if item.quantity > left:
            data = {
                "LineItemID": line.id,
                "QuantityEligible": max(left, 0),
                "QuantityRequested": item.quantity,
            }
            raise ReturnQuantityError(data)
        found.append(line.id)
    return found
