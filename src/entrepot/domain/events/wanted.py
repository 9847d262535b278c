"""Which events a listener wants: by type, operation, verb and ID."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.faults.meeting import matches


@dataclass(frozen=True, slots=True)
class Happened:
    """As much of an event as it is chosen by. type: `Product`; operation: `Products.Patch`; verb: of the request, "" where there was
    none; ids: of what it is about and of what that belongs to, in lower case.
    """

    type: str
    operation: str
    verb: str
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of each that is not empty, one has to be the event's. types, verbs and ids in lower case; operations with `*` or without."""

    types: frozenset[str] = frozenset()
    operations: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    def has(self, event: Happened) -> bool:
        """Whether the event is wanted."""
        return (
            (not self.types or event.type.lower() in self.types)
            and (not self.verbs or event.verb.lower() in self.verbs)
            and (not self.ids or not self.ids.isdisjoint(event.ids))
            and (not self.operations or any(matches(each, event.operation) for each in self.operations))
        )
