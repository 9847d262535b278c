"""The people of tests/domain/listing in a table, by the rules that declared tables follow."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable
from tests.domain.listing.people import PEOPLE

from entrepot.domain.listing.request import ListRequest
from entrepot.kernel.clock import format_datetime
from entrepot.storage.columns import Citext
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.source import table_source

TABLE = Table(
    "people",
    MetaData(),
    Column("marketplace_id", BigInteger, nullable=False),
    Column("ID", Citext, nullable=False),
    Column("LastName", Text),
    Column("FirstName", Text),
    Column("CompanyID", Citext),
    Column("Status", Text),
    Column("Active", Boolean),
    Column("Quantity", Integer),
    Column("Total", Numeric),
    Column("DateCreated", DateTime(timezone=True)),
    Column("Roles", ARRAY(Text)),
    Column("Address", JSON),
    Column("Breaks", JSON),
    Column("xp", JSON),
    Column("xp_value", JSONB, Computed("xp::jsonb", persisted=True)),
    PrimaryKeyConstraint("marketplace_id", "ID", name="pk_people"),
)
SOURCE = table_source(PEOPLE, TABLE, scope=("marketplace_id",), columns=("ID",))
DDL = str(CreateTable(TABLE).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]

_STORED = [column.name for column in TABLE.columns if column.computed is None]
_INSERT = (
    f"INSERT INTO people ({', '.join(json.dumps(name) for name in _STORED)})"
    f" VALUES ({', '.join(f'${number}' for number in range(1, len(_STORED) + 1))})"
)


async def insert(
    connection: asyncpg.Connection, marketplace_id: int, items: Iterable[Mapping[str, Any]]
) -> None:
    rows = [
        [marketplace_id if name == "marketplace_id" else _stored(name, item[name]) for name in _STORED]
        for item in items
    ]
    await connection.executemany(_INSERT, rows)


async def found(
    connection: asyncpg.Connection, marketplace_id: int, request: ListRequest
) -> tuple[list[str], int]:
    """The IDs of the page and the total."""
    compiled = compile_list(SOURCE, request, {"marketplace_id": marketplace_id})
    rows, total = await fetch_page(connection, compiled)
    return [row["ID"] for row in rows], total


def json_of(value: Any) -> str:
    """JSON text as the wire has it: decimals are numbers, dates are texts."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{json_of(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_of(each) for each in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return json.dumps(format_datetime(value))
    return json.dumps(value)


def _stored(name: str, value: Any) -> Any:
    if name in {"xp", "Address", "Breaks"} and value is not None:
        return json_of(value)
    return value
