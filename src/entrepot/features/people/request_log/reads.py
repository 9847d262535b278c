"""Reads that come faster than anybody looks at one by one: an even sample of them, in which each row says how many it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from entrepot.engine.principal import Principal

KEPT = 100
"""Of the reads of one operation between two writes this many have a row at the least, and twice as many at the most."""

Noted = tuple[Principal, datetime, str, str, str, str, int, float, str | None]
"""Caller, when, X-Request-ID, operation, method, path, status, seconds, code of the error."""
SECONDS: Final = 7


class Reads:
    """The reads of one operation, in one marketplace, that were answered since the last write. None is left out of the sum of the
    rows' counts, nor is the slowest one without a row.

    Each of the first ones has a row; whenever there are twice KEPT, every other row goes, and from then on only one in so many
    requests gets one.
    """

    __slots__ = ("_kept", "_one_in", "_seen", "_slowest", "_slowest_seconds")

    def __init__(self) -> None:
        self._kept: list[Noted] = []
        self._seen = 0
        self._one_in = 1
        self._slowest: Noted | None = None
        self._slowest_seconds = -1.0

    def passes_over(self, seconds: float) -> bool:
        """Count one that took so long; whether it needs no row. A row that it needs is added next."""
        self._seen += 1
        return self._seen % self._one_in != 0 and seconds <= self._slowest_seconds

    def without_room(self) -> bool:
        """The same of one that needs a row for which there is no room: whether rows that are there stand for it."""
        if self._kept:
            return True
        self._seen -= 1
        return False

    def add(self, noted: Noted) -> int:
        """The row of the request that was counted last; by how many there are more of them now."""
        if noted[SECONDS] > self._slowest_seconds:
            self._slowest, self._slowest_seconds = noted, noted[SECONDS]
        if self._seen % self._one_in:
            return 0
        self._kept.append(noted)
        if len(self._kept) < 2 * KEPT:
            return 1
        self._kept = self._kept[1::2]
        self._one_in *= 2
        return 1 - KEPT

    def rows(self) -> Iterator[tuple[Noted, int]]:
        """The rows, each with the number of requests that it stands for. The slowest one, where it is not of the sample, stands for
        itself: it is like no other.
        """
        kept, slowest, others = self._kept, self._slowest, self._seen
        if slowest is not None and not any(each is slowest for each in kept):
            yield slowest, 1
            others -= 1
        for number, each in enumerate(kept):
            yield each, others // len(kept) + (number < others % len(kept))
