"""Which supplier delivers which lines of an order (FWD-2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A line as a split looks at it. forwarded: it went to a supplier already."""

    id: str
    supplier: str | None
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """The line IDs for each supplier, and those that nobody else delivers."""

    by_supplier: dict[str, list[str]]
    remaining: list[str]


def split(lines: Iterable[SplitLine]) -> Split:
    """One order for each distinct supplier, in the order of its first line."""
    found = Split({}, [])
    spelled: dict[str, str] = {}
    for line in lines:
        if line.forwarded:
            continue
        if line.supplier is None:
            found.remaining.append(line.id)
            continue
        supplier = spelled.setdefault(line.supplier.lower(), line.supplier)
        found.by_supplier.setdefault(supplier, []).append(line.id)
    return found
