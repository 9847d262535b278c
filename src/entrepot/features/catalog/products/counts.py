"""The counts on a product's row, kept by whoever changes what is counted."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.call import Call

OF_PRODUCT = 'a."ProductID" = t."ID" OR a."ProductID" = t."ParentID"'
"""Specs of a child are its parent's and its own (PRD-6)."""
LOCK = """
SELECT 1 FROM products t
WHERE t.marketplace_id = $1 AND (t."ID" = ANY($2::citext[]) OR t."ParentID" = ANY($2::citext[]))
ORDER BY t."ID" FOR NO KEY UPDATE
"""
COUNT_SPECS = f"""
WITH counted AS (
    SELECT t."ID", (SELECT count(DISTINCT a."SpecID")::int FROM spec_product_assignments a
                    WHERE a.marketplace_id = $1 AND ({OF_PRODUCT})) AS specs
    FROM products t
    WHERE t.marketplace_id = $1 AND (t."ID" = ANY($2::citext[]) OR t."ParentID" = ANY($2::citext[]))
)
UPDATE products p SET "SpecCount" = counted.specs FROM counted
WHERE p.marketplace_id = $1 AND p."ID" = counted."ID" AND p."SpecCount" <> counted.specs
RETURNING p.number AS changed_product
"""
COUNT_VARIANTS = """
WITH counted AS (
    SELECT count(*)::int AS variants FROM variants v WHERE v.marketplace_id = $1 AND v."ProductID" = $2
)
UPDATE products p SET "VariantCount" = counted.variants FROM counted
WHERE p.marketplace_id = $1 AND p."ID" = $2 AND p."VariantCount" <> counted.variants
RETURNING p.number AS changed_product
"""


async def count_specs(call: Call, product_ids: Sequence[str]) -> None:
    """SpecCount of the products and their children, after a change of their specs or of their parent.

    Two statements; products are locked in the order of their IDs, so that whoever counts later counts all.
    """
    ids = list(product_ids)
    if ids:
        await call.db.execute(LOCK, call.marketplace_id, ids)
        await call.db.fetch(COUNT_SPECS, call.marketplace_id, ids)


async def count_variants(call: Call, product_id: str) -> None:
    """VariantCount of a product that the unit has locked (VAR-1)."""
    await call.db.fetch(COUNT_VARIANTS, call.marketplace_id, product_id)
