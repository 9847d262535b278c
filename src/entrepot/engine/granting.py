"""The ceiling of grants: nobody gives roles, nor comes to act as a user with roles, that he does not hold himself.

The original has no such ceiling, so a setting switches it on. What hands out roles is declared at the property (wire.Grants).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast

from entrepot.declare.roles import FULL_ACCESS
from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.kernel.errors import GrantCeilingError

Values = dict[str, Any]


class _Ceiling(Protocol):
    grant_ceiling: bool


def is_bound(call: Call) -> bool:
    """Whether the ceiling is on, and the caller below it."""
    return FULL_ACCESS not in call.principal.roles and cast(_Ceiling, call.services).grant_ceiling


async def check_grants(call: Call, model: type[Wire], new: Values, old: Values | None) -> None:
    """Raise GrantCeilingError for roles that a write would hand out and the caller does not hold. No statement where the ceiling
    is off or nothing of the kind is written; one for each property else.
    """
    for column in model.__columns__.values():
        if column.grants is None or not is_bound(call):
            continue
        value, before = new.get(column.name), (old or {}).get(column.name)
        if not value or value == before:
            continue
        if column.grants.roles is None:
            require_held(call, set(value) - set(before or ()))
            continue
        key = None if old is None else old.get("key", old.get("ID"))
        if not column.grants.by_key:
            await require_roles_of(call, column.grants.roles, value)
        elif key is not None and key != call.principal.user_key:
            await require_roles_of(call, column.grants.roles, key)


async def require_roles_of(call: Call, roles: str, value: Any) -> None:
    """The same for the roles that a SELECT gives, as Grants has it."""
    if is_bound(call):
        require_held(call, await call.db.fetchval(roles, call.marketplace_id, value) or ())


def require_held(call: Call, roles: Iterable[str]) -> None:
    """Raise GrantCeilingError where the caller does not hold all of the roles."""
    held = {role.casefold() for role in call.principal.roles}
    missing = sorted(role for role in roles if role.casefold() not in held)
    if missing:
        raise GrantCeilingError({"Roles": missing})
