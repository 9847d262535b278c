"""What buyers' users see of products as conditions of SQL alone (VIS), for the administrators' resources, which buyers read
with a role such as ProductReader (AUTH-53): there they see what they would see as shoppers.

Shoppers' own lists compare with what a process remembers of them (features/catalog/shopping/visible.py), which is faster.
"""

from __future__ import annotations

from entrepot.features.catalog.audience.kinds import Kind
from entrepot.features.catalog.audience.shopper import SIGHT

TOKENS = f"""
WITH RECURSIVE {SIGHT}
SELECT (SELECT array_agg(seen.number * 8 + {Kind.IN_CATALOG:d}) FROM seen) AS inside,
       (SELECT array_agg(token) FROM (
            SELECT seen.number * 8 + CASE WHEN seen."ID" IN (SELECT "CatalogID" FROM said)
                                          THEN {Kind.OPEN_IN:d} ELSE {Kind.LISTED_IN:d} END AS token
            FROM seen WHERE seen.products
            UNION ALL
            SELECT walk.number * 8 + {Kind.IN_CATEGORY:d} FROM walk WHERE walk.products
            UNION ALL
            SELECT me.number * 8 + {Kind.GRANTED_BUYER:d} FROM me
            UNION ALL
            SELECT group_key * 8 + {Kind.GRANTED_GROUP:d} FROM groups) shows) AS showing"""
"""A product is visible that has one of the tokens of `inside` and one of `showing`. One row."""
_ITSELF = '{t}."Active" AND {t}.audience && tokens.inside AND {t}.audience && tokens.showing'
_SEEN = f"""EXISTS (
    SELECT 1 FROM ({TOKENS}) tokens
    WHERE {_ITSELF} AND (NOT {{t}}."IsBundle" OR NOT EXISTS (
        SELECT 1 FROM bundle_product_assignments held
        LEFT JOIN products part ON part.marketplace_id = {{m}} AND part."ID" = held."ProductID"
         AND {_ITSELF.replace("{t}", "part")}
        WHERE held.marketplace_id = {{m}} AND held."BundleID" = {{t}}."ID" AND part."ID" IS NULL)))"""
"""BND-2: a bundle only together with all of its products."""


def seen(product: str = "t") -> str:
    """The condition that the products of an alias are visible, with `{m}` and `{user}` as in Resource.visible."""
    return _SEEN.replace("{t}", product)


GROUPS_OF_USER = """
SELECT gm.group_key FROM user_group_members gm WHERE gm.marketplace_id = {m} AND gm.user_key = {user}"""
"""The keys of the groups that a user is in."""
MEANT = f"""{{a}}."BuyerID" = {{company}} AND ({{a}}.group_key IS NULL OR {{a}}.group_key IN ({GROUPS_OF_USER}))"""
"""That a row `{a}` of assignments is meant for a user: for its buyer, or for a group that it is in."""


def meant(assignment: str) -> str:
    """The same over an alias."""
    return MEANT.replace("{a}", assignment)
