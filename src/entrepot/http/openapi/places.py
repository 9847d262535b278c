"""Where models and enumerations stand in the document, and what their schemas must therefore say.

Nothing can be said beside a bare reference, and an enumeration stands nowhere but in bare ones: generators and the
vendor's applications take allOf for an object (OAPI-1). So what holds in each place of an enumeration is said in its
schema. A nullable object is `allOf` of a reference with type and nullable beside it, which still refuses null when the
schema that it refers to does.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.features.people.configuration.resources import XpThingType
from entrepot.features.trade.orders.models.enums import OrderDirection

ENUMERATED_PATHS: dict[str, type[enum.StrEnum]] = {"direction": OrderDirection, "thingType": XpThingType}
"""Path parameter -> the enumeration of its values."""


class AmbiguousNameError(Exception):
    """Two models or enumerations want the same name on the wire."""


@dataclass
class Places:
    """Every model and enumeration that operations reach, by name, and the kinds of places that each has."""

    named: dict[str, type[Any]] = field(default_factory=dict)
    nullable: set[type[Any]] = field(default_factory=set)
    """In the place of these null may stand."""
    bare: set[type[Any]] = field(default_factory=set)
    """Models that also stand where null may not: as an answer, or as an item of an array."""
    bodies: set[type[Wire]] = field(default_factory=set)
    """Models of request bodies."""
    written: set[type[Any]] = field(default_factory=set)
    """What callers send: in a property that is not read-only, or as a parameter."""

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Places:
        """Raises AmbiguousNameError for two models or enumerations of one name."""
        places = cls()
        in_path: set[str] = set()
        for operation in operations:
            if operation.body is not None:
                places._model(operation.body.model)
                places.bodies.add(operation.body.model)
            if operation.returns is not None:
                places._model(operation.returns.model)
                places.bare.add(operation.returns.model)
            for parameter in operation.query:
                places._type(parameter.type, written=True)
            in_path |= set(operation.path_parameters)
        for name in sorted(in_path & ENUMERATED_PATHS.keys()):
            found = ENUMERATED_PATHS[name]
            places.named.setdefault(found.__name__, found)
        return places

    def _model(self, model: type[Wire]) -> None:
        if self._is_new(model):
            for column in model.__columns__.values():
                self._type(column.type, written=not column.read_only, nullable=column.may_be_null)

    def _type(self, wire: WireType, *, written: bool, nullable: bool = False) -> None:
        if wire.item is not None:
            self._type(wire.item, written=written)
            if wire.item.model is not None:
                self.bare.add(wire.item.model)
            return
        kind = wire.enum or wire.model
        if kind is None:
            return
        if nullable:
            self.nullable.add(kind)
        if written:
            self.written.add(kind)
        if wire.model is not None:
            self._model(wire.model)
        else:
            self._is_new(kind)

    def _is_new(self, kind: type[Any]) -> bool:
        known = self.named.get(kind.__name__)
        if known is None:
            self.named[kind.__name__] = kind
        elif known is not kind:
            raise AmbiguousNameError(f"{kind.__name__} is declared twice")
        return known is None
