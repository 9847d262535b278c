"""Calculations, and telling the checkout event of submits and approvals (CHK-2, CHK-3, CHK-6 to CHK-8)."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.api.checkout import NOT_SHOWN, ORDER, Checkout, methods, money, open_checkout, select
from tests.api.dispatching import posting
from tests.api.marketplace import Api, claims_of, codes
from tests.api.receiver import Received, Receiver
from tests.api.shop import get_order, line_of, order_of, submitted
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked

from entrepot.features.people.deliveries import leases
from entrepot.features.people.integrations.signing import signature
from entrepot.features.people.outgoing import client
from entrepot.features.people.outgoing.bulkheads import RefusedCallError
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.trade.checkout import consulting, telling
from entrepot.kernel.ids import new_id

STATEMENTS = {"": 3, "estimateshipping": 12, "calculate": 14}
"""At most."""
CALCULATE, RATES = "/ordercalculate", "/shippingrates"
UNCALCULATED = "Order.CannotSubmitUncalculatedOrder"
UNDONE = "SELECT lease FROM outbox_events WHERE marketplace_id = $1 AND kind = 'CheckoutMove'"
"""Events of checkouts that are still to be told."""


def line(sheet: dict[str, Any], line_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in sheet["LineItems"] if each["ID"] == line_id)
    return found


def test_signature() -> None:
    """SIG-1, its vector."""
    body = b'{"Route":"v1/buyers/{buyerID}","Verb":"PUT"}'
    assert signature("my-secret", body) == "XzKthE2Z0DfVBI7v8T3tBys/2v/xfnalAoEPBMan/yE="


async def test_selected_methods_and_an_override(api: Api, receiver: Receiver) -> None:
    """IE-7, its example: lines 2 x 5 and 1 x 60, methods 10 and 15, tax 3, the price 60 -> 50."""
    it = await open_checkout(api, receiver)
    receiver.answers[RATES] = {"ShipEstimates": [methods(10), methods(15, estimate="E2")]}
    answer = {"TaxTotal": 3, "LineItemOverrides": [{"LineItemID": "L2", "UnitPrice": 50}]}
    receiver.answers[CALCULATE] = answer
    await it.worksheet("estimateshipping")
    chosen = await it.worksheet("shipmethods", select(("E1", "M1"), ("E2", "M1")))
    sheet = await it.worksheet("calculate")
    assert money(sheet) == {"Subtotal": 60, "ShippingCost": 25, "TaxCost": 3, "Total": 88}
    request = receiver.received[-1]
    assert request.is_signed
    assert (request.path, request.body["OrderWorksheet"]) == (CALCULATE, chosen)
    assert request.body["OrderCloudAccessToken"] is None
    assert line(sheet, "L2")["PriceOverridden"] is True
    kept = sheet["OrderCalculateResponse"]
    assert (kept["Succeeded"], kept["HttpStatusCode"], kept["TaxTotal"], kept["ShippingTotal"]) == (
        True,
        200,
        3,
        None,
    )
    assert sheet["ShipEstimateResponse"] == chosen["ShipEstimateResponse"]


async def test_totals_to_the_cent(api: Api, receiver: Receiver) -> None:
    """CHK-6: the amounts of its example, numeric strings too; absent amounts stay, nothing takes a role."""
    it = await open_checkout(api, receiver)
    await it.http.delete(f"{ORDER}/lineitems/L2")
    override = {"LineItemID": "l1", "UnitPrice": 6, "Product": {"Name": "N"}, "Remove": False}
    receiver.answers[CALCULATE] = {
        "ShippingTotal": "10.00",
        "TaxTotal": 3,
        "FeeTotal": 1.5,
        "LineItemOverrides": [override, {"LineItemID": "unknown", "UnitPrice": 1}],
        "xp": {"a": 1},
    }
    sheet = await it.worksheet("calculate")
    expected = {"Subtotal": 12, "ShippingCost": 10, "TaxCost": 3, "Fees": 1.5, "Total": 26.5}
    assert money(sheet) == expected
    # Products of the catalog are none of the integration's business.
    assert line(sheet, "L1")["Product"]["Name"] == "A"
    assert sheet["OrderCalculateResponse"]["xp"] == {"a": 1}
    receiver.answers[CALCULATE] = {"LineItemOverrides": [override], "TaxTotal": 0.125}
    assert money(await it.worksheet("calculate")) == expected | {"TaxCost": 0.13, "Total": 23.63}


async def test_a_promotion_is_overridden(api: Api, receiver: Receiver) -> None:
    """CHK-6, its example to the cent; OVR-1 to OVR-3: on a row of the line only, and until the next calculation."""
    it = await open_checkout(api, receiver)
    await it.http.delete(f"{ORDER}/lineitems/L2")
    terms = {"LineItemLevel": True, "EligibleExpression": "item.Quantity > 1", "CanCombine": True}
    for code, value in (("P", "1"), ("Q", "0.25")):
        promotion = {**terms, "Code": code, "ValueExpression": value, "AllowAllBuyers": True}
        await it.put(f"promotions/{code}", **promotion)
    assert (await it.do("promotions/P")).status_code == 201
    override = {
        "LineItemID": "L1",
        "UnitPrice": 6,
        "Product": {},
        "PromotionOverrides": [{"PromotionID": "p", "Amount": 3}, {"PromotionID": "Q", "Amount": 2}],
        "InventoryRecordID": None,
        "Remove": False,
    }
    totals = {"ShippingTotal": 10, "TaxTotal": 3, "FeeTotal": 1.5, "xp": {}}
    receiver.answers[CALCULATE] = totals | {"LineItemOverrides": [override]}
    sheet = await it.worksheet("calculate")
    assert money(sheet) == {
        "Subtotal": 12,
        "ShippingCost": 10,
        "TaxCost": 3,
        "Fees": 1.5,
        "PromotionDiscount": 3,
        "Total": 23.5,
    }
    [row] = sheet["OrderPromotions"]
    assert (row["ID"], row["LineItemID"], row["Amount"], row["AmountOverridden"]) == ("P", "L1", 3, True)
    assert (line(sheet, "L1")["LineTotal"], line(sheet, "L1")["PromotionDiscount"]) == (9, 3)
    assert sheet["OrderCalculateResponse"]["Succeeded"] is True
    receiver.answers[CALCULATE] = totals
    sheet = await it.worksheet("calculate")
    [row] = sheet["OrderPromotions"]
    assert (row["Amount"], row["AmountOverridden"]) == (1, False)
    assert (sheet["Order"]["Subtotal"], sheet["Order"]["Total"]) == (10, 23.5)
    assert (await it.do("promotions/Q")).status_code == 201
    assert (await it.worksheet())["OrderCalculateResponse"] is None


async def test_each_calculation_replaces_the_last(api: Api, receiver: Receiver) -> None:
    """CHK-6: overrides that are not repeated are gone, and the integration never sees its own; what a person has
    changed since stays.
    """
    it = await open_checkout(api, receiver)
    both = [{"LineItemID": "L1", "UnitPrice": 6}, {"LineItemID": "L2", "UnitPrice": 50}]
    receiver.answers[CALCULATE] = {"LineItemOverrides": both}
    assert money(await it.worksheet("calculate"))["Total"] == 62
    pricing = api.as_(it.user, roles=["Shopper", "OverrideUnitPrice"])
    assert (await pricing.patch(f"{ORDER}/lineitems/L2", json={"UnitPrice": 40})).status_code == 200
    await it.http.patch(f"{ORDER}/lineitems/L1", json={"Quantity": 3})
    assert money(await it.worksheet())["Total"] == 58
    receiver.answers[CALCULATE] = {}
    sheet = await it.worksheet("calculate")
    shown = receiver.received[-1].body["OrderWorksheet"]
    for found in (shown, sheet):
        assert [(each["UnitPrice"], each["PriceOverridden"]) for each in found["LineItems"]] == [
            (5, False),
            (40, True),
        ]
        assert found["Order"]["Total"] == 55


async def test_removed_lines_and_records(api: Api, receiver: Receiver) -> None:
    """CHK-6, INV-3: lines are dropped silently; inventory records are set unchecked, and taken back."""
    it = await open_checkout(api, receiver)
    receiver.answers[CALCULATE] = {
        "LineItemOverrides": [
            {"LineItemID": "L1", "InventoryRecordID": "nobody-knows"},
            {"LineItemID": "L2", "Remove": True},
        ]
    }
    sheet = await it.worksheet("calculate")
    assert [each["ID"] for each in sheet["LineItems"]] == ["L1"]
    assert sheet["LineItems"][0]["InventoryRecordID"] == "nobody-knows"
    assert (sheet["Order"]["LineItemCount"], sheet["Order"]["Total"]) == (1, 10)
    receiver.answers[CALCULATE] = {}
    assert line(await it.worksheet("calculate"), "L1")["InventoryRecordID"] is None


FAILURES: dict[str, tuple[Any, int | None, str]] = {
    "400": ((400, b"no such zip"), 400, "no such zip"),
    "500": ((500, b"<html>oops</html>"), 500, "<html>oops</html>"),
    "without a text": ((503, b""), 503, "The answer is empty."),
    "broken JSON": (b'{"TaxTotal": 3', 200, '{"TaxTotal": 3'),
    "no object": ([3], 200, "[3]"),
    "NUL": ((500, b"a\0b"), 500, "a\ufffdb"),
    "bad type": ({"xp": 3, "TaxTotal": 3}, 200, "xp is not a valid Object."),
    "redirect": ((302, b"elsewhere"), 302, "elsewhere"),
    "too long": (b" " * 2001, None, "The answer has more than 2000 bytes."),
    "its own status": (
        {"HttpStatusCode": 500, "UnhandledErrorBody": "tax", "TaxTotal": 3, "xp": {"a": 1}},
        500,
        "tax",
    ),
    "its own error": ({"UnhandledErrorBody": "tax", "TaxTotal": 3}, 200, "tax"),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_failures(failure: str, api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """CHK-3, IE-9, IE-10, behaviour A8: a refusal; the worksheet tells of the failure, the order's values and overrides stay."""
    monkeypatch.setattr(client, "MAX_ANSWER", 2000)
    it = await open_checkout(api, receiver)
    good = {"TaxTotal": 2, "LineItemOverrides": [{"LineItemID": "L1", "UnitPrice": 6}]}
    receiver.answers[CALCULATE] = good
    receiver.answers["/good"] = good
    before = money(await it.worksheet("calculate"))
    told, status, text = FAILURES[failure]
    receiver.location = f"{receiver.url}/good"
    for what, path in (("estimateshipping", RATES), ("calculate", CALCULATE)):
        receiver.answers[path] = told
        kept, sheet = await it.failure(what), await it.worksheet()
        assert (kept["HttpStatusCode"], kept["UnhandledErrorBody"], kept["Succeeded"]) == (
            status,
            text,
            False,
        )
        assert money(sheet) == before
        assert line(sheet, "L1")["UnitPrice"] == 6
    assert codes(await it.do("submit")) == [UNCALCULATED]
    assert "/good" not in receiver.paths()


async def test_no_answer(api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """IE-10: nothing in time, nobody there, a URL that is none: no status, and a text that says what."""
    it = await open_checkout(api, receiver)
    go_on = threading.Event()

    def late(_: Received) -> dict[str, Any]:
        go_on.wait(30)
        return {}

    receiver.answers[CALCULATE] = late
    monkeypatch.setattr(client, "TIME_LIMIT", 0.2)
    try:
        kept = await it.failure("calculate")
    finally:
        go_on.set()
    assert (kept["HttpStatusCode"], kept["Succeeded"]) == (None, False)
    assert kept["UnhandledErrorBody"] == "No complete answer within 0.2 seconds."
    monkeypatch.undo()
    for url in ("http://127.0.0.1:1", "nonsense", "http://[", "ftp://127.0.0.1/", "http://a b/"):
        patch = {"CustomImplementationUrl": url}
        assert (await api.seller.patch("/v1/integrationEvents/OrderCheckout", json=patch)).status_code == 200
        kept = await it.failure("calculate")
        assert (kept["HttpStatusCode"], kept["Succeeded"]) == (None, False), url
        assert kept["UnhandledErrorBody"], url


async def test_headers_that_cannot_be_sent(api: Api, receiver: Receiver) -> None:
    """Security 25, SIG-5: a header that is ours to set, or none at all, is refused; rows from before that are called
    without it.
    """
    it = await open_checkout(api, receiver, CustomAuthHeaderName="X-A", CustomAuthHeaderValue="mine")
    receiver.answers[CALCULATE] = {}
    for name in ("X-OC-Hash", "Content-Length", "Transfer-Encoding", "Host", "bad name"):
        patch = {"CustomAuthHeaderName": name}
        refused = await api.seller.patch("/v1/integrationEvents/OrderCheckout", json=patch)
        assert (refused.status_code, codes(refused)) == (400, ["ValidationFailure"])
        await api.execute(
            'UPDATE integration_events SET "CustomAuthHeaderName" = $2 WHERE marketplace_id = $1', name
        )
        await it.worksheet("calculate")
        sent = receiver.received[-1]
        assert sent.is_signed
        assert "mine" not in sent.headers.values()


async def test_an_order_that_changes_meanwhile(api: Api, receiver: Receiver) -> None:
    """No lock is held during the call; what was answered about another state of the order is asked again, and in the
    end refused.
    """
    it = await open_checkout(api, receiver)
    loop = asyncio.get_running_loop()
    seen: list[int] = []
    changes = iter([3])

    def answer(request: Received) -> dict[str, Any]:
        quantity = request.body["OrderWorksheet"]["LineItems"][0]["Quantity"]
        seen.append(quantity)
        wanted = next(changes, None)
        if wanted is not None:
            change = it.http.patch(f"{ORDER}/lineitems/L1", json={"Quantity": wanted})
            assert asyncio.run_coroutine_threadsafe(change, loop).result(20).status_code == 200
        return {"TaxTotal": quantity}

    receiver.answers[CALCULATE] = answer
    sheet = await it.worksheet("calculate")
    assert seen == [2, 3]
    assert money(sheet) == {"Subtotal": 75, "TaxCost": 3, "Total": 78}
    changes = iter(range(4, 100))
    refused = await it.do("calculate")
    assert (refused.status_code, codes(refused)) == (409, ["Conflict"])
    assert seen == [2, 3, 3, 4, 5]
    sheet = await it.worksheet()
    assert (sheet["OrderCalculateResponse"], sheet["Order"]["TaxCost"]) == (None, 3)


async def test_submit_needs_a_calculation(api: Api, receiver: Receiver) -> None:
    """CHK-7: with an event, none, an old or a failed calculation refuses validate and submit."""
    it = await open_checkout(api, receiver)
    receiver.answers[CALCULATE] = {}
    assert codes(await it.do("submit")) == codes(await it.do("validate")) == [UNCALCULATED]
    await it.worksheet("calculate")
    assert (await it.do("validate")).status_code == 204
    await it.http.patch(f"{ORDER}/lineitems/L1", json={"Quantity": 3})
    assert codes(await it.do("submit")) == [UNCALCULATED]
    receiver.answers["/ordersubmit"] = {}
    await it.worksheet("calculate")
    assert (await submitted(it.http, "O"))["Status"] == "Open"


@pytest.mark.parametrize("path", [f"{ORDER}/submit", "/v1/cart/submit"])
async def test_told_of_a_submit(path: str, api: Api, receiver: Receiver) -> None:
    """CHK-8, IE-11, SIG-4: after the commit, with the submitted order; the caller gets the order, the worksheet keeps the
    answer.
    """
    it = await open_checkout(api, receiver, ElevatedRoles=["FullAccess"])
    receiver.answers |= {CALCULATE: {}, "/ordersubmit": {"xp": {"a": 1}}}
    await it.worksheet("calculate")
    order = (await it.http.post(path)).json()
    assert order["Status"] == "Open"
    request = receiver.received[-1]
    assert (request.path, request.is_signed) == ("/ordersubmit", True)
    assert request.body["OrderWorksheet"]["Order"] == order
    assert "FullAccess" in claims_of(request.body["OrderCloudAccessToken"])["role"]
    sheet = await it.worksheet()
    assert sheet["Order"] == order
    assert sheet["OrderSubmitResponse"] == {
        "HttpStatusCode": 200,
        "UnhandledErrorBody": None,
        "xp": {"a": 1},
        "Succeeded": True,
    }
    assert (sheet["OrderSubmitForApprovalResponse"], sheet["OrderApprovedResponse"]) == (None, None)
    assert await api.rows(UNDONE) == []


async def test_a_submit_that_nobody_hears(api: Api, receiver: Receiver) -> None:
    """CHK-8: a failure is kept, the submit stands, and nothing is told of a submit that is refused."""
    it = await open_checkout(api, receiver)
    receiver.answers |= {CALCULATE: {}, "/ordersubmit": (500, b"oops")}
    assert codes(await it.do("submit")) == [UNCALCULATED]
    await it.worksheet("calculate")
    assert (await submitted(it.http, "O"))["Status"] == "Open"
    kept = (await it.worksheet())["OrderSubmitResponse"]
    assert (kept["HttpStatusCode"], kept["UnhandledErrorBody"], kept["Succeeded"]) == (500, NOT_SHOWN, False)
    kept = (await api.seller.get("/v1/orders/Incoming/O/worksheet")).json()["OrderSubmitResponse"]
    assert kept["UnhandledErrorBody"] == "oops"
    assert receiver.paths() == [CALCULATE, "/ordersubmit"]


async def approval(it: Checkout) -> Any:
    """A rule that every order of the buyer has to pass, and the calls of its approver."""
    await it.put("buyers/B/usergroups/G")
    await it.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression="order.Total > 0")
    _, approver = await it.shopper("G")
    return approver


async def test_told_of_an_approval(api: Api, receiver: Receiver) -> None:
    """CHK-8, ORD-4: one event for the submit, one for the last approval; approvers may calculate meanwhile."""
    it = await open_checkout(api, receiver)
    approver = await approval(it)
    receiver.answers |= {
        CALCULATE: {"LineItemOverrides": [{"LineItemID": "L2", "UnitPrice": 50}]},
        "/ordersubmitforapproval": {"xp": {"n": 1}},
        "/orderapproved": {"xp": {"n": 2}},
    }
    await it.worksheet("calculate")
    assert (await submitted(it.http, "O"))["Status"] == "AwaitingApproval"
    assert (await it.do("calculate")).status_code == 403
    receiver.answers[CALCULATE] = {"TaxTotal": 4}
    again = await it.do("calculate", http=approver)
    assert money(again.json()) == {"Subtotal": 70, "TaxCost": 4, "Total": 74}
    approved = await it.do("approve", {"Comments": "ok"}, http=approver)
    assert approved.json()["Status"] == "Open", approved.text
    assert receiver.paths() == [CALCULATE, "/ordersubmitforapproval", CALCULATE, "/orderapproved"]
    sheet = await it.worksheet()
    names = ("OrderSubmitResponse", "OrderSubmitForApprovalResponse", "OrderApprovedResponse")
    assert [sheet[name] and sheet[name]["xp"] for name in names] == [None, {"n": 1}, {"n": 2}]
    assert (await it.do("calculate", http=approver)).status_code == 403


async def test_a_crash_before_the_event_is_told(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between the commit and the call loses nothing: another one tells the event, once, under the
    delivery ID that it has had all along.
    """
    it = await open_checkout(api, receiver, ElevatedRoles=["OrderReader"])
    receiver.answers |= {CALCULATE: {}, "/ordersubmit": {"xp": {"a": 1}}}
    await it.worksheet("calculate")

    async def dies(*_: Any) -> None:
        raise RuntimeError("the process is gone")

    monkeypatch.setattr(telling, "deliver", dies)
    assert (await submitted(it.http, "O"))["Status"] == "Open"
    monkeypatch.undo()
    assert (await it.worksheet())["OrderSubmitResponse"] is None
    (told,) = await api.rows(UNDONE)
    async with posting(api) as one, posting(api) as other:
        await one.settle()
        assert receiver.paths() == [CALCULATE]
        api.server.clock.advance(seconds=31)
        await asyncio.gather(one.settle(), other.settle())
    assert receiver.paths() == [CALCULATE, "/ordersubmit"]
    request = receiver.received[-1]
    assert request.headers["x-request-id"] == told["lease"]
    assert request.body["OrderWorksheet"]["Order"] == await get_order(it.http, "O")
    token = claims_of(request.body["OrderCloudAccessToken"])
    assert (token["usr"], token["role"]) == ("admin", "OrderReader")
    assert (await it.worksheet())["OrderSubmitResponse"]["xp"] == {"a": 1}
    assert await api.rows(UNDONE) == []
    assert (
        await api.rows("SELECT 1 FROM deliveries WHERE marketplace_id = $1 AND kind = 'CheckoutMove'") == []
    )


async def test_an_event_is_its_processs_own_while_that_lives(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is as short as that of all events, and renewed while the call abroad takes."""
    monkeypatch.setattr(leases, "RENEW", 0.01)
    it = await open_checkout(api, receiver)
    receiver.answers |= {CALCULATE: {}, "/ordersubmit": {"xp": {"a": 1}}}
    await it.worksheet("calculate")
    begun, may_end, deliver = asyncio.Event(), asyncio.Event(), telling.deliver

    async def slow(*args: Any) -> Any:
        begun.set()
        await may_end.wait()
        return await deliver(*args)

    monkeypatch.setattr(telling, "deliver", slow)
    submitting = asyncio.create_task(submitted(it.http, "O"))
    until = "SELECT leased_until FROM outbox_events WHERE marketplace_id = $1 AND kind = 'CheckoutMove'"
    async with asyncio.timeout(60), posting(api) as other:
        await begun.wait()
        for _ in range(3):
            api.server.clock.advance(seconds=20)
            now = api.server.clock()
            while await api.value(until) < now + leases.LEASE:
                await asyncio.sleep(0.005)
            await other.settle()
        assert receiver.paths() == [CALCULATE]
        may_end.set()
        assert (await submitting)["Status"] == "Open"
    assert receiver.paths() == [CALCULATE, "/ordersubmit"]
    assert await api.rows(UNDONE) == []


async def test_a_crash_after_the_answer(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between the answer and the commit has changed nothing; whoever asks again gets one answer."""
    it = await open_checkout(api, receiver)
    answer = {"TaxTotal": 3, "LineItemOverrides": [{"LineItemID": "L2", "UnitPrice": 50}]}
    receiver.answers[CALCULATE] = answer
    before = await it.worksheet()

    async def dies(*_: Any) -> None:
        raise RuntimeError("the process is gone")

    monkeypatch.setattr(consulting, "settled", dies)
    assert (await it.do("calculate")).status_code == 500
    monkeypatch.undo()
    assert await it.worksheet() == before
    assert money(await it.worksheet("calculate"))["Total"] == 63
    assert receiver.paths() == [CALCULATE, CALCULATE]


async def test_without_an_event_nobody_is_told(api: Api, receiver: Receiver) -> None:
    """IE-3: the event is that of the API client of the calling token."""
    it = await open_checkout(api, receiver)
    other = await api.api_client(allow_any_buyer=True)
    http = api.as_(it.user, roles=["Shopper"], client_id=other.lower())
    assert (await http.post(f"{ORDER}/submit")).status_code == 201
    assert receiver.received == []


@pytest.mark.parametrize("lines", [1, 20])
async def test_statements(lines: int, api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement count grows with the number of lines, though a calculation overrides them all."""
    it = await open_checkout(api, receiver)
    for number in range(lines):
        await line_of(it.http, "O", "A", 1, ID=f"X{number}")
    prices = [{"LineItemID": f"X{number}", "UnitPrice": number} for number in range(lines)]
    receiver.answers |= {CALCULATE: {"LineItemOverrides": prices}, RATES: {"ShipEstimates": [methods(1)]}}
    await it.worksheet()
    found = {}
    for what in ("", "estimateshipping", "calculate"):
        with counted(monkeypatch) as sent:
            sheet = await it.worksheet(what)
        found[what] = len(sent)
    assert money(sheet)["Subtotal"] == 70 + sum(range(lines))
    assert all(count <= STATEMENTS[what] for what, count in found.items()), found


async def test_elevated_roles_need_a_client_of_sellers(api: Api, receiver: Receiver) -> None:
    """CHK-8, IE-5, behaviour D2, D4: an event that elevates roles takes an active API client for seller users with one of them
    as its default context user, when the token is made and not when the event is saved.
    """
    it = await open_checkout(api, receiver)
    url = "/v1/integrationEvents/OrderCheckout"
    await checked(
        api.seller.patch(url, json={"ElevatedRoles": ["OrderAdmin", "UnsubmittedOrderReader"]}), 200
    )
    receiver.answers |= {CALCULATE: {}, RATES: {}}
    code = "IntegrationEvent.AllowSellerApiClientRequired"
    buyers = await api.api_client(allow_seller=True, default_context_user=it.user.key)
    for what in ("calculate", "estimateshipping"):
        refused = await it.do(what)
        assert (refused.status_code, codes(refused)) == (400, [code])
    assert receiver.received == []
    await checked(
        api.seller.patch(f"/v1/apiclients/{buyers}", json={"DefaultContextUserName": api.admin.username}), 200
    )
    await it.worksheet("calculate")
    token = receiver.received[-1].body["OrderCloudAccessToken"]
    claims = claims_of(token)
    assert (claims["usr"], claims["usrtype"], claims["cid"]) == ("admin", "admin", buyers.lower())
    assert claims["role"] == ["OrderAdmin", "UnsubmittedOrderReader"], "the event's roles and no others"
    middleware = api.with_token(token)
    assert (await middleware.get("/v1/orders/Incoming/O")).status_code == 200
    assert (await middleware.get("/v1/products")).status_code == 403


ELEVATION_ENDS: dict[str, Any] = {
    "roles are taken from the event": ("PATCH", "/v1/integrationEvents/OrderCheckout", {"ElevatedRoles": []}),
    "the event has fewer": (
        "PATCH",
        "/v1/integrationEvents/OrderCheckout",
        {"ElevatedRoles": ["OrderReader"]},
    ),
    "the event has another ID": ("PATCH", "/v1/integrationEvents/OrderCheckout", {"ID": "renamed"}),
    "its user's tokens are revoked": ("DELETE", "/v1/adminusers/agent/tokens", None),
}


@pytest.mark.parametrize("ending", [*ELEVATION_ENDS, "the event is deleted", "time"])
async def test_what_ends_an_elevated_token(ending: str, api: Api, receiver: Receiver) -> None:
    """Security 7: the token of a payload lives for minutes, whatever its client gives, and ends with what has elevated it."""
    it = await open_checkout(api, receiver)
    agent = await api.user(id="agent")
    await api.api_client(allow_seller=True, default_context_user=agent.key)
    url = "/v1/integrationEvents/OrderCheckout"
    await checked(api.seller.patch(url, json={"ElevatedRoles": ["OrderAdmin", "FullAccess"]}), 200)
    receiver.answers[CALCULATE] = {}
    await it.worksheet("calculate")
    token = receiver.received[-1].body["OrderCloudAccessToken"]
    claims, middleware = claims_of(token), api.with_token(token)
    assert claims["exp"] - claims["iat"] == 330
    assert (await middleware.get("/v1/orders/Incoming/O")).status_code == 200
    if ending == "time":
        api.server.clock.advance(seconds=331)
    elif ending == "the event is deleted":
        path = f"/v1/apiclients/{api.client_id}"
        await checked(api.seller.patch(path, json={"OrderCheckoutIntegrationEventID": None}), 200)
        await checked(api.seller.delete(url), 204)
    else:
        verb, path, body = ELEVATION_ENDS[ending]
        assert (await api.seller.request(verb, path, json=body)).status_code in (200, 204)
    refused = await middleware.get("/v1/orders/Incoming/O")
    code = "InvalidToken" if ending == "time" else "Auth.TokenRevoked"
    assert (refused.status_code, codes(refused)) == (401, [code])


async def test_tokens_are_cut_out_of_answers(api: Api, receiver: Receiver) -> None:
    """Security 7: what was sent in confidence comes back in no answer, be it good or bad; of a bad one nothing that may be a
    token stays.
    """
    header = {"CustomAuthHeaderName": "X-Key", "CustomAuthHeaderValue": "very-secret"}
    it = await open_checkout(api, receiver, ElevatedRoles=["FullAccess"], **header)
    stranger = api.token(it.user)

    def debug_page(request: Received) -> tuple[int, bytes]:
        return 500, f"{request.headers} {request.raw.decode()} {stranger}".encode()

    receiver.answers |= {
        CALCULATE: debug_page,
        RATES: lambda request: {"xp": {"echo": request.body["OrderCloudAccessToken"]}},
    }
    kept = await it.failure("calculate")
    assert "OrderWorksheet" in kept["UnhandledErrorBody"]
    for secret in ("very-secret", "eyJ", stranger):
        assert secret not in kept["UnhandledErrorBody"]
    good = (await it.worksheet("estimateshipping"))["ShipEstimateResponse"]
    assert (good["Succeeded"], good["xp"]) == (True, {"echo": "***"})
    stored = await api.value(
        "SELECT concat(ship_estimate, calculation) FROM orders WHERE marketplace_id = $1 AND \"ID\" = 'O'"
    )
    assert "eyJ" not in stored


async def test_an_empty_answer_is_none(api: Api, receiver: Receiver) -> None:
    """Behaviour B4, IE-10: a proxy that answers 200 with nothing opens no order that nobody has taxed; who is merely told of
    a submit need say nothing.
    """
    it = await open_checkout(api, receiver)
    receiver.answers |= {CALCULATE: b"", RATES: b" \n", "/ordersubmit": b""}
    for what in ("estimateshipping", "calculate"):
        kept = await it.failure(what)
        assert (kept["HttpStatusCode"], kept["Succeeded"]) == (200, False)
    assert codes(await it.do("submit")) == [UNCALCULATED]
    receiver.answers[CALCULATE] = {}
    await it.worksheet("calculate")
    assert (await submitted(it.http, "O"))["Status"] == "Open"
    assert (await it.worksheet())["OrderSubmitResponse"]["Succeeded"] is True


async def test_private_targets_can_be_forbidden(receiver: Receiver) -> None:
    """ENTREPOT_PRIVATE_TARGETS=false: names are refused for what they resolve to, and so is every call without TLS; nothing
    arrives.
    """
    receiver.answers["/x"] = {}
    port = receiver.url.rpartition(":")[2]
    caller = Outgoing(private=False)
    try:
        for host in ("127.0.0.1", "localhost", "[::1]", "0"):
            answer = await caller.post(1, f"https://{host}:{port}/x", b"{}", ())
            assert (answer.status, "not a public address" in answer.text) == (None, True), host
            answer = await caller.post(1, f"http://{host}:{port}/x", b"{}", ())
            assert (answer.status, "begin with https" in answer.text) == (None, True), host
            with pytest.raises(RefusedCallError, match="not a public address"):
                await caller.addresses(host.strip("[]"), 9093)
    finally:
        await caller.close()
    assert receiver.received == []


async def test_a_guest(api: Api, receiver: Receiver) -> None:
    """ANO-1: guests have their cart estimated and calculated; the elevated token is none of theirs."""
    it = await open_checkout(api, receiver, ElevatedRoles=["OrderReader", "UnsubmittedOrderReader"])
    order_id = new_id()
    guest = api.as_(it.user, roles=["Shopper"], order_id=order_id)
    assert (await guest.post("/v1/cart/lineitems", json={"ProductID": "A"})).status_code == 201
    receiver.answers |= {CALCULATE: {"TaxTotal": 1}, RATES: {"ShipEstimates": [methods(3)]}}
    assert (await guest.post("/v1/cart/estimateshipping")).status_code == 200
    sheet = (await guest.post("/v1/cart/calculate")).json()
    assert (sheet["Order"]["ID"], sheet["Order"]["Total"]) == (order_id, 6)
    token = receiver.received[-1].body["OrderCloudAccessToken"]
    assert "orderid" not in claims_of(token)
    elevated = api.with_token(token)
    assert (await elevated.get(f"/v1/orders/Incoming/{order_id}/worksheet")).status_code == 200


async def test_an_event_that_cannot_be_delivered_keeps_no_other_waiting(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security 25: a round goes on after an event that fails in a way nobody foresaw; that one can be seen."""
    it = await open_checkout(api, receiver)
    receiver.answers |= {CALCULATE: {}, "/ordersubmit": {"xp": {"a": 1}}}

    async def dies(*_: Any) -> None:
        raise RuntimeError("the process is gone")

    monkeypatch.setattr(telling, "deliver", dies)
    for order in ("O", "P"):
        if order == "P":
            await order_of(it.http, ID="P")
            await line_of(it.http, "P", "A", 1)
        await checked(it.http.post(f"/v1/orders/Outgoing/{order}/calculate"), 200)
        await submitted(it.http, order)
    monkeypatch.undo()
    await api.execute(
        """UPDATE outbox_events SET facts = jsonb_set(facts::jsonb, '{kind}', '"nonsense"')::json
        WHERE marketplace_id = $1 AND kind = 'CheckoutMove'
            AND (facts ->> 'order')::bigint = (SELECT key FROM orders WHERE marketplace_id = $1 AND "ID" = 'O')"""
    )
    api.server.clock.advance(seconds=31)
    async with posting(api) as post:
        await post.settle()
        failed = [row for row in await post.rows() if row["kind"] == "CheckoutMove"]
    assert receiver.paths()[-1] == "/ordersubmit"
    assert [(row["status"], row["failure"]) for row in failed] == [("Failed", "KeyError: 'nonsense'")]
