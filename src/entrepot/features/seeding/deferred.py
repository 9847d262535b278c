"""The database that a rule meets while many records are prepared at once: none, but for work that is done at the end.

So the API's own hooks decide about every record. A hook that must look something up cannot be asked this way; its
record is written alone, through the API's own handler.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.engine import totals
from entrepot.features import holdings
from entrepot.features.audience import statements as audience
from entrepot.features.audience import tokens
from entrepot.features.identity.resources import USER
from entrepot.features.products import counts

SETTLED = frozenset(
    {
        audience.LOCK_CATALOG,
        audience.LOCK_CATALOGS,
        audience.LOCK_HELD,
        audience.LOCK_PRODUCTS,
        audience.OF_CATEGORIES,
        audience.OF_PRODUCTS,
        counts.LOCK,
        counts.COUNT_SPECS,
        holdings.LOCK,
        holdings.OF_GROUPS,
        holdings.OF_USERS,
    }
)
"""What hooks do after a row was written and `settle` does once for all of them. Nobody can see the marketplace before,
so nothing that is remembered of it needs to be forgotten."""


WITH_SPECS = 'SELECT DISTINCT "ProductID" FROM spec_product_assignments WHERE marketplace_id = $1'


class NeedsStatementError(Exception):
    """The rule asks the database."""


class DeferredDatabase:
    """Takes SETTLED statements and raises NeedsStatementError for all others."""

    async def execute(self, query: str, *args: Any) -> str:
        if query not in SETTLED:
            raise NeedsStatementError
        return ""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        if query not in SETTLED:
            raise NeedsStatementError
        return []

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        raise NeedsStatementError

    async def fetchval(self, query: str, *args: Any) -> Any:
        raise NeedsStatementError


async def settle(connection: asyncpg.Connection, marketplace_id: int) -> None:
    """What SETTLED statements would have brought about, for the whole marketplace."""
    with_specs = await connection.fetch(WITH_SPECS, marketplace_id)
    if with_specs:
        await connection.execute(counts.COUNT_SPECS, marketplace_id, [row[0] for row in with_specs])
    await tokens.refresh_all(connection, marketplace_id)
    await holdings.refresh_all(connection, marketplace_id)
    await totals.settle(connection, marketplace_id, USER)
