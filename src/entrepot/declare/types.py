"""The types of wire properties, and the annotations that declarations are written with."""

from __future__ import annotations

import enum
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

WireKind = Literal[
    "id", "string", "password", "integer", "decimal", "boolean", "datetime", "xp", "enum", "list", "object"
]


MAX_SECRET = 256
"""Characters of a password or a shared key where the contract has no limit of its own."""

MAX_CLIENT_SECRET = 512
"""Of an API client's, since the ones that are made have 344 (AUTH-42)."""

MAX_FOREIGN_SECRET = 4096
"""Of one that another service has issued: some are signed tokens or whole connection strings."""


@dataclass(frozen=True, slots=True)
class WireType:
    """What a property holds. `enum`, `item` and `model` belong to the kinds so named."""

    kind: WireKind
    enum: type[enum.StrEnum] | None = None
    item: WireType | None = None
    model: type[Any] | None = None

    @property
    def label(self) -> str:
        """The name that error messages use: `QuantityMultiplier is not a valid Integer.`"""
        if self.enum is not None:
            return self.enum.__name__
        return _LABELS[self.kind]


_LABELS: dict[WireKind, str] = {
    "id": "String",
    "string": "String",
    "password": "String",
    "integer": "Integer",
    "decimal": "Decimal",
    "boolean": "Boolean",
    "datetime": "DateTime",
    "xp": "Object",
    "enum": "String",
    "list": "Array",
    "object": "Object",
}

Id = Annotated[str, WireType("id")]
"""An ID or a reference to one: compared case-insensitively, returned as stored (ID-4)."""
Text = Annotated[str, WireType("string")]
Secret = Annotated[str, WireType("password")]
Int = Annotated[int, WireType("integer")]
Money = Annotated[Decimal, WireType("decimal")]
Bool = Annotated[bool, WireType("boolean")]
Date = Annotated[datetime, WireType("datetime")]
Xp = Annotated[dict[str, Any], WireType("xp")]


def wire_type(annotation: Any) -> WireType:
    """The WireType of an annotation: one of the names above, an enum, a list of one, or a Wire model."""
    if get_origin(annotation) is Annotated:
        return next(part for part in get_args(annotation)[1:] if isinstance(part, WireType))
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return wire_type(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(annotation) is list:
        return WireType("list", item=wire_type(get_args(annotation)[0]))
    if isinstance(annotation, type) and issubclass(annotation, enum.StrEnum):
        return WireType("enum", enum=annotation)
    if isinstance(annotation, type) and hasattr(annotation, "__columns__"):
        return WireType("object", model=annotation)
    raise TypeError(f"{annotation!r} is not a wire type")
