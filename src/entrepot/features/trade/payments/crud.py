"""List, get, create, patch and delete of payments (orders spec section 12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.domain.orders.payments import NOTHING
from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.orders.submitting import Debit
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.row_lists import rows_list
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.trade.orders.access import is_admin, owns, require_writable
from entrepot.features.trade.orders.models.enums import PaymentType
from entrepot.features.trade.orders.models.payments import Payment
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.spending import give_back
from entrepot.features.trade.orders.store import require_order
from entrepot.features.trade.payments import store
from entrepot.features.trade.payments.adding import add_payment, refuse_canceled
from entrepot.features.trade.payments.amounts import charged_with, check_amount
from entrepot.features.trade.payments.means import spending_account
from entrepot.features.trade.payments.resources import PAYMENTS
from entrepot.features.trade.payments.spending import charge
from entrepot.features.trade.payments.store import named, read_payments, render, update_payment
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

KEPT = ("Type", "CreditCardID", "SpendingAccountID", "OrderReturnID")
"""What a payment keeps (PAY-4); also the return that it refunds, lest refunds and payments become one another (inferred)."""
COLLECTION, ITEM = PAYMENTS.path, f"{PAYMENTS.path}/{{paymentID}}"
WRITES = (NotFoundError, InsufficientRolesError, InvalidBodyError, ValidationError, EditCanceledPaymentError)
_list = rows_list(PAYMENTS, "t.order_key = :order_key")


@order_operation(
    "Payments.List",
    "GET",
    COLLECTION,
    tag="Payments",
    summary="List the payments of an order",
    roles=PAYMENTS.roles.read,
    lists=PAYMENTS.lists,
    returns=Returns(Payment, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="payments",
)
async def list_payments(call: Call, where: OrderRef) -> Reply:
    """Two statements."""
    order = await require_order(call, where, lock=False)
    return await _list(call, {"order_key": order["key"]})


@order_operation(
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
async def get_payment(call: Call, where: OrderRef) -> Reply:
    """Two statements."""
    order = await require_order(call, where, lock=False)
    return Reply(render(named(call, await read_payments(call, order["key"]))))


@order_operation(
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
async def create_payment(call: Call, where: OrderRef) -> Reply:
    """An amount of null covers what the others leave of the order's total (PAY-2)."""
    values = validate(Payment, call.body, partial=False)
    order = await require_order(call, where, lock=True)
    if values["OrderReturnID"] is None:
        require_writable(call.principal, order)
    return Reply(render(await add_payment(call, order, values)))


@order_operation(
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
async def patch_payment(call: Call, where: OrderRef) -> Reply:
    """Type and means stay (PAY-4); Accepted is for administrators of orders (PAY-3)."""
    changes = validate(Payment, call.body, partial=True)
    order = await require_order(call, where, lock=True)
    payments = await read_payments(call, order["key"])
    old = named(call, payments)
    others = [each for each in payments if each is not old]
    refuse_canceled(order)
    _require_patchable(call, order, old, changes)
    new = merge(Payment, old, changes)
    check_xp_size(new["xp"])
    if not new["ID"] or new["ID"] != old["ID"]:
        new["ID"] = await fill_incrementors(call, new["ID"] or old["ID"])
    if changes.get("Amount") is not None:
        new["Amount"] = round_money(new["Amount"])
        check_amount(order, new, others, least=NOTHING, before=old["Amount"] or NOTHING)
    await update_payment(call, order["key"], old, new)
    charged = old["debited"] is not None and old["account_key"] is not None
    if charged and new["Amount"] != old["Amount"]:
        account = await spending_account(call, order, new["SpendingAccountID"])
        amount = charged_with(order, new, others)
        await charge(call, order, new, amount, exceeds=account.exceeds)
    return Reply(render(new))


@order_operation(
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
async def delete_payment(call: Call, where: OrderRef) -> Reply:
    """What a spending account was charged with goes back to it (SPA-3)."""
    order = await require_order(call, where, lock=True)
    require_writable(call.principal, order)
    payment = named(call, await read_payments(call, order["key"]))
    refuse_canceled(order)
    if payment["debited"] is not None and payment["account_key"] is not None:
        debit = Debit(payment["ID"], payment["account_key"], Decimal(payment["debited"]))
        await give_back(call, order["key"], [debit])
    await store.delete_payment(call, order["key"], payment)
    return Reply()


def _require_patchable(call: Call, order: OrderRow, payment: Values, changes: Values) -> None:
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


OPERATIONS: tuple[Operation, ...] = (
    list_payments,
    get_payment,
    create_payment,
    patch_payment,
    delete_payment,
)
