"""The values of a field within a row: one expression, or a set that EXISTS looks through (FLT-8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.lowering import json_path
from entrepot.storage.listing.predicates import typed
from entrepot.storage.listing.rendering import Value
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import FieldPlace

Predicate = Callable[[Value, FieldKind], str]

_ELEMENT = "v.element"


def any_value(source: Source, place: FieldPlace, predicate: Predicate) -> str:
    """Whether any value of the field satisfies the predicate; may be NULL instead of false."""
    path = place.path
    start, rest = source.anchor(path.name)
    if start in source.collections:
        return _any_row(source, start, ".".join(rest), place, predicate)
    value = source.value(start)
    if path.kind is FieldKind.XP:
        assert place.keys is not None
        return _any_element(
            f"jsonb_path_query({value.as_jsonb}, {argument(place.keys)})", path.kind, predicate
        )
    if not path.repeated:
        return predicate(_scalar(value, rest, path.kind), path.kind)
    if not rest and value.is_array:
        return _any_element(f"unnest({value.sql})", path.kind, predicate, json=False)
    return _any_element(f"jsonb_path_query({value.as_jsonb}, {constant_path(rest)})", path.kind, predicate)


def scalar_value(source: Source, place: FieldPlace) -> Value:
    """The expression of a field that has one value in a row."""
    start, rest = source.anchor(place.path.name)
    return _scalar(source.value(start), rest, place.path.kind)


def first_xp_value(source: Source, place: FieldPlace) -> str:
    """The first value at an xp path as jsonb; NULL if there is none."""
    assert place.keys is not None
    start, _ = source.anchor(place.path.name)
    return f"jsonb_path_query_first({source.value(start).as_jsonb}, {argument(place.keys)})"


def constant_path(names: tuple[str, ...]) -> str:
    """The jsonpath of declared names, as a constant of the statement."""
    if not all(name.isidentifier() for name in names):
        raise ValueError(f"not property names: {names}")
    return f"'{json_path(names)}'::jsonpath"


def _scalar(value: Value, rest: tuple[str, ...], kind: FieldKind) -> Value:
    if rest:
        return typed(f"jsonb_path_query_first({value.as_jsonb}, {constant_path(rest)})", kind)
    if kind is FieldKind.OBJECT:
        return typed(value.as_jsonb, kind)
    return value


def _any_element(elements: str, kind: FieldKind, predicate: Predicate, *, json: bool = True) -> str:
    value = typed(_ELEMENT, kind) if json and kind is not FieldKind.XP else Value(_ELEMENT)
    return f"EXISTS (SELECT 1 FROM {elements} AS v(element) WHERE {predicate(value, kind)})"


def _any_row(source: Source, start: str, name: str, place: FieldPlace, predicate: Predicate) -> str:
    """Whether any row of a collection has such a value; without a name, whether there is any row."""
    collection = source.collections[start]
    child = collection.source
    name = name or collection.value
    holds = "true"
    if name:
        path = child.shape.find(name)
        if path is None:
            raise LookupError(f"no field {name} in the collection")
        holds = any_value(child, replace(place, path=path), predicate)
    return source.any_row(start, holds)
