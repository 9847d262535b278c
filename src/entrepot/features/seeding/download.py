"""A marketplace as a seed file (SEED-1, SEED-2): what the API shows of it, without what a seed makes anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.services import Services
from entrepot.features.seeding.dumping import item_text
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.marketplace_records import FIND_MARKETPLACE, NoMarketplaceError, Reader

FORMAT_VERSION = "1.1.0"
"""Of the seeding tool whose format this is."""


async def download(
    connection: asyncpg.Connection,
    registry: Registry,
    services: Services,
    marketplace: str,
    file: TextIO,
    told: Callable[[str, int], None] = lambda _kind, _count: None,
) -> None:
    """Write the file, all of it as the marketplace is at one moment. Raises NoMarketplaceError.

    `told` hears of each kind and its number of records.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await connection.fetchrow(FIND_MARKETPLACE, marketplace)
        if found is None:
            raise NoMarketplaceError(marketplace)
        reader = Reader(connection, registry, services, found["marketplace_id"], found["ID"])
        file.write(f"Meta:\n  CreatedBySeedingVersion: {FORMAT_VERSION}\n")
        for section in ("Objects", "Assignments"):
            file.write(f"{section}:\n")
            for kind in kinds_of(registry):
                if kind.section == section:
                    told(kind.name, await _write_kind(file, kind, reader))


async def _write_kind(file: TextIO, kind: Kind, reader: Reader) -> int:
    count = 0
    async for record in reader.records(kind):
        if not count:
            file.write(f"  {kind.name}:\n")
        file.write(item_text(record, 4))
        count += 1
    if not count:
        file.write(f"  {kind.name}: []\n")
    return count
