"""The order of an anonymous shopper becomes somebody's: Me.TransferAnonUserOrder (ANO-2)."""

from __future__ import annotations

from entrepot.declare.operation import Operation, Reply, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.features.people.tracking.logins import tell_login
from entrepot.features.trade.guests.tokens import GUEST_TOKEN, guest_of
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.changing import close_order, copy_user, forget_estimates, is_unsubmitted
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.people import Person
from entrepot.features.trade.orders.store import COLUMNS, Loaded, load, order_of
from entrepot.kernel.errors import GuestTokenRequiredError, IdExistsError, UserGoneError
from entrepot.kernel.user_types import UserType

GUEST_ORDER = f"""
SELECT {COLUMNS} FROM orders t
WHERE t.marketplace_id = $1 AND t.user_key = $2 AND t."ID" = $3 AND t.guest
FOR NO KEY UPDATE
"""


@operation(
    "Me.TransferAnonUserOrder",
    "PUT",
    "/me/orders",
    tag="Me",
    summary="Take over the order of an anonymous shopper",
    status=204,
    roles=sufficient("Shopper"),
    user_types=frozenset({UserType.BUYER}),
    guests=False,
    query=(GUEST_TOKEN,),
    errors=(GuestTokenRequiredError, IdExistsError),
    unit=Unit.WRITE,
)
async def transfer_order(call: Call) -> Reply:
    """The caller's other orders stay as they are; a guest without an order has none to take over."""
    guest, caller = await guest_of(call), call.principal
    await hand_over(call, guest, caller.user_key)
    if guest.anonymous_user_id is not None:
        await tell_login(call, caller.client_id, caller.user_key, caller.user_id, guest.anonymous_user_id)
    return Reply()


async def hand_over(call: Call, guest: Principal, user_key: int) -> None:
    """Make the guest's order the user's: FromUser, FromCompanyID and Currency are read anew and an unsubmitted order is
    priced anew (MON-9). What is submitted changes its owner alone (inferred).

    Raises IdExistsError where the user's company has an order of that ID.
    """
    row = await call.db.fetchrow(GUEST_ORDER, call.marketplace_id, guest.user_key, guest.guest_order_id)
    if row is None:
        return
    loaded = await load(call, order_of(row))
    person = await people.user_of_key(call, user_key)
    if person is None:
        raise UserGoneError
    order = loaded.order
    order["user_key"], order["guest"], order["from_user_changes"] = person.key, False, None
    copy_user(order, person)
    _move_to_company(loaded, person)
    if is_unsubmitted(order):
        order["Currency"] = person.currency
        forget_estimates(loaded)
    await close_order(call, loaded)


def _move_to_company(loaded: Loaded, person: Person) -> None:
    """Addresses of the former company stay as copies: their IDs mean nothing to the new one."""
    order = loaded.order
    if buyer_of(order) == (None if person.is_seller else person.company):
        return
    order["FromCompanyID"], order["from_seller"] = person.company, person.is_seller
    order["BillingAddressID"] = order["ShippingAddressID"] = None
    for line in loaded.lines:
        line["ShippingAddressID"] = None


OPERATIONS: tuple[Operation, ...] = (transfer_order,)
