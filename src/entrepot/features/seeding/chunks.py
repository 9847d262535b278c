"""Records in chunks that can be judged at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from entrepot.features.seeding.batches import Pending, Single
from entrepot.features.seeding.kinds import ANY
from entrepot.features.seeding.pace import BATCH

R = TypeVar("R", Pending, Single)
BATCHES = 4
"""Of a chunk. At its end, the database waits for the first of the next one to have been thought of; where one record is refused, all
of its chunk are written one after the other.
"""


def chunks(records: Sequence[R], together: str) -> Iterator[list[R]]:
    """The records by `together` as Kind has it; those that must not meet keep their order."""
    if not together:
        yield from ([record] for record in records)
        return
    for wave in [list(records)] if together == ANY else _waves(records, together):
        for start in range(0, len(wave), BATCHES * BATCH):
            yield wave[start : start + BATCHES * BATCH]


def _waves(records: Sequence[R], name: str) -> list[list[R]]:
    """The first record of each value of the property, then the second of each, and so on."""
    seen: dict[str, int] = defaultdict(int)
    waves: list[list[R]] = []
    for record in records:
        value = str((record.body or {}).get(name)).lower()
        if seen[value] == len(waves):
            waves.append([])
        waves[seen[value]].append(record)
        seen[value] += 1
    return waves
