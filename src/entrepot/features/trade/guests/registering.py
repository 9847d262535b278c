"""Anonymous shoppers who become users: Me.Register (AUTH-37)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Counted, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine import incrementors
from entrepot.engine.call import Call
from entrepot.engine.row_writes import insert_keyed_row
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.people import holdings
from entrepot.features.people.identity.me import XP_WRITERS
from entrepot.features.people.identity.me_model import MeUser
from entrepot.features.people.identity.passwords import hash_early, hashed
from entrepot.features.people.identity.policies import company_policy, require_secure
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.messages.invitations import invite
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import find_client
from entrepot.features.people.oauth.tokens import NOT_CACHED, access_claims, sign
from entrepot.features.people.services import services
from entrepot.features.people.tracking.logins import tell_login
from entrepot.features.trade.guests.tokens import GUEST_TOKEN, guest_of
from entrepot.features.trade.guests.transfer import hand_over
from entrepot.kernel.errors import (
    GuestTokenRequiredError,
    IdExistsError,
    InsecurePasswordError,
    InvalidBodyError,
    NotGuestError,
    UsernameTakenError,
    ValidationError,
    XpNotAllowedError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType

COPY_MEMBERSHIPS = """
INSERT INTO user_group_members (marketplace_id, group_key, user_key)
SELECT m.marketplace_id, m.group_key, $3 FROM user_group_members m WHERE m.marketplace_id = $1 AND m.user_key = $2
"""


class AccessTokenBasic(Wire):
    """A token alone."""

    access_token: Text = column(confidential=True)


@operation(
    "Me.Register",
    "PUT",
    "/me/register",
    tag="Me",
    summary="Make a user of the anonymous shopper who calls",
    roles=sufficient("Shopper"),
    user_types=frozenset({UserType.BUYER}),
    query=(GUEST_TOKEN,),
    body=Body(MeUser),
    returns=Returns(AccessTokenBasic),
    errors=(
        NotGuestError,
        GuestTokenRequiredError,
        InvalidBodyError,
        ValidationError,
        IdExistsError,
        UsernameTakenError,
        InsecurePasswordError,
        XpNotAllowedError,
    ),
    unit=Unit.WRITE,
    prepare=hash_early,
    counted=Counted.CALLS,
)
async def register(call: Call) -> Reply:
    """A user of the template's buyer in the template's groups, whose the guest's order becomes (ANO-2)."""
    if not call.principal.is_guest:
        raise NotGuestError
    async with holdings.changing(call.db, call.marketplace_id) as holders:
        guest = await guest_of(call)
        client = await find_client(call.db, services(call), call.marketplace_id, guest.client_id)
        if client is None:
            raise GuestTokenRequiredError
        values = validate(MeUser, call.body, partial=False)
        user_key = await _insert(call, guest.company_id, values)
        holders.users.add(user_key)
        await call.db.execute(COPY_MEMBERSHIPS, call.marketplace_id, guest.user_key, user_key)
    await hand_over(call, guest, user_key)
    await invite(call, {"BuyerID": guest.company_id, "ID": values["ID"]}, client.id)
    await tell_login(call, client.id, user_key, values["ID"], guest.anonymous_user_id)
    subject = await subjects.by_key(call.db, client, user_key, call.clock())
    assert subject is not None
    lifetime = client.durations.access_lifetime(is_anonymous=False)
    token = sign(call, access_claims(call, client, subject, RoleSet.named(guest.roles), lifetime))
    return Reply({"access_token": token}, headers=NOT_CACHED)


async def _insert(call: Call, buyer_id: str, values: dict[str, Any]) -> int:
    """The row of the new user; its key. `values` gets the ID that it has."""
    values["ID"] = await incrementors.fill_incrementors(call, values["ID"] or new_id())
    check_xp_size(values["xp"])
    if values["xp"] and not call.principal.holds_any(XP_WRITERS):
        raise XpNotAllowedError
    now = call.clock()
    row = {**values, "BuyerID": buyer_id, "DateCreated": now}
    password = row.pop("Password", None)
    if password:
        # At creation the profiles of the whole company count (AUTH-59).
        policy = await company_policy(call.db, call.marketplace_id, buyer_id, None)
        require_secure(policy, password, values["Username"])
        row["password_hash"] = await hashed(call, password)
        row["PasswordLastSetDate"] = now
    return await insert_keyed_row(call, USER, row)


OPERATIONS: tuple[Operation, ...] = (register,)
