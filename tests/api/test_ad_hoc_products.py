"""Products that only an integration knows: the AddToCart event (LI-6, IE-13, AHP-1)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.checkout import NOT_SHOWN, ORDER, set_event
from tests.api.marketplace import Api, User, claims_of, codes
from tests.api.receiver import Received, Receiver
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of, submitted

LINES = f"{ORDER}/lineitems"
ASK = "/add/To?cart=1"
ANSWER = {"Product": {"ID": "X", "Name": "Engraved ring", "xp": {"a": 1}}, "UnitPrice": 9.99}


@pytest.fixture
def receiver(receiver: Receiver) -> Receiver:
    receiver.answers[ASK] = ANSWER
    return receiver


async def opened(api: Api, receiver: Receiver, **facts: Any) -> tuple[Shop, User, httpx.AsyncClient]:
    """A shop whose API client has an AddToCart event, and a shopper with the order O."""
    shop = await open_shop(api)
    user, http = await shop.shopper()
    await set_event(api, receiver.url + ASK, "AddToCart", **facts)
    await order_of(http, ID="O")
    return shop, user, http


async def add(http: httpx.AsyncClient, product: str = "X", quantity: int = 2, **more: Any) -> httpx.Response:
    return await http.post(LINES, json={"ProductID": product, "Quantity": quantity, **more})


async def test_a_product_from_elsewhere(api: Api, receiver: Receiver) -> None:
    """LI-6, IE-1, IE-13: what is asked, at the URL as it is, and the line that comes of it, to the cent."""
    _, _, http = await opened(api, receiver, ElevatedRoles=["ProductAdmin"], ConfigData={"c": 1})
    answer = await add(http, xp={"engraving": "J"})
    line = answer.json()
    assert answer.status_code == 201, answer.text
    wanted = {
        "ProductID": "X",
        "Quantity": 2,
        "UnitPrice": 9.99,
        "LineSubtotal": 19.98,
        "LineTotal": 19.98,
        "PriceOverridden": False,
        "PriceScheduleID": None,
        "SupplierID": None,
        "xp": {"engraving": "J"},
    }
    assert {name: line[name] for name in wanted} == wanted
    product = {name: line["Product"][name] for name in ("ID", "Name", "QuantityMultiplier", "xp")}
    assert product == {"ID": "X", "Name": "Engraved ring", "QuantityMultiplier": 1, "xp": {"a": 1}}
    order = await get_order(http, "O")
    assert (order["Subtotal"], order["Total"], order["LineItemCount"]) == (19.98, 19.98, 1)
    [request] = receiver.received
    assert (request.path, request.is_signed) == (ASK, True)
    asked = request.body
    assert list(asked) == [
        "ProductID",
        "Quantity",
        "BuyerID",
        "BuyerUser",
        "SellerID",
        "Environment",
        "OrderCloudAccessToken",
        "ConfigData",
    ]
    assert (asked["ProductID"], asked["Quantity"]) == ("X", 2)
    assert (asked["BuyerID"], asked["SellerID"]) == ("B", api.marketplace)
    assert (asked["BuyerUser"], asked["ConfigData"]) == (order["FromUser"], {"c": 1})
    claims = claims_of(asked["OrderCloudAccessToken"])
    # IE-5, behaviour D4
    assert (claims["usr"], claims["usrtype"], claims["role"]) == ("admin", "admin", "ProductAdmin")


@pytest.mark.parametrize("path", [f"{LINES}/N", "/v1/cart/lineitems/N", "/v1/cart/lineitems"])
async def test_every_way_to_add_a_line(path: str, api: Api, receiver: Receiver) -> None:
    """LI-6: PUT of a new line and the cart, too, which is made with its first line."""
    shop, _, http = await opened(api, receiver)
    if "cart" in path:
        _, http = await shop.shopper()
    verb = "PUT" if path.endswith("N") else "POST"
    answer = await http.request(verb, path, json={"ProductID": "X"})
    assert answer.status_code in (200, 201), answer.text
    assert (answer.json()["UnitPrice"], len(receiver.received)) == (9.99, 1)
    if "cart" in path:
        assert (await http.get("/v1/cart")).json()["Total"] == 9.99


async def test_the_catalog_comes_first(api: Api, receiver: Receiver) -> None:
    """IE-13: nobody is asked about a product that the user sees, nor without an event; others ask about it."""
    shop, _, http = await opened(api, receiver)
    await shop.product("X", (1, 5))
    assert (await add(http)).json()["UnitPrice"] == 5
    assert receiver.received == []
    await shop.put("products/X", Active=False)
    assert (await add(http)).json()["UnitPrice"] == 9.99
    assert len(receiver.received) == 1
    other = await api.api_client(allow_any_buyer=True)
    user, _ = await shop.shopper()
    plain = api.as_(user, roles=["Shopper"], client_id=other.lower())
    await order_of(plain, ID="P")
    answer = await plain.post("/v1/orders/Outgoing/P/lineitems", json={"ProductID": "Y"})
    assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "Product")
    assert len(receiver.received) == 1


REFUSED: dict[str, tuple[Any, int, Any]] = {
    "no product": ({"Product": None, "UnitPrice": 1}, 404, "X"),
    "nothing": ({}, 404, "X"),
    "404": ((404, b"gone"), 400, {"HttpStatusCode": 404, "UnhandledErrorBody": "gone"}),
    "500": ((500, b"oops"), 400, {"HttpStatusCode": 500, "UnhandledErrorBody": "oops"}),
    "broken": (b"<x>", 400, {"HttpStatusCode": 200, "UnhandledErrorBody": "<x>"}),
    "empty": (b"", 400, {"HttpStatusCode": 200, "UnhandledErrorBody": "The answer is empty."}),
    "no price": ({"Product": {"Name": "N"}}, 400, {"UnhandledErrorBody": "UnitPrice is required."}),
    "no name": (
        {"Product": {"ID": "X"}, "UnitPrice": 1},
        400,
        {"UnhandledErrorBody": "Product.Name is required."},
    ),
    "long name": (
        {"Product": {"Name": "n" * 101}, "UnitPrice": 1},
        400,
        {"UnhandledErrorBody": "Product.Name cannot exceed 100 characters."},
    ),
    "no such supplier": ({"Product": {"Name": "N", "DefaultSupplierID": "S"}, "UnitPrice": 1}, 404, "S"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(case: str, api: Api, receiver: Receiver) -> None:
    """LI-6, IE-13, behaviour B6: no product is 404, whatever else goes wrong 400, with what the integration answered for the
    marketplace owner's eyes; nothing is written.
    """
    _, _, http = await opened(api, receiver)
    receiver.answers[ASK], status, expected = REFUSED[case]
    answer = await add(http)
    assert answer.status_code == status, answer.text
    data = answer.json()["Errors"][0]["Data"]
    if status == 404:
        assert data["ObjectID"] == expected
    else:
        assert codes(answer) == ["IntegrationEvent.BadRequest"]
        assert data["UnhandledErrorBody"] == NOT_SHOWN, "security 6"
        line = {"ProductID": "X", "Quantity": 2}
        refused = await api.seller.post("/v1/orders/Incoming/O/lineitems", json=line)
        seen = refused.json()["Errors"][0]["Data"]
        assert {name: seen[name] for name in expected} == expected
    assert (await get_order(http, "O"))["LineItemCount"] == 0


async def test_supplier_and_price(api: Api, receiver: Receiver) -> None:
    """LI-4, MON-8: the supplier is the product's; a price of one's own takes its role and wins."""
    shop, user, http = await opened(api, receiver)
    await shop.put("suppliers/S")
    receiver.answers[ASK] = {"Product": {"Name": "N", "DefaultSupplierID": "s"}, "UnitPrice": "12.5"}
    assert (await add(http)).json()["SupplierID"] == "S"
    assert (await add(http, UnitPrice=1)).status_code == 403
    pricing = api.as_(user, roles=["Shopper", "OverrideUnitPrice"])
    line = (await add(pricing, UnitPrice=1)).json()
    assert (line["UnitPrice"], line["PriceOverridden"], line["LineSubtotal"]) == (1, True, 2)
    assert (await get_order(http, "O"))["Total"] == 27


async def test_life_of_the_line(api: Api, receiver: Receiver) -> None:
    """LI-6: later changes ask nobody and keep the price; the order is priced anew with it, and submitted."""
    shop, _, http = await opened(api, receiver)
    await shop.product("A", (1, 10))
    line = (await add(http)).json()["ID"]
    await line_of(http, "O", "A", 1)
    changed = await http.patch(f"{LINES}/{line}", json={"Quantity": 3, "xp": {"b": 2}})
    assert (changed.status_code, changed.json()["LineSubtotal"]) == (200, 29.97)
    assert changed.json()["Product"]["Name"] == "Engraved ring"
    assert (await submitted(http, "O"))["Total"] == 39.97
    assert len(receiver.received) == 1


async def test_calculate_patches_its_product(api: Api, receiver: Receiver) -> None:
    """CHK-6: Product changes what it names, of ad-hoc products only, until the next calculation."""
    _, _, http = await opened(api, receiver)
    await set_event(api, receiver.url)
    line = (await add(http)).json()["ID"]
    override = {"LineItemID": line, "Product": {"Description": "d", "ID": "Z"}, "UnitPrice": 5}
    receiver.answers["/ordercalculate"] = {"LineItemOverrides": [override]}
    sheet = (await http.post(f"{ORDER}/calculate")).json()
    [found] = sheet["LineItems"]
    product = found["Product"]
    assert (product["ID"], product["Name"], product["Description"]) == ("X", "Engraved ring", "d")
    assert product["xp"] == {"a": 1}
    assert (found["ProductID"], found["UnitPrice"], sheet["Order"]["Total"]) == ("X", 5, 10)
    receiver.answers["/ordercalculate"] = {}
    sheet = (await http.post(f"{ORDER}/calculate")).json()
    [found] = sheet["LineItems"]
    assert (found["Product"]["Description"], found["UnitPrice"]) == (None, 9.99)
    assert sheet["Order"]["Total"] == 19.98


async def test_no_lock_while_asking(api: Api, receiver: Receiver) -> None:
    """The order can be written while the integration is asked about a line of it."""
    _, _, http = await opened(api, receiver)
    loop = asyncio.get_running_loop()

    def answer(_: Received) -> dict[str, Any]:
        change = http.patch(ORDER, json={"Comments": "meanwhile"})
        assert asyncio.run_coroutine_threadsafe(change, loop).result(20).status_code == 200
        return ANSWER

    receiver.answers[ASK] = answer
    assert (await add(http)).status_code == 201
    order = await get_order(http, "O")
    assert (order["Comments"], order["Total"], len(receiver.received)) == ("meanwhile", 19.98, 1)


async def test_only_buyers_orders_ask(api: Api, receiver: Receiver) -> None:
    """IE-1: an order of the marketplace owner takes what the catalog has."""
    shop, _, _ = await opened(api, receiver)
    await shop.put("suppliers/S")
    await order_of(api.seller, ID="M", ToCompanyID="S")
    answer = await api.seller.post("/v1/orders/Outgoing/M/lineitems", json={"ProductID": "X"})
    assert (answer.status_code, receiver.received) == (404, [])
