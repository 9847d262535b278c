"""Snapshots: made, listed, restored in place, deleted."""

from __future__ import annotations

from functools import partial

from asyncpg import UniqueViolationError

from entrepot.declare.operation import (
    TEST_BENCH,
    Body,
    Created,
    ListOptions,
    Operation,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.engine.call import Call
from entrepot.engine.event_log import log_event
from entrepot.engine.read_models import ReadModel
from entrepot.engine.wire.models import validate
from entrepot.features.people.copies import Copies, begun_anew, limited
from entrepot.features.people.services import services
from entrepot.features.people.snapshots import store
from entrepot.features.people.snapshots.models import Snapshot
from entrepot.kernel.errors import (
    ClientTakenError,
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    TooManyCopiesError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.storage.marketplace_copy import HOLD

IMPORT = "import"
"""What stands where an ID would, and so can be none."""
SNAPSHOTS = ReadModel(
    name="Snapshots",
    tag="Snapshots",
    object_type=store.SNAPSHOT,
    one="a snapshot of the marketplace",
    many="snapshots of the marketplace",
    model=Snapshot,
    table="marketplace_copies",
    path=TEST_BENCH["snapshots"],
    item="snapshotID",
    select=store.copies_of_kind(store.SNAPSHOT),
    options=ListOptions(search=("ID", "Name"), sort=("DateCreated", "ID", "Name")),
)
KEEP = """
CREATE TEMP TABLE kept_sessions ON COMMIT DROP AS SELECT * FROM refresh_tokens WHERE marketplace_id = {0};
CREATE TEMP TABLE kept_generations ON COMMIT DROP AS SELECT key, generation FROM users WHERE marketplace_id = {0};
CREATE TEMP TABLE kept_repeats ON COMMIT DROP AS SELECT * FROM repeats WHERE marketplace_id = {0} AND answer IS NULL
"""
"""What is no matter of what the marketplace held: who is logged in, whose tokens have ended, and requests that are under way under
a key of their own, this one above all.
"""
SESSIONS_AGAIN = """
INSERT INTO refresh_tokens SELECT k.* FROM kept_sessions k
JOIN users u ON u.marketplace_id = k.marketplace_id AND u.key = k.user_key
JOIN api_clients c ON c.marketplace_id = k.marketplace_id AND c."ID" = k."ApiClientID"
"""
# Tokens that have ended since do not begin again: neither a user's whose sessions were ended, nor one's who was deleted and is back. Those
# of somebody who was not active then end (AUTH-73).
GENERATIONS_AGAIN = """
UPDATE users t SET generation = n.generation FROM (
    SELECT u.key, coalesce(k.generation + CASE WHEN u."Active" THEN 0 ELSE 1 END, u.generation + e.epoch::integer) AS generation
    FROM users u JOIN security_epochs e ON e.marketplace_id = $1 LEFT JOIN kept_generations k ON k.key = u.key
    WHERE u.marketplace_id = $1) n
WHERE t.marketplace_id = $1 AND t.key = n.key AND t.generation <> n.generation
"""
# Who has come from elsewhere is nobody whom a token of here could mean, whatever his key.
END_GENERATIONS = """
UPDATE users t SET generation = n.generation FROM (
    SELECT greatest(e.epoch, (SELECT max(k.generation) FROM kept_generations k)) + 1 AS generation
    FROM security_epochs e WHERE e.marketplace_id = $1) n
WHERE t.marketplace_id = $1
"""
REPEATS_AGAIN = """
INSERT INTO repeats (marketplace_id, caller, "key", digest, created_at)
SELECT marketplace_id, caller, "key", digest, $1 FROM kept_repeats
"""


@operation(
    "Snapshots.Create",
    "POST",
    SNAPSHOTS.path,
    **SNAPSHOTS.facts,
    summary="Keep what the marketplace holds now",
    status=201,
    body=Body(Snapshot, required=False),
    returns=Returns(Snapshot),
    errors=(InvalidBodyError, ValidationError, IdExistsError, TooManyCopiesError),
    unit=Unit.OWN,
)
async def create_snapshot(call: Call) -> Reply:
    """At one moment, of which nobody who writes takes notice."""
    values = validate(Snapshot, call.body, partial=False) if call.content.is_given else {}
    snapshot_id, name = values.get("ID") or new_id(), values.get("Name") or ""
    if snapshot_id.lower() == IMPORT:
        raise IdExistsError(store.SNAPSHOT, snapshot_id)
    await store.require_room(call, store.SNAPSHOT)
    copies, now = await store.copiers(call).same(), call.server_clock()
    async with call.pool.unit(call.marketplace_id) as connection:
        target = await store.hidden_marketplace(connection, name, now)
        await store.add(call, connection, store.SNAPSHOT, snapshot_id, name, target, now)
        await limited(connection)
        await copies.copy(connection, services(call).box, call.marketplace_id, target, hidden=True)
        await store.require_kept(call, connection, store.SNAPSHOT)
    return Reply(await SNAPSHOTS.read(call, snapshot_id), created=Created(snapshot_id))


@operation(
    "Snapshots.Delete",
    "DELETE",
    SNAPSHOTS.item_path,
    **SNAPSHOTS.facts,
    summary="Delete a snapshot of the marketplace",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.OWN,
)
async def delete_snapshot(call: Call) -> Reply:
    """Its rows go in the background."""
    await store.delete(call, store.SNAPSHOT, call.path["snapshotID"])
    return Reply()


@operation(
    "Snapshots.Restore",
    "POST",
    f"{SNAPSHOTS.item_path}/restore",
    **SNAPSHOTS.facts,
    summary="Put the marketplace back to what it held then",
    description="All that has changed since is gone, all or nothing. Tokens and API clients stay those that they were, unless the snapshot was "
    "imported: then all tokens end.",
    status=204,
    errors=(NotFoundError, ClientTakenError),
    unit=Unit.OWN,
)
async def restore_snapshot(call: Call) -> Reply:
    """Whoever writes meanwhile waits; whoever reads sees what was there until it ends."""
    await begun_anew(partial(_restore, call, await store.copiers(call).same()))
    return Reply()


async def _restore(call: Call, copies: Copies) -> None:
    target = call.marketplace_id
    async with call.pool.unit(target) as connection:
        held = await store.hold(call, connection, store.SNAPSHOT, call.path["snapshotID"])
        await limited(connection)
        await connection.fetchval(HOLD, target)
        await connection.execute(KEEP.format(int(target)))
        await copies.clear(connection, target)
        try:
            await copies.copy(connection, services(call).box, held.key, target)
        except UniqueViolationError as taken:
            # Of its own nothing can be taken: an imported one has clients of elsewhere.
            raise ClientTakenError from taken
        if held.is_imported:
            await connection.execute(END_GENERATIONS, target)
        else:
            await connection.execute(SESSIONS_AGAIN)
            await connection.execute(GENERATIONS_AGAIN, target)
        await connection.execute(REPEATS_AGAIN, call.server_clock())
        await copies.replaced(connection, target)
        await log_event(call, through=connection)


OPERATIONS: tuple[Operation, ...] = (
    create_snapshot,
    *SNAPSHOTS.operations(),
    delete_snapshot,
    restore_snapshot,
)
