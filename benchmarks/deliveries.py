"""Deliveries of one dispatcher beside bare posts of the same bodies by the same library, to the same receiver, in one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import httpx

from entrepot.app.asgi import open_own_pool, open_services
from entrepot.app.settings import Settings
from entrepot.engine.call import Backend, Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.events import URL, Event, EventKind, Outbound
from entrepot.features.people.oauth import bootstrap
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_id
from entrepot.worker.dispatcher import outgoing_of_deliveries

TARGET = 0.3
COUNT = 2_000
AT_ONCE = 10
BODY = {"Text": "x" * 900}
TELL = """
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at)
SELECT $1, 'Bench', 'order/' || n, json_build_object('number', n), '', now() FROM generate_series(1, $2) AS n ORDER BY n
"""
HOOK = """
INSERT INTO webhooks (marketplace_id, "ID", "Name", "Url", "BeforeProcessRequest") VALUES ($1, 'bench', 'Bench', $2, false)
"""
DELIVERED = "SELECT count(*) FROM deliveries WHERE marketplace_id = $1 AND status = 'Delivered'"


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second, of each round."""

    delivered: Sequence[float]
    posted: Sequence[float]

    @property
    def ratio(self) -> float:
        return median(self.delivered) / median(self.posted)


def body_of(number: int) -> bytes:
    """Of the delivery of this number."""
    return encode(BODY | {"Number": number})


async def _expand(_: Call, event: Event) -> Sequence[Outbound]:
    body = body_of(event.facts["number"])
    return [
        Outbound(
            integration="Webhook", integration_id="bench", target=URL, body=body, aggregate=event.aggregate
        )
    ]


BENCH = EventKind(name="Bench", expand=_expand)


async def rates(settings: Settings, receiver: str, rounds: int) -> Rates:
    """In turn, on the database of the settings; receiver: its URL."""
    assert settings.database_url is not None
    delivered, posted = [], []
    async with await open_own_pool(settings.database_url, settings) as pool:
        services = await open_services(settings, pool, utc_now)
        services = replace(services, events={BENCH.name: BENCH})
        backend = Backend(pool, services, utc_now, settings.base_url)
        for _ in range(rounds):
            posted.append(await _posts(receiver))
            async with pool.acquire() as connection, connection.transaction():
                marketplace_id = await bootstrap.add_marketplace(connection, new_id(), "Bench", utc_now())
                await connection.execute(HOOK, marketplace_id, receiver)
                await connection.execute(TELL, marketplace_id, COUNT)
            delivered.append(await _deliveries(backend, marketplace_id))
            if await pool.fetchval(DELIVERED, marketplace_id) != COUNT:
                raise RuntimeError("not everything was delivered")
        services.passwords.close()
        await services.outgoing.close()
    return Rates(delivered, posted)


async def _deliveries(backend: Backend, marketplace_id: int) -> float:
    dispatcher = Dispatcher(backend, outgoing_of_deliveries(private=True))
    begun = time.perf_counter()
    await dispatcher.settle(marketplace_id)
    seconds = time.perf_counter() - begun
    dispatcher.stop()
    await dispatcher.run()
    return COUNT / seconds


async def _posts(receiver: str) -> float:
    numbers = iter(range(COUNT))

    async def post(client: httpx.AsyncClient) -> None:
        for number in numbers:
            (await client.post(receiver, content=body_of(number))).raise_for_status()

    async with httpx.AsyncClient(trust_env=False) as client:
        begun = time.perf_counter()
        await asyncio.gather(*(post(client) for _ in range(AT_ONCE)))
        return COUNT / (time.perf_counter() - begun)
