"""Promotions on orders: the worked examples, adding and removing, applying and refreshing (ADD, AMT, LIM, RCL, AUTO)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.promoting import BIKE, EVERY, ORDER, Shop, open_shop, spelled
from tests.api.test_submit import counted
from tests.api.trade import line_of, order_of
from tests.api.uniform.subjects import checked
from tests.domain.expressions.vectors import ELIGIBLE

Steps = list[tuple[str, dict[str, Any]]]

# Promotions that are added one after the other (value, facts), then the rows, discount and total of the order, and the
# LineTotals of A, B and C.
BY_LINE: dict[str, Any] = {"LineItemLevel": True}
ON_S1 = {**BY_LINE, "EligibleExpression": "item.SupplierID = 'S1'"}
AMOUNTS: list[tuple[Steps, str, float, float, list[float]]] = [
    ([("10", {})], "P0 10.00", 10, 110.5, [30, 40, 30]),
    ([("order.ShippingCost", {})], "P0 12.50", 12.5, 108, [30, 40, 30]),
    (
        [("order.Total * .1", {}), ("order.Total * .1", {})],
        "P0 12.05, P1 10.85",
        22.9,
        97.6,
        [30, 40, 30],
    ),
    ([("110", {}), ("order.ShippingCost", {})], "P0 110.00, P1 10.50", 120.5, 0, [30, 40, 30]),
    (
        [("50 / items.count()", {**BY_LINE, "EligibleExpression": EVERY})],
        "P0 A 16.67, P0 B 16.67, P0 C 16.67",
        50.01,
        70.49,
        [13.33, 23.33, 13.33],
    ),
    (
        [("20", {**BY_LINE, "EligibleExpression": BIKE}), ("15", {**BY_LINE, "EligibleExpression": BIKE})],
        "P0 A 20.00, P1 A 10.00",
        30,
        90.5,
        [0, 40, 30],
    ),
    (
        [("item.LineSubtotal * .1", ON_S1), ("5", {})],
        "P0 A 3.00, P0 C 3.00, P1 5.00",
        11,
        109.5,
        [27, 40, 27],
    ),
]


async def test_amounts(api: Api) -> None:
    """AMT-1 to AMT-6, the worked examples: as they are added, and the same after a write of the order (RCL-1)."""
    shop = await open_shop(api)
    for steps, rows, discount, total, line_totals in AMOUNTS:
        names = [f"P{number}" for number in range(len(steps))]
        for name, (value, facts) in zip(names, steps, strict=True):
            await shop.promotion(name, value, **facts)
        await shop.added(*names)
        for _ in range(2):
            order, lines = await shop.order(), await shop.lines()
            assert await shop.rows() == rows
            assert (order["PromotionDiscount"], order["Total"], order["Subtotal"]) == (discount, total, 100)
            assert [lines[name]["LineTotal"] for name in "ABC"] == line_totals
            on_lines = [lines[name]["PromotionDiscount"] for name in "ABC"]
            assert on_lines == [round(lines[n]["LineSubtotal"] - lines[n]["LineTotal"], 2) for n in "ABC"]
            await checked(shop.http.patch(ORDER, json={"Comments": "c"}), 200)
        for name in names:
            await checked(shop.seller.delete(f"/v1/promotions/{name}"), 204)
        assert ((await shop.order())["Total"], await shop.rows()) == (120.5, "")


LIMITS: list[tuple[str, dict[str, Any], str]] = [
    ("item.LineSubtotal * .1", {"ItemLimitPerOrder": 2}, "P A 3.00, P B 4.00"),
    (
        "item.LineSubtotal * .1",
        {"ItemLimitPerOrder": 2, "ItemSortBy": "!LineSubtotal"},
        "P A 3.00, P B 4.00",
    ),
    ("item.LineSubtotal * .1", {"ItemLimitPerOrder": 1, "ItemSortBy": "!UnitPrice"}, "P C 3.00"),
    ("item.UnitPrice * .5", {"QuantityLimitPerOrder": 4}, "P A 15.00, P B 10.00"),
    (
        "item.UnitPrice * .5",
        {"QuantityLimitPerOrder": 4, "ItemSortBy": "!UnitPrice"},
        "P A 5.00, P B 20.00, P C 15.00",
    ),
    ("item.UnitPrice", {"QuantityLimitPerOrder": 1, "ItemSortBy": "UnitPrice"}, "P A 10.00"),
]
LINE_LEVEL = [
    ("item.ProductID = 'XYZ' and items.any(ProductID = 'ABC')", "item.UnitPrice", "P B 20.00"),
    ("item.product.incategory('Bikes')", "item.LineSubtotal * .15", "P A 4.50"),
    (
        "item.SupplierID = 'S1' and items.total(SupplierID = 'S1') >= 60",
        "50 / items.count(SupplierID = 'S1')",
        "P A 25.00, P C 25.00",
    ),
    ("item.Product.xp.Tags.contains('red')", "item.LineSubtotal * .1", "P A 3.00, P B 4.00"),
    ("item.ProductID.in('ABC','Q1')", "item.LineSubtotal / 3", "P A 10.00, P C 10.00"),
    ("item.Quantity > 10", "1", "Promotion.NotEligible"),
    ("item.IsOnSale = true or item.Quantity >= 2", "5", "P A 5.00, P B 5.00"),
]
VALUES = [
    (10.00, "10"),
    (10.00, "order.Subtotal * .1"),
    (20.00, "min(order.Subtotal * .25, 20)"),
    (10.00, "items.total(ProductID = 'ABC') / items.quantity(ProductID = 'ABC')"),
    (14.00, "(items.total(ProductID = 'ABC') + items.total(ProductID = 'XYZ')) * .2"),
    (
        10.00,
        "(({q}/2) - ({q} % 2 * .5)) * items.total(ProductID='ABC') / {q}".format(
            q="items.quantity(ProductID='ABC')"
        ),
    ),
    (12.00, "items.total(product.inparentcategory('Gear')) * .3"),
    (12.00, "ifs(order.Subtotal >= 150, 30, order.Subtotal >= 80, order.Subtotal * .12, 5)"),
    (33.30, "round(order.Subtotal / 3, 1)"),
    (0.00, "order.xp.Missing * 2"),
    (0.00, "5 - 8"),
    (10.00, "-order.xp.Points + 160"),
]


async def test_vectors(api: Api) -> None:
    """LIM-2, LIM-3, LV-1 to LV-8, VV-1 to VV-12 (AMT-3: a row of 0 is kept), one promotion after the other."""
    shop = await open_shop(api)
    cases: list[tuple[str, str, dict[str, Any], str]] = [
        *((EVERY, value, {**BY_LINE, **facts}, rows) for value, facts, rows in LIMITS),
        *((eligible, value, BY_LINE, rows) for eligible, value, rows in LINE_LEVEL),
        *(("true", value, {}, f"P {amount:.2f}") for amount, value in VALUES),
    ]
    for eligible, value, facts, expected in cases:
        await shop.promotion("P", value, eligible, **facts)
        answer = await shop.add("P")
        found = await shop.rows() if answer.status_code == 201 else codes(answer)[0]
        assert found == expected, (eligible, value)
        await checked(shop.seller.delete("/v1/promotions/P"), 204)


async def test_eligible(api: Api) -> None:
    """EV-1 to EV-29 on a live order (but for the two that speak of its date), AUTO-1: a GET that changes nothing."""
    shop = await open_shop(api)
    dated = {"EV-25", "EV-26"}
    cases = {name: case for name, case in ELIGIBLE.items() if name not in dated}
    for name, (_, expression) in cases.items():
        await shop.promotion(name, "1", expression)
    before = await shop.order()
    answer = await checked(shop.http.get(f"{ORDER}/eligiblepromotions?pageSize=100&sortBy=ID"), 200)
    offered = {item["ID"] for item in answer.json()["Items"]}
    assert offered == {name for name, (expected, _) in cases.items() if expected == "T"}
    assert await shop.order() == before
    for name in cases:
        assert ((await shop.add(name)).status_code == 201) is (name in offered), name


async def test_what_is_offered(api: Api) -> None:
    """AUTO-1: what AddPromotion would accept, each once with its sum; search, sort and filter are those of lists."""
    shop = await open_shop(api)
    await shop.promotion("LINES", "item.LineSubtotal * .1", EVERY, **BY_LINE, Name="ten percent")
    await shop.promotion("FIVE", "5", Name="five")
    await shop.promotion("USED", "5")
    await shop.promotion("OFF", "5", Active=False)
    await shop.promotion("PAST", "5", ExpirationDate="2020-01-01T00:00:00Z")
    await shop.promotion("LATER", "5", StartDate="2120-01-01T00:00:00Z")
    await shop.promotion("ALONE", "5", CanCombine=False)
    await shop.promotion("HIDDEN", "5", AllowAllBuyers=False)
    await shop.promotion("NO", "5", "order.Subtotal > 1000")

    async def offered(query: str = "") -> list[tuple[str, float]]:
        answer = await checked(shop.http.get(f"{ORDER}/eligiblepromotions?sortBy=ID{query}"), 200)
        assert all("LineItemID" not in item for item in answer.json()["Items"])
        return [(item["ID"], item["Amount"]) for item in answer.json()["Items"]]

    assert await offered() == [("ALONE", 5), ("FIVE", 5), ("LINES", 10), ("USED", 5)]
    await shop.added("USED")
    assert await offered() == [("FIVE", 5), ("LINES", 10)]
    assert await offered("&search=ten") == [("LINES", 10)]
    assert await offered("&Amount=>6") == [("LINES", 10)]
    assert (await shop.http.get("/v1/cart/eligiblepromotions")).json()["Meta"]["TotalCount"] == 2


async def test_refusals(api: Api) -> None:
    """ADD-1, in its order: each check alone, with Data; nothing has changed afterwards (ADD-3)."""
    shop = await open_shop(api)
    await shop.trade.put("suppliers/S3", AllBuyersCanOrder=True)
    await shop.promotion("OK", "5")
    await shop.promotion("HIDDEN", "5", AllowAllBuyers=False)
    await shop.promotion("OFF", "5", Active=False, ExpirationDate="2020-01-01T00:00:00Z")
    await shop.promotion("LATER", "5", StartDate="2120-01-01T00:00:00Z")
    await shop.promotion("PAST", "5", ExpirationDate="2020-01-01T00:00:00Z")
    await shop.promotion("THEIRS", "5", OwnerID="S3", CanCombine=False)
    await shop.promotion("ALONE", "5", "order.Subtotal > 1000", CanCombine=False)
    await shop.promotion("NO", "5", "order.Subtotal > 1000")
    await shop.added("OK")
    before, rows = await shop.order(), await shop.rows()
    for code, expected in {
        "nothing": "NotFound",
        "HIDDEN": "NotFound",
        "OFF": "Promotion.NotActive",
        "LATER": "Promotion.NotYetValid",
        "PAST": "Promotion.Expired",
        "ok": "Promotion.AlreadyAdded",
        "THEIRS": "Promotion.OwnerIDMustMatchOrderToCompanyID",
        "ALONE": "Promotion.CannotCombine",
        "NO": "Promotion.NotEligible",
    }.items():
        answer = await shop.add(code)
        assert codes(answer) == [expected], code
        assert answer.status_code == (404 if expected == "NotFound" else 400)
        if expected == "NotFound":
            assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "Promotion", "ObjectID": code}
    assert (await shop.order(), await shop.rows()) == (before, rows)
    missing = await shop.add("OK", "nowhere")
    assert (missing.status_code, missing.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "Order")
    await checked(shop.http.delete(f"{ORDER}/promotions/OK"), 200)
    await shop.promotion("SOLO", "5", CanCombine=False)
    await shop.added("SOLO")
    assert codes(await shop.add("OK")) == ["Promotion.CannotCombine"]


async def test_who_it_reaches(api: Api) -> None:
    """PROMO-9, ADD-1.3: the order's user counts, whoever calls; by buyer, by group; and who may change an order."""
    shop = await open_shop(api)
    for name in ("BUYER", "GROUP", "OTHER"):
        await shop.promotion(name, "5", AllowAllBuyers=False)
    await shop.trade.put("buyers/B/usergroups/G")
    await shop.trade.put("buyers/B/usergroups/H")
    await shop.trade.post("buyers/B/usergroups/assignments", UserID=shop.user.id, UserGroupID="G")
    await shop.trade.post("promotions/assignments", PromotionID="BUYER", BuyerID="B")
    await shop.trade.post("promotions/assignments", PromotionID="GROUP", BuyerID="B", UserGroupID="G")
    await shop.trade.post("promotions/assignments", PromotionID="OTHER", BuyerID="B", UserGroupID="H")
    assert [(await shop.add(code)).status_code for code in ("BUYER", "OTHER")] == [201, 404]
    incoming = "/v1/orders/Incoming/O/promotions"
    assert (await shop.seller.post(f"{incoming}/GROUP")).status_code == 201
    assert (await shop.seller.post(f"{incoming}/OTHER")).status_code == 404
    assert await shop.rows() == "BUYER 5.00, GROUP 5.00"
    stranger, _ = await shop.trade.shopper()
    reader = api.as_(stranger, roles=["Shopper", "OrderReader", "UnsubmittedOrderReader"])
    assert (await reader.post(f"{ORDER}/promotions/GROUP")).status_code == 403
    assert (await reader.get(f"{ORDER}/promotions")).json()["Meta"]["TotalCount"] == 2
    nobody = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    for verb, path in (
        ("POST", "promotions/BUYER"),
        ("DELETE", "promotions/BUYER"),
        ("GET", "promotions"),
        ("GET", "eligiblepromotions"),
        ("POST", "applypromotions"),
        ("POST", "refreshpromotions"),
    ):
        assert (await nobody.request(verb, f"{ORDER}/{path}")).status_code == 404, path


async def test_the_answer(api: Api) -> None:
    """ADD-3, ADD-5: 201 with the row of the first line; DELETE answers with the order, as a cart with 204 (ADD-4)."""
    shop = await open_shop(api)
    await shop.promotion("bogo", "item.UnitPrice", "item.ProductID = 'XYZ'", **BY_LINE, Name="n", xp={"a": 1})
    row = (await checked(shop.add("BOGO"), 201)).json()
    assert (row["Amount"], row["LineItemID"], row["AmountOverridden"], row["ID"]) == (20, "B", False, "bogo")
    assert (row["Code"], row["RedemptionCount"], row["CanCombine"], row["xp"]) == ("bogo", 0, True, {"a": 1})
    assert row["DateApplied"]
    listed = (await shop.http.get(f"{ORDER}/promotions")).json()["Items"]
    assert listed == [row]
    assert (await shop.http.get("/v1/cart/promotions")).json()["Items"] == [row]
    order = (await checked(shop.http.delete(f"{ORDER}/promotions/BoGo"), 200)).json()
    assert (order["Total"], order["PromotionDiscount"], await shop.rows()) == (120.5, 0, "")
    answer = await shop.http.delete(f"{ORDER}/promotions/bogo")
    assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "Promotion")
    assert (await shop.http.post("/v1/cart/promotions/bogo")).status_code == 201
    gone = await shop.http.delete("/v1/cart/promotions/bogo")
    assert (gone.status_code, gone.content) == (204, b"")


async def test_a_cart_that_is_not(api: Api) -> None:
    """CART-2: empty pages and 404 Order."""
    shop = await open_shop(api)
    _, other = await shop.trade.shopper()
    for path in ("promotions", "eligiblepromotions"):
        assert (await other.get(f"/v1/cart/{path}")).json()["Items"] == []
    for verb, path in (
        ("POST", "promotions/x"),
        ("DELETE", "promotions/x"),
        ("POST", "applypromotions"),
        ("POST", "refreshpromotions"),
    ):
        answer = await other.request(verb, f"/v1/cart/{path}")
        assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "Order")


async def test_live_until_submitted(api: Api) -> None:
    """PROMO-12, RCL-5: rows show the promotion as it is, amounts stay; after the submit both are history."""
    shop = await open_shop(api)
    await shop.promotion("P", "10", Name="before", Priority=3)
    await shop.added("P")
    change = {"Name": "after", "ValueExpression": "20", "ID": "Q", "Code": "QCODE"}
    await checked(shop.seller.patch("/v1/promotions/P", json=change), 200)
    (row,) = (await shop.http.get(f"{ORDER}/promotions")).json()["Items"]
    assert (row["ID"], row["Name"], row["Code"], row["Amount"]) == ("Q", "after", "QCODE", 10)
    order = (await checked(shop.http.post(f"{ORDER}/submit"), 201)).json()
    assert (order["Status"], order["Total"], await shop.count("Q")) == ("Open", 110.5, 1)
    (kept,) = (await shop.http.get(f"{ORDER}/promotions")).json()["Items"]
    assert kept == row
    await checked(shop.seller.patch("/v1/promotions/Q", json={"Name": "later", "Active": False}), 200)
    assert (await shop.http.get(f"{ORDER}/promotions")).json()["Items"] == [row]
    await checked(shop.seller.delete("/v1/promotions/Q"), 204)
    assert (await shop.http.get(f"{ORDER}/promotions")).json()["Items"] == [row]
    assert (await shop.order())["Total"] == 110.5
    for verb, path in (("POST", "promotions/x"), ("DELETE", "promotions/Q"), ("POST", "applypromotions")):
        answer = await shop.http.request(verb, f"{ORDER}/{path}")
        assert codes(answer) == ["Order.CannotApplyPromoBadStatus"], path
    assert codes(await shop.http.post(f"{ORDER}/refreshpromotions")) == ["Order.CannotApplyPromoBadStatus"]
    assert (await shop.http.get(f"{ORDER}/eligiblepromotions")).json()["Items"] == []


@pytest.mark.parametrize("way", ["deactivated", "replaced", "deleted"])
async def test_withdrawn(way: str, api: Api) -> None:
    """PROMO-11: at once off every unsubmitted order, with its sums; reactivating does not put it back."""
    shop = await open_shop(api)
    await shop.promotion("P", "item.LineSubtotal * .1", EVERY, **BY_LINE)
    await shop.promotion("KEPT", "5")
    await shop.added("P", "KEPT")
    _, other = await shop.trade.shopper()
    await order_of(other, ID="O2")
    await line_of(other, "O2", "ABC", 2, ID="L")
    await checked(other.post("/v1/orders/Outgoing/O2/promotions/P"), 201)
    await checked(other.post("/v1/orders/Outgoing/O2/submit"), 201)
    before = (await shop.order())["LastUpdated"]
    if way == "deleted":
        await checked(shop.seller.delete("/v1/promotions/P"), 204)
    elif way == "replaced":
        body = (await shop.seller.get("/v1/promotions/P")).json()
        await checked(shop.seller.put("/v1/promotions/P", json=body | {"Active": False}), 200)
    else:
        await checked(shop.seller.patch("/v1/promotions/P", json={"Active": False}), 200)
    order, lines = await shop.order(), await shop.lines()
    assert (order["PromotionDiscount"], order["Total"], await shop.rows()) == (5, 115.5, "KEPT 5.00")
    assert [lines[name]["LineTotal"] for name in "ABC"] == [30, 40, 30]
    assert [lines[name]["PromotionDiscount"] for name in "ABC"] == [0, 0, 0]
    assert order["LastUpdated"] > before
    other_order = (await other.get("/v1/orders/Outgoing/O2")).json()
    assert (other_order["Total"], other_order["PromotionDiscount"]) == (18, 2)
    if way != "deleted":
        await checked(shop.seller.patch("/v1/promotions/P", json={"Active": True}), 200)
        assert await shop.rows() == "KEPT 5.00"
    await checked(shop.http.patch(ORDER, json={"Comments": "c"}), 200)
    assert (await shop.order())["Total"] == 115.5


async def test_changes_of_the_order(api: Api) -> None:
    """RCL-1, RCL-2: line changes evaluate nothing, cut amounts to the caps, last applied first; rows go with their line."""
    shop = await open_shop(api)
    await shop.promotion("L1", "20", BIKE, **BY_LINE)
    await shop.promotion("L2", "10", BIKE, **BY_LINE)
    await shop.promotion("ORDER", "70", "order.Subtotal >= 100")
    await shop.added("L1", "L2", "ORDER")
    assert ((await shop.order())["Total"]) == 20.5
    http = shop.http
    await checked(http.patch(f"{ORDER}/lineitems/A", json={"Quantity": 2}), 200)
    assert await shop.rows() == "L1 A 20.00, L2 A 0.00, ORDER 70.00"
    await checked(http.patch(f"{ORDER}/lineitems/A", json={"ID": "AA", "Quantity": 4}), 200)
    assert await shop.rows() == "L1 AA 20.00, L2 AA 0.00, ORDER 70.00"
    assert (await shop.lines())["AA"]["LineTotal"] == 20
    await checked(http.delete(f"{ORDER}/lineitems/C"), 204)
    await checked(http.delete(f"{ORDER}/lineitems/B"), 204)
    assert await shop.rows() == "L1 AA 20.00, L2 AA 0.00, ORDER 40.50"
    assert (await shop.order())["Total"] == 0
    await checked(http.delete(f"{ORDER}/lineitems/AA"), 204)
    assert await shop.rows() == "ORDER 20.50"
    await line_of(http, "O", "ABC", 10, ID="N")
    order = await shop.order()
    assert (order["PromotionDiscount"], order["Total"]) == (20.5, 100)
    refused = await http.post(f"{ORDER}/submit")
    assert refused.status_code == 201, refused.text


async def test_refresh(api: Api) -> None:
    """The example of section 6: a line is removed, TEN comes and FIVE goes; then a code that is not combinable."""
    shop = await open_shop(api)
    await shop.promotion("FIVE", "5", "order.Subtotal > 50")
    await shop.promotion("TEN", "order.Subtotal * .1", AutoApply=True, Priority=1)
    await shop.added("FIVE")
    for line in ("A", "C"):
        await checked(shop.http.delete(f"{ORDER}/lineitems/{line}"), 204)
    answer = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()
    (added,), (removed,) = answer["PromosAdded"], answer["PromosRemoved"]
    assert (added["ID"], added["LineItemID"], added["Amount"]) == ("TEN", None, 4)
    assert (removed["ID"], removed["LineItemID"], removed["Amount"]) == ("FIVE", None, 5)
    assert (removed["ErrorCode"], removed["Code"]) == ("Promotion.NotEligible", "FIVE")
    assert removed["Reason"]
    assert ((await shop.order())["PromotionDiscount"], await shop.rows()) == (4, "TEN 4.00")
    again = (await checked(shop.http.post("/v1/cart/refreshpromotions"), 200)).json()
    assert again == {"PromosAdded": [], "PromosRemoved": []}
    await shop.promotion(
        "BEST", "item.UnitPrice", EVERY, **BY_LINE, AutoApply=True, CanCombine=False, Priority=0
    )
    best = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()
    assert spelled(best["PromosAdded"]) == "BEST B 20.00"
    assert [(row["ID"], row["ErrorCode"]) for row in best["PromosRemoved"]] == [
        ("TEN", "Promotion.CannotCombine")
    ]


async def test_apply(api: Api) -> None:
    """AUTO-2: AutoApply ones by Priority, each seeing the previous; failures silent, others untouched; 201 Order."""
    shop = await open_shop(api)
    await shop.promotion("HAND", "order.Subtotal * .1", CanCombine=True)
    await shop.promotion("NULL", "order.Total * .1", AutoApply=True)
    await shop.promotion("ONE", "order.Total * .1", AutoApply=True, Priority=1)
    await shop.promotion("NO", "1", "false", AutoApply=True, Priority=0)
    await shop.promotion("ALONE", "1", AutoApply=True, CanCombine=False, Priority=0)
    await shop.added("HAND")
    order = (await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)).json()
    assert await shop.rows() == "HAND 10.00, NULL 9.95, ONE 11.05"
    assert (order["PromotionDiscount"], order["Total"]) == (31, 89.5)
    await line_of(shop.http, "O", "ABC", 10, ID="D")
    await checked(shop.http.post("/v1/cart/applypromotions"), 201)
    rows = await shop.rows()
    assert rows.startswith("HAND 10.00, ")
    assert (await shop.order())["PromotionDiscount"] > 31


async def test_most_at_once(api: Api) -> None:
    """AUTO-2: at most 100 promotions a call."""
    shop = await open_shop(api)
    for number in range(101):
        await shop.promotion(f"P{number}", "0.1", AutoApply=True)
    order = (await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)).json()
    assert order["PromotionDiscount"] == 10
    order = (await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)).json()
    assert order["PromotionDiscount"] == 10.1


async def test_judged_again_at_submit(api: Api) -> None:
    """RCL-3: validate and submit name every promotion that fails, with the other errors; the order is as it was."""
    shop = await open_shop(api)
    await shop.promotion("EXPIRES", "5")
    await shop.promotion("BIG", "5", "order.Subtotal >= 100")
    await shop.promotion("LINES", "1", EVERY, **BY_LINE)
    await shop.promotion("FINE", "5")
    await shop.added("EXPIRES", "BIG", "LINES", "FINE")
    assert (await shop.http.post(f"{ORDER}/validate")).status_code == 204
    past = {"StartDate": "2019-01-01T00:00:00Z", "ExpirationDate": "2020-01-01T00:00:00Z"}
    await checked(shop.seller.patch("/v1/promotions/EXPIRES", json=past), 200)
    await checked(
        shop.seller.patch("/v1/promotions/LINES", json={"EligibleExpression": "item.Quantity > 1"}), 200
    )
    await checked(shop.http.patch(f"{ORDER}/lineitems/A", json={"Quantity": 2}), 200)
    for path in ("validate", "submit"):
        answer = await shop.http.post(f"{ORDER}/{path}")
        found = [(each["ErrorCode"], each["Data"]) for each in answer.json()["Errors"]]
        assert answer.status_code == 400
        assert found == [
            ("Promotion.Expired", {"ID": "EXPIRES", "Code": "EXPIRES"}),
            ("Promotion.NotEligible", {"ID": "BIG", "Code": "BIG"}),
            ("Promotion.NotEligible", {"ID": "LINES", "Code": "LINES"}),
        ]
    assert (await shop.order())["Status"] == "Unsubmitted"
    assert [await shop.count(name) for name in ("EXPIRES", "BIG", "LINES", "FINE")] == [0, 0, 0, 0]
    removed = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()["PromosRemoved"]
    assert [(row["ID"], row["LineItemID"], row["ErrorCode"]) for row in removed] == [
        ("EXPIRES", None, "Promotion.Expired"),
        ("BIG", None, "Promotion.NotEligible"),
        ("LINES", "C", "Promotion.NotEligible"),
    ]
    await checked(shop.http.post(f"{ORDER}/submit"), 201)


async def _orders(shop: Shop, code: str, *orders: str) -> list[httpx.AsyncClient]:
    """Orders of one line each with a promotion, each of a shopper of its own."""
    clients = []
    for order in orders:
        _, http = await shop.trade.shopper()
        await order_of(http, ID=order)
        await line_of(http, order, "ABC", 2, ID="L")
        await checked(http.post(f"/v1/orders/Outgoing/{order}/promotions/{code}"), 201)
        clients.append(http)
    return clients


async def test_redeemed_exactly_as_often_as_may_be(api: Api) -> None:
    """LIM-1: of 30 parallel submits with a promotion of RedemptionLimit 10 exactly 10 succeed."""
    shop = await open_shop(api)
    await shop.promotion("P", "1", RedemptionLimit=10)
    names = [f"N{number}" for number in range(30)]
    clients = await _orders(shop, "P", *names)
    answers = await asyncio.gather(
        *(http.post(f"/v1/orders/Outgoing/{name}/submit") for name, http in zip(names, clients, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [400] * 20
    assert {codes(answer)[0] for answer in answers if answer.status_code == 400} == {
        "Promotion.ExceedsUsageLimit"
    }
    assert await shop.count("P") == 10
    assert codes(await shop.add("P")) == ["Promotion.ExceedsUsageLimit"]


async def test_no_use_is_lost(api: Api) -> None:
    """LIM-1: parallel submits and cancellations of orders with the same two promotions, without limits: all are counted."""
    shop = await open_shop(api)
    await shop.promotion("P", "1", Priority=2)
    await shop.promotion("Q", "1", Priority=1)
    names = [f"N{number}" for number in range(16)]
    clients = await _orders(shop, "P", *names)
    for name, http in zip(names, clients, strict=True):
        await checked(http.post(f"/v1/orders/Outgoing/{name}/promotions/Q"), 201)
    gone, more = names[:8], names[8:]
    for name, http in zip(gone, clients, strict=False):
        await checked(http.post(f"/v1/orders/Outgoing/{name}/submit"), 201)
    answers = await asyncio.gather(
        *(shop.seller.post(f"/v1/orders/Incoming/{name}/cancel") for name in gone),
        *(
            http.post(f"/v1/orders/Outgoing/{name}/submit")
            for name, http in zip(more, clients[8:], strict=True)
        ),
    )
    assert [answer.status_code for answer in answers] == [201] * 16
    assert [await shop.count(name) for name in "PQ"] == [8, 8]


async def test_per_user(api: Api) -> None:
    """LIM-1: RedemptionLimitPerUser counts the orders of one user, each once, also in parallel."""
    shop = await open_shop(api)
    await shop.promotion("P", "1", EVERY, **BY_LINE, RedemptionLimitPerUser=2)
    for number in range(6):
        await order_of(shop.http, ID=f"M{number}")
        await line_of(shop.http, f"M{number}", "ABC", 1)
        await line_of(shop.http, f"M{number}", "XYZ", 1)
        await checked(shop.add("P", f"M{number}"), 201)
    answers = await asyncio.gather(
        *(shop.http.post(f"/v1/orders/Outgoing/M{number}/submit") for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 400, 400, 400, 400]
    assert await shop.count("P") == 2
    assert codes(await shop.add("P")) == ["Promotion.ExceedsUsageLimit"]
    (other,) = await _orders(shop, "P", "X")
    await checked(other.post("/v1/orders/Outgoing/X/submit"), 201)
    assert await shop.count("P") == 3


async def test_given_back(api: Api) -> None:
    """LIM-1: counted at submit, also where approval is needed; given back when removed, declined, canceled or deleted."""
    shop = await open_shop(api)
    trade, seller = shop.trade, shop.seller
    await shop.promotion("P", "1", RedemptionLimit=1)
    await shop.promotion("Q", "2")
    approver, approves = await trade.shopper()
    await trade.put("buyers/B/usergroups/G")
    await trade.post("buyers/B/usergroups/assignments", UserID=approver.id, UserGroupID="G")
    rule = {"ApprovingGroupID": "G", "RuleExpression": "order.Total < 50"}
    await trade.put("buyers/B/approvalrules/R", **rule)
    (http,) = await _orders(shop, "P", "N")
    path = "/v1/orders/Outgoing/N"
    assert await shop.count("P") == 0
    waiting = (await checked(http.post(f"{path}/submit"), 201)).json()
    assert (waiting["Status"], await shop.count("P")) == ("AwaitingApproval", 1)
    assert (await http.post(f"{path}/promotions/Q")).status_code == 403
    incoming = "/v1/orders/Incoming/N"
    await checked(seller.post(f"{incoming}/promotions/Q"), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.delete(f"{incoming}/promotions/P"), 200)
    assert [await shop.count(name) for name in "PQ"] == [0, 1]
    await checked(seller.post(f"{incoming}/promotions/P"), 201)
    order = (await http.get(path)).json()
    assert (order["PromotionDiscount"], order["Total"]) == (3, 17)
    await checked(approves.post(f"{path}/decline", json={"Comments": "no", "AllowResubmit": True}), 201)
    assert [await shop.count(name) for name in "PQ"] == [0, 0]
    await checked(seller.patch("/v1/promotions/Q", json={"Name": "live again"}), 200)
    rows = (await http.get(f"{path}/promotions?sortBy=ID")).json()["Items"]
    assert [(row["ID"], row["Name"]) for row in rows] == [("P", None), ("Q", "live again")]
    await checked(http.post(f"{path}/submit"), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.delete("/v1/buyers/B/approvalrules/R"), 400)
    await checked(approves.post(f"{path}/approve", json={"Comments": "yes"}), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.post(f"{incoming}/cancel"), 201)
    assert [await shop.count(name) for name in "PQ"] == [0, 0]
    (http,) = await _orders(shop, "P", "D")
    await checked(http.post("/v1/orders/Outgoing/D/submit"), 201)
    await checked(seller.delete("/v1/orders/Incoming/D"), 204)
    assert await shop.count("P") == 0


async def test_declined_after_it_was_withdrawn(api: Api) -> None:
    """PROMO-11 with ST-6: an order that becomes unsubmitted again has lost what is not active any more."""
    shop = await open_shop(api)
    trade, seller = shop.trade, shop.seller
    await shop.promotion("P", "1")
    await shop.promotion("Q", "2")
    approver, approves = await trade.shopper()
    await trade.put("buyers/B/usergroups/G")
    await trade.post("buyers/B/usergroups/assignments", UserID=approver.id, UserGroupID="G")
    await trade.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression="true")
    await shop.added("P", "Q")
    await checked(shop.http.post(f"{ORDER}/submit"), 201)
    await checked(seller.patch("/v1/promotions/P", json={"Active": False}), 200)
    assert await shop.rows() == "P 1.00, Q 2.00"
    await checked(approves.post(f"{ORDER}/decline", json={"AllowResubmit": True}), 201)
    order = await shop.order()
    assert (order["Status"], order["Total"], await shop.rows()) == ("Unsubmitted", 118.5, "Q 2.00")


async def test_generated_codes(api: Api) -> None:
    """GEN-1: a code adds its promotion once; it is used at submit, and free again after a cancellation."""
    shop = await open_shop(api)
    facts: dict[str, Any] = {
        "Code": None,
        "GeneratedCodeCount": 2,
        "GeneratedCodeLength": 6,
        "GeneratedCodePrefix": "VIP",
    }
    await shop.promotion("P", "5", **facts)
    path = "/v1/promotions/P/codes"
    first, second = [row["Code"] for row in (await shop.seller.get(path)).json()["Items"]]

    async def redeemed() -> list[bool]:
        return [row["Redeemed"] for row in (await shop.seller.get(path)).json()["Items"]]

    row = (await checked(shop.add(first.lower()), 201)).json()
    assert (row["Code"], row["ID"], row["Amount"]) == (first, "P", 5)
    assert codes(await shop.add(second)) == ["Promotion.AlreadyAdded"]
    (other,) = await _orders(shop, first, "X")
    await checked(other.post("/v1/orders/Outgoing/X/submit"), 201)
    assert await redeemed() == [True, False]
    assert codes(await shop.http.post(f"{ORDER}/submit")) == ["Promotion.ExceedsUsageLimit"]
    order = (await checked(shop.http.delete(f"{ORDER}/promotions/{first}"), 200)).json()
    assert order["PromotionDiscount"] == 0
    assert codes(await shop.add(first)) == ["Promotion.ExceedsUsageLimit"]
    await shop.added(second)
    assert (await shop.http.get(f"{ORDER}/promotions?search={second}")).json()["Meta"]["TotalCount"] == 1
    await checked(shop.http.post(f"{ORDER}/submit"), 201)
    assert (await redeemed(), await shop.count("P")) == ([True, True], 2)
    (kept,) = (await shop.http.get(f"{ORDER}/promotions")).json()["Items"]
    assert kept["Code"] == second
    await checked(shop.seller.post("/v1/orders/Incoming/X/cancel"), 201)
    assert (await redeemed(), await shop.count("P")) == ([False, True], 1)


async def test_one_generated_code_for_many(api: Api) -> None:
    """GEN-1: of parallel submits with the same code one succeeds."""
    shop = await open_shop(api)
    await shop.promotion("P", "5", Code=None, GeneratedCodeCount=1, GeneratedCodeLength=6)
    (code,) = [row["Code"] for row in (await shop.seller.get("/v1/promotions/P/codes")).json()["Items"]]
    names = [f"N{number}" for number in range(6)]
    clients = await _orders(shop, code, *names)
    answers = await asyncio.gather(
        *(http.post(f"/v1/orders/Outgoing/{name}/submit") for name, http in zip(names, clients, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 5


async def test_added_and_withdrawn_at_the_same_time(api: Api) -> None:
    """PROMO-11: whoever is first, no unsubmitted order has an inactive promotion in the end."""
    shop = await open_shop(api)
    for turn in range(4):
        name = f"P{turn}"
        await shop.promotion(name, "1")
        await asyncio.gather(
            shop.add(name), shop.seller.patch(f"/v1/promotions/{name}", json={"Active": False})
        )
        order = await shop.order()
        assert (await shop.rows(), order["PromotionDiscount"], order["Total"]) == ("", 0, 120.5)


@pytest.mark.parametrize("times", [1, 5])
async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """A line of an order with promotions costs at most four statements more, whatever their number; without, none."""
    shop = await open_shop(api)
    http, path = shop.http, f"{ORDER}/lineitems"

    async def cost() -> tuple[int, int, int]:
        body = {"ProductID": "ABC", "Quantity": 1, "ID": "NEW"}
        with counted(monkeypatch) as adding:
            await checked(http.post(path, json=body), 201)
        with counted(monkeypatch) as changing:
            await checked(http.patch(f"{path}/A", json={"Quantity": 2}), 200)
        with counted(monkeypatch) as removing:
            await checked(http.delete(f"{path}/NEW"), 204)
        await checked(http.patch(f"{path}/A", json={"Quantity": 3}), 200)
        return len(adding), len(changing), len(removing)

    without = await cost()
    assert max(without) <= 9
    for number in range(times):
        await shop.promotion(f"P{number}", "item.LineSubtotal", EVERY, **BY_LINE)
        with counted(monkeypatch) as adding:
            await shop.added(f"P{number}")
        assert len(adding) <= 10, "\n".join(adding)
    extra = [more - less for more, less in zip(await cost(), without, strict=True)]
    assert 0 < max(extra) <= 4, extra
    with counted(monkeypatch) as submitting:
        await checked(http.post(f"{ORDER}/submit"), 201)
    assert len(submitting) <= 20, "\n".join(submitting)
