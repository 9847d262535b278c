"""Facets over any source (FAC-2 to FAC-5): the worked example, every kind of value, and agreement with counting by hand."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from tests.domain.listing.goods import GOODS, good
from tests.plans import nodes_of
from tests.storage.listing.goods_table import SOURCE, create, insert

from entrepot.domain.listing.request import read_list_request
from entrepot.engine.facets import DEFINITIONS
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_facets, fetch_page

FACETED = replace(SOURCE, facets=DEFINITIONS)
CLOTHES, KINDS, BARE = 1, 2, 3


def clothes(id_: str, color: str, size: str) -> dict[str, Any]:
    return good(id_, xp={"Color": color, "Size": size})


EXAMPLE = [
    clothes("P1", "red", "S"),
    clothes("P2", "red", "M"),
    clothes("P3", "purple", "M"),
    clothes("P4", "purple", "L"),
]


@pytest.fixture(scope="module", autouse=True)
async def goods(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await create(connection)
    await connection.execute(
        """CREATE TABLE product_facets (marketplace_id bigint, "ID" citext, "Name" text, "XpPath" text,
           "ListOrder" integer, "MinCount" integer, xp json)"""
    )
    await insert(connection, CLOTHES, EXAMPLE)
    await insert(connection, BARE, EXAMPLE)
    yield
    await connection.execute("DROP TABLE goods; DROP TABLE product_facets")


async def define(connection: asyncpg.Connection, marketplace_id: int, *facets: tuple[Any, ...]) -> None:
    """Facets as (ID, XpPath, MinCount), in this order."""
    await connection.execute("DELETE FROM product_facets WHERE marketplace_id = $1", marketplace_id)
    await connection.executemany(
        "INSERT INTO product_facets VALUES ($1, $2::text, 'A facet', $3, $4, $5, NULL)",
        [(marketplace_id, id_, path, place, least) for place, (id_, path, least) in enumerate(facets)],
    )


async def counts(
    connection: asyncpg.Connection, marketplace_id: int, query: str
) -> tuple[list[str], list[tuple[str, list[tuple[str, int]]]]]:
    """The IDs of the page; the name of each facet with its values and their counts."""
    compiled = compile_list(FACETED, read_list_request(query, GOODS), {"marketplace_id": marketplace_id})
    rows, _ = await fetch_page(connection, compiled)
    facets = json.loads(await fetch_facets(connection, compiled, rows))
    found = [
        (facet["XpPath"], [(value["Value"], value["Count"]) for value in facet["Values"]]) for facet in facets
    ]
    return [row["ID"] for row in rows], found


SIZES = ("Size", [("M", 1), ("S", 1)])
COLORS = ("Color", [("purple", 2), ("red", 2)])


@pytest.mark.parametrize(
    ("query", "least", "ids", "expected"),
    [
        ("", 1, ["P1", "P2", "P3", "P4"], [COLORS, ("Size", [("M", 2), ("L", 1), ("S", 1)])]),
        ("xp.Color=red", 1, ["P1", "P2"], [COLORS, SIZES]),
        ("xp.Color=red", 0, ["P1", "P2"], [COLORS, ("Size", [("M", 1), ("S", 1), ("L", 0)])]),
        (
            "xp.Color=red|purple&xp.Size=M",
            1,
            ["P2", "P3"],
            [("Color", [("purple", 1), ("red", 1)]), ("Size", [("M", 2), ("L", 1), ("S", 1)])],
        ),
        ("xp.Color=red&pageSize=1&page=2", 1, ["P2"], [COLORS, SIZES]),
        ("xp.Color=blue", 1, [], [COLORS]),
        ("xp.Color=red&page=9", 1, [], [COLORS, SIZES]),
        ("xp.Color=red&xp.Color=!purple", 1, ["P1", "P2"], [COLORS, SIZES]),
        ("ID=!P3", 2, ["P1", "P2", "P4"], [("Color", [("red", 2)])]),
        ("xp.Color|xp.Size=red|L", 1, ["P1", "P2", "P4"], [("Color", [("red", 2), ("purple", 1)]), ("Size", [("L", 1), ("M", 1), ("S", 1)])]),
        ("search=p4", 1, ["P4"], [("Color", [("purple", 1)]), ("Size", [("L", 1)])]),
        ("xp.Other=1", 1, [], []),
        ("Nope=1", 0, [], [("Color", [("purple", 0), ("red", 0)]), ("Size", [("L", 0), ("M", 0), ("S", 0)])]),
    ],
)  # fmt: skip
async def test_counts(
    connection: asyncpg.Connection, query: str, least: int, ids: list[str], expected: list[Any]
) -> None:
    """FAC-4, FAC-5: the worked example; a facet ignores its own filter alone, and the page does not matter."""
    await define(connection, CLOTHES, ("Color", None, least), ("Size", "", least))
    assert await counts(connection, CLOTHES, f"{query}&sortBy=ID") == (ids, expected)


async def test_values(connection: asyncpg.Connection) -> None:
    """FAC-2, FAC-3: scalars and their arrays, each once a product, as strings; objects and nulls do not count."""
    await insert(
        connection,
        KINDS,
        [
            good("a", xp={"f": {"v": ["x", "x", True, 26, None, {"k": 1}, ["y"]]}, "1 \"odd' key": 5}),
            good("b", xp={"f": {"v": "x"}, "1 \"odd' key": "five"}),
            good("c", xp={"f": {"v": 26.50}, "v": "not here"}),
            good("d", xp={"f": "none"}),
            good("e"),
        ],
    )
    await define(connection, KINDS, ("F", "f.v", 1), ("G", "1 \"odd' key", 1), ("absent", None, 0))
    _, found = await counts(connection, KINDS, "")
    expected = [("x", 2), ("26", 1), ("26.5", 1), ("true", 1)]
    assert found == [("f.v", expected), ("1 \"odd' key", [("5", 1), ("five", 1)])]


async def test_at_most_fifty_in_order(connection: asyncpg.Connection) -> None:
    """FAC-3: the first fifty, with or without values."""
    await insert(connection, KINDS + 10, [good("a", xp={f"k{n}": n for n in range(60)})])
    await define(connection, KINDS + 10, *((f"F{n:02}", f"k{n}", 1) for n in range(60)))
    _, found = await counts(connection, KINDS + 10, "")
    assert [path for path, _ in found] == [f"k{n}" for n in range(50)]


async def test_without_facets_no_row_is_read(connection: asyncpg.Connection) -> None:
    """A marketplace without facets pays nothing for them: what would count them is never executed."""
    compiled = compile_list(FACETED, read_list_request("xp.Color=red", GOODS), {"marketplace_id": BARE})
    rows, total = await fetch_page(connection, compiled)
    assert (await fetch_facets(connection, compiled, rows), total) == ("[]", 2)
    text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.sql}", *compiled.args)
    executed = [node for node in nodes_of(text) if node["Actual Loops"]]
    assert sum(node.get("Relation Name") == "goods" for node in executed) == 1


def test_a_key_serves_its_own_table_alone() -> None:
    """A source that joins further rows has each of the table's several times, whatever it was made from."""
    table = SOURCE.table
    keyed = replace(FACETED, key=(table.c.marketplace_id, table.c.ID))
    assert keyed.row_key == keyed.key
    assert replace(keyed, table=table.join(DEFINITIONS, DEFINITIONS.c.ID == table.c.ID)).row_key == ()
