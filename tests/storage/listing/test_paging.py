"""Pages and totals in SQL: LIST-2, LIST-3, LIST-5."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.domain.listing.people import PEOPLE, person
from tests.storage.listing.people_table import SOURCE, found, insert

from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.pool import open_pool

HERE = 600
# All-digit IDs of different lengths among them, which LIST-5 wants compared as text.
IDS = [
    *(f"{stem}{n}" for stem in ("a", "B", "c-", "D_") for n in range(60)),
    "82020",
    "85919200509",
    "_",
    "-",
]


@pytest.fixture(scope="module", autouse=True)
async def numbered_people(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await insert(connection, HERE, [person(id_, LastName="Twin") for id_ in IDS])
    yield
    await connection.execute(f"DELETE FROM people WHERE marketplace_id = {HERE}")


async def test_last_id_method(connection: asyncpg.Connection) -> None:
    """LIST-5: ID=>{lastID} with sortBy=ID meets every item once, in the order of one long list."""
    met: list[str] = []
    condition = ""
    while True:
        request = read_list_request(f"page=1&pageSize=100&sortBy=ID{condition}", PEOPLE)
        page, total = await found(connection, HERE, request)
        assert total == len(IDS) - len(met)
        if not page:
            break
        met += page
        condition = f"&ID=>{page[-1]}"
    assert met == sorted(IDS, key=str.lower)


@pytest.mark.parametrize("sort", ["", "LastName", "!LastName", "Quantity", "!xp.none"])
async def test_pages_are_disjoint_and_complete(connection: asyncpg.Connection, sort: str) -> None:
    """SRCH-6: ties are broken the same way on every page."""
    pages = [
        (await found(connection, HERE, read_list_request(f"sortBy={sort}&pageSize=50&page={page}", PEOPLE)))[
            0
        ]
        for page in range(1, 7)
    ]
    assert [len(page) for page in pages] == [50, 50, 50, 50, len(IDS) - 200, 0]
    assert sorted(id_ for page in pages for id_ in page) == sorted(IDS)


@pytest.mark.parametrize(
    ("query", "count", "total", "item_range"),
    [
        ("ID=nope", 0, 0, [1, 0]),
        ("ID=nope&page=3", 0, 0, [41, 40]),
        ("ID=a*", 20, 60, [1, 20]),
        ("ID=a*&page=3", 20, 60, [41, 60]),
        ("ID=a*&page=4", 0, 60, [61, 60]),
        ("ID=a*&page=2&pageSize=50", 10, 60, [51, 60]),
        ("ID=a*&pageSize=60", 60, 60, [1, 60]),
        ("page=1000&pageSize=100", 0, len(IDS), [99901, 99900]),
    ],
)
async def test_totals(
    connection: asyncpg.Connection, query: str, count: int, total: int, item_range: list[int]
) -> None:
    """LIST-2, LIST-3: full, partial, empty pages and pages beyond the end know the total."""
    request = read_list_request(query, PEOPLE)
    ids, known = await found(connection, HERE, request)
    assert (len(ids), known) == (count, total)
    assert list_meta(request, known, len(ids))["ItemRange"] == item_range


async def test_a_partial_page_is_counted_by_itself(connection: asyncpg.Connection) -> None:
    """No second look at the table where the page tells the total; one statement on every page that has rows."""
    partial = compile_list(SOURCE, read_list_request("ID=a1*", PEOPLE), {"marketplace_id": HERE})
    rows, total = await fetch_page(connection, partial)
    assert total == len(rows) == 11
    assert rows[0]["list_total"] is None
    full = compile_list(SOURCE, read_list_request("ID=a1*&pageSize=11", PEOPLE), {"marketplace_id": HERE})
    rows, total = await fetch_page(connection, full)
    assert (rows[0]["list_total"], total) == (11, 11)
    analyzed = await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {partial.sql}", *partial.args)
    assert "never executed" in "\n".join(row[0] for row in analyzed)


RUNS = "SELECT custom_plans + generic_plans FROM pg_prepared_statements WHERE statement = $1"


@pytest.mark.parametrize("query", ["search=win", "LastName=Twin"])
async def test_searches_are_planned_by_what_is_sought(listing_url: str, query: str) -> None:
    """One plan for all would be that of a scope of the usual size, be it the one that most rows are in."""
    compiled = compile_list(SOURCE, read_list_request(query, PEOPLE), {"marketplace_id": HERE})
    async with await open_pool(listing_url, min_size=1, max_size=3) as pool:
        for _ in range(8):
            _, total = await fetch_page(pool, compiled)
            assert total == len(IDS)
        runs = {
            await each.fetchval("SHOW plan_cache_mode"): await each.fetchval(RUNS, compiled.sql)
            for each in (pool, pool.anew)
        }
    searched = query.startswith("search")
    assert runs == {"auto": None if searched else 8, "force_custom_plan": 8 if searched else None}
