"""What a caller's token opens (AUTH-30, AUTH-31, GRP-2, AUTH-64)."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.engine.principal import Principal
from entrepot.kernel.errors import ApiError, GuestProhibitedError, InsufficientRolesError, UserTypeError


def refusal_of(operation: Operation, caller: Principal) -> ApiError | None:
    """Why an operation is closed to a caller, whatever it names: roles, then user type, then guests, the invited and who only
    renews a password. None where it is open.
    """
    if not caller.holds_any(operation.roles):
        return InsufficientRolesError(operation.roles, sorted(caller.roles))
    if caller.user_type not in operation.user_types or (operation.recorded and caller.is_default_user):
        return UserTypeError()
    if not operation.guests and caller.is_guest:
        return GuestProhibitedError()
    if (caller.is_invited and not operation.invited) or (caller.is_renewing and not operation.renews):
        return InsufficientRolesError(operation.roles, sorted(caller.roles))
    return None
