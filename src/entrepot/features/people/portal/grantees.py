"""Who gets access to a marketplace of another's: an account, or a team, both in the same way (PORT-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.declare.types import Bool, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal.access import BEFORE_CHANGES, end_tokens, unit_of_server
from entrepot.features.people.portal.marketplaces import PortalOrganization
from entrepot.kernel.errors import NotFoundError, PropertyError, TooManyContributorsError, ValidationError

MOST = 500
"""Accounts and teams that one marketplace gives access to."""
GIVEN = """g."Roles", g."IsAdmin", g."ImpersonateSeller", g."ImpersonateSupplier", g."ImpersonateBuyer", g.accepted AS "Accepted\""""
"""The columns of GivenAccess, of rows `g`."""
COUNT = "SELECT count(*) FROM portal_access WHERE marketplace_id = $1"
ACCEPT = "UPDATE portal_access SET accepted = true WHERE key = $1"
DECLINE = "DELETE FROM portal_access WHERE key = $1"


@dataclass(frozen=True, slots=True)
class Grantees:
    """A kind of those who get access. kind: of an assignment, as errors call it. column: of portal_access, with their keys."""

    kind: str
    column: str
    accounts: str
    """SELECT of the accounts that have by it what $1 was given."""

    @property
    def give(self) -> str:
        return f"""
INSERT INTO portal_access (marketplace_id, {self.column}, "Roles", "IsAdmin", "ImpersonateSeller", "ImpersonateSupplier",
                           "ImpersonateBuyer", invited_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (marketplace_id, account_key, team_key) DO UPDATE
SET "Roles" = excluded."Roles", "IsAdmin" = excluded."IsAdmin", "ImpersonateSeller" = excluded."ImpersonateSeller",
    "ImpersonateSupplier" = excluded."ImpersonateSupplier", "ImpersonateBuyer" = excluded."ImpersonateBuyer"
RETURNING accepted, xmax = 0 AS is_new
"""

    @property
    def take(self) -> str:
        return f"DELETE FROM portal_access WHERE marketplace_id = $1 AND {self.column} = $2 RETURNING 1"

    @property
    def invited(self) -> str:
        """As `invitations.invited` takes it."""
        return f"""
SELECT g.key FROM portal_access g JOIN portal_organizations o ON o.marketplace_id = g.marketplace_id
WHERE o."Id" = $1 AND g.{self.column} = $2 AND NOT g.accepted FOR UPDATE OF g
"""


ACCOUNTS = Grantees("UserAssignment", "account_key", "SELECT $1::bigint AS account_key")
TEAMS = Grantees(
    "TeamAssignment", "team_key", "SELECT account_key FROM portal_team_members WHERE team_key = $1"
)


class AccessRequest(Wire):
    """What somebody may do in a marketplace: by the roles of the API, and as which users it may act."""

    Roles: list[Text] = column(max=100)
    IsAdmin: Bool = column()
    ImpersonateSeller: Bool = column()
    ImpersonateSupplier: Bool = column()
    ImpersonateBuyer: Bool = column()


class GivenAccess(Wire):
    """Access to a marketplace; it holds once it is accepted."""

    Roles: list[Text] = column(read_only=True)
    IsAdmin: Bool = column(read_only=True)
    ImpersonateSeller: Bool = column(read_only=True)
    ImpersonateSupplier: Bool = column(read_only=True)
    ImpersonateBuyer: Bool = column(read_only=True)
    Accepted: Bool = column(read_only=True)


class Invitation(Wire):
    """Access to a marketplace that has not been answered yet. IsOwner: whether the marketplace itself is offered."""

    Org: PortalOrganization = column(read_only=True)
    Roles: list[Text] = column(read_only=True)
    IsAdmin: Bool = column(read_only=True)
    IsOwner: Bool = column(read_only=True)
    Accepted: Bool = column(read_only=True)


async def give(call: Call, grantees: Grantees, marketplace_id: int, key: int) -> tuple[dict[str, Any], bool]:
    """What the request's body says to one of them: as GivenAccess has it, and whether it begins. What is changed ends the tokens of
    before. Raises InvalidBodyError, ValidationError, TooManyContributorsError.
    """
    values = _checked(validate(AccessRequest, call.body, partial=False))
    # Also, of two who give at once the second counts the first.
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    rights = (values["IsAdmin"], *(values[f"Impersonate{kind}"] for kind in ("Seller", "Supplier", "Buyer")))
    row = await call.db.fetchrow(grantees.give, marketplace_id, key, values["Roles"], *rights, call.clock())
    assert row is not None
    if not row["is_new"]:
        await _end_tokens(call, grantees, marketplace_id, key)
    elif await call.db.fetchval(COUNT, marketplace_id) > MOST:
        raise TooManyContributorsError({"Most": MOST})
    return values | {"Accepted": row["accepted"]}, row["is_new"]


async def take(call: Call, grantees: Grantees, marketplace_id: int, key: int, named: str) -> None:
    """What one of them was given, or is invited to; the tokens of before end. Raises NotFoundError, which says how it is named."""
    await call.db.fetchval(BEFORE_CHANGES, marketplace_id)
    if await call.db.fetchrow(grantees.take, marketplace_id, key) is None:
        raise NotFoundError(grantees.kind, named)
    await _end_tokens(call, grantees, marketplace_id, key)


async def _end_tokens(call: Call, grantees: Grantees, marketplace_id: int, key: int) -> None:
    unit = unit_of_server(call)
    accounts = [row["account_key"] for row in await unit.fetch(grantees.accounts, key)]
    await end_tokens(unit, marketplace_id, accounts)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """With each role once, as the API spells it. Raises ValidationError for what is no role of the API."""
    known = {role.value.lower(): role.value for role in ApiRole}
    unknown = [name for name in values["Roles"] if name.lower() not in known]
    if unknown:
        raise ValidationError(
            PropertyError("Roles has something that is no role of the API.", {"Property": "Roles"})
        )
    return values | {"Roles": list(dict.fromkeys(known[name.lower()] for name in values["Roles"]))}
