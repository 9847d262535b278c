"""Copies of marketplaces, with all that they hold: rows inside the database, secrets sealed anew (ADR 0041)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.sealed_rows import SealedTable, reseal_copy, sealed_tables
from entrepot.storage.marketplace_copy import Changes, Copying, clear, copy_into, copying, forget_all
from entrepot.storage.tables import define_tables

ATTEMPTS = 5
LIMIT = timedelta(minutes=10)
"""Of one statement of a copy for which a request waits: what is not copied by then fails."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Copies:
    """How marketplaces are copied, made once of the registry, which takes some tenths of a second."""

    statements: Copying
    sealed: tuple[SealedTable, ...]
    keeps_clients: bool = False
    """Whether API clients have the IDs of the original in a copy."""

    async def copy(
        self,
        connection: asyncpg.Connection,
        box: SecretBox,
        source: int,
        target: int,
        *,
        hidden: bool = False,
    ) -> None:
        """Into a marketplace that is empty, and that nobody knows of yet, within the caller's transaction. hidden: whether nobody is to
        find it by its clients.

        Raises SecretBoxError where a secret was sealed with a key that the box does not have.
        """
        await copy_into(connection, self.statements, source, target, hidden=hidden)
        await reseal_copy(connection, self.sealed, box, source, target, keeps_clients=self.keeps_clients)

    async def clear(self, connection: asyncpg.Connection, target: int) -> None:
        """End what a marketplace holds. Whoever writes in it waits from now on until the caller's transaction ends."""
        await clear(connection, self.statements, target)

    async def replaced(self, connection: asyncpg.Connection, target: int) -> None:
        """Let every process forget what it remembers of a marketplace that was cleared and copied into."""
        await forget_all(connection, target)


class Preparing(Generic[Result]):
    """What is prepared beside the loop, when somebody asks first: copies, and what else is made of the whole schema."""

    def __init__(self, make: Callable[[], Result]) -> None:
        self._make = make
        self._made: Result | None = None

    async def __call__(self) -> Result:
        if self._made is None:
            self._made = await asyncio.to_thread(self._make)
        return self._made


async def limited(connection: asyncpg.Connection, limit: timedelta = LIMIT) -> None:
    """Copies are the longest statements there are: within the caller's transaction they have a limit of their own."""
    await connection.execute(f"SET LOCAL statement_timeout = '{int(limit.total_seconds())}s'")


async def begun_anew(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """What replaces a marketplace, each attempt in a transaction of its own. Whoever writes in it meanwhile may hold what is needed, and
    wait for it himself: then one of the two is undone, and this one begins anew.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await attempt()
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            continue
    return await attempt()


def copies_of(
    registry: Registry,
    changes: Changes | None = None,
    without: Iterable[str] = (),
    *,
    keeps_clients: bool = False,
) -> Copies:
    """changes: what is another in the copies. without: tables of which they take nothing. keeps_clients: as `copying` has it."""
    statements = copying(define_tables(registry), changes, without, keeps_clients=keeps_clients)
    return Copies(statements, tuple(sealed_tables(registry)), keeps_clients)
