"""What the index holds of each product, forwards: its terms, and of a bundle its products."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

BLOCK = 256
"""Products whose terms stand in one array."""
_BYTES_OF_A_BLOCK = 300
_BYTES_OF_A_ROW = 250


@dataclass(frozen=True, slots=True)
class Row:
    """One product. parts: numbers of the products that a bundle holds, None of what is no bundle."""

    terms: frozenset[int]
    parts: tuple[int, ...] | None = None


class Rows:
    """Rows by slot, None where there is none. They are written in order, and later one by one."""

    def __init__(self) -> None:
        self._terms: list[array[int]] = []
        self._ends: list[array[int]] = []
        self._parts: dict[int, tuple[int, ...]] = {}
        self._later: dict[int, array[int] | None] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, slot: int) -> Row | None:
        terms = self._later[slot] if slot in self._later else self._written(slot)
        return None if terms is None else Row(frozenset(terms), self._parts.get(slot))

    def append(self, row: Row) -> None:
        """Write the row of the next slot."""
        if self._count % BLOCK == 0:
            self._terms.append(array("I"))
            self._ends.append(array("I"))
        self._terms[-1].extend(row.terms)
        self._ends[-1].append(len(self._terms[-1]))
        if row.parts is not None:
            self._parts[self._count] = row.parts
        self._count += 1

    def write(self, slot: int, row: Row | None) -> None:
        """Put a row in the place of what stood in this slot."""
        self._later[slot] = None if row is None else array("I", row.terms)
        self._parts.pop(slot, None)
        if row is not None and row.parts is not None:
            self._parts[slot] = row.parts

    def _written(self, slot: int) -> array[int]:
        block, place = divmod(slot, BLOCK)
        ends = self._ends[block]
        return self._terms[block][ends[place - 1] if place else 0 : ends[place]]

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        blocks = sum(_BYTES_OF_A_BLOCK + 4 * (len(block) + BLOCK) for block in self._terms)
        later = sum(_BYTES_OF_A_ROW + 4 * len(terms or ()) for terms in self._later.values())
        return blocks + later + sum(_BYTES_OF_A_ROW + 40 * len(parts) for parts in self._parts.values())
