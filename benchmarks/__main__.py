"""`python -m benchmarks`: loads the limits and Entrepot in turn, and prints their ratios. Ends by itself.

Variables: ROUNDS (3), SECONDS of each run (3), CONNECTIONS (16), ONLY (text in the names of the cases wanted).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.cases import BARE, ONE_SELECT, Tokens, cases, login
from benchmarks.client import bearer
from benchmarks.limits import DATABASE_VARIABLE
from benchmarks.marketplace import load
from benchmarks.measure import Plan, contenders, count_statements, latencies_beside_logins, run_rounds
from benchmarks.servers import entrepot, limit
from benchmarks.statements import StatementLog
from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.migrate import migrate


def main() -> int:
    """Everything, from an empty directory to the printed tables."""
    if shutil.which("wrk") is None:
        print("The benchmark needs wrk: apt-get install wrk", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-bench-")))
        database = stack.enter_context(EmbeddedPostgres(home / "data"))
        _run(
            home,
            replace(Settings(), secret_key=secrets.token_urlsafe(32), database_url=database.url, demo=False),
        )
    return 0


def _run(home: Path, settings: Settings) -> None:
    number = {name: int(os.environ.get(name, default)) for name, default in _DEFAULTS.items()}
    plan = Plan(number["ROUNDS"], number["SECONDS"], number["CONNECTIONS"])
    url = settings.database_url
    assert url is not None
    console = Console(highlight=False, width=120)
    console.print("Making a marketplace with 100,000 users ...")
    asyncio.run(migrate(url))
    marketplace = asyncio.run(load(url, settings))
    with (
        limit("bare", home, {}) as bare,
        limit("one_select", home, {DATABASE_VARIABLE: url}) as select,
        entrepot(home, {"ENTREPOT_DATABASE_URL": url, "ENTREPOT_SECRET_KEY": settings.secret_key}) as server,
    ):
        tokens = Tokens(*(bearer(server.base_url, login(marketplace, number)) for number in (None, 0)))
        all_cases = cases(marketplace, tokens)
        wanted = [case for case in all_cases if os.environ.get("ONLY", "").lower() in case.name.lower()]
        limits = [*contenders(home, plan, bare, [BARE]), *contenders(home, plan, select, [ONE_SELECT])]
        served = contenders(home, plan, server, wanted)
        before = server.memory()
        console.print(
            f"Loading: {plan.rounds} rounds of {plan.seconds} s a case, {plan.connections} connections ..."
        )
        run_rounds(plan, [*limits, *served])
        latencies = latencies_beside_logins(home, plan, server, all_cases[0], all_cases[-1])
        after = server.memory()
        count_statements(StatementLog(home / "data" / "postgres.log"), url, served)
    report.print_rates(console, [each.row() for each in (*limits, *served)], limits[1].row())
    report.print_latencies(console, f"Latency of {all_cases[0].name} and logins", latencies)
    report.print_memory(console, before, after)


_DEFAULTS = {"ROUNDS": "3", "SECONDS": "3", "CONNECTIONS": "16"}


if __name__ == "__main__":
    sys.exit(main())
