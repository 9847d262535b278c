"""Faults of what the server sends itself: deliveries that get lost, integrations that do not answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.api.checkout import methods, open_checkout
from tests.api.dispatching import Post, opened, own_call, posting
from tests.api.hooking import put_hook
from tests.api.marketplace import Api, codes
from tests.api.promoting import ORDER
from tests.api.receiver import Receiver
from tests.api.test_injected_faults import PATH, fault, met
from tests.api.test_openid import Browser, ann, browser, provider
from tests.api.test_order_promotion_integration import OURS, answer, integrated
from tests.api.test_subscription_runs import Scene, scene
from tests.api.uniform.subjects import checked

from entrepot.domain.faults.abroad import DELIVERIES, QUESTIONS
from entrepot.engine.content import Content
from entrepot.features.people.faults.abroad import asked, delivered
from entrepot.features.people.outgoing.answers import Answer

__all__ = ["ann", "browser", "provider", "scene"]
IN_TIME = "No complete answer in time"


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


async def hooked(post: Post, receiver: Receiver) -> None:
    """A webhook whose receiver is content."""
    receiver.answers["/w"] = {}
    await post.hook("w", f"{receiver.url}/w")


async def told(post: Post, of: str) -> None:
    await post.tell(of, hook="w")
    await post.settle()


async def test_the_next_delivery_is_lost(api: Api, post: Post, receiver: Receiver) -> None:
    """It counts as delivered, and nobody got it; the log says by which fault. The one after it arrives."""
    await hooked(post, receiver)
    lost = await fault(api, OperationID="Outgoing.Webhook", Moment="After", Cut=True, Remaining=1)
    await told(post, "order/1")
    assert (await post.states(), receiver.received) == ([("Delivered", 1)], [])
    await told(post, "order/2")
    assert (await post.states(), len(receiver.received)) == ([("Delivered", 1)] * 2, 1)
    assert await met(api, lost) == (1, 0)
    (row, _) = await post.rows()
    shown = (await api.seller.get(f"/entrepot/v1/deliveries/{row['ID']}")).json()
    assert lost in str(shown)


async def test_the_next_delivery_times_out(api: Api, post: Post, receiver: Receiver) -> None:
    """The log of deliveries says so, and it is tried again as ever."""
    await hooked(post, receiver)
    await fault(api, OperationID="Outgoing.*", Cut=True, Remaining=1)
    await told(post, "order/1")
    assert (await post.states(), receiver.received) == ([("Retrying", 1)], [])
    (row,) = await post.rows()
    assert IN_TIME in row["failure"]
    api.server.clock.advance(minutes=1)
    await post.settle()
    assert (await post.states(), len(receiver.received)) == ([("Delivered", 2)], 1)


@pytest.mark.parametrize(("moment", "arrived"), [("Before", 0), ("After", 1)])
async def test_a_receiver_seems_to_refuse(
    api: Api, post: Post, receiver: Receiver, moment: str, arrived: int
) -> None:
    """Afterwards: it has it, and gets it once more. Who bears that?"""
    await hooked(post, receiver)
    await fault(api, OperationID="outgoing.webhook", Path="/w", Moment=moment, Status=503, Remaining=1)
    await told(post, "order/1")
    assert (await post.states(), len(receiver.received)) == ([("Retrying", 1)], arrived)
    api.server.clock.advance(minutes=1)
    await post.settle()
    assert (await post.states(), len(receiver.received)) == ([("Delivered", 2)], arrived + 1)


async def test_rules_of_operations_meet_no_delivery(
    api: Api, other: Api, post: Post, receiver: Receiver
) -> None:
    """A fault of everything fails requests; those of others, inactive ones, and of other paths fail nothing of this."""
    await hooked(post, receiver)
    await fault(other, OperationID="Outgoing.*", Cut=True)
    await fault(api, OperationID="Outgoing.Webhook", Path="/elsewhere", Cut=True)
    await fault(api, OperationID="Outgoing.MessageSender", Cut=True)
    await fault(api, OperationID="Outgoing.Webhook", Active=False, Cut=True)
    counting = await fault(api, OperationID="Outgoing.Webhook")
    everything = await fault(api, OperationID="*", Status=500)
    await told(post, "order/1")
    assert (await post.states(), len(receiver.received)) == ([("Delivered", 1)], 1)
    assert await met(api, counting) == (1, None)
    assert await met(api, everything) == (0, None)
    await api.seller.delete(f"{PATH}/{everything}")
    await fault(api, OperationID="Outgoing.*", Status=500)
    assert (await api.seller.get("/v1/me")).status_code == 200


@pytest.mark.parametrize("name", DELIVERIES)
async def test_each_kind_of_delivery_gets_lost(api: Api, name: str) -> None:
    await fault(api, OperationID=f"Outgoing.{name}", Moment="After", Cut=True, Remaining=1)
    assert await _sent(api, delivered, name) == [(200, 0), (201, 1)]


@pytest.mark.parametrize("name", QUESTIONS)
async def test_each_kind_of_question_times_out(api: Api, name: str) -> None:
    """Before it is asked, and after it was, once each."""
    await fault(api, ID="a", OperationID=f"Outgoing.{name}", Cut=True, Remaining=1)
    assert await _sent(api, asked, name) == [(None, 0), (201, 1)]
    await fault(api, ID="b", OperationID=f"Outgoing.{name}", Moment="After", Cut=True, Remaining=1)
    assert await _sent(api, asked, name) == [(None, 1), (201, 2)]
    await fault(api, ID="c", OperationID=f"Outgoing.{name}", Status=429, RetryAfter=3, Delay=1, Remaining=1)
    assert await _sent(api, asked, name) == [(429, 0), (201, 1)]


async def _sent(api: Api, way: Any, name: str) -> list[tuple[int | None, int]]:
    """Of two calls: the status that comes of it, and how many have been made by then."""
    calls = 0

    async def send() -> Answer:
        nonlocal calls
        calls += 1
        return Answer(201, Content(b"{}"))

    async with opened(api) as backend:
        call = await own_call(api, backend)
        call.caller = replace(call.principal, has_faults=True)
        found = []
        for _ in range(2):
            came = await way(call, name, "https://there.example/x", send)
            found.append((came.status, calls))
    return found


async def test_a_checkout_that_gets_no_answer(api: Api, receiver: Receiver) -> None:
    """As one whose integration is too slow; the next attempt goes well."""
    it = await open_checkout(api, receiver)
    receiver.answers["/shippingrates"] = {"ShipEstimates": [methods(10)]}
    receiver.answers["/ordercalculate"] = {"TaxTotal": 3}
    await fault(api, OperationID="Outgoing.ShippingRates", Cut=True, Remaining=1)
    assert IN_TIME in (await it.failure("estimateshipping"))["UnhandledErrorBody"]
    assert receiver.received == []
    await it.worksheet("estimateshipping")
    await fault(api, OperationID="Outgoing.OrderCalculate", Status=502, Message="Bad gateway", Remaining=1)
    assert (await it.failure("calculate"))["HttpStatusCode"] == 502
    await it.worksheet("calculate")
    assert receiver.paths() == ["/shippingrates", "/ordercalculate"]


async def test_a_webhook_that_is_asked_and_does_not_answer(api: Api, receiver: Receiver) -> None:
    """What it would have blocked is blocked, since it has not agreed."""
    buyer = await api.buyer()
    await put_hook(api, receiver, "h")
    receiver.answers["/h"] = {"proceed": True}
    await fault(api, OperationID="Outgoing.PreWebhook", Cut=True, Remaining=1)
    blocked = await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "N"})
    assert codes(blocked) == ["Webhook.Blocked"]
    assert receiver.received == []
    assert (await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "N"})).status_code == 200


async def test_a_promotion_integration_that_does_not_answer(api: Api, receiver: Receiver) -> None:
    sale = await integrated(api, receiver)
    await sale.promotion("P", None, **OURS)
    answer(receiver, {"ID": "P", "Amount": 5})
    await fault(api, OperationID="Outgoing.PromotionIntegration", Cut=True, Remaining=1)
    assert (await sale.add("P")).status_code == 400
    assert receiver.received == []
    await checked(sale.add("P"), 201)
    assert (await sale.http.get(ORDER)).status_code == 200


async def test_a_subscription_integration_that_does_not_answer(scene: Scene) -> None:
    """Its order is there, and the next round tells of it again."""
    await scene.integrate()
    lost = await fault(scene.api, OperationID="Outgoing.SubscriptionIntegration", Cut=True, Remaining=1)
    await scene.run()
    assert (len(await scene.orders()), scene.receiver.received) == (1, [])
    assert await met(scene.api, lost) == (1, 0)


async def test_a_provider_of_logins_that_does_not_answer(browser: Browser, ann: Any) -> None:
    await fault(browser.api, OperationID="Outgoing.OpenIdConnect", Cut=True, Remaining=1)
    assert await browser.failure()
    assert (await browser.log_in())["path"] != "/failed"


async def test_without_the_test_bench_nothing_is_lost(api: Api, receiver: Receiver) -> None:
    await fault(api, OperationID="Outgoing.Webhook", Moment="After", Cut=True)
    without = replace(api.server, settings=replace(api.server.settings, test_bench=False))
    async with posting(replace(api, server=without)) as post:
        receiver.answers["/w"] = {}
        answer = await api.seller.put(
            "/v1/webhooks/w", json={"Name": "w", "Url": f"{receiver.url}/w", "HashKey": "k"}
        )
        assert answer.is_success
        await post.tell("order/1", hook="w")
        await post.settle()
    assert len(receiver.received) == 1


@pytest.mark.parametrize("name", ["Outgoing.Nothing", "Outgoing", "Outgoing.Webhooks"])
async def test_what_the_server_does_not_send_is_no_aim(api: Api, name: str) -> None:
    refused = await api.seller.post(PATH, json={"OperationID": name, "Cut": True})
    assert codes(refused) == ["Fault.UnknownOperation"]
