"""One marketplace's use of the database keeps no other waiting (reliability R4, R5, F1; security 19)."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.api.marketplace import Api, Server, codes, run_server

import entrepot

SOURCE = Path(entrepot.__file__).parent
CALLS = 80
LOCKED = 'SELECT 1 FROM buyers WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE'
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%buyers%'"


@pytest.fixture
async def strict(server: Server) -> AsyncIterator[Server]:
    """A server that waits for a lock no longer than a second."""
    settings = replace(server.settings, lock_timeout=1)
    async with run_server(settings, server.database, server.clock) as running:
        yield running


async def test_calls_that_wait_for_one_row_keep_no_other_marketplace_waiting(strict: Server) -> None:
    """Always eighty changes of a locked row: the marketplace itself hears of the conflict or that it is busy; another one's
    changes, made meanwhile, are all done while the row is still locked, and the server is ready.
    """
    async with Api.create(strict) as one, Api.create(strict) as another:
        buyer = await one.buyer()
        seller, other = one.seller, another.seller
        async with strict.database.acquire() as holder, holder.transaction():
            await holder.execute(LOCKED, one.marketplace_id, buyer)
            released = asyncio.Event()
            answers: list[httpx.Response] = []

            async def change_again_and_again() -> None:
                while not released.is_set():
                    answers.append(await seller.patch(f"/v1/buyers/{buyer}", json={"Name": "N"}))

            waiting = [asyncio.create_task(change_again_and_again()) for _ in range(CALLS)]
            while not await strict.database.fetchval(WAITING):
                await asyncio.sleep(0.01)
            for number in range(30):
                made = await other.post("/v1/buyers", json={"Name": f"B{number}", "Active": True})
                assert made.status_code == 201, made.text
                assert (await other.get("/v1/me")).status_code == 200
            assert (await one.http.get("/readyz")).status_code == 200
            assert (await seller.get(f"/v1/buyers/{buyer}")).status_code == 200, (
                "reads need no turn of a change"
            )
            while not any(answer.status_code == 409 for answer in answers):
                await asyncio.sleep(0.01)
            released.set()
        await asyncio.gather(*waiting)
        refused = Counter((each.status_code, *codes(each)) for each in answers if each.status_code != 200)
        assert set(refused) <= {(409, "Conflict"), (503, "Api.Offline")}, refused
        assert refused[409, "Conflict"]
        assert {answer.headers.get("Retry-After") for answer in answers if answer.status_code == 503} <= {"1"}
        assert (await seller.patch(f"/v1/buyers/{buyer}", json={"Name": "N"})).status_code == 200


async def test_slow_searches_keep_no_other_marketplace_waiting(server: Server) -> None:
    """Every search of one marketplace waits for a table; so do those of others that come to it, but their other reads go on."""
    async with Api.create(server) as one, Api.create(server) as another:
        seller, other = one.seller, another.seller
        async with server.database.acquire() as holder, holder.transaction():
            await holder.execute("LOCK TABLE cost_centers IN ACCESS EXCLUSIVE MODE")
            buyer = await one.buyer()
            slow = [
                asyncio.create_task(
                    seller.get(f"/v1/buyers/{buyer}/costcenters", params={"search": f"a{number}"})
                )
                for number in range(40)
            ]
            await asyncio.sleep(0.1)
            await another.buyer("B")
            for _ in range(20):
                listed = await other.get("/v1/buyers", params={"search": "b"})
                assert (listed.status_code, listed.json()["Meta"]["TotalCount"]) == (200, 1)
            assert not any(task.done() for task in slow)
        answers = await asyncio.gather(*slow)
        assert {answer.status_code for answer in answers} <= {200, 409, 503}


async def test_a_login_waits_for_no_other_marketplace(server: Server) -> None:
    """Logins open units of their own: those of a marketplace whose user is locked leave places to the others."""
    async with Api.create(server) as one, Api.create(server) as another:
        held, free = await one.shopper(), await another.shopper()
        lock = "SELECT 1 FROM users WHERE marketplace_id = $1 AND key = $2 FOR UPDATE"
        async with server.database.acquire() as holder, holder.transaction():
            await holder.execute(lock, one.marketplace_id, held.key)
            waiting = [asyncio.create_task(one.login(held)) for _ in range(12)]
            await asyncio.sleep(0.3)
            assert (await another.login(free)).status_code == 200
            assert not all(task.done() for task in waiting)
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} <= {200, 409, 503}


def test_units_of_the_server_have_their_turn() -> None:
    """Nothing that serves requests takes a connection past the turns, where it would be in nobody's share."""
    served = [
        path for layer in ("engine", "features", "http", "worker") for path in (SOURCE / layer).rglob("*.py")
    ]
    assert len(served) > 100
    assert [str(path) for path in served if re.search(r"pool\.acquire\(", path.read_text())] == []
