"""Statements with named parameters that are put together per request: their numbers, remembered."""

from __future__ import annotations

from functools import lru_cache

from entrepot.kernel.sql import Sql


@lru_cache(maxsize=256)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with $n for its named parameters, and their names in order."""
    return Sql(sql).numbered()
