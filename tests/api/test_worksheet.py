"""Worksheets, ship estimates and their selection (CHK-1, CHK-2, CHK-4, CHK-5)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.checkout import ORDER, methods, money, open_checkout, select, set_event
from tests.api.marketplace import Api, claims_of, codes
from tests.api.receiver import Receiver
from tests.api.shop import get_order, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

RATES = "/shippingrates"
RESPONSES = (
    "ShipEstimateResponse",
    "OrderCalculateResponse",
    "OrderSubmitResponse",
    "OrderSubmitForApprovalResponse",
    "OrderApprovedResponse",
    "SubscriptionIntegrationResponse",
)


async def test_worksheet(api: Api, receiver: Receiver) -> None:
    """CHK-1: everything at the root, in the contract's order, in any status; absent responses are null."""
    it = await open_checkout(api, receiver)
    receiver.answers["/ordersubmit"] = {}
    receiver.answers["/ordercalculate"] = {}
    sheet = await it.worksheet()
    assert list(sheet) == ["Order", "LineItems", "OrderPromotions", "Subscription", *RESPONSES]
    assert sheet["Order"] == await get_order(it.http, "O")
    assert sheet["LineItems"] == [
        (await it.http.get(f"{ORDER}/lineitems/{line}")).json() for line in ("L1", "L2")
    ]
    assert sheet["OrderPromotions"] == []
    assert [sheet[name] for name in ("Subscription", *RESPONSES)] == [None] * 7
    assert (await it.http.get("/v1/cart/worksheet")).json() == sheet
    await it.worksheet("calculate")
    await submitted(it.http, "O")
    assert (await it.worksheet())["Order"]["Status"] == "Open"


async def test_who_sees_and_asks(api: Api, receiver: Receiver) -> None:
    """ORD-3, ORD-4: orders of others are not there; readers read but do not ask."""
    it = await open_checkout(api, receiver)
    receiver.answers |= {RATES: {}, "/ordercalculate": {}}
    _, other = await it.shopper()
    reader = api.as_(await api.user(buyer="B"), roles=["OrderReader", "UnsubmittedOrderReader", "Shopper"])
    stranger = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper", "OrderAdmin"])
    admin = api.as_(await api.user(buyer="B"), roles=["OrderAdmin", "UnsubmittedOrderReader"])
    seen = {}
    body = select(("E1", "M1"))
    for name, http in (("other", other), ("stranger", stranger), ("reader", reader), ("admin", admin)):
        got = await http.get(f"{ORDER}/worksheet")
        asked = [
            await http.post(f"{ORDER}/{path}", json=body)
            for path in ("estimateshipping", "calculate", "shipmethods")
        ]
        seen[name] = [got.status_code, *(answer.status_code for answer in asked)]
    assert seen == {
        "other": [404] * 4,
        "stranger": [404] * 4,
        "reader": [200, 403, 403, 403],
        # No estimates were offered (CHK-5).
        "admin": [200, 200, 200, 400],
    }


async def test_estimate(api: Api, receiver: Receiver) -> None:
    """CHK-2, CHK-4, IE-4, IE-6, SIG-1, SIG-5: what is sent, and what is kept of the answer; the order's costs stay."""
    it = await open_checkout(
        api,
        receiver,
        ConfigData={"k": ["v"]},
        CustomAuthHeaderName="X-Key",
        CustomAuthHeaderValue="s3cret",
        ElevatedRoles=["OrderAdmin", "UnsubmittedOrderReader"],
    )
    await it.http.patch(f"{ORDER}", json={"xp": {"ä": "ö"}, "Comments": "c"})
    before = await it.worksheet()
    estimate = methods(10, 8.5, xp={"a": 1}) | {"ID": None}
    receiver.answers[RATES] = {"ShipEstimates": [estimate], "xp": {"b": 2}}
    sheet = await it.worksheet("estimateshipping")
    [request] = receiver.received
    assert request.path == RATES
    assert request.is_signed
    assert request.headers["x-key"] == "s3cret"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert list(request.body) == ["OrderWorksheet", "Environment", "OrderCloudAccessToken", "ConfigData"]
    assert request.body["OrderWorksheet"] == before
    assert (request.body["Environment"], request.body["ConfigData"]) == ("Sandbox", {"k": ["v"]})
    claims = claims_of(request.body["OrderCloudAccessToken"])
    assert (claims["usr"], claims["usrtype"], claims["role"]) == (
        "admin",
        "admin",
        ["OrderAdmin", "UnsubmittedOrderReader"],
    )
    token = api.with_token(request.body["OrderCloudAccessToken"])
    assert (await token.get("/v1/orders/Incoming/O/worksheet")).status_code == 200
    kept = sheet["ShipEstimateResponse"]
    [made] = kept["ShipEstimates"]
    assert made["ID"]
    assert made == estimate | {
        "ID": made["ID"],
        "SelectedShipMethodID": None,
        "ShipMethods": [way | {"xp": None} for way in estimate["ShipMethods"]],
    }
    assert {name: kept[name] for name in ("HttpStatusCode", "UnhandledErrorBody", "Succeeded", "xp")} == {
        "HttpStatusCode": 200,
        "UnhandledErrorBody": None,
        "Succeeded": True,
        "xp": {"b": 2},
    }
    assert money(sheet) == money(before)
    assert await it.worksheet() == sheet


async def test_select(api: Api, receiver: Receiver) -> None:
    """CHK-5: 10 + 8 -> 18, merged into earlier selections, only the calculation becomes old."""
    it = await open_checkout(api, receiver)
    for problem, answer in (
        ("IntegrationEvent.MustCalculateShipping", None),
        ("IntegrationEvent.MustHaveShipEstimates", {"ShipEstimates": []}),
    ):
        if answer is not None:
            receiver.answers[RATES] = answer
            await it.worksheet("estimateshipping")
        assert codes(await it.do("shipmethods", select(("E1", "M1")))) == [problem]
    two = [methods(10, 4), methods(7, 8, estimate="E2")]
    receiver.answers[RATES] = {"ShipEstimates": two}
    receiver.answers["/ordercalculate"] = {}
    await it.worksheet("estimateshipping")
    await it.worksheet("calculate")
    one = await it.worksheet("shipmethods", select(("E1", "M1")))
    assert money(one) == {"Subtotal": 70, "ShippingCost": 10, "Total": 80}
    assert one["OrderCalculateResponse"] is None
    both = await it.worksheet("shipmethods", select(("E2", "M2")))
    assert money(both) == {"Subtotal": 70, "ShippingCost": 18, "Total": 88}
    chosen = [each["SelectedShipMethodID"] for each in both["ShipEstimateResponse"]["ShipEstimates"]]
    assert chosen == ["M1", "M2"]
    for pair, kind in ((("E3", "M1"), "ShipEstimate"), (("E1", "M3"), "ShipMethod")):
        refused = await it.do("shipmethods", select(("E1", "M2"), pair))
        assert (refused.status_code, refused.json()["Errors"][0]["Data"]["ObjectType"]) == (404, kind)
    assert await it.worksheet() == both
    in_cart = await it.http.post("/v1/cart/shipmethods", json=select(("E1", "M2")))
    assert in_cart.json()["Order"]["ShippingCost"] == 12


LATER: dict[str, tuple[str, str, Any, bool]] = {
    "quantity": ("PATCH", "/lineitems/L1", {"Quantity": 3}, True),
    "cost centre": ("PATCH", "/lineitems/L1", {"CostCenter": "x"}, True),
    "line xp": ("PATCH", "/lineitems/L1", {"xp": {"a": 1}}, True),
    "unit price": ("PATCH", "/lineitems/L1", {"UnitPrice": 1}, True),
    "new line": ("POST", "/lineitems", {"ProductID": "A"}, True),
    "line gone": ("DELETE", "/lineitems/L1", None, True),
    "order xp": ("PATCH", "", {"xp": {"a": 1}}, True),
    "shipping cost": ("PATCH", "", {"ShippingCost": 1}, True),
    "tax": ("PATCH", "", {"TaxCost": 1}, True),
    "address": (
        "PUT",
        "/shipto",
        {"Street1": "1", "City": "Hull", "Country": "GB", "FirstName": "A"},
        True,
    ),
    "ID": ("PATCH", "", {"ID": "O"}, False),
    "comments": ("PATCH", "", {"Comments": "c"}, False),
    "user": ("PATCH", "/fromuser", {"FirstName": "X"}, False),
    "payment": ("POST", "/payments", {"Type": "PurchaseOrder"}, False),
    "billing": ("PUT", "/billto", {"Street1": "1", "City": "Hull", "Country": "GB"}, False),
}


@pytest.mark.parametrize("name", LATER)
async def test_what_makes_answers_old(name: str, api: Api, receiver: Receiver) -> None:
    """CHK-7, IE-8: both responses become null, the order's values stay; other changes leave them."""
    it = await open_checkout(api, receiver)
    receiver.answers[RATES] = {"ShipEstimates": [methods(10)]}
    receiver.answers["/ordercalculate"] = {"TaxTotal": 3, "FeeTotal": 2}
    await it.worksheet("estimateshipping")
    await it.worksheet("shipmethods", select(("E1", "M1")))
    done = await it.worksheet("calculate")
    verb, path, body, forgets = LATER[name]
    everything = api.as_(it.user, roles=["Shopper", "OverrideUnitPrice", "OverrideShipping", "OverrideTax"])
    answer = await everything.request(verb, f"{ORDER}{path}", json=body)
    assert answer.status_code < 300, answer.text
    sheet = await it.worksheet()
    kept = [sheet["ShipEstimateResponse"], sheet["OrderCalculateResponse"]]
    expected = [None, None] if forgets else [done["ShipEstimateResponse"], done["OrderCalculateResponse"]]
    assert kept == expected
    if path != "" or not forgets:
        assert (sheet["Order"]["ShippingCost"], sheet["Order"]["TaxCost"]) == (10, 3)


async def test_a_lines_new_id_keeps_the_answers(api: Api, receiver: Receiver) -> None:
    """CHK-7, behaviour B10: they name the line as it is called now; a price that has changed meanwhile makes them old."""
    it = await open_checkout(api, receiver)
    receiver.answers[RATES] = {"ShipEstimates": [methods(10)], "xp": {"LineItemID": "L1"}}
    receiver.answers["/ordercalculate"] = {
        "LineItemOverrides": [{"LineItemID": "L1", "UnitPrice": 5}],
        "TaxTotal": 3,
    }
    await it.worksheet("estimateshipping")
    done = await it.worksheet("calculate")
    answer = await it.http.patch(f"{ORDER}/lineitems/L1", json={"ID": "N1"})
    assert (answer.status_code, answer.json()["ID"]) == (200, "N1")
    sheet = await it.worksheet()
    estimates, calculated = sheet["ShipEstimateResponse"], sheet["OrderCalculateResponse"]
    assert [each["LineItemID"] for each in estimates["ShipEstimates"][0]["ShipEstimateItems"]] == ["N1"]
    assert [each["LineItemID"] for each in calculated["LineItemOverrides"]] == ["N1"]
    assert estimates["xp"] == {"LineItemID": "L1"}, "what the integration has noted is its own"
    assert sheet["Order"] | {"LastUpdated": None} == done["Order"] | {"LastUpdated": None}
    await it.schedule("B", (1, 99))
    await checked(it.http.patch(f"{ORDER}/lineitems/N1", json={"ID": "N2"}), 200)
    sheet = await it.worksheet()
    assert (sheet["ShipEstimateResponse"], sheet["OrderCalculateResponse"]) == (None, None)


async def test_without_an_event(api: Api) -> None:
    """CHK-6, IE-3: asking takes an event of the caller's API client; first the order has to be there."""
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "A")
    refusals: list[httpx.Response] = [
        await http.post(f"{path}/{what}")
        for path in (ORDER, "/v1/cart")
        for what in ("estimateshipping", "calculate")
    ]
    code = "IntegrationEvent.ApiClientNotConfiguredForOrderCalculate"
    assert [(answer.status_code, codes(answer)) for answer in refusals] == [(400, [code])] * 4
    for what in ("estimateshipping", "calculate"):
        assert (await http.post(f"/v1/orders/Outgoing/X/{what}")).status_code == 404


async def test_without_a_cart(api: Api, receiver: Receiver) -> None:
    """CART-2: there is no order to ask about; only the worksheet can be read, and says so."""
    shop = await open_shop(api)
    await set_event(api, receiver.url)
    _, http = await shop.shopper()
    answers = [
        *[await http.post(f"/v1/cart/{what}") for what in ("estimateshipping", "calculate")],
        await http.post("/v1/cart/shipmethods", json=select()),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    worksheet = await http.get("/v1/cart/worksheet")
    assert (worksheet.status_code, set(worksheet.json().values())) == (200, {None})
    assert receiver.received == []


async def test_of_a_subscription(api: Api, receiver: Receiver) -> None:
    """CHK-1: an order that a subscription has made shows it."""
    it = await open_checkout(api, receiver)
    terms = {"Frequency": 1, "Interval": "Months", "NextOrderDate": "2030-01-31T00:00:00Z"}
    mine = api.as_(it.user, roles=["Shopper", "MeSubscriptionAdmin"])
    made = await mine.post("/v1/me/subscriptions", json={"ID": "S", **terms})
    assert made.status_code == 201, made.text
    await api.execute('UPDATE orders SET "SubscriptionID" = $2 WHERE marketplace_id = $1', "S")
    sheet = await it.worksheet()
    assert sheet["Subscription"] == (await mine.get("/v1/me/subscriptions/S")).json()
    receiver.answers["/ordercalculate"] = {"TaxTotal": 1}
    assert (await it.worksheet("calculate"))["Order"]["TaxCost"] == 1
    assert receiver.received[-1].body["OrderWorksheet"]["Subscription"] == sheet["Subscription"]
