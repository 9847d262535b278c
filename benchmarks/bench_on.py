"""What the test bench takes from requests that have nothing to do with it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.backends import Backends
from benchmarks.cases import JSON, Case
from benchmarks.client import send
from benchmarks.load import Request
from benchmarks.shares import Share, share, side

NAME = "test bench"
MOST_LOST = 0.03
"""Of the rate of the cheapest request."""
ON = {"ENTREPOT_TEST_BENCH": "true", "ENTREPOT_CATCHERS": "true"}
OFF = {"ENTREPOT_TEST_BENCH": "false", "ENTREPOT_CATCHERS": "false"}
FAULTS: tuple[dict[str, Any], ...] = (
    {"OperationID": "Cart.Submit", "Status": 503},
    {"Path": "/v1/orders/*", "Delay": 100},
    {"OperationID": "Me.ListProducts", "Share": 0.5, "Status": 429, "Remaining": 1000},
)
"""Of the marketplace that is asked. None meets what is measured: each is looked at, and left."""


def share_of_bench(
    home: Path, environment: Mapping[str, str], backends: Backends, connections: int, case: Case, admin: str
) -> Share:
    """Of one case: all of it switched on, used by the very marketplace, and asked for by the request. admin: the Authorization header of
    somebody with FullAccess.
    """
    key = secrets.token_urlsafe(32)
    with (
        side(home, "bench", {**environment, **ON, "ENTREPOT_TEST_BENCH_KEY": key}, backends) as bench,
        side(home, "no-bench", {**environment, **OFF}, backends) as bare,
    ):
        # Now that both have started: one that starts without its test bench sets all clocks back.
        _use(bench.server.base_url, admin, f"Bearer {key}")
        asking = replace(
            case, requests=tuple(replace(each, idempotency_key=secrets.token_hex()) for each in case.requests)
        )
        return share(NAME, MOST_LOST, connections, (bench, asking), (bare, case))


def _use(url: str, admin: str, key: str) -> None:
    """A clock that is not the server's, faults, a catcher, and another marketplace for tests."""

    def ask(method: str, path: str, body: dict[str, Any], authorization: str = admin) -> None:
        send(url, Request(method, f"/entrepot/v1/{path}", authorization, JSON, json.dumps(body)))

    ask("PUT", "clock", {"Mode": "Running", "Shift": "P30D"})
    for fault in FAULTS:
        ask("POST", "faults", fault)
    ask("POST", "catchers", {})
    ask("POST", "marketplaces", {"From": {"Seed": "demo"}}, key)
