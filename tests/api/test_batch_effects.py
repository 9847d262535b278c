"""What requests of a batch cause beside their answers: as one by one, once it stands, and nothing where it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.batching import done, refused, request, send
from tests.api.checkout import ORDER, open_checkout, set_event
from tests.api.dispatching import posting
from tests.api.hooking import at, put_hook
from tests.api.marketplace import Api, codes
from tests.api.receiver import Receiver
from tests.api.shop import open_shop, order_of
from tests.api.test_ad_hoc_products import ANSWER, ASK
from tests.api.test_attempts import FAR, strict, too_many
from tests.api.test_checkout import UNDONE
from tests.api.test_registry_loops import OPERATIONS, url
from tests.api.test_request_log import items, logging
from tests.api.uniform.subjects import checked
from tests.api.world import unchanged

from entrepot.engine.attempts import Attempts
from entrepot.http.inside import InsideUnits
from entrepot.http.routing import leading

BUYER = {"Name": "B", "Active": True}
YES = {"proceed": True}
WAITING = "SELECT count(*) FROM outbox_events WHERE marketplace_id = $1"
INSIDE = InsideUnits(leading(()), Attempts())
JOINING = sorted({name for name, each in OPERATIONS.items() if INSIDE.may_join(each)} - {"Me.RevokeTokens"})
"""But for the one after which nobody can call any more."""


def patch(buyer_id: str, name: Any) -> dict[str, Any]:
    return request("PATCH", f"/v1/buyers/{buyer_id}", {"Name": name})


async def test_each_operation_refuses_what_it_refuses_alone(api: Api) -> None:
    """Every one that can be in a batch, of things that are not there, by callers of each kind: the same status and errors."""
    company = await api.buyer()
    shopper = await api.user(buyer=company)
    supplier = await api.user(supplier=await api.supplier())
    callers = [
        api.as_(api.admin, roles=["FullAccess"]),
        api.as_(shopper, roles=["FullAccess", "Shopper"]),
        api.as_(supplier, roles=["FullAccess"]),
        api.as_(api.admin, roles=["GrantForBundles"]),
    ]
    compared = 0
    for name in JOINING:
        operation = OPERATIONS[name]
        body = {"ID": "no id!", "Active": "maybe"} if operation.verb in ("POST", "PUT", "PATCH") else None
        for caller in callers:
            alone = await caller.request(operation.verb, url(operation), json=body)
            if alone.is_success:
                continue
            together = await send(caller, request(operation.verb, url(operation), body))
            errors = together.json()["Errors"]
            assert (together.status_code, errors[1:]) == (alone.status_code, alone.json()["Errors"]), name
            compared += 1
    assert compared > 2 * len(JOINING)


async def test_pre_hooks_are_asked_about_each_before(api: Api, receiver: Receiver) -> None:
    """WH-7: once for each, with its own body, and no transaction is open; the first that says no refuses all."""
    company, second = await api.buyer(), await api.buyer()
    await put_hook(api, receiver, "pre")
    receiver.answers["/pre"] = YES
    await done(api.seller, patch(company, "one"), patch(second, "two"), patch(company, "three"))
    asked = at(receiver, "pre")
    assert [each.body["Request"]["Body"]["Name"] for each in asked] == ["one", "two", "three"]
    assert [each.body["RouteParams"]["buyerID"] for each in asked] == [company, second, company]
    receiver.answers["/pre"] = lambda told: {"proceed": told.body["Request"]["Body"]["Name"] != "no"}
    async with unchanged(api):
        assert await refused(
            api.seller, patch(company, "yes"), patch(second, "no"), patch(second, "never asked")
        ) == (
            400,
            1,
            ["Webhook.Blocked"],
        )
    assert len(at(receiver, "pre")) == 5


async def test_a_pre_hook_cannot_be_asked_about_what_is_not_known(api: Api, receiver: Receiver) -> None:
    """Neither about a request that refers to an answer, nor by a webhook that the batch itself has made."""
    company = await api.buyer()
    await put_hook(api, receiver, "pre")
    receiver.answers["/pre"] = YES
    new = request("PUT", "/v1/suppliers/s", BUYER, Label="s")
    async with unchanged(api):
        assert await refused(api.seller, patch(company, "a"), new, patch(company, "${s.Name}")) == (
            400,
            2,
            ["Batch.CallsAbroad"],
        )
    assert at(receiver, "pre") == []
    hook = (await checked(api.seller.get("/v1/webhooks/pre"), 200)).json()
    await checked(api.seller.delete("/v1/webhooks/pre"), 204)
    again = request("PUT", "/v1/webhooks/pre", {**hook, "HashKey": "k" * 20})
    assert await refused(api.seller, again, patch(company, "b")) == (400, 1, ["Batch.CallsAbroad"])


async def test_post_hooks_hear_of_each_afterwards(api: Api, receiver: Receiver) -> None:
    """WH-11, WH-13: with its answer, where somebody heard of it; also one that the batch itself has made; of a refused batch nothing."""
    company = await api.buyer()
    await put_hook(api, receiver, "post", BeforeProcessRequest=False)
    hook = {**(await api.seller.get("/v1/webhooks/post")).json(), "ID": "new", "Url": f"{receiver.url}/new", "HashKey": "k" * 20}  # fmt: skip
    receiver.answers["/new"] = {}
    before = await api.value(WAITING)
    await refused(api.seller, patch(company, "never"), patch("nobody", "never"))
    assert await api.value(WAITING) == before
    async with posting(api) as post:
        await done(api.seller, patch(company, "one"), patch(company, "two"))
        await checked(api.seller.delete("/v1/webhooks/post"), 204)
        made = request("PUT", "/v1/webhooks/new", hook)
        await done(api.seller, patch(company, "three"), made, patch(company, "four"))
        await post.settle()
    told = [each.body["Response"]["Body"]["Name"] for each in at(receiver, "new")]
    assert told == ["one", "two", "four"], "whoever listens when it is told of, as always"


async def test_a_submit_is_told_after_the_commit(api: Api, receiver: Receiver) -> None:
    """CHK-8: the call abroad follows the transaction, and is not made where that is undone. What needs an answer in it is refused."""
    it = await open_checkout(api, receiver)
    receiver.answers |= {"/ordercalculate": {}, "/ordersubmit": {"xp": {"a": 1}}}
    calculate, submit = (request("POST", f"{ORDER}/{what}") for what in ("calculate", "submit"))
    assert await refused(it.http, submit, calculate) == (400, 1, ["Batch.OperationNotPossible"])
    await it.worksheet("calculate")
    async with unchanged(api):
        assert (await refused(it.http, submit, request("GET", "/v1/orders/Outgoing/none")))[:2] == (404, 1)
    assert receiver.paths() == ["/ordercalculate"]
    answers = await done(it.http, submit, request("GET", ORDER))
    assert [each["Body"]["Status"] for each in answers] == ["Open", "Open"]
    assert receiver.paths() == ["/ordercalculate", "/ordersubmit"]
    assert receiver.received[-1].body["OrderWorksheet"]["Order"] == answers[0]["Body"]
    assert (await it.worksheet())["OrderSubmitResponse"]["xp"] == {"a": 1}
    assert await api.rows(UNDONE) == []


async def test_promotions_within_a_batch(api: Api, receiver: Receiver) -> None:
    """Added, applied and taken off in the transaction that is open; one that an integration values is refused there."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    code = {
        "Code": "TEN",
        "Active": True,
        "EligibleExpression": "true",
        "ValueExpression": "1",
        "AllowAllBuyers": True,
    }
    await shop.put("promotions/ten", **code)
    promotions = "/v1/orders/Outgoing/O/promotions"
    lines = "/v1/orders/Outgoing/O/lineitems"
    answers = await done(
        http,
        request("GET", f"{promotions}"),
        request("POST", f"{promotions}/TEN"),
        request("GET", promotions),
        request("POST", "/v1/orders/Outgoing/O/refreshpromotions"),
        request("DELETE", f"{promotions}/TEN"),
        request("GET", lines),
    )
    assert [each["Body"]["Meta"]["TotalCount"] for each in (answers[0], answers[2])] == [0, 1]
    async with unchanged(api):
        assert (
            await refused(http, request("POST", f"{promotions}/TEN"), request("POST", f"{promotions}/NONE"))
        )[:2] == (404, 1)


async def test_a_product_that_an_integration_knows(api: Api, receiver: Receiver) -> None:
    """LI-6: it is asked outside of the transaction, which is then begun anew; of many, the batch is refused."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    receiver.answers[ASK] = ANSWER
    await set_event(api, receiver.url + ASK, "AddToCart")
    await order_of(http, ID="O")
    lines = "/v1/orders/Outgoing/O/lineitems"
    answers = await done(
        http,
        request("POST", lines, {"ProductID": "X", "Quantity": 2}, Label="line"),
        request("POST", lines, {"ProductID": "X", "Quantity": 2}),
        request("GET", "/v1/orders/Outgoing/O"),
    )
    assert answers[2]["Body"]["Subtotal"] == 4 * 9.99
    assert len(receiver.received) == 1
    many = [request("POST", lines, {"ProductID": f"X{n}", "Quantity": 1}) for n in range(20)]
    async with unchanged(api):
        status, _, found = await refused(http, *many)
        assert (status, found) == (400, ["Batch.CallsAbroad"])


async def test_the_log_has_each_of_them(api: Api) -> None:
    """Under the X-Request-ID of the batch, with its own path, status and error."""
    company = await api.buyer("B")
    async with logging(api) as server:
        http = api.with_token(api.token(api.admin, ["FullAccess"]), server)
        first = request("GET", f"/v1/buyers/{company}?secret=q")
        await checked(
            send(http, first, request("DELETE", "/v1/buyers/B"), headers={"X-Request-ID": "batch-1"}), 200
        )
        await send(
            http,
            request("GET", "/v1/me"),
            request("GET", "/v1/buyers/B"),
            headers={"X-Request-ID": "batch-2"},
        )
        secret = request("GET", "/v1/suppliers?secret=${0.Nothing}")
        await send(http, request("GET", "/v1/me"), secret, headers={"X-Request-ID": "batch-3"})
    found = {(each["LogID"], each["Operation"]): each for each in await items(api, "pageSize=100")}
    assert found.keys() == {
        ("batch-1", "Batches.Create"),
        ("batch-1", "Buyers.Get"),
        ("batch-1", "Buyers.Delete"),
        ("batch-2", "Batches.Create"),
        ("batch-2", "Buyers.Get"),
        ("batch-3", "Batches.Create"),
        ("batch-3", "Suppliers.List"),
    }
    assert found["batch-3", "Suppliers.List"]["Path"] == "/v1/suppliers"
    got, gone = found["batch-1", "Buyers.Get"], found["batch-2", "Buyers.Get"]
    assert (got["Path"], got["Method"], got["Status"], got["Username"]) == (
        "/v1/buyers/B",
        "GET",
        200,
        "admin",
    )
    assert (gone["Status"], gone["ErrorCode"]) == (404, "NotFound")
    assert found["batch-2", "Batches.Create"]["ErrorCode"] == "Batch.RequestRefused"


@pytest.fixture
async def by_address(server: Any) -> AsyncIterator[Api]:
    async for made in strict(server, attempts_per_address=5):
        yield made


async def test_guesses_count(by_address: Api) -> None:
    """HTTP-6: of codes in batches as of codes alone; what succeeds counts nothing."""
    api = by_address
    shop = await open_shop(api)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    guess = request("POST", "/v1/orders/Outgoing/O/promotions/guess")
    for _ in range(5):
        answer = await send(http, request("GET", "/v1/me"), guess, headers=FAR)
        assert answer.status_code == 404
    answer = await send(http, guess, headers=FAR)
    assert codes(answer) == ["Batch.RequestRefused", "Request.TooManyAttempts"]
    assert answer.headers["Retry-After"].isdecimal()
    too_many(await http.post("/v1/orders/Outgoing/O/promotions/guess", headers=FAR))
    await checked(send(http, request("GET", "/v1/orders/Outgoing/O"), headers=FAR), 200)


async def test_faults_meet_its_requests(api: Api) -> None:
    """Not the batch itself, which is the server's own; one that meets a request, at whichever moment, refuses all."""
    company = await api.buyer()
    for moment in ("Before", "After"):
        fault = {
            "ID": "f",
            "OperationID": "Buyers.Patch",
            "Moment": moment,
            "Status": 503,
            "RetryAfter": 7,
            "Remaining": 1,
        }
        await checked(api.seller.post("/entrepot/v1/faults", json=fault), 201)
        answer = await send(api.seller, request("PUT", "/v1/buyers/new", BUYER), patch(company, "x"))
        assert (answer.status_code, codes(answer)) == (503, ["Batch.RequestRefused", "Fault.Injected"])
        assert answer.headers["Retry-After"] == "7"
        assert (await api.seller.get("/v1/buyers/new")).status_code == 404
        await done(api.seller, patch(company, "x"))
        await checked(api.seller.patch("/entrepot/v1/faults/f", json={"Remaining": 1}), 200)
        named = patch(company, "${0.Name}")
        assert (await refused(api.seller, request("PUT", "/v1/buyers/new", BUYER), named))[1:] == (
            1,
            ["Fault.Injected"],
        )
        await checked(api.seller.delete("/entrepot/v1/faults/f"), 204)
    await checked(
        api.seller.post("/entrepot/v1/faults", json={"OperationID": "Buyers.Patch", "Cut": True}), 201
    )
    answer = await send(api.seller, request("PUT", "/v1/buyers/new", BUYER), patch(company, "y"))
    assert codes(answer) == ["Fault.ConnectionCut"], "with a connection it is closed without an answer"


async def test_lists_and_shoppers_see_what_was_written(api: Api) -> None:
    """What processes remember of the catalog is not told to a batch that has changed it, nor is what it saw kept."""
    shop = await open_shop(api)
    await shop.put("priceschedules/P", PriceBreaks=[{"Quantity": 1, "Price": 10}])
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    _, http = await shop.shopper()
    before = (await http.get("/v1/me/products/P")).json()
    answers = await done(
        api.seller,
        request("PATCH", "/v1/products/P", {"Name": "Renamed", "ID": "Q"}),
        request("GET", "/v1/products?search=Renamed"),
        request("GET", "/v1/products/Q"),
    )
    assert [each["ID"] for each in answers[1]["Body"]["Items"]] == ["Q"]
    assert before["Name"] != "Renamed"
    assert (await http.get("/v1/me/products?search=Renamed")).json()["Items"][0]["ID"] == "Q"
    lines: list[httpx.Response] = [await http.get("/v1/me/products/P"), await http.get("/v1/me/products/Q")]
    assert [each.status_code for each in lines] == [404, 200]
