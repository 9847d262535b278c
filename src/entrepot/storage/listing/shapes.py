"""List shapes of declared models: what filters, searches and sorts may name."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, QueryParameter
from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.domain.listing.fields import Field, FieldKind, ListShape

KINDS: dict[str, FieldKind] = {
    "id": FieldKind.ID,
    "string": FieldKind.STRING,
    "password": FieldKind.STRING,
    "integer": FieldKind.INTEGER,
    "decimal": FieldKind.DECIMAL,
    "boolean": FieldKind.BOOLEAN,
    "datetime": FieldKind.DATE,
    "enum": FieldKind.ENUM,
    "xp": FieldKind.XP,
    "object": FieldKind.OBJECT,
    "list": FieldKind.LIST,
}


def fields_of(model: type[Wire]) -> tuple[Field, ...]:
    """The fields of a model; to a filter, secrets do not exist: write-only ones (FLT-4) and those kept encrypted."""
    return tuple(
        field(column)
        for column in model.__columns__.values()
        if not column.write_only and (column.stored or column.computed is not None)
    )


def field(column: Column) -> Field:
    """One property as a field."""
    wire = column.type
    inner = wire.item if wire.kind == "list" and wire.item is not None else wire
    return Field(
        column.name,
        _kind(wire, column),
        enum_values=tuple(inner.enum) if inner.enum is not None else (),
        fields=fields_of(inner.model) if inner.model is not None else (),
        item=KINDS[inner.kind] if wire.kind == "list" and inner.model is None else None,
    )


def _kind(wire: WireType, column: Column) -> FieldKind:
    return FieldKind.ID if column.references is not None else KINDS[wire.kind]


def shape_of(model: type[Wire], options: ListOptions, query: tuple[QueryParameter, ...]) -> ListShape:
    """The shape of a list operation."""
    return ListShape(
        fields=() if options.bare else fields_of(model),
        search=options.search,
        sort=options.sort,
        parameters=frozenset(parameter.name for parameter in query),
        premium=options.premium,
        searched=options.text.names if options.text is not None else (),
        prominent=options.text.prominent if options.text is not None else (),
        order=options.order,
        paging_only=options.bare,
    )
