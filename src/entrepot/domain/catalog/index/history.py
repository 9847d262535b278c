"""What was applied of late: how products were before, so that an answer can be brought from one epoch to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from entrepot.domain.catalog.index.rows import Row

MOST_ROWS = 5_000
_BYTES_OF_A_ROW = 3_000
"""A row with a set of some sixty terms."""


class History:
    """By epoch the rows, by slot, that were there before it; the oldest are forgotten."""

    def __init__(self) -> None:
        self._applied: deque[tuple[int, Mapping[int, Row | None]]] = deque()
        self._rows = 0
        self._forgotten = -1
        """The last epoch of which nothing is known any more."""

    def add(self, epoch: int, before: Mapping[int, Row | None]) -> None:
        self._applied.append((epoch, before))
        self._rows += 1 + len(before)
        while self._rows > MOST_ROWS:
            self._forgotten, gone = self._applied.popleft()
            self._rows -= 1 + len(gone)

    def start(self, epoch: int) -> None:
        """Forget all before an epoch."""
        self._applied.clear()
        self._rows, self._forgotten = 0, epoch

    def since(self, epoch: int) -> Mapping[int, Row | None] | None:
        """How the products that have changed after an epoch were at that epoch, by slot; None where that is forgotten."""
        if epoch < self._forgotten:
            return None
        found: dict[int, Row | None] = {}
        for later, before in reversed(self._applied):
            if later <= epoch:
                break
            found.update(before)
        return found

    @property
    def size(self) -> int:
        return self._rows * _BYTES_OF_A_ROW


@dataclass(frozen=True, slots=True)
class Past:
    """The products as of an epoch: those of the present, but for those that have changed since."""

    present: Callable[[int], Row | None]
    slot: Callable[[int], int | None]
    changed: Mapping[int, Row | None]

    def row(self, slot: int) -> Row | None:
        return self.changed[slot] if slot in self.changed else self.present(slot)

    def row_of(self, number: int) -> Row | None:
        """The row of a product by its number."""
        slot = self.slot(number)
        return None if slot is None else self.row(slot)
