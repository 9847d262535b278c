"""Default users: what accounts of the portal are in a marketplace where they act as none of its users (PORT-13).

Table `default_users`, a row for each account that has asked for a token of the marketplace: "ID", a GUID that GET /v1/me
shows, `account_key`, and `generation`, which ends its tokens when it is raised. Keys are below 0, so that none is a user's and
what is kept of users holds of nobody. Tokens with which an account acts as one of the users hold by the same row (PORT-12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from entrepot.domain.identity.ties import Session
from entrepot.engine.call import Database
from entrepot.engine.recording import Recording
from entrepot.kernel.ids import new_guid

NO_CLIENT = "83f7ac4c-a0b1-4d74-9c72-18f8dc6b1ab0"
"""The `cid` of tokens that no API client has given. IDs of clients are made at random, so none has it."""
FIRST_NAME, LAST_NAME = "Default", "User"

FIND = """
SELECT key, "ID" AS id, generation FROM default_users WHERE marketplace_id = $1 AND account_key = $2
"""
MAKE = """
INSERT INTO default_users (marketplace_id, "ID", account_key, "DateCreated") VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
END_TOKENS = """
UPDATE default_users SET generation = generation + 1 WHERE marketplace_id = $1 AND account_key = ANY ($2::bigint[])
"""
END_OWN_TOKENS = """
UPDATE default_users SET generation = generation + 1 WHERE marketplace_id = $1 AND key = $2
"""
END_EVERYWHERE = """
WITH ended AS (UPDATE default_users SET generation = generation + 1 WHERE account_key = $1 RETURNING marketplace_id)
UPDATE security_epochs e SET epoch = epoch + 1 FROM ended WHERE e.marketplace_id = ended.marketplace_id
"""
"""Of all marketplaces, since the account is of none; the one statement that raises epochs itself."""
FORGET = "DELETE FROM default_users WHERE marketplace_id = $1 AND account_key = ANY ($2::bigint[])"


@dataclass(frozen=True, slots=True)
class DefaultUser:
    """An account in one marketplace. `id` is its GUID on the wire, `key` is below 0."""

    key: int
    id: str
    generation: int

    @property
    def session(self) -> Session:
        """What tokens end with with which the account acts as a user."""
        return Session(self.key, self.generation)


async def default_user(db: Database, marketplace_id: int, account_key: int, now: datetime) -> DefaultUser:
    """That of an account, which is made with the first token. One statement, three the first time."""
    row = await db.fetchrow(FIND, marketplace_id, account_key)
    if row is None:
        await db.execute(MAKE, marketplace_id, new_guid().lower(), account_key, now)
        row = await db.fetchrow(FIND, marketplace_id, account_key)
        assert row is not None
    return DefaultUser(**row)


async def end_tokens(db: Database, marketplace_id: int, account_keys: Sequence[int]) -> None:
    """Void every token of the marketplace that was given to these accounts, since they are gone or may do less in it. In the
    marketplace's own unit, which lets every process know.
    """
    await db.execute(END_TOKENS, marketplace_id, list(account_keys))


async def end_own_tokens(db: Database, marketplace_id: int, key: int) -> None:
    """The same for one default user, by its own key."""
    await db.execute(END_OWN_TOKENS, marketplace_id, key)


async def end_everywhere(unit: Recording, account_key: int) -> None:
    """Void every token of every marketplace that was given to the account, whose password others may have known. In a unit of no
    marketplace.
    """
    await unit.connection.execute(END_EVERYWHERE, account_key)


async def forget(db: Database, marketplace_id: int, account_keys: Sequence[int]) -> None:
    """Delete what accounts were in the marketplace that is none of theirs any more; their tokens end."""
    await db.execute(FORGET, marketplace_id, list(account_keys))
