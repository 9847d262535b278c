"""The rows of a marketplace as text, out of a database and into another one.

They come out table by table in the text format of COPY, without the key of the marketplace and without what the database computes. Into
another database they go by way of tables of the transaction, one beside each: what is in them has the types that it should have, and becomes
rows of a marketplace by the one statement that copies are made by, with all of its constraints.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg
import sqlalchemy as sa

from entrepot.storage.marketplace_copy import ARRIVED, tables_of_marketplaces, written_columns

LARGEST_KEY = 2**53
"""Keys from elsewhere are below it: from there on the sequences of this database have as many again, a thousand times."""
AHEAD = 1_000_000
"""By which a sequence is moved beyond the largest key that has come, since others may take numbers of it meanwhile."""
SESSION = "SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'; SET LOCAL intervalstyle = 'postgres'"
"""Texts of values are the same, whatever a database is set to."""
# What nobody has taken a number of is at none.
MOVE_ON = f"""
SELECT setval(s.name, s.largest + {AHEAD}) FROM (
    SELECT CAST(pg_get_serial_sequence(w.of, w.at) AS regclass) AS name, w.largest
    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w (of, at, largest)) s
WHERE coalesce(pg_sequence_last_value(s.name), 0) < s.largest
"""


class ForeignKeysError(Exception):
    """Keys that no database would have given."""


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table whose rows are a marketplace's, without the key of the marketplace. numbered: columns that a sequence gives."""

    name: str
    columns: tuple[str, ...]
    numbered: tuple[str, ...]


def row_tables(metadata: sa.MetaData, copied: frozenset[str]) -> tuple[RowTable, ...]:
    """Those that copies are made of, in their order."""
    return tuple(_row_table(table) for table in tables_of_marketplaces(metadata) if table.name in copied)


def _row_table(table: sa.Table) -> RowTable:
    columns = [column for column in written_columns(table) if column.name != "marketplace_id"]
    return RowTable(
        table.name,
        tuple(column.name for column in columns),
        tuple(column.name for column in columns if column.identity is not None),
    )


async def send(
    connection: asyncpg.Connection,
    table: RowTable,
    marketplace_id: int,
    sink: Callable[[bytes], Awaitable[None]],
    *,
    instead: str | None = None,
) -> None:
    """The rows of a table in parts, whose borders mean nothing. instead: where they stand, if not in the table itself."""
    statement = f"SELECT {_names(table.columns)} FROM {instead or table.name} WHERE marketplace_id = $1"
    await connection.copy_from_query(statement, marketplace_id, output=sink)


async def receive(connection: asyncpg.Connection, table: RowTable, source: AsyncIterator[bytes]) -> None:
    """The rows of a table into that of the transaction beside it."""
    await connection.copy_to_table(f"{ARRIVED}{table.name}", source=source, columns=list(table.columns))


async def prepare_arrivals(connection: asyncpg.Connection, tables: Sequence[RowTable]) -> None:
    """The tables of the transaction, all of them empty."""
    await connection.execute(
        ";\n".join(
            f"CREATE TEMP TABLE {ARRIVED}{table.name} ON COMMIT DROP AS SELECT {_names(table.columns)} FROM {table.name} WITH NO DATA"
            for table in tables
        )
    )


async def move_sequences(connection: asyncpg.Connection, tables: Sequence[RowTable]) -> None:
    """Beyond the keys that have come, so that none of them is given again. Raises ForeignKeysError for keys out of bounds."""
    numbered = [(table.name, column) for table in tables for column in table.numbered]
    bounds = await connection.fetch(
        "\nUNION ALL ".join(
            f"""SELECT CAST({at} AS integer) AS at, min("{column}") AS least, max("{column}") AS most FROM {ARRIVED}{name}"""
            for at, (name, column) in enumerate(numbered)
        )
    )
    found = [row for row in bounds if row["most"] is not None]
    if any(row["least"] <= 0 or row["most"] >= LARGEST_KEY for row in found):
        raise ForeignKeysError
    names = [numbered[row["at"]] for row in found]
    await connection.fetch(
        MOVE_ON, [name for name, _ in names], [column for _, column in names], [row["most"] for row in found]
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
