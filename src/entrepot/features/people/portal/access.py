"""What an account may do in a marketplace (PORT-10): its owner everything, others what they were given."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Database
from entrepot.features.people.portal.organizations import Organization
from entrepot.kernel.errors import NotAdministratorError, NotFoundError, NotOwnerError
from entrepot.kernel.user_types import UserType

FIND = """
SELECT o.marketplace_id, o."Id" AS id, o."Name" AS name, o."Environment" AS environment, o.region, o.owner_key AS owner
FROM portal_organizations o WHERE o."Id" = $1
"""
MEMBER = "o.owner_key = :account"
"""Whether an account, :account, looks after the marketplace of the row `o`."""
EVERYTHING = RoleSet(frozenset({ApiRole.FullAccess}))
EVERYBODY = frozenset(UserType)


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
    row = await db.fetchrow(FIND, organization_id)
    if row is None or row["owner"] != account_key:
        raise NotFoundError("Organization", organization_id)
    return Access(
        organization=Organization(**row),
        is_owner=True,
        is_admin=True,
        roles=EVERYTHING,
        impersonates=EVERYBODY,
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
