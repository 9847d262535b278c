"""The parameters of product lists that name where products belong: catalogs, categories, suppliers (PRD-3)."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.listing.filters import Operator, split_alternatives
from entrepot.features.catalog.audience.kinds import TokenKind

CATALOG, CATEGORY, SUPPLIER = "catalogID", "categoryID", "supplierID"

CATALOG_TOKENS = f"""ARRAY(SELECT c.number * 8 + {TokenKind.IN_CATALOG} FROM catalogs c
    WHERE c.marketplace_id = :marketplace_id AND c."ID" = ANY ({{ids}}))"""
"""The tokens that products of those catalogs have, children as their parents (PRD-6)."""
IN_CATEGORIES = """
    WITH RECURSIVE tree AS (
        SELECT k."CatalogID", k."ID", k."ID" AS part_of FROM categories k
        WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = ANY ({catalogs}) AND k."ID" = ANY ({ids})
        UNION
        SELECT k."CatalogID", k."ID", tree.part_of FROM tree
        JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = tree."CatalogID"
             AND k."ParentID" = tree."ID"
    ), held AS (
        SELECT l."ProductID" AS id, tree.part_of, l."ListOrder" AS place FROM tree
        JOIN category_product_assignments l ON l.marketplace_id = :marketplace_id
             AND l."CatalogID" = tree."CatalogID" AND l."CategoryID" = tree."ID"
    )
    SELECT id, part_of, place FROM held
    UNION ALL
    SELECT c."ID", held.part_of, held.place FROM held
    JOIN products c ON c.marketplace_id = :marketplace_id AND c."ParentID" = held.id
"""
"""A category's products are those of its subtree (inferred)."""
OF_SUPPLIERS = """
    SELECT p."ID" AS id, p."OwnerID" AS part_of, CAST(NULL AS integer) AS place FROM products p
    WHERE p.marketplace_id = :marketplace_id AND p."OwnerID" = ANY ({ids})
    UNION ALL
    SELECT s."ProductID", s."SupplierID", CAST(NULL AS integer) FROM product_suppliers s
    WHERE s.marketplace_id = :marketplace_id AND s."SupplierID" = ANY ({ids})
"""
"""What a supplier owns or is related to (inferred)."""
MEMBERS = {CATEGORY: IN_CATEGORIES, SUPPLIER: OF_SUPPLIERS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The value of such a parameter, `a|!b`: in one of `among`, or outside one of `outside` (FLT-2, FLT-6)."""

    among: tuple[str, ...]
    outside: tuple[str, ...]


def read_wanted(name: str, text: str) -> Wanted:
    """Raises List.InvalidType for a value beyond the limits. What no ID can be, such as a pattern, names nothing."""
    ids: dict[bool, list[str]] = {False: [], True: []}
    for alternative in split_alternatives(name, text):
        found = alternative.text if alternative.operator is Operator.EQUAL else ""
        ids[alternative.negated].append(found)
    return Wanted(tuple(dict.fromkeys(ids[False])), tuple(dict.fromkeys(ids[True])))


def members(name: str, ids: str) -> str:
    """The SELECT of the products (id, part_of, place) that belong to what the parameter `ids`, a text[], names."""
    return MEMBERS[name].format(ids=_citexts(ids), catalogs=_citexts("catalogs"))


def condition(name: str, *, among: bool, outside: bool, indexed: bool = True) -> str:
    """The condition that a product `t` is as a parameter's value says; it takes `{name}_among` and `{name}_outside`.

    indexed: whether the condition may be what finds the products; else it is only a check of those found otherwise.
    """
    holds = []
    if among:
        holds.append(_is_in_catalog(indexed=indexed) if name == CATALOG else _is_among(name))
    if outside:
        holds.append(OUTSIDE_CATALOGS if name == CATALOG else _is_outside(name))
    return f"({' OR '.join(holds)})"


def _is_in_catalog(*, indexed: bool) -> str:
    tokens = CATALOG_TOKENS.format(ids=_citexts(f"{CATALOG}_among"))
    # The function does the same as the operator, but no index serves it.
    return f"t.audience && {tokens}" if indexed else f"arrayoverlap({tokens}, t.audience)"


def _is_among(name: str) -> str:
    return f't."ID" IN (SELECT m.id FROM ({members(name, f"{name}_among")}) m)'


def _is_outside(name: str) -> str:
    return (
        f't."ID" NOT IN (SELECT m.id FROM ({members(name, f"{name}_outside")}) m '
        f"GROUP BY m.id HAVING count(DISTINCT m.part_of) = cardinality(CAST(:{name}_outside AS text[])))"
    )


def placed() -> str:
    """The products of the named categories with their first place in any of them (CTY-7)."""
    return (
        f"SELECT m.id, min(m.place) AS place FROM ({members(CATEGORY, f'{CATEGORY}_among')}) m GROUP BY m.id"
    )


def _citexts(parameter: str) -> str:
    return f"CAST(CAST(:{parameter} AS text[]) AS citext[])"


_OUTSIDE = CATALOG_TOKENS.format(ids=_citexts(f"{CATALOG}_outside"))
OUTSIDE_CATALOGS = f"""NOT t.audience @> {_OUTSIDE}
    OR cardinality({_OUTSIDE}) < cardinality(CAST(:{CATALOG}_outside AS text[]))"""
"""Each product is outside a catalog that does not exist."""
