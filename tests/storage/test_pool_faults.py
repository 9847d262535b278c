"""A pool whose database limits, hangs, falls over or takes no writes: what waits is told so, and all is well afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import pytest
from asyncpg.exceptions import OperatorInterventionError, PostgresConnectionError, PostgresError
from tests.directories import server_directory
from tests.stopping import stopped

from entrepot.storage import at_hand
from entrepot.storage import pool as pools
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.pool import Limits, open_pool
from entrepot.storage.reach import DatabaseLostError
from entrepot.storage.ready_pool import ReadyPool

LIMITS = Limits(statement=30, change=300, lock=5, idle=60, silence=60)
HASTY = replace(LIMITS, silence=1)
SHOWN = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit")
HOLD = "SELECT pg_sleep(600) FROM (SELECT $1::int) AS tenant"
LOSSES = (DatabaseLostError, PostgresConnectionError, OperatorInterventionError)
STORM = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'storm' AND random() < 0.3"


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this module's own, which its tests may stop."""
    with server_directory() as directory, EmbeddedPostgres(directory, throwaway=True) as server:
        yield server


@pytest.fixture
async def own(own_postgres: EmbeddedPostgres) -> AsyncIterator[ReadyPool]:
    async with (
        await open_pool(own_postgres.url, min_size=2, max_size=8, limits=LIMITS) as pool,
        pool.reach.watched(),
    ):
        yield pool


@pytest.fixture
async def hasty(own_postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ReadyPool]:
    """One to which a second is long. A loaded machine may be silent for as long: what is well at last is all that counts."""
    monkeypatch.setattr(pools, "_CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(at_hand, "RELEASE_SECONDS", 1.0)
    async with (
        await open_pool(own_postgres.url, min_size=2, max_size=8, limits=HASTY) as pool,
        pool.reach.watched(),
    ):
        yield pool


async def eventually(pool: ReadyPool) -> None:
    """Return when the pool serves both kinds of work."""
    for _ in range(600):
        try:
            async with pool.unit(1) as connection:
                await connection.fetchval("SELECT 1")
            await pool.fetchval("SELECT $1::int", 1)
            await pool.reach.ask(60)
        except (PostgresError, OSError):
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the pool does not recover")


async def test_every_session_has_its_limits(own: ReadyPool) -> None:
    """Security 19: singles, searches and units; and the server looks whether its client is still there."""

    async def shown(database: ReadyPool | asyncpg.Connection) -> list[str]:
        return [await database.fetchval(f"SHOW {name}") for name in SHOWN]

    async with own.unit(1) as connection:
        assert await shown(connection) == ["5min", "5s", "1min", "off"]
        assert await connection.fetchval("SHOW client_connection_check_interval") == "5s"
    assert await shown(own) == ["30s", "5s", "1min", "off"]
    assert [await own.anew.fetchval(f"SHOW {name}") for name in SHOWN] == ["30s", "5s", "1min", "off"]


async def test_commands_have_no_limits(postgres: str) -> None:
    """Migrations, seeds and the like take as long as they take."""
    async with await open_pool(postgres, min_size=1, max_size=2) as pool:
        assert [await pool.fetchval(f"SHOW {name}") for name in SHOWN] == ["0", "0", "0", "off"]


async def test_one_tenant_leaves_places_to_the_others(own: ReadyPool) -> None:
    """Reliability R4, R5: eighty statements, units and searches of one tenant hang; another's go on, and the server is ready."""

    async def hold_unit() -> None:
        async with own.unit(1) as connection:
            await connection.fetchval(HOLD, 1)

    hanging = [asyncio.create_task(hold_unit()) for _ in range(80)]
    hanging += [asyncio.create_task(own.fetchval(HOLD, 1)) for _ in range(80)]
    hanging += [asyncio.create_task(own.anew.fetchval(HOLD, 1)) for _ in range(80)]
    await asyncio.sleep(0.1)
    for number in range(20):
        async with own.unit(2) as connection:
            assert await connection.fetchval("SELECT $1::int", number) == number
        assert await own.fetchval("SELECT $1::int", 2) == 2
        assert await own.anew.fetchval("SELECT $1::int", 2) == 2
    await own.reach.ask(60)
    assert not any(task.done() for task in hanging)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await eventually(own)
    assert own.get_idle_size() == own.get_size()


async def test_a_database_that_hangs_is_noticed(hasty: ReadyPool, own_postgres: EmbeddedPostgres) -> None:
    """Reliability F8: what waits for it is told, and what comes later at once; when it goes on, so does all else."""

    async def unit() -> None:
        async with hasty.unit(2) as connection:
            await connection.fetchval("SELECT 1")

    await eventually(hasty)
    with stopped(own_postgres.pid):
        waiting = [hasty.fetchval("SELECT $1::int", 1), hasty.anew.fetchval("SELECT $1::int", 1), unit()]
        outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 60)
        assert all(isinstance(each, (DatabaseLostError, PostgresError)) for each in outcomes), outcomes
        for _ in range(100):
            with pytest.raises(DatabaseLostError):
                await hasty.fetchval("SELECT $1::int", 1)
            with pytest.raises(DatabaseLostError):
                await unit()
    await eventually(hasty)


async def test_connections_lost_at_any_moment_are_lost_connections(postgres: str) -> None:
    """Reliability F9, R3: at BEGIN, between two statements, at COMMIT, in the middle of one: never an error of another kind."""
    seen: list[BaseException] = []
    done = 0

    async def work(pool: ReadyPool, tenant: int) -> None:
        nonlocal done
        while len(seen) < 200 or done < 50:
            try:
                async with pool.unit(tenant) as connection:
                    await connection.fetchval("SELECT $1::int", 1)
                    await asyncio.sleep(0)
                    await connection.execute("SELECT 2")
                await pool.fetchval("SELECT $1::int", tenant)
                done += 1
            except LOSSES as error:
                seen.append(error)

    admin = await asyncpg.connect(postgres)
    try:
        async with await open_pool(postgres, min_size=2, max_size=8, application="storm") as pool:
            working = asyncio.gather(*(work(pool, number % 4) for number in range(12)))
            while not working.done():
                await admin.execute(STORM)
                await asyncio.sleep(0.001)
            await working
            await eventually(pool)
            assert pool.get_idle_size() == pool.get_size()
    finally:
        await admin.close()


async def test_a_server_that_takes_no_writes_is_none(own: ReadyPool, own_postgres: EmbeddedPostgres) -> None:
    """Reliability F10: after a failover the old server's connections are dropped, and it is not ready."""
    await own.execute("CREATE TABLE IF NOT EXISTS written (number int)")
    admin = await asyncpg.connect(own_postgres.admin_url)
    try:
        await admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await admin.execute("SELECT pg_reload_conf()")
        while await own.fetchval("SHOW default_transaction_read_only") != "on":
            await asyncio.sleep(0.01)
        with pytest.raises(DatabaseLostError):
            async with own.unit(1) as connection:
                await connection.execute("INSERT INTO written VALUES (1)")
        with pytest.raises(DatabaseLostError):
            await own.execute("INSERT INTO written VALUES (1)")
        with pytest.raises(DatabaseLostError):
            await own.reach.ask(60)
        await admin.execute("SET default_transaction_read_only = off")
        await admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await admin.execute("SELECT pg_reload_conf()")
        await eventually(own)
        assert await own.execute("INSERT INTO written VALUES (1)") == "INSERT 0 1"
    finally:
        await admin.close()
