"""The SQL of which categories a buyer's user sees (CTY-4 to CTY-6)."""

from __future__ import annotations

from entrepot.features.catalog.audience.seen import meant
from entrepot.kernel.sql import Sql

SAID = """coalesce(bool_or(r."Visible") FILTER (WHERE r.group_key IS NOT NULL),
             bool_or(r."Visible") FILTER (WHERE r.group_key IS NULL))"""
"""CTY-5."""


def seen_category(*, meant: str, catalog: str, category: str, shows: str) -> Sql:
    """The SELECT of whether a category is seen (CTY-6): the nearest value on the way up counts, and each category on it is
    active.

    meant: the condition that a row `r` of category assignments concerns the user; shows: what the catalog says of
    categories about which nothing else is said.
    """
    said_here = f"""(SELECT {SAID} FROM category_assignments r
     WHERE r.marketplace_id = :marketplace_id AND r."CatalogID" = k."CatalogID" AND r."CategoryID" = k."ID" AND {meant})"""
    return Sql(f"""
WITH RECURSIVE climb AS (
    SELECT k."CatalogID", k."ParentID", k."Active", {said_here} AS said FROM categories k
    WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = {catalog} AND k."ID" = {category}
    UNION ALL
    SELECT k."CatalogID", k."ParentID", k."Active", coalesce(climb.said, {said_here}) FROM climb
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = climb."CatalogID" AND k."ID" = climb."ParentID"
    WHERE climb."Active"
)
SELECT coalesce(bool_and(climb."Active")
                AND coalesce(bool_or(climb.said) FILTER (WHERE climb."ParentID" IS NULL), {shows}), false)
FROM climb
""")


def of_buyer(catalog: str, category: str) -> Sql:
    """The condition that `:user` of the buyer `:company` sees the category of these SQL expressions."""
    assigned = f"""catalog_assignments ca JOIN catalogs cc ON cc.marketplace_id = :marketplace_id AND cc."ID" = ca."CatalogID" AND cc."Active"
    WHERE ca.marketplace_id = :marketplace_id AND ca."CatalogID" = {catalog}
      AND (ca."BuyerID" = :company OR ca."BuyerGroupID" = (
          SELECT cb."GroupID" FROM buyers cb WHERE cb.marketplace_id = :marketplace_id AND cb."ID" = :company))"""
    seen = seen_category(
        meant=meant("r"),
        catalog=catalog,
        category=category,
        shows=f'(SELECT bool_or(ca."ViewAllCategories") FROM {assigned})',
    )
    return Sql(f"EXISTS (SELECT 1 FROM {assigned}) AND ({seen})")
