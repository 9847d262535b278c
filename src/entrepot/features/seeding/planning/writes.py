"""The operations by which the API creates, changes and deletes the records of a kind, found by their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Verb
from entrepot.features.seeding.kinds import Kind

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writes:
    """change: None where nothing of a record can be another. deletes: of which that one fits whose path a record can fill; none
    where records go with others only.
    """

    create: Operation
    change: Operation | None
    deletes: tuple[Operation, ...]

    def delete(self, record: Values) -> Operation | None:
        """The operation that deletes a record: the one that says most exactly which one it is."""
        if len(self.deletes) == 1:
            return self.deletes[0]
        given = {name.lower() for name, value in record.items() if value not in (None, "")}
        fitting = [
            each for each in self.deletes if given.issuperset(name.lower() for name in each.path_parameters)
        ]
        return max(fitting, key=lambda each: len(each.path_parameters), default=None)


def writes_of(kind: Kind, registry: Registry) -> Writes:
    """Those of a kind."""
    assert kind.writes is not None
    if kind.plain is not None:
        return Writes(kind.writes, kind.writes, (kind.plain.delete,))
    if kind.section == "Assignments":
        return Writes(kind.writes, kind.writes, tuple(_deletes_of_assignment(kind, registry)))
    assert kind.resource is not None
    resource = kind.resource
    item = f"{resource.path}/{{{resource.item}}}"
    by_path = {(each.verb, each.path): each for each in (*registry.operations.values(), *kind.operations)}
    deletes = by_path.get(("DELETE", item)) or registry.operations.get(resource.operation_id(Verb.DELETE))
    return Writes(kind.writes, by_path.get(("PUT", item)), () if deletes is None else (deletes,))


def _deletes_of_assignment(kind: Kind, registry: Registry) -> Iterator[Operation]:
    assert kind.writes is not None
    for each in registry.operations.values():
        if each.verb == "DELETE" and (each.table == kind.table or each.path == kind.writes.path):
            yield each
