"""The SQL that computes who may see a product: one UPDATE over a set of products, from the tables of links (VIS)."""

from __future__ import annotations

from entrepot.features.catalog.audience.kinds import TokenKind
from entrepot.kernel.sql import Sql

WANTED = 'p."ID" = ANY(:products::citext[]) OR p."ParentID" = ANY(:products::citext[])'
"""The products named in `:products`, and the children of those."""
BELOW = """
below AS (
    SELECT k."ID" FROM categories k
    WHERE k.marketplace_id = :marketplace_id AND k."CatalogID" = :catalog AND k."ID" = ANY(:categories::citext[])
    UNION
    SELECT k."ID" FROM below
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = :catalog AND k."ParentID" = below."ID"
),
held AS (
    SELECT DISTINCT l."ProductID" AS id FROM below
    JOIN category_product_assignments l
      ON l.marketplace_id = :marketplace_id AND l."CatalogID" = :catalog AND l."CategoryID" = below."ID"
)"""
"""The `:categories` of the `:catalog` with all below them, and the products directly in any of these."""
IN_HELD = 'p."ID" IN (SELECT id FROM held) OR p."ParentID" IN (SELECT id FROM held)'


def refresh(wanted: str, *, first: str = "", leaving: bool = False) -> Sql:
    """The UPDATE of the products `p` that `wanted` names; `first` holds the CTEs that it needs.

    What is `offered` and `lit` as well is found by groups: a plan that is made for few products would join them each with each.
    Products have a `place` on the way, which sorts more quickly than citext. What is `given` is told apart afterwards: with a condition on
    the group the planner thinks the index of product and buyer so expensive that it reads the assignments of all products.
    It returns those whose tokens are others now. A child has its parent's tokens. leaving: as if the categories `below` were gone already.
    """
    kept = 'AND NOT (k."CatalogID" = :catalog AND k."ID" IN (SELECT "ID" FROM below))' if leaving else ""
    return Sql(f"""
WITH RECURSIVE {first + "," if first else ""}
wanted AS (
    SELECT p."ID", coalesce(p."ParentID", p."ID") AS source FROM products p WHERE p.marketplace_id = :marketplace_id AND ({wanted})
),
sources AS (SELECT source, row_number() OVER () AS place FROM (SELECT DISTINCT source FROM wanted) AS each),
placed AS (
    SELECT sources.place, k."CatalogID", k."ID", k."ParentID", k."Active", k.number FROM sources
    JOIN category_product_assignments l ON l.marketplace_id = :marketplace_id AND l."ProductID" = sources.source
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = l."CatalogID" AND k."ID" = l."CategoryID" {kept}
),
climb AS (
    SELECT DISTINCT number, "CatalogID", "ParentID", "Active" FROM placed
    UNION ALL
    SELECT climb.number, k."CatalogID", k."ParentID", k."Active" FROM climb
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = climb."CatalogID" AND k."ID" = climb."ParentID"
    WHERE climb."Active"
),
dark AS (SELECT number FROM climb WHERE NOT "Active"),
lit AS (SELECT place, "CatalogID", number FROM placed WHERE number NOT IN (SELECT number FROM dark)),
offered AS (
    SELECT sources.place, c."ID" AS catalog, c.number FROM sources
    JOIN catalog_product_assignments l ON l.marketplace_id = :marketplace_id AND l."ProductID" = sources.source
    JOIN catalogs c ON c.marketplace_id = :marketplace_id AND c."ID" = l."CatalogID"
),
loose AS (
    SELECT o.place, o.number FROM offered o
    WHERE NOT EXISTS (SELECT 1 FROM placed WHERE placed.place = o.place AND placed."CatalogID" = o.catalog)
),
listed AS (
    SELECT place, max(number) AS number FROM (
        SELECT place, catalog, number FROM offered UNION ALL SELECT place, "CatalogID", NULL FROM lit
    ) AS here
    GROUP BY place, catalog HAVING max(number) IS NOT NULL AND bool_or(number IS NULL)
),
given AS (
    SELECT sources.place, a."BuyerID", a.group_key FROM sources
    JOIN product_assignments a ON a.marketplace_id = :marketplace_id AND a."ProductID" = sources.source
),
tokens AS (
    SELECT place, number * 8 + {TokenKind.IN_CATALOG} AS token FROM offered
    UNION ALL
    SELECT place, number * 8 + {TokenKind.OPEN_IN} FROM loose
    UNION ALL
    SELECT place, number * 8 + {TokenKind.LISTED_IN} FROM loose
    UNION ALL
    SELECT place, number * 8 + {TokenKind.LISTED_IN} FROM listed
    UNION ALL
    SELECT place, number * 8 + {TokenKind.IN_CATEGORY} FROM lit
    UNION ALL
    SELECT g.place, b.number * 8 + {TokenKind.GRANTED_BUYER} FROM given g
    JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = g."BuyerID"
    WHERE g.group_key IS NULL
    UNION ALL
    SELECT place, group_key * 8 + {TokenKind.GRANTED_GROUP} FROM given WHERE group_key IS NOT NULL
),
made AS (SELECT place, array_agg(DISTINCT token ORDER BY token) AS tokens FROM tokens GROUP BY place),
fresh AS (
    SELECT wanted."ID", coalesce(made.tokens, '{{}}'::bigint[]) AS tokens
    FROM wanted JOIN sources ON sources.source = wanted.source LEFT JOIN made ON made.place = sources.place
)
UPDATE products t SET audience = fresh.tokens FROM fresh
WHERE t.marketplace_id = :marketplace_id AND t."ID" = fresh."ID" AND t.audience <> fresh.tokens
RETURNING t.number AS changed_product
""")


_NAMED = ("marketplace_id", "products")
_IN_CATALOG = ("marketplace_id", "catalog", "categories")
OF_PRODUCTS = refresh(WANTED).bound(*_NAMED)
OF_CATEGORIES = refresh(IN_HELD, first=BELOW).bound(*_IN_CATALOG)
OF_LEAVING = refresh(IN_HELD, first=BELOW, leaving=True).bound(*_IN_CATALOG)

LOCK_CATALOGS = """
SELECT 1 FROM catalogs c WHERE c.marketplace_id = $1 AND c."ID" IN (
    SELECT l."CatalogID" FROM catalog_product_assignments l
    WHERE l.marketplace_id = $1 AND l."ProductID" = ANY($2::citext[])
    UNION
    SELECT l."CatalogID" FROM products p
    JOIN catalog_product_assignments l ON l.marketplace_id = $1 AND l."ProductID" = p."ParentID"
    WHERE p.marketplace_id = $1 AND p."ID" = ANY($2::citext[]))
ORDER BY c."ID" FOR SHARE
"""
LOCK_CATALOG = 'SELECT 1 FROM catalogs c WHERE c.marketplace_id = $1 AND c."ID" = $2 FOR NO KEY UPDATE'
LOCK_PRODUCTS = Sql(f"""
SELECT 1 FROM products p WHERE p.marketplace_id = :marketplace_id AND ({WANTED}) ORDER BY p."ID" FOR NO KEY UPDATE
""").bound(*_NAMED)
LOCK_HELD = Sql(f"""
WITH RECURSIVE {BELOW}
SELECT 1 FROM products p WHERE p.marketplace_id = :marketplace_id AND ({IN_HELD}) ORDER BY p."ID" FOR NO KEY UPDATE
""").bound(*_IN_CATALOG)
