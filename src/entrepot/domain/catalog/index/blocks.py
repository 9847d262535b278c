"""Numbers of each product, written in order, many products to an array."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

BLOCK = 256
"""Products whose numbers stand in one array."""
_BYTES_OF_A_BLOCK = 300
_BYTES_OF_AN_ENTRY = 180


class Blocks:
    """Small arrays by slot; what is written later in the place of another stands by itself."""

    def __init__(self) -> None:
        self._blocks: list[array[int]] = []
        self._ends: list[array[int]] = []
        self._later: dict[int, array[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, slot: int) -> array[int]:
        later = self._later.get(slot)
        if later is not None:
            return later
        block, place = divmod(slot, BLOCK)
        ends = self._ends[block]
        return self._blocks[block][ends[place - 1] if place else 0 : ends[place]]

    def append(self, numbers: Iterable[int]) -> None:
        """Write those of the next slot."""
        if self._count % BLOCK == 0:
            self._blocks.append(array("I"))
            self._ends.append(array("I"))
        self._blocks[-1].extend(numbers)
        self._ends[-1].append(len(self._blocks[-1]))
        self._count += 1

    def write(self, slot: int, numbers: Iterable[int]) -> None:
        self._later[slot] = array("I", numbers)

    @property
    def entries(self) -> int:
        """How many numbers were written in order."""
        return sum(map(len, self._blocks))

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        blocks = len(self._blocks) * (_BYTES_OF_A_BLOCK + 4 * BLOCK) + 4 * self.entries
        return blocks + sum(_BYTES_OF_AN_ENTRY + 4 * len(numbers) for numbers in self._later.values())
