"""Discounts on the prices of lines (DSC-1, DSC-2): the worked example, who gets which, and what follows a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

BREAKS = ((1, 20), (10, 20))
WORKED = [(10, 10), (20, 15)]
L = "/v1/orders/Outgoing/O/lineitems/L"


async def discount(shop: Shop, discount_id: str, tiers: Sequence[tuple[int, float]], **facts: Any) -> None:
    """A discount, given to the buyer B unless `facts` have a party."""
    party: dict[str, Any] = {
        name: facts.pop(name) for name in ("BuyerGroupID", "UserGroupID") if name in facts
    }
    breaks = [{"Quantity": quantity, "Amount": percent} for quantity, percent in tiers]
    await shop.put(f"discounts/{discount_id}", DiscountBreaks=breaks, **facts)
    if "BuyerGroupID" not in party:
        party["BuyerID"] = "B"
    await shop.post("discounts/assignments", DiscountID=discount_id, **party)


async def opened(api: Api, **facts: Any) -> tuple[Shop, httpx.AsyncClient]:
    """A shop with product P of the worked example, and an order O."""
    shop = await open_shop(api)
    await shop.product("P", *BREAKS, **facts)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    return shop, http


async def discount_of(http: httpx.AsyncClient, line: str = L) -> tuple[str | None, float]:
    """The discount of a line, priced now."""
    found = (await checked(http.patch(line, json={"CostCenter": "c"}), 200)).json()
    assert round(found["LineSubtotal"] - found["BaseDiscount"], 2) == found["LineTotal"]
    return found["DiscountID"], found["BaseDiscount"]


async def test_worked_example(api: Api) -> None:
    """DSC-2: a line of 12 has BaseDiscount 24.00 and LineTotal 216.00, and keeps its UnitPrice."""
    shop, http = await opened(api)
    await discount(shop, "D", WORKED)
    line = await line_of(http, "O", "P", 12, ID="L")
    money = {
        name: line[name] for name in ("UnitPrice", "LineSubtotal", "BaseDiscount", "LineTotal", "DiscountID")
    }
    assert money == {
        "UnitPrice": 20,
        "LineSubtotal": 240,
        "BaseDiscount": 24,
        "LineTotal": 216,
        "DiscountID": "D",
    }
    order = await get_order(http, "O")
    assert (order["Subtotal"], order["BaseDiscount"], order["Total"]) == (240, 24, 216)
    for quantity, expected in ((9, (None, 0)), (10, ("D", 20)), (20, ("D", 60))):
        await checked(http.patch(L, json={"Quantity": quantity}), 200)
        assert await discount_of(http) == expected


@pytest.mark.parametrize(
    ("facts", "covered"),
    [
        ({}, True),
        ({"ProductID": "P"}, True),
        ({"ProductID": "Q"}, False),
        ({"CatalogID": "C"}, True),
        ({"CatalogID": "D"}, False),
        ({"CatalogID": "C", "CategoryID": "K"}, True),
        ({"CatalogID": "C", "CategoryID": "ABOVE"}, True),
        ({"CatalogID": "C", "CategoryID": "BESIDE"}, False),
        ({"ProductFilter": "xp.color=red"}, True),
        ({"ProductFilter": "xp.color=blue"}, False),
        ({"BuyerGroupID": "CHAIN"}, True),
        ({"BuyerGroupID": "OTHERS"}, False),
        ({"UserGroupID": "G"}, True),
        ({"UserGroupID": "H"}, False),
    ],
)
async def test_scope(facts: dict[str, Any], covered: bool, api: Api) -> None:
    """DSC-1: catalogs, categories with what is below, products, xp; buyers, groups of buyers, user groups."""
    shop = await open_shop(api)
    await shop.product("P", *BREAKS, xp={"color": "red"})
    await shop.product("Q", *BREAKS)
    await shop.put("catalogs/D")
    await shop.put("catalogs/C/categories/ABOVE")
    await shop.put("catalogs/C/categories/BESIDE")
    await shop.put("catalogs/C/categories/K", ParentID="ABOVE")
    await shop.post("catalogs/C/categories/productassignments", CategoryID="K", ProductID="P")
    for group in ("CHAIN", "OTHERS"):
        await shop.put(f"buyergroups/{group}")
    await checked(api.seller.patch("/v1/buyers/B", json={"BuyerGroupID": "CHAIN", "GroupID": "CHAIN"}), 200)
    await shop.put("buyers/B/usergroups/G")
    await shop.put("buyers/B/usergroups/H")
    _, http = await shop.shopper("G")
    await order_of(http, ID="O")
    await discount(shop, "D", [(1, 12.5)], **facts)
    await line_of(http, "O", "P", 1, ID="L")
    assert await discount_of(http) == (("D", 2.5) if covered else (None, 0))


async def test_the_winner(api: Api) -> None:
    """DSC-2: never added up; the lowest Priority, null last, then the lowest price."""
    shop, http = await opened(api)
    await line_of(http, "O", "P", 10, ID="L")
    await discount(shop, "LATE", [(1, 50)])
    assert await discount_of(http) == ("LATE", 100)
    await discount(shop, "LATER", [(1, 60)])
    assert await discount_of(http) == ("LATER", 120)
    await discount(shop, "FIRST", [(1, 5)], Priority=1)
    assert await discount_of(http) == ("FIRST", 10)
    await discount(shop, "SAME", [(1, 6)], Priority=1)
    assert await discount_of(http) == ("SAME", 12)


async def test_what_it_follows(api: Api) -> None:
    """MON-9: unsubmitted lines follow their discount; a submit freezes it. Other prices than the schedule's have none."""
    shop, http = await opened(api)
    await line_of(http, "O", "P", 10, ID="L")
    await discount(shop, "D", [(1, 10)])
    assert await discount_of(http) == ("D", 20)
    breaks = [{"Quantity": 1, "Amount": 20}]
    await checked(api.seller.patch("/v1/discounts/D", json={"DiscountBreaks": breaks}), 200)
    assert await discount_of(http) == ("D", 40)
    incoming = "/v1/orders/Incoming/O/lineitems/L"
    own = (await checked(api.seller.patch(incoming, json={"UnitPrice": 7}), 200)).json()
    assert (own["BaseDiscount"], own["DiscountID"], own["LineTotal"]) == (0, None, 70)
    await checked(api.seller.patch(incoming, json={"UnitPrice": None}), 200)
    assignments = "/v1/discounts/D/assignments?buyerID=B"
    await checked(api.seller.delete(assignments), 204)
    assert await discount_of(http) == (None, 0)
    await shop.post("discounts/assignments", DiscountID="D", BuyerID="B")
    assert await discount_of(http) == ("D", 40)
    await checked(http.post("/v1/orders/Outgoing/O/submit"), 201)
    await checked(api.seller.delete("/v1/discounts/D"), 204)
    kept = (await checked(api.seller.patch(incoming, json={"Quantity": 5}), 200)).json()
    assert (kept["LineSubtotal"], kept["BaseDiscount"], kept["DiscountID"]) == (100, 20, "D")
    assert (await get_order(http, "O"))["Total"] == 80


async def test_with_promotions(api: Api) -> None:
    """AMT-4 with BaseDiscount: promotions never take more than what the discount leaves; both are subtracted."""
    shop, http = await opened(api)
    await line_of(http, "O", "P", 10, ID="L")
    await discount(shop, "D", [(1, 90)])
    terms = {"AllowAllBuyers": True, "CanCombine": True}
    await shop.put(
        "promotions/LINE",
        Code="LINE",
        LineItemLevel=True,
        EligibleExpression="item.Quantity > 0",
        ValueExpression="15",
        **terms,
    )
    await shop.put("promotions/ORDER", Code="ORDER", EligibleExpression="true", ValueExpression="99", **terms)
    rows = []
    for code in ("LINE", "ORDER"):
        row = (await checked(http.post(f"/v1/orders/Outgoing/O/promotions/{code}"), 201)).json()
        rows.append(row["Amount"])
    order = await get_order(http, "O")
    assert (rows, order["Subtotal"]) == ([15, 5], 200)
    assert (order["BaseDiscount"], order["PromotionDiscount"], order["Total"]) == (180, 20, 0)
    line = (await http.get(L)).json()
    assert (line["BaseDiscount"], line["PromotionDiscount"], line["LineTotal"]) == (180, 15, 5)


async def test_what_shoppers_see(api: Api) -> None:
    """DSC-2: the schedule names the discount, breaks that reach a tier have their prices; without one there is neither."""
    shop, http = await opened(api, terms={}, xp={"color": "red"})
    await shop.put("catalogs/C/categories/K")
    await shop.post("catalogs/C/categories/productassignments", CategoryID="K", ProductID="P")
    plain = (await http.get("/v1/me/products/P")).json()["PriceSchedule"]
    assert "Discount" not in plain
    assert all("Discounted" not in row for row in plain["PriceBreaks"])
    await discount(shop, "D", WORKED, Description="more for less", CatalogID="C", CategoryID="K")
    one = (await http.get("/v1/me/products/P")).json()
    (listed,) = (await http.get("/v1/me/products")).json()["Items"]
    assert listed == one
    schedule = one["PriceSchedule"]
    assert schedule["Discount"] == {"ID": "D", "Description": "more for less"}
    first, second = schedule["PriceBreaks"]
    assert first == plain["PriceBreaks"][0]
    assert second["Discounted"] == {
        "Price": 18,
        "SalePrice": None,
        "SubscriptionPrice": None,
        "BundlePrice": None,
        "Percent": 10,
    }
    await checked(api.seller.delete("/v1/discounts/D"), 204)
    assert (await http.get("/v1/me/products/P")).json()["PriceSchedule"] == plain
