"""What a body makes of a return: its items, its amounts, and what else it says (RET-1 to RET-4, RET-6)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final, cast

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.amounts import (
    Item,
    amounts_of,
    check_amounts,
    is_calculated,
    sum_of,
)
from entrepot.domain.returns.items import ReturnableLine, Wanted, check_items, require_returnable_order
from entrepot.domain.returns.status import GIVEN_UP, Actor, ReturnEvent, transition
from entrepot.engine.call import Call
from entrepot.engine.notes import Note
from entrepot.engine.wire.models import check_xp_size
from entrepot.features.trade.orders.access import is_admin
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.returns.access import raise_insufficient
from entrepot.features.trade.returns.calculating import calculation_of
from entrepot.features.trade.returns.resources import ORDER_RETURN
from entrepot.features.trade.returns.rows import ReturnRow
from entrepot.features.trade.returns.store import STORED, OpenReturn, refunds_of
from entrepot.kernel.errors import RefundsExceedError

Values = dict[str, Any]

AMOUNT: Final = "RefundAmount"
GENERATED: Note[str] = Note("the ID of a return that gets none")
ITEMS: Final = "ItemsToReturn"


def new_return(call: Call, loaded: Loaded, others: list[ReturnRow], return_id: str) -> OpenReturn:
    """An empty return of an order. Raises OrderReturn.CannotCreateBadOrderStatus."""
    order, now = loaded.order, call.clock()
    require_returnable_order(OrderStatus(order["Status"]))
    row = dict.fromkeys(STORED) | {
        "ID": return_id,
        "OrderID": order["ID"],
        "order_key": order["key"],
        "user_key": None if order["guest"] else order["user_key"],
        "PaymentIDs": [],
        "Status": OrderStatus.UNSUBMITTED,
        "DateCreated": now,
        "LastUpdated": now,
        "overridden": False,
        ITEMS: [],
    }
    return OpenReturn(loaded, cast(ReturnRow, row), others)


def write_terms(call: Call, opened: OpenReturn, values: Values, given: frozenset[str]) -> bool:
    """Write a body over the return, as its status and the caller allow; whether amounts are still to be calculated.

    values: complete; given: the properties that the body itself names. Raises 403 for what is only an administrator's.
    """
    row, admin = opened.row, is_admin(call.principal)
    move = transition(ReturnEvent.EDIT, OrderStatus(row["Status"]))
    if (move is None or move.actor is Actor.ADMIN) and not admin:
        raise_insufficient(call)
    row["ID"], row["xp"] = values["ID"], values["xp"]
    check_xp_size(row["xp"])
    if move is None:
        return False
    if row["Status"] == OrderStatus.UNSUBMITTED:
        row["Comments"] = values["Comments"]
        items = _checked_items(opened, values[ITEMS] or [], admin=admin)
    else:
        items = _with_amounts(row[ITEMS] or [], values[ITEMS] or [])
    if admin:
        check_amounts(values[AMOUNT], (item[AMOUNT] for item in items))
        total, row["overridden"] = _override(row, items, values, given)
    else:
        items = [item | {AMOUNT: None} for item in items]
        total, row["overridden"] = None, False
    row[AMOUNT], row[ITEMS] = total, items
    return is_calculated(_items(items), total)


async def write_amounts(call: Call, opened: OpenReturn, *, calculated: bool) -> None:
    """Fill in what a calculation says, and add up. Raises IntegrationEvent.BadRequest, and
    OrderReturn.TotalRefundsExceedRefundAmount for less than has been refunded already.
    """
    row = opened.row
    kept_total = None if row[ITEMS] and not row["overridden"] else row[AMOUNT]
    calculation = calculation_of(call, opened) if calculated else None
    amounts = amounts_of(_items(row[ITEMS] or []), kept_total, calculation)
    row[ITEMS] = [
        item | {AMOUNT: amount} for item, amount in zip(row[ITEMS] or [], amounts.items, strict=True)
    ]
    row[AMOUNT] = amounts.total
    await _check_refunded(call, opened)


async def remove_item(call: Call, opened: OpenReturn, line_id: str) -> None:
    """The return without a line; what it refunds is the sum of the others."""
    row = opened.row
    left = row[ITEMS] = [item for item in row[ITEMS] or [] if item["LineItemID"].lower() != line_id.lower()]
    if not row["overridden"]:
        row[AMOUNT] = sum_of(item.amount for item in _items(left))
    await _check_refunded(call, opened)


def elsewhere(others: list[ReturnRow]) -> dict[str, int]:
    """What other returns of the order take back, by line ID in lower case."""
    found: dict[str, int] = defaultdict(int)
    for each in others:
        if each["Status"] not in GIVEN_UP:
            for item in each[ITEMS] or ():
                found[item["LineItemID"].lower()] += item["Quantity"] or 0
    return found


def check_again(opened: OpenReturn) -> None:
    """That the items can be returned still, when they are submitted."""
    require_returnable_order(OrderStatus(opened.loaded.order["Status"]))
    _checked_items(opened, opened.row[ITEMS] or [], admin=True)


def _checked_items(opened: OpenReturn, items: list[Values], *, admin: bool) -> list[Values]:
    """The items with line IDs as the order has them (RET-2)."""
    loaded = opened.loaded
    lines = [
        ReturnableLine(
            line["ID"],
            line["Quantity"],
            line["QuantityShipped"],
            bool((line["Product"] or {}).get("Returnable")),
        )
        for line in loaded.lines
    ]
    wanted = [Wanted(item["LineItemID"], item["Quantity"] or 0) for item in items]
    status = OrderStatus(loaded.order["Status"])
    found = check_items(wanted, lines, status, elsewhere(opened.others), admin=admin)
    return [item | {"LineItemID": line} for item, line in zip(items, found, strict=True)]


def _with_amounts(items: list[Values], said: list[Values]) -> list[Values]:
    """Of a submitted return only the amounts change; what the body does not name keeps its own (RET-6)."""
    amounts = {each["LineItemID"].lower(): each[AMOUNT] for each in said}
    return [item | {AMOUNT: amounts.get(item["LineItemID"].lower(), item[AMOUNT])} for item in items]


def _override(
    row: ReturnRow, items: list[Values], values: Values, given: frozenset[str]
) -> tuple[Decimal | None, bool]:
    """What an administrator says that the return refunds, and whether it is more than the sum (RET-3). Repeating the
    sum is no override, nor is repeating what was one.
    """
    amount = values[AMOUNT]
    if AMOUNT not in given:
        return (amount, row["overridden"]) if row["overridden"] or not items else (None, False)
    repeated = amount == row[AMOUNT] and not row["overridden"]
    if amount is None or (items and repeated):
        return None, False
    return amount, True


async def _check_refunded(call: Call, opened: OpenReturn) -> None:
    row, kept = opened.row, opened.kept
    if kept is None or not row["PaymentIDs"] or row[AMOUNT] == kept[AMOUNT]:
        return
    refunded, _ = await refunds_of(call, opened.loaded.key, kept["ID"])
    if refunded > (row[AMOUNT] or 0):
        raise RefundsExceedError({AMOUNT: row[AMOUNT], "Refunded": refunded})


def _items(items: list[Values]) -> list[Item]:
    return [
        Item(item["LineItemID"], None if item[AMOUNT] is None else Decimal(item[AMOUNT])) for item in items
    ]


def generated_id(call: Call) -> str:
    """The ID of a return that gets none, the same before and in the transaction."""
    return call.notes.first(GENERATED, ORDER_RETURN.generate_id())
