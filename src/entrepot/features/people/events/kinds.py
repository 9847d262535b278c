"""Of what type an event is, by its operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from entrepot.declare.operation import Operation, Unit
from entrepot.declare.registry import Registry

WORK = {
    "Orders.DeleteIdle": "Order",
    "OrderReturns.DeleteIdle": "OrderReturn",
    "Subscriptions.Place": "Subscription",
}
"""What the server does of its own."""
NAMED_BY_TABLE = frozenset({"subscription_items"})
"""What the API calls as it calls something else."""
CALLER = "User"
"""What operations below /me are about that name nothing else."""
_PLURALS = ((re.compile("ies$"), "y"), (re.compile("(?<=ch|ss)es$"), ""), (re.compile("(?<!s)s$"), ""))


@dataclass(frozen=True, slots=True)
class EventType:
    """The type of an event, and the verb of its request, "" where there is none."""

    type: str
    verb: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """Those of all operations that can happen, by ID; opened by the application."""

    of: Mapping[str, EventType]
    types: frozenset[str]
    """In lower case."""

    @classmethod
    def known(cls, registry: Registry) -> Self:
        """Of all operations that write for somebody who is known, and of the server's own work."""
        of = dict(_kinds(registry)) | {name: EventType(type_, "") for name, type_ in WORK.items()}
        return cls(of, frozenset(each.type.lower() for each in of.values()))


def _kinds(registry: Registry) -> Iterator[tuple[str, EventType]]:
    for operation in registry.operations.values():
        if operation.unit is not Unit.READ and not operation.public:
            yield operation.id, EventType(_type_of(registry, operation), operation.verb)


def _type_of(registry: Registry, operation: Operation) -> str:
    """What the API calls the thing; for want of a name that of its table, or of the operation's resource."""
    table = operation.table
    if table in registry.entities and table not in NAMED_BY_TABLE:
        return registry.entities[table].object_type
    if table is not None:
        return _one("".join(part.capitalize() for part in table.split("_")))
    return CALLER if operation.tag == "Me" else _one(operation.id.partition(".")[0])


def _one(plural: str) -> str:
    for ending, single in _PLURALS:
        if ending.search(plural):
            return ending.sub(single, plural)
    return plural
