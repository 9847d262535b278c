"""What a body may say of a subscription, and whose it is (SBS-1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.wire.models import check_xp_size
from entrepot.features.trade.orders import addresses, people
from entrepot.features.trade.orders.people import Person
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.payments.amounts import check_means
from entrepot.features.trade.subscriptions import store
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTION
from entrepot.kernel.errors import (
    BuyerUserNotFoundError,
    InsufficientRolesError,
    NotFoundError,
    PropertyError,
    SubscriptionUserError,
    UserTypeError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

ON_BEHALF = ("OrderAdmin", "UnsubmittedOrderReader")
"""The roles that it takes to subscribe for somebody else; both."""
PLAIN = ("Frequency", "Interval", "NextOrderDate", "EndDate", "Active", "xp")
UNKNOWN_PAYMENT = {"Type": None, "CreditCardID": None, "SpendingAccountID": None}


async def create_subscription(call: Call, values: Values) -> Values:
    """The stored subscription, without items, made of a body's complete values."""
    user = await _subscriber(call, values)
    receiver = await people.receiver(call, values["ToCompanyID"], user.company)
    subscription = {
        **dict.fromkeys(name for name in store.STORED if name != "key"),
        "ID": await fill_incrementors(call, values["ID"] or SUBSCRIPTION.generate_id()),
        "DateCreated": call.clock(),
        "FromCompanyID": user.company,
        "FromUserID": user.id,
        "ToCompanyID": receiver.id,
        "to_seller": receiver.is_seller,
        "ProjectedSubtotal": Decimal(0),
        "user_key": user.key,
    }
    await write_terms(call, subscription, values)
    await store.insert(call, subscription)
    return subscription


async def write_terms(call: Call, subscription: Values, values: Values) -> None:
    """Whose the subscription is and who delivers stays as it was created (inferred)."""
    if values["Frequency"] < 1:
        data = {"Property": "Frequency", "Minimum": 1}
        raise ValidationError(PropertyError("Frequency cannot be less than 1.", data))
    check_xp_size(values["xp"])
    order = store.order_of(subscription)
    for name, find in (
        ("BillingAddressID", addresses.billing_address),
        ("ShippingAddressID", addresses.shipping_address),
    ):
        wanted = values[name] or None
        if wanted != subscription[name]:
            subscription[name] = None if wanted is None else (await find(call, order, wanted))[0]
    if values["Payment"] != subscription["Payment"]:
        subscription["Payment"] = await _payment(call, order, values["Payment"])
    for name in PLAIN:
        subscription[name] = values[name]


async def rename(call: Call, subscription: Values, wanted: str) -> None:
    """Give the subscription the ID of a PUT or PATCH."""
    if wanted != subscription["ID"]:
        subscription["ID"] = await fill_incrementors(call, wanted)


async def _payment(call: Call, order: OrderRow, payment: Values | None) -> Values | None:
    """PAY-1 already holds of what will be the payment of each order."""
    if payment is None:
        return None
    checked = UNKNOWN_PAYMENT | payment
    await check_means(call, order, checked)
    return {name: checked[name] for name in UNKNOWN_PAYMENT}


async def _subscriber(call: Call, values: Values) -> Person:
    """The caller itself, or the buyer's user on whose behalf it subscribes."""
    caller = call.principal
    buyer, user = values["FromCompanyID"], values.get("FromUserID")
    if store.is_personal(call):
        if caller.user_type is not UserType.BUYER:
            raise UserTypeError
        return await people.caller_itself(call)
    if caller.user_type is UserType.BUYER:
        buyer, user = buyer or caller.company_id, user or caller.user_id
        if buyer.lower() != caller.company_id.lower():
            raise NotFoundError("Buyer", buyer)
        if user.lower() == caller.user_id.lower():
            return await people.caller_itself(call)
    if not buyer or not user:
        raise SubscriptionUserError
    if FULL_ACCESS not in caller.roles and not caller.roles.issuperset(ON_BEHALF):
        raise InsufficientRolesError(ON_BEHALF, sorted(caller.roles))
    found = await people.user_of_buyer(call, buyer, user)
    if found is None:
        raise BuyerUserNotFoundError({"BuyerID": buyer, "UserID": user})
    return found
