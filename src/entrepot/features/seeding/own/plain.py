"""Records that neither a resource nor an assignment describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from entrepot.declare.operation import Body, Handler, Operation, operation
from entrepot.declare.resource import Within
from entrepot.declare.wire import Wire


@dataclass(frozen=True, slots=True)
class Named:
    """A property that names an object of `table`, which lives under what the properties `home` name."""

    name: str
    table: str
    home: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Records of `Assignments`, written and deleted one by one by operations that take them as bodies.

    path: where the contract lists them, "" where it does not. key: what tells them apart, nested properties with dots.
    select: their properties as rows, $1 is the marketplace. renames: of the list, as of a Listing.
    """

    name: str
    model: type[Wire]
    table: str
    within: tuple[Within, ...] = ()
    path: str = ""
    renames: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...]
    names: tuple[Named, ...]
    select: str
    save: Operation
    delete: Operation
    together: str = "*"


def own_operation(verb: str, path: str, model: type[Wire], handler: Handler, table: str) -> Operation:
    """One that no request can ask for."""
    declared = operation(f"Seeding.{verb.title()}{model.__name__}", verb, path, tag="", summary="")(handler)
    return replace(declared, body=Body(model), table=table)


def value_at(record: Any, path: str) -> Any:
    """`MessageSenderAssignment.BuyerID` of a record; None where there is none."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record
