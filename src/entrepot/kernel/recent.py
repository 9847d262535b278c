"""What was used last, up to a number or a size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by key, those that were used last; their sizes add up to at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """A value that was kept, if it still is."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def change(self, key: Hashable, value: Value) -> None:
        """Another value of the same size in place of one that is kept."""
        self._values[key] = value, self._values[key][1]

    def keep(self, key: Hashable, value: Value, size: int = 1) -> None:
        """Keep a value in place of those that were not used for longest."""
        _, former = self._values.pop(key, (None, 0))
        self._values[key] = value, size
        self._held += size - former
        while self._held > self._most:
            _, (_, given_up) = self._values.popitem(last=False)
            self._held -= given_up
