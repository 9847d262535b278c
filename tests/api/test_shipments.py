"""Shipments, and the orders that they complete (SHP-1 to SHP-6, ST-8, ST-12)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of, submitted
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked

SHIPPED = {"DateShipped": "2026-05-01T00:00:00Z"}
ADDRESS = {"Street1": "1 Quay", "City": "Hull", "Country": "GB"}


async def opened(api: Api, *quantities: int, order: str = "O") -> tuple[Shop, httpx.AsyncClient]:
    """A shopper with an open order of lines L0, L1 ..."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    await order_of(http, ID=order)
    for number, quantity in enumerate(quantities):
        await line_of(http, order, "P", quantity, ID=f"L{number}")
    await submitted(http, order)
    return shop, http


async def put_in(
    http: httpx.AsyncClient, shipment: str, line: str, quantity: int, order: str = "O"
) -> httpx.Response:
    body = {"OrderID": order, "LineItemID": line, "QuantityShipped": quantity}
    return await http.post(f"/v1/shipments/{shipment}/items", json=body)


async def status(http: httpx.AsyncClient, order: str = "O") -> tuple[str, list[int]]:
    found = await get_order(http, order)
    lines = [
        (await http.get(f"/v1/orders/Outgoing/{order}/lineitems/L{n}")).json()["QuantityShipped"]
        for n in range(found["LineItemCount"])
    ]
    return found["Status"], lines


async def test_a_line_in_two_shipments(api: Api) -> None:
    """SHP-3: quantity 5; S1 3 (shipped), S2 2 (DateShipped null) is QuantityShipped 5 and Open; the date completes it."""
    _, http = await opened(api, 5)
    seller = api.seller
    await checked(seller.post("/v1/shipments", json={"ID": "S1", "BuyerID": "B", **SHIPPED}), 201)
    await checked(seller.post("/v1/shipments", json={"ID": "S2", "BuyerID": "B"}), 201)
    item = await put_in(seller, "S1", "l0", 3)
    assert (item.status_code, item.json()["LineItemID"], item.json()["Product"]["ID"]) == (200, "L0", "P")
    assert item.json()["UnitPrice"] == 10
    await put_in(seller, "S2", "L0", 2)
    assert await status(http) == ("Open", [5])
    assert codes(await put_in(seller, "S2", "L0", 3)) == ["ShipmentItem.QuantityExceeded"]
    await checked(seller.patch("/v1/shipments/S2", json=SHIPPED), 200)
    assert await status(http) == ("Completed", [5])
    page = (await seller.get("/v1/orders/Incoming/O/shipments")).json()
    assert [each["ID"] for each in page["Items"]] == ["S1", "S2"]
    await checked(seller.delete("/v1/shipments/S2/items/O/L0"), 204)
    assert await status(http) == ("Open", [3]), "ST-12"
    await checked(seller.delete("/v1/shipments/S1"), 204)
    assert await status(http) == ("Open", [0])


async def test_never_again_open_after_complete(api: Api) -> None:
    """ST-12: what somebody completed stays so, and is not shipped afterwards by itself (SHP-6)."""
    _, http = await opened(api, 2)
    await checked(api.seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B", **SHIPPED}), 201)
    await put_in(api.seller, "S", "L0", 1)
    await checked(api.seller.post("/v1/orders/Incoming/O/complete"), 201)
    await checked(api.seller.delete("/v1/shipments/S/items/O/L0"), 204)
    assert await status(http) == ("Completed", [0])


async def test_items_by_order_and_line(api: Api) -> None:
    """SHP-2: an upsert; get, list, filters; 404 for what is not there or of another buyer."""
    shop, _ = await opened(api, 5, 5)
    seller = api.seller
    await checked(seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B"}), 201)
    for line, quantity in (("L0", 1), ("L0", 4), ("L1", 2)):
        await checked(put_in(seller, "S", line, quantity), 200)
    items = (await seller.get("/v1/shipments/S/items?QuantityShipped=>1")).json()["Items"]
    assert [(each["LineItemID"], each["QuantityShipped"]) for each in items] == [("L0", 4), ("L1", 2)]
    assert (await seller.get("/v1/shipments/S/items/o/l1")).json()["QuantityShipped"] == 2
    for line, order in (("none", "O"), ("L0", "none")):
        assert (await put_in(seller, "S", line, 1, order)).status_code == 404
    assert (await put_in(seller, "none", "L0", 1)).status_code == 404
    assert (await put_in(seller, "S", "L0", 0)).status_code == 400
    await shop.put("buyers/X")
    await checked(seller.post("/v1/shipments", json={"ID": "T", "BuyerID": "X"}), 201)
    assert (await put_in(seller, "T", "L0", 1)).status_code == 404
    assert [s["ID"] for s in (await seller.get("/v1/shipments?orderID=O")).json()["Items"]] == ["S"]


async def test_ship_a_whole_order(api: Api) -> None:
    """SHP-5."""
    _, http = await opened(api, 5, 2)
    url = "/v1/orders/Incoming/O/ship"
    answer = await api.seller.post(url, json={"ID": "S", "TrackingNumber": "T", "Cost": 4.5})
    assert (answer.status_code, answer.json()["Status"]) == (201, "Completed")
    assert await status(http) == ("Completed", [5, 2])
    shipment = (await api.seller.get("/v1/shipments/S")).json()
    assert (shipment["BuyerID"], shipment["TrackingNumber"], shipment["Cost"]) == ("B", "T", 4.5)
    assert shipment["DateShipped"] is not None
    assert codes(await api.seller.post(url, json={})) == ["Order.CannotShipBadStatus"]
    assert (await http.post("/v1/orders/Outgoing/O/ship", json={})).status_code == 403


async def test_roles_of_shipments(api: Api) -> None:
    """ShipmentAdmin and ShipmentReader suffice to ship an order and to list its shipments, and for nothing else of it."""
    shop, _ = await opened(api, 1)
    await shop.put("suppliers/T")
    user = await api.user()
    admin, reader = (api.as_(user, roles=[f"Shipment{each}"]) for each in ("Admin", "Reader"))
    assert (await admin.post("/v1/orders/Incoming/O/ship", json={"ID": "S"})).json()["Status"] == "Completed"
    page = await checked(reader.get("/v1/orders/Incoming/O/shipments"), 200)
    assert [each["ID"] for each in page.json()["Items"]] == ["S"]
    assert (await admin.get("/v1/orders/Incoming/O")).status_code == 403
    stranger = api.as_(await api.user(supplier="T"), roles=["ShipmentAdmin", "ShipmentReader"])
    assert (await stranger.post("/v1/orders/Incoming/O/ship", json={})).status_code == 404
    assert (await stranger.get("/v1/orders/Incoming/O/shipments")).status_code == 404


async def test_what_cannot_be_shipped_whole(api: Api) -> None:
    """SHP-5: lines that are on a shipment already, and an order without lines."""
    await opened(api, 5)
    await checked(api.seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B"}), 201)
    await put_in(api.seller, "S", "L0", 1)
    refused = await api.seller.post("/v1/orders/Incoming/O/ship")
    assert codes(refused) == ["Order.ConflictsWithOtherShipments"]
    assert refused.json()["Errors"][0]["Data"] == {"LineItemIDs": ["L0"]}
    await checked(api.seller.delete("/v1/shipments/S"), 204)
    await checked(api.seller.delete("/v1/orders/Incoming/O/lineitems/L0"), 204)
    refused = await api.seller.post("/v1/orders/Incoming/O/ship")
    assert codes(refused) == ["Order.CannotShipWithNoLineItems"]


async def test_addresses(api: Api) -> None:
    """SHP-4: by ID or one-time, which makes the ID null."""
    shop, _ = await opened(api, 1)
    await shop.put("buyers/B/addresses/A", **ADDRESS)
    await shop.put("addresses/W", **ADDRESS)
    body = {"ID": "S", "BuyerID": "B", "ToAddressID": "A", "FromAddressID": "w"}
    shipment = await checked(api.seller.post("/v1/shipments", json=body), 201)
    made = shipment.json()
    assert (made["FromAddressID"], made["ToAddress"]["Street1"]) == ("W", "1 Quay")
    assert (await api.seller.patch("/v1/shipments/S", json={"ToAddressID": "W"})).status_code == 404
    for side, path in (("To", "shipto"), ("From", "shipfrom")):
        once = (await api.seller.put(f"/v1/shipments/S/{path}", json={**ADDRESS, "City": "York"})).json()
        assert (once[f"{side}AddressID"], once[f"{side}Address"]["City"]) == (None, "York")


async def test_who_sees_which(api: Api) -> None:
    """SHP-1: suppliers their own, the seller all, buyers their company's, shoppers those of their own lines."""
    shop, http = await opened(api, 5)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await checked(api.seller.post("/v1/shipments", json={"ID": "A", "BuyerID": "B"}), 201)
    await put_in(api.seller, "A", "L0", 1)
    supplier = api.as_(await api.user(supplier="S"), roles=["ShipmentAdmin"])
    made = await checked(supplier.post("/v1/shipments", json={"ID": "OWN", "OwnerID": "x"}), 201)
    assert made.json()["OwnerID"] == "S"
    assert (await put_in(supplier, "OWN", "L0", 1)).status_code == 404, "no order to this supplier"
    reader = api.as_(await api.user(buyer="B"), roles=["ShipmentReader"])
    _, colleague = await shop.shopper()

    async def listed(client: httpx.AsyncClient, path: str) -> list[Any]:
        return [each["ID"] for each in (await client.get(path)).json()["Items"]]

    assert await listed(api.seller, "/v1/shipments?sortBy=ID") == ["A", "OWN"]
    assert await listed(supplier, "/v1/shipments") == ["OWN"]
    assert await listed(reader, "/v1/shipments") == ["A"]
    assert (await supplier.get("/v1/shipments/A")).status_code == 404
    assert await listed(http, "/v1/me/shipments") == ["A"]
    assert await listed(http, "/v1/me/shipments?orderID=other") == []
    assert await listed(colleague, "/v1/me/shipments") == []
    assert (await http.get("/v1/me/shipments/a")).json()["ID"] == "A"
    assert (await colleague.get("/v1/me/shipments/A")).status_code == 404
    (item,) = (await http.get("/v1/me/shipments/A/items")).json()["Items"]
    assert (item["OrderID"], item["QuantityShipped"]) == ("O", 1)
    assert (await colleague.get("/v1/me/shipments/A/items")).status_code == 404


async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line costs two statements more than one before it: the order's lines, and its row."""
    await opened(api, *(1 for _ in range(5)))
    await checked(api.seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B", **SHIPPED}), 201)
    counts = []
    for line in range(5):
        with counted(monkeypatch) as sent:
            await checked(put_in(api.seller, "S", f"L{line}", 1), 200)
        counts.append(len(sent))
    assert counts[4] - counts[3] == 2
    assert counts[3] == counts[2] == 10
