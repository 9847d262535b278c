"""What the compiler makes of requests: one statement per shape, only arguments from the caller, every kind of source."""

from urllib.parse import quote

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Integer, MetaData, Numeric, Table, bindparam
from sqlalchemy.sql import and_
from tests.domain.listing.people import PEOPLE
from tests.storage.listing.people_table import SOURCE

from entrepot.domain.listing.fields import Field, FieldKind, ListShape
from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import ApiError
from entrepot.storage.columns import Citext
from entrepot.storage.listing.compile import CompiledList, compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.skeletons import skeletons
from entrepot.storage.listing.source import Collection, Source, table_source

MARKER = "zq'\"%_\\;--$1:x"


def compiled(query: str) -> CompiledList:
    return compile_list(SOURCE, read_list_request(query, PEOPLE), {"marketplace_id": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LastName=Smith", "LastName=Jones"),
        ("ID=a|b", "ID=" + "|".join(f"id{n}" for n in range(100))),
        ("xp.Color=red", "xp.Size.Deep=5|6|true"),
        ("xp.a=>5&sortBy=xp.b", "xp.c=>7.5&sortBy=xp.d"),
        ("Status=Open", "Status=!!2"),
        ("Quantity=5", "Quantity=-7.0"),
        ("search=x&searchOn=xp.a", "search=%25y&searchOn=xp.b"),
        ("page=2", "page=77"),
    ],
)
def test_requests_of_one_shape_share_a_statement(one: str, other: str) -> None:
    first, second = compiled(one), compiled(other)
    assert first.sql == second.sql, "so that the database plans it once"
    assert first.args != second.args


def test_new_shapes_are_joined_from_what_is_there() -> None:
    """Security 1: a query that was never seen, with operators that never met, makes SQLAlchemy compose nothing."""
    operators = ("1", "!a", ">5", "<2020-01-01", "*x*", "!*", "", "a|b|!c*")
    compiled(f"sortBy=xp.z&page=2&{'&'.join(f'{name}=*' for name in ('ID', 'LastName', 'xp.a'))}")
    made, kept = skeletons.cache_info().misses, dict(SOURCE._values)
    seen = set()
    for turn in range(8):
        tests = [f"xp.n{turn}_{n}={operators[n * turn % 8]}" for n in range(40)]
        query = f"sortBy=xp.k{turn}&page={turn + 2}&ID=!x&LastName={turn}*&{'&'.join(tests)}"
        seen.add(compiled(query).sql)
    assert len(seen) > 4
    assert skeletons.cache_info().misses == made
    assert SOURCE._values == kept


@pytest.mark.parametrize(
    "query",
    [
        *(
            f"{name}={{}}"
            for name in ("LastName", "LastName=!", "LastName=>", "Roles", "ID", "Address.City", "xp.a")
        ),
        *(
            "xp.{}=1",
            "Address.xp.{}=>1",
            "Breaks.xp.{}=*",
            "sortBy=xp.{}",
            "search={}",
            "search=a&searchOn=xp.{}",
        ),
    ],
)
def test_no_text_of_the_caller_is_in_the_statement(query: str) -> None:
    result = compiled(query.format(quote(MARKER)))
    assert "zq" not in result.sql
    assert "zq" in repr(result.args)


def test_the_marketplace_is_the_first_argument() -> None:
    """citus.md 14: marketplace_id = $1 on every table of the statement."""
    result = compiled("LastName=Smith&search=x&sortBy=!xp.a&page=2")
    assert result.sql.count("FROM people") == result.sql.count("people.marketplace_id = $1") == 2
    assert result.args[0] == 1


@given(
    name=st.sampled_from(("LastName", "ID", "xp.a", "Roles", "search", "Quantity", "Total", "DateCreated"))
    | st.text(max_size=5).map(lambda key: f"xp.{key}"),
    value=st.text(max_size=20)
    | st.from_regex(r"[!<>=]{0,3}[+-]?[0-9]{1,40}(e[+-]?[0-9]{1,3})?", fullmatch=True),
)
async def test_no_value_breaks_the_statement(connection: asyncpg.Connection, name: str, value: str) -> None:
    query = f"{quote(name, errors='replace')}={quote(value, errors='replace')}&sortBy={quote(name, errors='replace')}"
    try:
        result = compiled(query)
    except ApiError:
        return
    await fetch_page(connection, result)


@pytest.mark.parametrize(
    "query",
    [
        "ID=" + "|".join(f"id-{n:017}" for n in range(100)),
        "&".join(f"LastName=!{n}" for n in range(50)),
        "LastName=" + "|".join(f"*{n}*" for n in range(50)),
        "LastName=" + "|".join(f"!{n}" for n in range(50)),
        "xp.a=" + "|".join(f"<{n}" for n in range(50)),
        "LastName=" + "%*_" * 100,
        "LastName=" + "x" * 8000,
        "xp.a=" + "9" * 8000,
        "xp" + ".a" * 50 + "=1",
        "xp." + quote("k'\"\\\t\x01😀") + "=1",
        "Total=1e999|-1e999|1e-999",
        "Quantity=" + "9" * 200,
        "sortBy=" + ",".join(f"xp.{n}" for n in range(50)),
    ],
    ids=lambda query: query[:30],
)
async def test_large_requests_run(connection: asyncpg.Connection, query: str) -> None:
    """FLT-9, and the limits of domain/listing."""
    await fetch_page(connection, compiled(query))


class TestCollections:
    """A list field in a table of its own, and fields of a joined table (FLT-1)."""

    METADATA = MetaData()
    ORDERS = Table(
        "orders_example",
        METADATA,
        Column("marketplace_id", BigInteger, nullable=False),
        Column("ID", Citext, nullable=False),
        Column("BuyerID", Citext),
    )
    ITEMS = Table(
        "items_example",
        METADATA,
        Column("marketplace_id", BigInteger, nullable=False),
        Column("OrderID", Citext, nullable=False),
        Column("ProductID", Citext, nullable=False),
        Column("Quantity", Integer, nullable=False),
    )
    BUYERS = Table(
        "buyers_example",
        METADATA,
        Column("marketplace_id", BigInteger, nullable=False),
        Column("ID", Citext, nullable=False),
        Column("Credit", Numeric, nullable=False),
    )
    ITEM_FIELDS = (Field("ProductID", FieldKind.ID), Field("Quantity", FieldKind.INTEGER))
    SHAPE = ListShape(
        fields=(
            Field("ID", FieldKind.ID),
            Field("LineItems", FieldKind.LIST, fields=ITEM_FIELDS),
            Field("Buyer", FieldKind.OBJECT, fields=(Field("Credit", FieldKind.DECIMAL),)),
        ),
        sort=("Buyer.Credit", "ID"),
    )

    def source(self) -> Source:
        orders, items, buyers = self.ORDERS.c, self.ITEMS.c, self.BUYERS.c
        marketplace = bindparam("marketplace_id", type_=BigInteger())
        line_items = table_source(
            ListShape(self.ITEM_FIELDS, key=()), self.ITEMS, scope=("marketplace_id",), columns=("OrderID",)
        )
        joined = self.ORDERS.outerjoin(
            self.BUYERS, and_(buyers.marketplace_id == marketplace, orders.BuyerID == buyers.ID)
        )
        return Source(
            shape=self.SHAPE,
            table=joined,
            columns=(orders.ID,),
            fields={"ID": orders.ID, "Buyer.Credit": buyers.Credit},
            where=(orders.marketplace_id == marketplace,),
            collections={"LineItems": Collection(line_items, items.OrderID == orders.ID)},
        )

    async def test_filters_and_sorts(self, connection: asyncpg.Connection) -> None:
        await connection.execute(
            """
            CREATE TEMP TABLE orders_example (marketplace_id bigint, "ID" citext, "BuyerID" citext);
            CREATE TEMP TABLE items_example (marketplace_id bigint, "OrderID" citext, "ProductID" citext,
                                             "Quantity" integer);
            CREATE TEMP TABLE buyers_example (marketplace_id bigint, "ID" citext, "Credit" numeric);
            INSERT INTO orders_example VALUES (1, 'A', 'rich'), (1, 'B', 'poor'), (1, 'C', NULL), (2, 'A', 'poor');
            INSERT INTO items_example VALUES (1, 'a', 'Pen', 1), (1, 'a', 'Ink', 9), (1, 'b', 'pen', 5), (2, 'C', 'Pen', 5);
            INSERT INTO buyers_example VALUES (1, 'Rich', 100), (1, 'Poor', 1), (2, 'Poor', 7);
            """
        )
        source = self.source()
        found = {}
        for query in EXPECTED:
            request = read_list_request(query, self.SHAPE)
            rows, total = await fetch_page(connection, compile_list(source, request, {"marketplace_id": 1}))
            assert total == len(rows)
            found[query] = "".join(row["ID"] for row in rows)
        assert found == EXPECTED


EXPECTED = {
    "": "CBA",
    "sortBy=!Buyer.Credit": "ABC",
    "LineItems.ProductID=PEN": "BA",
    "LineItems.ProductID=!pen": "C",
    "LineItems.ProductID=ink&LineItems.Quantity=1": "A",
    "LineItems.Quantity=>4": "BA",
    "LineItems=!*": "C",
    "LineItems=*": "BA",
    "Buyer.Credit=>1": "A",
    "Buyer.Credit=!1": "CA",
    "Buyer.Credit=!*": "C",
}
