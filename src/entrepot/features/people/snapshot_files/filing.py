"""What of a marketplace a file holds, made once of the schema; and how many files a process works on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from entrepot.declare.registry import Registry
from entrepot.features.people.copies import Preparing
from entrepot.features.people.sealed_rows import SealedTable, sealed_tables
from entrepot.storage.marketplace_copy import CLIENTS, Copying, copying
from entrepot.storage.marketplace_rows import RowTable, row_tables
from entrepot.storage.tables import define_tables

LARGEST_FILE = 512 * 2**20
"""Bytes of a file that is imported."""
AT_ONCE = 2
"""Files that a process works on."""
MOST_WAITING = 8
CHANGES = {("users", "generation"): "0"}
"""What another server has counted says nothing here."""
END_OF_ROWS = b"\\.\n"
"""A line that no row can be, as COPY has it."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Tables in their order; sealed: those with secrets, but for API clients, which seal by themselves. keeping, renaming: how rows that
    have come become a marketplace's, with the IDs that API clients have in the file, or with others.
    """

    tables: tuple[RowTable, ...]
    sealed: tuple[SealedTable, ...]
    keeping: Copying
    renaming: Copying

    @property
    def with_secrets(self) -> frozenset[str]:
        return frozenset({CLIENTS, *(each.entity.table for each in self.sealed)})


def filing_of(registry: Registry) -> Filing:
    """Takes some tenths of a second."""
    metadata = define_tables(registry)
    keeping = copying(metadata, CHANGES, keeps_clients=True, arriving=True)
    renaming = copying(metadata, CHANGES, arriving=True)
    return Filing(row_tables(metadata, keeping.copied), tuple(sealed_tables(registry)), keeping, renaming)


@dataclass(slots=True)
class FileWork:
    """Of one process; opened by the application."""

    filing: Preparing[Filing]
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waiting: int = 0

    @classmethod
    def of(cls, make: Callable[[], Filing]) -> FileWork:
        return cls(Preparing(make))
