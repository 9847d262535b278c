"""Deliveries in trouble: a dispatcher goes on whatever fails, and nobody's many deliveries leave no room for others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.api.dispatching import Post, opened, posting
from tests.api.marketplace import Api
from tests.api.receiver import Receiver

from entrepot.features.people.deliveries import dispatching, rounds
from entrepot.features.people.deliveries.claiming import Claim, claim
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.people.deliveries.waking import Waking
from entrepot.kernel.errors import BusyError
from entrepot.worker.dispatcher import outgoing_of_deliveries


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


class Reluctant:
    """A pool that refuses some statements before it serves."""

    def __init__(self, pool: Any, *refusals: Exception) -> None:
        self._pool = pool
        self._refusals = list(refusals)
        self.served = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    async def fetch(self, *args: Any) -> Any:
        if self._refusals:
            raise self._refusals.pop()
        self.served.set()
        return await self._pool.fetch(*args)


async def test_a_dispatcher_goes_on_after_looks_that_fail(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is busy, a database that is away, what nobody foresaw: it looks again."""
    monkeypatch.setattr(dispatching, "LOOK", 0.01)
    async with opened(api) as backend:
        pool = Reluctant(backend.pool, BusyError(), OSError("away"), RuntimeError("unforeseen"))
        dispatcher = Dispatcher(
            replace(backend, pool=pool),  # type: ignore[arg-type] # what it needs of one
            outgoing_of_deliveries(private=True),
        )
        running = asyncio.create_task(dispatcher.run())
        try:
            await asyncio.wait_for(pool.served.wait(), 30)
            assert not running.done()
        finally:
            dispatcher.stop()
            await running


async def test_of_whom_least_is_held_comes_first(api: Api, post: Post) -> None:
    """Two endpoints with much to do leave room for a third one."""
    for hook in ("a", "b", "c"):
        await post.hook(hook, "https://there.example/")
        await post.tell(f"order/{hook}", hook=hook, times=20)
    await Expander(post.backend).expand(api.marketplace_id)
    endpoints = {hook: f"webhook/{hook}/url" for hook in ("a", "b", "c")}
    now = api.server.clock()
    for least in endpoints:
        held = {endpoint: 0 if hook == least else 90 for hook, endpoint in endpoints.items()}
        wanted = Claim(now, least, dict.fromkeys(endpoints.values(), 10), held, 10, 5)
        rows = await claim(post.backend.pool, api.marketplace_id, wanted)
        assert [row["integration_id"] for row in rows] == [least] * 5
    # With nothing held each has its room, and in all there are no more than are wanted.
    rows = await claim(post.backend.pool, api.marketplace_id, Claim(now, "all", {}, {}, 4, 10))
    assert len(rows) == 10
    assert max([row["integration_id"] for row in rows].count(hook) for hook in endpoints) <= 4


async def test_others_are_called_once_in_a_while(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has all that it takes says so, but not each time that its own call wakes it."""
    monkeypatch.setattr(dispatching, "CALL_AGAIN", 3600.0)
    monkeypatch.setattr(rounds, "MOST_CLAIMED", 0)
    told: list[int] = []
    monkeypatch.setattr(Waking, "notify", lambda _, marketplace_id: told.append(marketplace_id))
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a")
    told.clear()
    for _ in range(5):
        await post.settle()
    assert told == [api.marketplace_id]


async def test_what_cannot_be_opened_fails_and_stops_nobody(api: Api, post: Post, receiver: Receiver) -> None:
    """Confidential facts that were sealed with another key: a failed delivery says so, and what follows goes on."""
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a", confidential={"code": "c"})
    await api.execute("UPDATE outbox_events SET confidential = $2 WHERE marketplace_id = $1", b"x" * 60)
    await post.tell("order/1", hook="a", last=True)
    await post.settle()
    failed, delivered = await post.rows()
    assert (failed["status"], delivered["status"]) == ("Failed", "Delivered")
    assert failed["confidential"] == b"x" * 60
    assert [each.body["last"] for each in receiver.received] == [True]
