"""The database that a rule meets while many records are prepared at once: none, but for work that is done at the end.

So the API's own hooks decide about every record. A hook that must look something up cannot be asked this way; its
record is written alone, through the API's own handler.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.features.seeding.derived import is_computed, is_settled


class NeedsStatementError(Exception):
    """The rule asks the database."""


class DeferredDatabase:
    """Takes statements that are settled at the end and raises NeedsStatementError for all others."""

    async def execute(self, query: str, *args: Any) -> str:
        if not is_settled(query):
            raise NeedsStatementError
        return ""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        if not is_computed(query):
            raise NeedsStatementError
        return []

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        raise NeedsStatementError

    async def fetchval(self, query: str, *args: Any) -> Any:
        raise NeedsStatementError
