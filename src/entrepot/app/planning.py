"""`entrepot plan` and `entrepot apply`: a seed file as the wished state of a marketplace."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from entrepot.app.comparing import Output
from entrepot.app.database import run_on_database
from entrepot.app.seeding import bars_of, seeder
from entrepot.app.settings import Settings
from entrepot.features.seeding.comparing.sides import UnreadableRecordError
from entrepot.features.seeding.marketplace_records import NoMarketplaceError
from entrepot.features.seeding.planning.planner import Applied, Planner
from entrepot.features.seeding.planning.texts import plan_lines, plan_value, summary
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.storage.ready_pool import ReadyPool

REFUSALS = (SeedRefusedError, NoMarketplaceError, UnreadableRecordError)
"""What the functions of this module raise besides what opening a database raises."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. details: whether each record is listed that is not in the file."""

    path: Path
    marketplace: str
    prune: bool = False
    details: bool = False


def plan_file(settings: Settings, wanted: Wanted, output: Output, *, applies: bool) -> bool:
    """Print what is to be done, or do it, all or nothing, and print what was done; whether there was something to do."""

    async def work(settings: Settings, pool: ReadyPool) -> Applied:
        async with seeder(settings, pool) as made:
            planner = Planner(
                registry=made.registry, services=made.services, pool=pool, base_url=settings.base_url
            )
            with bars_of(piped=False) as progress:
                if applies:
                    return await planner.apply(
                        wanted.path, wanted.marketplace, prune=wanted.prune, progress=progress
                    )
                plan = await planner.plan(
                    wanted.path, wanted.marketplace, prune=wanted.prune, progress=progress
                )
                return Applied(plan, {})

    done = run_on_database(settings, work)
    for told in done.plan.unknown.lines():
        print(told, file=sys.stderr)
    for in_file, client_id in done.clients.items():
        output.line(f"API client   {client_id} ({in_file} in the file)")
    for line in plan_lines(done.plan, details=wanted.details):
        output.line(line.text, line.mark)
    output.line(summary(done.plan, done=applies))
    output.value(plan_value(done.plan, wanted.marketplace))
    return bool(done.plan)
