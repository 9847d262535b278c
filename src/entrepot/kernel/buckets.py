"""Token buckets: how often something may be done, at once and in the long run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` times at once, and as often again in every `seconds`. A burst of 0 is no limit."""

    burst: int
    seconds: float = 60.0


class Buckets:
    """One bucket for each key, of one rate. In memory stay those that were used last, at most `most`.

    Moments are seconds of any clock that never goes back. A bucket that is forgotten for lack of room is full again.
    """

    def __init__(self, rate: Rate, most: int = 50_000) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, now: float) -> float:
        """0.0 where the bucket had a token, which is taken; else the seconds until it has one."""
        if not self._rate.burst:
            return 0.0
        left = self._left(key, now)
        if left < 1:
            self._buckets.move_to_end(key)
            return (1 - left) * self._rate.seconds / self._rate.burst
        self._keep(key, left - 1, now)
        return 0.0

    def give_back(self, key: Hashable, now: float) -> None:
        """Undo a `take`."""
        if key in self._buckets:
            self._keep(key, self._left(key, now) + 1, now)

    def _left(self, key: Hashable, now: float) -> float:
        tokens, since = self._buckets.get(key, (float(self._rate.burst), now))
        return min(self._rate.burst, tokens + (now - since) * self._rate.burst / self._rate.seconds)

    def _keep(self, key: Hashable, tokens: float, now: float) -> None:
        if tokens >= self._rate.burst:
            # A full one needs no memory.
            self._buckets.pop(key, None)
            return
        self._buckets[key] = (tokens, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
