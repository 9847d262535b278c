"""Unsubmitted orders that nobody touches any more (ST-15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.api.marketplace import Api
from tests.api.shop import line_of, open_shop, order_of
from tests.api.test_order_lists import become

from entrepot.features.trade.orders import idle
from entrepot.kernel.ids import new_id

AGE = 'UPDATE orders SET "LastUpdated" = $3 WHERE marketplace_id = $1 AND "ID" = $2'
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("batch", [1, 1000])
async def test_idle_orders(api: Api, other: Api, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """ST-15: without lines after 24 hours; with lines a guest's after 7 days, others after 90, from LastUpdated."""
    monkeypatch.setattr(idle, "BATCH", batch)
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, http = await shop.shopper()
    now = api.server.clock()
    fates: dict[str, bool] = {}

    async def order(
        name: str, age: timedelta, *, stays: bool, lines: bool, status: str = "Unsubmitted"
    ) -> None:
        guest = name.startswith("guest")
        made = new_id() if guest else name
        client = api.as_(user, roles=["Shopper"], order_id=made) if guest else http
        await order_of(client, ID=made)
        if lines:
            await line_of(client, made, "P")
        if status != "Unsubmitted":
            await become(api, made, status, submitted=status == "Open")
        await api.execute(AGE, made, now - age)
        fates[made] = stays

    await order("new", DAY - HOUR, stays=True, lines=False)
    await order("empty", DAY, stays=False, lines=False)
    await order("filled", 90 * DAY - HOUR, stays=True, lines=True)
    await order("old", 90 * DAY, stays=False, lines=True)
    await order("waiting", 200 * DAY, stays=True, lines=True, status="AwaitingApproval")
    await order("open", 200 * DAY, stays=True, lines=True, status="Open")
    await order("guest-empty", DAY + HOUR, stays=False, lines=False)
    await order("guest-new", 7 * DAY - HOUR, stays=True, lines=True)
    await order("guest-old", 7 * DAY, stays=False, lines=True)
    _, elsewhere = await (await open_shop(other)).shopper()
    await order_of(elsewhere, ID="empty")
    await other.execute(AGE, "empty", now - 2 * DAY)
    assert await idle.delete_idle(api.server.database, api.server.clock) >= 5
    left = await api.rows('SELECT "ID" FROM orders WHERE marketplace_id = $1')
    assert {row["ID"] for row in left} == {name for name, stays in fates.items() if stays}
    assert await api.value("SELECT count(*) FROM line_items WHERE marketplace_id = $1") == 4
    assert await other.value("SELECT count(*) FROM orders WHERE marketplace_id = $1") == 0
    assert await idle.delete_idle(api.server.database, api.server.clock) == 0


async def test_an_order_that_is_being_changed_stays(api: Api) -> None:
    """ST-15: whoever holds its lock is about to touch it."""
    await open_shop(api)
    user = await api.user(buyer="B")
    http = api.as_(user, roles=["Shopper"])
    await order_of(http, ID="O")
    await api.execute(AGE, "O", api.server.clock() - 2 * DAY)
    async with api.server.database.acquire() as connection, connection.transaction():
        locked = 'SELECT 1 FROM orders WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
        assert await connection.fetchval(locked, api.marketplace_id, "O") == 1
        await idle.delete_idle(api.server.database, api.server.clock)
    assert (await http.get("/v1/orders/Outgoing/O")).status_code == 200
    await idle.delete_idle(api.server.database, api.server.clock)
    assert (await http.get("/v1/orders/Outgoing/O")).status_code == 404
