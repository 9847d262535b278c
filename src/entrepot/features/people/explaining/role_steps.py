"""The roles that an operation needs, and where the user has them from."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation
from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.features.people.explaining.logins import MOST_HELD, Entered
from entrepot.features.people.explaining.steps import link, passed, row, step

Values = dict[str, Any]

MOST_GIVING = 20
"""Security profiles that are named because they would give a role that is missing."""
WOULD_GIVE = f"""
SELECT p."ID", p."Roles" FROM security_profiles p
WHERE p.marketplace_id = $1 AND p."Roles" && $2::text[] ORDER BY p."ID" LIMIT {MOST_GIVING}
"""


async def role_step(call: Call, target: Operation, entered: Entered, principal: Principal) -> Values:
    """AUTH-30, and AUTH-17 for where roles come from. At most one statement."""
    if not target.roles:
        return step("Roles", passed(True), "It needs no role")
    holds = principal.holds_any(target.roles)
    rows = [_held_row(each, target, decides=holds) for each in entered.held]
    if entered.holds_more:
        rows.append(
            row("List", "assignments", f"was cut: the user has more than the {MOST_HELD} that are read")
        )
    needed = " or ".join(target.roles)
    if holds:
        having = sorted(principal.roles.intersection(target.roles))
        return step(
            "Roles", passed(holds), f"Any one of {needed} is needed; the token has {', '.join(having)}", rows
        )
    cut = sorted(entered.cut.intersection(target.roles))
    available = {role for each in entered.held for role in each["roles"]}
    if cut:
        where = link("ApiClients.Get", "/v1/apiclients/{apiClientID}", apiClientID=entered.client_id)
        says = f"MaximumGrantedRoles leaves out {', '.join(cut)}"
        rows.append(row("ApiClient", entered.client_id or "", says, where, decides=True))
        message = f"{needed} is needed; the user has {', '.join(cut)}, and the API client does not grant it"
    elif FULL_ACCESS in available or available.intersection(target.roles):
        message = f"{needed} is needed; the user may have it, and the token was not asked for it"
    else:
        message = f"{needed} is needed, and none of the user's security profiles gives it"
        rows += await _would_give(call, target)
    return step("Roles", passed(holds), message, rows, decides=True)


def _held_row(held: Values, target: Operation, *, decides: bool) -> Values:
    """An assignment of a security profile that concerns the user."""
    profile, roles = held["profile"], held["roles"]
    party = held["buyer"] or held["supplier"]
    whom = f"the group {held['group']}" if held["group"] else ("the user" if held["own"] else "its company")
    gives = ", ".join(roles) or "no role"
    where = link(
        "SecurityProfiles.ListAssignments",
        "/v1/securityprofiles/assignments",
        securityProfileID=profile,
        buyerID=held["buyer"],
        supplierID=held["supplier"],
        userGroupID=held["group"],
    )
    opens = bool(set(roles).intersection(target.roles)) or FULL_ACCESS in roles
    parts = (profile, party, held["group"])
    row_id = "/".join(each for each in parts if each)
    return row(
        "SecurityProfileAssignment", row_id, f"is for {whom}, gives {gives}", where, decides=decides and opens
    )


async def _would_give(call: Call, target: Operation) -> list[Values]:
    found = await call.db.fetch(WOULD_GIVE, call.marketplace_id, list(target.roles))
    return [
        row(
            "SecurityProfile",
            each["ID"],
            f"would give {', '.join(role for role in each['Roles'] if role in target.roles)}",
            link(
                "SecurityProfiles.Get",
                "/v1/securityprofiles/{securityProfileID}",
                securityProfileID=each["ID"],
            ),
        )
        for each in found
    ]
