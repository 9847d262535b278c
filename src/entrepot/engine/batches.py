"""Many rows of one table in one statement: the rows are one JSON argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.dialects import postgresql

from entrepot.declare.entity import Entity
from entrepot.engine.call import Call
from entrepot.engine.statements import quoted, stored_columns
from entrepot.engine.wire.json import dump
from entrepot.storage.tables import entity_columns

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class RowBatch:
    """INSERT, UPDATE and DELETE of rows of an entity that share their parents.

    Rows are values by column name, JSON columns as values, too. `key`: the columns that tell the rows apart.
    """

    def __init__(self, entity: Entity, key: tuple[str, ...]) -> None:
        types = {column.name: column.type.compile(_DIALECT) for column in entity_columns(entity)}
        generated = {stored.name for stored in entity.stored if stored.identity}
        above = [parent.stored for parent in entity.parents]
        self._above = above
        self._columns = [name for name in stored_columns(entity) if name not in (*above, *generated)]
        changed = [name for name in self._columns if name not in key]
        listed = ", ".join(f"{quoted(name)} {types[name]}" for name in self._columns)
        source = f"json_to_recordset(${len(above) + 2}::json) AS v({listed})"
        home = "".join(f" AND t.{quoted(name)} = ${i}" for i, name in enumerate(above, 2))
        same = "".join(f" AND t.{quoted(name)} = v.{quoted(name)}" for name in key)
        names = ", ".join(quoted(name) for name in (*above, *self._columns))
        values = ", ".join(
            [*(f"${i}" for i in range(2, len(above) + 2)), *(f"v.{quoted(n)}" for n in self._columns)]
        )
        self._insert = (
            f"INSERT INTO {entity.table} (marketplace_id, {names}) SELECT $1, {values} FROM {source}"
        )
        sets = ", ".join(f"{quoted(name)} = v.{quoted(name)}" for name in changed)
        self._update = (
            f"UPDATE {entity.table} t SET {sets} FROM {source} WHERE t.marketplace_id = $1{home}{same}"
        )
        self._delete = f"DELETE FROM {entity.table} t USING {source} WHERE t.marketplace_id = $1{home}{same}"

    async def insert(self, call: Call, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]) -> None:
        """Create the rows; no statement for none."""
        await self._run(call, self._insert, above, rows)

    async def update(self, call: Call, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write all columns of rows that exist."""
        await self._run(call, self._update, above, rows)

    async def delete(self, call: Call, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]) -> None:
        """Delete the rows; only their keys count."""
        await self._run(call, self._delete, above, rows)

    async def _run(
        self, call: Call, sql: str, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        sent = [{name: row.get(name) for name in self._columns} for row in rows]
        if sent:
            await call.db.execute(sql, call.marketplace_id, *above, dump(sent))
