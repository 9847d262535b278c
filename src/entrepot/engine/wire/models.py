"""Pydantic models made from declarations, and validation with all errors at once (BODY-2 to BODY-8, ERR-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from entrepot.declare.types import WireType
from entrepot.declare.wire import Column, Wire
from entrepot.engine.wire.coercion import Coercion, coercion, identity
from entrepot.engine.wire.json import dump
from entrepot.engine.wire.limits import blank_is_null, empty, is_identity, limits, longest, writable
from entrepot.engine.wire.plain import UnusualError, plain_body
from entrepot.engine.wire.refusals import refusal
from entrepot.kernel.errors import LONGEST_ECHO, InvalidBodyError, PropertyError, ValidationError

MAX_XP_LENGTH = 8000
MOST_NAMED = 10
"""Unknown properties that a refusal names."""
_PYTHON_TYPES: dict[str, Any] = {
    "integer": int,
    "decimal": Decimal,
    "boolean": bool,
    "datetime": datetime,
    "xp": dict[str, Any],
}


def validate(
    model: type[Wire], payload: Any, *, partial: bool, keeps_secrets: bool = False
) -> dict[str, Any]:
    """The writable values of a parsed body, by exact property names, in the contract's order.

    Full (POST, PUT): every stored property, absent ones with their default; unstored ones only when given. Partial
    (PATCH): only those given; a null ID counts as absent. Dates are aware datetimes, decimals Decimal, enums str.
    Nested objects are complete dicts, ready for JSON: dates in them are text; read-only properties have their
    empty value, or are absent when partial.

    keeps_secrets: whether the values are to replace stored ones, which has what is write-only stay unless it is sent
    (CONV-2); then `merge.replace` sees to it that required secrets are there.

    Raises InvalidBodyError unless the payload is an object, ValidationError with one entry per bad property.
    """
    if not isinstance(payload, dict):
        raise InvalidBodyError
    if model.is_closed:
        require_known(model, payload)
    try:
        values: dict[str, Any] = plain_body(model, partial=partial, keeps_secrets=keeps_secrets)(payload)
    except (UnusualError, PydanticCustomError):
        values = modelled(model, payload, partial=partial, keeps_secrets=keeps_secrets)
    if partial and values.get("ID", "") is None:
        del values["ID"]
    return values


def modelled(
    model: type[Wire], payload: dict[str, Any], *, partial: bool, keeps_secrets: bool = False
) -> dict[str, Any]:
    """The values of any body by the model of its declaration. Raises ValidationError."""
    try:
        body = body_model(model, partial=partial, keeps_secrets=keeps_secrets).model_validate(payload)
    except pydantic.ValidationError as error:
        raise refusal(error) from None
    return _values(body)


def require_known(model: type[Wire], payload: Mapping[str, Any], within: str = "") -> None:
    """Raises ValidationError for properties that a closed model does not have, in any case, and those of closed models within it, but for
    elements of lists. within: what the names begin with, as `From.`.
    """
    columns = model.__columns__
    folded = {name.lower(): column for name, column in columns.items()}
    unknown = [name for name in payload if name.lower() not in folded]
    if unknown:
        message = f"The object has no such property; it has {', '.join(columns)}."
        named = (f"{within}{name}"[:LONGEST_ECHO] for name in unknown[:MOST_NAMED])
        raise ValidationError(*(PropertyError(message, {"Property": name}) for name in named))
    for name, value in payload.items():
        column = folded[name.lower()]
        inner = column.type.model
        if inner is not None and inner.is_closed and isinstance(value, dict):
            require_known(inner, value, f"{within}{column.name}.")


def check_xp_size(xp: Mapping[str, Any] | None, path: str = "xp") -> None:
    """Raise ValidationError for more than 8,000 characters of compact JSON: of an xp as it will be stored (XP-2)."""
    if xp and len(dump(xp)) > MAX_XP_LENGTH:
        data = {"Property": path, "MaxLength": MAX_XP_LENGTH}
        raise ValidationError(PropertyError(f"{path} cannot exceed {MAX_XP_LENGTH} characters.", data))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a body model was made from. `fields` are the writable properties, `folded` their names in lower case; `whole` those
    that a full body always has; `inner` those that hold bodies.
    """

    wire: type[Wire]
    partial: bool
    nested: bool
    fields: dict[str, Column]
    folded: dict[str, str]
    whole: tuple[str, ...]
    inner: tuple[str, ...]


class BodyModel(BaseModel):
    """The parent of the models. Their fields are the writable properties of a Wire class."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    shape: ClassVar[_Shape]

    @model_validator(mode="before")
    @classmethod
    def match_names(cls, payload: dict[str, Any]) -> dict[str, Any]:
        """Property names match in any case; the exact spelling wins (BODY-1). Others are ignored (BODY-2)."""
        fields, folded = cls.shape.fields, cls.shape.folded
        matched = {}
        for key, value in payload.items():
            if key in fields:
                matched[key] = value
            elif (name := folded.get(key.lower())) is not None and name not in payload:
                matched[name] = value
        return matched


_models: dict[tuple[type[Wire], bool, bool, bool], type[BodyModel]] = {}


def body_model(
    model: type[Wire], *, partial: bool, nested: bool = False, keeps_secrets: bool = False
) -> type[BodyModel]:
    """The Pydantic model of a declaration, made once."""
    key = (model, partial, nested, keeps_secrets)
    made = _models.get(key)
    if made is None:
        if keeps_secrets and not _requires_secrets(model):
            # It would be the same.
            made = body_model(model, partial=partial, nested=nested)
        else:
            made = _make(model, partial=partial, nested=nested, keeps_secrets=keeps_secrets)
        _models[key] = made
    return made


def _make(model: type[Wire], *, partial: bool, nested: bool, keeps_secrets: bool) -> type[BodyModel]:
    columns = writable(model, keeps_secrets=keeps_secrets)
    fields: dict[str, Any] = {
        name: (
            _annotation(column, partial=partial, nested=nested, keeps_secrets=keeps_secrets),
            _default(column, partial=partial),
        )
        for name, column in columns.items()
    }
    made = create_model(model.__name__, __base__=BodyModel, __doc__=model.__doc__, **fields)
    folded = {name.lower(): name for name in columns}
    whole = tuple(name for name, column in columns.items() if column.stored or nested)
    inner = tuple(
        name for name, column in columns.items() if (column.type.item or column.type).model is not None
    )
    made.shape = _Shape(model, partial, nested, columns, folded, whole, inner)
    return made


def _requires_secrets(model: type[Wire]) -> bool:
    """Whether the model has a write-only property that is required, at any depth."""
    return any(
        (column.write_only and column.required)
        or (column.type.model is not None and _requires_secrets(column.type.model))
        for column in model.__columns__.values()
    )


def _annotation(column: Column, *, partial: bool, nested: bool, keeps_secrets: bool) -> Any:
    wire = column.type
    within = Field(**limits(column, nested=nested))
    annotation: Any
    if wire.item is None:
        python = _python_type(wire, partial=partial, nested=nested, keeps_secrets=keeps_secrets)
        annotation = Annotated[python, within]
    else:
        python = _python_type(wire.item, partial=False, nested=nested, keeps_secrets=False)
        element: Any = Annotated[python, within, BeforeValidator(coercion(wire.item, nested=nested))]
        # A bad list is one bad property; and a million bad elements would make a million errors.
        annotation = Annotated[list[element], Field(fail_fast=True, max_length=longest(column))]
    return Annotated[annotation | None, BeforeValidator(_reader(column, nested=nested))]


def _python_type(wire: WireType, *, partial: bool, nested: bool, keeps_secrets: bool) -> Any:
    if wire.model is not None:
        return body_model(wire.model, partial=partial, nested=True, keeps_secrets=keeps_secrets)
    if wire.kind == "datetime" and nested:
        return str
    return _PYTHON_TYPES.get(wire.kind, str)


def _reader(column: Column, *, nested: bool) -> Coercion:
    """What happens to a given value before its limits are checked: required, null and blank values, coercion."""
    coerce = identity if is_identity(column, nested=nested) else coercion(column.type, nested=nested)
    blank = blank_is_null(column)

    def read(value: Any) -> Any:
        if column.required and (value is None or (isinstance(value, str) and not value.strip())):
            raise PydanticCustomError("missing", "required")
        if value is None or (value == "" and blank):
            return None if column.nullable else empty(column)
        return coerce(value)

    return read


def _default(column: Column, *, partial: bool) -> Any:
    if partial:
        return None  # never looked at
    if column.required:
        return ...
    value = empty(column)
    if isinstance(value, list | dict):
        return Field(default_factory=lambda: empty(column))
    return Field(default=value)


def _values(body: BodyModel) -> dict[str, Any]:
    shape, held = body.shape, body.__dict__
    if shape.partial:
        given = body.model_fields_set
        values = {name: held[name] for name in shape.fields if name in given}
    elif shape.nested and len(shape.whole) < len(shape.wire.__columns__):
        columns = shape.wire.__columns__
        values = {name: held[name] if name in held else empty(column) for name, column in columns.items()}
    elif len(shape.whole) < len(shape.fields):
        given, whole = body.model_fields_set, shape.whole
        values = {name: held[name] for name in shape.fields if name in whole or name in given}
    else:
        values = {name: held[name] for name in shape.whole}
    for name in shape.inner:
        inner = values.get(name)
        if isinstance(inner, BodyModel):
            values[name] = _values(inner)
        elif isinstance(inner, list):
            values[name] = [_values(item) for item in inner]
    return values
