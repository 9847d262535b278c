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
"""So many are told one by one, as a column of a page; of more one is made, by a statement of its own."""
CHANGES_SINCE = Sql(f"""
SELECT CAST(CASE WHEN ce.epoch <> CAST(:known_epoch AS bigint) THEN json_build_array(ce.epoch,
    CASE WHEN ce.epoch - CAST(:known_epoch AS bigint) BETWEEN 1 AND {MOST_ROWS} THEN (
        SELECT json_agg(json_build_array(cc.epoch, cc.products, cc.users, cc.buyers, cc.structure) ORDER BY cc.epoch)
        FROM catalog_changes cc
        WHERE cc.marketplace_id = :marketplace_id AND cc.epoch > (SELECT CAST(:known_epoch AS bigint))
          AND cc.epoch <= (SELECT CAST(:known_epoch AS bigint) + {MOST_ROWS})) END) END AS text)
FROM catalog_epochs ce WHERE ce.marketplace_id = :marketplace_id
""")
"""With named parameters, to be a column of a statement that is to be compared with it; null where nothing has changed since
`known_epoch`, else what `read_changes` takes. Epochs between two bounds are looked for by their index; of those beyond one
the planner expects a third of the log, and reads it whole for each page.
"""
_SINCE = CHANGES_SINCE.bound("marketplace_id", "known_epoch")
KEPT = timedelta(hours=1)
KEPT_ROWS = 10_000
MOST_NAMED = 20_000
"""Products, and users, that are told by name where many rows are made one; more are all of them."""
_TOGETHER = f"""
WITH since AS MATERIALIZED (
    SELECT c.products, c.users, c.buyers, c.structure FROM catalog_changes c
    WHERE c.marketplace_id = $1 AND c.epoch > $2 LIMIT {KEPT_ROWS + 1}),
told AS (
    SELECT count(*) AS rows, coalesce(bool_or(s.structure), false) AS structure,
           count(*) = count(s.products) AND sum(cardinality(s.products)) <= {MOST_NAMED} AS of_products,
           count(*) = count(s.users) AND sum(cardinality(s.users)) <= {MOST_NAMED} AS of_users
    FROM since s)
SELECT CAST(json_build_array(ce.epoch, t.rows, json_build_array(ce.epoch,
    CASE WHEN t.of_products THEN ARRAY(SELECT DISTINCT unnest(s.products) FROM since s) END,
    CASE WHEN t.of_users THEN ARRAY(SELECT DISTINCT unnest(s.users) FROM since s) END,
    ARRAY(SELECT DISTINCT unnest(s.buyers) FROM since s), t.structure)) AS text)
FROM catalog_epochs ce, told t WHERE ce.marketplace_id = $1
"""
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
    """What has changed up to an epoch. rows: one for each epoch, or one for all; None where they are too many, or not all there."""

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
_decode_together = msgspec.json.Decoder(tuple[int, int, _Row]).decode


def read_changes(text: str | None, known: int) -> Changes:
    """What a column of CHANGES_SINCE with `known` as :known_epoch says."""
    if text is None:
        return Changes(known)
    epoch, rows = _decode(text)
    if rows is None or len(rows) != epoch - known:
        return Changes(epoch, None)
    return Changes(epoch, tuple(map(_change, rows)))


async def changes_since(database: Database, marketplace_id: int, known: int) -> Changes:
    """What has changed since an epoch that is known. One statement, two where that is more than MOST_ROWS rows: they come as one
    that says what all of them say. Some 3 ms for a thousand.
    """
    changes = read_changes(await database.fetchval(_SINCE, marketplace_id, known), known)
    if changes.rows is not None or not MOST_ROWS < changes.epoch - known <= KEPT_ROWS:
        return changes
    together = await database.fetchval(_TOGETHER, marketplace_id, known)
    if together is None:
        # The marketplace has gone in between.
        return Changes(known)
    epoch, count, row = _decode_together(together)
    return Changes(epoch, (_change(row),) if count == epoch - known else None)


def _change(row: _Row) -> Change:
    epoch, products, users, buyers, structure = row
    return Change(epoch, products, users, frozenset(buyer.lower() for buyer in buyers), structure)


async def forget_changes(database: asyncpg.Pool, marketplace_id: int, now: datetime, most: int) -> int:
    """Remove at most so many rows of those that nobody needs any more; how many."""
    status: str = await database.execute(FORGET, marketplace_id, most, now - KEPT, KEPT_ROWS)
    return int(status.rpartition(" ")[2])
