"""Dispatchers that are killed at any moment lose nothing and keep the order of each aggregate."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.api.dispatching import HASH_KEY, TOLD
from tests.api.marketplace import Api
from tests.api.quick_receiver import responding

from entrepot.features.people.deliveries.rounds import MOST_CLAIMED

EVENTS, AGGREGATES, HOOKS = 5_000, 1_250, 4
AT_ONCE = 2
"""Dispatchers that share the work."""
TELL = """
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at)
SELECT $1, $2, 'order/' || n % $4, json_build_object('hook', 'h' || (n % $4) % $5, 'of', n % $4, 'number', n / $4), '', now()
FROM generate_series(0, $3 - 1) AS n ORDER BY n
"""
LEFT = """
SELECT (SELECT count(*) FROM outbox_events WHERE marketplace_id = $1)
     + (SELECT count(*) FROM deliveries WHERE marketplace_id = $1 AND ended_at IS NULL)
"""


class Witness:
    """What arrives, of which a third is refused, no delivery more than twice."""

    def __init__(self) -> None:
        self.random = random.Random(12)
        self.refused: Counter[tuple[int, int]] = Counter()
        self.accepted: Counter[tuple[int, int]] = Counter()
        self.order: defaultdict[int, list[int]] = defaultdict(list)
        self.too_early: list[tuple[int, int]] = []

    def respond(self, body: bytes) -> int:
        facts = json.loads(body)
        of, number = facts["of"], facts["number"]
        self.order[of].append(number)
        if number and not self.accepted[of, number - 1]:
            self.too_early.append((of, number))
        if self.random.random() < 1 / 3 and self.refused[of, number] < 2:
            self.refused[of, number] += 1
            return 500
        self.accepted[of, number] += 1
        return 200


@asynccontextmanager
async def forking(url: str, key: str) -> AsyncIterator[Any]:
    """What makes a process that delivers, with a clock that is so many seconds ahead; gives its ID."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.api.forked_dispatchers", url, key,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    async def fork(ahead: float) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"%f\n" % ahead)
        while not (line := await process.stdout.readline()).strip().isdigit():
            assert line, "the process that forks has ended"
        return int(line)

    try:
        yield fork
    finally:
        process.kill()
        await process.wait()


async def test_killed_dispatchers_lose_nothing_and_keep_the_order(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of 5,000 events arrives at least once, none before the one before it of its aggregate has been accepted, and none again
    after a later one; how many came twice is printed, no more for each killing than a process holds: that is what at least once
    means here. After each killing the clock goes on beyond leases and pauses.
    """
    witness, kills, chance = Witness(), 0, random.Random(1)
    settings = api.server.settings
    assert settings.database_url is not None
    async with (
        responding(witness.respond) as receiver,
        forking(settings.database_url, settings.secret_key) as fork,
    ):
        for number in range(HOOKS):
            values = {"Name": "H", "Url": receiver, "HashKey": HASH_KEY}
            assert (await api.seller.put(f"/v1/webhooks/h{number}", json=values)).status_code in {200, 201}
        await api.execute(TELL, TOLD.name, EVENTS, AGGREGATES, HOOKS)
        ahead = 0.0
        while await api.value(LEFT):
            living = [await fork(ahead) for _ in range(AT_ONCE)]
            before = sum(witness.accepted.values())
            # Until some more have arrived, so that killing is about the work and not about the machine.
            wanted = before + chance.randint(50, 1_500)
            while sum(witness.accepted.values()) < wanted and not await stuck(api, ahead):
                await asyncio.sleep(chance.uniform(0.001, 0.1))
            for process in living:
                os.kill(process, signal.SIGKILL)
                kills += 1
            ahead += 400
    everything = {(of, number) for of in range(AGGREGATES) for number in range(EVENTS // AGGREGATES)}
    assert set(witness.accepted) == everything
    assert witness.too_early == []
    assert all(numbers == sorted(numbers) for numbers in witness.order.values())
    states = await api.rows(
        "SELECT status, count(*) AS n FROM deliveries WHERE marketplace_id = $1 GROUP BY 1"
    )
    assert {row["status"]: row["n"] for row in states} == {"Delivered": EVENTS}
    doubles = sum(witness.accepted.values()) - EVENTS
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kills} dispatchers killed, {sum(witness.refused.values())} refusals, {doubles} doubles\n"
        )
    assert kills > AT_ONCE
    assert doubles <= kills * MOST_CLAIMED


async def stuck(api: Api, ahead: float) -> bool:
    """Whether everything that is left waits for its time."""
    due = """
    SELECT (SELECT count(*) FROM outbox_events WHERE marketplace_id = $1)
         + (SELECT count(*) FROM deliveries WHERE marketplace_id = $1 AND ended_at IS NULL
            AND (due_at <= now() + make_interval(secs => $2) OR lease IS NOT NULL))
    """
    return not await api.value(due, ahead)
