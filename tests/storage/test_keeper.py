"""A database that cannot be started again is given up after a while, in one line (reliability F2)."""

from __future__ import annotations

import os
import signal
import time

import asyncpg
import pytest
from tests.directories import server_directory

from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.keeper import MOST_FAILURES, Keeper
from entrepot.storage.programs import PostgresUnavailableError


def settle(server: EmbeddedPostgres) -> None:
    """Wait until it runs or has ended."""
    while server.exit_code is None and not server.is_ready:
        time.sleep(0.01)


def kill(server: EmbeddedPostgres) -> None:
    os.kill(server.pid, signal.SIGKILL)
    while server.exit_code is None:
        time.sleep(0.01)


async def test_it_is_started_again_and_given_up_at_last() -> None:
    now = 0.0
    with server_directory() as directory, EmbeddedPostgres(directory, throwaway=True) as server:
        keeper = Keeper(server, clock=lambda: now)
        keeper.look()
        kill(server)
        # The former server's processes may hold its memory for moments: then the next one ends too, and is started again.
        while not server.is_ready:
            keeper.look()
            now += 1
            settle(server)
        keeper.look()
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        now += 1000
        keeper.look()  # steady: what was is forgotten
        control = directory / "postgres" / "global" / "pg_control"
        control.rename(control.with_name("away"))
        kill(server)
        starts = {server.pid}
        for _ in range(MOST_FAILURES):
            keeper.look()
            now += 60
            keeper.look()
            starts.add(server.pid)
            settle(server)
            assert not server.is_ready
        with pytest.raises(PostgresUnavailableError, match=r"13 times in a row; see .*postgres\.log"):
            keeper.look()
        assert len(starts) == MOST_FAILURES + 1
        control.with_name("away").rename(control)
