"""What buyers' users see of products as conditions of SQL alone (VIS), for the administrators' resources, which buyers read
with a role such as ProductReader (AUTH-53): there they see what they would see as shoppers.

Shoppers' own lists compare with what a process remembers of them (features/catalog/shopping/visible.py), which is faster.
"""

from __future__ import annotations

from entrepot.features.catalog.audience.kinds import TokenKind
from entrepot.features.catalog.audience.shopper import SIGHT
from entrepot.kernel.sql import Sql

TOKENS = Sql(f"""
WITH RECURSIVE {SIGHT}
SELECT (SELECT array_agg(seen.number * 8 + {TokenKind.IN_CATALOG:d}) FROM seen) AS inside,
       (SELECT array_agg(token) FROM (
            SELECT seen.number * 8 + CASE WHEN seen."ID" IN (SELECT "CatalogID" FROM said)
                                          THEN {TokenKind.OPEN_IN:d} ELSE {TokenKind.LISTED_IN:d} END AS token
            FROM seen WHERE seen.products
            UNION ALL
            SELECT walk.number * 8 + {TokenKind.IN_CATEGORY:d} FROM walk WHERE walk.products
            UNION ALL
            SELECT me.number * 8 + {TokenKind.GRANTED_BUYER:d} FROM me
            UNION ALL
            SELECT group_key * 8 + {TokenKind.GRANTED_GROUP:d} FROM groups) shows) AS showing""")
"""A product is visible that has one of the tokens of `inside` and one of `showing`. One row."""


def _itself(product: str) -> str:
    return (
        f'{product}."Active" AND {product}.audience && tokens.inside AND {product}.audience && tokens.showing'
    )


def seen(product: str = "t") -> Sql:
    """The condition that the products of an alias are visible to `:user`; a bundle only together with all of its products
    (BND-2).
    """
    return Sql(f"""EXISTS (
    SELECT 1 FROM ({TOKENS}) tokens
    WHERE {_itself(product)} AND (NOT {product}."IsBundle" OR NOT EXISTS (
        SELECT 1 FROM bundle_product_assignments held
        LEFT JOIN products part ON part.marketplace_id = :marketplace_id AND part."ID" = held."ProductID"
         AND {_itself("part")}
        WHERE held.marketplace_id = :marketplace_id AND held."BundleID" = {product}."ID" AND part."ID" IS NULL)))""")


GROUPS_OF_USER = Sql("""
SELECT gm.group_key FROM user_group_members gm WHERE gm.marketplace_id = :marketplace_id AND gm.user_key = :user""")
"""The keys of the groups that a user is in."""


def meant(assignment: str) -> Sql:
    """That a row of assignments is meant for `:user` of `:company`: for its buyer, or for a group that it is in."""
    return Sql(
        f"""{assignment}."BuyerID" = :company AND ({assignment}.group_key IS NULL OR {assignment}.group_key IN ({GROUPS_OF_USER}))"""
    )
