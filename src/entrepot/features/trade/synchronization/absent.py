"""Which of the things that an event names by their keys are not there any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from entrepot.declare.synced import Thing
from entrepot.engine.call import Call
from entrepot.engine.syncing import Name
from entrepot.features.trade.synchronization.built import Message

FOUND: Mapping[Thing, str] = {
    thing: f"SELECT key FROM {table} WHERE marketplace_id = $1 AND key = ANY($2::bigint[])"
    for thing, table in (
        (Thing.USERS, "users"),
        (Thing.USER_GROUPS, "user_groups"),
        (Thing.ORDERS, "orders"),
        (Thing.INVENTORY_RECORDS, "inventory_records"),
    )
}


async def absent(
    call: Call, thing: Thing, names: Sequence[Name], messages: Collection[Message]
) -> list[Name]:
    """Those of which there are no messages, nor rows: one that is there may have none, as an order that is no more submitted. One
    statement where there are any without a message.
    """
    built = {message.name[0] for message in messages if message.kind.thing is thing}
    named = {name[0]: name for name in sorted(names, key=len) if name[0] not in built}
    if not named:
        return []
    rows = await call.db.fetch(FOUND[thing], call.marketplace_id, list(named))
    there = {row["key"] for row in rows}
    return [name for key, name in named.items() if key not in there]
