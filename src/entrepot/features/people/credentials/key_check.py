"""Whether the settings' secret key is the database's: one sealed value, compared before anything is sealed or opened.

Without it a forgotten or mistaken key shows late, when half of the secrets open with one key and half with another.
"""

from __future__ import annotations

from typing import Any, Protocol

from entrepot.features.people.credentials.keys import open_private
from entrepot.features.people.credentials.secrets import SecretBox, SecretBoxError

_NAME = "settings key"
_PLACE = ("secret_key_checks", "sealed", _NAME)

# Whatever else is sealed was so by a server or a seed, and both make a signing key first.
HOLDS_SEALED = "SELECT EXISTS (SELECT 1 FROM secret_key_checks) OR EXISTS (SELECT 1 FROM signing_keys)"
HAS_TABLE = "SELECT to_regclass('secret_key_checks')"
CHECK_VALUE = "SELECT sealed FROM secret_key_checks WHERE name = $1"
INSERT = "INSERT INTO secret_key_checks (name, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING"
REPLACE = "UPDATE secret_key_checks SET sealed = $2 WHERE name = $1"
NEWEST_KEY = "SELECT kid, private_encrypted FROM signing_keys ORDER BY created_at DESC, kid LIMIT 1"


class Connection(Protocol):
    """What is used of an asyncpg connection."""

    async def fetchval(self, query: str, /, *args: Any) -> Any: ...

    async def fetchrow(self, query: str, /, *args: Any) -> Any: ...

    async def execute(self, query: str, /, *args: Any) -> Any: ...


async def holds_sealed(connection: Connection) -> bool:
    """Whether there is anything in the database that opens with one secret key alone."""
    holds: bool = await connection.fetchval(HOLDS_SEALED)
    return holds


async def check(connection: Connection, box: SecretBox) -> None:
    """Compare the key, and keep it in mind where the database has met none.

    Raises:
        SecretBoxError: the database's secrets were sealed with another key.
    """
    if await connection.fetchval(CHECK_VALUE, _NAME) is None:
        # A database of before the check has a signing key to compare with.
        key = await connection.fetchrow(NEWEST_KEY)
        if key is not None:
            open_private(key["kid"], key["private_encrypted"], box)
        await connection.execute(INSERT, _NAME, _sealed(box))
    # Read again: of two processes with different keys on a new database one comes first.
    if not opens(box, await connection.fetchval(CHECK_VALUE, _NAME)):
        raise SecretBoxError("the check value does not open")


async def sealed_value(connection: Connection) -> bytes | None:
    """The check value as it stands in the database; None where there is none, or no table for it yet."""
    if await connection.fetchval(HAS_TABLE) is None:
        return None
    value: bytes | None = await connection.fetchval(CHECK_VALUE, _NAME)
    return value


def opens(box: SecretBox, sealed: bytes) -> bool:
    """Whether the key is that of a database with this check value."""
    try:
        return box.open(sealed, _PLACE) == _NAME.encode()
    except SecretBoxError:
        return False


async def reseal(connection: Connection, box: SecretBox) -> None:
    """Seal the check value with the current key."""
    await connection.execute(REPLACE, _NAME, _sealed(box))


def _sealed(box: SecretBox) -> bytes:
    return box.seal(_NAME.encode(), _PLACE)
