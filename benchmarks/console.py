"""How long a table of the console takes to page, from the press of a button to the rows in Chromium: `python -m benchmarks.console`.

The marketplace of the benchmark, 100,000 users of one buyer, and one worker. Needs Node 20 and Chromium; prints a line a case: median
and slowest of 20 pages, what of them the request took, and the processor time of the page's own thread. Takes two minutes, most of them to make the marketplace and the console.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.conformance.running import install_chromium, install_node_packages
from tests.console.running import HERE, build_console
from tests.strict import ROOT

from benchmarks.marketplace import BUYER, load
from benchmarks.servers import entrepot
from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.migrate import migrate

PROGRAM = ROOT / "tests/console/support/paging.js"
ENOUGH = 200.0
"""Milliseconds that a page may take."""


def main() -> int:
    """0 where the slowest page of each case is quick enough, 1 otherwise."""
    build_console()
    install_node_packages(HERE)
    install_chromium()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="entrepot-bench-")))
        database = stack.enter_context(EmbeddedPostgres(home / "data"))
        settings = replace(
            Settings(), secret_key=secrets.token_urlsafe(32), database_url=database.url, demo=False
        )
        asyncio.run(migrate(database.url))
        marketplace = asyncio.run(load(database.url, settings))
        environment = {"ENTREPOT_DATABASE_URL": database.url, "ENTREPOT_SECRET_KEY": settings.secret_key}
        server = stack.enter_context(entrepot(home, environment))
        done = subprocess.run(
            ["node", PROGRAM],
            env={
                **os.environ,
                "ENTREPOT_URL": server.base_url,
                "CLIENT": marketplace.client_id,
                "SIGN_IN_AS": marketplace.admin_username,
                "SIGN_IN_WITH": marketplace.admin_password,
                "BUYER": BUYER,
            },
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        )  # fmt: skip
    cases = json.loads(done.stdout)
    for case in cases:
        print(
            "{name:48} median {median:4.0f} ms, slowest {slowest:4.0f}; request {request:4.0f}, {slowestRequest:4.0f}; computing {own:4.0f}".format(
                **case
            )
        )
    return 0 if all(case["slowest"] < ENOUGH for case in cases) else 1


if __name__ == "__main__":
    raise SystemExit(main())
