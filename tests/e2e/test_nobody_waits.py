"""One request stops nobody: whatever a request asks for within the limits, or beyond them (security 1, 2, 5, 8, 11, 12).

The only timed assertion of the tests: `/healthz` and another marketplace's GET /v1/me wait no longer than 50 ms for the
process. The machine's own pauses are told apart by trying again: what a request does, it does each time.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import httpx
from benchmarks.waiting import LONGEST, TRIES, attack, probing, send_all
from benchmarks.worst_cases import Attackers, preparations, worst_cases
from tests.app.commands import entrepot
from tests.e2e.command import Serve, Server, demo_of

from entrepot.app.registry import registry


def login(server: Server, client_id: str, username: str, password: str) -> str:
    form = {"grant_type": "password", "client_id": client_id, "username": username, "password": password}
    answer = httpx.post(f"{server.url}/oauth/token", data=form, timeout=30)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def attackers_of(server: Server) -> Attackers:
    """The demo's administrator and shopper."""
    demo = demo_of(server)
    admin, shopper = (
        login(server, demo["clientID"], demo["users"][name]["username"], demo["users"][name]["password"])
        for name in ("admin01", "buyer01")
    )
    return Attackers(admin, shopper, demo["clientID"], demo["users"]["buyer01"]["username"])


def stranger(server: Server) -> str:
    """A token of the administrator of another marketplace on the same server."""
    made = entrepot("marketplace", "create", "Other", "--data-dir", str(server.data_dir))
    assert made.returncode == 0, made.stderr
    facts = dict(re.findall(r"^(Client ID|Username|Password) +(\S+)$", made.stdout, re.MULTILINE))
    return login(server, facts["Client ID"], facts["Username"], facts["Password"])


def test_nobody_waits(serve: Serve) -> None:
    """Every list reader, body, expression, page key, password and head, each in its worst case."""
    server = serve("data", "--workers", "1")
    server.await_ready()
    attackers = attackers_of(server)
    made = asyncio.run(send_all(server.url, tuple(preparations(attackers))))
    assert set(made) <= {200, 201}, Counter(made)
    answers: Counter[int] = Counter()
    longest: dict[str, float] = {}
    with probing(server.url, stranger(server)) as probe:
        for number in range(TRIES):
            for case in worst_cases(registry(), attackers, number):
                if number and longest[case.name] <= LONGEST:
                    continue
                waits = attack(server.url, probe, case)
                answers.update(waits.answers)
                longest[case.name] = min(longest.get(case.name, waits.longest), waits.longest)
    held_up = {name: round(wait) for name, wait in longest.items() if wait > LONGEST}
    assert held_up == {}, sorted(held_up.items(), key=lambda each: -each[1])
    assert not any(status >= 500 and status != 503 for status in answers), answers
    assert {200, 400, 413} <= answers.keys(), answers
