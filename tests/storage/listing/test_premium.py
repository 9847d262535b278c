"""Premium search in SQL (SRCH-4): the worked examples, stems, fields of every kind, and agreement with the plain reading."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.domain.listing.goods import GOODS, SHIRTS, WORKED, good
from tests.storage.listing.goods_table import create, found, insert

from entrepot.domain.listing.evaluate import matches, page_of
from entrepot.domain.listing.request import SearchType, read_list_request

SHOP, BIKES, DRAWN, MANY = 1, 2, 3, 4
RIDES = [
    good("BK-001", Name="Bike", Description="For the road"),
    good("BK-002", Name="Two bikes", Description="A pair, like new"),
    good("BT-1", Name="Helmet", Description="Protects while biking", Brand="Roadster"),
    good(
        "x",
        Name="The Who",
        Description="It beats everything",
        xp={"Tags": ["Red bell", "who"], "Maker": {"City": "Oslo"}},
    ),
    good("y", Name="Ünïcode – straße", Size=42, xp={"Tags": ["eat"], "Depth": {"a": [{"b": "Oslo"}]}}),
    good("z", Name="bell road", xp={"Note": 42}),
]
STEMS = {
    "search=bike": ["BK-001", "BK-002", "BT-1"],
    "search=bikes": ["BK-002", "BK-001", "BT-1"],
    "search=eats": [],
    "search=eat&searchOn=xp.Tags": ["y"],
    "search=eats&searchOn=xp.*": ["y"],
    "search=the bike": ["BK-001", "BK-002", "BT-1"],
    "search=the who": ["x", "BK-001"],
    "search=who the&searchType=AllTermsSameField": ["x"],
    "search=bk-002": ["BK-002", "BK-001"],
    "search=001": ["BK-001"],
    "search=bike road&searchType=AllTermsAnyField": ["BK-001"],
    "search=bikes&searchType=ExactPhrase": ["BK-002"],
    "search=two bik&searchType=ExactPhrasePrefix": ["BK-002"],
    "search=road": ["z", "BK-001"],
    "search=ÜNÏCODE STRASSE": ["y"],
    "search=ünïcode straße&searchType=ExactPhrase": ["y"],
    "search=oslo&searchOn=xp.*": ["x", "y"],
    "search=oslo&searchOn=xp.Maker.*": ["x"],
    "search=oslo&searchOn=xp.Maker": [],
    "search=oslo&searchOn=xp.Maker.City": ["x"],
    "search=42&searchOn=xp.Note": ["z"],
    "search=42&searchOn=Size": ["y"],
    "search=red who&searchOn=Name,xp.Tags&searchType=AllTermsAnyField": ["x"],
    "search=red oslo&searchOn=xp.*&searchType=AllTermsSameField": [],
    "search=red bell&searchOn=xp.Tags,Name&searchType=ExactPhrase": ["x"],
    "search=bell&searchOn=xp.Tags,Name": ["z", "x"],
    "search=roadster&searchOn=Brand": ["BT-1"],
    "search=roadster": [],
    "search=bike&Name=*e*&Brand=!*": ["BK-001", "BK-002"],
    "ID|Brand=*b*|Roadster": ["BK-001", "BT-1", "BK-002"],
    "brand=Roadster": [],
    "sortBy=!Size,ID&Nope|Size=42": ["y"],
}
"""Stems, words that tell nothing, weights and further fields: query -> IDs in order."""


@pytest.fixture(scope="module", autouse=True)
async def goods(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await create(connection)
    await insert(connection, SHOP, SHIRTS)
    await insert(connection, BIKES, RIDES)
    yield
    await connection.execute("DROP TABLE goods")


@pytest.mark.parametrize(("query", "expected"), WORKED.items())
async def test_worked_examples(connection: asyncpg.Connection, query: str, expected: list[str]) -> None:
    request = read_list_request(query.replace(" ", "%20"), GOODS)
    assert [item["ID"] for item in page_of(SHIRTS, request, GOODS)] == expected
    assert await found(connection, SHOP, query) == (expected, len(expected))


@pytest.mark.parametrize(("query", "expected"), STEMS.items())
async def test_stems_and_fields(connection: asyncpg.Connection, query: str, expected: list[str]) -> None:
    assert await found(connection, BIKES, query) == (expected, len(expected))


# No word has the stem of another one; `own` and `The` tell nothing.
VOCABULARY = ("red", "RED", "box", "cup", "lamp", "5", "own", "The")
phrases = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from((" ", "-", ", ", "/")).map(lambda mark: mark.join(words))
)
texts = st.none() | phrases
xp_objects = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "a": texts | st.lists(texts, max_size=3),
        "b": st.fixed_dictionaries({"c": texts | st.just(5)}),
    },
)
ids = st.lists(
    st.lists(st.sampled_from(("red", "box", "5", "z")), min_size=1, max_size=2).map("-".join),
    max_size=6,
    unique_by=str.lower,
)
FIELDS = ("ID", "Name", "Description", "Brand", "xp.a", "xp.b.c", "xp.b.*", "xp.*")


@st.composite
def shelves(draw: st.DrawFn) -> list[dict[str, Any]]:
    values = st.fixed_dictionaries({"Name": texts, "Description": texts, "Brand": texts, "xp": xp_objects})
    return [good(id_, **draw(values)) for id_ in draw(ids)]


@st.composite
def searches(draw: st.DrawFn) -> str:
    pairs = [f"search={draw(phrases)}"]
    if draw(st.booleans()):
        pairs.append(f"searchType={draw(st.sampled_from(list(SearchType))).value}")
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3))
        pairs.append(f"searchOn={','.join(names)}")
    if draw(st.integers(0, 3)) == 0:
        pairs.append("sortBy=!Name,ID")
    return "&".join(pairs)


@settings(max_examples=150)
@given(data=st.data())
async def test_sql_agrees_with_the_plain_reading(connection: asyncpg.Connection, data: st.DataObject) -> None:
    """SRCH-1, SRCH-4: the same items in the same order for every type of search and every choice of fields."""
    items = data.draw(shelves())
    transaction = connection.transaction()
    await transaction.start()
    try:
        await insert(connection, DRAWN, items)
        for _ in range(6):
            query = data.draw(searches())
            note(query)
            request = read_list_request(query.replace(" ", "%20"), GOODS)
            expected = [item["ID"] for item in page_of(items, request, GOODS)]
            total = sum(matches(item, request) for item in items)
            assert await found(connection, DRAWN, query) == (expected, total)
    finally:
        await transaction.rollback()
