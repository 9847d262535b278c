"""What a process remembers of a marketplace, as of an epoch that statements confirm."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call
from entrepot.kernel.recent import Recent

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Values by marketplace and key, the longest unused forgotten first; each as of the epoch at which it was read.

    A unit that has written what feeds them is told nothing, and nothing that it reads is kept.
    """

    def __init__(self, feed: Feed, most: int) -> None:
        """most: values, or what `keep` calls their sizes."""
        self._feed = feed
        self._values: Recent[tuple[int, Value]] = Recent(most)

    def get(self, call: Call, key: Hashable, epoch: int) -> Value | None:
        """The value as of this epoch, if it was kept."""
        found = self._values.get((call.marketplace_id, key))
        return found[1] if found is not None and found[0] == epoch and not call.wrote(self._feed) else None

    def since(self, call: Call, key: Hashable, epoch: int) -> Value | None:
        """The value as of this epoch or a later one: for what decides nothing that the caller's own epoch does not confirm."""
        found = self._values.get((call.marketplace_id, key))
        return found[1] if found is not None and found[0] >= epoch and not call.wrote(self._feed) else None

    def stands(self, call: Call, key: Hashable, epoch: int) -> None:
        """What was kept as of the epoch before this one is true under it, too: who has raised it knows what it wrote."""
        kept = (call.marketplace_id, key)
        found = self._values.get(kept)
        if found is not None and found[0] == epoch - 1:
            self._values.change(kept, (epoch, found[1]))

    def keep(self, call: Call, key: Hashable, epoch: int, value: Value, size: int = 1) -> None:
        """Remember what was read together with this epoch, or after the epoch was read; in place of another epoch's."""
        if not call.wrote(self._feed):
            self._values.keep((call.marketplace_id, key), (epoch, value), size)
