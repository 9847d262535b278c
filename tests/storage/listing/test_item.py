"""The JSON text that the database makes of a page's rows is, byte for byte, what the renderer makes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
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
from entrepot.storage.listing.compile import ITEM, compile_list
from entrepot.storage.listing.fetch import fetch_page
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


STORED = [each for each in Piece.__columns__.values() if each.stored]
TABLE = sa.Table(
    "pieces",
    sa.MetaData(),
    *(sa.Column(each.name, column_type(each.type)) for each in STORED),
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
DDL = str(CreateTable(TABLE).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
INSERT = f"INSERT INTO pieces VALUES ({', '.join(f'${n + 1}' for n in range(len(STORED)))})"

texts = st.text(CHARACTERS, max_size=8)
json_texts = JSON_VALUES.map(dump)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
rows = st.fixed_dictionaries(
    {
        "ID": texts,
        "Name": st.none() | texts,
        "Quantity": st.integers(-(2**31), 2**31 - 1),
        "Price": st.none() | NUMBERS,
        "Active": st.none() | st.booleans(),
        "StartDate": st.none() | instants,
        "Color": st.none() | st.sampled_from(Hue),
        "Tags": st.lists(texts, max_size=3),
        "PriceBreaks": st.none() | json_texts,
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(rows, min_size=1, max_size=4))
async def test_the_text_is_what_the_renderer_makes(
    pieces: asyncpg.Connection, values: list[dict[str, Any]]
) -> None:
    """BODY-2, BODY-3, BODY-6, BODY-7, XP-1, AUTH-61"""
    await pieces.execute("TRUNCATE pieces")
    await pieces.executemany(INSERT, [tuple(row[each.name] for each in STORED) for row in values])
    rendered = [encode(Renderer(Piece).render(row)) for row in await pieces.fetch("SELECT * FROM pieces")]
    listed, total = await fetch_page(pieces, compile_list(SOURCE, read_list_request("", SOURCE.shape), {}))
    assert sorted(row[ITEM].encode() for row in listed) == sorted(rendered)
    assert total == len(values)
