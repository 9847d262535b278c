"""What a body may name: things that the caller sees, or that belong to what is written (CONV-10, CRD-1, LI-4, SHP-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

PLACE = {"City": "Hull", "Country": "GB", "Street1": "1 Quay"}
SECRETS = {"FirstName": "Ann", "LastName": "Ody", "Phone": "555", "xp": {"gate": 7}}
WHOLE = PLACE | SECRETS | {"CompanyName": "Docks"}
REDUCED = WHOLE | dict.fromkeys(SECRETS)
PRIVATE = {**WHOLE, "Shipping": True, "Billing": True}


def shown(copy: dict[str, Any]) -> dict[str, Any]:
    return {name: copy[name] for name in WHOLE}


async def address(api: Api, path: str, address_id: str) -> None:
    await checked(api.seller.put(f"/v1{path}/addresses/{address_id}", json=WHOLE), 200)


async def own_address(api: Api, user: Any) -> str:
    http = api.as_(user, roles=["MeAddressAdmin"])
    made: str = (await checked(http.post("/v1/me/addresses", json=PRIVATE), 201)).json()["ID"]
    return made


async def sellers(api: Api) -> Shop:
    """Product P of supplier SA, product Q that lies at SB; each company has an address of its name."""
    shop = await open_shop(api)
    for name in ("SA", "SB", "SC"):
        await shop.put(f"suppliers/{name}", AllBuyersCanOrder=name == "SA")
        await address(api, f"/suppliers/{name}", name)
    await address(api, "", "MPO")
    await address(api, "", "SHOWN")
    await shop.product("P", (1, 10), DefaultSupplierID="SA")
    stock = {"Enabled": True, "OrderCanExceed": True}
    await shop.product("Q", (1, 10), ShipFromAddressID="SHOWN", Inventory=stock)
    supplier = api.as_(await api.user(supplier="SB"), roles=["FullAccess"])
    await checked(api.seller.put("/v1/products/Q/suppliers/SB"), 204)
    await checked(supplier.put("/v1/products/Q/inventoryrecords/R", json={"AddressID": "SB"}), 200)
    return shop


@pytest.mark.parametrize(
    ("product", "named", "copy"),
    [
        ("P", "SA", REDUCED),
        ("P", "MPO", REDUCED),
        ("P", "SB", None),
        ("P", "SC", None),
        ("Q", "SB", REDUCED),
        ("Q", "SHOWN", WHOLE),
        ("Q", "SA", None),
    ],
)
async def test_a_shopper_names_where_a_line_comes_from(
    api: Api, product: str, named: str, copy: dict[str, Any] | None
) -> None:
    """Security 15: the supplier of the product, the marketplace owner, or where the product lies; without a role that reads
    the address its copy has no names, phone and xp. By POST, PUT and PATCH.
    """
    shop = await sellers(api)
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    url, body = "/v1/orders/Outgoing/O/lineitems", {"ProductID": product, "ShipFromAddressID": named}
    await line_of(http, "O", product, ID="L")
    for answer in (
        await http.post(url, json=body),
        await http.put(f"{url}/L", json=body),
        await http.patch(f"{url}/L", json=body),
    ):
        if copy is None:
            assert (answer.status_code, answer.json()["Errors"][0]["Data"]) == (
                404,
                {"ObjectType": "Address", "ObjectID": named},
            )
        else:
            line = answer.json()
            assert (line["ShipFromAddressID"], shown(line["ShipFromAddress"])) == (named, copy)
            await http.patch(f"{url}/L", json={"ShipFromAddressID": None})
    if copy is not None:
        reader = api.as_(user, roles=["Shopper", "SupplierAddressReader", "AdminAddressReader"])
        assert (
            shown((await line_of(reader, "O", product, ShipFromAddressID=named))["ShipFromAddress"]) == WHOLE
        )
    seller = await api.seller.patch("/v1/orders/Incoming/O/lineitems/L", json={"ShipFromAddressID": "SC"})
    assert shown(seller.json()["ShipFromAddress"]) == WHOLE, "to the marketplace owner all are known"


async def test_a_supplier_ships_to_those_that_it_delivers_to(api: Api) -> None:
    """Security 15: the buyer that it serves or has an order of, and that one's addresses; of others nothing."""
    shop = await sellers(api)
    await shop.put("buyers/BC")
    for buyer, name in (("B", "DOCK"), ("B", "ELSEWHERE"), ("BC", "OTHER")):
        await address(api, f"/buyers/{buyer}", name)
    await shop.post("buyers/B/addresses/assignments", AddressID="DOCK", IsShipping=True)
    user, http = await shop.shopper()
    unused = await own_address(api, user)

    async def ship(supplier: str, roles: tuple[str, ...] = ("ShipmentAdmin",), **body: Any) -> httpx.Response:
        caller = api.as_(await api.user(supplier=supplier), roles=roles)
        return await caller.post("/v1/shipments", json=body)

    for supplier, buyer, status in (
        ("SB", "B", 404),
        ("SB", "BC", 404),
        ("SA", "B", 201),
        ("SA", "nobody", 404),
    ):
        assert (await ship(supplier, BuyerID=buyer)).status_code == status, (supplier, buyer)
    assert (await ship("SA", BuyerID="B", ToAddressID="DOCK")).status_code == 404, "no order yet"
    await order_of(http, ID="O", ToCompanyID="SA")
    await checked(api.seller.put("/v1/products/P/suppliers/SA?defaultPriceScheduleID=P"), 204)
    await line_of(http, "O", "P")
    await http.patch("/v1/orders/Outgoing/O", json={"ShippingAddressID": "DOCK"})
    assert (await ship("SA", BuyerID="B", ToAddressID="DOCK")).status_code == 404, "not submitted"
    await submitted(http, "O")
    made = await checked(ship("SA", BuyerID="B", ToAddressID="dock"), 201)
    assert (made.json()["ToAddressID"], shown(made.json()["ToAddress"])) == ("DOCK", WHOLE), (
        "its order names it"
    )
    made = await checked(ship("SA", BuyerID="B", ToAddressID="ELSEWHERE"), 201)
    assert shown(made.json()["ToAddress"]) == REDUCED
    reads = ("ShipmentAdmin", "AddressReader")
    made = await checked(ship("SA", reads, BuyerID="B", ToAddressID="ELSEWHERE"), 201)
    assert shown(made.json()["ToAddress"]) == WHOLE
    for named in ("OTHER", "SB", unused):
        assert (await ship("SA", BuyerID="B", ToAddressID=named)).status_code == 404, named
    await shop.put("suppliers/SA", AllBuyersCanOrder=False)
    assert (await ship("SA", BuyerID="B", ToAddressID="DOCK")).status_code == 201, (
        "what it has received it ships"
    )


async def test_a_shipment_to_an_address_of_the_shoppers_own(api: Api) -> None:
    """Behaviour D5, SHP-4: once an order names it; for a supplier, an order that it has received."""
    shop = await sellers(api)
    user, http = await shop.shopper()
    own, unused = await own_address(api, user), await own_address(api, user)
    await order_of(http, ID="O", ShippingAddressID=own)
    await line_of(http, "O", "P")
    await submitted(http, "O")
    body = {"BuyerID": "B", "ToAddressID": own}
    made = await checked(api.seller.post("/v1/shipments", json=body), 201)
    assert (made.json()["ToAddressID"], shown(made.json()["ToAddress"])) == (own, WHOLE)
    assert (await api.seller.post("/v1/shipments", json=body | {"ToAddressID": unused})).status_code == 404
    supplier = api.as_(await api.user(supplier="SA"), roles=["ShipmentAdmin"])
    assert (await supplier.post("/v1/shipments", json=body)).status_code == 404
    await checked(api.seller.post("/v1/orders/Incoming/O/forward"), 200)
    made = await checked(supplier.post("/v1/shipments", json=body), 201)
    assert shown(made.json()["ToAddress"]) == WHOLE


async def test_private_cards_are_their_users_to_name(api: Api) -> None:
    """Behaviour A6, D19: by middleware and by a colleague 404, by an impersonator of the user 201; who may change payments
    changes one with such a card.
    """
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, _ = await shop.shopper()
    http = api.as_(user, roles=["Shopper", "MeCreditCardAdmin"])
    card = (await checked(http.post("/v1/me/creditcards", json={"Token": "t"}), 201)).json()["ID"]
    await order_of(http, ID="O")
    await line_of(http, "O", "P")
    body = {"ID": "PAY", "Type": "CreditCard", "CreditCardID": card, "Amount": 1}
    colleague = api.as_(await api.user(buyer="B"), roles=["OrderAdmin", "UnsubmittedOrderReader"])
    for caller, direction in ((api.seller, "Incoming"), (colleague, "Outgoing")):
        url = f"/v1/orders/{direction}/O/payments"
        refused = await caller.post(url, json=body | {"ID": None})
        assert (refused.status_code, refused.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "CreditCard")
        await checked(http.post("/v1/orders/Outgoing/O/payments", json=body), 201)
        changed = await caller.patch(f"{url}/PAY", json={"CreditCardID": card, "Accepted": True, "Amount": 2})
        assert (changed.status_code, changed.json()["Accepted"]) == (200, True), changed.text
        await checked(caller.delete(f"{url}/PAY"), 204)
    shared = {"ID": "SHARED", "Token": "t"}
    await checked(api.seller.post("/v1/buyers/B/creditcards", json=shared), 201)
    await shop.post("buyers/B/creditcards/assignments", CreditCardID="SHARED")
    body = {"Type": "CreditCard", "CreditCardID": "shared"}
    made = await checked(api.seller.post("/v1/orders/Incoming/O/payments", json=body), 201)
    assert made.json()["CreditCardID"] == "SHARED"
    refused = await api.seller.post("/v1/orders/Incoming/O/payments", json=body | {"CreditCardID": "none"})
    assert codes(refused) == ["NotFound"]


async def test_both_addresses_are_unknown(api: Api) -> None:
    """Behaviour B14: each is named, in the order of the properties."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    body = {"ShippingAddressID": "s", "BillingAddressID": "b"}
    await order_of(http, ID="O")
    for answer in (
        await http.post("/v1/orders/Outgoing", json=body),
        await http.put("/v1/orders/Outgoing/O", json=body),
        await http.patch("/v1/orders/Outgoing/O", json=body),
    ):
        assert answer.status_code == 404
        assert [each["Data"]["ObjectID"] for each in answer.json()["Errors"]] == ["b", "s"]
