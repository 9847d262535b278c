"""A database of its own in which tables are large, and what its plans read from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import asyncpg
from tests.api.marketplace import Api, Server, ShiftedClock, run_server
from tests.api.test_catalog_plans import Statement, literal
from tests.plans import nodes_of

from entrepot.app.settings import Settings
from entrepot.storage.embedded import database_url_of
from entrepot.storage.pool import open_pool


@asynccontextmanager
async def large_world(
    settings: Settings, postgres: str, template: str, name: str, rows: Sequence[str], at: datetime
) -> AsyncIterator[tuple[Server, Api]]:
    """A marketplace in a database `name`. `rows`: statements that fill tables, given a moment and the marketplace's key; they may
    name marketplaces that are not there.
    """
    admin = await asyncpg.connect(postgres)
    await admin.execute(f"DROP DATABASE IF EXISTS {name}")
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    await admin.close()
    url = database_url_of(postgres, name)
    async with (
        await open_pool(url, min_size=1, max_size=4) as pool,
        run_server(replace(settings, database_url=url), pool, ShiftedClock()) as server,
        Api.create(server) as api,
    ):
        async with pool.acquire() as connection:
            await connection.execute("SET session_replication_role = replica")
            for statement in rows:
                await connection.execute(statement, at, api.marketplace_id)
            await connection.execute("RESET session_replication_role")
            await connection.execute("VACUUM ANALYZE")
        yield server, api


async def check_plans(
    connection: asyncpg.Connection, statements: Iterable[Statement], tables: set[str]
) -> None:
    """EXPLAIN of each, planned by its arguments and for any: none reads one of the tables from end to end."""
    for query, args in statements:
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"SET plan_cache_mode = {mode}")
            await connection.execute(f"PREPARE explained AS {query}")
            given = f"({', '.join(map(literal, args))})" if args else ""
            text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE explained {given}")
            await connection.execute("DEALLOCATE explained; RESET plan_cache_mode")
            for node in nodes_of(text):
                read = node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables
                assert not read, (mode, query)
