"""Records in chunks that can be judged at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from entrepot.features.seeding.batches import Pending, Single
from entrepot.features.seeding.kinds import ANY
from entrepot.features.seeding.pace import BATCH

R = TypeVar("R", Pending, Single)
BATCHES = 4
"""Of a chunk. At its end, the database waits for the first of the next one to have been thought of; where one record is refused, all
of its chunk are written one after the other.
"""


def chunks(records: Sequence[R], together: str, told_apart: Sequence[str] = ()) -> Iterator[list[R]]:
    """The records by `together` as Kind has it; those that must not meet keep their order. told_apart: the properties, beside the path,
    by which records replace each other: the last one counts (ASG-1), however many questions one before it asks first.
    """
    if not together:
        yield from ([record] for record in records)
        return
    if together != ANY:
        waves = _waves(records, partial(_named, names=(together.lower(),)))
    elif told_apart:
        waves = _waves(records, partial(_told, names=tuple(map(str.lower, told_apart))))
    else:
        waves = [list(records)]
    for wave in waves:
        for start in range(0, len(wave), BATCHES * BATCH):
            yield wave[start : start + BATCHES * BATCH]


def _told(record: Pending | Single, names: tuple[str, ...]) -> tuple[str, ...]:
    return (*map(str.lower, record.path.values()), *_named(record, names))


def _named(record: Pending | Single, names: tuple[str, ...]) -> tuple[str, ...]:
    """What the record has under these names, which are in lower case, as its values are then."""
    body = {name.lower(): value for name, value in (record.body or {}).items()}
    return tuple(str(body.get(name)).lower() for name in names)


def _waves(records: Sequence[R], same: Callable[[R], Hashable]) -> list[list[R]]:
    """The first record of all that are the same, then the second of each, and so on."""
    seen: dict[Hashable, int] = defaultdict(int)
    waves: list[list[R]] = []
    for record in records:
        which = same(record)
        if seen[which] == len(waves):
            waves.append([])
        waves[seen[which]].append(record)
        seen[which] += 1
    return waves
