"""Rows that one statement has locked for several calls of a unit, each until its call asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import asyncpg

from entrepot.engine.feeding import writes_of

Place = tuple[Any, ...]
"""What has the rows, and the parents that the path names."""


class LockedRows:
    """Of one unit. They are true as long as the unit has written nothing but new rows, and single rows that were taken from here
    before: nobody else can write them.
    """

    __slots__ = ("_rows", "_spared")

    def __init__(self) -> None:
        self._rows: dict[tuple[Place, str], asyncpg.Record] = {}
        self._spared = ""

    def put(self, place: Place, ids: Iterable[str], rows: Sequence[asyncpg.Record]) -> None:
        """In place of those that are here."""
        self._rows = {(place, each.lower()): row for each, row in zip(ids, rows, strict=True)}

    def take(self, place: Place, object_id: str) -> asyncpg.Record | None:
        """The row, which is not here any more; None where the unit has to ask for it."""
        return self._rows.pop((place, object_id.lower()), None) if self._rows else None

    def spare(self, statement: str) -> None:
        """A statement that writes no other row than one that was taken."""
        self._spared = statement

    def ran(self, statement: str) -> None:
        """The unit has run a statement: who knows what else one that changes rows has changed, by foreign keys too."""
        if self._rows and statement is not self._spared and _changes(statement):
            self._rows = {}

    def clear(self) -> None:
        self._rows = {}


@lru_cache(maxsize=8192)
def _changes(statement: str) -> bool:
    """Whether it changes rows that there are. There are no triggers, so that a row that is added changes no other."""
    return any(write.kind != "INSERT" for write in writes_of(statement))
