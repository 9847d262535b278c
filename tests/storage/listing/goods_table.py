"""The goods of tests/domain/listing in a table, by the rules that declared tables follow."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Computed,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable
from tests.domain.listing.goods import GOODS
from tests.storage.listing.people_table import json_of

from entrepot.declare.entity import TextFields
from entrepot.domain.listing.request import read_list_request
from entrepot.storage.columns import Citext
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.source import table_source
from entrepot.storage.tables import search_columns, search_index, text_columns

TEXT = TextFields(names=("ID", "Name", "Description"), prominent=("ID", "Name"))
_COLUMNS: list[Column[Any]] = [
    Column("marketplace_id", BigInteger, nullable=False),
    Column("ID", Citext, nullable=False),
    Column("Name", Text),
    Column("Description", Text),
    Column("Brand", Text),
    Column("Size", Integer),
    Column("xp", JSON),
    Column("xp_value", JSONB, Computed("xp::jsonb", persisted=True)),
]
TABLE = Table(
    "goods",
    MetaData(),
    *_COLUMNS,
    *search_columns({column.name: column for column in _COLUMNS}, TEXT),
    PrimaryKeyConstraint("marketplace_id", "ID", name="pk_goods"),
)
INDEX = search_index(TABLE)
SOURCE = table_source(
    GOODS, TABLE, scope=("marketplace_id",), columns=("ID", "Name"), text=text_columns(TABLE, TEXT)
)
_STORED = [column.name for column in TABLE.columns if column.computed is None]


async def create(connection: asyncpg.Connection) -> None:
    await connection.execute(str(CreateTable(TABLE).compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]


async def insert(
    connection: asyncpg.Connection, marketplace_id: int, items: Iterable[Mapping[str, Any]]
) -> None:
    names = ", ".join(json.dumps(name) for name in _STORED)
    places = ", ".join(f"${number}" for number in range(1, len(_STORED) + 1))
    rows = [[marketplace_id, *(_stored(name, item[name]) for name in _STORED[1:])] for item in items]
    await connection.executemany(f"INSERT INTO goods ({names}) VALUES ({places})", rows)


async def found(connection: asyncpg.Connection, marketplace_id: int, query: str) -> tuple[list[str], int]:
    """The IDs of the page and the total."""
    request = read_list_request(query.replace(" ", "%20"), GOODS)
    compiled = compile_list(SOURCE, request, {"marketplace_id": marketplace_id})
    rows, total = await fetch_page(connection, compiled)
    return [row["ID"] for row in rows], total


def _stored(name: str, value: Any) -> Any:
    return json_of(value) if name == "xp" and value is not None else value
