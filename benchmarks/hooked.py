"""What a post-hook costs the write that it follows, and what a dead endpoint costs everybody else."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import asyncpg

from benchmarks.client import send
from benchmarks.http_connection import HttpConnection
from benchmarks.load import Request
from benchmarks.servers import Server, demo
from benchmarks.waiting import stranger
from entrepot.app.secret_key import secret_box, with_kept_key
from entrepot.app.settings import Settings
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.deliveries.waking import NOTIFY
from entrepot.storage.embedded import running_url

WRITE_TARGET, LATENCY_TARGET = 0.7, 1.5
BUYERS = 40
DUE = 10_000
CONNECTIONS = 8
DEAD = "http://127.0.0.1:1/"
INSERT = """
INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate, status, due_at,
    body, size, log, request_id, told_at, created_at)
SELECT $1, v.id, 'Webhook', 'Webhook', 'dead', 'Url', 'Webhook/dead/Url', v.id::bytea, v.id, 'Queued', now(), v.body, 2, '[]', '',
    now(), now()
FROM unnest($2::text[], $3::bytea[]) AS v(id, body)
"""
ENDPOINT = "INSERT INTO delivery_endpoints (marketplace_id, endpoint) VALUES ($1, 'Webhook/dead/Url')"
MARKETPLACE = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'client' AND name = $1"


@dataclass(frozen=True, slots=True)
class Writing:
    """A round: writes per second, and microseconds of the server process for each, with all that it does meanwhile."""

    rate: float
    processor: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Writes without and with a post-hook, by round; milliseconds of GET /v1/me at its 99th percentile."""

    plain: Sequence[Writing]
    hooked: Sequence[Writing]
    idle: float
    beside: float

    @property
    def of_writes(self) -> float:
        return median(each.rate for each in self.hooked) / median(each.rate for each in self.plain)

    @property
    def of_processor(self) -> float:
        """What the rate would be were the process alone on the machine: processor time without, by that with it."""
        return median(each.processor for each in self.plain) / median(each.processor for each in self.hooked)

    @property
    def of_others(self) -> float:
        return self.beside / self.idle


def costs(home: Path, receiver: str, rounds: int, seconds: float) -> Costs:
    """On a server of its own in `home`. receiver: the URL of one that answers at once."""
    with demo(home) as server:
        url = server.base_url
        token = stranger(url, home)
        call = _Caller(url, f"Bearer {token}")
        payload = token.split(".")[1]
        client_id = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["cid"]
        for number in range(BUYERS):
            call.put(f"/v1/buyers/b{number}", {"Name": "B", "Active": True})
        plain, hooked = [], []
        _round(server, call, seconds)  # what a first write costs more
        for _ in range(rounds):
            plain.append(_round(server, call, seconds))
            hook = {
                "Name": "H",
                "Url": receiver,
                "HashKey": "k",
                "ApiClientIDs": [client_id],
                "WebhookRoutes": [{"Route": "v1/buyers/{buyerID}", "Verb": "PATCH"}],
            }
            call.put("/v1/webhooks/h", hook)
            hooked.append(_round(server, call, seconds))
            call.put("/v1/webhooks/h", {**hook, "ApiClientIDs": []})
            time.sleep(seconds)  # what is still to be delivered
        idle = asyncio.run(_latency(url, call.token, 3 * seconds))
        call.put("/v1/webhooks/dead", {"Name": "D", "Url": DEAD, "HashKey": "k"})
        asyncio.run(_make_due(home, client_id))
        beside = asyncio.run(_latency(url, call.token, 3 * seconds))
    return Costs(plain, hooked, idle, beside)


@dataclass(frozen=True, slots=True)
class _Caller:
    base_url: str
    token: str

    def put(self, path: str, body: object) -> None:
        send(self.base_url, Request("PUT", path, self.token, "application/json", json.dumps(body)))


def _round(server: Server, call: _Caller, seconds: float) -> Writing:
    before = server.cpu_seconds()
    rate = asyncio.run(_writes(server.base_url, call.token, seconds))
    return Writing(rate, 1e6 * (server.cpu_seconds() - before) / (rate * seconds))


async def _writes(base_url: str, token: str, seconds: float) -> float:
    """Changes of buyers in a second."""
    numbers = count()

    def change() -> Request:
        number = next(numbers)
        body = json.dumps({"Name": f"Name {number}"})
        return Request("PATCH", f"/v1/buyers/b{number % BUYERS}", token, "application/json", body)

    spent = await asyncio.gather(*(_repeat(base_url, change, seconds) for _ in range(CONNECTIONS)))
    return sum(len(each) for each in spent) / seconds


async def _latency(base_url: str, token: str, seconds: float) -> float:
    me = Request("GET", "/v1/me", token)
    spent = sorted(await _repeat(base_url, lambda: me, seconds, pause=0.002))
    return 1000 * spent[int(len(spent) * 0.99)]


async def _repeat(
    base_url: str, request: Callable[[], Request], seconds: float, pause: float = 0.0
) -> list[float]:
    spent = []
    until = time.perf_counter() + seconds
    async with HttpConnection(base_url) as connection:
        while (begun := time.perf_counter()) < until:
            await connection.send(request())
            spent.append(time.perf_counter() - begun)
            if pause:
                await asyncio.sleep(pause)
    return spent


async def _make_due(home: Path, client_id: str) -> None:
    """Deliveries to nobody, as they are when an endpoint has died, and a dispatcher that knows of them."""
    box = secret_box(with_kept_key(Settings(data_dir=home), make=False))
    url = running_url(home)
    assert url is not None
    connection = await asyncpg.connect(url)
    try:
        marketplace_id = await connection.fetchval(MARKETPLACE, client_id)
        names = [f"due-{number}" for number in range(DUE)]
        bodies = [box.seal(b"{}", place_of_body(marketplace_id, name)) for name in names]
        async with connection.transaction():
            await connection.execute(ENDPOINT, marketplace_id)
            await connection.execute(INSERT, marketplace_id, names, bodies)
        await connection.execute(NOTIFY, str(marketplace_id))
    finally:
        await connection.close()
