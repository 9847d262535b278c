"""Payments of orders and their transactions (orders spec section 12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit, operation
from entrepot.domain.orders.submitting import Debit
from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.conflicts import refusal
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import from_row, renderer, to_row
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.json import parse
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.orders.access import is_admin, owns, require_writable
from entrepot.features.orders.models.enums import OrderStatus, PaymentType
from entrepot.features.orders.models.payments import Payment, PaymentTransaction
from entrepot.features.orders.spending import give_back
from entrepot.features.orders.store import require_order
from entrepot.features.payments.amounts import charge_now, check_amount, check_balance, check_means, others_of
from entrepot.features.payments.refunds import check_refund, settle_refund
from entrepot.features.payments.resources import PAYMENT, PAYMENTS
from entrepot.kernel.errors import (
    AlreadyPaidError,
    EditCanceledPaymentError,
    ExceedsBalanceError,
    IdExistsError,
    InsufficientRolesError,
    InvalidBodyError,
    InvalidSpendingAccountError,
    NotAuthorizedToPatchPaymentError,
    NotFoundError,
    PatchAcceptedError,
    PatchPaymentPropertyError,
    PaymentAmountError,
    SetCreditCardError,
    SetSpendingAccountError,
    SpendingAccountIdMissingError,
    ValidationError,
)
from entrepot.kernel.money import round_money

Values = dict[str, Any]

COLUMNS = statements.stored_columns(PAYMENT)
SELECT = f"SELECT {', '.join(f't.{statements.quoted(name)}' for name in COLUMNS)} FROM payments t"
OF_ORDER = f'{SELECT} WHERE t.marketplace_id = $1 AND t.order_key = $2 ORDER BY t."DateCreated", t."ID"'
UPDATE = """
UPDATE payments t SET {sets} WHERE t.marketplace_id = $1 AND t.order_key = $2 AND t."ID" = $3
"""
DELETE = 'DELETE FROM payments WHERE marketplace_id = $1 AND order_key = $2 AND "ID" = $3'
KEPT = ("Type", "CreditCardID", "SpendingAccountID", "OrderReturnID")
"""What a payment keeps (PAY-4); also the return that it refunds, lest refunds and payments become one another (inferred)."""
COLLECTION, ITEM = PAYMENTS.path, f"{PAYMENTS.path}/{{paymentID}}"
WRITES = (NotFoundError, InsufficientRolesError, InvalidBodyError, ValidationError, EditCanceledPaymentError)
render = renderer(Payment).render
_list = rows_list(PAYMENTS, "t.order_key = :order_key")


@operation(
    "Payments.List",
    "GET",
    COLLECTION,
    tag="Payments",
    summary="List the payments of an order",
    roles=PAYMENTS.roles.read,
    lists=ListOptions(search=PAYMENTS.search, sort=PAYMENTS.sort),
    returns=Returns(Payment, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="payments",
)
async def list_payments(call: Call) -> Reply:
    """Two statements."""
    order = await require_order(call, lock=False)
    return await _list(call, {"order_key": order["key"]})


@operation(
    "Payments.Get",
    "GET",
    ITEM,
    tag="Payments",
    summary="Get a payment",
    roles=PAYMENTS.roles.read,
    returns=Returns(Payment),
    errors=(NotFoundError,),
    confirms=True,
    table="payments",
)
async def get_payment(call: Call) -> Reply:
    """Three statements."""
    await confirm_standing(call)
    order = await require_order(call, lock=False)
    return Reply(render(_named(call, await read_payments(call, order["key"]))))


@operation(
    "Payments.Create",
    "POST",
    COLLECTION,
    tag="Payments",
    summary="Create a payment",
    status=201,
    roles=PAYMENTS.roles.write,
    body=Body(Payment),
    returns=Returns(Payment),
    errors=(
        *WRITES,
        IdExistsError,
        AlreadyPaidError,
        PaymentAmountError,
        SetCreditCardError,
        SetSpendingAccountError,
        SpendingAccountIdMissingError,
        InvalidSpendingAccountError,
        ExceedsBalanceError,
    ),
    unit=Unit.WRITE,
    table="payments",
)
async def create_payment(call: Call) -> Reply:
    """An amount of null covers what the others leave of the order's total (PAY-2)."""
    values = validate(Payment, parse(call.raw_body), partial=False)
    order = await require_order(call, lock=True)
    if values["OrderReturnID"] is None:
        require_writable(call.principal, order)
    return Reply(render(await add_payment(call, order, values)))


async def add_payment(call: Call, order: Values, values: Values) -> Values:
    """A new payment of a body's complete values, written to an order under its lock."""
    _refuse_canceled(order)
    check_xp_size(values["xp"])
    payment = values | {
        "ID": await fill_incrementors(call, values["ID"] or PAYMENT.generate_id()),
        "Type": values["Type"] or PaymentType.PURCHASE_ORDER,
        "DateCreated": call.clock(),
        "Currency": order["Currency"],
        "Accepted": _accepted(call, values),
        "Transactions": [],
        "Amount": None if values["Amount"] is None else round_money(values["Amount"]),
        "order_key": order["key"],
    }
    others = await read_payments(call, order["key"])
    await check_means(call, order, payment)
    if payment["OrderReturnID"] is not None:
        await check_refund(call, order, payment)
    else:
        check_amount(order, payment, others, least=Decimal("0.01"))
        await check_balance(call, order, payment, others)
    payment["debited"] = None
    row = to_row(PAYMENT, {name: payment[name] for name in COLUMNS if name in payment})
    try:
        await call.db.execute(statements.insert("payments", tuple(row)), call.marketplace_id, *row.values())
    except asyncpg.UniqueViolationError as error:
        raise refusal(error, PAYMENT, payment["ID"]) from error
    if payment["OrderReturnID"] is not None:
        await settle_refund(call, order, payment)
    elif order["Status"] == OrderStatus.OPEN:
        await charge_now(call, order, payment, others)
    return payment


@operation(
    "Payments.Patch",
    "PATCH",
    ITEM,
    tag="Payments",
    summary="Change parts of a payment",
    roles=PAYMENTS.roles.write,
    body=Body(Payment, partial=True),
    returns=Returns(Payment),
    errors=(
        *WRITES,
        PatchAcceptedError,
        PatchPaymentPropertyError,
        NotAuthorizedToPatchPaymentError,
        AlreadyPaidError,
    ),
    unit=Unit.WRITE,
    table="payments",
)
async def patch_payment(call: Call) -> Reply:
    """Type and means stay (PAY-4); Accepted is for administrators of orders (PAY-3)."""
    changes = validate(Payment, parse(call.raw_body), partial=True)
    order = await require_order(call, lock=True)
    payments = await read_payments(call, order["key"])
    old = _named(call, payments)
    _refuse_canceled(order)
    _require_patchable(call, order, old, changes)
    new = merge(Payment, old, changes)
    check_xp_size(new["xp"])
    if not new["ID"] or new["ID"] != old["ID"]:
        new["ID"] = await fill_incrementors(call, new["ID"] or old["ID"])
    if changes.get("Amount") is not None:
        new["Amount"] = round_money(new["Amount"])
        check_amount(order, new, others_of(payments, old), least=Decimal(0))
    await _update(call, order["key"], old, new)
    if old["debited"] is not None and new["Amount"] != old["Amount"]:
        await charge_now(call, order, new, others_of(payments, old))
    return Reply(render(new))


@operation(
    "Payments.Delete",
    "DELETE",
    ITEM,
    tag="Payments",
    summary="Delete a payment",
    status=204,
    roles=PAYMENTS.roles.write,
    errors=(NotFoundError, InsufficientRolesError, EditCanceledPaymentError),
    unit=Unit.WRITE,
    table="payments",
)
async def delete_payment(call: Call) -> Reply:
    """What a spending account was charged with goes back to it (SPA-3)."""
    order = await require_order(call, lock=True)
    require_writable(call.principal, order)
    payment = _named(call, await read_payments(call, order["key"]))
    _refuse_canceled(order)
    if payment["debited"] is not None and payment["account_key"] is not None:
        debit = Debit(payment["ID"], payment["account_key"], Decimal(payment["debited"]))
        await give_back(call, order["key"], [debit])
    await call.db.execute(DELETE, call.marketplace_id, order["key"], payment["ID"])
    return Reply()


@operation(
    "Payments.CreateTransaction",
    "POST",
    f"{ITEM}/transactions",
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
async def create_transaction(call: Call) -> Reply:
    """201 with the whole payment; neither Accepted nor the order changes (PAY-5)."""
    values = validate(PaymentTransaction, parse(call.raw_body), partial=False)
    order = await require_order(call, lock=True)
    old = _named(call, await read_payments(call, order["key"]))
    check_xp_size(values["xp"])
    values["ID"] = await fill_incrementors(call, values["ID"] or PAYMENT.generate_id())
    transactions = old["Transactions"] or []
    if any(each["ID"].lower() == values["ID"].lower() for each in transactions):
        raise IdExistsError("PaymentTransaction", values["ID"])
    new = old | {"Transactions": [*transactions, renderer(PaymentTransaction).render(values)]}
    await _update(call, order["key"], old, new)
    return Reply(render(new))


@operation(
    "Payments.DeleteTransaction",
    "DELETE",
    f"{ITEM}/transactions/{{transactionID}}",
    tag="Payments",
    summary="Delete a transaction",
    status=204,
    roles=PAYMENTS.roles.assign,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    table="payments",
)
async def delete_transaction(call: Call) -> Reply:
    """404 for a transaction that the payment does not have."""
    order = await require_order(call, lock=True)
    old = _named(call, await read_payments(call, order["key"]))
    wanted = call.path["transactionID"].lower()
    left = [each for each in old["Transactions"] or [] if each["ID"].lower() != wanted]
    if len(left) == len(old["Transactions"] or []):
        raise NotFoundError("PaymentTransaction", call.path["transactionID"])
    await _update(call, order["key"], old, old | {"Transactions": left})
    return Reply()


async def read_payments(call: Call, order_key: int) -> list[Values]:
    """The payments of an order, the oldest first. One statement."""
    rows = await call.db.fetch(OF_ORDER, call.marketplace_id, order_key)
    return [from_row(PAYMENT, row) for row in rows]


def _named(call: Call, payments: list[Values]) -> Values:
    wanted = call.path["paymentID"]
    for payment in payments:
        if payment["ID"].lower() == wanted.lower():
            return payment
    raise NotFoundError("Payment", wanted)


def _accepted(call: Call, values: Values) -> bool:
    """PAY-3: the default of the type; only administrators of orders say otherwise."""
    usual = (values["Type"] or PaymentType.PURCHASE_ORDER) != PaymentType.CREDIT_CARD
    wanted = values["Accepted"]
    if wanted is None or wanted == usual:
        return usual
    if not is_admin(call.principal):
        raise PatchAcceptedError
    return bool(wanted)


def _require_patchable(call: Call, order: Values, payment: Values, changes: Values) -> None:
    """PAY-3 and PAY-4."""
    if any(name in changes and (changes[name] or None) != payment[name] for name in KEPT):
        raise PatchPaymentPropertyError
    if is_admin(call.principal):
        return
    if not owns(call.principal, order):
        require_writable(call.principal, order)
    if "Accepted" in changes and changes["Accepted"] != payment["Accepted"]:
        raise PatchAcceptedError
    submitted = order["Status"] != OrderStatus.UNSUBMITTED
    if payment["Accepted"] and (submitted or payment["Type"] == PaymentType.CREDIT_CARD):
        raise NotAuthorizedToPatchPaymentError


def _refuse_canceled(order: Values) -> None:
    if order["Status"] == OrderStatus.CANCELED:
        raise EditCanceledPaymentError


async def _update(call: Call, order_key: int, old: Values, new: Values) -> None:
    changes = to_row(PAYMENT, {name: new[name] for name in COLUMNS if new[name] is not old[name]})
    if not changes:
        return
    sets = ", ".join(f"{statements.quoted(name)} = ${i}" for i, name in enumerate(changes, 4))
    sql = UPDATE.format(sets=sets)
    try:
        await call.db.execute(sql, call.marketplace_id, order_key, old["ID"], *changes.values())
    except asyncpg.UniqueViolationError as error:
        raise refusal(error, PAYMENT, new["ID"]) from error


OPERATIONS: tuple[Operation, ...] = (
    list_payments,
    get_payment,
    create_payment,
    patch_payment,
    delete_payment,
    create_transaction,
    delete_transaction,
)
