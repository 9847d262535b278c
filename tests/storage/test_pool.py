"""The pool: values as text where they should be, no questions to the catalog, no state handed on."""

import asyncio
from decimal import Decimal

import asyncpg
import pytest

from entrepot.storage.pool import open_pool

ROW = """SELECT 'Ab'::citext AS id, ARRAY['Ab']::citext[] AS ids, '{"a": 1.50}'::jsonb AS xp, '{"b": 2}'::json AS raw,
    9007199254740993::bigint AS key, 1.50::numeric AS price"""


async def test_values_on_the_way_in_and_out(pool: asyncpg.Pool) -> None:
    assert dict(await pool.fetchrow(ROW)) == {
        "id": "Ab",
        "ids": ["Ab"],
        "xp": '{"a": 1.50}',
        "raw": '{"b": 2}',
        "key": 9007199254740993,
        "price": Decimal("1.50"),
    }
    assert await pool.fetchval("SELECT 'Ab' = ANY($1::citext[])", ["AB"]) is True
    assert await pool.fetchval("SELECT 'Ab' = $1::citext", "aB") is True
    assert await pool.fetchval("SELECT $1::jsonb ->> 'a'", '{"a": "x"}') == "x"


async def test_a_request_costs_one_statement(pool: asyncpg.Pool) -> None:
    seen: list[str] = []
    async with pool.acquire() as connection:
        with connection.query_logger(lambda record: seen.append(record.query)):
            await connection.fetchval("SELECT 'Ab' = ANY($1::citext[]) AND 'Ab' = $2::citext", ["AB"], "ab")
    assert seen == ["SELECT 'Ab' = ANY($1::citext[]) AND 'Ab' = $2::citext"]


async def test_connections_come_back_without_a_reset(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("SET work_mem = '7MB'")
        mark = connection.get_server_pid()
    async with pool.acquire() as connection:
        assert (connection.get_server_pid(), await connection.fetchval("SHOW work_mem")) == (mark, "7MB")


async def test_cancelled_transaction_is_not_handed_on(pool: asyncpg.Pool) -> None:
    async def write() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("CREATE TABLE half_done (number int)")
            await connection.fetchval("SELECT pg_sleep(60)")

    task = asyncio.create_task(write())
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active'"
    while not await pool.fetchval(waiting):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.fetchval("SELECT to_regclass('half_done')") is None


async def test_opens_before_the_first_migration(postgres: str) -> None:
    async with await open_pool(postgres, min_size=1, max_size=1, application="entrepot test") as pool:
        assert await pool.fetchval("SHOW application_name") == "entrepot test"
