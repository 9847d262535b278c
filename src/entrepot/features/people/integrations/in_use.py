"""Deleting what settings refer to: refused, with the wire's own code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from entrepot.engine.call import Call
from entrepot.kernel.errors import ApiError


@dataclass(frozen=True, slots=True)
class Uses:
    """The columns that may name an object of `table`."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """(table, column)"""
    refusal: type[ApiError]

    async def refuse_deletion(self, call: Call, object_id: str) -> None:
        """Raise `refusal` where one of the columns names the object.

        The row is locked first: who is about to refer to it has either done so by then, or finds it gone.
        """
        lock = f'SELECT 1 FROM {self.table} WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE'
        await call.db.execute(lock, call.marketplace_id, object_id)
        if await call.db.fetchval(self._query(), call.marketplace_id, object_id):
            raise self.refusal

    def _query(self) -> str:
        by_table = defaultdict(list)
        for table, column in self.columns:
            by_table[table].append(f'"{column}" = $2')
        arms = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE marketplace_id = $1 AND ({' OR '.join(names)}))"
            for table, names in by_table.items()
        )
        return f"SELECT {arms}"
