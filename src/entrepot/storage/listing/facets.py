"""The facets of a list: how often each value of an xp path occurs in the whole result (FAC-2 to FAC-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Numeric,
    Select,
    Subquery,
    TableClause,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by, array

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.lowering import json_steps
from entrepot.storage.listing.rendering import hole
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import FieldClauses, Template

Expression = ColumnElement[Any]
Condition = ColumnElement[bool]

STRICT, FAILED = "strict", "failed"
"""The holes of `matched_rows`."""
MOST: Expression = literal_column("50")
ZERO: Expression = literal_column("0")
ONE: Expression = literal_column("1")
XP = "xp"
MARKETPLACE = "marketplace_id"


@dataclass(frozen=True, eq=False)
class Facets:
    """What is read of the whole result: Meta.Facets as JSON text, NULL where the marketplace has no facet; whether it
    has one, and then the total, which comes with the facets at no further cost.
    """

    json: Expression
    defined: Condition
    total: Expression


def facets_of(source: Source, matched: CTE | Subquery) -> Facets:
    """The facets of a list, counted over `matched`; its rows are read once for all facets, and not at all where there is
    none.
    """
    table = source.facets
    assert table is not None
    defined = _defined(source, table)
    found = _found(defined, matched)
    counted = _counted(source, defined, found)
    any_defined = exists(select(ONE).select_from(table).where(_of_marketplace(table)))
    whole = select(func.sum(found.c.count)).where(found.c.place == ZERO).scalar_subquery()
    return Facets(
        case((any_defined, _listed(defined, counted).scalar_subquery())),
        any_defined,
        func.coalesce(whole, ZERO),
    )


def _of_marketplace(table: TableClause) -> Condition:
    return table.c[MARKETPLACE] == bindparam(MARKETPLACE, type_=BigInteger())


def _defined(source: Source, table: TableClause) -> CTE:
    """The first facets in order, each with its path as written and as jsonpath (FAC-2, FAC-3)."""
    path = func.coalesce(
        func.nullif(table.c.XpPath, literal_column("''")), cast(table.c.ID, Text()), type_=Text()
    )
    names = func.unnest(func.string_to_array(path, literal_column("'.'"), type_=ARRAY(Text())), type_=Text())
    parts = names.table_valued(column("name", Text()), with_ordinality="place").render_derived(name="part")
    step = func.concat(literal_column("'.'"), func.to_json(parts.c.name))
    steps = select(func.string_agg(step, aggregate_order_by(literal_column("''"), parts.c.place)))
    keys = func.concat(
        literal_column(f"'lax ${json_steps(source.below(XP))}'"),
        steps.select_from(parts).scalar_subquery(),
        literal_column("'[*]'"),
        type_=Text(),
    )
    order = (table.c.ListOrder, table.c.ID)
    return (
        select(
            func.row_number().over(order_by=order).label("place"),
            table.c.Name,
            path.label("path"),
            cast(keys, JSONPATH()).label("way"),
            table.c.MinCount,
            table.c.xp,
        )
        .where(_of_marketplace(table))
        .order_by(*order)
        .limit(MOST)
        .cte("defined")
    )


def matched_rows(source: Source, more: Sequence[Any] = ()) -> Select[Any]:
    """The rows that satisfy everything but perhaps filters on a single xp path; `failed` are the paths of those.

    The holes are filled with what `apart` tells. more: further columns.
    """
    failed: Expression = literal_column(hole(FAILED), ARRAY(Text()))
    return (
        select(_xp(source).label("xp"), failed.label("failed"), *more)
        .select_from(source.table)
        .where(and_(*source.where, literal_column(hole(STRICT))))
    )


def apart(template: Template, filters: Sequence[str]) -> tuple[list[str], str]:
    """The filters that every row has to satisfy, and the paths of the others that a row fails, as an array.

    `filters` are the conditions of `template.conditions` in their order. Each facet leaves out its own filters, those
    on its path and no other (FAC-5).
    """
    failed: list[str] = []
    strict: list[str] = []
    for tests, condition in zip(template.conditions, filters, strict=True):
        path = _own_path(tests)
        if path is None:
            strict.append(condition)
        else:
            failed.append(f"CASE WHEN {condition} IS NOT TRUE THEN {path} END")
    if not failed:
        return strict, "'{}'::text[]"
    return strict, f"array_remove(ARRAY[{', '.join(failed)}], NULL)"


def fails_nothing(matched: CTE | Subquery) -> Condition:
    """Whether a row satisfies the filters on xp paths, too."""
    return func.cardinality(matched.c.failed) == ZERO


def _xp(source: Source) -> Expression:
    expression = source.fields[source.anchor(XP)[0]]
    return expression if isinstance(expression.type, JSONB) else cast(expression, JSONB())


def _own_path(tests: tuple[FieldClauses, ...]) -> str | None:
    """The path of a filter that may be a facet's own; None for one on another field or on several."""
    place = tests[0].place if len(tests) == 1 else None
    if place is None or place.keys is None or place.path.kind is not FieldKind.XP or place.path.name != XP:
        return None
    return f"CAST({argument(place.keys)} AS TEXT)"


def _found(defined: CTE, matched: CTE | Subquery) -> CTE:
    """How many rows have the same values at a facet's path. Place 0 stands for no facet: how many there are at all.

    Rows are many and their values few: these are taken apart only after they were counted.
    """
    nothing = select(ZERO, cast(null(), JSONPATH()))
    ways = union_all(select(defined.c.place, defined.c.way), nothing).subquery("ways")
    own = matched.c.failed.op("<@", return_type=Boolean())(array([cast(ways.c.way, Text())], type_=Text()))
    values = _values(matched.c.xp, ways.c.way)
    return (
        select(ways.c.place, values.label("values"), func.count().label("count"))
        .select_from(matched.join(ways, own))
        .group_by(ways.c.place, values)
        .cte("found")
    )


def _counted(source: Source, defined: CTE, found: CTE) -> Subquery:
    """Facet, value and count; with count 0 the values that a facet with MinCount 0 shows all the same (FAC-4)."""
    wanted = defined.c.MinCount <= ZERO
    values = _values(_xp(source), defined.c.way)
    seen = (
        select(defined.c.place, values.label("values"))
        .select_from(source.table.join(defined, wanted))
        .where(*source.where, exists(select(ONE).select_from(defined).where(wanted)))
        .group_by(defined.c.place, values)
        .subquery("seen")
    )
    each = union_all(_apart(found, found.c.count).where(found.c.place > ZERO), _apart(seen, ZERO)).subquery(
        "each"
    )
    return (
        select(each.c.place, each.c.text, func.sum(each.c.count).label("count"))
        .group_by(each.c.place, each.c.text)
        .subquery("counted")
    )


def _values(xp: Expression, way: Expression) -> Expression:
    """What one row has at a path, as one array."""
    return func.jsonb_path_query_array(xp, way, type_=JSONB())


def _apart(rows: CTE | Subquery, count: Expression) -> Select[Any]:
    """The values of each row as text: scalars, and each once, for what is counted are rows."""
    element = (
        func.jsonb_array_elements(rows.c["values"])
        .table_valued(column("element", JSONB()))
        .render_derived(name="part_of")
    )
    kind = func.jsonb_typeof(element.c.element)
    text = element.c.element.op("#>>", return_type=Text())(literal_column("'{}'::text[]"))
    number = func.trim_scale(cast(text, Numeric()))
    plain = case((kind == literal_column("'number'"), cast(number, Text())), else_=text)
    value = (
        select(plain.label("text"))
        .select_from(element)
        .where(kind.in_([literal_column(f"'{name}'") for name in ("string", "number", "boolean")]))
        .distinct()
        .lateral("value")
    )
    return select(rows.c.place, value.c.text, count.label("count")).select_from(rows.join(value, true()))


def _listed(defined: CTE, counted: Subquery) -> Select[Any]:
    """FAC-3: facets in order, values by count, then by name; a facet without values is left out."""
    value = _object({"Value": counted.c.text, "Count": counted.c.count})
    order = (counted.c.count.desc(), func.lower(counted.c.text), counted.c.text)
    values = (
        select(defined.c.place, func.json_agg(aggregate_order_by(value, *order)).label("values"))
        .select_from(defined.join(counted, counted.c.place == defined.c.place))
        .where(counted.c.count >= defined.c.MinCount)
        .group_by(defined.c.place)
        .subquery("valued")
    )
    facet = _object(
        {
            "Name": defined.c.Name,
            "XpPath": defined.c.path,
            "Values": values.c["values"],
            "xp": defined.c.xp,
        }
    )
    listed = cast(func.json_agg(aggregate_order_by(facet, defined.c.place)), Text())
    return select(listed).select_from(defined.join(values, values.c.place == defined.c.place))


def _object(properties: dict[str, Expression]) -> Expression:
    pairs = [part for name, value in properties.items() for part in (literal_column(f"'{name}'"), value)]
    return func.json_build_object(*pairs)
