"""Connections at hand: single statements share few of them, and none is lost, whatever happens to its statement."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from entrepot.storage.pool import open_pool
from entrepot.storage.reach import DatabaseLostError

MINE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ready'"
PID = "SELECT pg_backend_pid()"
OWN_PID = "SELECT pg_backend_pid() FROM (SELECT $1::int) AS tenant"
LEFT = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1::int[])"


@pytest.fixture
async def ready(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url, min_size=1, max_size=4, application="ready") as pool:
        yield pool


async def test_many_statements_share_the_connections_at_hand(ready: asyncpg.Pool) -> None:
    answers = await asyncio.gather(*(ready.fetchval("SELECT $1::int", number) for number in range(50)))
    assert answers == list(range(50))
    pids = await asyncio.gather(*(ready.fetchval(OWN_PID, number % 2) for number in range(20)))
    assert len(set(pids)) == 2
    assert await ready.fetchval(MINE) == 3, "these two, and one for units"
    # The other half is there for units, while single statements go on.
    async with ready.acquire() as first, ready.acquire() as second:
        apart = {first.get_server_pid(), second.get_server_pid(), await ready.fetchval(PID)}
    assert len(apart) == 3


async def test_every_way_to_run_a_statement(ready: asyncpg.Pool) -> None:
    assert await ready.execute("CREATE TEMP TABLE here (number int)") == "CREATE TABLE"
    assert await ready.execute("INSERT INTO here VALUES ($1), ($2)", 1, 2) == "INSERT 0 2"
    assert [tuple(row) for row in await ready.fetch("SELECT number FROM here ORDER BY 1")] == [(1,), (2,)]
    row = await ready.fetchrow("SELECT max(number) AS most FROM here")
    assert row is not None
    assert row["most"] == 2
    assert await ready.fetchval("SELECT 1, 2", column=1) == 2


async def test_a_failed_statement_takes_no_connection_along(ready: asyncpg.Pool) -> None:
    for _ in range(10):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await ready.fetchval("SELECT 1 / 0")
    assert await asyncio.gather(*(ready.fetchval("SELECT 1") for _ in range(10))) == [1] * 10
    assert ready.get_idle_size() == ready.get_size()


async def test_cancelled_statements_leave_the_line_and_their_connections(ready: asyncpg.Pool) -> None:
    running = [asyncio.create_task(ready.fetchval("SELECT pg_sleep(60)")) for _ in range(2)]
    waiting = [asyncio.create_task(ready.fetchval("SELECT 1")) for _ in range(3)]
    await asyncio.sleep(0.1)
    for task in (waiting[0], *running):
        task.cancel()
    done = await asyncio.gather(*running, *waiting, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in done] == [True, True, True, False, False]
    assert done[3:] == [1, 1]


async def test_a_connection_that_the_server_closed_is_replaced(ready: asyncpg.Pool) -> None:
    pids = set(await asyncio.gather(*(ready.fetchval(PID) for _ in range(10))))
    async with ready.acquire() as connection:
        before = ready.get_size()
        await connection.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", list(pids))
        while await connection.fetchval(LEFT, list(pids)):
            await asyncio.sleep(0.01)
        while ready.get_size() > before - len(pids):  # until the end of the connections has been read
            await asyncio.sleep(0.01)
    assert pids.isdisjoint(await asyncio.gather(*(ready.fetchval(PID) for _ in range(10))))


async def test_closing_waits_for_statements_and_refuses_new_ones(database_url: str) -> None:
    pool = await open_pool(database_url, min_size=1, max_size=4)
    last = asyncio.create_task(pool.fetchval("SELECT 7 FROM pg_sleep(0.2)"))
    while pool.get_idle_size() == pool.get_size():
        await asyncio.sleep(0.01)
    await asyncio.wait_for(pool.close(), 60)
    assert await last == 7
    with pytest.raises(DatabaseLostError):
        await pool.fetchval("SELECT 1")


async def test_a_pool_too_small_for_both_keeps_nothing_at_hand(database_url: str) -> None:
    async with await open_pool(database_url, min_size=1, max_size=2) as pool:
        assert await asyncio.gather(*(pool.fetchval("SELECT 1") for _ in range(5))) == [1] * 5
        async with pool.acquire(timeout=60), pool.acquire(timeout=60):
            pass
