"""All of a marketplace into a store, several lists beside one another, from where a former run has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

from entrepot.declare.registry import Registry
from entrepot.features.people.organizations.resources import BUYER
from entrepot.features.seeding.remote.portions import Portion
from entrepot.features.seeding.remote.reader import AT_ONCE, RemoteReader
from entrepot.features.seeding.remote.store import Store
from entrepot.features.seeding.remote.trading import trade_listings, trade_portions
from entrepot.features.seeding.seeding import Progress

T = TypeVar("T")
Change = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Of the name of a kind, and a record."""


async def collect(reader: RemoteReader, store: Store, progress: Progress, change: Change) -> None:
    """Read what is not in the store yet. Raises RemoteError; what was read until then is in the store. `change`: how records are kept
    there; IDs must stay.
    """
    reader.findings.restore(store.found)
    # Buyers first, by which some catalogs are known as theirs.
    for kind in sorted(reader.kinds, key=lambda kind: kind.table != BUYER.table):
        for record in store.records(kind.name):
            reader.known.note(kind, record)
        await _collect_kind(reader, store, kind.name, reader.portions(kind), progress, change)


async def collect_trade(
    reader: RemoteReader, store: Store, registry: Registry, progress: Progress, change: Change
) -> None:
    """The same for orders and what belongs to them."""
    for listing in trade_listings(registry):
        name = listing.kind.name
        for record in store.records(name):
            reader.known.note_whole(listing, record)
        portions = trade_portions(listing, store, reader.marketplace, reader.findings)
        await _collect_kind(reader, store, name, portions, progress, change)


async def _collect_kind(
    reader: RemoteReader,
    store: Store,
    name: str,
    portions: Iterable[Portion],
    progress: Progress,
    change: Change,
) -> None:
    left = [each for each in portions if store.cursors.get(each.name, {}) is not None]
    alone = len(left) == 1
    advance = progress.begin(name, len(left)) if len(left) > 1 else None

    async def read(portion: Portion) -> None:
        nonlocal advance
        async for part in reader.read(portion, store.cursors.get(portion.name)):
            if advance is None:
                advance = progress.begin(name, part.total)
            records = [change(name, record) for record in part.records]
            store.add(name, portion.name, records, part.then, reader.findings.as_json())
            if alone:
                advance(len(part.records))
        if not alone and advance is not None:
            advance(1)

    await side_by_side(left, read, AT_ONCE)


async def side_by_side(things: Iterable[T], work: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """The work for each thing, `at_once` of them at the same time. The first error ends all of it."""
    waiting: Iterator[T] = iter(things)

    async def go_on() -> None:
        for thing in waiting:
            await work(thing)

    tasks = [asyncio.create_task(go_on()) for _ in range(at_once)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
