"""Transactions of payments: what a payment service reports of them (PAY-5)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.rows import renderer
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.trade.orders.models.payments import Payment, PaymentTransaction
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.store import require_order
from entrepot.features.trade.payments.crud import ITEM, WRITES
from entrepot.features.trade.payments.resources import PAYMENT, PAYMENTS
from entrepot.features.trade.payments.store import named, read_payments, render, update_payment
from entrepot.kernel.errors import IdExistsError, NotFoundError

COLLECTION = f"{ITEM}/transactions"


@order_operation(
    "Payments.CreateTransaction",
    "POST",
    COLLECTION,
    tag="Payments",
    summary="Add a transaction",
    status=201,
    roles=PAYMENTS.roles.assign,
    body=Body(PaymentTransaction),
    returns=Returns(Payment),
    errors=(*WRITES, IdExistsError),
    unit=Unit.WRITE,
    table="payments",
)
async def create_transaction(call: Call, where: OrderRef) -> Reply:
    """201 with the whole payment; neither Accepted nor the order changes (PAY-5)."""
    values = validate(PaymentTransaction, call.body, partial=False)
    order = await require_order(call, where, lock=True)
    old = named(call, await read_payments(call, order["key"]))
    check_xp_size(values["xp"])
    values["ID"] = await fill_incrementors(call, values["ID"] or PAYMENT.generate_id())
    transactions = old["Transactions"] or []
    if any(each["ID"].lower() == values["ID"].lower() for each in transactions):
        raise IdExistsError("PaymentTransaction", values["ID"])
    new = old | {"Transactions": [*transactions, renderer(PaymentTransaction).render(values)]}
    await update_payment(call, order["key"], old, new)
    return Reply(render(new))


@order_operation(
    "Payments.DeleteTransaction",
    "DELETE",
    f"{COLLECTION}/{{transactionID}}",
    tag="Payments",
    summary="Delete a transaction",
    status=204,
    roles=PAYMENTS.roles.assign,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    table="payments",
)
async def delete_transaction(call: Call, where: OrderRef) -> Reply:
    """404 for a transaction that the payment does not have."""
    order = await require_order(call, where, lock=True)
    old = named(call, await read_payments(call, order["key"]))
    wanted = call.path["transactionID"].lower()
    left = [each for each in old["Transactions"] or [] if each["ID"].lower() != wanted]
    if len(left) == len(old["Transactions"] or []):
        raise NotFoundError("PaymentTransaction", call.path["transactionID"])
    await update_payment(call, order["key"], old, old | {"Transactions": left})
    return Reply()


OPERATIONS: tuple[Operation, ...] = (create_transaction, delete_transaction)
