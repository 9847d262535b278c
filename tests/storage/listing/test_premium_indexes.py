"""A search of a premium list reads the index of words and ranks what matches, nothing else."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex
from tests.domain.listing.goods import GOODS
from tests.plans import nodes_of
from tests.storage.listing.goods_table import INDEX, SOURCE, create

from entrepot.domain.listing.request import SearchType, read_list_request
from entrepot.storage.listing.compile import compile_list

HERE = 500
ROWS = 20_000


@pytest.fixture(scope="module", autouse=True)
async def many_goods(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await create(connection)
    await connection.execute(
        f"""
        INSERT INTO goods (marketplace_id, "ID", "Name", "Description")
        SELECT {HERE} + (n % 20 = 0)::int, 'P-' || n, 'kind' || n % 200 || ' model' || n % 77,
               'made by maker' || n % 1000 || ' for everybody in the house'
        FROM generate_series(1, {ROWS}) AS n
        """
    )
    await connection.execute(str(CreateIndex(INDEX).compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]
    await connection.execute("VACUUM ANALYZE goods")
    yield
    await connection.execute("DROP TABLE goods")


def literal(value: Any) -> str:
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(each) for each in value)}]"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        *(f"search=kind7%20model3&searchType={kind.value}" for kind in SearchType),
        "search=kind7&searchOn=Name",
        "search=kind7&sortBy=Name",
        "search=kind7%20maker3&page=2&Name=*model*",
    ],
)
async def test_a_search_reads_the_index(connection: asyncpg.Connection, query: str, *, generic: bool) -> None:
    """Neither the page nor the total reads the whole table."""
    compiled = compile_list(SOURCE, read_list_request(query, GOODS), {"marketplace_id": HERE})
    await connection.execute(f"SET plan_cache_mode = force_{'generic' if generic else 'custom'}_plan")
    await connection.execute(f"PREPARE searched AS {compiled.sql}")
    arguments = ", ".join(literal(value) for value in compiled.args)
    text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE searched ({arguments})")
    await connection.execute("DEALLOCATE searched; RESET plan_cache_mode")
    scans = [node for node in nodes_of(text) if "Scan" in node["Node Type"]]
    on_goods = [node for node in scans if node.get("Relation Name") == "goods" or "Index Name" in node]
    assert {node["Node Type"] for node in on_goods} == {"Bitmap Heap Scan", "Bitmap Index Scan"}
    assert {node["Index Name"] for node in on_goods if "Index Name" in node} == {INDEX.name}
