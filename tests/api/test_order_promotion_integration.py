"""Promotions that the promotion integration values, and amounts that a calculation overrides (INT, OVR)."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.api.checkout import set_event
from tests.api.marketplace import Api, codes
from tests.api.promoting import BIKE, EVERY, ORDER, Sale, open_sale
from tests.api.receiver import HASH_KEY, Received, Receiver
from tests.api.uniform.subjects import checked

OURS: dict[str, Any] = {"UseIntegration": True}
BY_LINE: dict[str, Any] = {"LineItemLevel": True}


async def integrated(api: Api, receiver: Receiver) -> Sale:
    """The shop with a promotion integration at the receiver."""
    shop = await open_sale(api)
    body = {
        "Url": f"{receiver.url}/promotions",
        "HashKey": HASH_KEY,
        "CustomAuthHeaderName": "X-Key",
        "CustomAuthHeaderValue": "open",
    }
    await checked(api.seller.put("/v1/integrations/promotion", json=body), 200)
    return shop


def answer(receiver: Receiver, *accepted: dict[str, Any], rejected: tuple[dict[str, Any], ...] = ()) -> None:
    """What the integration says from now on."""
    receiver.answers["/promotions"] = {"PromosAccepted": list(accepted), "PromosRejected": list(rejected)}


async def test_the_call(api: Api, receiver: Receiver) -> None:
    """INT-2, INT-3, INT-6: one signed call for an eligible order, and what it grants, rounded and capped."""
    shop = await integrated(api, receiver)
    await shop.promotion("FIVE", "5")
    await shop.promotion("P", None, **OURS)
    await shop.promotion("NO", None, "order.Subtotal > 1000", **OURS)
    await shop.added("FIVE")
    assert codes(await shop.add("NO")) == ["Promotion.NotEligible"]
    assert receiver.received == []
    answer(receiver, {"ID": "p", "LineItemID": None, "Amount": 7.505})
    row = (await checked(shop.add("P"), 201)).json()
    assert (row["ID"], row["Amount"], row["LineItemID"]) == ("P", 7.51, None)
    (request,) = receiver.received
    assert request.is_signed
    assert (request.path, request.headers["x-key"]) == ("/promotions", "open")
    body = request.body
    assert list(body) == ["Environment", "Order", "LineItems", "PromosApplied", "PromosRequested"]
    assert (body["Environment"], body["Order"]["ID"], body["Order"]["Total"]) == ("Sandbox", "O", 115.5)
    assert [line["ID"] for line in body["LineItems"]] == ["A", "B", "C"]
    assert [(each["ID"], each["Amount"]) for each in body["PromosApplied"]] == [("FIVE", 5)]
    assert [each["ID"] for each in body["PromosRequested"]] == ["P"]
    assert (await shop.order())["PromotionDiscount"] == 12.51
    await checked(shop.http.delete(f"{ORDER}/promotions/P"), 200)
    answer(receiver, {"ID": "P", "Amount": 1000})
    assert (await checked(shop.add("P"), 201)).json()["Amount"] == 115.5


async def test_lines(api: Api, receiver: Receiver) -> None:
    """INT-5: one entry for each line that is reduced."""
    shop = await integrated(api, receiver)
    await shop.promotion("P", None, EVERY, **BY_LINE, **OURS)
    answer(
        receiver,
        {"ID": "P", "LineItemID": "C", "Amount": 1},
        {"ID": "P", "LineItemID": "A", "Amount": 99},
    )
    await checked(shop.add("P"), 201)
    assert await shop.rows() == "P A 30.00, P C 1.00"


FAILED, NOT_ELIGIBLE = "PromotionIntegration.FailedToEvaluate", "Promotion.NotEligible"
ANSWERS: list[tuple[Any, bool, str]] = [
    ((500, {"PromosAccepted": [{"ID": "P", "Amount": 1}]}), False, FAILED),
    (b"no JSON", False, FAILED),
    ([], False, FAILED),
    ({}, False, FAILED),
    ({"PromosAccepted": {}}, False, FAILED),
    ({"PromosAccepted": [{"ID": "P", "Amount": 1}, {"ID": "other", "Amount": 1}]}, False, FAILED),
    ({"PromosAccepted": [{"ID": "P", "Amount": "1"}]}, False, FAILED),
    ({"PromosAccepted": [{"ID": "P", "Amount": 1}, {"ID": "P", "Amount": 1}]}, False, FAILED),
    ({"PromosAccepted": [{"ID": "P", "LineItemID": "Z", "Amount": 1}]}, True, FAILED),
    ({"PromosAccepted": [{"ID": "P", "Amount": 1}]}, True, "PromotionIntegration.LineItemIdRequired"),
    (
        {"PromosAccepted": [{"ID": "P", "LineItemID": "A", "Amount": 1}]},
        False,
        "PromotionIntegration.LineItemIdMustBeNull",
    ),
    ({"PromosRejected": [{"ID": "P", "LineItemID": None, "Reason": "not today"}]}, False, NOT_ELIGIBLE),
    # PI-2, PI-3: a status or an error of the middleware's own wins.
    (
        {"HttpStatusCode": 500, "PromosAccepted": [{"ID": "P", "LineItemID": None, "Amount": 1}]},
        False,
        FAILED,
    ),
    (
        {"HttpStatusCode": "?", "PromosAccepted": [{"ID": "P", "LineItemID": None, "Amount": 1}]},
        False,
        FAILED,
    ),
    (
        {"UnhandledErrorBody": "no", "PromosAccepted": [{"ID": "P", "LineItemID": None, "Amount": 1}]},
        False,
        FAILED,
    ),
]


async def test_answers_that_grant_nothing(api: Api, receiver: Receiver) -> None:
    """INT-5: 400 with the code of each, the reason of a rejection in the message; the order is as it was."""
    shop = await integrated(api, receiver)
    before = await shop.order()
    for told, by_line, expected in ANSWERS:
        eligible = EVERY if by_line else "true"
        await shop.promotion("P", None, eligible, LineItemLevel=by_line, **OURS)
        receiver.answers["/promotions"] = told
        refused = await shop.add("P")
        (error,) = refused.json()["Errors"]
        assert (refused.status_code, error["ErrorCode"]) == (400, expected), told
        assert error["Data"] == {"ID": "P", "Code": "P"}
        assert ("not today" in error["Message"]) is (expected == NOT_ELIGIBLE)
    assert await shop.order() == before
    url = {"Url": "http://127.0.0.1:1/"}
    await checked(api.seller.patch("/v1/integrations/promotion", json=url), 200)
    assert codes(await shop.add("P")) == [FAILED]


async def test_apply_and_refresh(api: Api, receiver: Receiver) -> None:
    """INT-2, INT-5: all that are due in one call; what is rejected is skipped on apply and removed on refresh."""
    shop = await integrated(api, receiver)
    await shop.promotion("P", None, AutoApply=True, Priority=1, **OURS)
    await shop.promotion("Q", None, AutoApply=True, Priority=2, **OURS)
    await shop.promotion("HALF", "order.Total * .5", AutoApply=True, Priority=3)
    answer(receiver, {"ID": "P", "Amount": 10}, rejected=({"ID": "Q", "Reason": "never"},))
    await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)
    assert await shop.rows() == "HALF 55.25, P 10.00"
    (request,) = receiver.received
    assert [each["ID"] for each in request.body["PromosRequested"]] == ["P", "Q"]
    offered = {"PromosAccepted": [{"ID": "Q", "Amount": 3}]}
    receiver.answers["/promotions"] = offered
    listed = (await shop.http.get(f"{ORDER}/eligiblepromotions")).json()["Items"]
    assert [(each["ID"], each["Amount"]) for each in listed] == [("Q", 3)]
    answer(receiver, {"ID": "Q", "Amount": 20.5}, rejected=({"ID": "P", "Reason": "over"},))
    changes = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()
    assert [(each["ID"], each["Amount"]) for each in changes["PromosAdded"]] == [("Q", 20.5)]
    assert [
        (each["ID"], each["Amount"], each["ErrorCode"], each["Reason"]) for each in changes["PromosRemoved"]
    ] == [("P", 10, NOT_ELIGIBLE, "over")]
    assert await shop.rows() == "HALF 50.00, Q 20.50"
    receiver.answers["/promotions"] = (500, {})
    gone = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()["PromosRemoved"]
    assert [(each["ID"], each["ErrorCode"]) for each in gone] == [("Q", FAILED)]


async def test_an_order_that_changes_meanwhile(api: Api, receiver: Receiver) -> None:
    """INT-2: nothing is locked while the integration thinks, and its answer counts for the order that it has seen."""
    shop = await integrated(api, receiver)
    await shop.promotion("P", None, **OURS)

    def told(request: Received) -> dict[str, Any]:
        return {"PromosAccepted": [{"ID": "P", "Amount": request.body["Order"]["Subtotal"] / 10}]}

    asked: list[Received] = []

    async def change() -> None:
        await checked(shop.http.patch(f"{ORDER}/lineitems/A", json={"Quantity": 13}), 200)

    loop = asyncio.get_running_loop()

    def slow(request: Received) -> dict[str, Any]:
        if not asked:
            asked.append(request)
            asyncio.run_coroutine_threadsafe(change(), loop).result(timeout=20)
        return told(request)

    receiver.answers["/promotions"] = slow
    row = (await checked(shop.add("P"), 201)).json()
    assert (row["Amount"], len(receiver.received)) == (20, 2)


async def test_overrides(api: Api, receiver: Receiver) -> None:
    """OVR-1 to OVR-3, RCL-1: a calculation sets amounts of rows on lines, and recalculates the others."""
    shop = await open_sale(api)
    await set_event(api, receiver.url)
    await shop.promotion("P", "item.LineSubtotal * .1", EVERY, **BY_LINE)
    await shop.promotion("BIKES", "4", BIKE, **BY_LINE)
    await shop.promotion("ORDER", "order.Subtotal * .1")
    await shop.added("P", "BIKES", "ORDER")
    given = [
        ("a", "p", 7.005),
        ("B", "BIKES", 1),
        ("B", "ORDER", 1),
        ("C", "P", 99),
    ]
    lines: dict[str, list[dict[str, Any]]] = {}
    for line, promotion, amount in given:
        lines.setdefault(line, []).append({"PromotionID": promotion, "Amount": amount})
    receiver.answers["/ordercalculate"] = {
        "LineItemOverrides": [{"LineItemID": key, "PromotionOverrides": each} for key, each in lines.items()]
    }
    sheet = (await checked(shop.http.post(f"{ORDER}/calculate"), 200)).json()
    rows = {(row["ID"], row["LineItemID"]): row for row in sheet["OrderPromotions"]}
    assert {key: (row["Amount"], row["AmountOverridden"]) for key, row in rows.items()} == {
        ("P", "A"): (7.01, True),
        ("P", "B"): (4, False),
        ("P", "C"): (30, True),
        ("BIKES", "A"): (4, False),
        ("ORDER", None): (10, False),
    }
    order, by_id = sheet["Order"], {line["ID"]: line for line in sheet["LineItems"]}
    assert (order["PromotionDiscount"], order["Total"]) == (55.01, 65.49)
    assert [by_id[name]["LineTotal"] for name in "ABC"] == [18.99, 36, 0]
    await checked(shop.http.patch(f"{ORDER}/lineitems/A", json={"Quantity": 6}), 200)
    assert "P A 7.01" in await shop.rows()
    await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)
    assert "P A 7.01" in await shop.rows()
    receiver.answers["/ordercalculate"] = {}
    sheet = (await checked(shop.http.post(f"{ORDER}/calculate"), 200)).json()
    assert {(row["ID"], row["LineItemID"]): row["Amount"] for row in sheet["OrderPromotions"]} == {
        ("P", "A"): 6,
        ("P", "B"): 4,
        ("P", "C"): 3,
        ("BIKES", "A"): 4,
        ("ORDER", None): 13,
    }
    await checked(shop.http.post(f"{ORDER}/submit"), 201)


async def test_a_calculation_is_old_when_promotions_change(api: Api, receiver: Receiver) -> None:
    """RCL-4, CHK-7, IE-8"""
    shop = await open_sale(api)
    await set_event(api, receiver.url)
    await shop.promotion("P", "5", AutoApply=True)
    receiver.answers["/ordercalculate"] = {}

    async def calculated() -> bool:
        sheet = (await shop.http.get(f"{ORDER}/worksheet")).json()
        return sheet["OrderCalculateResponse"] is not None

    for verb, path in (
        ("POST", "promotions/P"),
        ("DELETE", "promotions/P"),
        ("POST", "applypromotions"),
    ):
        await checked(shop.http.post(f"{ORDER}/calculate"), 200)
        assert await calculated()
        assert (await shop.http.request(verb, f"{ORDER}/{path}")).status_code < 300
        assert not await calculated()
        assert codes(await shop.http.post(f"{ORDER}/submit")) == ["Order.CannotSubmitUncalculatedOrder"]
    await checked(shop.http.post(f"{ORDER}/calculate"), 200)
    await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)
    assert await calculated()
    await checked(shop.seller.patch("/v1/promotions/P", json={"Active": False}), 200)
    assert not await calculated()
