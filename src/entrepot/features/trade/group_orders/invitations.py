"""A shopper's invitations to its orders: /me/orderinvitations (GRP-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit, operation
from entrepot.domain.orders.status import OrderStatus
from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.row_lists import rows_list
from entrepot.engine.row_writes import insert_row, update_row
from entrepot.engine.rows import from_row, renderer
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.trade.group_orders.resources import INVITATION, INVITATIONS
from entrepot.features.trade.orders.access import owns
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.group_orders import GroupOrderInvitation
from entrepot.features.trade.orders.store import find_order
from entrepot.kernel.errors import (
    DeleteInvitationError,
    InvalidBodyError,
    InvitationExpirationError,
    InvitationQuantityError,
    ModifyGroupOrderError,
    ModifySubmittedGroupOrderError,
    NotFoundError,
    ValidationError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

LONGEST = timedelta(days=366)
MOST = 100
"""Invitations of one order."""
COLLECTION, ITEM = INVITATIONS.path, f"{INVITATIONS.path}/{{invitationID}}"
COLUMNS = statements.projection(GroupOrderInvitation.__columns__.values())
FIND = Sql(f"""
SELECT {COLUMNS}, t.order_key, t.user_key, u."BuyerID" AS company FROM group_order_invitations t
JOIN users u ON u.marketplace_id = :marketplace_id AND u.key = t.user_key
WHERE t.marketplace_id = :marketplace_id AND t."ID" = :invitation
""").bound("marketplace_id", "invitation")
LOCK = f"{FIND} FOR NO KEY UPDATE OF t"
COUNT = "SELECT count(*) FROM group_order_invitations WHERE marketplace_id = $1 AND order_key = $2"
LOCK_ORDER = "SELECT 1 FROM orders WHERE marketplace_id = $1 AND key = $2 FOR NO KEY UPDATE"
HAS_LINES = """
SELECT EXISTS (SELECT 1 FROM line_items WHERE marketplace_id = $1 AND order_key = $2 AND "InvitationID" = $3)
"""
DELETE = 'DELETE FROM group_order_invitations WHERE marketplace_id = $1 AND "ID" = $2'

render = renderer(GroupOrderInvitation).render
_of_caller = rows_list(INVITATIONS, "t.user_key = :caller")


@operation(
    "Me.ListGroupOrderInvitations",
    "GET",
    COLLECTION,
    tag="Me",
    summary="List the caller's invitations",
    roles=INVITATIONS.roles.read,
    guests=False,
    lists=INVITATIONS.lists,
    returns=Returns(GroupOrderInvitation, page=True),
    confirms=True,
    table="group_order_invitations",
)
async def list_invitations(call: Call) -> Reply:
    """Of all orders of the caller's. One statement; one more for an empty page."""
    return await _of_caller(call, {"caller": call.principal.user_key})


@operation(
    "Me.GetGroupOrderInvitation",
    "GET",
    ITEM,
    tag="Me",
    summary="Get an invitation",
    roles=INVITATIONS.roles.read,
    guests=False,
    returns=Returns(GroupOrderInvitation),
    errors=(NotFoundError,),
    confirms=True,
    table="group_order_invitations",
)
async def get_invitation(call: Call) -> Reply:
    """One of the caller's own. Two statements."""
    await confirm_standing(call)
    found = await find(call, call.path["invitationID"])
    if found["user_key"] != call.principal.user_key:
        raise _missing(call.path["invitationID"])
    return Reply(render(found))


@operation(
    "Me.CreateGroupOrderInvitation",
    "POST",
    COLLECTION,
    tag="Me",
    summary="Invite others to an order",
    status=201,
    roles=INVITATIONS.roles.write,
    guests=False,
    body=Body(GroupOrderInvitation),
    returns=Returns(GroupOrderInvitation),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        InvitationExpirationError,
        InvitationQuantityError,
        ModifyGroupOrderError,
        ModifySubmittedGroupOrderError,
    ),
    unit=Unit.WRITE,
    table="group_order_invitations",
)
async def create_invitation(call: Call) -> Reply:
    """201 with a generated ID, which is what the caller sends to whom it invites."""
    values = validate(GroupOrderInvitation, call.body, partial=False)
    check_xp_size(values["xp"])
    order = await find_order(call, OrderDirection.ALL, values["OrderID"], lock=True)
    if order is None:
        raise NotFoundError("Order", values["OrderID"])
    if not owns(call.principal, order):
        raise ModifyGroupOrderError
    if order["Status"] != OrderStatus.UNSUBMITTED:
        raise ModifySubmittedGroupOrderError
    _check_expiration(call, values)
    if await call.db.fetchval(COUNT, call.marketplace_id, order["key"]) >= MOST:
        raise InvitationQuantityError({"Maximum": MOST})
    del values["OrderID"]
    made = {
        "ID": INVITATION.generate_id(),
        "order_key": order["key"],
        "user_key": order["user_key"],
        **values,
    }
    await insert_row(call, INVITATION, made)
    return Reply(render(await find(call, made["ID"])), created=Created(made["ID"]))


@operation(
    "Me.PatchGroupOrderInvitation",
    "PATCH",
    ITEM,
    tag="Me",
    summary="Change parts of an invitation",
    roles=INVITATIONS.roles.write,
    guests=False,
    body=Body(GroupOrderInvitation, partial=True),
    returns=Returns(GroupOrderInvitation),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        InvitationExpirationError,
        ModifyGroupOrderError,
    ),
    unit=Unit.WRITE,
    table="group_order_invitations",
)
async def patch_invitation(call: Call) -> Reply:
    """The order stays (inferred)."""
    changes = validate(GroupOrderInvitation, call.body, partial=True)
    old = from_row(INVITATION, await _own(call))
    new = merge(GroupOrderInvitation, old, changes)
    check_xp_size(new["xp"])
    if new["ExpirationDate"] != old["ExpirationDate"]:
        _check_expiration(call, new)
    changes = {name: new[name] for name in ("Name", "ExpirationDate", "xp")}
    await update_row(call, INVITATION, {"ID": old["ID"]}, changes, old["ID"])
    return Reply(render(await find(call, call.path["invitationID"])))


@operation(
    "Me.DeleteGroupOrderInvitation",
    "DELETE",
    ITEM,
    tag="Me",
    summary="Delete an invitation",
    status=204,
    roles=INVITATIONS.roles.write,
    guests=False,
    errors=(NotFoundError, ModifyGroupOrderError, DeleteInvitationError),
    unit=Unit.WRITE,
    table="group_order_invitations",
)
async def delete_invitation(call: Call) -> Reply:
    """Its tokens open the order no more. The order is locked, so that no line comes meanwhile."""
    order_key = (await find(call, call.path["invitationID"]))["order_key"]
    await call.db.execute(LOCK_ORDER, call.marketplace_id, order_key)
    found = await _own(call)
    if await call.db.fetchval(HAS_LINES, call.marketplace_id, order_key, found["ID"]):
        raise DeleteInvitationError
    await call.db.execute(DELETE, call.marketplace_id, found["ID"])
    return Reply()


async def find(call: Call, invitation_id: str, *, lock: bool = False) -> Any:
    """The row of the invitation, whoever invites; 404."""
    row = await call.db.fetchrow(LOCK if lock else FIND, call.marketplace_id, invitation_id)
    if row is None:
        raise _missing(invitation_id)
    return row


async def _own(call: Call) -> Any:
    """The same under its lock, if it is the caller's. For who is not of its company there is none."""
    row = await find(call, call.path["invitationID"], lock=True)
    if row["user_key"] == call.principal.user_key:
        return row
    if (row["company"] or call.principal.marketplace).lower() == call.principal.company_id.lower():
        raise ModifyGroupOrderError
    raise _missing(call.path["invitationID"])


def _missing(invitation_id: str) -> NotFoundError:
    return NotFoundError(INVITATION.object_type, invitation_id)


def _check_expiration(call: Call, values: Values) -> None:
    end, now = values["ExpirationDate"], call.clock()
    if end <= now or end > now + LONGEST:
        raise InvitationExpirationError({"ExpirationDate": end})


OPERATIONS: tuple[Operation, ...] = (
    list_invitations,
    get_invitation,
    create_invitation,
    patch_invitation,
    delete_invitation,
)
