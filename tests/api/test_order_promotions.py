"""Promotions on orders: adding and removing, withdrawn ones, applying and refreshing (ADD, PROMO, RCL, AUTO)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.promoting import BIKE, EVERY, ORDER, open_sale, spelled
from tests.api.shop import line_of, order_of
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked

BY_LINE: dict[str, Any] = {"LineItemLevel": True}


async def test_what_is_offered(api: Api) -> None:
    """AUTO-1: what AddPromotion would accept, each once with its sum; search, sort and filter are those of lists."""
    shop = await open_sale(api)
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
    shop = await open_sale(api)
    await shop.put("suppliers/S3", AllBuyersCanOrder=True)
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
    shop = await open_sale(api)
    for name in ("BUYER", "GROUP", "OTHER"):
        await shop.promotion(name, "5", AllowAllBuyers=False)
    await shop.put("buyers/B/usergroups/G")
    await shop.put("buyers/B/usergroups/H")
    await shop.post("buyers/B/usergroups/assignments", UserID=shop.user.id, UserGroupID="G")
    await shop.post("promotions/assignments", PromotionID="BUYER", BuyerID="B")
    await shop.post("promotions/assignments", PromotionID="GROUP", BuyerID="B", UserGroupID="G")
    await shop.post("promotions/assignments", PromotionID="OTHER", BuyerID="B", UserGroupID="H")
    assert [(await shop.add(code)).status_code for code in ("BUYER", "OTHER")] == [201, 404]
    incoming = "/v1/orders/Incoming/O/promotions"
    assert (await shop.seller.post(f"{incoming}/GROUP")).status_code == 201
    assert (await shop.seller.post(f"{incoming}/OTHER")).status_code == 404
    assert await shop.rows() == "BUYER 5.00, GROUP 5.00"
    stranger, _ = await shop.shopper()
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
    shop = await open_sale(api)
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
    shop = await open_sale(api)
    _, other = await shop.shopper()
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
    shop = await open_sale(api)
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
    shop = await open_sale(api)
    await shop.promotion("P", "item.LineSubtotal * .1", EVERY, **BY_LINE)
    await shop.promotion("KEPT", "5")
    await shop.added("P", "KEPT")
    _, other = await shop.shopper()
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
    shop = await open_sale(api)
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
    shop = await open_sale(api)
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
    shop = await open_sale(api)
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
    shop = await open_sale(api)
    for number in range(101):
        await shop.promotion(f"P{number}", "0.1", AutoApply=True)
    order = (await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)).json()
    assert order["PromotionDiscount"] == 10
    order = (await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)).json()
    assert order["PromotionDiscount"] == 10.1


async def test_added_and_withdrawn_at_the_same_time(api: Api) -> None:
    """PROMO-11: whoever is first, no unsubmitted order has an inactive promotion in the end."""
    shop = await open_sale(api)
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
    shop = await open_sale(api)
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


async def test_owners(api: Api, other: Api) -> None:
    """ADD-1.7: an order to a supplier takes its promotions and the seller's; nothing is known of other marketplaces."""
    shop = await open_sale(api)
    await shop.promotion("SELLERS", "5")
    await shop.promotion("OF1", "5", OwnerID="S1")
    await shop.promotion("OF2", "5", OwnerID="S2")
    await order_of(shop.http, ID="TO1", ToCompanyID="S1")
    assert [(await shop.add(code, "TO1")).status_code for code in ("SELLERS", "OF1", "OF2")] == [
        201,
        201,
        400,
    ]
    assert codes(await shop.add("OF2", "TO1")) == ["Promotion.OwnerIDMustMatchOrderToCompanyID"]
    assert codes(await shop.add("OF1")) == ["Promotion.OwnerIDMustMatchOrderToCompanyID"]
    assert await shop.rows("TO1") == "SELLERS 0.00, OF1 0.00"
    elsewhere = await open_sale(other)
    assert [(await elsewhere.add(code)).status_code for code in ("SELLERS", "OF1")] == [404, 404]
    await shop.promotion("MINE", "1", AutoApply=True)
    assert (await elsewhere.http.post(f"{ORDER}/applypromotions")).json()["PromotionDiscount"] == 0
    assert (await elsewhere.http.get(f"{ORDER}/eligiblepromotions")).json()["Items"] == []


async def test_guests(api: Api) -> None:
    """PROMO-9: anonymous shoppers have the promotions of the user that they shop as, in their cart, too."""
    shop = await open_sale(api)
    await shop.promotion("OURS", "5", AllowAllBuyers=False)
    await shop.promotion("THEIRS", "5", AllowAllBuyers=False)
    await shop.put("buyers/B/usergroups/G")
    await shop.post("buyers/B/usergroups/assignments", UserID=shop.user.id, UserGroupID="G")
    await shop.post("promotions/assignments", PromotionID="OURS", BuyerID="B", UserGroupID="G")
    guest = api.as_(shop.user, roles=["Shopper"], order_id="q" * 22)
    order = await order_of(guest)
    await line_of(guest, order["ID"], "ABC", 2)
    found = [
        (await guest.post(f"/v1/cart/promotions/{code}")).status_code for code in ("OURS", "THEIRS", "P")
    ]
    assert found == [201, 404, 404]
    cart = (await guest.get("/v1/cart")).json()
    assert (cart["ID"], cart["Total"]) == (order["ID"], 15)
