"""The JSON text that the database makes of a page's rows, or keeps of each, is, byte for byte, what the renderer makes of
them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from tests.engine.wire.bodies import Courier, Hue, PriceBreak
from tests.engine.wire.test_json import CHARACTERS, JSON_VALUES, NUMBERS

from entrepot.declare.operation import ListOptions
from entrepot.declare.types import Bool, Date, Id, Int, Money, Secret, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.wire.json import dump, encode
from entrepot.engine.wire.render import Renderer
from entrepot.storage.columns import column_type
from entrepot.storage.listing.compile import PreparedList
from entrepot.storage.listing.fetch import fetch_items
from entrepot.storage.listing.prewritten import PREWRITTEN, filled, prewritten, row_text
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.pool import open_pool


class Piece(Wire):
    """Every kind of property that may stand in such a text."""

    ID: Id = column(max=100)
    Name: Text = column()
    Password: Secret = column(write_only=True, stored=False)
    Quantity: Int = column()
    Price: Money = column()
    Active: Bool = column()
    StartDate: Date = column(nullable=True)
    Color: Hue = column()
    Tags: list[Text] = column()
    PriceBreaks: list[PriceBreak] = column()
    Carrier: Courier = column()
    PIN: Text = column(write_only=True)
    xp: Xp = column()


COMPUTED = ("Color", "Quantity")
"""In the texts that rows keep; no text is kept of a list of texts."""
KEPT = [
    replace(each, computed="SELECT", stored=False) if each.name in COMPUTED else each
    for each in Piece.__columns__.values()
    if each.name != "Tags"
]
STORED = [each for each in Piece.__columns__.values() if each.stored]
TABLE = sa.Table(
    "pieces",
    sa.MetaData(),
    *(sa.Column(each.name, column_type(each.type)) for each in STORED),
    sa.Column(PREWRITTEN, sa.Text, sa.Computed(prewritten(KEPT), persisted=True)),
    prefixes=["TEMPORARY"],
)
SOURCE = Source(
    shape=shape_of(Piece, ListOptions(sort=("ID",)), ()),
    table=TABLE,
    columns=tuple(TABLE.c[each.name] for each in STORED if not each.write_only),
    fields={"ID": TABLE.c.ID},
    where=(sa.true(),),
    item=tuple(Piece.__columns__),
)
PREWRITTEN_SOURCE = replace(
    SOURCE,
    columns=(),
    item=tuple(each.name for each in KEPT),
    prewritten=sa.type_coerce(
        sa.text(
            row_text("""CASE WHEN "Name" IS NOT NULL THEN CAST(to_json("Name") AS text) END""", "pieces")
        ),
        sa.Text(),
    ),
)
DDL = str(CreateTable(TABLE).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
IN_ORDER = 'SELECT * FROM pieces ORDER BY "ID"'
INSERT = f"INSERT INTO pieces VALUES ({', '.join(f'${n + 1}' for n in range(len(STORED)))})"

texts = st.text(CHARACTERS, max_size=8)
json_texts = JSON_VALUES.map(dump)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# What may not be null is never stored so: the renderer alone knows what to show in its place (BODY-3).
rows = st.fixed_dictionaries(
    {
        "ID": texts,
        "Name": st.none() | texts,
        "Quantity": st.integers(-(2**31), 2**31 - 1),
        "Price": NUMBERS,
        "Active": st.booleans(),
        "StartDate": st.none() | instants,
        "Color": st.none() | st.sampled_from(Hue),
        "Tags": st.lists(texts, max_size=3),
        "PriceBreaks": json_texts,
        "Carrier": st.none() | json_texts,
        "PIN": st.none() | texts,
        "xp": st.none() | json_texts,
    }
)


@pytest.fixture
async def pieces(listing_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the server has them, with an empty table of pieces."""
    async with await open_pool(listing_url, min_size=1, max_size=1) as pool, pool.acquire() as connection:
        await connection.execute(DDL)
        yield connection
        await connection.execute("DROP TABLE pieces")


async def stored(pieces: asyncpg.Connection, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These alone as rows, in the order of the list, and as the renderer shows them."""
    await pieces.execute("TRUNCATE pieces")
    for place, row in enumerate(values):
        row["ID"] = f"{place}{row['ID']}"
    await pieces.executemany(INSERT, [tuple(row[each.name] for each in STORED) for row in values])
    return [Renderer(Piece).render(row) for row in await pieces.fetch(IN_ORDER)]


@settings(max_examples=150)
@given(values=st.lists(rows, min_size=1, max_size=4))
async def test_the_text_is_what_the_renderer_makes(
    pieces: asyncpg.Connection, values: list[dict[str, Any]]
) -> None:
    """BODY-2, BODY-3, BODY-6, BODY-7, XP-1, AUTH-61"""
    rendered = [encode(item) for item in await stored(pieces, values)]
    page = await fetch_items(pieces, PreparedList(SOURCE, read_list_request("", SOURCE.shape)), {})
    assert page.items == b"[" + b",".join(rendered) + b"]"
    assert (page.count, page.total) == (len(values), len(values))


@settings(max_examples=150)
@given(values=st.lists(rows, max_size=4))
async def test_the_text_that_rows_keep_is_what_the_renderer_makes(
    pieces: asyncpg.Connection, values: list[dict[str, Any]]
) -> None:
    """The same, with two properties filled in: rows with a name have it there, the others something in common."""
    rendered = await stored(pieces, values)
    for item in rendered:
        del item["Tags"]
        item["Color"], item["Quantity"] = item["Name"] or "", [item["Name"]]
    prepared = PreparedList(PREWRITTEN_SOURCE, read_list_request("", SOURCE.shape))
    page = await fetch_items(pieces, prepared, {})
    assert filled(page.items, _common_or_own) == encode(rendered)


def _common_or_own(own: bytes | None) -> dict[str, bytes]:
    return {"Color": own or b'""', "Quantity": b"[%b]" % (own or b"null")}


def test_only_what_the_database_can_keep_is_declared() -> None:
    with pytest.raises(TypeError, match="Tags"):
        prewritten(Piece.__columns__.values())


def test_a_hole_that_only_a_newer_version_knows() -> None:
    """Beside a newer server, whose migration has run: no value stands in the place of another one."""
    text = b'[{"ID":"a","New":\x01New\x01,"Color":\x01Color\x01},\x1f"own"\x1e{"New":\x01New\x01,"Color":\x01Color\x01}\x1d]'
    shown = b'[{"ID":"a","New":null,"Color":""},{"New":null,"Color":"own"}]'
    assert filled(text, _common_or_own) == shown


@pytest.mark.parametrize(
    ("query", "shown", "total"),
    [
        ("pageSize=2", ["a", "b"], 5),
        ("pageSize=2&page=3", ["e"], 5),
        ("pageSize=2&page=4", [], 5),
        ("pageSize=5", ["a", "b", "c", "d", "e"], 5),
        ("pageSize=5&page=2", [], 5),
        ("pageSize=6", ["a", "b", "c", "d", "e"], 5),
        ("ID=x", [], 0),
        ("ID=x&page=2", [], 0),
    ],
)
async def test_the_total_comes_with_every_page(
    pieces: asyncpg.Connection, query: str, shown: list[str], total: int
) -> None:
    """LIST-2, LIST-4: also with an empty one and with one beyond the end, in one statement."""
    await pieces.executemany(
        'INSERT INTO pieces ("ID", "Tags") VALUES ($1, $2)', [(each, []) for each in "ebdac"]
    )
    page = await fetch_items(pieces, PreparedList(SOURCE, read_list_request(query, SOURCE.shape)), {})
    assert [item["ID"] for item in json.loads(page.items)] == shown
    assert (page.count, page.total) == (len(shown), total)
