"""The SQL of which products stand in a part of a catalog's tree, and where (SHP-3, CTY-7)."""

from __future__ import annotations

WALK = """
walk AS (
    SELECT k."CatalogID", k."ID", k.number, 1 AS level FROM categories k
    WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = ANY(CAST(CAST(:tree_catalogs AS text[]) AS citext[]))
      AND k."Active"
      AND CASE WHEN CAST(:category AS citext) IS NULL THEN k."ParentID" IS NULL ELSE k."ID" = :category END
    UNION ALL
    SELECT k."CatalogID", k."ID", k.number, walk.level + 1 FROM walk
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = walk."CatalogID"
     AND k."ParentID" = walk."ID" AND k."Active"
    WHERE walk.level < CAST(:depth AS integer)
)"""
"""Of the `tree_catalogs` the category and those below it, `depth` levels in all; without a category from the uppermost on."""
NUMBERS = f"WITH RECURSIVE {WALK} SELECT array_agg(DISTINCT walk.number) FROM walk"
PLACED = f"""
WITH RECURSIVE {WALK},
held AS (
    SELECT l."ProductID" AS id, coalesce(l."ListOrder", -1) AS place FROM walk
    JOIN category_product_assignments l ON l.marketplace_id = :marketplace_id AND l."CatalogID" = walk."CatalogID"
     AND l."CategoryID" = walk."ID"
    UNION ALL
    SELECT l."ProductID", -1 FROM catalog_product_assignments l
    WHERE l.marketplace_id = :marketplace_id AND CAST(:category AS citext) IS NULL
      AND l."CatalogID" = ANY(CAST(CAST(:tree_catalogs AS text[]) AS citext[]))
      AND NOT EXISTS (SELECT 1 FROM category_product_assignments o
                      WHERE o.marketplace_id = :marketplace_id AND o."CatalogID" = l."CatalogID"
                        AND o."ProductID" = l."ProductID")
)
SELECT every.id, min(every.place) AS place FROM (
    SELECT held.id, held.place FROM held
    UNION ALL
    SELECT p."ID", held.place FROM held
    JOIN products p ON p.marketplace_id = :marketplace_id AND p."ParentID" = held.id) every
GROUP BY every.id
"""
"""Of the `tree_catalogs` the products in `category` and below it, `depth` levels in all; without a category those in the
uppermost `depth` levels, and those in no category (inferred). Children stand where their parents do (PRD-7). A product in
several of the categories stands at its first place."""
PLACE = """
SELECT min(coalesce(l."ListOrder", -1)) FROM category_product_assignments l
JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = l."CatalogID" AND k."ID" = l."CategoryID"
WHERE l.marketplace_id = :marketplace_id AND l."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
  AND k.number = ANY(CAST((SELECT CAST(:walk AS bigint[])) AS bigint[]))
"""
"""The place of one product `t` in the categories of the numbers `walk`, as PLACED has it."""
