"""Seeds as originals of marketplaces: each is made once, hidden, and copied from then on.

An original is found by a keyed digest of its seed, and belongs to the marketplace whose user has named it. It goes when nobody has used it
for some days, the longest unused first where there are too many.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.engine.call import Call, Database
from entrepot.engine.wire.json import dump
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.oauth.bootstrap import FirstClient, FirstUser
from entrepot.features.people.services import services
from entrepot.features.people.snapshots import administrators, store
from entrepot.features.people.snapshots.store import SEED, Held
from entrepot.kernel.ids import new_id

UNUSED = timedelta(days=7)
"""After which an original goes."""
NOTED = timedelta(days=1)
"""Uses within this time of one that was noted are not."""

IS_THERE = """
SELECT expires_at FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2 AND "ID" = $3 AND expires_at > $4
"""
USE = """
UPDATE marketplace_copies SET expires_at = $4 WHERE marketplace_id = $1 AND kind = $2 AND "ID" = $3
"""
SUPERFLUOUS = f"""
SELECT "ID" AS id FROM marketplace_copies WHERE marketplace_id = $1 AND kind = $2
ORDER BY expires_at DESC, "ID" OFFSET {store.MOST[SEED]}
"""
HIDE = (
    "DELETE FROM marketplace_directory WHERE marketplace_id = $1",
    'UPDATE marketplaces SET "Active" = false WHERE marketplace_id = $1',
)
ADMINISTRATOR = "test-administrator"
"""Whom an original gets where its seed has nobody who may do everything."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The text of a seed file. told: passwords by username that stand in no file; fill: puts them there, as the seeding wing has it."""

    name: str
    text: bytes
    digest: str
    told: Mapping[str, str] = field(default_factory=dict)
    fill: Callable[[Any], Any] = lambda record: record


@dataclass(frozen=True, slots=True)
class Seeds:
    """What a process does with seeds, opened by the application."""

    named: Callable[[str], Awaitable[Seed]]
    """One of the server's. Raises NotFoundError."""
    make: Callable[[int, Seed, datetime], Awaitable[None]]
    """Its original, of the marketplace that owns it, beside the loop. Raises RefusedSeedError, SeedTooLargeError, TooBusyError."""


async def digest_of(box: SecretBox, text: bytes, *parts: str) -> str:
    """What finds the original: of its text and of all else that it is made of. Keyed, so that another secret key, by which `told` may
    have been made, has others.
    """
    whole = await asyncio.to_thread(hashlib.sha256, text)
    return box.digest("\0".join((whole.hexdigest(), *parts)), ("seeds", "text")).hex()


async def ensure(call: Call, seed: Seed) -> None:
    """The caller's original of a seed is there; it is made where nobody has used the seed before. One statement where it is."""
    now, whose = call.server_clock(), (call.marketplace_id, SEED, seed.digest)
    until = await call.pool.fetchval(IS_THERE, *whose, now)
    if until is None:
        await services(call).memory(Seeds).make(call.marketplace_id, seed, now)
        for row in await call.pool.fetch(SUPERFLUOUS, call.marketplace_id, SEED):
            await store.remove(call.pool, call.marketplace_id, SEED, row["id"], now)
    elif until < now + UNUSED - NOTED:
        await call.pool.execute(USE, *whose, now + UNUSED)


async def hold(call: Call, connection: Database, seed: Seed) -> Held:
    """The original, which stays until the transaction ends. Raises NotFoundError where it has just gone."""
    return await store.hold(call, connection, SEED, seed.digest)


async def keep(
    connection: asyncpg.Connection,
    owner: int,
    seed: Seed,
    marketplace: str,
    clients: Mapping[str, str],
    now: datetime,
) -> bool:
    """Within the transaction that has seeded a marketplace: nobody finds it but as the original of its seed, and somebody may do everything
    in it. clients: their IDs in the file -> those that they have. False where there is an original already: undo this one.
    """
    target = await connection.fetchval('SELECT marketplace_id FROM marketplaces WHERE "ID" = $1', marketplace)
    if await administrators.of(connection, target) is None:
        await _add_administrator(connection, target, now)
    for statement in HIDE:
        await connection.execute(statement, target)
    row = (owner, SEED, seed.digest, seed.name, target, now, now + UNUSED, dump({"clients": dict(clients)}))
    return await connection.fetchval(store.ADD, *row) is not None


async def _add_administrator(connection: asyncpg.Connection, marketplace_id: int, now: datetime) -> None:
    # The seed may have one of this name that may do less.
    name = f"{ADMINISTRATOR}-{new_id()}"
    user = FirstUser(
        id=name, username=name, first_name="Test", last_name="Administrator", email=f"{name}@example.com"
    )
    key = await bootstrap.add_user(connection, marketplace_id, user, now)
    await bootstrap.add_profile(connection, marketplace_id, name, "For tests", ("FullAccess",))
    await bootstrap.assign_profile(connection, marketplace_id, name, user_key=key)
    client = FirstClient(name="Tests", allow_seller=True, allow_any_buyer=True, allow_any_supplier=True)
    await bootstrap.add_client(connection, marketplace_id, client)
