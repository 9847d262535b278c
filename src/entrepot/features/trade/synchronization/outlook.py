"""Whether anybody synchronizes what a unit writes, and the event that tells of it: the unit asks and calls (engine/units.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.declare.synced import Thing
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.syncing import Name, Noted, Syncing
from entrepot.features.people.deliveries.listeners import Listeners
from entrepot.features.people.deliveries.listening import ListeningMemory, listeners
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.services import services
from entrepot.features.trade.synchronization.kinds import FOR_PRODUCTS, KINDS

SYNCHRONIZED, STOCK_MOVED = "Synchronized", "StockMoved"
"""The names of the kinds of events."""
AGGREGATE = "synchronization"
"""All changes of a marketplace leave in their order: a message shows what holds when it is made, so that a later one would be older
if two were made at once.
"""
MOST = 100
"""Things of one event."""


class SynchronizationOutlook:
    """One per process."""

    def __init__(self, syncing: Syncing) -> None:
        self.syncing = syncing
        self._known: tuple[Listeners, frozenset[Thing]] | None = None

    async def wanted(self, call: Call) -> frozenset[Thing]:
        """What somebody listens to in the caller's marketplace; no statement while that is remembered."""
        found = await listeners(call)
        if self._known is None or self._known[0] is not found:
            self._known = found, wanted_of(found)
        return self._known[1]

    def raised(self, call: Call, recording: Recording) -> None:
        """What listens is remembered under the epoch that the unit has raised."""
        services(call).memory(ListeningMemory).raised(call, recording)

    async def tell(self, call: Call, recording: Recording) -> None:
        """One event of all that the unit has noted, more where that is very much. One statement each, in the unit."""
        before, call.connection = call.connection, recording
        try:
            for facts in facts_of(recording.noted):
                await tell(call, call.marketplace_id, SYNCHRONIZED, AGGREGATE, facts)
            if recording.noted.moved:
                moved = {"moved": recording.noted.moved}
                await tell(call, call.marketplace_id, STOCK_MOVED, AGGREGATE, moved)
        finally:
            call.connection = before


def wanted_of(found: Listeners) -> frozenset[Thing]:
    """What anybody listens to."""
    things = {
        kind.thing for kind in KINDS if (sync := found.syncs(kind.setting)) and (sync.changed or sync.deleted)
    }
    if Thing.PRODUCTS in things:
        things.update(FOR_PRODUCTS)
    if found.inventory is not None:
        things.add(Thing.STOCK)
    return frozenset(things)


def facts_of(noted: Noted) -> Iterator[Mapping[str, Any]]:
    """The facts of the events that tell of it: what has gone first."""
    facts: dict[str, dict[str, list[Name]]] = {}
    count = 0
    for how, things in (("gone", noted.gone), ("changed", noted.changed)):
        for thing, names in things.items():
            for name in names:
                facts.setdefault(how, {}).setdefault(str(thing), []).append(name)
                count += 1
                if count == MOST:
                    yield facts
                    facts, count = {}, 0
    if facts:
        yield facts
