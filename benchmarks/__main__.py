"""`python -m benchmarks`: loads the limits and Entrepot in turn, and prints their ratios. Ends by itself.

Variables: ROUNDS (3), SECONDS of each run (3), CONNECTIONS (16), SCALE of the catalog (1), ONLY (see Selection).
"""

from __future__ import annotations

import asyncio
import compileall
import os
import secrets
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks import report
from benchmarks.backends import Backends
from benchmarks.batched import NAME as BATCHED
from benchmarks.batched import turns
from benchmarks.bench_on import NAME as BENCH
from benchmarks.bench_on import share_of_bench
from benchmarks.cases import BARE, ONE_SELECT, Case, Tokens, cases, login
from benchmarks.catalog import SEED_TARGET, Catalog, seed, settle, wait_for_index
from benchmarks.catalog_cases import NAMES, catalog_cases, first_pages, visible_items
from benchmarks.catalog_writes import Writes
from benchmarks.client import bearer
from benchmarks.deliveries import rates
from benchmarks.hooked import costs
from benchmarks.journey import FLOW_TARGET, Journey, baskets
from benchmarks.journey import NAME as JOURNEY
from benchmarks.limits import DATABASE_VARIABLE
from benchmarks.logged import NAME as LOG
from benchmarks.logged import share_of_log
from benchmarks.marketplace import load
from benchmarks.measure import Plan, contenders, count_statements, latencies_beside_logins, run_rounds
from benchmarks.selection import Selection
from benchmarks.servers import entrepot, limit, receiver, wait_until_ready
from benchmarks.shares import room
from benchmarks.statements import ALONE, StatementLog
from benchmarks.trace import SOURCE
from benchmarks.waiting import longest_waits
from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.migrate import migrate


def main() -> int:
    """Everything, from an empty directory to the printed tables."""
    if shutil.which("wrk") is None:
        print("The benchmark needs wrk: apt-get install wrk", file=sys.stderr)
        return 1
    # As in an installation: where nobody keeps compiled modules, each command would spend a second or two on them.
    compileall.compile_dir(SOURCE, quiet=2)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-bench-")))
        database = stack.enter_context(EmbeddedPostgres(home / "data"))
        _run(
            home,
            replace(Settings(), secret_key=secrets.token_urlsafe(32), database_url=database.url, demo=False),
            database.admin_url,
            database.pid,
        )
    return 0


def _run(home: Path, settings: Settings, admin_url: str, postmaster: int) -> None:
    number = {name: int(os.environ.get(name, default)) for name, default in _DEFAULTS.items()}
    plan = Plan(number["ROUNDS"], number["SECONDS"], number["CONNECTIONS"])
    selection = Selection(os.environ.get("ONLY", ""))
    url = settings.database_url
    assert url is not None
    console = Console(highlight=False, width=120)
    console.print("Making a marketplace with 100,000 users ...")
    asyncio.run(migrate(url))
    marketplace = asyncio.run(load(url, settings))
    asyncio.run(settle(admin_url))
    catalog = (
        _seeded(console, home, settings, admin_url) if any(map(selection.wants, (*NAMES, JOURNEY))) else None
    )
    environment = {"ENTREPOT_DATABASE_URL": url, "ENTREPOT_SECRET_KEY": settings.secret_key}
    with (
        limit("bare", home, {}) as bare,
        limit("one_select", home, {DATABASE_VARIABLE: url}) as select,
        entrepot(home, environment) as server,
    ):
        tokens = Tokens(*(bearer(server.base_url, login(marketplace, number)) for number in (None, 0)))
        of_users = cases(marketplace, tokens)
        all_cases: tuple[Case, ...] = of_users
        journey = None
        firsts: list[float] = []
        if catalog is not None:
            console.print("Logging shoppers in, and counting what they see ...")
            shoppers = catalog.shoppers(server.base_url)
            items = visible_items(server.base_url, shoppers)
            wait_for_index(server, catalog, shoppers[0])
            firsts = first_pages(server.base_url, catalog.strangers(server.base_url))
            admin = catalog.admin(server.base_url)
            all_cases += catalog_cases(catalog, shoppers, items, Writes(server.base_url, catalog), admin)
            if selection.wants(JOURNEY):
                journey = Journey(server, baskets(shoppers, items), catalog.admin(server.base_url))
        wanted = [case for case in all_cases if selection.wants(case.name)]
        limits = [*contenders(home, plan, bare, [BARE]), *contenders(home, plan, select, [ONE_SELECT])]
        served = contenders(home, plan, server, wanted)
        before = server.memory()
        console.print(
            f"Loading: {plan.rounds} rounds of {plan.seconds} s a case, {plan.connections} connections ..."
        )
        run_rounds(plan, [*limits, *served])
        latencies = None
        if of_users[0] in wanted:
            latencies = latencies_beside_logins(home, plan, server, of_users[0], of_users[-1])
        flows, steps = [], []
        if journey is not None:
            steps = asyncio.run(journey.steps(JOURNEYS, plan.connections))
            flows = [asyncio.run(journey.flow(plan.seconds, plan.connections)) for _ in range(plan.rounds)]
        after = server.memory()
        time.sleep(QUIET_SECONDS)
        quiet = server.memory()
        shares = []
        backends, cheapest = Backends(postmaster), of_users[0]
        if selection.wants(LOG):
            shares.append(share_of_log(home, environment, backends, plan.connections, cheapest))
        if selection.wants(BENCH):
            shares.append(
                share_of_bench(home, environment, backends, plan.connections, cheapest, tokens.admin)
            )
        log = StatementLog(home / "data" / "postgres.log")
        # From here on the database is slow.
        asyncio.run(log.start(admin_url))
        submissions = [] if journey is None else [journey.submissions(log, postmaster)]
    with entrepot(room(home, "alone"), {**environment, **ALONE}) as alone:
        wait_until_ready(alone)
        if catalog is not None:
            wait_for_index(alone, catalog, shoppers[0])
            # What a server does not know of a shopper it asks once.
            first_pages(alone.base_url, shoppers)
        count_statements(log, alone, served)
        if journey is not None:
            journey.move(alone)
            journey.statements(log, steps)
            submissions.append(journey.submissions(log, postmaster))
    report.print_rates(console, [each.row() for each in (*limits, *served)], limits[1].row())
    if latencies is not None:
        report.print_latencies(console, f"Latency of {of_users[0].name} and logins", latencies)
    for each in shares:
        console.print(each.sentence())
    if journey is not None:
        report.print_journey(console, steps, flows, FLOW_TARGET, limits[1].row())
        report.print_submissions(console, *submissions)
    if firsts:
        report.print_first_pages(console, firsts)
    report.print_memory(console, before, after, quiet, indexed=catalog is not None)
    if selection.wants(DELIVERIES):
        console.print("Delivering to a receiver of this machine, and to nobody ...")
        with receiver(home) as there:
            found = uvloop.run(rates(settings, there.base_url, plan.rounds))
            report.print_deliveries(
                console, found, costs(_made(home / "hooked"), there.base_url, plan.rounds, plan.seconds)
            )
    if selection.wants(BATCHED):
        console.print("Sending products one by one, and as batches ...")
        console.print(turns(_made(home / "batched"), plan.rounds).sentence())
    if selection.wants(WAITS):
        console.print("Trying the worst case of every limit ...")
        report.print_waits(console, longest_waits(_made(home / "demo")))


def _made(place: Path) -> Path:
    """A directory that PostgreSQL's account may pass through where root runs this."""
    place.mkdir(mode=0o711)
    return place


def _seeded(console: Console, home: Path, settings: Settings, admin_url: str) -> Catalog:
    scale = float(os.environ.get("SCALE", "1"))
    console.print(f"Seeding the catalog at scale {scale:g} ...")
    catalog = seed(home, settings, scale)
    report.print_seconds(
        console, f"entrepot seed, {catalog.size.products:,} products", catalog.seconds, SEED_TARGET
    )
    asyncio.run(settle(admin_url))
    return catalog


QUIET_SECONDS = 5
"""After which the server's memory is looked at once more: right after the load some of its logins are still at work."""
WAITS = "waits of others"
DELIVERIES = "deliveries"
JOURNEYS = 300
"""Orders of which the processor time of each step is the mean."""
_DEFAULTS = {"ROUNDS": "3", "SECONDS": "3", "CONNECTIONS": "16"}


if __name__ == "__main__":
    sys.exit(main())
