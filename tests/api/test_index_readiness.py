"""The index of products through a server as it is run: there soon after a seed, whoever asks meanwhile, and still there after a great
many writes (ADR 0020).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks import catalog_marketplace
from benchmarks.catalog_marketplace import ADMIN, CLIENT, product_id, username
from tests.api.marketplace import Server, ShiftedClock, run_server
from tests.api.test_catalog_plans import Statement, caller, recorded

from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.engine import catalog_log
from entrepot.engine.sql import numbered
from entrepot.features.catalog.product_index import building, following, indexes, live
from entrepot.features.catalog.shopping import products
from entrepot.features.catalog.shopping.counting import ANSWERED
from entrepot.kernel.ids import new_id
from entrepot.storage.pool import open_pool
from entrepot.storage.ready_pool import ReadyPool

LIST = "/v1/me/products"
SCALE = 0.003
PRODUCTS = 300
SLICES = PRODUCTS // building.SLICE
FOLLOWING = {numbered(each)[0] for each in (following.FOLLOW, following._NAMED)}
MANY = catalog_log.MOST_ROWS + 50
AT_ONCE = 10


@dataclass
class Seeded:
    """A seeded marketplace on a server that has been asked for nothing yet. built: how many indexes it has built."""

    server: Server
    client: str
    built: list[int]

    async def caller(self, name: str) -> httpx.AsyncClient:
        return await caller(self.server, self.client, name)

    async def until_indexed(self, http: httpx.AsyncClient) -> None:
        by_index = answered("index")
        while not by_index():
            assert (await http.get(LIST)).status_code == 200


def answered(by: str) -> Callable[[], float]:
    """How many lists have been answered since by the index, by the database, from memory."""
    value = ANSWERED.labels(by)._value
    before: float = value.get()
    return lambda: value.get() - before


@pytest.fixture
async def seeded(
    settings: Settings, database: ReadyPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Seeded]:
    file = tmp_path / "catalog.yml"
    catalog_marketplace.write(file, SCALE)
    assert settings.database_url is not None
    async with (
        await open_pool(settings.database_url, min_size=1, max_size=2) as pool,
        seeder(settings, pool) as made,
        pool.acquire() as connection,
    ):
        client = (await made.seed(connection, file, new_id(), "Seeded")).client_ids[CLIENT]
    built: list[int] = []
    build = building.build

    async def noted(db: Any, marketplace_id: int, *, most: int) -> building.Built:
        built.append(marketplace_id)
        return await build(db, marketplace_id, most=most)

    monkeypatch.setattr(indexes, "build", noted)
    # As many as are many.
    monkeypatch.setattr(products, "FEW_PRODUCTS", PRODUCTS // 10)
    async with run_server(replace(settings, product_index_from=0), database, ShiftedClock()) as server:
        yield Seeded(server, client, built)


async def test_after_a_seed_the_index_is_there_soon_whoever_asks(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many who ask for the same at once the database counts for two, and the index is built once, a statement for each slice."""
    async with await seeded.caller(username(0)) as http:
        by_database = answered("database")
        with recorded(monkeypatch) as statements:
            pages = await asyncio.gather(*(http.get(LIST) for _ in range(3 * AT_ONCE)))
            assert by_database() <= indexes.COUNTS_OF_ONE
            await seeded.until_indexed(http)
        assert {page.status_code for page in pages} == {200}
        last = (await http.get(LIST)).json()
        assert all(page.json() == last for page in pages)
    assert len(seeded.built) == 1
    slices = numbered(building._NEXT)[0]
    assert sum(text == slices for text, _ in statements) == SLICES + 1


async def test_after_hundreds_of_writes_lists_are_answered_by_the_same_index(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page tells one by one: neither is the index built anew, nor are the shoppers forgotten, nor does anything count."""
    async with await seeded.caller(username(0)) as http, await seeded.caller(ADMIN) as admin:
        await seeded.until_indexed(http)
        before = (await http.get(LIST)).json()["Meta"]["TotalCount"]
        by_database, by_index = answered("database"), answered("index")
        for first in range(0, MANY, AT_ONCE):
            numbers = range(first, first + AT_ONCE)
            await asyncio.gather(*(_describe(admin, number) for number in numbers))
        pages = [await http.get(f"{LIST}?pageSize={size}") for size in (20, 10, 10)]
        with recorded(monkeypatch) as statements:
            again = await http.get(f"{LIST}?pageSize=10")
        assert (by_database(), by_index()) == (0, len(pages) + 1)
        assert len(own(statements)) == 1, own(statements)
        assert {page.json()["Meta"]["TotalCount"] for page in (*pages, again)} == {before}
        for item in again.json()["Items"]:
            assert item["Description"].startswith("Number"), item["ID"]
        async with await seeded.caller(username(2)) as other, asyncio.timeout(60):
            assert (await other.get(LIST)).status_code == 200
        assert by_database() == 0
    assert len(seeded.built) == 1


async def test_pages_of_a_catalog_at_rest_are_told_of_the_first_change(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do not ask what has changed, and are read again where anything has: one that is sure, one that was kept, one that is sorted."""
    queries = ("search=steel&pageSize=5", "pageSize=5", "sortBy=!Name&pageSize=5")
    async with await seeded.caller(username(0)) as http, await seeded.caller(ADMIN) as admin:
        await seeded.until_indexed(http)
        monkeypatch.setattr(live, "MOVING_SECONDS", 0.0)
        for number, query in enumerate(queries):
            before = (await http.get(f"{LIST}?{query}")).json()
            with recorded(monkeypatch) as statements:
                assert (await http.get(f"{LIST}?{query}")).json() == before
            assert len(own(statements)) == 1
            assert "catalog_changes" not in own(statements)[0]
            first = before["Items"][0]["ID"]
            change = {"Active": False}
            assert (await admin.patch(f"/v1/products/{first}", json=change)).status_code == 200
            monkeypatch.setattr(live, "MOVING_SECONDS", 60.0)
            by_index = answered("index")
            after = (await http.get(f"{LIST}?{query}")).json()
            monkeypatch.setattr(live, "MOVING_SECONDS", 0.0)
            assert by_index() == 1
            assert after["Meta"]["TotalCount"] == before["Meta"]["TotalCount"] - 1, number
            assert [item["ID"] for item in after["Items"]][:4] == [item["ID"] for item in before["Items"]][1:]


async def test_an_index_that_is_brought_up_to_date_is_waited_for(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that comes while the index does not answer is told by it a moment later, with no count of the database."""
    async with await seeded.caller(username(0)) as http, await seeded.caller(ADMIN) as admin:
        await seeded.until_indexed(http)
        entered, go_on = asyncio.Event(), asyncio.Event()

        async def held(live: Any, marketplace_id: int, db: Any) -> None:
            live.ready.clear()
            entered.set()
            await go_on.wait()
            await following.catch_up(live, marketplace_id, db)

        monkeypatch.setattr(indexes, "MOMENT", 60.0)
        monkeypatch.setattr(indexes, "catch_up", held)
        by_database = answered("database")
        await entered.wait()
        await _describe(admin, 0)
        waiting = asyncio.create_task(_get(http))
        await _describe(admin, 1)
        assert not waiting.done()
        go_on.set()
        assert (await waiting).status_code == 200
        assert by_database() == 0
    assert len(seeded.built) == 1


async def _get(http: httpx.AsyncClient) -> httpx.Response:
    return await http.get(LIST)


async def _describe(admin: httpx.AsyncClient, number: int) -> None:
    path = f"/v1/products/{product_id(number % PRODUCTS)}"
    answer = await admin.patch(path, json={"Description": f"Number {number}"})
    assert answer.status_code == 200, answer.text


def own(statements: list[Statement]) -> list[str]:
    """Those of requests: not by which the index follows by itself."""
    return [text for text, _ in statements if text not in FOLLOWING]
