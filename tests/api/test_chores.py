"""What a server does beside requests, by a clock that may be wrong (reliability F20)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.api.shop import line_of, open_shop, order_of

from entrepot.app.asgi import open_services
from entrepot.app.chores import chores_of
from entrepot.engine.call import Backend
from entrepot.storage.ready_pool import ReadyPool
from entrepot.worker.clocks import ClocksDifferError

HARMLESS = {"keys", "activity", "portal post", "synchronization", "totals", "requests", "recorded requests"}
"""They delete nothing, place nothing and tell nobody by the time."""


async def test_a_wrong_clock_deletes_and_places_nothing(api: Api, database: ReadyPool) -> None:
    """91 days ahead: every chore that goes by the time refuses, with both clocks' difference, and carts stay."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    await order_of(http, ID="cart")
    await line_of(http, "cart", "P")
    services = await open_services(api.server.settings, database, api.server.clock)
    try:
        settings = api.server.settings
        backend = Backend(database, services, api.server.clock, settings.base_url)
        chores = chores_of(settings, backend, services)
        timed = [chore for chore in chores if chore.name not in HARMLESS]
        assert {chore.name for chore in timed} >= {"idle orders", "idle returns", "subscriptions", "cleanup"}
        api.server.clock.advance(days=91)
        for chore in timed:
            with pytest.raises(ClocksDifferError, match=r"9[01] days"):
                await chore.work()
        assert await api.value("SELECT count(*) FROM orders WHERE marketplace_id = $1") == 1
        api.server.clock.reset()
        await next(chore for chore in timed if chore.name == "idle orders").work()
        assert await api.value("SELECT count(*) FROM orders WHERE marketplace_id = $1") == 1
    finally:
        services.passwords.close()
        await services.outgoing.close()
