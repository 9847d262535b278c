"""What a file says of who sees its products, as tokens on their rows when these are written (features/catalog/audience).

It spares the database to write each product a second time, and decides nothing: at the end the tokens are computed from the
rows themselves (derived.py), and where these say otherwise, they count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import asyncpg

from entrepot.features.catalog.audience.kinds import TokenKind, token
from entrepot.features.seeding.batches import Rows
from entrepot.features.seeding.reading import Record

CATALOGS = 'SELECT "ID", number FROM catalogs WHERE marketplace_id = $1'
CATEGORIES = """
WITH RECURSIVE lit AS (
    SELECT k."CatalogID", k."ID", k.number FROM categories k
    WHERE k.marketplace_id = $1 AND k."ParentID" IS NULL AND k."Active"
    UNION ALL
    SELECT k."CatalogID", k."ID", k.number FROM lit
    JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = lit."CatalogID" AND k."ParentID" = lit."ID"
    WHERE k."Active"
)
SELECT "CatalogID", "ID", number FROM lit
"""
"""Those that are active with all above them."""
BUYERS = 'SELECT "ID", number FROM buyers WHERE marketplace_id = $1'
GROUPS = 'SELECT "BuyerID", "ID", key FROM user_groups WHERE marketplace_id = $1 AND "BuyerID" IS NOT NULL'

ASSIGNED = {
    "CategoryProductAssignments": ("ProductID", "CatalogID", "CategoryID"),
    "ProductCatalogAssignment": ("ProductID", "CatalogID"),
    "ProductAssignments": ("ProductID", "BuyerID", "UserGroupID"),
}
"""The properties of records that count, by kinds."""
NUMBERED = (CATALOGS, CATEGORIES, BUYERS, GROUPS)
Numbers = dict[tuple[str, ...], int]
"""By IDs in lower case."""


class Audiences:
    """The tokens of products, by what is assigned to them in a file."""

    def __init__(self) -> None:
        self._assigned: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in ASSIGNED}
        self._tokens: dict[str, set[int]] | None = None

    def note(self, record: Record) -> None:
        """Take note of a record, if it assigns products, by properties spelled as declared."""
        names = ASSIGNED.get(record.kind)
        if names is not None and isinstance(record.value, dict):
            self._assigned[record.kind].append(tuple(map(record.value.get, names)))

    async def added(self, connection: asyncpg.Connection, marketplace_id: int, products: Rows) -> Rows:
        """The same rows of products with their tokens, once catalogs, categories, buyers and user groups are written."""
        if self._tokens is None:
            self._tokens = defaultdict(set)
            numbers = [
                {tuple(map(_lower, row[:-1])): row[-1] for row in map(tuple, rows)}
                for rows in [await connection.fetch(sql, marketplace_id) for sql in NUMBERED]
            ]
            self._place(*numbers[:2])
            self._grant(*numbers[2:])
        at = products.columns.index("ID")
        # A child has its parent's; bundles have none.
        above = products.columns.index("ParentID") if "ParentID" in products.columns else at
        for row in products.rows:
            row.append(sorted(self._tokens.get(_lower(row[above] or row[at]), ())))
        return Rows((*products.columns, "audience"), products.rows, products.lines)

    def _place(self, catalogs: Numbers, categories: Numbers) -> None:
        """VIS steps 4 and 5."""
        assert self._tokens is not None
        inside: dict[str, set[str]] = defaultdict(set)
        placed: set[tuple[str, str]] = set()
        for product, catalog, category in self._folded("CategoryProductAssignments"):
            inside[product].add(catalog)
            placed.add((product, catalog))
            if (catalog, category) in categories:
                self._add(product, categories[catalog, category], TokenKind.IN_CATEGORY)
                self._add(product, catalogs.get((catalog,)), TokenKind.LISTED_IN)
        for product, catalog in self._folded("ProductCatalogAssignment"):
            inside[product].add(catalog)
        for product, named in inside.items():
            for catalog in named:
                self._add(product, catalogs.get((catalog,)), TokenKind.IN_CATALOG)
                if (product, catalog) not in placed:
                    self._add(product, catalogs.get((catalog,)), TokenKind.OPEN_IN, TokenKind.LISTED_IN)

    def _grant(self, buyers: Numbers, groups: Numbers) -> None:
        """VIS step 3."""
        for product, buyer, group in self._folded("ProductAssignments"):
            if group:
                self._add(product, groups.get((buyer, group)), TokenKind.GRANTED_GROUP)
            else:
                self._add(product, buyers.get((buyer,)), TokenKind.GRANTED_BUYER)

    def _add(self, product: str, number: int | None, *kinds: TokenKind) -> None:
        assert self._tokens is not None
        if number is not None:
            tokens = self._tokens[product]
            for kind in kinds:
                tokens.add(token(number, kind))

    def _folded(self, kind: str) -> Iterator[tuple[str, ...]]:
        """What ASSIGNED names of each assignment, in lower case; "" for what it does not say."""
        for named in self._assigned.pop(kind):
            yield tuple(map(_lower, named))


def _lower(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
