"""What a shopper brings along: its buyer, groups and currency, and the tokens of the products that it may see.

One statement reads it all; a process remembers it until the log of catalog changes names it (docs/decisions/0008 and 0022).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from entrepot.domain.discounts.terms import Discount
from entrepot.engine.call import Database
from entrepot.features.catalog.audience.discounts import OF_SHOPPER, read_discounts
from entrepot.features.catalog.audience.kinds import TokenKind, token
from entrepot.kernel.sql import Sql

_TOKEN_BYTES = 80
"""A number, its places in a catalog's tokens and in those of all, and its digits."""
FEW = 64
"""Tokens that are compared one by one without a thought."""

SIGHT = """
me AS (
    SELECT b."ID" AS buyer, b.number, b."GroupID" AS chain,
           coalesce(b."DefaultCatalogID", g."DefaultCatalogID") AS catalog
    FROM users u
    JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = u."BuyerID"
    LEFT JOIN buyer_groups g ON g.marketplace_id = :marketplace_id AND g."ID" = b."GroupID"
    WHERE u.marketplace_id = :marketplace_id AND u.key = :user
),
groups AS (SELECT m.group_key FROM user_group_members m WHERE m.marketplace_id = :marketplace_id AND m.user_key = :user),
seen AS (
    SELECT c."ID", c.number, bool_or(a."ViewAllCategories") AS categories, bool_or(a."ViewAllProducts") AS products
    FROM me
    JOIN catalog_assignments a ON a.marketplace_id = :marketplace_id AND (a."BuyerID" = me.buyer OR a."BuyerGroupID" = me.chain)
    JOIN catalogs c ON c.marketplace_id = :marketplace_id AND c."ID" = a."CatalogID" AND c."Active"
    GROUP BY c."ID", c.number
),
said AS (
    SELECT r."CatalogID", r."CategoryID",
           coalesce(bool_or(r."ViewAllProducts") FILTER (WHERE r.group_key IS NOT NULL),
                    bool_or(r."ViewAllProducts") FILTER (WHERE r.group_key IS NULL)) AS products
    FROM me
    JOIN category_assignments r ON r.marketplace_id = :marketplace_id AND r."BuyerID" = me.buyer
     AND (r.group_key IS NULL OR r.group_key IN (SELECT group_key FROM groups))
    WHERE r."ViewAllProducts" IS NOT NULL
    GROUP BY r."CatalogID", r."CategoryID"
),
walk AS (
    SELECT seen.number AS catalog, k."CatalogID", k."ID", k.number, coalesce(said.products, seen.products) AS products
    FROM seen
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = seen."ID" AND k."ParentID" IS NULL AND k."Active"
    LEFT JOIN said ON said."CatalogID" = k."CatalogID" AND said."CategoryID" = k."ID"
    WHERE seen."ID" IN (SELECT "CatalogID" FROM said)
    UNION ALL
    SELECT walk.catalog, k."CatalogID", k."ID", k.number, coalesce(said.products, walk.products)
    FROM walk
    JOIN categories k ON k.marketplace_id = :marketplace_id AND k."CatalogID" = walk."CatalogID" AND k."ParentID" = walk."ID"
     AND k."Active"
    LEFT JOIN said ON said."CatalogID" = k."CatalogID" AND said."CategoryID" = k."ID"
)
"""
"""The CTEs that tell what the user of a key has to see products by, for WITH RECURSIVE. Categories are read only of catalogs
in which rows of their own concern it."""
READ = Sql(f"""
WITH RECURSIVE {SIGHT}
SELECT e.epoch, me.buyer, me.catalog, (SELECT array_agg(group_key ORDER BY group_key) FROM groups) AS groups,
    EXISTS (SELECT 1 FROM product_assignments a
            WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = me.buyer AND a.group_key IS NULL) AS buyer_granted,
    me.number,
    (SELECT array_agg(g.group_key ORDER BY g.group_key) FROM groups g
     WHERE EXISTS (SELECT 1 FROM product_assignments a
                   WHERE a.marketplace_id = :marketplace_id AND a.group_key = g.group_key)) AS granted,
    (SELECT l."Currency" FROM locale_assignments a
     JOIN locales l ON l.marketplace_id = :marketplace_id AND l."ID" = a."LocaleID"
     WHERE a.marketplace_id = :marketplace_id AND a."BuyerID" = me.buyer
       AND (a.group_key IS NULL OR a.group_key IN (SELECT group_key FROM groups))
     ORDER BY a.group_key IS NULL, l."ID" LIMIT 1) AS currency,
    ({OF_SHOPPER}) AS discounts,
    (SELECT json_agg(json_build_array(seen."ID", seen.number, seen.categories, seen.products,
         (SELECT json_agg(walk.number ORDER BY walk.number) FROM walk
          WHERE walk.catalog = seen.number AND walk.products),
         (SELECT json_agg(walk.number ORDER BY walk.number) FROM walk
          WHERE walk.catalog = seen.number AND NOT walk.products),
         seen."ID" IN (SELECT "CatalogID" FROM said)) ORDER BY seen."ID") FROM seen) AS catalogs
FROM catalog_epochs e LEFT JOIN me ON true
WHERE e.marketplace_id = :marketplace_id
""").bound("marketplace_id", "user")
"""$1 marketplace, $2 user key."""


SHORT_PARTS = ("inside", "sure", "listed", "hidden")
PARTS = (*SHORT_PARTS, "shown")


def array_text(numbers: Iterable[int]) -> str:
    """The text of a database array."""
    return f"{{{','.join(map(str, numbers))}}}"


@dataclass(frozen=True)
class Tokens:
    """The tokens that make a product visible, as conditions read them (features/catalog/shopping/visible.py).

    inside: one of these, always. Besides: one of `sure`; or one of `listed` and either none of `hidden` or one of
    `shown`. The latter stands for catalogs with many categories to see and few hidden ones: few products have a token
    of `hidden`, so that the many of `shown` are hardly ever compared.
    """

    inside: list[int] = field(default_factory=list)
    sure: list[int] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Each of them as the text of a database array."""
        return {name: array_text(getattr(self, name)) for name in PARTS}

    @property
    def shown_text(self) -> str:
        return self.texts["shown"]

    @cached_property
    def any_of(self) -> list[int]:
        """Every visible product has one of these."""
        return [*self.sure, *self.listed]


@dataclass(frozen=True, slots=True)
class SeenCatalog:
    """An active catalog that is assigned to the shopper's buyer. The tokens are those of its own, without grants."""

    id: str
    shows_categories: bool
    tokens: Tokens


@dataclass(frozen=True, eq=False)
class Audience:
    """What shoppers of the same buyer and groups see; shared by them."""

    granted: tuple[int, ...]
    catalogs: Mapping[str, SeenCatalog]
    _of_catalog: dict[str | None, Tokens] = field(default_factory=dict)

    def tokens(self, catalog_id: str | None) -> Tokens:
        """Of one catalog, whatever the case of its ID, or of all; none for a catalog that is not seen."""
        key = None if catalog_id is None else catalog_id.lower()
        if key is not None and key not in self.catalogs:
            return Tokens()
        found = self._of_catalog.get(key)
        if found is None:
            parts = self.catalogs.values() if key is None else (self.catalogs[key],)
            found = self._of_catalog[key] = joined([each.tokens for each in parts], self.granted)
        return found

    @property
    def size(self) -> int:
        """In bytes, about, with what `tokens` makes of it."""
        return _TOKEN_BYTES * sum(
            len(each.tokens.sure) + len(each.tokens.hidden) + len(each.tokens.shown)
            for each in self.catalogs.values()
        )


@dataclass(frozen=True)
class Shopper:
    """A buyer's user as of a catalog epoch. `groups` are keys."""

    epoch: int
    user_key: int
    buyer: str
    groups: list[int]
    currency: str | None
    default_catalog: str | None
    audience: Audience
    discounts: tuple[Discount, ...] = ()

    @cached_property
    def groups_text(self) -> str:
        """`groups` as the text of a database array."""
        return array_text(self.groups)

    @cached_property
    def texts(self) -> dict[str, Any]:
        """What statements of single products take, wherever these are; arrays as texts (shopping/visible.py, `with_texts`)."""
        own = {"buyer": self.buyer, "groups": self.groups_text, "currency": self.currency}
        return own | self.audience.tokens(None).texts


def joined(parts: Iterable[Tokens], granted: tuple[int, ...]) -> Tokens:
    """The tokens of several catalogs together, and those of what is assigned to the shopper itself."""
    whole = Tokens()
    for part in parts:
        for name in PARTS:
            getattr(whole, name).extend(getattr(part, name))
    # What shows most products comes first: the comparison ends with the first token in common.
    whole.sure.extend(granted)
    return whole


async def read_shopper(connection: Database, marketplace_id: int, user_key: int) -> Shopper | None:
    """The shopper as the database has it; None for a user of no buyer. One statement."""
    row = await connection.fetchrow(READ, marketplace_id, user_key)
    if row is None or row["buyer"] is None:
        return None
    granted = [token(key, TokenKind.GRANTED_GROUP) for key in row["granted"] or ()]
    if row["buyer_granted"]:
        granted.insert(0, token(row["number"], TokenKind.GRANTED_BUYER))
    seen = [_seen(*each) for each in json.loads(row["catalogs"] or "[]")]
    audience = Audience(tuple(granted), {each.id.lower(): each for each in seen})
    return Shopper(
        row["epoch"],
        user_key,
        row["buyer"],
        row["groups"] or [],
        row["currency"],
        row["catalog"],
        audience,
        read_discounts(row["discounts"]),
    )


def _seen(
    catalog_id: str,
    number: int,
    categories: bool,
    products: bool,
    shown: list[int] | None,
    hidden: list[int] | None,
    deviating: bool,
) -> SeenCatalog:
    """VIS steps 4 and 5 for one catalog."""
    inside = [token(number, TokenKind.IN_CATALOG)]
    listed, loose = token(number, TokenKind.LISTED_IN), token(number, TokenKind.OPEN_IN)
    if not deviating:
        return SeenCatalog(catalog_id, categories, Tokens(inside, [listed] if products else []))
    show = [token(each, TokenKind.IN_CATEGORY) for each in shown or ()]
    hide = [token(each, TokenKind.IN_CATEGORY) for each in hidden or ()]
    (show if products else hide).insert(0, loose)
    if len(show) <= max(FEW, len(hide)):
        return SeenCatalog(catalog_id, categories, Tokens(inside, show))
    return SeenCatalog(catalog_id, categories, Tokens(inside, [], [listed], hide, show))
