"""What a process remembers of shoppers, brought up to date by the log of what has changed (ADR 0022)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call
from entrepot.engine.catalog_log import MOST_ROWS, Change, Changes, changes_since
from entrepot.engine.units import steady
from entrepot.features.catalog.audience.shopper import PARTS, Audience, Shopper, read_shopper
from entrepot.kernel.errors import UserGoneError
from entrepot.kernel.recent import Recent

Result = TypeVar("Result")

MOST_SHOPPERS = 20_000
MOST_SHOPPER_BYTES = 150_000_000
MOST_LIST_BYTES = 48_000_000
MOST_SEARCH_BYTES = 16_000_000
"""Searches are many, and must not drive out totals that are dearer to count."""
TURNS = 2
"""Runs with what is remembered; then once with the catalog standing still."""
_SHOPPER_BYTES = 2_000


class StaleAudienceError(Exception):
    """What was remembered has changed since in a way that concerns the request: run again."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """Of what has changed between two epochs what requests under way have to know."""

    after: int
    epoch: int
    users: frozenset[int] | None
    buyers: frozenset[str]
    of_lists: bool

    def concerns(self, shopper: Shopper) -> bool:
        """Whether the shopper's audience can have become another."""
        return self.users is None or shopper.user_key in self.users or shopper.buyer.lower() in self.buyers


@dataclass(slots=True)
class _Marketplace:
    """How far a process has followed a marketplace's log, and what it has read there of late."""

    epoch: int
    lists_changed: int
    """The last epoch that has changed anything that lists are made of."""
    heard: deque[_Heard] = field(default_factory=lambda: deque(maxlen=MOST_ROWS))
    users: dict[int, Shopper] = field(default_factory=dict)
    audiences: WeakValueDictionary[object, Audience] = field(default_factory=WeakValueDictionary)
    following: asyncio.Lock = field(default_factory=asyncio.Lock)

    def since(self, epoch: int) -> Iterable[_Heard] | None:
        """What has been heard since an epoch; None where not all of it is known any more."""
        if epoch >= self.epoch:
            return ()
        if not self.heard or self.heard[0].after > epoch:
            return None
        return [change for change in self.heard if change.epoch > epoch]


class AudienceMemory:
    """Shoppers by marketplace and user key, and what was found for their audiences, the longest unused forgotten first.

    One per process. Everything in it holds as of the epoch up to which the process has followed the marketplace's log.
    """

    def __init__(self) -> None:
        self._marketplaces: dict[int, _Marketplace] = {}
        self._used: OrderedDict[tuple[int, int], int] = OrderedDict()
        """The bytes of each shopper."""
        self._size = 0
        self.lists = Found(MOST_LIST_BYTES)
        self.searches = Found(MOST_SEARCH_BYTES)

    async def shopper(self, call: Call) -> Shopper:
        """The calling shopper, remembered or read. Raises UserGoneError for a user that has lost its buyer."""
        return await self.of_user(call, call.principal.user_key, call.principal.company_id)

    async def of_user(self, call: Call, user_key: int, buyer: str) -> Shopper:
        """The same of another user of this buyer, on whose behalf the caller acts."""
        known = self.known(call, user_key, buyer)
        if known is not None:
            return known
        key = (call.marketplace_id, user_key)
        read = await read_shopper(call.db, *key)
        if read is None:
            raise UserGoneError
        return read if _alone(call) else await self._keep(call, key, read)

    def known(self, call: Call, user_key: int, buyer: str) -> Shopper | None:
        """The same, if it is remembered."""
        place = self._marketplaces.get(call.marketplace_id)
        if place is None or _alone(call):
            return None
        found = place.users.get(user_key)
        if found is None or found.buyer != buyer:
            return None
        self._used.move_to_end((call.marketplace_id, user_key))
        if found.epoch != place.epoch:
            # A request that was given it earlier goes on from where it was.
            found = place.users[user_key] = replace(found, epoch=place.epoch)
        return found

    async def confirm(self, call: Call, shopper: Shopper, epoch: int | None, *, lists: bool = True) -> None:
        """That a statement which has read this catalog epoch holds together with the shopper; and, with `lists`, with whatever
        else was read since: products, places, what was found for its lists.

        No statement where the epoch is known, else one. Raises StaleAudienceError.
        """
        if epoch == shopper.epoch:
            return
        if epoch is None:
            raise StaleAudienceError
        place = await self._follow(call, epoch)
        heard = place.since(shopper.epoch)
        if heard is None or any(each.concerns(shopper) or (lists and each.of_lists) for each in heard):
            raise StaleAudienceError

    def found(self, call: Call, shopper: Shopper, key: Hashable, *, searched: bool) -> Any:
        """What was found under a key for shoppers of the same audience, if nothing that lists are made of has changed since."""
        if _alone(call):
            return None
        return (self.searches if searched else self.lists).get(
            shopper.audience, key, self._marketplaces[call.marketplace_id].lists_changed
        )

    def keep_found(
        self,
        call: Call,
        shopper: Shopper,
        key: Hashable,
        value: Any,
        *,
        epoch: int,
        size: int,
        searched: bool,
    ) -> None:
        """Remember what a statement has found that has read this epoch; `size` in bytes."""
        place = self._marketplaces.get(call.marketplace_id)
        if place is None or _alone(call) or epoch < place.lists_changed:
            return
        (self.searches if searched else self.lists).keep(shopper.audience, key, epoch, value, size)

    # --- following ----------------------------------------------------------------------------------------------

    async def _follow(self, call: Call, epoch: int) -> _Marketplace:
        """Follow the log at least up to this epoch. One statement, none for those who wait for another's."""
        place = self._marketplaces.setdefault(call.marketplace_id, _Marketplace(epoch, epoch))
        if place.epoch < epoch:
            async with place.following:
                if place.epoch < epoch:
                    self._apply(
                        call.marketplace_id,
                        place,
                        await changes_since(call.db, call.marketplace_id, place.epoch),
                    )
        return place

    def _apply(self, marketplace_id: int, place: _Marketplace, changes: Changes) -> None:
        if changes.rows is None:
            place.heard.clear()
            place.lists_changed = changes.epoch
            self._forget_all(marketplace_id, place)
        for change in changes.rows or ():
            heard = _Heard(place.epoch, change.epoch, change.users, change.buyers, change.of_lists)
            place.heard.append(heard)
            place.epoch = change.epoch
            if change.of_lists:
                place.lists_changed = change.epoch
            if change.users is None:
                self._forget_all(marketplace_id, place)
            else:
                self._forget_named(marketplace_id, place, change)
        place.epoch = changes.epoch

    def _forget_all(self, marketplace_id: int, place: _Marketplace) -> None:
        for user_key in tuple(place.users):
            self._drop((marketplace_id, user_key))

    def _forget_named(self, marketplace_id: int, place: _Marketplace, change: Change) -> None:
        for user_key in change.users or ():
            self._drop((marketplace_id, user_key))
        if change.buyers:
            for user_key, shopper in tuple(place.users.items()):
                if shopper.buyer.lower() in change.buyers:
                    self._drop((marketplace_id, user_key))

    # --- keeping ------------------------------------------------------------------------------------------------

    async def _keep(self, call: Call, key: tuple[int, int], read: Shopper) -> Shopper:
        place = await self._follow(call, read.epoch)
        heard = place.since(read.epoch)
        if heard is None or any(each.concerns(read) for each in heard):
            # It was read before what the process knows already; its own statement will say so, too.
            return read
        # Users of the same groups share one audience, and what was found for it.
        shape = (read.audience.granted, _contents(read.audience))
        audience = place.audiences.setdefault(shape, read.audience)
        shopper = replace(read, audience=audience, epoch=place.epoch)
        self._drop(key)
        place.users[key[1]] = shopper
        self._used[key] = size = _SHOPPER_BYTES + audience.size
        self._size += size
        while len(self._used) > MOST_SHOPPERS or (self._size > MOST_SHOPPER_BYTES and len(self._used) > 1):
            self._drop(next(iter(self._used)))
        return shopper

    def _drop(self, key: tuple[int, int]) -> None:
        size = self._used.pop(key, None)
        if size is not None:
            self._size -= size
            del self._marketplaces[key[0]].users[key[1]]


def _alone(call: Call) -> bool:
    """Whether what is read fits nothing else: within a unit that may still fail, or a moment that has passed."""
    return call.steady or call.wrote(Feed.CATALOG)


class Found:
    """What lists of audiences came to, each as of an epoch; their sizes add up to so many bytes at most."""

    def __init__(self, most: int) -> None:
        self._values: Recent[tuple[int, Any]] = Recent(most)

    def get(self, audience: Audience, key: Hashable, since: int) -> Any:
        """What was found at this epoch or later."""
        found = self._values.get((audience, key))
        return found[1] if found is not None and found[0] >= since else None

    def keep(self, audience: Audience, key: Hashable, epoch: int, value: Any, size: int) -> None:
        self._values.keep((audience, key), (epoch, value), size)


def _contents(audience: Audience) -> tuple[object, ...]:
    return tuple(
        (each.id, each.shows_categories, *(tuple(getattr(each.tokens, name)) for name in PARTS))
        for each in audience.catalogs.values()
    )


def with_shopper(
    call: Call, memory: AudienceMemory, run: Callable[[Shopper], Awaitable[Result]]
) -> Awaitable[Result]:
    """Run for the calling shopper, again where a statement of `run` has found what concerns it changed (`confirm`)."""
    return with_user(call, memory, call.principal.user_key, call.principal.company_id, run)


async def with_user(
    call: Call, memory: AudienceMemory, user_key: int, buyer: str, run: Callable[[Shopper], Awaitable[Result]]
) -> Result:
    """The same for another user of a buyer. It ends however fast the catalog changes: at last the catalog stands still."""
    for _ in range(TURNS):
        try:
            known = memory.known(call, user_key, buyer)
            return await run(await memory.of_user(call, user_key, buyer) if known is None else known)
        except StaleAudienceError:
            continue
    async with steady(call):
        return await run(await memory.of_user(call, user_key, buyer))
