"""The log of what has changed in a marketplace's catalogs, read by those who remember something of them (ADR 0022).

A row for each catalog epoch, written with it, and never changed. So it says the same whenever it is read: in the statement of a
page, or after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import msgspec

from entrepot.engine.call import Database
from entrepot.kernel.sql import Sql

MOST_ROWS = 300
"""A process that is further behind starts anew."""
CHANGES_SINCE = Sql(f"""
SELECT CAST(CASE WHEN ce.epoch <> CAST(:known_epoch AS bigint) THEN json_build_array(ce.epoch,
    CASE WHEN ce.epoch - CAST(:known_epoch AS bigint) BETWEEN 1 AND {MOST_ROWS} THEN (
        SELECT json_agg(json_build_array(cc.epoch, cc.products, cc.users, cc.buyers, cc.structure) ORDER BY cc.epoch)
        FROM catalog_changes cc
        WHERE cc.marketplace_id = :marketplace_id AND cc.epoch > (SELECT CAST(:known_epoch AS bigint))) END) END AS text)
FROM catalog_epochs ce WHERE ce.marketplace_id = :marketplace_id
""")
"""With named parameters, to be a column of a statement that is to be compared with it; null where nothing has changed since
`known_epoch`, else what `read_changes` takes.
"""
_SINCE = CHANGES_SINCE.bound("marketplace_id", "known_epoch")
KEPT = timedelta(hours=1)
KEPT_ROWS = 10_000
FORGET = """
WITH oldest AS (
    SELECT c.epoch, c.made_at FROM catalog_changes c WHERE c.marketplace_id = $1 ORDER BY c.epoch LIMIT $2)
DELETE FROM catalog_changes c USING oldest o
WHERE c.marketplace_id = $1 AND c.epoch = o.epoch
  AND (o.made_at <= $3 OR o.epoch <= (SELECT e.epoch FROM catalog_epochs e WHERE e.marketplace_id = $1) - $4)
"""
"""$1 marketplace, $2 rows at most, $3 until when, $4 the number of rows that stay."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the log. products: numbers, None for all; users: keys, None for everybody; buyers: IDs in lower case; structure:
    trees of categories, definitions of facets.
    """

    epoch: int
    products: frozenset[int] | None
    users: frozenset[int] | None
    buyers: frozenset[str]
    structure: bool

    @property
    def of_lists(self) -> bool:
        """Whether lists of shoppers that nothing has happened to can have become others."""
        return self.structure or self.products is None or bool(self.products)


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed up to an epoch. rows: one for each epoch; None where they are too many, or not all there."""

    epoch: int
    rows: tuple[Change, ...] | None = ()

    @property
    def products(self) -> frozenset[int] | None:
        """The numbers of the products that have changed; None for any."""
        if self.rows is None:
            return None
        found: set[int] = set()
        for row in self.rows:
            if row.products is None:
                return None
            found |= row.products
        return frozenset(found)


_Row = tuple[int, frozenset[int] | None, frozenset[int] | None, frozenset[str], bool]
_decode = msgspec.json.Decoder(tuple[int, list[_Row] | None]).decode


def read_changes(text: str | None, known: int) -> Changes:
    """What a column of CHANGES_SINCE with `known` as :known_epoch says."""
    if text is None:
        return Changes(known)
    epoch, rows = _decode(text)
    if rows is None or len(rows) != epoch - known:
        return Changes(epoch, None)
    changes = (
        Change(each, products, users, frozenset(buyer.lower() for buyer in buyers), structure)
        for each, products, users, buyers, structure in rows
    )
    return Changes(epoch, tuple(changes))


async def changes_since(database: Database, marketplace_id: int, known: int) -> Changes:
    """What has changed since an epoch that is known. One statement."""
    return read_changes(await database.fetchval(_SINCE, marketplace_id, known), known)


async def forget_changes(database: asyncpg.Pool, marketplace_id: int, now: datetime, most: int) -> int:
    """Remove at most so many rows of those that nobody needs any more; how many."""
    status: str = await database.execute(FORGET, marketplace_id, most, now - KEPT, KEPT_ROWS)
    return int(status.rpartition(" ")[2])
