"""Products as the index reads them: each one JSON array, made by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.domain.catalog.index.index import IndexedProduct
from entrepot.domain.catalog.index.vocabulary import Flag, ValueKind

_FLAGS = {
    Flag.ACTIVE: "Active",
    Flag.IS_PARENT: "IsParent",
    Flag.IS_BUNDLE: "IsBundle",
    Flag.RETURNABLE: "Returnable",
    Flag.ALL_SUPPLIERS: "AllSuppliersCanSell",
}
FLAGS = {name: flag for flag, name in _FLAGS.items()}
"""The properties that the index has as flags."""
WEIGHTS = {"A": 0, "B": 1, "C": 2}
"""Places of the stored columns' weights in a product's words."""
HELD = 7
"""The kind of tokens that only the index has, beside those of an audience: a child is itself directly in the category, whatever
its parent is in. It shows nobody anything, but lists of the category find the child there.
"""
_PLACED = """EXISTS (
    SELECT 1 FROM category_product_assignments l
    WHERE l.marketplace_id = :marketplace_id AND l."ProductID" = ANY(ARRAY[p."ID", p."ParentID"])
      AND l."ListOrder" IS NOT NULL)"""
_flags = ", ".join(
    f"CASE WHEN {condition} THEN {flag:d} END"
    for flag, condition in [*((flag, f'p."{name}"') for flag, name in _FLAGS.items()), (Flag.PLACED, _PLACED)]
)
_VALUES = f"""
SELECT json_agg(json_build_array(v.place, v.kind, v.text)) FROM (
    SELECT w.place - 1 AS place,
        CASE jsonb_typeof(e.value) WHEN 'string' THEN {ValueKind.TEXT:d} WHEN 'number' THEN {ValueKind.NUMBER:d}
            WHEN 'boolean' THEN {ValueKind.BOOLEAN:d} ELSE {ValueKind.OTHER:d} END AS kind,
        CASE WHEN jsonb_typeof(e.value) = 'number' THEN CAST(trim_scale(CAST(e.value AS numeric)) AS text)
            WHEN jsonb_typeof(e.value) IN ('string', 'boolean') THEN e.value #>> '{{}}' ELSE '' END AS text
    FROM unnest((SELECT CAST(:ways AS text[]))) WITH ORDINALITY AS w(way, place),
         jsonb_path_query(p.xp_value, CAST(w.way AS jsonpath)) AS e(value)
    WHERE jsonb_typeof(e.value) <> 'null') v"""
_PARTS = """
SELECT coalesce(json_agg(part.number), '[]') FROM bundle_product_assignments held
JOIN products part ON part.marketplace_id = :marketplace_id AND part."ID" = held."ProductID"
WHERE held.marketplace_id = :marketplace_id AND held."BundleID" = p."ID\""""
_words = {
    kind: ", ".join(f"tsvector_to_array(ts_filter(p.search_{kind}, '{{{weight}}}'))" for weight in "abc")
    for kind in ("words", "stems")
}
_HELD = f"""
SELECT array_agg(k.number * 8 + {HELD}) FROM category_product_assignments l
JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = l."CatalogID" AND k."ID" = l."CategoryID"
WHERE l.marketplace_id = :marketplace_id AND l."ProductID" = p."ID\""""
_sequences = ", ".join(
    f"""(SELECT CASE WHEN max(q.position) - min(q.position) < count(*) THEN json_agg(u.lexeme ORDER BY q.position) END
         FROM unnest(ts_filter(p.search_words, '{{{weight}}}')) u, unnest(u.positions) AS q(position))"""
    for weight in "abc"
)
"""The words of a field in their order. A word that comes more than 255 times has not all of its places: then how they follow each
other is not told.
"""
OF_PRODUCT = f"""json_build_array(
    p.number, hashtextextended(lower(CAST(p."ID" AS text)), 0),
    hashtextextended(concat_ws(chr(1), CAST(p."ID" AS text), p."Name", p."Description"), 0),
    array_remove(ARRAY[{_flags}], NULL), p.audience || CASE WHEN p."ParentID" IS NOT NULL THEN ({_HELD}) END, ({_VALUES}),
    json_build_array({_words["words"]}), json_build_array({_words["stems"]}),
    json_build_array({_sequences}),
    CASE WHEN p."IsBundle" THEN ({_PARTS}) END)"""
"""What `read_product` reads of a row `p`. Parameters: marketplace_id; ways, the jsonpaths of the facets."""

_decode = msgspec.json.Decoder().decode


def read_rows(text: str | bytes) -> list[list[Any]]:
    """The arrays of several products, together one array."""
    rows: list[list[Any]] = _decode(text)
    return rows


def read_product(row: Sequence[Any]) -> IndexedProduct:
    """A product of one such array."""
    number, place, mark, flags, tokens, found, words, stems, sequences, parts = row
    return IndexedProduct(
        number,
        place,
        mark,
        flags,
        tokens,
        map(tuple, found or ()),
        words,
        stems,
        [sequence if held else () for sequence, held in zip(sequences, words, strict=True)],
        None if parts is None else tuple(parts),
    )
