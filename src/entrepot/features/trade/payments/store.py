"""Payments between database and use cases; who changes one holds the lock of its order."""

from __future__ import annotations

from typing import Any

from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.row_writes import insert_row, update_row
from entrepot.engine.rows import from_row, renderer
from entrepot.features.trade.orders.models.payments import Payment
from entrepot.features.trade.payments.resources import PAYMENT
from entrepot.kernel.errors import NotFoundError

Values = dict[str, Any]

COLUMNS = statements.stored_columns(PAYMENT)
SELECT = f"SELECT {', '.join(f't.{statements.quoted(name)}' for name in COLUMNS)} FROM payments t"
OF_ORDER = f'{SELECT} WHERE t.marketplace_id = $1 AND t.order_key = $2 ORDER BY t."DateCreated", t."ID"'
DELETE = 'DELETE FROM payments WHERE marketplace_id = $1 AND order_key = $2 AND "ID" = $3'

render = renderer(Payment).render


async def read_payments(call: Call, order_key: int) -> list[Values]:
    """The payments of an order, the oldest first. One statement."""
    rows = await call.db.fetch(OF_ORDER, call.marketplace_id, order_key)
    return [from_row(PAYMENT, row) for row in rows]


def named(call: Call, payments: list[Values]) -> Values:
    """The one that the path names; 404."""
    wanted = call.path["paymentID"]
    for payment in payments:
        if payment["ID"].lower() == wanted.lower():
            return payment
    raise NotFoundError("Payment", wanted)


async def insert_payment(call: Call, payment: Values) -> None:
    """Write a new payment. Raises IdExistsError."""
    await insert_row(call, PAYMENT, {name: payment[name] for name in COLUMNS if name in payment})


async def update_payment(call: Call, order_key: int, old: Values, new: Values) -> None:
    """Write what has changed. One statement, none for nothing. Raises IdExistsError."""
    place = {"order_key": order_key, "ID": old["ID"]}
    changes = {name: new[name] for name in COLUMNS if new[name] is not old[name]}
    await update_row(call, PAYMENT, place, changes, new["ID"])


async def delete_payment(call: Call, order_key: int, payment: Values) -> None:
    """One statement."""
    await call.db.execute(DELETE, call.marketplace_id, order_key, payment["ID"])
