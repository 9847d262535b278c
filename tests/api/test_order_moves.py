"""Each event of an order's life is caused by exactly the operations that declare it (ST-1 to ST-14, FWD-2, SHP-3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, Server, run_server
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.domain.orders.status import OrderEvent
from entrepot.engine.call import Call
from entrepot.features.registry import FOLLOWERS
from entrepot.features.trade.orders.store import Loaded

OUT, IN = "/v1/orders/Outgoing", "/v1/orders/Incoming"
SHIPPED = "2026-05-01T00:00:00Z"
ADDRESS = {"Street1": "1 Quay", "City": "Hull", "Country": "GB"}
MADE = """SELECT key, "Status" FROM orders WHERE marketplace_id = $1"""
UNDONE = ("Cart.PatchBillingAddress", "Cart.PatchShippingAddress")
"""They make a cart where there is none, and refuse then: it has no address to change."""

Moves = set[tuple[str, OrderEvent]]


@pytest.fixture
async def moved(monkeypatch: pytest.MonkeyPatch) -> Moves:
    """What orders do in servers that start from now on."""
    found: Moves = set()

    async def note(call: Call, _loaded: Loaded, event: OrderEvent) -> None:
        found.add((call.operation.id, event))

    monkeypatch.setattr("entrepot.app.asgi.FOLLOWERS", (note, *FOLLOWERS))
    return found


@pytest.fixture
async def watched(server: Server, moved: Moves) -> AsyncIterator[Api]:
    """A marketplace whose moves are noted."""
    assert moved == set()
    async with (
        run_server(server.settings, server.database, server.clock) as running,
        Api.create(running) as made,
    ):
        yield made


class Orders:
    """A shopper's orders, and what the operations do that make some."""

    def __init__(self, shop: Shop, http: httpx.AsyncClient, moved: Moves) -> None:
        self.shop, self.http, self.moved = shop, http, moved

    async def making(self, operation: str, request: Awaitable[httpx.Response]) -> httpx.Response:
        """A request, and under its operation the orders that it makes."""
        before = {row["key"] for row in await self.shop.api.rows(MADE)}
        answer = await request
        assert answer.is_success, answer.text
        for row in await self.shop.api.rows(MADE):
            if row["key"] not in before:
                begun = OrderEvent.CREATE if row["Status"] == "Unsubmitted" else OrderEvent.FORWARD
                self.moved.add((operation, begun))
        return answer

    async def filled(self, order: str, comments: str | None = None, product: str = "P") -> str:
        await order_of(self.http, ID=order, Comments=comments)
        await line_of(self.http, order, product, 2, ID="L")
        return f"{OUT}/{order}"

    async def submitted(self, order: str, comments: str | None = None, product: str = "P") -> str:
        path = await self.filled(order, comments, product)
        await self.making("Orders.Submit", self.http.post(f"{path}/submit"))
        return path


async def open_orders(api: Api, moved: Moves) -> tuple[Orders, httpx.AsyncClient, httpx.AsyncClient]:
    """With approvers of two groups, of which the second is asked when the first has approved; F is forwarded."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await api.execute(
        "UPDATE marketplaces SET auto_forwarding_user_key = $2 WHERE marketplace_id = $1", api.admin.key
    )
    await shop.put("priceschedules/P", PriceBreaks=[{"Quantity": 1, "Price": 10, "BundlePrice": 9}])
    await shop.product("P", DefaultPriceScheduleID="P", DefaultSupplierID="S")
    await shop.product("F", (1, 10), DefaultSupplierID="S", AutoForward=True)
    await checked(api.seller.put("/v1/bundles/KIT", json={"Name": "Kit", "Active": True}), 200)
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="KIT")
    await shop.post(
        "bundles/productassignments", BundleID="KIT", ProductID="P", Required=True, DefaultQuantity=1
    )
    asks = "order.Comments = 'ask'"
    for rule, expression in (("R1", asks), ("R2", f"{asks} and order.approved('R1')")):
        await shop.put(f"buyers/B/usergroups/{rule}")
        await shop.put(f"buyers/B/approvalrules/{rule}", ApprovingGroupID=rule, RuleExpression=expression)
    (_, one), (_, two), (_, http) = (
        await shop.shopper("R1"),
        await shop.shopper("R2"),
        await shop.shopper(),
    )
    return Orders(shop, http, moved), one, two


async def test_operations_move_orders_as_they_declare(watched: Api, moved: Moves) -> None:
    """What is driven here is what the operations declare: no event is declared in vain, and `move` refuses the others."""
    orders, one, two = await open_orders(watched, moved)
    seller, http = watched.seller, orders.http
    await _make(orders)
    for order, comments in (("decided", "ask"), ("declined", "ask"), ("again", "ask"), ("open", None)):
        await orders.submitted(order, comments)
    await orders.submitted("forwarded", product="F")
    waiting = await orders.submitted("asked", "ask", "F")
    for approver in (one, two):
        await orders.making("Orders.Approve", approver.post(f"{waiting}/approve", json={}))
    await checked(one.post(f"{OUT}/declined/decline", json={}), 201)
    await checked(one.post(f"{OUT}/again/decline", json={"AllowResubmit": True}), 201)
    await checked(http.post(f"{OUT}/again/cancel"), 201)
    await checked(seller.post(f"{IN}/open/complete"), 201)
    for comments, product in ((None, "F"), ("ask", "P")):
        await order_of(http, ID=f"cart-{product}", Comments=comments)
        await checked(http.put(f"/v1/cart/cart-{product}"), 204)
        await checked(http.post("/v1/cart/lineitems", json={"ProductID": product}), 201)
        await orders.making("Cart.Submit", http.post("/v1/cart/submit"))
    await _ship(orders)
    declared = {(each.id, event) for each in registry().operations.values() for event in each.moves}
    assert moved <= declared
    assert declared - moved == {(name, OrderEvent.CREATE) for name in UNDONE}


async def _make(orders: Orders) -> None:
    """Every operation that makes orders."""
    seller, http = orders.shop.seller, orders.http
    await orders.making("Orders.Create", http.post(OUT, json={}))
    await orders.making("Orders.Save", http.put(f"{OUT}/made", json={}))
    path = await orders.submitted("split")
    await orders.making("Orders.Repeat", http.post(f"{path}/repeat", json={}))
    await orders.making("Orders.Split", seller.post(f"{IN}/split/split"))
    await orders.submitted("forward")
    await orders.making("Orders.Forward", seller.post(f"{IN}/forward/forward"))
    making = {
        "Save": ("PUT", "", {}),
        "Patch": ("PATCH", "", {"Comments": "c"}),
        "PatchFromUser": ("PATCH", "/fromuser", {"FirstName": "F"}),
        "SetShippingAddress": ("PUT", "/shipto", ADDRESS),
        "SetBillingAddress": ("PUT", "/billto", ADDRESS),
        "CreateLineItem": ("POST", "/lineitems", {"ProductID": "P"}),
        "SaveLineItem": ("PUT", "/lineitems/L", {"ProductID": "P", "Quantity": 1}),
        "CreateBundleItem": ("POST", "/bundles/KIT", {}),
        "CreatePayment": ("POST", "/payments", {"Type": "PurchaseOrder"}),
    }
    for name, (verb, path, body) in making.items():
        while (await http.get("/v1/cart")).json()["ID"] is not None:
            await checked(http.delete("/v1/cart"), 204)
        await orders.making(f"Cart.{name}", http.request(verb, f"/v1/cart{path}", json=body))


async def _ship(orders: Orders) -> None:
    """Shipped and taken back by every operation that can do it."""
    seller = orders.shop.seller
    await orders.submitted("SH")
    item = {"OrderID": "SH", "LineItemID": "L", "QuantityShipped": 2}

    async def to(status: str, verb: str, path: str, body: Any = None, order: str = "SH") -> None:
        answer = await seller.request(verb, f"/v1/{path}", json=body)
        assert answer.is_success, answer.text
        assert (await seller.get(f"{IN}/{order}")).json()["Status"] == status, (verb, path)

    unshipped, shipped = {"ID": "S"}, {"ID": "S", "DateShipped": SHIPPED}
    await to("Open", "POST", "shipments", shipped)
    await to("Completed", "POST", "shipments/S/items", item)
    await to("Open", "POST", "shipments/S/items", item | {"QuantityShipped": 1})
    await to("Completed", "POST", "shipments/S/items", item)
    await to("Open", "PUT", "shipments/S", unshipped)
    await to("Completed", "PUT", "shipments/S", shipped)
    await to("Open", "PATCH", "shipments/S", {"DateShipped": None})
    await to("Completed", "PATCH", "shipments/S", {"DateShipped": SHIPPED})
    await to("Open", "DELETE", "shipments/S/items/SH/L")
    await to("Completed", "POST", "shipments/S/items", item)
    await to("Open", "DELETE", "shipments/S")
    await orders.submitted("WHOLE")
    await to("Completed", "POST", "orders/Incoming/WHOLE/ship", {}, "WHOLE")
