"""Marketplaces of an account: list, look, make, rename (PORT-5 to PORT-8)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.portal.places import Environment, may_create
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.portal import access, organizations
from entrepot.features.people.portal.access import MEMBER, access_of, administered, unit_of_server
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.lists import PortalList
from entrepot.features.people.portal.me import own_account
from entrepot.features.people.portal.organizations import SHOWN, Organization
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    EnvironmentNotAllowedError,
    IdExistsError,
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    PropertyError,
    TooManyMarketplacesError,
    ValidationError,
)
from entrepot.kernel.ids import is_id

MOST = 100
"""Marketplaces that one account owns, but for accounts of who runs the server."""
OWNED = "SELECT count(*) FROM portal_organizations WHERE owner_key = $1"
RENAME = 'UPDATE portal_organizations SET "Name" = $2 WHERE marketplace_id = $1'
RENAME_MARKETPLACE = 'UPDATE marketplaces SET "Name" = $2 WHERE marketplace_id = $1'


class PortalRegion(Wire):
    """A region of this server."""

    Id: Text = column(max=10)
    Name: Text = column()
    AzureRegion: Text = column()


class PortalOwner(Wire):
    """Who owns a marketplace."""

    Username: Text = column(read_only=True)
    Name: Text = column(read_only=True)
    Email: Text = column(read_only=True)


class PortalOrganization(Wire):
    """A marketplace, as those see it who look after it. CoreApiUrl: where its API is."""

    Id: Text = column(max=100)
    Name: Text = column(required=True, max=100)
    CoreApiUrl: Text = column(read_only=True)
    Environment: Environment = column()
    Region: PortalRegion = column()
    Owner: PortalOwner = column(read_only=True)
    SCOrgId: Text = column(read_only=True)
    SCSpaceId: Text = column(read_only=True)


class LoginUrl(Wire):
    """Where a person looks after a marketplace."""

    url: Text = column(read_only=True)


ORGANIZATIONS = f"""
SELECT {SHOWN}
FROM portal_organizations o JOIN portal_accounts a ON a.key = o.owner_key
WHERE {MEMBER}
"""
_SORTS = ("Id", "Name", "Owner.Email", "Owner.Username", "Owner.Name")
_organizations = PortalList(PortalOrganization, ORGANIZATIONS, ListOptions(search=_SORTS, sort=_SORTS))


@portal_operation(
    "ListOrganizations",
    "GET",
    "/organizations",
    summary="List the marketplaces that the account looks after",
    lists=_organizations.options,
    returns=Returns(PortalOrganization, page=True),
)
async def list_organizations(call: Call) -> Reply:
    """Its own, and those that it was given access to and has accepted."""
    return await _organizations.page(call, {"account": call.account.key, "base_url": call.base_url})


@portal_operation(
    "GetOrganization",
    "GET",
    OF_MARKETPLACE,
    summary="Get a marketplace",
    returns=Returns(PortalOrganization),
    errors=(NotFoundError,),
)
async def get_organization(call: Call) -> Reply:
    """404 for one of others as for none (PORT-7): clients take anything else for a marketplace that is there."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    return Reply(await organizations.shown(call, found.organization))


@portal_operation(
    "SaveOrganization",
    "PUT",
    OF_MARKETPLACE,
    summary="Make a marketplace, or rename one",
    body=Body(PortalOrganization),
    returns=Returns(PortalOrganization),
    errors=(
        InvalidBodyError,
        ValidationError,
        EnvironmentNotAllowedError,
        TooManyMarketplacesError,
        NotAdministratorError,
        IdExistsError,
    ),
    unit=Unit.WRITE,
)
async def save_organization(call: Call) -> Reply:
    """A new one is empty: its first users are made with a token of GET /organizations/{id}/token. Environment and region
    stay as they were made.
    """
    marketplace = organization_id(call)
    values = validate(PortalOrganization, call.body, partial=False)
    _refuse_other_id(marketplace, values["Id"])
    try:
        known = await administered(call.db, call.account.key, marketplace)
    except NotFoundError:
        return Reply(await organizations.shown(call, await _create(call, marketplace, values)), status=201)
    return Reply(await organizations.shown(call, await _rename(call, known.organization, values)))


@portal_operation(
    "GetLoginUrl",
    "GET",
    f"{OF_MARKETPLACE}/authurls/backbonelogin",
    summary="Get the address at which a person looks after a marketplace",
    returns=Returns(LoginUrl),
    errors=(NotFoundError,),
)
async def get_login_url(call: Call) -> Reply:
    """That of the console."""
    await access_of(call.db, call.account.key, organization_id(call))
    return Reply({"url": f"{call.base_url}/"})


@portal_operation(
    "ListRoles",
    "GET",
    f"{OF_MARKETPLACE}/roles",
    summary="List the roles that the account has in a marketplace",
    errors=(NotFoundError,),
)
async def list_roles(call: Call) -> Reply:
    """Those of its tokens (PORT-12), as a list without pages."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    return Reply(list(found.roles.names()))


async def _create(call: Call, marketplace: str, values: dict[str, Any]) -> Organization:
    owner = await own_account(call, call.db)
    environment = Environment(values["Environment"] or Environment.Sandbox)
    region = (values["Region"] or {}).get("Id")
    if not is_id(marketplace):
        raise _refused("Id", "Id has letters, digits, hyphens and underscores, 100 at most.")
    if region not in services(call).regions:
        offered = ", ".join(services(call).regions)
        raise _refused("Region.Id", f"Region.Id is required: one of {offered}.")
    if not may_create(environment, operates=owner.operates):
        raise EnvironmentNotAllowedError({"Environment": environment.value})
    if not owner.operates and await call.db.fetchval(OWNED, owner.key) >= MOST:
        raise TooManyMarketplacesError({"Most": MOST})
    # Nothing remembers anything of a marketplace that begins.
    connection = unit_of_server(call)
    try:
        key = await bootstrap.add_marketplace(connection, marketplace, values["Name"], call.clock())
    except asyncpg.UniqueViolationError:
        raise IdExistsError("Organization", marketplace) from None
    made = Organization(
        marketplace_id=key,
        id=marketplace,
        name=values["Name"],
        environment=environment.value,
        region=region,
        owner=owner.key,
    )
    await organizations.add(call.db, made, call.clock())
    return made


async def _rename(call: Call, known: Organization, values: dict[str, Any]) -> Organization:
    region = (values["Region"] or {}).get("Id")
    for name, given, kept in (
        ("Environment", values["Environment"], known.environment),
        ("Region.Id", region, known.region),
    ):
        if given is not None and given != kept:
            raise _refused(name, f"{name} of a marketplace cannot be changed.")
    await call.db.execute(RENAME, known.marketplace_id, values["Name"])
    await unit_of_server(call).execute(RENAME_MARKETPLACE, known.marketplace_id, values["Name"])
    return (await access.access_of(call.db, call.account.key, known.id)).organization


def _refuse_other_id(marketplace: str, given: str | None) -> None:
    if given is not None and given.lower() != marketplace.lower():
        raise _refused("Id", "Id is not that of the path, and cannot be changed.")


def _refused(name: str, message: str) -> ValidationError:
    return ValidationError(PropertyError(message, {"Property": name}))


OPERATIONS: tuple[Operation, ...] = (
    list_organizations,
    get_organization,
    save_organization,
    get_login_url,
    newer(get_organization, "/marketplace"),
    newer(save_organization, "/marketplace"),
    newer(list_roles, "/marketplace/roles"),
)
