"""Which copies a marketplace has, and the marketplaces that they are: a snapshot's is one that nobody can find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from entrepot.engine.call import Call, Database
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.copies import Copies, Preparing
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.portal.giving_up import give_up
from entrepot.features.people.services import services
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import IdExistsError, NotFoundError, TooManyCopiesError
from entrepot.kernel.ids import new_id
from entrepot.storage.ready_pool import ReadyPool

SNAPSHOT, TEMPORARY, SEED = "Snapshot", "Marketplace", "Seed"
"""Kinds of copies. A seed's is what it makes, which nobody can find: the original of the marketplaces that are made of it."""
MOST = {SNAPSHOT: 50, TEMPORARY: 200, SEED: 20}
"""Copies of one marketplace."""
INTERVAL = 15.0
"""Seconds between two looks for copies whose time is over."""
TOGETHER = 20
"""Copies that one look deletes."""

COUNT = "SELECT count(*) FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2"
ADD = """
INSERT INTO marketplace_copies (marketplace_id, kind, "ID", "Name", copy_id, created_at, expires_at, origin)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING true
"""
# Copies of copies count where all of them began: else each would have as many of its own.
ABOVE = """
WITH RECURSIVE above AS (
    SELECT $1::bigint AS id UNION SELECT c.marketplace_id FROM above a JOIN marketplace_copies c ON c.copy_id = a.id)"""
COUNT_ALL = f"""{ABOVE},
below AS (
    SELECT id FROM above UNION
    SELECT c.copy_id FROM below b JOIN marketplace_copies c ON c.marketplace_id = b.id AND c.kind = '{TEMPORARY}')
SELECT count(*) FROM marketplace_copies WHERE kind = '{TEMPORARY}' AND marketplace_id IN (SELECT id FROM below)
"""
# Where all of them began is what no copy is.
LOCK = f"""{ABOVE}
SELECT pg_advisory_xact_lock(hashtextextended('marketplace_copies ' || min(id), 0)) FROM above a
WHERE NOT EXISTS (SELECT 1 FROM marketplace_copies c WHERE c.copy_id = a.id)
"""
# Whoever reads a copy keeps others from deleting it until his transaction ends: half of it would be worse than none.
FIND = """
SELECT copy_id, origin FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2 AND "ID" = $3 FOR SHARE
"""
REMOVE = (
    'DELETE FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2 AND "ID" = $3 RETURNING copy_id'
)
HIDDEN = 'INSERT INTO marketplaces ("ID", "Name", "DateCreated", "Active") VALUES ($1, $2, $3, false) RETURNING marketplace_id'
OVER = f"""
SELECT c.marketplace_id, c.kind, c."ID" AS id FROM marketplace_copies c
WHERE c.expires_at <= $1 OR NOT EXISTS (SELECT 1 FROM marketplace_directory d WHERE d.kind = 'marketplace' AND d.marketplace_id = c.marketplace_id)
ORDER BY c.created_at LIMIT {TOGETHER}
"""


def copies_of_kind(kind: str) -> str:
    """SELECT of a marketplace's copies, as the API shows them."""
    expires = ', c.expires_at AS "ExpirationDate"' if kind == TEMPORARY else ""
    return f"""
SELECT c."ID", c."Name", c.created_at AS "DateCreated"{expires} FROM marketplace_copies c
WHERE c.marketplace_id = :marketplace_id AND c.kind = '{kind}'
"""


@dataclass(frozen=True, slots=True)
class Copiers:
    """How a process makes copies that are marketplaces of their own, and those that stand for their original."""

    fresh: Preparing[Copies]
    same: Preparing[Copies]


def copiers(call: Call) -> Copiers:
    """Those of the process."""
    return services(call).memory(Copiers)


async def hidden_marketplace(connection: Database, name: str, now: datetime) -> int:
    """One with no place in the directory: no chore goes there, and nobody logs in."""
    marketplace_id: int = await connection.fetchval(HIDDEN, new_id(), name, now)
    for insert in bootstrap.INSERT_EPOCHS:
        await connection.execute(insert, marketplace_id)
    return marketplace_id


async def add(
    call: Call,
    connection: Database,
    kind: str,
    copy_id: str,
    name: str,
    of: int,
    now: datetime,
    until: datetime | None = None,
    origin: Mapping[str, Any] | None = None,
) -> None:
    """Note a copy. Raises 409 for an ID that is taken."""
    row = (call.marketplace_id, kind, copy_id, name, of, now, until, None if origin is None else dump(origin))
    if await connection.fetchval(ADD, *row) is None:
        raise IdExistsError(kind, copy_id)


async def require_room(call: Call, kind: str) -> None:
    """Raises TooManyCopiesError, before the work. Marketplaces for tests, which may make some of themselves, are counted together."""
    if await _count(call, cast(Database, call.pool), kind) >= MOST[kind]:
        raise TooManyCopiesError


async def require_kept(call: Call, connection: Database, kind: str) -> None:
    """The same as the last step of the transaction that has added one: of many at once, which did not see each other, some have to go.
    Only they wait for one another, from here on to the commit.
    """
    await connection.execute(LOCK, call.marketplace_id)
    if await _count(call, connection, kind) > MOST[kind]:
        raise TooManyCopiesError


async def _count(call: Call, database: Database, kind: str) -> int:
    whose = (call.marketplace_id,)
    count = (COUNT_ALL, *whose) if kind == TEMPORARY else (COUNT, *whose, kind)
    counted: int = await database.fetchval(*count)
    return counted


@dataclass(frozen=True, slots=True)
class Held:
    """A copy that stays until the transaction ends: the key of the marketplace that it is, and what is known of where it comes from."""

    key: int
    origin: Mapping[str, Any]

    @property
    def is_imported(self) -> bool:
        """Whether its users are those of another marketplace, or may be."""
        return bool(self.origin.get("imported"))


async def hold(call: Call, connection: Database, kind: str, copy_id: str) -> Held:
    """Raises NotFoundError."""
    found = await connection.fetchrow(FIND, call.marketplace_id, kind, copy_id)
    if found is None:
        raise NotFoundError(kind, copy_id)
    return Held(found["copy_id"], load(found["origin"] or "{}"))


async def delete(call: Call, kind: str, copy_id: str) -> None:
    """At once nobody reaches it; its rows go in the background. Raises NotFoundError."""
    if not await remove(call.pool, call.marketplace_id, kind, copy_id, call.server_clock()):
        raise NotFoundError(kind, copy_id)


async def remove(pool: ReadyPool, marketplace_id: int, kind: str, copy_id: str, now: datetime) -> bool:
    """In a transaction of its own; whether it was there."""
    async with pool.unit(marketplace_id) as connection:
        found = await connection.fetchval(REMOVE, marketplace_id, kind, copy_id)
        if found is None:
            return False
        await give_up(connection, found, now)
        return True


async def remove_over(pool: ReadyPool, clock: Clock) -> int:
    """One round: copies whose time is over, and those of marketplaces that are gone; how many there were."""
    now, count = clock(), 0
    for row in await pool.fetch(OVER, now):
        count += await remove(pool, row["marketplace_id"], row["kind"], row["id"], now)
    return count
