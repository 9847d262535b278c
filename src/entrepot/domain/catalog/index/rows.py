"""What the index holds of each product, forwards: its terms, and of a bundle its products."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from entrepot.domain.catalog.index.blocks import Blocks

_BYTES_OF_A_BUNDLE = 250
_BYTES_OF_A_PART = 40
_BYTES_OF_A_ROW = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One product. mark: see Product; parts: numbers of the products that a bundle holds, None of what is no bundle."""

    terms: frozenset[int]
    mark: int = 0
    parts: tuple[int, ...] | None = None


class Rows:
    """Rows by slot, None where there is none any more."""

    def __init__(self) -> None:
        self._terms = Blocks()
        self._marks: array[int] = array("q")
        self._there = bytearray()
        self._parts: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def __getitem__(self, slot: int) -> Row | None:
        if not self._there[slot]:
            return None
        return Row(frozenset(self._terms[slot]), self._marks[slot], self._parts.get(slot))

    def append(self, row: Row) -> None:
        """Write the row of the next slot."""
        if row.parts is not None:
            self._parts[len(self)] = row.parts
        self._terms.append(row.terms)
        self._marks.append(row.mark)
        self._there.append(True)

    def write(self, slot: int, row: Row | None) -> None:
        """Put a row in the place of what stood in this slot."""
        self._there[slot] = row is not None
        self._parts.pop(slot, None)
        self._terms.write(slot, row.terms if row else ())
        if row is not None:
            self._marks[slot] = row.mark
            if row.parts is not None:
                self._parts[slot] = row.parts

    @property
    def entries(self) -> int:
        """How many terms all rows have, but for those that were written later."""
        return self._terms.entries

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        parts = sum(_BYTES_OF_A_BUNDLE + _BYTES_OF_A_PART * len(parts) for parts in self._parts.values())
        return self._terms.size + parts + _BYTES_OF_A_ROW * len(self)
