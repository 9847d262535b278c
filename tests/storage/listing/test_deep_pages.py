"""Pages far from the start: counted first, then read from the end that is nearer (LIST-2, LIST-5, SRCH-6)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from tests.domain.listing.people import PEOPLE, person
from tests.storage.listing.people_table import SOURCE, TABLE, found, insert

from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.kernel.recent import Recent
from entrepot.storage.listing import compile as compiling
from entrepot.storage.listing.compile import compile_list, prepared_list
from entrepot.storage.listing.fetch import fetch_items, fetch_page
from entrepot.storage.listing.source import Source

HERE = 610
MANY = 230
ITEMS = Source(
    shape=PEOPLE,
    table=TABLE,
    columns=(TABLE.c.ID, TABLE.c.LastName, TABLE.c.Quantity),
    fields=SOURCE.fields,
    where=SOURCE.where,
    item=("ID", "LastName"),
    once=(sa.literal_column("7").label("epoch"),),
)


def quantity(number: int) -> int | None:
    return number % 7 if number % 5 else None


@pytest.fixture(scope="module", autouse=True)
async def numbered_people(connection: asyncpg.Connection) -> AsyncIterator[None]:
    some = [
        person(
            f"p{n:03}",
            LastName=f"Twin {n % 3}",
            Quantity=quantity(n),
            Active=n % 2 == 0,
            xp={"a": [n % 4, "x", None][n % 3]},
        )
        for n in range(MANY)
    ]
    await insert(connection, HERE, some)
    yield
    await connection.execute(f"DELETE FROM people WHERE marketplace_id = {HERE}")


@pytest.fixture(params=[1, 100])
def deep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """From which offset on pages are deep."""
    monkeypatch.setattr(compiling, "DEEP", request.param)
    monkeypatch.setattr(compiling, "_known", Recent(2**20))
    number: int = request.param
    return number


def asked(query: str) -> ListRequest:
    return read_list_request(query, PEOPLE)


@pytest.mark.usefixtures("deep")
@pytest.mark.parametrize("size", [1, 7, 23, 100])
@pytest.mark.parametrize(
    "query", ["", "sortBy=LastName", "sortBy=!LastName,Quantity", "sortBy=Quantity", "sortBy=!xp.a", "Active=true", "search=twin 1"]
)  # fmt: skip
async def test_deep_pages_go_on_where_others_end(
    connection: asyncpg.Connection, query: str, size: int
) -> None:
    """All pages one after the other are the list as it is without pages; each knows the total."""
    scope = {"marketplace_id": HERE}
    sql = compile_list(SOURCE, asked(f"{query}&pageSize=100"), scope)
    whole = await connection.fetch(sql.sql.replace("LIMIT 100", "LIMIT 1000"), *sql.args)
    ids = [row["ID"] for row in whole]
    assert len(ids) > 70
    pages = range(1, -(-len(ids) // size) + 2)
    if size == 1:
        pages = range(1, len(pages) + 1, 9)
    for page in pages:
        start = (page - 1) * size
        expected = (ids[start : start + size], len(ids))
        assert await found(connection, HERE, asked(f"{query}&pageSize={size}&page={page}")) == expected


async def test_pages_of_items_are_the_same_from_the_end(connection: asyncpg.Connection, deep: int) -> None:
    """With what a page tells once, also beyond the end."""
    scope = {"marketplace_id": HERE}
    met: list[Any] = []
    for page in range(1, 14):
        prepared = prepared_list(ITEMS, asked(f"sortBy=!Quantity&pageSize=20&page={page}"))
        assert prepared.is_deep == ((page - 1) * 20 >= deep)
        found_page = await fetch_items(connection, prepared, scope)
        assert (found_page.total, found_page.row["epoch"]) == (MANY, 7)
        items = json.loads(found_page.items)
        assert len(items) == found_page.count == max(0, min(20, MANY - (page - 1) * 20))
        # Of a column that is no property there is an array in the same order.
        quantities = found_page.row["Quantity"] or [None] * len(items)
        assert quantities == [quantity(int(each["ID"][1:])) for each in items]
        met += items
    once = compile_list(SOURCE, asked("sortBy=!Quantity&pageSize=100"), scope)
    whole = await connection.fetch(once.sql.replace("LIMIT 100", "LIMIT 1000"), *once.args)
    assert [each["ID"] for each in met] == [row["ID"] for row in whole]


async def test_the_last_page_reads_no_more_than_it_shows(connection: asyncpg.Connection) -> None:
    """By the index of the order, backwards; the total is counted once."""
    compiled = compile_list(SOURCE, asked("sortBy=ID&pageSize=10&page=22"), {"marketplace_id": HERE})
    await connection.execute("ANALYZE people; SET enable_seqscan = off; SET enable_sort = off")
    try:
        found_page = compiled.of(MANY)
        lines = await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {found_page.sql}", *found_page.args)
    finally:
        await connection.execute("RESET enable_seqscan; RESET enable_sort")
    plan = [row[0] for row in lines]
    [scan] = [line for line in plan if "Index" in line and "Scan" in line and "people" in line]
    assert "Backward using pk_people" in scan
    # The rows of the page and the ten after it.
    assert "actual rows=20" in scan
    assert not any("Aggregate" in line for line in plan)


async def test_what_is_not_far_from_the_start_takes_one_statement(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    run: Any = asyncpg.Connection._execute

    async def record(self: Any, query: str, *rest: Any, **options: Any) -> Any:
        ran.append(query)
        return await run(self, query, *rest, **options)

    monkeypatch.setattr(asyncpg.Connection, "_execute", record)
    for query, statements in (
        ("pageSize=100&page=2", 1),
        (f"pageSize=100&page={compiling.DEEP // 100}", 2),
        # Beyond the end nothing more is read than how many there are.
        (f"pageSize=100&page={compiling.DEEP // 100 + 1}", 1),
    ):
        ran.clear()
        _, total = await fetch_page(connection, compile_list(SOURCE, asked(query), {"marketplace_id": HERE}))
        assert (total, len(ran)) == (MANY, statements), query
