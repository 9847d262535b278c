"""Marketplaces as the portal knows them: whose they are, in which environment and region (PORT-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entrepot.domain.portal.places import DEFAULT_REGION, REGIONS, region_of
from entrepot.engine.call import Call, Database
from entrepot.features.people.portal import accounts

__all__ = ["DEFAULT_REGION", "Organization", "add", "shown"]

ADD = """
INSERT INTO portal_organizations (marketplace_id, "Id", "Name", "Environment", region, owner_key, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (marketplace_id) DO UPDATE SET owner_key = excluded.owner_key
"""
_REGION = " ".join(
    f"WHEN '{each.id}' THEN json_build_object('Id', o.region, 'Name', '{each.name}', 'AzureRegion', '{each.azure}')"
    for each in REGIONS.values()
)
SHOWN = f"""o."Id"::text AS "Id", o."Name", CAST(:base_url AS text) AS "CoreApiUrl", o."Environment",
       CASE o.region {_REGION} ELSE json_build_object('Id', o.region, 'Name', o.region, 'AzureRegion', '') END AS "Region",
       json_build_object('Username', a."Username", 'Name', a."Name", 'Email', a."Email") AS "Owner",
       NULL::text AS "SCOrgId", NULL::text AS "SCSpaceId\""""
"""The columns of PortalOrganization, of rows `o` and their owners `a`; :base_url is a parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A marketplace with an owner. `marketplace_id` and `owner` are internal keys, `region` is the region's ID."""

    marketplace_id: int
    id: str
    name: str
    environment: str
    region: str
    owner: int


async def add(db: Database, organization: Organization, now: datetime) -> None:
    """The portal knows of a marketplace that exists; of one that it knows already, the owner is another."""
    await db.execute(
        ADD,
        organization.marketplace_id,
        organization.id,
        organization.name,
        organization.environment,
        organization.region,
        organization.owner,
        now,
    )


async def shown(call: Call, organization: Organization) -> dict[str, Any]:
    """As those see it who look after it. One statement."""
    owner = await accounts.by_key(call.db, organization.owner)
    return {
        "Id": organization.id,
        "Name": organization.name,
        "CoreApiUrl": call.base_url,
        "Environment": organization.environment,
        "Region": region_of(organization.region).wire(),
        "Owner": None
        if owner is None
        else {"Username": owner.username, "Name": owner.name, "Email": owner.email},
        "SCOrgId": None,
        "SCSpaceId": None,
    }
