"""Plans for a marketplace of this server, and their doing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg

from entrepot.declare.operation import chore
from entrepot.declare.registry import Registry
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.features.people.copies import begun_anew
from entrepot.features.people.services import Services
from entrepot.features.seeding.calls import SeedCalls
from entrepot.features.seeding.comparing.marketplaces import FIND, MarketplaceSide
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.placeholders import Placeholders
from entrepot.features.seeding.planning.applying import Applying
from entrepot.features.seeding.planning.plan import Plan, make_plan
from entrepot.features.seeding.planning.wished import Wished, read_wished
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.reading import size_of
from entrepot.features.seeding.seeding import Progress, Silence, without_collection
from entrepot.kernel.clock import Clock, utc_now
from entrepot.storage.ready_pool import ReadyPool

APPLY = chore("Marketplace.Apply")
# Whoever writes new rows of the marketplace waits until the unit ends; one that is being deleted is none any more.
FIND_AND_HOLD = f"{FIND} FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done. clients: IDs of the file, in lower case -> those that new API clients have got."""

    plan: Plan
    clients: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Of one database."""

    registry: Registry
    services: Services
    pool: ReadyPool
    base_url: str
    clock: Clock = utc_now

    async def plan(
        self, path: Path, marketplace: str, *, prune: bool = False, progress: Progress | None = None
    ) -> Plan:
        """What `apply` would do now. Raises SeedRefusedError, NoMarketplaceError and OSError."""
        found = await self._found(marketplace)
        problems = Problems(path)
        wished = self._wished(path, found["ID"], problems, progress or Silence())
        async with self.pool.moment(found["marketplace_id"]) as connection:
            again = await connection.fetchrow(FIND, marketplace)
            if again is None:
                raise NoMarketplaceError(marketplace)
            plan = await self._planned(connection, again, wished, problems, prune=prune)
        problems.refuse()
        return plan

    async def apply(
        self, path: Path, marketplace: str, *, prune: bool = False, progress: Progress | None = None
    ) -> Applied:
        """Do what the plan of this moment says, all of it or nothing. Raises the same."""
        return await begun_anew(
            partial(self._apply, path, marketplace, prune=prune, progress=progress or Silence())
        )

    async def _apply(self, path: Path, marketplace: str, *, prune: bool, progress: Progress) -> Applied:
        found = await self._found(marketplace)
        key, problems = found["marketplace_id"], Problems(path)
        # What is slow and needs no lock comes before the unit.
        wished = self._wished(path, found["ID"], problems, progress)
        calls = SeedCalls(found["ID"], self.clock, self.base_url)
        acting = calls.acting(key, self.services, self.pool)
        call = Call.of_server(APPLY, acting.backend, acting.caller)
        async with unit_of(call, key) as recording:
            held = await recording.fetchrow(FIND_AND_HOLD, marketplace)
            if held is None or held["marketplace_id"] != key:
                raise NoMarketplaceError(marketplace)
            plan = await self._planned(recording.connection, held, wished, problems, prune=prune)
            problems.refuse()
            placeholders = Placeholders(held["ID"])
            placeholders.client_ids.update(plan.clients)
            advance = progress.begin("Applying", len(plan.steps))
            applying = Applying(recording, self.registry, calls, acting, placeholders, problems, advance)
            await applying.run(plan)
        new = {name: made for name, made in placeholders.client_ids.items() if name not in plan.clients}
        return Applied(plan, new)

    async def _found(self, marketplace: str) -> asyncpg.Record:
        found = await self.pool.fetchrow(FIND, marketplace)
        if found is None:
            raise NoMarketplaceError(marketplace)
        return found

    def _wished(self, path: Path, marketplace: str, problems: Problems, progress: Progress) -> Wished:
        advance = progress.begin(f"Reading {path.name}", size_of(path))
        with without_collection():
            wished = read_wished(self.registry, path, marketplace, problems, advance)
        problems.refuse()
        return wished

    async def _planned(
        self,
        connection: asyncpg.Connection,
        found: asyncpg.Record,
        wished: Wished,
        problems: Problems,
        *,
        prune: bool,
    ) -> Plan:
        side = MarketplaceSide.of(connection, self.registry, self.services, found, opens=True)
        with without_collection():
            return await make_plan(self.registry, wished, side, problems, prune=prune)
