"""The caller's own record: read, replaced, changed; its password, its tokens, its groups (AUTH-69 to AUTH-72)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from entrepot.declare.operation import Body, Reply, Returns, Unit, operation
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles, sufficient
from entrepot.domain.identity.lockout import UNTIL_UNLOCKED, LoginState
from entrepot.engine import totals
from entrepot.engine.call import Call
from entrepot.engine.conflicts import refusal
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.references import note_renamed, rename
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import from_row, to_row
from entrepot.engine.statements import stored_columns
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.people.identity.hooks import end_sessions_if_deactivated, follow_change
from entrepot.features.people.identity.me_model import MeUser, TokenPasswordReset
from entrepot.features.people.identity.me_record import read_me
from entrepot.features.people.identity.passwords import judge_early, judged, set_moment
from entrepot.features.people.identity.renewing import judge_renewal, use_renewal
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.identity.sessions import end_own_sessions
from entrepot.features.people.organizations.resources import USER_GROUP, UserGroup
from entrepot.kernel.errors import (
    IdExistsError,
    InsecurePasswordError,
    InvalidBodyError,
    InvalidTokenError,
    NotFoundError,
    PasswordChangeTooSoonError,
    PasswordReuseError,
    ResetLockedOutError,
    UsernameTakenError,
    ValidationError,
    XpNotAllowedError,
)
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

OWN_COLUMNS = ("key", *stored_columns(USER))
LOCK_ME = f"""
SELECT {", ".join(f'"{name}"' for name in OWN_COLUMNS)} FROM users
WHERE marketplace_id = $1 AND key = $2 FOR NO KEY UPDATE
"""
XP_WRITERS = sufficient("MeXpAdmin")
PASSWORD_ERRORS = (InsecurePasswordError, PasswordReuseError, PasswordChangeTooSoonError)
WRITE_ERRORS = (
    InvalidBodyError,
    ValidationError,
    XpNotAllowedError,
    NotFoundError,
    IdExistsError,
    UsernameTakenError,
    *PASSWORD_ERRORS,
)


@operation(
    "Me.Get",
    "GET",
    "/me",
    tag="Me",
    summary="Get the caller's own record",
    returns=Returns(MeUser),
    confirms=True,
)
async def get_me(call: Call) -> Reply:
    return Reply(await read_me(call))


@operation(
    "Me.Save",
    "PUT",
    "/me",
    tag="Me",
    summary="Replace the caller's own record",
    roles=sufficient("MeAdmin"),
    guests=False,
    recorded=True,
    body=Body(MeUser),
    returns=Returns(MeUser),
    errors=WRITE_ERRORS,
    unit=Unit.WRITE,
    prepare=judge_early("Password"),
)
async def save_me(call: Call) -> Reply:
    old = await _lock(call)
    values = validate(MeUser, call.body, partial=False)
    values["ID"] = values["ID"] or old["ID"]
    if not call.principal.holds_any(XP_WRITERS) and not values["xp"]:
        # Who may not write xp does not write it by leaving it out; typed clients send {} for it.
        values["xp"] = old["xp"]
    return Reply(await _write(call, old, {**old, **values}))


@operation(
    "Me.Patch",
    "PATCH",
    "/me",
    tag="Me",
    summary="Change some properties of the caller's own record",
    roles=sufficient("MeAdmin"),
    guests=False,
    recorded=True,
    body=Body(MeUser, partial=True),
    returns=Returns(MeUser),
    errors=WRITE_ERRORS,
    unit=Unit.WRITE,
    prepare=judge_early("Password"),
)
async def patch_me(call: Call) -> Reply:
    old = await _lock(call)
    changes = validate(MeUser, call.body, partial=True)
    if not changes.get("ID", True):
        del changes["ID"]
    return Reply(await _write(call, old, merge(MeUser, old, changes)))


@operation(
    "Me.ResetPasswordByToken",
    "POST",
    "/me/password",
    tag="Me",
    summary="Set the caller's own password",
    status=204,
    roles=sufficient("PasswordReset"),
    guests=False,
    recorded=True,
    body=Body(TokenPasswordReset),
    errors=(InvalidBodyError, ValidationError, ResetLockedOutError, *PASSWORD_ERRORS),
    unit=Unit.WRITE,
    prepare=judge_renewal,
    renews=True,
)
async def reset_password_by_token(call: Call) -> Reply:
    """The old password is not asked for; tokens stay valid (AUTH-69), but for that of a verification code, which is used up
    with it (AUTH-64).
    """
    old = await _lock(call)
    if call.principal.is_renewing:
        await use_renewal(call, LoginState(old["FailedLoginAttempts"], _locked_until(old)))
    values = validate(TokenPasswordReset, call.body, partial=False)
    new = dict(old)
    await _set_password(call, old, new, values["NewPassword"])
    await _store(call, old, new)
    return Reply()


@operation(
    "Me.RevokeTokens",
    "DELETE",
    "/me/tokens",
    tag="Me",
    summary="End every session of the caller",
    status=204,
    guests=False,
    unit=Unit.WRITE,
)
async def revoke_tokens(call: Call) -> Reply:
    await end_own_sessions(call)
    return Reply()


MY_USER_GROUPS = Resource(
    name="MyUserGroups",
    entity=USER_GROUP,
    path="/me/usergroups",
    item="userGroupID",
    roles=Roles.of(read=(), write=()),
    access=SELLERS_ONLY,
    verbs=READ,
    search=("ID", "Name", "Description"),
    sort=("Name", "ID"),
)
"""Whose rows the list shows, and how; never registered, since it has no route of its own."""

_my_groups = rows_list(
    MY_USER_GROUPS,
    "EXISTS (SELECT 1 FROM user_group_members gm WHERE gm.marketplace_id = :marketplace_id "
    "AND gm.group_key = t.key AND gm.user_key = :caller_key)",
)


@operation(
    "Me.ListUserGroups",
    "GET",
    "/me/usergroups",
    tag="Me",
    summary="List the user groups that the caller belongs to",
    user_types=frozenset({UserType.BUYER}),
    lists=MY_USER_GROUPS.lists,
    returns=Returns(UserGroup, page=True),
    confirms=True,
)
async def list_my_user_groups(call: Call) -> Reply:
    return await _my_groups(call, {"caller_key": call.principal.user_key})


OPERATIONS = (get_me, save_me, patch_me, reset_password_by_token, revoke_tokens, list_my_user_groups)


def _locked_until(user: Values) -> datetime | None:
    until: datetime | None = UNTIL_UNLOCKED if user["locked_indefinitely"] else user["locked_until"]
    return until


async def _lock(call: Call) -> Values:
    row = await call.db.fetchrow(LOCK_ME, call.marketplace_id, call.principal.user_key)
    if row is None:
        raise InvalidTokenError
    return from_row(USER, row)


async def _write(call: Call, old: Values, new: Values) -> Values:
    if new["xp"] != old["xp"] and not call.principal.holds_any(XP_WRITERS):
        raise XpNotAllowedError
    new["ID"] = await fill_incrementors(call, new["ID"])
    check_xp_size(new["xp"])
    password = new.pop("Password", None)
    if password:
        await _set_password(call, old, new, password)
    end_sessions_if_deactivated(old, new)
    await _store(call, old, new)
    return await read_me(call)


async def _set_password(call: Call, old: Values, new: Values, password: str) -> None:
    new["password_hash"] = await judged(call, password, old["password_hash"])
    new["PasswordLastSetDate"] = set_moment(old["PasswordLastSetDate"], call.clock())


async def _store(call: Call, old: Values, new: Values) -> None:
    """Update what differs, then let it be known."""
    row = to_row(USER, {name: new[name] for name in stored_columns(USER) if new[name] != old[name]})
    try:
        if row.pop("ID", None):
            await rename(call, USER, old["ID"], new["ID"], (old["key"],))
            note_renamed(call, USER, old, new["ID"])
        if row:
            changes = ", ".join(f'"{name}" = ${position}' for position, name in enumerate(row, 3))
            sql = f"UPDATE users SET {changes} WHERE marketplace_id = $1 AND key = $2"
            await call.db.execute(sql, call.marketplace_id, old["key"], *row.values())
            await totals.keep(call.db, call.marketplace_id, USER, old, new)
    except asyncpg.UniqueViolationError as error:
        raise refusal(error, USER, new["ID"]) from error
    await follow_change(call, old, new)
