"""What a process remembers of shoppers, as long as the catalog epoch stands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar
from weakref import WeakValueDictionary

from entrepot.declare.feeds import Feed
from entrepot.engine.call import Call
from entrepot.features.audience.shopper import PARTS, Audience, Shopper, read_shopper
from entrepot.kernel.errors import ApiOfflineError, UserGoneError

Result = TypeVar("Result")

MOST_SHOPPERS = 20_000
MOST_TOKENS = 4_000_000
"""About 150 MB, where every shopper is in a group of its own with thousands of categories of its own."""
RETRIES = 5
_BESIDE_TOKENS = 500
"""What a shopper takes beside its tokens, counted in tokens: itself, and lists and pages that were read for it."""


class StaleAudienceError(Exception):
    """What was remembered of a shopper may have changed: read it anew, then run again."""


class AudienceMemory:
    """Shoppers by marketplace and user key, the longest unused ones forgotten first. One per process."""

    def __init__(self) -> None:
        self._shoppers: OrderedDict[tuple[int, int], Shopper] = OrderedDict()
        self._audiences: WeakValueDictionary[object, Audience] = WeakValueDictionary()
        self._size = 0

    async def shopper(self, call: Call) -> Shopper:
        """The calling shopper, remembered or read. Raises UserGoneError for a user that has lost its buyer."""
        return await self.of_user(call, call.principal.user_key, call.principal.company_id)

    async def of_user(self, call: Call, user_key: int, buyer: str) -> Shopper:
        """The same of another user of this buyer, on whose behalf the caller acts."""
        key = (call.marketplace_id, user_key)
        found = self._shoppers.get(key)
        if found is not None and found.buyer == buyer and not call.wrote(Feed.CATALOG):
            self._shoppers.move_to_end(key)
            return found
        read = await read_shopper(call.db, *key)
        if read is None:
            raise UserGoneError
        # Of a unit that may still fail nothing stays.
        return read if call.wrote(Feed.CATALOG) else self._keep(key, read)

    def forget(self, call: Call, user_key: int) -> None:
        """Read this shopper anew the next time."""
        self._drop((call.marketplace_id, user_key))

    def _keep(self, key: tuple[int, int], read: Shopper) -> Shopper:
        # Users of the same groups share one audience, and the counts with it.
        shape = (key[0], read.epoch, read.audience.granted, _contents(read.audience))
        audience = self._audiences.setdefault(shape, read.audience)
        shopper = replace(read, audience=audience)
        self._drop(key)
        self._shoppers[key] = shopper
        self._size += _BESIDE_TOKENS + audience.size
        while len(self._shoppers) > MOST_SHOPPERS or (self._size > MOST_TOKENS and len(self._shoppers) > 1):
            self._drop(next(iter(self._shoppers)))
        return shopper

    def _drop(self, key: tuple[int, int]) -> None:
        gone = self._shoppers.pop(key, None)
        if gone is not None:
            self._size -= _BESIDE_TOKENS + gone.audience.size


def _contents(audience: Audience) -> tuple[object, ...]:
    return tuple(
        (each.id, each.shows_categories, *(tuple(getattr(each.tokens, name)) for name in PARTS))
        for each in audience.catalogs.values()
    )


async def with_shopper(
    call: Call, memory: AudienceMemory, run: Callable[[Shopper], Awaitable[Result]]
) -> Result:
    """Run for the calling shopper, again where a statement of `run` has found another catalog epoch (`confirm`)."""
    for _ in range(RETRIES):
        try:
            return await run(await memory.shopper(call))
        except StaleAudienceError:
            memory.forget(call, call.principal.user_key)
    raise ApiOfflineError


def confirm(shopper: Shopper, epoch: int | None) -> None:
    """Compare the catalog epoch that a statement read with that of the shopper. Raises StaleAudienceError."""
    if epoch != shopper.epoch:
        raise StaleAudienceError
