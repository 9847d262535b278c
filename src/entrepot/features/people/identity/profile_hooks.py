"""Rules of security profiles and their assignments (AUTH-47, AUTH-49, AUTH-50, AUTH-55)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.domain.identity.api_roles import find_api_role
from entrepot.domain.identity.password_config import check_config
from entrepot.engine.call import Call
from entrepot.features.people.holdings import HoldingHooks
from entrepot.features.people.identity.enums import CommerceRole
from entrepot.features.people.identity.policies import config_of
from entrepot.kernel.errors import (
    BuyerOfOtherRoleError,
    DeleteImpersonationProfileError,
    ExternalRoleGroupError,
    PropertyError,
    SupplierOfOtherRoleError,
    ValidationError,
)

Values = dict[str, Any]

PROFILE_IN_USE = """
SELECT EXISTS (SELECT 1 FROM impersonation_configs WHERE marketplace_id = $1 AND "SecurityProfileID" = $2)
"""


class SecurityProfileHooks(Hooks):
    """Password rules, external role groups, profiles in use. Processes remember what each profile gives (company_gifts.py)."""

    def normalise(self, values: Values, old: Values | None) -> None:
        for name in ("Roles", "CustomRoles"):
            values[name] = list(dict.fromkeys(values[name]))

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None:
            _refuse_external(old)
        _check_custom_roles(new["CustomRoles"])
        if new["PasswordConfig"] is not None:
            check_config(config_of(new["PasswordConfig"]))

    async def check_delete(self, call: Call, old: Values) -> None:
        _refuse_external(old)
        if await call.db.fetchval(PROFILE_IN_USE, call.marketplace_id, old["ID"]):
            raise DeleteImpersonationProfileError


class SecurityProfileAssignmentHooks(HoldingHooks):
    """Filters by commerce role; what users and groups hold (AUTH-17), and what companies give (company_gifts.py)."""

    def check_list(self, parameters: Values) -> None:
        role = parameters.get("commerceRole")
        if role is None:
            return
        if parameters.get("buyerID") and role is not CommerceRole.BUYER:
            raise BuyerOfOtherRoleError
        if parameters.get("supplierID") and role is not CommerceRole.SUPPLIER:
            raise SupplierOfOtherRoleError


def _refuse_external(profile: Values) -> None:
    if profile["IsExternalRoleGroup"]:
        raise ExternalRoleGroupError


def _check_custom_roles(names: list[str]) -> None:
    """A custom role opens nothing; under the name of an API role it would, since a token has one list for both."""
    for position, name in enumerate(names):
        if not name.strip() or find_api_role(name) is not None:
            path = f"CustomRoles[{position}]"
            message = f"{path} must be a name that is no API role."
            raise ValidationError(PropertyError(message, {"Property": path, "Value": name}))
