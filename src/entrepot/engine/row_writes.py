"""Single rows that use cases write: INSERT, and UPDATE of some columns; a duplicate key is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import asyncpg

from entrepot.declare.entity import Entity
from entrepot.engine import statements, totals
from entrepot.engine.call import Call
from entrepot.engine.conflicts import refusal
from entrepot.engine.rows import to_row


async def insert_row(call: Call, entity: Entity, values: Mapping[str, Any]) -> None:
    """Create a row of these values by column name, JSON columns as values, too. Raises IdExistsError."""
    row = to_row(entity, values)
    with _refusing(entity, values[entity.id_column]):
        sql = statements.insert(entity.table, tuple(row))
        await call.enqueue(sql, call.marketplace_id, *row.values())


async def insert_keyed_row(call: Call, entity: Entity, values: Mapping[str, Any]) -> int:
    """The same for an entity with a surrogate key, which the row gets."""
    row = to_row(entity, values)
    with _refusing(entity, values[entity.id_column]):
        sql = f"{statements.insert(entity.table, tuple(row))} RETURNING key"
        key: int = await call.db.fetchval(sql, call.marketplace_id, *row.values())
    await totals.keep(call.db, call.marketplace_id, entity, None, row)
    return key


async def update_row(
    call: Call, entity: Entity, place: Mapping[str, Any], changes: Mapping[str, Any], object_id: str
) -> None:
    """Write these columns of the row that `place` tells by its columns; no statement for none. Raises IdExistsError.

    object_id: what a refusal names.
    """
    if not changes:
        return
    row = to_row(entity, changes)
    sql = _update(entity.table, tuple(place), tuple(row))
    with _refusing(entity, object_id):
        await call.enqueue(sql, call.marketplace_id, *place.values(), *row.values())


@lru_cache(maxsize=4096)
def _update(table: str, place: tuple[str, ...], columns: tuple[str, ...]) -> str:
    where = "".join(f" AND t.{statements.quoted(name)} = ${i}" for i, name in enumerate(place, 2))
    sets = ", ".join(f"{statements.quoted(name)} = ${i}" for i, name in enumerate(columns, len(place) + 2))
    return f"UPDATE {table} t SET {sets} WHERE t.marketplace_id = $1{where}"


@contextmanager
def _refusing(entity: Entity, object_id: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise refusal(error, entity, object_id) from error
