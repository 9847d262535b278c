"""Split, forward and auto-forward (FWD-1 to FWD-4), and what both orders share."""

from __future__ import annotations

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked


async def mixed_order(api: Api, **facts: object) -> tuple[Shop, httpx.AsyncClient]:
    """An open order of two suppliers' products and one of nobody's, the first at the buyer's own price."""
    shop = await open_shop(api)
    for supplier in ("S1", "S2"):
        await shop.put(f"suppliers/{supplier}", AllBuyersCanOrder=True)
    await shop.product("A", (1, 10), DefaultSupplierID="S1", **facts)
    await shop.product("B", (1, 20), DefaultSupplierID="S2")
    await shop.product("C", (1, 30))
    await shop.schedule("own", (1, 11))
    await shop.post("products/assignments", ProductID="A", BuyerID="B", PriceScheduleID="own")
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    for line, product, quantity in (("L1", "A", 2), ("L2", "B", 1), ("L3", "C", 1), ("L4", "A", 3)):
        await line_of(http, "O", product, quantity, ID=line, xp={"of": line})
    await submitted(http, "O")
    return shop, http


@pytest.mark.parametrize(("verb", "status"), [("split", "Unsubmitted"), ("forward", "Open")])
async def test_orders_to_suppliers(api: Api, verb: str, status: str) -> None:
    """FWD-1 to FWD-3: one order for each supplier at its default price, the rest remains; a second time nothing."""
    _, http = await mixed_order(api)
    answer = await api.seller.post(f"/v1/orders/Incoming/O/{verb}")
    found = answer.json()
    assert answer.status_code == 200
    assert found["RemainingLineItemIDs"] == ["L3"]
    first, second = found["OutgoingOrders"]
    assert [(o["ToCompanyID"], o["FromCompanyID"], o["Status"], o["Total"]) for o in (first, second)] == [
        ("S1", api.marketplace, status, 50),
        ("S2", api.marketplace, status, 20),
    ]
    assert (first["FromUserID"], first["LineItemCount"]) == ("admin", 2)
    lines = f"/v1/orders/Outgoing/{first['ID']}/lineitems"
    line = (await api.seller.get(f"{lines}/L4")).json()
    assert (line["UnitPrice"], line["Quantity"], line["xp"]) == (10, 3, {"of": "L4"})
    assert (line["IncomingOrderID"], line["OutgoingOrderID"]) == ("O", None)
    bought = (await api.seller.get("/v1/orders/Incoming/O/lineitems/L4")).json()
    assert (bought["UnitPrice"], bought["OutgoingOrderID"]) == (11, first["ID"])
    assert (await http.get("/v1/orders/Outgoing/O/lineitems/L4")).json()["OutgoingOrderID"] is None
    again = (await api.seller.post(f"/v1/orders/Incoming/O/{verb}")).json()
    assert again == {"OutgoingOrders": [], "RemainingLineItemIDs": ["L3"]}
    assert codes(await api.seller.delete("/v1/orders/Incoming/O")) == ["Order.CannotDeleteForwardedOrder"]


async def test_what_both_orders_share(api: Api) -> None:
    """FWD-3: xp and QuantityShipped; a supplier's shipment shows in the buyer's order and completes it."""
    _, http = await mixed_order(api)
    first, second = (await api.seller.post("/v1/orders/Incoming/O/forward")).json()["OutgoingOrders"]
    await checked(
        api.seller.patch(f"/v1/orders/Outgoing/{first['ID']}/lineitems/L1", json={"xp": {"of": "new"}}), 200
    )
    assert (await http.get("/v1/orders/Outgoing/O/lineitems/L1")).json()["xp"] == {"of": "new"}
    await checked(api.seller.patch("/v1/orders/Incoming/O/lineitems/L1", json={"xp": {"of": "old"}}), 200)
    supplier = api.as_(await api.user(supplier="S1"), roles=["ShipmentAdmin", "OrderAdmin"])
    own = f"/v1/orders/Incoming/{first['ID']}"
    assert (await supplier.get(f"{own}/lineitems/L1")).json()["xp"] == {"of": "old"}
    assert (await supplier.get("/v1/orders/Incoming/O")).status_code == 404, "ORD-5"
    body = {"ID": "SH", "BuyerID": "B", "DateShipped": "2026-05-01T00:00:00Z"}
    await checked(supplier.post("/v1/shipments", json=body), 201)
    for line, quantity in (("L1", 2), ("L4", 3)):
        item = {"OrderID": first["ID"], "LineItemID": line, "QuantityShipped": quantity}
        await checked(supplier.post("/v1/shipments/SH/items", json=item), 200)
    assert (await supplier.get(own)).json()["Status"] == "Completed"
    assert (await http.get("/v1/orders/Outgoing/O/lineitems/L4")).json()["QuantityShipped"] == 3
    assert (await get_order(http, "O"))["Status"] == "Open"
    shipments = (await api.seller.get("/v1/orders/Incoming/O/shipments")).json()["Items"]
    assert [each["ID"] for each in shipments] == ["SH"]
    rest = {"BuyerID": "B", "ID": "REST", "DateShipped": "2026-05-01T00:00:00Z"}
    await checked(api.seller.post("/v1/shipments", json=rest), 201)
    for line in ("L2", "L3"):
        item = {"OrderID": "O", "LineItemID": line, "QuantityShipped": 1}
        await checked(api.seller.post("/v1/shipments/REST/items", json=item), 200)
    assert (await get_order(http, "O"))["Status"] == "Completed"
    assert (await api.seller.get(f"/v1/orders/Outgoing/{second['ID']}")).json()["Status"] == "Completed"


async def test_shipments_are_found_from_both_orders(api: Api) -> None:
    """Behaviour B2, SHP-1: whoever ships a line, by either order; a buyer's items name the buyer's order and its price."""
    _, http = await mixed_order(api)
    first, second = (await api.seller.post("/v1/orders/Incoming/O/forward")).json()["OutgoingOrders"]
    out = first["ID"]
    reader = api.as_(await api.user(buyer="B"), roles=["ShipmentReader"])
    supplier = api.as_(await api.user(supplier="S1"), roles=["OrderAdmin", "ShipmentAdmin"])
    other = api.as_(await api.user(supplier="S2"), roles=["OrderAdmin", "ShipmentAdmin"])
    for shipper, order, line in ((supplier, out, "L1"), (api.seller, "O", "L4"), (api.seller, "O", "L3")):
        shipment = await checked(shipper.post("/v1/shipments", json={"ID": line}), 201)
        item = {"OrderID": order, "LineItemID": line, "QuantityShipped": 1}
        await checked(shipper.post(f"/v1/shipments/{shipment.json()['ID']}/items", json=item), 200)

    async def listed(caller: httpx.AsyncClient, path: str, name: str = "ID") -> list[str]:
        return sorted(each[name] for each in (await checked(caller.get(f"/v1/{path}"), 200)).json()["Items"])

    whole, shared = ["L1", "L3", "L4"], ["L1", "L4"]
    for caller, path, found in (
        (api.seller, "orders/Incoming/O/shipments", whole),
        (api.seller, f"orders/Outgoing/{out}/shipments", shared),
        (api.seller, "shipments?orderID=O", whole),
        (api.seller, f"shipments?orderID={out}", shared),
        (api.seller, f"shipments?orderID={second['ID']}", []),
        (supplier, f"orders/Incoming/{out}/shipments", shared),
        (supplier, "shipments?orderID=O", ["L1"]),
        (other, f"orders/Incoming/{second['ID']}/shipments", []),
        (reader, "shipments?orderID=O", whole),
        (http, "me/shipments", whole),
        (http, "me/shipments?orderID=o", whole),
        (http, "me/shipments?orderID=X", []),
    ):
        assert await listed(caller, path) == found, path
    for caller, path, orders in (
        (api.seller, "shipments/L1/items", [out]),
        (supplier, "shipments/L1/items", [out]),
        (reader, "shipments/L1/items", ["O"]),
        (http, "me/shipments/L1/items", ["O"]),
        (http, "me/shipments/L1/items?orderID=O", ["O"]),
        (http, f"me/shipments/L1/items?orderID={second['ID']}", []),
    ):
        assert await listed(caller, path, "OrderID") == orders, path
    assert (await reader.get("/v1/shipments/L1/items/O/L1")).json()["UnitPrice"] == 11
    assert (await reader.get(f"/v1/shipments/L1/items/{out}/L1")).status_code == 404
    assert (await supplier.get(f"/v1/shipments/L1/items/{out}/L1")).json()["UnitPrice"] == 10
    await checked(other.post(f"/v1/orders/Incoming/{second['ID']}/ship", json={"ID": "ALL"}), 201)
    assert (await reader.get("/v1/shipments/ALL")).json()["BuyerID"] == "B", "a whole order too"


async def test_what_becomes_of_an_order_to_a_supplier(api: Api) -> None:
    """LI-4, ORD-14, FWD-2: lines follow the names of both orders, for the seller's eyes; what is deleted can go again."""
    _, http = await mixed_order(api)
    first, _ = (await api.seller.post("/v1/orders/Incoming/O/split")).json()["OutgoingOrders"]
    await checked(api.seller.patch(f"/v1/orders/Outgoing/{first['ID']}", json={"ID": "TO-S1"}), 200)
    await checked(api.seller.patch("/v1/orders/Incoming/O", json={"ID": "BOUGHT"}), 200)
    bought, sold = "/v1/orders/Incoming/BOUGHT", "/v1/orders/Outgoing/TO-S1"
    names = ("IncomingOrderID", "OutgoingOrderID")
    supplier = api.as_(await api.user(supplier="S1"), roles=["OrderAdmin", "UnsubmittedOrderReader"])
    for caller, order, line, expected in (
        (api.seller, bought, "L1", (None, "TO-S1")),
        (api.seller, bought, "L3", (None, None)),
        (api.seller, sold, "L1", ("BOUGHT", None)),
        (http, "/v1/orders/Outgoing/BOUGHT", "L1", (None, None)),
        (supplier, "/v1/orders/Incoming/TO-S1", "L1", (None, None)),
    ):
        shown = (await checked(caller.get(f"{order}/lineitems/{line}"), 200)).json()
        assert tuple(shown[name] for name in names) == expected
        worksheet = (await checked(caller.get(f"{order}/worksheet"), 200)).json()
        (listed,) = [each for each in worksheet["LineItems"] if each["ID"] == line]
        assert tuple(listed[name] for name in names) == expected
    await checked(api.seller.delete(sold), 204)
    assert (await api.seller.get(f"{bought}/lineitems/L1")).json()["OutgoingOrderID"] is None
    (again,) = (await api.seller.post(f"{bought}/forward")).json()["OutgoingOrders"]
    assert (again["ToCompanyID"], again["LineItemCount"], again["Total"]) == ("S1", 2, 50)


async def test_nothing_is_shipped_twice(api: Api) -> None:
    """SHP-2, FWD-3: of a line and its twin in the supplier's order no more is shipped than was bought."""
    _, http = await mixed_order(api)
    first, _ = (await api.seller.post("/v1/orders/Incoming/O/forward")).json()["OutgoingOrders"]
    supplier = api.as_(await api.user(supplier="S1"), roles=["ShipmentAdmin", "OrderAdmin"])
    for caller, shipment, order, quantity, code in (
        (api.seller, "OWN", "O", 2, None),
        (supplier, "THEIRS", first["ID"], 1, None),
        (supplier, "THEIRS", first["ID"], 2, "ShipmentItem.QuantityExceeded"),
        (api.seller, "OWN", "O", 3, "ShipmentItem.QuantityExceeded"),
        (api.seller, "OWN", "O", 1, None),
        (supplier, "THEIRS", first["ID"], 2, None),
    ):
        await caller.put(f"/v1/shipments/{shipment}", json={"BuyerID": "B"})
        item = {"OrderID": order, "LineItemID": "L4", "QuantityShipped": quantity}
        answer = await caller.post(f"/v1/shipments/{shipment}/items", json=item)
        assert (codes(answer) if answer.status_code != 200 else [None]) == [code]
    assert (await http.get("/v1/orders/Outgoing/O/lineitems/L4")).json()["QuantityShipped"] == 3
    for caller, order in ((api.seller, "O"), (supplier, first["ID"])):
        refused = await caller.post(f"/v1/orders/Incoming/{order}/ship", json={})
        assert codes(refused) == ["Order.ConflictsWithOtherShipments"]


async def test_who_may_split_what(api: Api) -> None:
    """FWD-1."""
    _, http = await mixed_order(api)
    admin = api.as_(await api.user(buyer="B"), roles=["OrderAdmin"])
    assert codes(await admin.post("/v1/orders/Outgoing/O/split")) == ["Order.CannotSplitWrongUserType"]
    assert (await http.post("/v1/orders/Outgoing/O/split")).status_code == 403
    assert codes(await api.seller.post("/v1/orders/Outgoing/O/split")) == ["Order.CannotSplitOutgoing"]
    await order_of(http, ID="N")
    assert (await api.seller.post("/v1/orders/Incoming/N/split")).status_code == 400


async def test_auto_forward(api: Api) -> None:
    """FWD-4: as the auto-forwarding user, when the order becomes open."""
    forwarding = "UPDATE marketplaces SET auto_forwarding_user_key = $2 WHERE marketplace_id = $1"
    await api.server.database.execute(forwarding, api.marketplace_id, api.admin.key)
    await mixed_order(api, AutoForward=True)
    line = (await api.seller.get("/v1/orders/Incoming/O/lineitems/L1")).json()
    assert line["OutgoingOrderID"] is not None
    made = (await api.seller.get(f"/v1/orders/Outgoing/{line['OutgoingOrderID']}")).json()
    assert (made["ToCompanyID"], made["Status"], made["FromUserID"]) == ("S1", "Open", "admin")
