"""Marketplaces as the portal knows them: whose they are, in which environment and region (PORT-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from entrepot.engine.call import Database

ADD = """
INSERT INTO portal_organizations (marketplace_id, "Id", "Name", "Environment", region, owner_key, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (marketplace_id) DO UPDATE SET owner_key = excluded.owner_key
"""
DEFAULT_REGION = "usw"


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
