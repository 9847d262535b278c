"""The facets of a list: how often each value of an xp path occurs in the whole result (FAC-2 to FAC-5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Boolean,
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
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by, array

from entrepot.domain.listing.fields import FieldKind
from entrepot.storage.listing.arguments import argument
from entrepot.storage.listing.lowering import json_steps
from entrepot.storage.listing.predicates import Condition, Expression, json_text, literal_texts
from entrepot.storage.listing.source import Source
from entrepot.storage.listing.template import FieldClauses, Template
from entrepot.storage.listing.values import as_jsonb

MOST: Expression = literal_column("50")
ZERO: Expression = literal_column("0")
ONE: Expression = literal_column("1")
XP = "xp"
MARKETPLACE = "marketplace_id"


def facets_json(
    source: Source, template: Template, filters: list[Condition], search: list[Condition]
) -> Expression:
    """The value of Meta.Facets as JSON text; NULL where the marketplace has no facet.

    `filters` are the conditions of `template.conditions` in their order. Each facet leaves out its own filters, those
    on its path and no other (FAC-5). The rows are read once for all facets, and not at all where there is none.
    """
    table = source.facets
    assert table is not None
    defined = _defined(source, table)
    counted = _counted(source, defined, _matched(source, template, filters, search))
    any_defined = exists(select(ONE).select_from(table).where(_of_marketplace(table)))
    return case((any_defined, _listed(defined, counted).scalar_subquery()))


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


def _matched(
    source: Source, template: Template, filters: list[Condition], search: list[Condition]
) -> Subquery:
    """The rows that satisfy everything but perhaps filters on a single xp path; `failed` are the paths of those."""
    failed: list[Expression] = []
    strict: list[Condition] = []
    for tests, condition in zip(template.conditions, filters, strict=True):
        path = _own_path(tests)
        if path is None:
            strict.append(condition)
        else:
            failed.append(case((condition.is_not(true()), path)))
    paths: Expression = literal_column("'{}'::text[]", ARRAY(Text()))
    if failed:
        each: Expression = array(failed, type_=Text())
        paths = func.array_remove(each, literal_column("NULL"), type_=ARRAY(Text()))
    return (
        select(_xp(source).label("xp"), paths.label("failed"))
        .select_from(source.table)
        .where(and_(*source.where, *strict, *search))
        .subquery("matched")
    )


def _xp(source: Source) -> Expression:
    return as_jsonb(source.fields[source.anchor(XP)[0]])


def _own_path(tests: tuple[FieldClauses, ...]) -> Expression | None:
    """The path of a filter that may be a facet's own; None for one on another field or on several."""
    place = tests[0].place if len(tests) == 1 else None
    if place is None or place.keys is None or place.path.kind is not FieldKind.XP or place.path.name != XP:
        return None
    return cast(argument(place.keys), Text())


def _counted(source: Source, defined: CTE, matched: Subquery) -> Subquery:
    """Facet, value and count; with count 0 the values that a facet with MinCount 0 shows all the same (FAC-4)."""
    own = matched.c.failed.op("<@", return_type=Boolean())(array([cast(defined.c.way, Text())], type_=Text()))
    value = _values(matched.c.xp, defined, own, "value")
    found = select(value.c.place, value.c.text, ONE.label("one")).select_from(matched.join(value, true()))
    wanted = defined.c.MinCount <= ZERO
    seen = _values(_xp(source), defined, wanted, "seen")
    zero = (
        select(seen.c.place, seen.c.text, ZERO)
        .select_from(source.table.join(seen, true()))
        .where(*source.where, exists(select(ONE).select_from(defined).where(wanted)))
        .distinct()
    )
    each = union_all(found, zero).subquery("each")
    return (
        select(each.c.place, each.c.text, func.sum(each.c.one).label("count"))
        .group_by(each.c.place, each.c.text)
        .subquery("counted")
    )


def _values(xp: Expression, defined: CTE, condition: Condition, name: str) -> Any:
    """The facets' values in one row as text: scalars, and each once, for what is counted are rows."""
    found = func.jsonb_path_query(xp, defined.c.way).table_valued(column("element", JSONB()))
    element = found.render_derived(name=f"{name}_found")
    kind, text = func.jsonb_typeof(element.c.element), json_text(element.c.element)
    number = func.trim_scale(cast(text, Numeric()))
    plain = case((kind == literal_texts("number")[0], cast(number, Text())), else_=text)
    return (
        select(defined.c.place, plain.label("text"))
        .select_from(defined.join(element, true()))
        .where(condition, kind.in_(literal_texts("string", "number", "boolean")))
        .distinct()
        .lateral(name)
    )


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
    pairs = [part for name, value in properties.items() for part in (*literal_texts(name), value)]
    return func.json_build_object(*pairs)
