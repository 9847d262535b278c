"""The IDs that a file's objects have, to find what others refer to. They compare without regard to case (ID-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from entrepot.declare.resource import Resource


class Identities:
    """IDs by table and by home: what the object lives under."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def add(self, table: str, home: str, object_id: str) -> bool:
        """Whether it was new."""
        place = _place(table, home, object_id)
        if place in self._ids:
            return False
        self._ids[place] = object_id
        return True

    def find(self, table: str, home: str, object_id: str) -> str | None:
        """The ID as the object itself spells it."""
        return self._ids.get(_place(table, home, object_id))


def home(parts: Iterable[tuple[str, str | None]]) -> str:
    """The name of a home: what an object lives under, by columns; "" for the seller and for what lives nowhere."""
    return "/".join(f"{column}={value}" for column, value in parts if value)


def home_of(resource: Resource, record: Mapping[str, Any]) -> str:
    """Where an object of the resource lives, by the columns that its record has for its path."""
    if not resource.within:
        return ""
    return home((within.column, record.get(within.column)) for within in resource.within)


def _place(table: str, where: str, object_id: str) -> str:
    return f"{table}|{where}|{object_id}".lower()
