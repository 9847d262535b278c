"""One connection, for commands: a server has a pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.storage.programs import PostgresUnavailableError

MENDABLE = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InsufficientResourcesError,  # no space left, too many connections
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What the server says of itself and of our rights, not of our statements."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection while the block runs. Raises PostgresUnavailableError where the database cannot be connected to."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, PostgresError, InterfaceError) as error:
        raise PostgresUnavailableError(f"The database cannot be reached: {error}") from error
    try:
        yield connection
    finally:
        await connection.close()
