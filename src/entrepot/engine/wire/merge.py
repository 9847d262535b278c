"""What is stored and what was sent, put together: PATCH (CONV-4, CONV-5, XP-4) and PUT (CONV-2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from entrepot.declare.wire import Column, Wire
from entrepot.engine.wire.limits import empty
from entrepot.engine.wire.refusals import required
from entrepot.kernel.errors import PropertyError, ValidationError

Values = dict[str, Any]


class _Mark(Enum):
    GONE = None


_GONE = _Mark.GONE
"""In an xp that is laid over another one: that its name is to be there no longer."""


def merge(model: type[Wire], stored: Mapping[str, Any], patch: Mapping[str, Any]) -> Values:
    """The stored values with those of a partial `validate` laid over them. Neither argument is changed.

    Nested objects and xp merge recursively, arrays are replaced whole; null clears an xp, and an xp key set to null
    stays. Raises ValidationError when a nested object comes into being without what it requires.
    """
    errors: list[PropertyError] = []
    merged = _merge(model, stored, patch, "", errors)
    if errors:
        raise ValidationError(*errors)
    return merged


def replace(model: type[Wire], stored: Mapping[str, Any], values: Mapping[str, Any]) -> Values:
    """The values of a full `validate`, with what a PUT leaves alone: read-only values, and secrets that are not sent.

    In nested objects too, where both sides have one. Stored values beyond the model survive. Raises ValidationError
    when a required secret is neither sent nor stored.
    """
    errors: list[PropertyError] = []
    replaced = _replace(model, stored, values, "", errors)
    if errors:
        raise ValidationError(*errors)
    return replaced


def merge_xp(stored: Any, patch: Any) -> Any:
    """XP-4: objects merge key by key at every depth, anything else replaces. What `taking_away` has marked goes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(stored) if isinstance(stored, dict) else {}
    for key, value in patch.items():
        if value is _GONE:
            merged.pop(key, None)
        else:
            merged[key] = merge_xp(merged.get(key), value)
    return merged


def taking_away(body: Any) -> Any:
    """The body of a PATCH whose nulls within an xp take their names away, as in RFC 7396, where XP-4 has them stay. For `validate`
    and `merge`. The body is not changed.
    """
    if not isinstance(body, dict):
        return body
    return {
        name: _marked(value) if name == "xp" and isinstance(value, dict) else taking_away(value)
        for name, value in body.items()
    }


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _marked(each) for name, each in value.items()}
    return _GONE if value is None else value


def _replace(
    model: type[Wire],
    stored: Mapping[str, Any],
    values: Mapping[str, Any],
    path: str,
    errors: list[PropertyError],
) -> Values:
    replaced = {**stored, **values}
    for name, column in model.__columns__.items():
        old, new = stored.get(name), values.get(name)
        if name in stored and (column.read_only or (column.write_only and new is None)):
            replaced[name] = old
        elif column.type.model is not None and isinstance(new, dict):
            kept = old if isinstance(old, dict) else {}
            replaced[name] = _replace(column.type.model, kept, new, f"{path}{name}.", errors)
        if column.write_only and column.required and not str(replaced.get(name) or "").strip():
            errors.append(required(f"{path}{name}"))
    return replaced


def _merge(
    model: type[Wire],
    stored: Mapping[str, Any],
    patch: Mapping[str, Any],
    path: str,
    errors: list[PropertyError],
) -> Values:
    merged = dict(stored)
    for name, value in patch.items():
        column = model.__columns__.get(name)
        if column is not None and column.type.model is not None and isinstance(value, dict):
            merged[name] = _merge_object(column.type.model, stored.get(name), value, f"{path}{name}.", errors)
        elif column is not None and column.type.kind == "xp":
            merged[name] = merge_xp(stored.get(name), value)
        else:
            merged[name] = value
    return merged


def _merge_object(
    model: type[Wire], stored: Values | None, patch: Values, path: str, errors: list[PropertyError]
) -> Values:
    columns = model.__columns__
    if stored is not None:
        # A property declared after the object was stored is not in it yet.
        blank = {name: empty(column) for name, column in columns.items() if name not in stored}
        merged = _merge(model, {**stored, **blank}, patch, path, errors)
        return {name: merged[name] for name in (*columns, *(merged.keys() - columns.keys()))}
    merged = _merge(model, {name: empty(column) for name, column in columns.items()}, patch, path, errors)
    errors += [required(f"{path}{name}") for name, column in columns.items() if _is_lacking(column, patch)]
    return merged


def _is_lacking(column: Column, patch: Values) -> bool:
    # A null or blank one in the patch itself was refused by `validate`.
    return column.required and column.writable and column.name not in patch
