"""Every sort, search and equality of a list is served by an index that `list_indexes` names."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from tests.domain.listing.people import PEOPLE
from tests.storage.listing.people_table import SOURCE, TABLE

from entrepot.domain.listing.request import read_list_request
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.indexes import MAX_NAME_LENGTH, list_indexes

HERE = 500
ROWS = 20_000
INDEXES = list_indexes(PEOPLE, TABLE, scope=("marketplace_id",))


@pytest.fixture(scope="module", autouse=True)
async def many_people(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await connection.execute(
        f"""
        INSERT INTO people (marketplace_id, "ID", "LastName", "FirstName", "CompanyID", "Status", "Active",
                            "Quantity", "Total", "DateCreated")
        SELECT {HERE} + (n % 20 = 0)::int, 'P-' || n, nullif(md5(n::text), md5('7')), md5((n / 3)::text),
               'C-' || n % 100, (ARRAY['Open', 'AwaitingApproval', 'Completed', NULL])[n % 4 + 1], n % 2 = 0,
               n % 1000, n / 100.0, timestamptz '2020-01-01Z' + n * interval '1 minute'
        FROM generate_series(1, {ROWS}) AS n
        """
    )
    for index in INDEXES:
        await connection.execute(index.create_sql())
    await connection.execute("VACUUM ANALYZE people")
    yield
    for index in INDEXES:
        await connection.execute(f"DROP INDEX {index.name}")
    await connection.execute(f"DELETE FROM people WHERE marketplace_id IN ({HERE}, {HERE + 1})")


def nodes(plan: dict[str, Any], *, with_total: bool) -> Iterator[dict[str, Any]]:
    """The nodes of a plan, with those of the subquery for the total or without."""
    yield plan
    for child in plan.get("Plans", ()):
        if with_total or child.get("Parent Relationship") != "InitPlan":
            yield from nodes(child, with_total=with_total)


async def explain(connection: asyncpg.Connection, query: str, *, generic: bool) -> dict[str, Any]:
    compiled = compile_list(SOURCE, read_list_request(query, PEOPLE), {"marketplace_id": HERE})
    if generic:
        assert compiled.args == (HERE,)
        await connection.execute(
            f"SET plan_cache_mode = force_generic_plan; PREPARE listing AS {compiled.sql}"
        )
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE listing ({HERE})")
        await connection.execute("DEALLOCATE listing; RESET plan_cache_mode")
    else:
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {compiled.sql}", *compiled.args)
    plan: dict[str, Any] = json.loads(text)[0]["Plan"]
    return plan


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize("sort", ["", *(PEOPLE.sort or ()), *(f"!{name}" for name in PEOPLE.sort or ())])
async def test_a_sorted_page_reads_an_index_in_order(
    connection: asyncpg.Connection, sort: str, *, generic: bool
) -> None:
    """SRCH-5, SRCH-6: no row is read that the page does not need, and none is sorted."""
    plan = await explain(connection, f"sortBy={sort}", generic=generic)
    types = {node["Node Type"] for node in nodes(plan, with_total=False)}
    assert types & {"Index Scan", "Index Only Scan"}
    assert not types & {"Seq Scan", "Sort", "Incremental Sort", "Bitmap Heap Scan"}


@pytest.mark.parametrize(
    "query",
    [
        "ID=P-77",
        "ID=p-77|p-78|nope",
        "ID=>P-9999&sortBy=ID",
        "LastName=ABC",
        "LastName=abc*",
        "LastName=*abcdef*",
        "FirstName=abc|abd",
        "search=abcdef",
        "search=abcdef&sortBy=FirstName",
        "search=abcdef&searchOn=FirstName",
    ],
)
async def test_a_filter_reads_an_index(connection: asyncpg.Connection, query: str) -> None:
    """Neither the page nor the total reads the whole table."""
    plan = await explain(connection, query, generic=False)
    scans = [node for node in nodes(plan, with_total=True) if "Scan" in node["Node Type"]]
    names = {node["Index Name"] for node in scans if "Index Name" in node}
    assert names <= {"pk_people", *(index.name for index in INDEXES)}
    assert names
    assert "Seq Scan" not in {node["Node Type"] for node in scans}


def test_names() -> None:
    """citus.md: at most 50 characters, and the same each time; another scope or condition is another index."""
    long_table = replace_name("a_table_with_a_name_that_is_longer_than_most_names")
    elsewhere = list_indexes(PEOPLE, long_table, scope=("marketplace_id", "CompanyID"))
    partial = list_indexes(PEOPLE, TABLE, scope=("marketplace_id",), where='"CompanyID" IS NULL')
    names = [index.name for index in (*INDEXES, *elsewhere, *partial)]
    assert len(set(names)) == len(names)
    assert all(len(name) <= MAX_NAME_LENGTH for name in names)
    assert list_indexes(PEOPLE, TABLE, scope=("marketplace_id",)) == INDEXES
    assert partial[0].create_sql().endswith('WHERE "CompanyID" IS NULL')


def replace_name(name: str) -> Any:
    return TABLE.to_metadata(TABLE.metadata, name=name)


def test_a_key_serves_its_own_order() -> None:
    """The list of buyers sorts by ID first: its primary key is that index."""
    by_id = replace(PEOPLE, sort=("ID", "LastName"), search=())
    assert [index.parts[1] for index in list_indexes(by_id, TABLE, scope=("marketplace_id",))] == [
        'lower("LastName") ASC NULLS FIRST'
    ]
