"""Lines of orders: what may be ordered, at which price, out of which stock (LI, MON, INV)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

LINES = "/v1/orders/Outgoing/O/lineitems"


async def cart(api: Api) -> tuple[Shop, httpx.AsyncClient]:
    """A shop, and a shopper with the order O."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    return shop, http


async def add(http: httpx.AsyncClient, product: str, quantity: int = 1, **body: Any) -> httpx.Response:
    return await http.post(LINES, json={"ProductID": product, "Quantity": quantity, **body})


async def test_a_line_and_its_order(api: Api) -> None:
    """MON-2, MON-5, LI-4: the break of the quantity, the small product, and the sums of the order."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), (10, 9.5), (50, 8.25), Description="d", xp={"a": 1})
    answer = await add(http, "p", 12, CostCenter="cc", xp={"b": 2})
    line = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"{LINES}/{line['ID']}")
    wanted = {
        "ProductID": "P",
        "Quantity": 12,
        "UnitPrice": 9.5,
        "LineSubtotal": 114,
        "LineTotal": 114,
        "PriceScheduleID": "P",
        "PriceOverridden": False,
        "IsOnSale": False,
        "QuantityShipped": 0,
        "CostCenter": "cc",
        "xp": {"b": 2},
        "Specs": [],
        "Variant": None,
    }
    assert {name: line[name] for name in wanted} == wanted
    assert (line["Product"]["ID"], line["Product"]["Description"], line["Product"]["xp"]) == (
        "P",
        "d",
        {"a": 1},
    )
    order = await get_order(http, "O")
    assert (order["Subtotal"], order["Total"], order["LineItemCount"]) == (114, 114, 1)
    assert (await http.get(f"{LINES}/{line['ID'].upper()}")).json() == line


async def test_quantities_that_add_up(api: Api) -> None:
    """MON-5: with UseCumulativeQuantity the older line is repriced too; LI-2: equal lines are never merged."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), (10, 9.5), (50, 8.25), terms={"UseCumulativeQuantity": True})
    first = await line_of(http, "O", "P", 6)
    assert first["LineSubtotal"] == 60
    second = await line_of(http, "O", "P", 6)
    assert (second["UnitPrice"], second["LineSubtotal"]) == (9.5, 57)
    assert (await http.get(f"{LINES}/{first['ID']}")).json()["LineSubtotal"] == 57
    assert (await get_order(http, "O"))["Total"] == 114
    assert (await http.delete(f"{LINES}/{second['ID']}")).status_code == 204
    assert (await get_order(http, "O"))["Total"] == 60


@pytest.mark.parametrize(
    ("terms", "quantity", "code"),
    [
        ({"MinQuantity": 2}, 1, "PriceSchedule.CannotBeLessThanMin"),
        ({"MaxQuantity": 5}, 6, "PriceSchedule.CannotExceedMax"),
        ({"RestrictedQuantity": True}, 2, "PriceSchedule.QuantityNotAllowed"),
        ({"UseCumulativeQuantity": True, "MaxQuantity": 5}, 6, "PriceSchedule.CumulativeCannotExceedMax"),
        ({}, 0, "LineItem.QuantityMustBePositive"),
    ],
)
async def test_quantities_that_are_refused(api: Api, terms: dict[str, Any], quantity: int, code: str) -> None:
    """MON-6, with the limits in Data; LI-1."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), terms=terms)
    refused = await add(http, "P", quantity)
    assert (refused.status_code, codes(refused)) == (400, [code])
    data = refused.json()["Errors"][0]["Data"]
    if quantity == 0:
        assert data == {"Quantity": 0}
        return
    assert data["MinQuantity"] == terms.get("MinQuantity", 1)
    assert data["MaxQuantity"] == terms.get("MaxQuantity")
    assert (await get_order(http, "O"))["LineItemCount"] == 0, "nothing is half written"


async def test_products_that_cannot_be_ordered(api: Api) -> None:
    """LI-1 and VIS-E2: unseen, parent, without a price."""
    shop, http = await cart(api)
    await shop.product("Off", (1, 1), Active=False)
    await shop.product("Parent", (1, 1), IsParent=True)
    await shop.product("Free")
    for product, status, code in (
        ("none", 404, "NotFound"),
        ("Off", 404, "NotFound"),
        ("Parent", 400, "LineItem.CannotPurchaseParentProduct"),
        ("Free", 400, "PriceSchedule.MissingOrConflicting"),
    ):
        refused = await add(http, product)
        assert (refused.status_code, codes(refused)) == (status, [code]), product
    await shop.put("products/Child", ParentID="Parent")
    assert (await line_of(http, "O", "Child"))["Product"]["ParentID"] == "Parent"


async def test_prices_of_groups_and_buyers(api: Api) -> None:
    """PRC-E1 on lines: group before buyer before default."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    await shop.schedule("nine", (1, 9))
    await shop.schedule("eight", (1, 8))
    for group in ("GOLD", "NEW"):
        await shop.put(f"buyers/B/usergroups/{group}")
    await shop.post("products/assignments", ProductID="P", BuyerID="B", PriceScheduleID="nine")
    await shop.post(
        "products/assignments", ProductID="P", BuyerID="B", UserGroupID="GOLD", PriceScheduleID="eight"
    )
    await shop.post("products/assignments", ProductID="P", BuyerID="B", UserGroupID="NEW")
    for groups, price in ((("GOLD",), 8), (("NEW",), 9), ((), 9)):
        _, http = await shop.shopper(*groups)
        order = await order_of(http)
        assert (await line_of(http, order["ID"], "P"))["UnitPrice"] == price


async def test_specs_and_markups(api: Api) -> None:
    """LI-3 and MON-7: options, defaults, texts, and what they add."""
    shop, http = await cart(api)
    await shop.product("P", (1, 50))
    for spec, facts in (
        ("Size", {"Required": True}),
        ("Wrap", {}),
        ("Note", {"AllowOpenText": True, "Required": True}),
    ):
        await shop.put(f"specs/{spec}", **facts)
    for spec, option, type_, markup in (
        ("Size", "L", "AmountPerQuantity", 2.5),
        ("Size", "S", None, None),
        ("Wrap", "Gift", "AmountTotal", 10),
        ("Wrap", "Gold", "Percentage", 10),
    ):
        await shop.put(
            f"specs/{spec}/options/{option}", Value=option, PriceMarkupType=type_, PriceMarkup=markup
        )
    for spec in ("Size", "Wrap", "Note"):
        await shop.post("specs/productassignments", SpecID=spec, ProductID="P")

    def chosen(**options: str) -> list[dict[str, str]]:
        texts = {"Note"}
        return [
            {"SpecID": spec, "Value" if spec in texts else "OptionID": value}
            for spec, value in options.items()
        ]

    missing = await add(http, "P")
    assert codes(missing) == ["Spec.OneOrMoreRequiresValue"]
    assert {spec["ID"] for spec in missing.json()["Errors"][0]["Data"]} == {"Size", "Note"}
    for specs, code in (
        (chosen(Size="XXL", Note="n"), "Spec.OptionNotFound"),
        ([{"SpecID": "Size", "Value": "L"}, *chosen(Note="n")], "Spec.RequiresSelection"),
        ([*chosen(Size="L"), {"SpecID": "Note", "Value": ""}], "Spec.RequiresValue"),
    ):
        assert codes(await add(http, "P", Specs=specs)) == [code]
    line = await line_of(http, "O", "P", 3, Specs=chosen(Size="l", Note="hello", Wrap="Gift"))
    assert line["LineSubtotal"] == 3 * 52.5 + 10
    assert [(each["SpecID"], each["OptionID"], each["Value"]) for each in line["Specs"]] == [
        ("Note", None, "hello"),
        ("Size", "L", "L"),
        ("Wrap", "Gift", "Gift"),
    ]
    size = line["Specs"][1]
    assert (size["Name"], size["PriceMarkupType"], size["PriceMarkup"]) == ("Size", "AmountPerQuantity", 2.5)
    again = await http.patch(f"{LINES}/{line['ID']}", json={"Specs": chosen(Size="S", Note="n", Wrap="Gold")})
    assert again.json()["LineSubtotal"] == 165


async def test_variants(api: Api) -> None:
    """LI-3, RN 165: the options of variant-defining specs pick an active variant."""
    shop, http = await cart(api)
    await shop.product("P", (1, 50))
    await shop.put("specs/Color", Required=True, DefinesVariant=True)
    for option in ("Red", "Blue"):
        await shop.put(f"specs/Color/options/{option}", Value=option)
    await shop.post("specs/productassignments", SpecID="Color", ProductID="P")
    assert (
        await api.seller.post("/v1/products/P/variants/generate", json={"Active": True})
    ).status_code == 201
    red = await line_of(http, "O", "P", Specs=[{"SpecID": "Color", "OptionID": "Red"}])
    assert red["Variant"]["ID"] == "P-Red"
    assert (
        await api.seller.patch("/v1/products/P/variants/P-Blue", json={"Active": False})
    ).status_code == 200
    refused = await add(http, "P", Specs=[{"SpecID": "Color", "OptionID": "Blue"}])
    assert codes(refused) == ["LineItem.VariantNotFound"]


async def test_unit_prices_of_ones_own(api: Api) -> None:
    """MON-8: with a role; kept through quantity changes; null or an empty text brings the automatic price back."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    refused = await add(http, "P", UnitPrice=5)
    assert (refused.status_code, codes(refused)) == (403, ["Auth.InsufficientRoles"])
    mighty = api.as_(user, roles=["Shopper", "OverrideUnitPrice"])
    line = (await add(mighty, "P", 2, UnitPrice=5.125)).json()
    assert (line["UnitPrice"], line["PriceOverridden"], line["LineSubtotal"]) == (5.125, True, 10.25)
    url = f"{LINES}/{line['ID']}"
    kept = (await http.patch(url, json={"Quantity": 4})).json()
    assert (kept["PriceOverridden"], kept["LineSubtotal"]) == (True, 20.5)
    repeated = await http.put(url, json={"ProductID": "P", "Quantity": 4, "UnitPrice": 5.125})
    assert repeated.status_code == 200
    for empty in (None, ""):
        await mighty.patch(url, json={"UnitPrice": 7})
        back = (await http.patch(url, json={"UnitPrice": empty})).json()
        assert (back["UnitPrice"], back["PriceOverridden"], back["LineSubtotal"]) == (10, False, 40)


async def test_a_fetched_line_is_saved_twice(api: Api) -> None:
    """Behaviour B1, MON-8: a PUT without the role does not look at UnitPrice, which a price break or a neighbour has changed
    meanwhile; what overrides by POST or PATCH is refused.
    """
    shop = await open_shop(api)
    await shop.product("P", (1, 10), (3, 9), terms={"UseCumulativeQuantity": True})
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    first, second = [(await add(http, "P")).json() for _ in range(2)]
    for quantity, unit in ((3, 9), (4, 9), (1, 10)):
        saved = await checked(http.put(f"{LINES}/{first['ID']}", json=first | {"Quantity": quantity}), 200)
        assert (saved.json()["UnitPrice"], saved.json()["PriceOverridden"]) == (unit, False)
        await checked(http.put(f"{LINES}/{second['ID']}", json=second), 200)
    made = await checked(http.put(f"{LINES}/new", json=first | {"ID": "new", "UnitPrice": 1}), 200)
    assert (made.json()["UnitPrice"], made.json()["PriceOverridden"]) == (9, False)
    for refused in (
        await add(http, "P", UnitPrice=9),
        await http.patch(f"{LINES}/new", json={"UnitPrice": 1}),
    ):
        assert (refused.status_code, codes(refused)) == (403, ["Auth.InsufficientRoles"])
    mighty = api.as_(user, roles=["Shopper", "OverrideUnitPrice"])
    await checked(mighty.patch(f"{LINES}/new", json={"UnitPrice": 7}), 200)
    kept = await checked(http.put(f"{LINES}/new", json=first | {"ID": None, "UnitPrice": None}), 200)
    assert (kept.json()["UnitPrice"], kept.json()["PriceOverridden"]) == (7, True)


async def test_unit_prices_after_the_submit(api: Api) -> None:
    """MON-8, ORD-19: the sums follow a price of one's own; the price stays when the quantity changes (MON-9)."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), (10, 9.5), (50, 8.25))
    line = await line_of(http, "O", "P", 12)
    assert (line["UnitPrice"], line["LineSubtotal"]) == (9.5, 114)
    await checked(http.post("/v1/orders/Outgoing/O/submit"), 201)
    url = f"/v1/orders/Incoming/O/lineitems/{line['ID']}"
    for body, unit, subtotal in (
        ({"Quantity": 10}, 9.5, 95),
        ({"UnitPrice": 5.125}, 5.125, 51.25),
        ({"Quantity": 3}, 5.125, 15.38),
        ({"Quantity": 2, "UnitPrice": 7}, 7, 14),
    ):
        changed = (await checked(api.seller.patch(url, json=body), 200)).json()
        assert (changed["UnitPrice"], changed["LineSubtotal"], changed["LineTotal"]) == (
            unit,
            subtotal,
            subtotal,
        )
        order = await get_order(http, "O")
        assert (order["Subtotal"], order["Total"]) == (subtotal, subtotal)


async def test_lines_follow_live_prices(api: Api) -> None:
    """MON-9: every write of the order prices anew; a changed price is no error."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10))
    line = await line_of(http, "O", "P", 2)
    await shop.schedule("P", (1, 12))
    await shop.put("products/P", DefaultPriceScheduleID="P", Name="New name")
    await http.patch("/v1/orders/Outgoing/O", json={"Comments": "c"})
    now = (await http.get(f"{LINES}/{line['ID']}")).json()
    assert (now["LineSubtotal"], now["Product"]["Name"]) == (24, "New name")
    assert (await get_order(http, "O"))["Total"] == 24


async def test_stock_is_checked_and_not_reserved(api: Api) -> None:
    """INV-1 and INV-4: two carts of 4 out of 5; the sum over lines of one stock counts."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 5})
    line = await line_of(http, "O", "P", 4)
    _, other = await shop.shopper()
    await order_of(other, ID="Q")
    await line_of(other, "Q", "P", 4)
    refused = await add(http, "P", 2)
    assert codes(refused) == ["Inventory.Insufficient"]
    data = refused.json()["Errors"][0]["Data"]
    assert {
        name: data[name] for name in ("ProductID", "VariantID", "QuantityAvailable", "QuantityRequested")
    } == {
        "ProductID": "P",
        "VariantID": None,
        "QuantityAvailable": 5,
        "QuantityRequested": 6,
    }
    assert codes(await http.patch(f"{LINES}/{line['ID']}", json={"Quantity": 6})) == [
        "Inventory.Insufficient"
    ]
    await shop.put(
        "products/P",
        DefaultPriceScheduleID="P",
        Inventory={"Enabled": True, "OrderCanExceed": True, "QuantityAvailable": 5},
    )
    assert (await add(http, "P", 9)).status_code == 201


async def test_inventory_records_on_lines(api: Api) -> None:
    """INV-1, IRC-4, IRC-5: the named record counts; without a name nothing does; one that is not meant is 404."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True})
    await shop.put("addresses/W", Street1="1", City="x", Country="GB")
    for record, meant in (("R", True), ("Hidden", False)):
        await shop.put(
            f"products/P/inventoryrecords/{record}", AddressID="W", QuantityAvailable=3, AllowAllBuyers=meant
        )
    assert (await add(http, "P", 50)).status_code == 201
    assert codes(await add(http, "P", 4, InventoryRecordID="R")) == ["Inventory.Insufficient"]
    assert (await add(http, "P", 3, InventoryRecordID="r")).json()["InventoryRecordID"] == "R"
    for record in ("Hidden", "none"):
        refused = await add(http, "P", 1, InventoryRecordID=record)
        assert refused.json()["Errors"][0]["Data"]["ObjectType"] == "InventoryRecord"


async def test_what_a_line_keeps(api: Api) -> None:
    """LI-1 and LI-2: the product stays, the ID may change, PUT creates."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10))
    await shop.product("Q", (1, 1))
    made = await http.put(f"{LINES}/L", json={"ProductID": "P"})
    assert (made.status_code, made.json()["ID"], made.json()["Quantity"]) == (200, "L", 1)
    assert codes(await http.patch(f"{LINES}/L", json={"ProductID": "Q"})) == [
        "LineItem.CannotChangeProductID"
    ]
    assert codes(await add(http, "P", ID="l")) == ["IdExists"]
    past = {"DateNeeded": "2001-01-01T00:00:00Z"}
    assert codes(await http.patch(f"{LINES}/L", json=past)) == [
        "LineItem.DateNeededMustBeGreaterThanDateAdded"
    ]
    assert (await http.patch(f"{LINES}/L", json={"ID": "M"})).json()["ID"] == "M"
    assert (await http.get(f"{LINES}/L")).status_code == 404
    assert (await http.delete(f"{LINES}/M")).status_code == 204
    assert (await http.delete(f"{LINES}/M")).status_code == 404


async def test_products_of_suppliers(api: Api) -> None:
    """LI-1: an order to a supplier takes what that supplier sells."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    await order_of(http, ID="O", ToCompanyID="S")
    assert codes(await add(http, "P")) == ["LineItem.ProductNotAvailableFromSeller"]
    assert (await api.seller.put("/v1/products/P/suppliers/S")).status_code == 204
    assert (await add(http, "P")).status_code == 201


async def test_addresses_of_lines(api: Api) -> None:
    """LI-8 and ADR-1: a line of its own address takes the order's away."""
    shop, http = await cart(api)
    await shop.product("P", (1, 10))
    await shop.put("buyers/B/addresses/A", Street1="1 Quay", City="Hull", Country="GB")
    await shop.post("buyers/B/addresses/assignments", AddressID="A", IsShipping=True)
    line = await line_of(http, "O", "P")
    url = f"{LINES}/{line['ID']}"
    assert codes(await http.patch(f"{url}/shipto", json={"City": "x"})) == [
        "LineItem.CannotPatchShippingAddressIfMissing"
    ]
    assert codes(await http.patch(f"{url}/shipto", json={"City": None})) == ["ValidationFailure"]
    await http.patch(url, json={"ShippingAddressID": "A"})
    assert (await get_order(http, "O"))["ShippingAddressID"] == "A"
    assert codes(await http.patch(f"{url}/shipto", json={"City": "x"})) == [
        "ShippingAddress.CannotPatchSetByID"
    ]
    once = (await http.put(f"{url}/shipto", json={"Street1": "2", "City": "York", "Country": "GB"})).json()
    assert (once["ShippingAddressID"], once["ShippingAddress"]["City"]) == (None, "York")
    assert (await get_order(http, "O"))["ShippingAddressID"] is None
