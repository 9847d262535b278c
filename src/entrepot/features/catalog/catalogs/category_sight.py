"""The SQL of which categories a buyer's user sees (CTY-4 to CTY-6)."""

from __future__ import annotations

from entrepot.features.catalog.audience.seen import meant

SAID = """coalesce(bool_or(r."Visible") FILTER (WHERE r.group_key IS NOT NULL),
             bool_or(r."Visible") FILTER (WHERE r.group_key IS NULL))"""
"""CTY-5."""
_SAID_HERE = f"""(SELECT {SAID} FROM category_assignments r
     WHERE r.marketplace_id = {{m}} AND r."CatalogID" = k."CatalogID" AND r."CategoryID" = k."ID" AND {{meant}})"""
_CLIMB = f"""
WITH RECURSIVE climb AS (
    SELECT k."CatalogID", k."ParentID", k."Active", {_SAID_HERE} AS said FROM categories k
    WHERE k.marketplace_id = {{m}} AND k."CatalogID" = {{catalog}} AND k."ID" = {{category}}
    UNION ALL
    SELECT k."CatalogID", k."ParentID", k."Active", coalesce(climb.said, {_SAID_HERE}) FROM climb
    JOIN categories k ON k.marketplace_id = {{m}} AND k."CatalogID" = climb."CatalogID" AND k."ID" = climb."ParentID"
    WHERE climb."Active"
)
SELECT coalesce(bool_and(climb."Active")
                AND coalesce(bool_or(climb.said) FILTER (WHERE climb."ParentID" IS NULL), {{shows}}), false)
FROM climb
"""


def seen_category(*, m: str, meant: str, catalog: str, category: str, shows: str) -> str:
    """The SELECT of whether a category is seen (CTY-6): the nearest value on the way up counts, and each category on it is
    active.

    meant: the condition that a row `r` of category assignments concerns the user; shows: what the catalog says of
    categories about which nothing else is said.
    """
    return _CLIMB.format(m=m, meant=meant, catalog=catalog, category=category, shows=shows)


_ASSIGNED = """catalog_assignments ca JOIN catalogs cc ON cc.marketplace_id = {m} AND cc."ID" = ca."CatalogID" AND cc."Active"
    WHERE ca.marketplace_id = {m} AND ca."CatalogID" = {catalog}
      AND (ca."BuyerID" = {company} OR ca."BuyerGroupID" = (
          SELECT cb."GroupID" FROM buyers cb WHERE cb.marketplace_id = {m} AND cb."ID" = {company}))"""


def of_buyer(catalog: str, category: str) -> str:
    """The condition that a buyer's user sees the category of these SQL expressions, with `{m}`, `{company}` and `{user}` as in
    Resource.visible.
    """
    assigned = _ASSIGNED.replace("{catalog}", catalog)
    seen = seen_category(
        m="{m}",
        meant=meant("r"),
        catalog=catalog,
        category=category,
        shows=f'(SELECT bool_or(ca."ViewAllCategories") FROM {assigned})',
    )
    return f"EXISTS (SELECT 1 FROM {assigned}) AND ({seen})"
