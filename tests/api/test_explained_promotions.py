"""Why an order has a promotion, or has it not: what is explained is what adding, refreshing and offering do."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.marketplace import Api, Server, codes
from tests.api.promoting import BIKE, Sale, open_sale
from tests.domain.expressions.vectors import ELIGIBLE

PATH = "/entrepot/v1/explain/orders/O/promotions"
CONDITIONS = (
    "true",
    "false",
    "order.Total > 110",
    "order.PromotionDiscount = 0",
    "items.any(ProductID = 'ABC') and order.Subtotal >= 100",
    "not order.xp.Missing and order.Subtotal > 1000",
)
BY_LINE = (BIKE, "item.Quantity > 1", "item.LineTotal > 25", "item.Quantity > 10")
VALUES = ("10", "order.Total * .1", "order.Subtotal / 3", "200")
DATES = (None, "2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z")


async def explained(shop: Sale, **query: str) -> dict[str, dict[str, Any]]:
    answer = await shop.seller.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    found = answer.json()["Promotions"]
    for each in found:
        assert each["Reason"] in [step["Message"] for step in each["Steps"] if step["Decides"]], each
    return {each["ID"]: each for each in found}


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    """A promotion as it may be."""
    by_line = draw(st.booleans())
    return {
        "EligibleExpression": draw(st.sampled_from(BY_LINE if by_line else CONDITIONS)),
        "ValueExpression": draw(st.sampled_from(VALUES)),
        "LineItemLevel": by_line,
        "CanCombine": draw(st.sampled_from((True, True, False))),
        "Active": draw(st.sampled_from((True, True, True, False))),
        "AllowAllBuyers": draw(st.sampled_from((True, True, False))),
        "StartDate": draw(st.sampled_from((None, None, *DATES[:2], DATES[2]))),
        "ExpirationDate": draw(st.sampled_from((None, None, DATES[2]))),
        "Priority": draw(st.sampled_from((None, 1, 2))),
        "RedemptionLimit": draw(st.sampled_from((None, None, 1))),
    }


@settings(max_examples=25)
@given(data=st.data())
async def test_what_is_explained_is_what_happens(server: Server, data: st.DataObject) -> None:
    """ADD-1, AUTO-1, AMT-6: of each promotion the code that adding it is refused with, or the amount that it then takes off; what is
    offered, and the order of application.
    """
    names = [f"P{number}" for number in range(6)]
    async with Api.create(server) as api:
        shop = await open_sale(api)
        for name in names:
            facts = data.draw(terms())
            body = {"Code": name, **facts}
            assert (await shop.seller.put(f"/v1/promotions/{name}", json=body)).is_success, body
        for name in data.draw(st.permutations(names)):
            told = (await explained(shop, promotionID=name))[name]
            offers = (await shop.http.get("/v1/orders/Outgoing/O/eligiblepromotions?pageSize=100")).json()[
                "Items"
            ]
            offered = {each["ID"]: each["Amount"] for each in offers}
            assert (told["ErrorCode"] is None) is (name in offered), told
            before = (await shop.order())["PromotionDiscount"]
            added = await shop.add(name)
            if told["ErrorCode"] is None:
                assert added.status_code == 201, (told, added.text)
                assert offered[name] == told["Amount"]
                taken = (await shop.order())["PromotionDiscount"] - before
                assert round(taken, 2) == told["Amount"], told
            else:
                assert codes(added) == [told["ErrorCode"]], told
        applied = (await shop.http.get("/v1/orders/Outgoing/O/promotions?pageSize=100")).json()["Items"]
        amounts: dict[str, float] = {}
        for each in applied:
            amounts[each["ID"]] = round(amounts.get(each["ID"], 0) + each["Amount"], 2)
        told_of = await explained(shop)
        assert {name: each["Amount"] for name, each in told_of.items() if each["IsApplied"]} == amounts
        places = [each["Position"] for each in told_of.values() if each["IsApplied"]]
        assert places == list(range(1, len(amounts) + 1))
        removed = (await shop.http.post("/v1/orders/Outgoing/O/refreshpromotions")).json()["PromosRemoved"]
        for name in {each["ID"] for each in removed}:
            (why,) = {each["ErrorCode"] for each in removed if each["ID"] == name}
            # What is removed makes room: what follows is judged without it.
            assert told_of[name]["ErrorCode"] in (why, None), (name, why)


async def test_the_clause_that_fails_is_named(api: Api) -> None:
    shop = await open_sale(api)
    text = "order.Subtotal > 50 and (order.Subtotal >= 150 or items.quantity(ProductID = 'ABC') > 3)"
    await shop.promotion("P", "min(order.Subtotal * .25, 20)", text)
    told = (await explained(shop))["P"]
    assert (told["ErrorCode"], told["IsEligible"], told["IsApplied"]) == (
        "Promotion.NotEligible",
        False,
        False,
    )
    assert [(each["Clause"], each["Holds"], each["Fails"]) for each in told["Eligible"]] == [
        ("order.Subtotal > 50", True, False),
        ("order.Subtotal >= 150", False, True),
        ("items.quantity(ProductID = 'ABC') > 3", False, True),
    ]
    assert told["Eligible"][2]["Values"] == [{"Part": "items.quantity(ProductID = 'ABC')", "Value": "3"}]
    assert told["Value"][0] == {"Part": "min(order.Subtotal * 0.25, 20)", "Value": "20"}
    await shop.promotion("L", "item.UnitPrice", "item.Product.xp.Tags.contains('red')", LineItemLevel=True)
    told = (await explained(shop, promotionID="l"))["L"]
    assert [(each["LineItemID"], each["Holds"]) for each in told["Eligible"]] == [
        ("A", True),
        ("B", True),
        ("C", False),
    ]
    assert told["Amount"] == 30


async def test_what_cannot_be_combined_names_the_other(api: Api) -> None:
    shop = await open_sale(api)
    await shop.promotion("ALONE", "5", CanCombine=False)
    await shop.promotion("P", "5")
    await shop.added("ALONE")
    told = await explained(shop)
    assert [(name, each["IsApplied"], each["ErrorCode"]) for name, each in told.items()] == [
        ("ALONE", True, None),
        ("P", False, "Promotion.CannotCombine"),
    ]
    (step,) = [each for each in told["P"]["Steps"] if each["Decides"]]
    assert [row["ID"] for row in step["Rows"] if row["Decides"]] == ["ALONE"]
    shown = await shop.seller.get(step["Rows"][0]["Path"])
    assert shown.status_code == 200
    await shop.promotion("THEIRS", "5", AllowAllBuyers=False)
    assert "THEIRS" not in await explained(shop)
    told = await explained(shop, promotionID="THEIRS")
    assert (told["THEIRS"]["ErrorCode"], codes(await shop.add("THEIRS"))) == ("NotFound", ["NotFound"])


async def test_every_vector_is_explained(api: Api) -> None:
    """EV: the promotion of each worked example, on the live order."""
    shop = await open_sale(api)
    for name, (_, text) in ELIGIBLE.items():
        await shop.promotion(name, "1", text)
    told = await explained(shop)
    offers = (await shop.http.get("/v1/orders/Outgoing/O/eligiblepromotions?pageSize=100")).json()["Items"]
    assert {name for name, each in told.items() if each["IsEligible"]} == {each["ID"] for each in offers}


async def test_others_learn_nothing(api: Api, server: Server) -> None:
    shop = await open_sale(api)
    async with Api.create(server) as other:
        assert (await other.seller.get(PATH)).status_code == 404
    assert (await shop.seller.get(PATH.replace("/O/", "/nope/"))).status_code == 404
    assert (await shop.seller.get(PATH, params={"promotionID": "nope"})).status_code == 404
    assert (await shop.http.get(PATH)).status_code == 403
    assert (await api.as_(api.admin, roles=["PromotionAdmin", "OrderAdmin"]).get(PATH)).status_code == 403
