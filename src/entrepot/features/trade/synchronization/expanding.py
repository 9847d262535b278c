"""What becomes of an event of synchronization: messages of what is there now, to the targets of each setting (SYNC-1 to SYNC-5, INV-1).

A thing that has gone meanwhile has no message any more: a delivery that failed says so. That it is gone is an event of its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.synced import Thing
from entrepot.domain.integrations.stock_notices import is_notable
from entrepot.engine.call import Call
from entrepot.engine.syncing import Name
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound, Portion
from entrepot.features.people.deliveries.fanning import fan_out
from entrepot.features.people.deliveries.listeners import Listeners, Sync
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.trade.synchronization import entities, kinds, orders, products, records
from entrepot.features.trade.synchronization.absent import absent
from entrepot.features.trade.synchronization.built import GONE, Message
from entrepot.features.trade.synchronization.holding import hold
from entrepot.features.trade.synchronization.kinds import (
    FOR_PRODUCTS,
    KINDS,
    NAMESPACE,
    SyncKind,
    kind_of_user,
)
from entrepot.features.trade.synchronization.outlook import STOCK_MOVED, SYNCHRONIZED
from entrepot.features.trade.synchronization.runs import begin_following

MOST_PRODUCTS = 200
"""Of one event; what changes more of them, as a price schedule, is followed in slices."""
IN_ONE_PIECE = 20
"""Messages after which others have their turn."""
HAVING = """
SELECT a."ProductID" AS id FROM spec_product_assignments a
WHERE a.marketplace_id = $1 AND a."SpecID" = ANY($2::citext[])
UNION SELECT p."ID" FROM products p
WHERE p.marketplace_id = $1
  AND (p."DefaultPriceScheduleID" = ANY($3::citext[]) OR p.inherited_price_schedule = ANY($3::citext[]))
UNION SELECT a."ProductID" FROM product_assignments a
WHERE a.marketplace_id = $1 AND (a."PriceScheduleID" = ANY($3::citext[]) OR a.group_key = ANY($4::bigint[]))
UNION SELECT a."ProductID" FROM product_suppliers a
WHERE a.marketplace_id = $1 AND a."DefaultPriceScheduleID" = ANY($3::citext[])
LIMIT $5
"""
"""The products that have a spec, are sold by a price schedule, are given to a group."""
STOCK_TYPE = f"{NAMESPACE}.inventory.updated"
"""No source names it (inferred)."""
STOCK_FIELDS = (
    "ProductID",
    "VariantID",
    "InventoryRecordID",
    "PreviousQuantity",
    "QuantityAvailable",
    "NotificationPoint",
)


async def expand(call: Call, event: Event) -> Portion:
    """The deliveries of what an event names: what has gone, then what has changed."""
    found = await listeners(call)
    messages = [
        message
        for thing, names in event.facts.get("gone", {}).items()
        for message in _gone(Thing(thing), names)
    ]
    changed = await _changed(call, found, event)
    messages += changed.messages
    asked = bool(event.facts.get("asked"))
    sent: list[Outbound] = []
    for kind, of_kind in _by_kind(messages).items():
        sync = found.syncs(kind.setting)
        if sync is None:
            continue
        for place, message in enumerate(await _passed(call, kind, sync, of_kind, asked=asked), 1):
            sent += await _outbound(call, sync, message)
            if place % IN_ONE_PIECE == 0:
                await asyncio.sleep(0)
    rest = None
    if changed.left:
        rest = {"changed": {str(Thing.PRODUCTS): changed.left}, "asked": asked, "exactly": True}
    return Portion(sent, rest, _missing(event, changed))


@dataclass(slots=True)
class _Changes:
    """The messages of what has changed. asked_of: the IDs of which they were wanted. left: products whose messages are made later."""

    messages: list[Message] = field(default_factory=list)
    asked_of: dict[Thing, list[Name]] = field(default_factory=dict)
    left: list[Name] = field(default_factory=list)


def _missing(event: Event, changed: _Changes) -> str | None:
    """What is not there any more of what was named by its ID, unless the event says so itself."""
    built = {(message.kind.thing, _folded(message.name)) for message in changed.messages}
    built |= {(Thing.PRODUCTS, _folded(name)) for name in changed.left}
    built |= {
        (Thing(thing), _folded(name))
        for thing, names in event.facts.get("gone", {}).items()
        for name in names
    }
    missing = [
        f"{thing}/{'/'.join(str(part) for part in _shown(name) if part is not None)}"
        for thing, names in changed.asked_of.items()
        for name in names
        if (thing, _folded(name)) not in built and (thing, _folded(_shown(name))) not in built
    ]
    return f"Gone before it could be told how they are: {', '.join(missing)}" if missing else None


def _shown(name: Name) -> Name:
    """Without the key of a user or a group that has an ID, too."""
    return name[1:] if len(name) > 1 and isinstance(name[0], int) else name


def _is_heard(found: Listeners, kind: SyncKind, event: Event) -> bool:
    """Whether changes of a kind are told, or these are since somebody has asked for them (SYNC-2, SYNC-6)."""
    sync = found.syncs(kind.setting)
    return sync is not None and (sync.changed or bool(event.facts.get("asked")))


def _may_be_of(thing: Thing, name: Name, heard: Collection[SyncKind]) -> bool:
    """Whether a thing is of one of these kinds, as far as its name says of which it is."""
    return thing is not Thing.USERS or len(name) == 1 or kind_of_user(name[1], name[2]) in heard


def _folded(name: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(part).lower() for part in name)


async def expand_stock(call: Call, event: Event) -> Sequence[Outbound]:
    """INV-1, INV-2"""
    inventory = (await listeners(call)).inventory
    sent: list[Outbound] = []
    for moved in event.facts["moved"] if inventory is not None else ():
        facts = dict(zip(STOCK_FIELDS, moved, strict=True))
        before, after, point = (facts[name] for name in STOCK_FIELDS[3:])
        if inventory is not None and (not inventory.limited or is_notable(before, after, point)):
            sent += await fan_out(
                call,
                inventory.config_id,
                integration="InventoryIntegration",
                message_type=STOCK_TYPE,
                payload=facts,
                aggregate=f"stock/{facts['ProductID']}",
            )
    return sent


def _gone(thing: Thing, names: Sequence[Name]) -> list[Message]:
    if thing is Thing.PRODUCTS:
        return products.build_gone(names)
    return entities.build_gone(thing, names)


async def _changed(call: Call, found: Listeners, event: Event) -> _Changes:
    changed = {
        Thing(thing): [tuple(name) for name in names]
        for thing, names in event.facts.get("changed", {}).items()
    }
    made = _Changes()
    for_products = {thing: changed.pop(thing, []) for thing in (Thing.PRODUCTS, *FOR_PRODUCTS)}
    sync = found.syncs("ProductSync")
    if sync is not None and _is_heard(found, kinds.PRODUCTS, event) and any(for_products.values()):
        await _products(call, sync, event, for_products, made)
    for thing, names in changed.items():
        heard = {kind for kind in KINDS if kind.thing is thing and _is_heard(found, kind, event)}
        if not heard:
            continue
        match thing:
            case Thing.ORDERS:
                order_sync = found.syncs("OrderSync")
                data = None if order_sync is None else order_sync.config_data
                made.messages += await orders.build(call, names, config_data=data)
                made.asked_of[thing] = await absent(call, thing, names, made.messages)
            case Thing.INVENTORY_RECORDS:
                made.messages += await records.build(call, names)
                made.asked_of[thing] = await absent(call, thing, names, made.messages)
            case Thing.USERS | Thing.USER_GROUPS:
                made.messages += await entities.build(call, thing, names)
                missing = await absent(call, thing, names, made.messages)
                made.asked_of[thing] = [name for name in missing if _may_be_of(thing, name, heard)]
            case _:
                made.messages += await entities.build(call, thing, names)
                made.asked_of[thing] = names
    whole = [name[0] for name in event.facts.get("records_of", ())]
    if whole:
        made.messages += await records.build_all(call, whole)
    return made


async def _products(
    call: Call, sync: Sync, event: Event, changed: Mapping[Thing, Sequence[Name]], made: _Changes
) -> None:
    """Of the products themselves, of those that have what has changed, and of their children."""
    named = {name[0] for name in changed[Thing.PRODUCTS]}
    others = [[name[0] for name in changed[thing]] for thing in FOR_PRODUCTS]
    if any(others):
        rows = await call.db.fetch(HAVING, call.marketplace_id, *others, MOST_PRODUCTS + 1)
        named |= {row["id"] for row in rows}
    ids = sorted(named)
    if not event.facts.get("exactly"):
        rows = await call.db.fetch(products.FOUND, call.marketplace_id, ids, MOST_PRODUCTS + 1)
        ids = [row["ID"] for row in rows]
    if len(ids) > MOST_PRODUCTS:
        await begin_following(
            call, event.key, dict(zip(("products", *FOR_PRODUCTS), [sorted(named), *others], strict=True))
        )
        return
    messages, made.left = await products.build(
        call,
        [(each,) for each in ids],
        prices=not sync.exclude_price_schedules,
        config_data=sync.config_data,
    )
    made.messages += messages
    made.asked_of[Thing.PRODUCTS] = list(changed[Thing.PRODUCTS])


def _by_kind(messages: Sequence[Message]) -> Mapping[SyncKind, list[Message]]:
    found: dict[SyncKind, list[Message]] = defaultdict(list)
    for message in messages:
        found[message.kind].append(message)
    return found


async def _passed(
    call: Call, kind: SyncKind, sync: Sync, messages: Sequence[Message], *, asked: bool
) -> Sequence[Message]:
    """Those that are sent now: SYNC-2, and SYNC-5, of which the others are held. asked: somebody wants these sent again."""
    gone = [message for message in messages if message.verb == GONE]
    changed = [message for message in messages if message.verb != GONE]
    kept = gone if sync.deleted else []
    if not (sync.changed or asked):
        return kept
    if sync.paused and await hold(call, kind, [message.name for message in changed]):
        return kept
    return [*kept, *changed]


async def _outbound(call: Call, sync: Sync, message: Message) -> Sequence[Outbound]:
    return await fan_out(
        call,
        sync.config_id,
        integration=message.kind.integration,
        integration_id=message.kind.integration_id,
        message_type=message.kind.message_type(message.verb),
        payload=message.payload,
        aggregate=message.aggregate,
    )


EVENTS = (EventKind(name=SYNCHRONIZED, expand=expand), EventKind(name=STOCK_MOVED, expand=expand_stock))
