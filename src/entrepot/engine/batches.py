"""Many rows of one table in one statement: the rows are one JSON argument."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
        self._table = entity.table
        self._types = types
        self._key = key
        self._columns = [name for name in stored_columns(entity) if name not in (*above, *generated)]
        self._place = f"${len(above) + 2}::json"
        source = self._source(self._columns)
        home = "".join(f" AND t.{quoted(name)} = ${i}" for i, name in enumerate(above, 2))
        same = "".join(f" AND t.{quoted(name)} = v.{quoted(name)}" for name in key)
        names = ", ".join(quoted(name) for name in (*above, *self._columns))
        values = ", ".join(
            [*(f"${i}" for i in range(2, len(above) + 2)), *(f"v.{quoted(n)}" for n in self._columns)]
        )
        self._insert = (
            f"INSERT INTO {entity.table} (marketplace_id, {names}) SELECT $1, {values} FROM {source}"
        )
        self._those = f"WHERE t.marketplace_id = $1{home}{same}"
        self._updates: dict[tuple[str, ...], str] = {}
        self._delete = f"DELETE FROM {entity.table} t USING {self._source(key)} {self._those}"

    async def insert(self, call: Call, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]) -> None:
        """Create the rows; no statement for none."""
        await self._run(call, self._insert, above, rows, self._columns)

    async def update(
        self,
        call: Call,
        above: tuple[Any, ...],
        rows: Iterable[Mapping[str, Any]],
        changed: Collection[str] | None = None,
    ) -> None:
        """Write these columns of rows that exist, all of them where none are named: what the database generates from others, as what is
        searched for, it makes anew of those that are set.
        """
        sets = tuple(
            name for name in self._columns if name not in self._key and (changed is None or name in changed)
        )
        if sets:
            await self._run(call, self._update_of(sets), above, rows, (*self._key, *sets))

    async def delete(self, call: Call, above: tuple[Any, ...], rows: Iterable[Mapping[str, Any]]) -> None:
        """Delete the rows; only their keys count."""
        await self._run(call, self._delete, above, rows, self._key)

    def _source(self, columns: Iterable[str]) -> str:
        listed = ", ".join(f"{quoted(name)} {self._types[name]}" for name in columns)
        return f"json_to_recordset({self._place}) AS v({listed})"

    def _update_of(self, columns: tuple[str, ...]) -> str:
        known = self._updates.get(columns)
        if known is None:
            sets = ", ".join(f"{quoted(name)} = v.{quoted(name)}" for name in columns)
            source = self._source((*self._key, *columns))
            known = self._updates[columns] = f"UPDATE {self._table} t SET {sets} FROM {source} {self._those}"
        return known

    async def _run(
        self,
        call: Call,
        sql: str,
        above: tuple[Any, ...],
        rows: Iterable[Mapping[str, Any]],
        columns: Iterable[str],
    ) -> None:
        sent = [{name: row.get(name) for name in columns} for row in rows]
        if sent:
            await call.enqueue(sql, call.marketplace_id, *above, dump(sent))
