"""Transactions whose statements leave together: what is sent when, what comes to stand, and who is told of what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import asyncpg
import pytest

from entrepot.storage.corking import CorkedTransport
from entrepot.storage.pipelining import PipelinedTransaction, UnattributedError
from entrepot.storage.pool import open_pool
from entrepot.storage.ready_pool import ReadyPool

WRITE = "INSERT INTO kept (id, content) VALUES ($1, $2)"
IDS = "SELECT array_agg(id ORDER BY id) FROM kept WHERE $1"
COLUMNS = "number bigint, name citext, text text, data jsonb, raw json, price numeric, at timestamptz, flag boolean, names citext[], keys bigint[]"


class Colour(StrEnum):
    RED = "Red"


class Named(str, Enum):  # noqa: UP042 (whose str() is not its value)
    FIRST = "first"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[ReadyPool]:
    async with await open_pool(database_url, min_size=1, max_size=4) as pool:
        await pool.execute("CREATE TABLE kept (id int PRIMARY KEY, content text)")
        await pool.execute(f"CREATE TABLE typed (id int PRIMARY KEY, {COLUMNS})")
        # A statement is enqueued where its connection has prepared it.
        async with pool.pipelined(1) as unit:
            await unit.execute(WRITE, 0, "first")
            await unit.fetch(IDS, True)
            unit.enqueue(WRITE, (-1, "second"))
        async with pool.pipelined(1) as unit:
            await unit.execute("DELETE FROM kept")
        yield pool


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages each packet had that left: BEGIN counts as one, as does a statement with its arguments."""
    sent: list[int] = []
    write = CorkedTransport.write

    def noted(self: CorkedTransport, data: Any) -> None:
        sent.append((self.ahead + bytes(data)).count(b"E\0\0\0\x09\0"))
        write(self, data)

    monkeypatch.setattr(CorkedTransport, "write", noted)
    return sent


async def ids(pool: ReadyPool) -> list[int]:
    return [row["id"] for row in await pool.fetch("SELECT id FROM kept ORDER BY id")]


async def test_what_nobody_waits_for_leaves_with_the_next_statement(
    pool: ReadyPool, packets: list[int]
) -> None:
    async with pool.pipelined(1) as unit:
        assert unit.enqueue(WRITE, (1, "a"))
        assert unit.enqueue(WRITE, (2, None))
        assert packets == [], "nothing has left"
        assert await unit.fetchval(IDS, True) == [1, 2], "a statement sees what was enqueued before it"
        assert packets == [4], "with BEGIN"
        assert unit.enqueue(WRITE, (3, "c"))
    assert packets == [4, 2], "the last with COMMIT"
    assert await ids(pool) == [1, 2, 3]


async def test_what_needs_no_statement_needs_no_transaction(pool: ReadyPool, packets: list[int]) -> None:
    async with pool.pipelined(1):
        pass

    async def refused() -> None:
        async with pool.pipelined(1) as unit:
            unit.enqueue(WRITE, (1, "a"))
            raise KeyError

    with pytest.raises(KeyError):
        await refused()
    assert packets == []
    assert await ids(pool) == []


@pytest.mark.parametrize(
    "row",
    [
        (2**62, "Ab", "a'b\\c\"{},é\n\t ", '{"a": "\\"}"}', '{"b":  1.50}', Decimal("1.500"), None, True, [], [1, -2]),
        (-1, Colour.RED, "", "[]", "null", Decimal("1E+3"), None, False, ["", "NULL", None, 'a"b\\c,{d} '], None),
        (0, None, "NULL", None, None, Decimal("-0.10"), None, None, (Colour.RED, "x"), [None]),
        *((1, "a", "a", "1", "1", None, moment, None, None, None)
          for moment in (datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), datetime(2, 1, 1, tzinfo=UTC))),
    ],
)  # fmt: skip
async def test_values_are_what_the_driver_makes_of_them(pool: ReadyPool, row: tuple[object, ...]) -> None:
    insert = f"INSERT INTO typed VALUES ({', '.join(f'${i}' for i in range(1, len(row) + 2))})"
    async with pool.pipelined(1) as unit:
        assert not unit.enqueue(insert, (1, *row)), "the connection has not prepared it"
        await unit.execute(insert, 1, *row)
        assert unit.enqueue(insert, (2, *row))
    by_driver, by_text = await pool.fetch("SELECT * FROM typed ORDER BY id")
    assert tuple(by_text)[1:] == tuple(by_driver)[1:]
    assert str(by_text["price"]) == str(by_driver["price"])


@pytest.mark.parametrize("value", [1.5, b"a", datetime(2026, 1, 2), {"a": 1}, [["a"]], "\ud800"])  # noqa: DTZ001 (no zone)
async def test_a_value_whose_text_nobody_knows_is_the_drivers(pool: ReadyPool, value: object) -> None:
    async def write() -> None:
        async with pool.pipelined(1) as unit:
            assert not unit.enqueue(WRITE, (1, value))
            await unit.execute(WRITE, 1, value)

    with pytest.raises(asyncpg.DataError, match="invalid input for query argument"):
        await write()
    assert await ids(pool) == []


@pytest.mark.parametrize("year", [1, 9999])
async def test_the_ends_of_time_are_the_drivers(pool: ReadyPool, year: int) -> None:
    """To which they are infinity."""
    insert = "INSERT INTO typed (id, at) VALUES ($1, $2)"
    async with pool.pipelined(1) as unit:
        await unit.execute(insert, 1, None)
        assert not unit.enqueue(insert, (2, datetime(year, 1, 1, tzinfo=UTC)))


async def test_a_statement_without_arguments_is_not_enqueued(pool: ReadyPool) -> None:
    """It would leave by the simple protocol, in which no Sync ends what has failed before it."""
    statement = "DELETE FROM kept WHERE id < 0"
    async with pool.pipelined(1) as unit:
        await unit.fetch(statement)
        assert not unit.enqueue(statement, ())


async def test_a_statement_that_returns_rows_is_not_enqueued(pool: ReadyPool) -> None:
    returning = f"{WRITE} RETURNING id"
    async with pool.pipelined(1) as unit:
        assert await unit.fetchval(returning, 1, "a") == 1
        assert not unit.enqueue(returning, (2, "b"))


async def _with_a_read(unit: PipelinedTransaction) -> None:
    await unit.fetchval(IDS, True)


async def _with_what_is_prepared_first(unit: PipelinedTransaction) -> None:
    await unit.fetchval("SELECT count(*) + $1 FROM kept", 1)


async def _by_itself(unit: PipelinedTransaction) -> None:
    await unit.flush()


async def _before_several(unit: PipelinedTransaction) -> None:
    await unit.execute("SELECT 1; SELECT 2")


async def _before_a_part(unit: PipelinedTransaction) -> None:
    async with unit.transaction():
        pytest.fail("It has begun.")


async def _with_the_commit(_: PipelinedTransaction) -> None:
    pass


@pytest.mark.parametrize("wanted", [(7, 1, 2), (1, 7, 2), (1, 2, 7), (7,)])
@pytest.mark.parametrize(
    "next_one",
    [
        _with_a_read,
        _with_what_is_prepared_first,
        _by_itself,
        _before_several,
        _before_a_part,
        _with_the_commit,
    ],
)
async def test_nobody_knows_which_of_them_failed_and_none_stands(
    pool: ReadyPool, wanted: tuple[int, ...], next_one: Callable[[PipelinedTransaction], Awaitable[None]]
) -> None:
    await pool.execute(WRITE, 7, "there")

    async def work() -> None:
        async with pool.pipelined(1) as unit:
            for number in wanted:
                assert unit.enqueue(WRITE, (number, "a"))
            await next_one(unit)

    with pytest.raises(UnattributedError) as told:
        await work()
    assert isinstance(told.value.error, asyncpg.UniqueViolationError)
    assert await ids(pool) == [7]
    async with pool.pipelined(1) as unit:
        await unit.execute(WRITE, 8, "the connection is as good as before")
    assert await ids(pool) == [7, 8]


async def test_a_statement_behind_begin_alone_failed_itself(pool: ReadyPool) -> None:
    await pool.execute(WRITE, 7, "there")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with pool.pipelined(1) as unit:
            await unit.execute(WRITE, 7, "a")


async def test_a_unit_that_failed_is_not_taken_for_committed(pool: ReadyPool) -> None:
    """The database answers COMMIT of one with ROLLBACK, and no error."""
    await pool.execute(WRITE, 7, "there")

    async def work() -> None:
        async with pool.pipelined(1) as unit:
            await unit.execute(WRITE, 8, "lost")
            with suppress(asyncpg.UniqueViolationError):
                await unit.execute(WRITE, 7, "again")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await work()
    assert await ids(pool) == [7]


async def test_a_text_is_what_it_holds_whatever_it_says_of_itself(pool: ReadyPool) -> None:
    async with pool.pipelined(1) as unit:
        await unit.execute(WRITE, 1, Named.FIRST)
        assert unit.enqueue(WRITE, (2, Named.FIRST))
        assert not unit.enqueue(WRITE, (10**5000, "a"))
    assert [row["content"] for row in await pool.fetch("SELECT content FROM kept")] == ["first", "first"]


async def test_a_row_that_is_locked_is_nobodys_in_particular(pool: ReadyPool) -> None:
    """Whoever meets it runs the same again: it needs no other way."""
    update = "UPDATE kept SET content = $2 WHERE id = $1"
    await pool.execute(WRITE, 7, "there")
    async with pool.pipelined(1) as unit:
        await unit.execute(update, 7, "here")

    async def meet() -> None:
        async with pool.pipelined(1) as unit:
            await unit.execute(WRITE, 9, "prepared")
            await unit.execute("SET LOCAL lock_timeout = 10")
            assert unit.enqueue(WRITE, (8, "a"))
            await unit.execute(update, 7, "b")

    async with pool.pipelined(2) as holder:
        await holder.execute(update, 7, "held")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await meet()
    assert await ids(pool) == [7]


async def test_an_argument_that_cannot_be_sent_leaves_what_waits_where_it_is(
    pool: ReadyPool, packets: list[int]
) -> None:
    async with pool.pipelined(1) as unit:
        assert unit.enqueue(WRITE, (1, "a"))
        with pytest.raises(asyncpg.DataError):
            await unit.execute(WRITE, 2**40, "b")
        assert packets == []
    assert packets == [3]
    assert await ids(pool) == [1]


async def test_a_cancelled_unit_is_undone(pool: ReadyPool) -> None:
    async def work() -> None:
        async with pool.pipelined(1) as unit:
            unit.enqueue(WRITE, (1, "a"))
            await unit.fetchval("SELECT pg_sleep($1)", 60.0)

    task = asyncio.create_task(work())
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep($1)' AND state = 'active'"
    while not await pool.fetchval(waiting):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ids(pool) == []
    async with pool.pipelined(1) as unit:
        assert await unit.fetchval(IDS, True) is None


async def test_a_part_is_undone_alone(pool: ReadyPool) -> None:

    async def undone(unit: PipelinedTransaction, number: int, *, sent: bool) -> None:
        async with unit.transaction():
            assert unit.enqueue(WRITE, (number, "within"))
            if sent:
                await unit.flush()
            raise KeyError

    async with pool.pipelined(1) as unit:
        assert unit.enqueue(WRITE, (1, "before"))
        for number, sent in ((2, False), (3, True)):
            with pytest.raises(KeyError):
                await undone(unit, number, sent=sent)
        async with unit.transaction():
            assert unit.enqueue(WRITE, (4, "within"))
        assert unit.enqueue(WRITE, (5, "after"))
    assert await ids(pool) == [1, 4, 5]


async def test_many_of_one_statement_come_after_what_waits(pool: ReadyPool) -> None:
    async with pool.pipelined(1) as unit:
        assert unit.enqueue(WRITE, (1, "a"))
        await unit.executemany(WRITE, [(2, "b"), (3, "c")])
        rows = await unit.fetchmany("DELETE FROM kept WHERE id = $1 RETURNING id", [(1,), (3,)])
        assert [row["id"] for row in rows] == [1, 3]
    assert await ids(pool) == [2]


async def test_units_keep_their_connections_at_hand(database_url: str) -> None:
    """All but those that whoever acquires one himself shall find."""
    async with await open_pool(database_url, min_size=1, max_size=12) as large:

        async def unit() -> int:
            async with large.pipelined(1) as unit:
                pid: int = await unit.fetchval("SELECT pg_backend_pid() FROM pg_sleep($1)", 0.01)
                return pid

        pids = set(await asyncio.gather(*(unit() for _ in range(20))))
        assert large.get_idle_size() == large.get_size()
        async with large.acquire() as one, large.acquire() as two:
            assert one.get_server_pid() != two.get_server_pid()
        assert set(await asyncio.gather(*(unit() for _ in range(4)))) <= pids


async def test_other_units_run_on_what_is_at_hand(database_url: str) -> None:
    """They take turns for as many places as there are connections: a few long ones of one marketplace keep nobody waiting."""
    async with await open_pool(database_url, min_size=1, max_size=12) as large, AsyncExitStack() as stack:
        units = [await stack.enter_async_context(large.pipelined(1)) for _ in range(4)]
        for unit in units:
            await unit.fetchval("SELECT $1::int", 1)
        await stack.aclose()
        kept = large.get_size()
        async with asyncio.timeout(10):
            for tenant, open_one in ((1, large.moment), (1, large.unit), (2, large.unit), (3, large.moment)):
                connection = await stack.enter_async_context(open_one(tenant))
                assert await connection.fetchval("SELECT pg_backend_pid() + $1", 0)
        assert large.get_size() == kept, "none had to be opened"


async def test_a_connection_that_was_lost_at_hand_is_replaced(database_url: str) -> None:
    async with await open_pool(database_url, min_size=1, max_size=12) as large:
        async with large.pipelined(1) as unit:
            pid = await unit.fetchval("SELECT pg_backend_pid() + $1", 0)
        await large.execute("SELECT pg_terminate_backend($1)", pid)
        while await large.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        async with large.pipelined(1) as unit:
            assert await unit.fetchval("SELECT pg_backend_pid() + $1", 0) != pid
