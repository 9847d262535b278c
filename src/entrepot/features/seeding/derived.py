"""What a seed computes once, at its end, in place of the statements that hooks send after every row.

Hooks lock rows, and compute columns anew that are made of other rows. In a marketplace that nobody can see before the commit
nobody is to be locked out, and the columns are computed for all rows together. Such a statement is known by what it touches:
whoever rewords one, or adds one, need not think of seeds; and what is passed over is computed, since DERIVED says both.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache

from entrepot.engine import totals
from entrepot.engine.call import Database
from entrepot.engine.feeding import Write, writes_of
from entrepot.features.catalog.audience import statements as audience
from entrepot.features.catalog.products import counts
from entrepot.features.people import holdings
from entrepot.features.people.identity.resources import USER
from entrepot.features.seeding.pace import BATCH


@dataclass(frozen=True, slots=True)
class Derived:
    """Columns of a table that are computed from other rows.

    keys: the SELECT of what `compute` goes by, once for each; $1 is the marketplace. compute: the UPDATE of the rows of some
    of them, which are $2.
    """

    table: str
    columns: frozenset[str]
    keys: str
    compute: str


DERIVED = (
    Derived(
        table="products",
        columns=frozenset({"SpecCount"}),
        keys='SELECT DISTINCT "ProductID" FROM spec_product_assignments WHERE marketplace_id = $1',
        compute=counts.COUNT_SPECS,
    ),
    # Children go with their parents.
    Derived(
        table="products",
        columns=frozenset({"audience"}),
        keys='SELECT "ID" FROM products WHERE marketplace_id = $1 AND "ParentID" IS NULL',
        compute=audience.OF_PRODUCTS,
    ),
    Derived(
        table="users",
        columns=frozenset({"own_profiles", "group_locale"}),
        keys="SELECT key FROM users WHERE marketplace_id = $1",
        compute=holdings.OF_USERS,
    ),
)

TOTALS = (USER,)
"""Entities whose rows are counted beside them."""

LOCK = re.compile(r"\s+FOR\s+(?:NO\s+KEY\s+|KEY\s+)?(?:UPDATE|SHARE)(?:\s+OF\s+\w+)?\s*$", re.IGNORECASE)
"""The end of a statement that locks what it selects."""
_DOES = re.compile(r"\b(?:pg_\w+|nextval|setval|set_config)\s*\(", re.IGNORECASE)
"""Functions that do something."""


def is_settled(query: str) -> bool:
    """Whether a statement that a hook executes only locks, or is computed at the end."""
    return is_computed(query) or _is_lock(query)


@lru_cache(maxsize=1024)
def is_computed(query: str) -> bool:
    """Whether a statement computes what DERIVED says, or adds to TOTALS. What it returns, it returns for those who remember."""
    writes = writes_of(query)
    return bool(writes) and all(map(_is_derived, writes)) and not _DOES.search(query)


@lru_cache(maxsize=1024)
def _is_lock(query: str) -> bool:
    return LOCK.search(query) is not None and not writes_of(query) and not _DOES.search(query)


def _is_derived(write: Write) -> bool:
    if write.table in {each.totals_table for each in TOTALS}:
        return True
    derived = frozenset[str]().union(*(each.columns for each in DERIVED if each.table == write.table))
    return write.kind == "UPDATE" and write.columns is not None and write.columns <= derived


async def settle(connection: Database, marketplace_id: int) -> AsyncIterator[int]:
    """Compute DERIVED and TOTALS for the whole marketplace, inside its transaction; yields the number of rows after each statement."""
    for each in DERIVED:
        keys = [row[0] for row in await connection.fetch(each.keys, marketplace_id)]
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            await connection.execute(each.compute, marketplace_id, batch)
            yield len(batch)
    for entity in TOTALS:
        await totals.settle(connection, marketplace_id, entity)
