"""Lists and gets of a large catalog read large tables by their indexes alone, as EXPLAIN tells of every statement."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from benchmarks import catalog_marketplace
from benchmarks.catalog_marketplace import ADMIN, CATALOG, CLIENT, PASSWORD, category_id, product_id, username
from tests.api.enqueued import tell_enqueued
from tests.api.marketplace import Server, ShiftedClock, run_server
from tests.plans import nodes_of

from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.features.catalog.shopping.counting import ANSWERED
from entrepot.storage.embedded import database_url_of
from entrepot.storage.pipelining import COMMIT
from entrepot.storage.pool import open_pool
from entrepot.storage.reach import READ_ONLY

SCALE = 0.01
USERS = 1_000
LARGE = {
    "catalog_product_assignments",
    "category_product_assignments",
    "price_schedules",
    "product_assignments",
    "products",
    "user_group_members",
    "user_groups",
    "users",
}
MORE_USERS = """
INSERT INTO users (marketplace_id, "BuyerID", "ID", "Username", "FirstName", "LastName", "Email", "Active")
SELECT marketplace_id, "BuyerID", 'more-' || n, 'more-' || n, 'First', 'Last', 'more@example.com', true
FROM users, generate_series(1, $1) n WHERE "ID" = 'buyer-0000-shopper'
"""
LOG = "catalog_changes"
CHANGES = 2_000
EARLIER_CHANGES = """
INSERT INTO catalog_changes (marketplace_id, epoch, made_at, products, users, buyers, structure)
SELECT marketplace_id, -n, now(), ARRAY[n], '{}', '{}', false
FROM (SELECT DISTINCT marketplace_id FROM products) m, generate_series(1, $1) n
"""
"""As after an hour with many writes."""
OTHERS = 9
"""Marketplaces of the same size beside it: of one's own products a whole list reads all, but not everybody's."""
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = $1 AND table_schema = 'public' AND is_generated = 'NEVER' AND column_name <> 'marketplace_id'
"""
COPY = """
INSERT INTO {table} (marketplace_id, {columns}) OVERRIDING SYSTEM VALUE
SELECT marketplace_id + n, {columns} FROM {table}, generate_series(1, {others}) n
"""
Statement = tuple[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
async def plans_server(
    settings: Settings, postgres: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Server, str]]:
    """A server on a database of its own, with the benchmark's marketplace in small, and its client's ID."""
    admin = await asyncpg.connect(postgres)
    # Tests of a module may be handed from one process to another, and the fixture run twice.
    await admin.execute("DROP DATABASE IF EXISTS plans")
    await admin.execute(f"CREATE DATABASE plans TEMPLATE {template_database} STRATEGY FILE_COPY")
    await admin.close()
    url = database_url_of(postgres, "plans")
    file: Path = tmp_path_factory.mktemp("plans") / "catalog.yml"
    catalog_marketplace.write(file, SCALE)
    own = replace(settings, database_url=url)
    async with await open_pool(url, min_size=1, max_size=4) as pool:
        async with seeder(own, pool) as made, pool.acquire() as connection:
            seeded = await made.seed(connection, file, "plans", "Plans")
            await connection.execute(MORE_USERS, USERS)
            await connection.execute(EARLIER_CHANGES, CHANGES)
            await multiply(connection)
            await connection.execute("VACUUM ANALYZE")
        async with run_server(own, pool, ShiftedClock()) as server:
            yield server, seeded.client_ids[CLIENT]


async def multiply(connection: asyncpg.Connection) -> None:
    """The same rows for other marketplaces, of which nothing else exists."""
    await connection.execute("SET session_replication_role = replica")
    for table in sorted(LARGE):
        columns = await connection.fetchval(COLUMNS, table)
        await connection.execute(COPY.format(table=table, columns=columns, others=OTHERS))
    await connection.execute("RESET session_replication_role")


async def caller(server: Server, client: str, name: str) -> httpx.AsyncClient:
    form = {"grant_type": "password", "client_id": client, "username": name, "password": PASSWORD}
    async with server.client() as http:
        answer = await http.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return server.client(answer.json()["access_token"])


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Statement]]:
    """Every statement of this process with its arguments, but those by which it watches the database, and what ends a unit; one that is
    sent for many rows, for each of them.
    """
    seen: list[Statement] = []
    run: Any = asyncpg.Connection._execute
    run_many: Any = asyncpg.Connection._executemany

    async def record(self: Any, query: str, args: Any, *rest: Any, **options: Any) -> Any:
        if query not in (READ_ONLY, COMMIT):
            seen.append((query, tuple(args)))
        return await run(self, query, args, *rest, **options)

    async def record_many(self: Any, query: str, args: Any, *rest: Any, **options: Any) -> Any:
        seen.extend((query, tuple(each)) for each in args)
        return await run_many(self, query, args, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "_execute", record)
        patch.setattr(asyncpg.Connection, "_executemany", record_many)
        tell_enqueued(patch, seen, lambda query, args: (query, args))
        yield seen


def literal(value: Any) -> str:
    """An argument as text whose type the statement tells."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        quoted = (json.dumps(each) if isinstance(each, str) else str(each) for each in value)
        value = f"{{{','.join(quoted)}}}"
    return "'" + str(value).replace("'", "''") + "'"


async def scanned(connection: asyncpg.Connection, statement: Statement, mode: str) -> set[str]:
    """The large tables that a statement reads from end to end."""
    query, args = statement
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE explained AS {query}")
    arguments = f"({', '.join(map(literal, args))})" if args else ""
    text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE explained {arguments}")
    await connection.execute("DEALLOCATE explained; RESET plan_cache_mode")
    return {
        node["Relation Name"]
        for node in nodes_of(text)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in {*LARGE, LOG}
    }


PRODUCTS = "/v1/me/products"
SHOPPERS = {"of everything": username(0), "of what is assigned": username(1)}
REQUESTS = {
    "a page": PRODUCTS,
    "the third page": f"{PRODUCTS}?page=3",
    "a catalog": f"{PRODUCTS}?catalogID={CATALOG}",
    "a category": f"{PRODUCTS}?categoryID={category_id(5)}",
    "search and facets": f"{PRODUCTS}?search=leather+lantern",
    "search of all words": f"{PRODUCTS}?search=leather+lantern&searchType=AllTermsAnyField&xp.facets.color=red",
}
OF_ADMIN = {
    "a page": "/v1/products",
    "search": "/v1/products?search=leather+lantern",
    "of a category": f"/v1/products?catalogID={CATALOG}&categoryID={category_id(5)}",
}


async def plans(
    server: Server, http: httpx.AsyncClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """The answer, and for each of its statements and ways to plan it the large tables that are read in whole."""
    with recorded(monkeypatch) as statements:
        answer = await http.get(url)
    assert answer.status_code == 200, answer.text
    read = [each for each in statements if re.match(r"\s*(SELECT|WITH)\b", each[0])]
    assert read
    found = {}
    async with server.database.acquire() as connection:
        for place, statement in enumerate(read):
            for mode in ("force_custom_plan", "force_generic_plan"):
                tables = await scanned(connection, statement, mode)
                if tables:
                    found[f"{place} {mode} {statement[0]}"] = tables
    body: dict[str, Any] = answer.json()
    return body, found


@pytest.mark.parametrize("shopper", SHOPPERS.values(), ids=SHOPPERS.keys())
async def test_no_page_of_a_shopper_scans_a_large_table(
    plans_server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch, shopper: str
) -> None:
    """Neither the first time, when shopper and totals are counted, nor the second, when they are remembered."""
    server, client = plans_server
    async with await caller(server, client, shopper) as http:
        for name, url in REQUESTS.items():
            for _ in range(2):
                body, found = await plans(server, http, url, monkeypatch)
                assert found == {}, (name, found)
            if name == "search and facets":
                assert len(body["Meta"]["Facets"]) == 3
        visible = (await http.get(PRODUCTS)).json()["Items"][0]
        assert visible["PriceSchedule"] is not None
        body, found = await plans(server, http, f"{PRODUCTS}/{visible['ID']}", monkeypatch)
        assert found == {}


async def test_no_list_of_products_scans_a_large_table(
    plans_server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = plans_server
    async with await caller(server, client, ADMIN) as http:
        for name, url in OF_ADMIN.items():
            body, found = await plans(server, http, url, monkeypatch)
            assert body["Meta"]["TotalCount"] > 0, name
            assert found == {}, (name, found)
        assert (await http.get(f"/v1/products/{product_id(7)}")).status_code == 200


async def test_neither_the_index_nor_its_pages_scan_a_large_table(
    plans_server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the index of products is built, and when lists are answered from it (ADR 0020)."""
    server, client = plans_server
    indexing = replace(server.settings, product_index_from=0)
    by_index = ANSWERED.labels("index")._value
    async with (
        run_server(indexing, server.database, ShiftedClock()) as indexed,
        await caller(indexed, client, username(0)) as http,
    ):
        with recorded(monkeypatch) as statements:
            before = by_index.get()
            while by_index.get() == before:
                assert (await http.get(PRODUCTS)).status_code == 200
        async with server.database.acquire() as connection:
            for statement in dict(statements).items():
                if re.match(r"\s*(SELECT|WITH)\b", statement[0]):
                    assert not await scanned(connection, statement, "force_generic_plan"), statement
        for name, url in REQUESTS.items():
            for _ in range(2):
                body, found = await plans(indexed, http, url, monkeypatch)
                assert found == {}, (name, found)
                assert body["Meta"]["TotalCount"] > 0, name
        assert by_index.get() >= before + len(REQUESTS)
