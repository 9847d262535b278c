"""`entrepot plan` and `entrepot apply`: a seed file as the wished state of a marketplace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from entrepot.app.comparing import Output
from entrepot.app.database import prepare, reachable_database
from entrepot.app.seeding import bars_of, seeder
from entrepot.app.settings import Settings
from entrepot.features.seeding.comparing.sides import UnreadableRecordError
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.planning.plan import Plan
from entrepot.features.seeding.planning.planner import Applied, Planner
from entrepot.features.seeding.planning.texts import plan_lines, plan_value, summary
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.storage.pool import open_pool

REFUSALS = (SeedRefusedError, NoMarketplaceError, UnreadableRecordError)
"""What the functions of this module raise besides what opening a database raises."""


def plan_file(settings: Settings, path: Path, marketplace: str, output: Output, *, prune: bool) -> bool:
    """Print what `apply_file` would do; whether there is something to do."""

    async def work(url: str) -> Plan:
        async with _planner(settings, url) as planner:
            with bars_of(piped=False) as progress:
                return await planner.plan(path, marketplace, prune=prune, progress=progress)

    with reachable_database(settings) as url:
        plan = asyncio.run(work(url))
    _print(plan, marketplace, output, done=False)
    return bool(plan)


def apply_file(settings: Settings, path: Path, marketplace: str, output: Output, *, prune: bool) -> None:
    """Do it, all or nothing, and print what was done."""

    async def work(url: str) -> Applied:
        async with _planner(settings, url) as planner:
            with bars_of(piped=False) as progress:
                return await planner.apply(path, marketplace, prune=prune, progress=progress)

    with reachable_database(settings) as url:
        applied = asyncio.run(work(url))
    for in_file, client_id in applied.clients.items():
        output.line(f"API client   {client_id} ({in_file} in the file)")
    _print(applied.plan, marketplace, output, done=True)


def _print(plan: Plan, marketplace: str, output: Output, *, done: bool) -> None:
    for line in plan_lines(plan):
        output.line(line.text, line.mark)
    output.line(summary(plan, done=done))
    output.value(plan_value(plan, marketplace))


@asynccontextmanager
async def _planner(settings: Settings, url: str) -> AsyncIterator[Planner]:
    settings = await prepare(settings, url)
    async with await open_pool(url, min_size=1, max_size=3) as pool, seeder(settings, pool) as made:
        yield Planner(registry=made.registry, services=made.services, pool=pool, base_url=settings.base_url)
