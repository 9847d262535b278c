"""How an index follows what changes: by what pages tell beside their rows, and by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from entrepot.domain.catalog.index.history import Past
from entrepot.domain.catalog.index.index import IndexedProduct
from entrepot.engine.call import Database
from entrepot.engine.catalog_log import CHANGES_SINCE, MOST_ROWS, Changes, changes_since, read_changes
from entrepot.engine.sql import numbered
from entrepot.features.catalog.product_index.definitions import read_facets
from entrepot.features.catalog.product_index.live import BehindError, ForgottenError, LiveIndex
from entrepot.features.catalog.product_index.reading import OF_PRODUCT, read_product, read_rows

MOST_AT_ONCE = 200
"""Products that a page may have changed; some 10 ms of the event loop."""
PIECE = 25

CHANGED = f"""
SELECT CAST(json_agg({OF_PRODUCT}) AS text) FROM (
    SELECT DISTINCT unnest(c.products) AS number FROM catalog_changes c
    WHERE c.marketplace_id = :marketplace_id AND c.epoch > (SELECT CAST(:known_epoch AS bigint))
      AND c.epoch <= (SELECT CAST(:known_epoch AS bigint) + {MOST_ROWS}) LIMIT {MOST_AT_ONCE + 1}) changed
JOIN products p ON p.marketplace_id = :marketplace_id AND p.number = changed.number
"""
"""The products that have changed since, for `take`; parameters as OF_PRODUCT's, and known_epoch."""
FOLLOW = f"SELECT ({CHANGES_SINCE}) AS changes, ({CHANGED}) AS products"
_NAMED = f"""
SELECT ({CHANGES_SINCE}) AS changes,
       (SELECT CAST(json_agg({OF_PRODUCT}) AS text) FROM products p
        WHERE p.marketplace_id = :marketplace_id AND p.number = ANY(CAST(:numbers AS bigint[]))) AS products
"""


class MovedError(Exception):
    """So much has changed that the index is to be built anew."""


@dataclass(slots=True)
class Pending:
    """The numbers of products that have changed after an epoch, as far as the log was read, and are still to be read."""

    epoch: int
    numbers: set[int] = field(default_factory=set)
    structure: bool = False

    def note(self, changes: Changes) -> None:
        """Raises MovedError where the log does not say which."""
        products = changes.products
        if products is None:
            raise MovedError
        self.numbers |= products
        self.structure = self.structure or any(row.structure for row in changes.rows or ())
        self.epoch = changes.epoch


def take(live: LiveIndex, known: int, changes: str | None, products: str | None) -> Past:
    """Learn what a statement tells that was sent when the index was at `known`; all products as of that statement.

    Raises BehindError where the index cannot follow at once, ForgottenError where it is far ahead.
    """
    read = read_changes(changes, known)
    named = read.products
    if named is None or len(named) > MOST_AT_ONCE or any(row.structure for row in read.rows or ()):
        raise BehindError
    return live.learn(known, read.epoch, _products(named, products))


async def note(pending: Pending, marketplace_id: int, db: Database) -> None:
    """Read on in the log. Raises MovedError."""
    pending.note(await changes_since(db, marketplace_id, pending.epoch))


async def follow(live: LiveIndex, marketplace_id: int, db: Database) -> None:
    """Bring an index to the present. One statement. Raises BehindError where it cannot follow at once."""
    known = live.epoch
    row = await _read(FOLLOW, live, marketplace_id, db, known_epoch=known)
    # Pages may have brought it further meanwhile.
    with suppress(ForgottenError):
        take(live, known, row["changes"], row["products"])


async def catch_up(live: LiveIndex, marketplace_id: int, db: Database) -> None:
    """The same, however much has changed. Raises MovedError."""
    try:
        await follow(live, marketplace_id, db)
    except BehindError:
        live.ready.clear()
        await catch_up_with(live, Pending(live.epoch), marketplace_id, db)


async def catch_up_with(live: LiveIndex, pending: Pending, marketplace_id: int, db: Database) -> None:
    """The same of one that nobody asks meanwhile. Raises MovedError."""
    while True:
        numbers = [pending.numbers.pop() for _ in range(min(len(pending.numbers), MOST_AT_ONCE))]
        row = await _read(_NAMED, live, marketplace_id, db, known_epoch=pending.epoch, numbers=numbers)
        changes = read_changes(row["changes"], pending.epoch)
        if changes.rows is None:
            # More has changed meanwhile than this statement tells. These products are older than what is read now, which names
            # those of them that have changed since.
            changes = await changes_since(db, marketplace_id, pending.epoch)
        pending.note(changes)
        await _apply(live, pending.epoch, _products(numbers, row["products"]))
        if pending.structure:
            await _look_again(live, marketplace_id, db)
            pending.structure = False
        elif not pending.numbers:
            break
    live.index.history.start(pending.epoch)


async def _look_again(live: LiveIndex, marketplace_id: int, db: Database) -> None:
    """After a change of trees or facets. Raises MovedError where other values are to be counted."""
    facets = await read_facets(db, marketplace_id)
    if [facet.way for facet in facets] != live.ways:
        raise MovedError
    live.restructure(facets)


async def _apply(live: LiveIndex, epoch: int, changed: Mapping[int, IndexedProduct | None]) -> None:
    items = list(changed.items())
    for first in range(0, max(len(items), 1), PIECE):
        await asyncio.sleep(0)
        live.index.apply(epoch, dict(items[first : first + PIECE]))


def _products(named: Iterable[int], text: str | None) -> dict[int, IndexedProduct | None]:
    """What has become of the products of these numbers; those of which nothing is told are gone."""
    changed: dict[int, IndexedProduct | None] = dict.fromkeys(named)
    for row in read_rows(text) if text else ():
        product = read_product(row)
        changed[product.number] = product
    return changed


async def _read(
    sql: str, live: LiveIndex, marketplace_id: int, db: Database, **values: Any
) -> asyncpg.Record:
    text, names = numbered(sql)
    values |= {"marketplace_id": marketplace_id, "ways": live.ways}
    row = await db.fetchrow(text, *(values[name] for name in names))
    assert row is not None
    return row
