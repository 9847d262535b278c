"""Rules of users beyond the uniform verbs (AUTH-59 to AUTH-61, AUTH-70, AUTH-73)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.domain.identity.lockout import LoginState
from entrepot.domain.orders.status import DRAFT, UNDER_WAY
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.features.people.identity.passwords import (
    after_new_password,
    given_password,
    hash_early,
    hashed,
    set_moment,
)
from entrepot.features.people.identity.policies import company_policy, require_secure, user_policy
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    DeleteDefaultContextUserError,
    DeleteUserWithOpenOrderError,
    ImpersonatedPartyError,
)

Values = dict[str, Any]

# Whoever submits an order holds it, then its user: in the same order here, it is open by now, or finds the user gone.
LOCK_ORDERS = f"""
SELECT 1 FROM orders WHERE marketplace_id = $1 AND user_key = $2 AND "Status" IN ({texts(DRAFT)})
ORDER BY key FOR NO KEY UPDATE
"""
LOCK_USER = "SELECT 1 FROM users WHERE marketplace_id = $1 AND key = $2 FOR UPDATE"
HAS_OPEN_ORDER = f"""
SELECT EXISTS (SELECT 1 FROM orders WHERE marketplace_id = $1 AND user_key = $2
               AND "Status" IN ({texts(UNDER_WAY)}))
"""
DELETE_UNSUBMITTED = f"""
DELETE FROM orders WHERE marketplace_id = $1 AND user_key = $2 AND "Status" IN ({texts(DRAFT)})
"""
USER_IN_USE = """
SELECT EXISTS (SELECT 1 FROM api_clients WHERE marketplace_id = $1 AND default_context_user_key = $2),
       EXISTS (SELECT 1 FROM impersonation_configs
               WHERE marketplace_id = $1 AND (user_key = $2 OR impersonation_user_key = $2))
"""


class UserHooks(Hooks):
    """Passwords, standing and refusals to delete."""

    shows = ("locked_until",)
    presents_nulls = False

    def present(self, call: Call, item: Values) -> None:
        locked_until = item.pop("locked_until")
        if locked_until is not None:
            # The end of a timed lock restarts the count (AUTH-62).
            state = LoginState(item["FailedLoginAttempts"], locked_until)
            item["FailedLoginAttempts"] = state.attempts_at(call.server_clock())

    def prepares(self, call: Call) -> bool:
        return given_password(call, "Password") is not None

    async def prepare(self, call: Call) -> None:
        await hash_early(call)

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        # Null or absent keeps the stored password (CONV-2).
        password = new.pop("Password", None)
        if password:
            await _require_secure(call, old, new, password)
            new["password_hash"] = await hashed(call, password)
            new["PasswordLastSetDate"] = set_moment(
                None if old is None else old["PasswordLastSetDate"], call.clock()
            )
        if old is not None:
            end_sessions_if_deactivated(old, new)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None:
            await follow_change(call, old, new)
            return
        for hears in services(call).new_users:
            await hears(call, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        speaks_for_client, impersonated = await in_use(call, old["key"])
        if speaks_for_client:
            raise DeleteDefaultContextUserError
        if impersonated:
            raise ImpersonatedPartyError
        if await has_open_order(call, old["key"]):
            raise DeleteUserWithOpenOrderError
        await call.db.execute(DELETE_UNSUBMITTED, call.marketplace_id, old["key"])


async def in_use(call: Call, user_key: int) -> tuple[bool, bool]:
    """Whether an API client speaks as the user, and whether an impersonation config names it."""
    row = await call.db.fetchrow(USER_IN_USE, call.marketplace_id, user_key)
    return (row[0], row[1]) if row else (False, False)


async def has_open_order(call: Call, user_key: int) -> bool:
    """Whether an order of the user is open or awaits approval (USR-3, USR-4). The user and what it has not
    submitted stay locked.
    """
    await call.db.execute(LOCK_ORDERS, call.marketplace_id, user_key)
    await call.db.execute(LOCK_USER, call.marketplace_id, user_key)
    return bool(await call.db.fetchval(HAS_OPEN_ORDER, call.marketplace_id, user_key))


def end_sessions_if_deactivated(old: Values, new: Values) -> None:
    """A deactivated user's tokens stay void when the user is activated again (AUTH-73)."""
    if old["Active"] and not new["Active"]:
        new["generation"] = old["generation"] + 1


async def follow_change(call: Call, old: Values, new: Values) -> None:
    """After a row was changed: what follows a new password."""
    if new["password_hash"] != old["password_hash"]:
        former = (old["password_hash"], old["PasswordLastSetDate"])
        await after_new_password(call, call.db, call.marketplace_id, old["key"], *former)


async def _require_secure(call: Call, old: Values | None, new: Values, password: str) -> None:
    """An administrator is held to strength alone, not to age and reuse (AUTH-60)."""
    if old is None:
        policy = await company_policy(call.db, call.marketplace_id, new.get("BuyerID"), new.get("SupplierID"))
    else:
        policy = await user_policy(call.db, call.marketplace_id, old["key"])
    require_secure(policy, password, new["Username"])
