"""Orders: who reaches which, how they come into being and change (ORD, ADR, DEL)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import get_order, line_of, open_shop, order_of

from entrepot.kernel.ids import new_id

ADDRESS = {"Street1": "1 Quay", "City": "Hull", "Country": "GB", "FirstName": "A"}


async def test_a_new_order(api: Api) -> None:
    """ORD-10: the answer of the smallest create, property by property."""
    shop = await open_shop(api)
    user, http = await shop.shopper()
    answer = await http.post("/v1/orders/Outgoing", json={})
    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/v1/orders/Outgoing/{order['ID']}")
    money = (
        "Subtotal",
        "ShippingCost",
        "TaxCost",
        "Gratuity",
        "Fees",
        "PromotionDiscount",
        "BaseDiscount",
        "Total",
    )
    assert {name: order[name] for name in money} == dict.fromkeys(money, 0)
    assert (order["FromCompanyID"], order["ToCompanyID"], order["FromUserID"]) == (
        "B",
        api.marketplace,
        user.id,
    )
    assert (order["Status"], order["IsSubmitted"], order["LineItemCount"]) == ("Unsubmitted", False, 0)
    assert order["FromUser"]["ID"] == user.id
    assert order["FromUser"]["CompanyID"] == "B"
    assert order["FromUser"]["Password"] is None
    assert order["FromUser"]["AvailableRoles"] == []  # tools F4
    assert order["DateCreated"] == order["LastUpdated"]
    assert order["DateSubmitted"] is None
    assert await get_order(http, order["ID"]) == order


@pytest.mark.parametrize("body", [b"null", b"[]", b"not json", b'"text"'])
async def test_what_is_no_order(api: Api, body: bytes) -> None:
    """ORD-15."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    answer = await http.post(
        "/v1/orders/Outgoing", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, codes(answer)) == (400, ["Order.CannotCreateInvalid"])


async def test_directions(api: Api) -> None:
    """ORD-1: direction is relative to the caller's company, in any case."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    supplier = await api.user(supplier="S")
    await order_of(http, ID="D", ToCompanyID="S")
    await shop.put("buyers/X")
    other = api.as_(await api.user(buyer="X"), roles=["OrderAdmin", "UnsubmittedOrderReader"])
    of_supplier = api.as_(supplier, roles=["OrderAdmin", "UnsubmittedOrderReader"])
    seen: dict[tuple[str, str, str], int] = {}
    for name, client in (
        ("buyer", http),
        ("seller", api.seller),
        ("supplier", of_supplier),
        ("other", other),
    ):
        for direction in ("outgoing", "Incoming", "ALL"):
            for order in ("O", "D"):
                answer = await client.get(f"/v1/orders/{direction}/{order}")
                seen[name, direction, order] = answer.status_code
                assert answer.status_code == 200 or answer.json()["Errors"][0]["Data"] == {
                    "ObjectType": "Order",
                    "ObjectID": order,
                }
    reached = {key for key, status in seen.items() if status == 200}
    assert set(seen.values()) == {200, 404}
    assert reached == {
        ("buyer", "outgoing", "O"),
        ("buyer", "ALL", "O"),
        ("buyer", "outgoing", "D"),
        ("buyer", "ALL", "D"),
        ("seller", "Incoming", "O"),
        ("seller", "ALL", "O"),
        ("seller", "ALL", "D"),
        ("supplier", "Incoming", "D"),
        ("supplier", "ALL", "D"),
    }
    assert (await http.get("/v1/orders/sideways/O")).status_code == 404


async def test_who_sees_and_changes_an_unsubmitted_order(api: Api) -> None:
    """ORD-3 and ORD-4."""
    shop = await open_shop(api)
    owner, http = await shop.shopper()
    await order_of(http, ID="O")
    colleague, _ = await shop.shopper()
    for roles, reads, writes in (
        (["Shopper"], 404, 404),
        (["OrderReader"], 404, 403),
        (["OrderReader", "UnsubmittedOrderReader"], 200, 403),
        (["OrderReader", "UnsubmittedOrderReader", "Shopper"], 200, 403),
        (["OrderAdmin"], 404, 404),
        (["OrderAdmin", "UnsubmittedOrderReader"], 200, 200),
        (["FullAccess"], 200, 200),
    ):
        client = api.as_(colleague, roles=roles)
        assert (await client.get("/v1/orders/Outgoing/O")).status_code == reads, roles
        assert (await client.patch("/v1/orders/Outgoing/O", json={"Comments": "x"})).status_code == writes, (
            roles
        )
    own = api.as_(owner, roles=["OrderAdmin"])
    assert (await own.get("/v1/orders/Outgoing/O")).status_code == 200, "own orders always"


async def test_ids_are_taken_by_sender_and_by_receiver(api: Api) -> None:
    """ORD-2: two buyers cannot both send O to the marketplace owner; to a supplier it is free."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    await shop.put("buyers/X")
    _, other = await shop.shopper(buyer="X")
    taken = await other.post("/v1/orders/Outgoing", json={"ID": "o"})
    assert (taken.status_code, codes(taken)) == (409, ["IdExists"])
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await order_of(other, ID="O", ToCompanyID="S")
    again = await other.post("/v1/orders/Outgoing", json={"ID": "O"})
    assert again.status_code == 409


async def test_suppliers_that_may_be_ordered_from(api: Api) -> None:
    """ORD-11: an explicit relation or AllBuyersCanOrder; else 404 Supplier."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await shop.put("suppliers/S")
    refused = await http.post("/v1/orders/Outgoing", json={"ToCompanyID": "S"})
    assert refused.status_code == 404
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Supplier", "ObjectID": "S"}
    assert (await api.seller.put("/v1/suppliers/S/buyers/B")).status_code == 204
    assert (await order_of(http, ToCompanyID="s"))["ToCompanyID"] == "S"


async def test_on_behalf_of_a_buyer(api: Api) -> None:
    """ORD-12."""
    shop = await open_shop(api)
    user, http = await shop.shopper()
    post = api.seller.post
    missing = await post("/v1/orders/Incoming", json={"FromCompanyID": "B"})
    assert codes(missing) == ["Order.CreateIncomingRequiresFromUser"]
    unknown = await post("/v1/orders/Incoming", json={"FromCompanyID": "B", "FromUserID": "nobody"})
    assert codes(unknown) == ["Buyer.UserNotFound"]
    order = await order_of(api.seller, "Incoming", FromCompanyID="B", FromUserID=user.id)
    assert (order["FromUserID"], order["ToCompanyID"]) == (user.id, api.marketplace)
    assert (await get_order(http, order["ID"]))["ID"] == order["ID"], "it is that user's own"


async def test_the_marketplace_owner_orders_from_a_supplier(api: Api) -> None:
    """ORD-13; behaviour B14: the supplier is asked for where none is named."""
    shop = await open_shop(api)
    await shop.put("suppliers/S")
    order = await order_of(api.seller, ToCompanyID="S")
    assert (order["FromCompanyID"], order["ToCompanyID"], order["FromUserID"]) == (
        api.marketplace,
        "S",
        "admin",
    )
    for named in ({}, {"ToCompanyID": None}, {"ToCompanyID": ""}):
        refused = await api.seller.post("/v1/orders/Outgoing", json=named)
        assert (refused.status_code, refused.json()["Errors"][0]["Data"]) == (
            400,
            {"Property": "ToCompanyID"},
        )
    itself = await api.seller.post("/v1/orders/Outgoing", json={"ToCompanyID": api.marketplace})
    assert (itself.status_code, itself.json()["Errors"][0]["Data"]["ObjectID"]) == (404, api.marketplace)


async def test_costs_take_override_roles(api: Api) -> None:
    """ORD-16 and ORD-17: the unchanged value is accepted, Total follows at once."""
    shop = await open_shop(api)
    user, http = await shop.shopper()
    order = await order_of(http)
    url = f"/v1/orders/Outgoing/{order['ID']}"
    for name, code in (
        ("ShippingCost", "Order.OverrideShippingPermission"),
        ("TaxCost", "Order.OverrideTaxPermission"),
    ):
        refused = await http.patch(url, json={name: 5})
        assert (refused.status_code, codes(refused)) == (403, [code])
        assert (await http.patch(url, json={name: 0})).status_code == 200
    mighty = api.as_(user, roles=["Shopper", "OverrideShipping", "OverrideTax"])
    changed = (await mighty.patch(url, json={"ShippingCost": 10.005, "TaxCost": 2.5, "Gratuity": 1})).json()
    assert (changed["ShippingCost"], changed["TaxCost"], changed["Total"]) == (10.01, 2.5, 13.51)
    assert (await http.patch(url, json={"Gratuity": -1})).status_code == 400
    assert (await http.patch(url, json={"ShippingCost": 10.01, "Comments": "c"})).json()["Comments"] == "c"
    replaced = (await http.put(url, json={"Comments": "d"})).json()
    assert (replaced["ShippingCost"], replaced["TaxCost"], replaced["Gratuity"]) == (10.01, 2.5, 0)
    assert codes(await http.put(url, json={"ShippingCost": 0})) == ["Order.OverrideShippingPermission"]
    assert (await mighty.put(url, json={"Comments": "d"})).json()["Total"] == 0


async def test_put_creates_and_replaces(api: Api) -> None:
    """CONV-2 and CONV-3 for orders; a rename keeps the lines (ORD-14)."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    put = http.put
    made = await put("/v1/orders/Outgoing/O", json={"Comments": "c", "xp": {"a": 1}})
    assert (made.status_code, made.json()["ID"]) == (200, "O")
    await line_of(http, "O", "P", 2)
    replaced = (await put("/v1/orders/Outgoing/O", json={"xp": {"b": 2}})).json()
    assert (replaced["Comments"], replaced["xp"], replaced["Total"]) == (None, {"b": 2}, 20)
    await shop.put("incrementors/inc", LastNumber=7, LeftPaddingCount=4)
    renamed = (await http.patch("/v1/orders/Outgoing/O", json={"ID": "HS{inc}"})).json()
    assert renamed["ID"] == "HS0008"
    assert (await get_order(http, "HS0008"))["LineItemCount"] == 1
    assert (await http.get("/v1/orders/Outgoing/O")).status_code == 404


async def test_the_copy_of_the_user(api: Api) -> None:
    """ORD-20: three names of the copy alone; they survive later writes."""
    shop = await open_shop(api)
    user, http = await shop.shopper()
    order = await order_of(http, ID="O")
    url = "/v1/orders/Outgoing/O"
    body = {"FirstName": "Guest", "Email": "g@example.com", "Username": "other"}
    changed = (await http.patch(f"{url}/fromuser", json=body)).json()["FromUser"]
    assert (changed["FirstName"], changed["Email"]) == ("Guest", "g@example.com")
    assert changed["Username"] == order["FromUser"]["Username"]
    later = (await http.patch(url, json={"Comments": "x"})).json()["FromUser"]
    assert later == changed
    stored = (await api.seller.get(f"/v1/buyers/B/users/{user.id}")).json()
    assert stored["FirstName"] == order["FromUser"]["FirstName"]


async def test_shipping_addresses(api: Api) -> None:
    """ADR-1 and ADR-3: by ID, one-time, patched; lines follow, and later lines inherit."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    await shop.put("buyers/B/addresses/A", **ADDRESS)
    await shop.put("buyers/B/addresses/N", **ADDRESS)
    await shop.post("buyers/B/addresses/assignments", AddressID="A", IsShipping=True)
    await shop.post("buyers/B/addresses/assignments", AddressID="N", IsBilling=True)
    order = await order_of(http, ID="O", ShippingAddressID="A")
    assert order["ShippingAddressID"] == "A"
    line = await line_of(http, "O", "P")
    assert (line["ShippingAddressID"], line["ShippingAddress"]["Street1"]) == ("A", "1 Quay")
    url = "/v1/orders/Outgoing/O"
    assert codes(await http.patch(url, json={"ShippingAddressID": "N"})) == ["Address.IsNotShippingAddress"]
    missing = await http.patch(url, json={"ShippingAddressID": "zz"})
    assert missing.json()["Errors"][0]["Data"]["ObjectType"] == "Address"
    assert codes(await http.patch(f"{url}/shipto", json={"City": "York"})) == [
        "ShippingAddress.CannotPatchSetByID"
    ]
    assert codes(await http.patch(f"{url}/shipto", json={"City": None})) == ["ValidationFailure"]
    once = await http.put(f"{url}/shipto", json={**ADDRESS, "ID": "ignored", "City": "Leeds"})
    assert once.json()["ShippingAddressID"] is None
    lines: list[dict[str, Any]] = [(await http.get(f"{url}/lineitems/{line['ID']}")).json()]
    lines.append(await line_of(http, "O", "P"))
    assert [
        (each["ShippingAddressID"], each["ShippingAddress"]["City"], each["ShippingAddress"]["ID"])
        for each in lines
    ] == [(None, "Leeds", None)] * 2
    await http.patch(f"{url}/shipto", json={"City": "York"})
    assert (await http.get(f"{url}/lineitems/{line['ID']}")).json()["ShippingAddress"]["City"] == "York"


async def test_billing_addresses(api: Api) -> None:
    """ADR-2 and ADR-3: a private address will do, one for shipping only does not exist for billing."""
    shop = await open_shop(api)
    user, _ = await shop.shopper()
    http = api.as_(user, roles=["Shopper", "MeAddressAdmin"])
    await shop.put("buyers/B/addresses/A", **ADDRESS)
    await shop.post("buyers/B/addresses/assignments", AddressID="A", IsShipping=True)
    own = (await http.post("/v1/me/addresses", json={**ADDRESS, "Billing": True})).json()["ID"]
    await order_of(http, ID="O")
    url = "/v1/orders/Outgoing/O"
    assert codes(await http.patch(f"{url}/billto", json={"City": "York"})) == [
        "BillingAddress.CannotModifyNotFound"
    ]
    assert codes(await http.patch(f"{url}/billto", json={"City": None})) == ["ValidationFailure"]
    assert (await http.patch(url, json={"BillingAddressID": "A"})).status_code == 404
    order = (await http.patch(url, json={"BillingAddressID": own})).json()
    assert order["BillingAddress"]["City"] == "Hull"
    assert codes(await http.patch(f"{url}/billto", json={"City": "York"})) == [
        "BillingAddress.CannotPatchSetByID"
    ]
    assert (await http.patch(url, json={"BillingAddressID": None})).json()["BillingAddress"] is None
    once = (await http.put(f"{url}/billto", json=ADDRESS)).json()
    assert (once["BillingAddressID"], once["BillingAddress"]["Street1"]) == (None, "1 Quay")


async def test_currency_is_that_of_the_users_locale(api: Api) -> None:
    """ORD-18."""
    shop = await open_shop(api)
    await shop.put("locales/eu", Currency="EUR", Language="de-DE")
    await shop.post("locales/assignments", LocaleID="eu", BuyerID="B")
    _, http = await shop.shopper()
    assert (await order_of(http))["Currency"] == "EUR"


async def test_delete(api: Api) -> None:
    """DEL-1: with its lines; only its own for a shopper."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    _, colleague = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "P")
    assert (await colleague.delete("/v1/orders/Outgoing/O")).status_code == 404
    assert (await http.delete("/v1/orders/Outgoing/O")).status_code == 204
    assert (await http.get("/v1/orders/Outgoing/O")).status_code == 404
    left = "SELECT count(*) FROM line_items WHERE marketplace_id = $1"
    assert await api.server.database.fetchval(left, api.marketplace_id) == 0


async def test_a_guest_has_one_order(api: Api) -> None:
    """ANO-1: the ID is the token's, given or not; another is 404, and no other guest's order is seen."""
    shop = await open_shop(api)
    user, _ = await shop.shopper()
    one, two = new_id(), new_id()
    first, second = (api.as_(user, roles=["Shopper"], order_id=order) for order in (one, two))
    assert (await order_of(first))["ID"] == one
    assert (await order_of(second, ID=two.upper()))["ID"] == two
    assert (await first.post("/v1/orders/Outgoing", json={"ID": "other"})).status_code == 404
    assert (await first.get(f"/v1/orders/Outgoing/{one}")).status_code == 200
    assert (await first.get(f"/v1/orders/Outgoing/{two}")).status_code == 404
    assert (await first.patch(f"/v1/orders/Outgoing/{one}", json={"ID": "other"})).status_code == 404
    profiled = api.as_(user, roles=["Shopper"])
    assert (await profiled.get(f"/v1/orders/Outgoing/{one}")).status_code == 404
