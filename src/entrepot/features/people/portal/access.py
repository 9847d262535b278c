"""What an account may do in a marketplace (PORT-10): its owner everything, others what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import asyncpg

from entrepot.declare.feeds import Feed
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call, Database
from entrepot.engine.recording import RAISE, Recording
from entrepot.engine.wire.json import load
from entrepot.features.people.credentials import default_users
from entrepot.features.people.portal.organizations import Organization
from entrepot.kernel.errors import NotAdministratorError, NotFoundError, NotOwnerError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

_HELD = """
    FROM portal_access g
    WHERE g.marketplace_id = o.marketplace_id AND g.accepted AND (g.account_key = :account OR g.team_key IN (
        SELECT t.team_key FROM portal_team_members t WHERE t.account_key = :account AND t.accepted))"""
"""What :account was given in the marketplace of the row `o`, by itself or in a team, and has accepted."""
FIND = Sql(f"""
SELECT o.marketplace_id, o."Id" AS id, o."Name" AS name, o."Environment" AS environment, o.region, o.owner_key AS owner, held.*
FROM portal_organizations o
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS given, coalesce(bool_or(g."IsAdmin"), false) AS is_admin,
           coalesce(bool_or(g."ImpersonateSeller"), false) AS seller,
           coalesce(bool_or(g."ImpersonateSupplier"), false) AS supplier,
           coalesce(bool_or(g."ImpersonateBuyer"), false) AS buyer,
           coalesce(json_agg(g."Roles"), '[]') AS roles{_HELD}) AS held
WHERE o."Id" = :id
""").bound("id", "account")
MEMBER = f"(o.owner_key = :account OR EXISTS (SELECT 1{_HELD}))"
"""Whether an account, :account, looks after the marketplace of the row `o`."""
BEFORE_CHANGES = "SELECT 1 FROM portal_organizations WHERE marketplace_id = $1 FOR UPDATE"
"""Whoever changes what others may do holds the marketplace's row from before he looks whose tokens end."""
AFTER_CHANGES = "SELECT 1 FROM portal_organizations WHERE marketplace_id = $1 FOR KEY SHARE"
"""Waits for him."""
EVERYTHING = RoleSet(frozenset({ApiRole.FullAccess}))
EVERYBODY = frozenset(UserType)
IMPERSONATED = {"seller": UserType.SELLER, "supplier": UserType.SUPPLIER, "buyer": UserType.BUYER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An account's in a marketplace. is_admin: also of the owner. roles: of the API. impersonates: as which users it may act."""

    organization: Organization
    is_owner: bool
    is_admin: bool
    roles: RoleSet
    impersonates: frozenset[UserType]


async def access_of(db: Database, account_key: int, organization_id: str) -> Access:
    """Raises NotFoundError for a marketplace that there is not, or that the account has no access to (PORT-7). One statement."""
    row = await db.fetchrow(FIND, organization_id, account_key)
    if row is None or not (row["given"] or row["owner"] == account_key):
        raise NotFoundError("Organization", organization_id)
    organization = Organization(**{name: row[name] for name in Organization.__dataclass_fields__})
    if organization.owner == account_key:
        return Access(
            organization=organization,
            is_owner=True,
            is_admin=True,
            roles=EVERYTHING,
            impersonates=EVERYBODY,
        )
    return Access(
        organization=organization,
        is_owner=False,
        is_admin=row["is_admin"],
        roles=RoleSet.named(name for names in load(row["roles"]) for name in names),
        impersonates=frozenset(kind for name, kind in IMPERSONATED.items() if row[name]),
    )


async def administered(db: Database, account_key: int, organization_id: str) -> Access:
    """The same for what only owner and administrators may. Raises NotAdministratorError, too."""
    access = await access_of(db, account_key, organization_id)
    if not access.is_admin:
        raise NotAdministratorError
    return access


async def owned(db: Database, account_key: int, organization_id: str) -> Organization:
    """The marketplace, for what its owner alone may. Raises NotFoundError, NotOwnerError."""
    access = await access_of(db, account_key, organization_id)
    if not access.is_owner:
        raise NotOwnerError
    return access.organization


def unit_of_server(call: Call) -> asyncpg.Connection:
    """The unit's connection itself, for what is written of a marketplace that is not the caller's: its epoch is raised by whoever
    writes.
    """
    return cast(Recording, call.connection).connection


async def end_tokens(db: Database, marketplace_id: int, account_keys: Sequence[int]) -> None:
    """Those of a marketplace that was looked after by these accounts, who may do other things in it from now on. Within a unit."""
    await default_users.end_tokens(db, marketplace_id, account_keys)
    await db.execute(RAISE[Feed.SECURITY], marketplace_id)
