"""ShipmentCreated: when it is sent, to whom, and what it says (SHP-3, MS-3, MS-4)."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.marketplace import Api
from tests.api.outbox import taken
from tests.api.shop import line_of, open_shop, order_of, submitted
from tests.api.test_shipments import SHIPPED, put_in
from tests.api.uniform.subjects import checked


async def messages(api: Api) -> list[dict[str, Any]]:
    """The bodies since the last time, with `to`, in order."""
    return [
        {"to": each.recipient.partition("@")[0], **each.body}
        for each in await taken(api)
        if each.message_type == "ShipmentCreated"
    ]


async def ship(http: httpx.AsyncClient, shipment: str, date: str | None = SHIPPED["DateShipped"]) -> None:
    await checked(http.patch(f"/v1/shipments/{shipment}", json={"DateShipped": date}), 200)


async def test_a_shipment_of_two_orders(api: Api) -> None:
    """MS-4: once DateShipped is set with items present, to the user of each order about that order's lines."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    users = [await shop.shopper() for _ in range(2)]
    for (_, http), order in zip(users, ("O", "Q"), strict=True):
        await order_of(http, ID=order)
        await line_of(http, order, "P", 2, ID="L0")
        await line_of(http, order, "P", 3, ID="L1")
        await submitted(http, order)
    seller = api.seller
    await checked(seller.post("/v1/shipments", json={"ID": "early", "BuyerID": "B", **SHIPPED}), 201)
    await checked(seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B"}), 201)
    await ship(seller, "S")
    assert await messages(api) == [], "nothing is in it"
    await ship(seller, "S", None)
    for shipment, line, quantity, order in (
        ("S", "L1", 1, "O"),
        ("S", "L0", 2, "Q"),
        ("early", "L0", 1, "O"),
    ):
        await checked(put_in(seller, shipment, line, quantity, order), 200)
    assert await messages(api) == [], "the items of one that is shipped already"
    await ship(seller, "S")
    told = await messages(api)
    assert [each["to"] for each in told] == [user.id for user, _ in users]
    for body, order, line, quantity in zip(told, ("O", "Q"), ("L1", "L0"), (1, 2), strict=True):
        assert body["Order"]["ID"] == order
        assert [each["ID"] for each in body["LineItems"]] == ["L0", "L1"]
        assert [each["ID"] for each in body["Products"]] == ["P"]
        assert body["Approvals"] == []
        assert (body["Shipment"]["ID"], body["Shipment"]["DateShipped"]) == ("S", "2026-05-01T00:00:00+00:00")
        (item,) = body["ShipmentItems"]
        assert (item["OrderID"], item["LineItemID"], item["QuantityShipped"]) == (order, line, quantity)
        assert item["Product"]["ID"] == "P"
    await ship(seller, "S", "2026-06-01T00:00:00Z")
    assert await messages(api) == [], "another date is no new shipment"
    await api.deactivate(users[0][0].key)
    await ship(seller, "S", None)
    await ship(seller, "S")
    assert [each["to"] for each in await messages(api)] == [users[1][0].id]


async def test_a_whole_order(api: Api) -> None:
    """SHP-5 sends it, too; approvals of the order are in it."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    await shop.put("buyers/B/usergroups/G")
    _, approver = await shop.shopper("G")
    user, http = await shop.shopper()
    await shop.put("buyers/B/approvalrules/A", ApprovingGroupID="G", RuleExpression="true")
    await order_of(http, ID="O")
    await line_of(http, "O", "P", 2, ID="L0")
    await submitted(http, "O")
    await checked(approver.post("/v1/orders/Outgoing/O/approve", json={}), 201)
    await checked(api.seller.post("/v1/orders/Incoming/O/ship", json={"ID": "S"}), 201)
    (body,) = await messages(api)
    assert body["to"] == user.id
    assert [(each["ApprovalRuleID"], each["Status"]) for each in body["Approvals"]] == [("A", "Approved")]
    assert [each["QuantityShipped"] for each in body["ShipmentItems"]] == [2]
    assert (body["Shipment"]["ID"], body["Order"]["Status"]) == ("S", "Completed")


async def test_a_supplier_ships_for_the_buyer(api: Api) -> None:
    """FWD-3: the buyer's user hears of it, about its own order."""
    shop = await open_shop(api)
    await shop.put("suppliers/s")
    await shop.product("P", (1, 10), DefaultSupplierID="s")
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "P", 2, ID="L0")
    await submitted(http, "O")
    split = (await checked(api.seller.post("/v1/orders/Incoming/O/forward"), 200)).json()
    theirs = split["OutgoingOrders"][0]["ID"]
    supplier = api.as_(await api.user(supplier="s"), roles=["ShipmentAdmin", "OrderAdmin"])
    await messages(api)
    await checked(supplier.post("/v1/shipments", json={"ID": "S"}), 201)
    await checked(put_in(supplier, "S", "L0", 2, theirs), 200)
    await ship(supplier, "S")
    (body,) = await messages(api)
    assert (body["to"], body["Order"]["ID"]) == (user.id, "O")
    assert [(each["OrderID"], each["LineItemID"]) for each in body["ShipmentItems"]] == [("O", "L0")]
