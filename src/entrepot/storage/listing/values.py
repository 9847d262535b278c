"""The values of a field within a row: one expression, or a set that EXISTS looks through (FLT-8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, Function, Select, Text, cast, column, exists, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.lowering import json_path
from entrepot.storage.listing.predicates import Condition, Expression, typed
from entrepot.storage.listing.source import Collection, Source
from entrepot.storage.listing.template import Place

Predicate = Callable[[Expression, FieldKind], Condition]


def any_value(source: Source, place: Place, predicate: Predicate) -> Condition:
    """Whether any value of the field satisfies the predicate; may be NULL instead of false."""
    path = place.path
    start, rest = source.anchor(path.name)
    if start in source.collections:
        return _any_row(source.collections[start], ".".join(rest), place, predicate)
    expression = source.fields[start]
    if path.kind is FieldKind.XP:
        assert place.keys is not None
        return _any_element(
            func.jsonb_path_query(as_jsonb(expression), argument(place.keys)), path.kind, predicate
        )
    if not path.repeated:
        return predicate(_scalar(expression, rest, path.kind), path.kind)
    if not rest and isinstance(expression.type, ARRAY):
        return _any_element(func.unnest(expression), path.kind, predicate, json=False)
    return _any_element(
        func.jsonb_path_query(as_jsonb(expression), constant_path(rest)), path.kind, predicate
    )


def scalar_value(source: Source, place: Place) -> Expression:
    """The expression of a field that has one value in a row."""
    start, rest = source.anchor(place.path.name)
    return _scalar(source.fields[start], rest, place.path.kind)


def first_xp_value(source: Source, place: Place) -> Expression:
    """The first value at an xp path as jsonb; NULL if there is none."""
    assert place.keys is not None
    start, _ = source.anchor(place.path.name)
    return func.jsonb_path_query_first(as_jsonb(source.fields[start]), argument(place.keys), type_=JSONB())


def as_jsonb(expression: Expression) -> Expression:
    return expression if isinstance(expression.type, JSONB) else cast(expression, JSONB())


def constant_path(names: tuple[str, ...]) -> Expression:
    """The jsonpath of declared names, as a constant of the statement."""
    if not all(name.isidentifier() for name in names):
        raise ValueError(f"not property names: {names}")
    return literal_column(f"'{json_path(names)}'::jsonpath")


def _scalar(expression: Expression, rest: tuple[str, ...], kind: FieldKind) -> Expression:
    if rest:
        expression = func.jsonb_path_query_first(as_jsonb(expression), constant_path(rest), type_=JSONB())
        return typed(expression, kind)
    if kind is FieldKind.OBJECT:
        return typed(as_jsonb(expression), kind)
    return expression


def _any_element(
    elements: Function[Any], kind: FieldKind, predicate: Predicate, *, json: bool = True
) -> Condition:
    rows = elements.table_valued(column("element", JSONB() if json else Text())).render_derived()
    element = rows.c.element
    value = typed(element, kind) if json and kind is not FieldKind.XP else element
    return exists(select(literal_column("1")).select_from(rows).where(predicate(value, kind)))


def _any_row(collection: Collection, name: str, place: Place, predicate: Predicate) -> Condition:
    """Whether any row of a collection has such a value; without a name, whether there is any row."""
    child = collection.source
    name = name or collection.value
    holds: Condition = true()
    if name:
        path = child.shape.find(name)
        if path is None:
            raise LookupError(f"no field {name} in the collection")
        holds = any_value(child, replace(place, path=path), predicate)
    rows: Select[Any] = select(literal_column("1")).select_from(child.table)
    return rows.where(*child.where, collection.on, holds).correlate_except(child.table).exists()
