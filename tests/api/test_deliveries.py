"""Deliveries: at least once, in order, with retries that help and a dead letter where they do not (WH-11)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from tests.api.dispatching import TOLD, Post, opened, own_call, posting
from tests.api.marketplace import Api
from tests.api.receiver import Receiver

from entrepot.engine.units import writing
from entrepot.features.people.deliveries import courtesy, handling
from entrepot.features.people.deliveries.attempting import Attempts, Targets
from entrepot.features.people.deliveries.claiming import Claim, claim, note
from entrepot.features.people.deliveries.courtesy import Courtesy
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.outgoing.client import MAX_ANSWER
from entrepot.worker.dispatcher import dispatching

ERROR_CONFIG = {"DeliveryConfigID": "errors"}


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


async def put(api: Api, path: str, values: dict[str, Any]) -> None:
    answer = await api.seller.put(f"/v1/{path}", json=values)
    assert answer.status_code in {200, 201}, answer.text


async def test_wh_11_a_delivery_is_tried_four_times_and_then_reported(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """WH-11, ERR-1, ERR-2: 5 s, 30 s and 5 min; the same bytes, signed, under one delivery ID; then the error configuration hears
    of it once, and its own failure is only kept.
    """
    receiver.answers |= {"/hook": (500, {"error": "no"}), "/errors": (500, {})}
    target = {"Http": {"Endpoint": f"{receiver.url}/errors", "Secret": "s"}}
    await put(
        api, "integrations/deliveryconfig/errors", {"Name": "E", "Enabled": True, "DeliveryTargets": target}
    )
    await put(api, "integrations/ErrorConfig", ERROR_CONFIG)
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a", confidential={"code": "secret-code"})
    for attempts, wait in enumerate((5, 30, 300), start=1):
        await post.settle()
        assert await post.states() == [("Retrying", attempts)]
        (row,) = await post.rows("due_at, log")
        assert row["due_at"] - datetime.fromisoformat(json.loads(row["log"])[-1]["At"]) >= timedelta(
            seconds=wait
        )
        api.server.clock.advance(seconds=wait)
    await post.settle()
    (failed, reported) = await post.rows()
    assert (failed["status"], failed["attempts"], failed["due_at"]) == ("Failed", 4, None)
    assert (reported["integration"], reported["target"], reported["config_id"]) == (
        "ErrorConfig",
        "Http",
        "errors",
    )
    first, *others = [each for each in receiver.received if each.path == "/hook"]
    assert len(others) == 3
    assert {each.raw for each in others} == {first.raw}
    assert first.is_signed
    assert first.body["code"] == "secret-code"
    assert b"secret-code" not in failed["body"]
    ids = {each.headers["x-request-id"] for each in (first, *others)}
    assert ids == {failed["ID"]}
    (error,) = [each.body for each in receiver.received if each.path == "/errors"]
    assert error["Headers"]["type"] == "sitecore.ordercloud.messages.error"
    told = error["Payload"]
    assert (told["Source"], told["SourceID"], told["Target"]) == ("Webhook", "a", "Url")
    assert (told["HttpStatusCode"], told["Attempts"], told["Original"]["hook"]) == (500, 4, "a")
    api.server.clock.advance(hours=1)
    for _ in range(3):
        await post.settle()
        api.server.clock.advance(hours=1)
    assert await post.states() == [("Failed", 4), ("Failed", 4)]


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ((200, 204, 201), "Delivered"),
        ((301, 400, 401, 403, 404, 409, 410, 413, 422), "Failed"),
        ((408, 425, 429, 500, 502, 503), "Retrying"),
    ],
)
async def test_wh_11_which_answers_are_final(
    api: Api, post: Post, receiver: Receiver, answers: tuple[int, ...], status: str
) -> None:
    """410 and 4xx but 408, 425 and 429 are not repeated, nor are redirects followed."""
    receiver.location = f"{receiver.url}/elsewhere"
    for answer in answers:
        receiver.answers[f"/{answer}"] = (answer, b"")
        await post.hook(f"h{answer}", f"{receiver.url}/{answer}")
        await post.tell("order/1", hook=f"h{answer}")
    await post.settle()
    assert await post.states() == [(status, 1)] * len(answers)
    assert sorted(receiver.paths()) == sorted(f"/{answer}" for answer in answers)


async def test_wh_11_an_answer_counts_by_its_status(api: Api, post: Post, receiver: Receiver) -> None:
    """Its body, which nobody needs, may be larger than what is read: what has arrived is not sent again, nor what was refused."""
    large = b'"' + b"m" * MAX_ANSWER + b'"'
    for name, status in (("good", 200), ("gone", 410), ("busy", 500)):
        receiver.answers[f"/{name}"] = (status, large)
        await post.hook(name, f"{receiver.url}/{name}")
        await post.tell("order/1", hook=name)
    await post.settle()
    assert await post.states() == [("Delivered", 1), ("Failed", 1), ("Retrying", 1)]
    entries = [json.loads(row["log"])[0] for row in await post.rows("log")]
    said = f"The answer has more than {MAX_ANSWER} bytes."
    assert [(each["Status"], each["Answer"]) for each in entries] == [(200, said), (410, said), (500, said)]


async def test_the_order_of_one_aggregate_is_kept(api: Api, post: Post, receiver: Receiver) -> None:
    """What comes after a failed one waits for it; other aggregates and other hooks do not."""
    broken = {"order/1"}

    def answer(request: Any) -> tuple[int, Any]:
        return (500 if request.body["about"] in broken else 200), {}

    receiver.answers |= {"/a": answer, "/b": {}}
    await post.hook("a", f"{receiver.url}/a")
    await post.hook("b", f"{receiver.url}/b")
    for number in range(3):
        await post.tell("order/1", hook="a", about="order/1", number=number)
        await post.tell("order/2", hook="a", about="order/2", number=number)
        await post.tell("order/1", hook="b", about="order/1", number=number)
    await post.settle()
    sent = [(each.path, each.body["about"], each.body["number"]) for each in receiver.received]
    assert [each for each in sent if each[:2] == ("/a", "order/1")] == [("/a", "order/1", 0)]
    for others in (("/a", "order/2"), ("/b", "order/1")):
        assert [each[2] for each in sent if each[:2] == others] == [0, 1, 2]
    broken.clear()
    receiver.received.clear()
    api.server.clock.advance(seconds=6)
    await post.settle()
    assert [each.body["number"] for each in receiver.received] == [0, 1, 2]
    assert {status for status, _ in await post.states()} == {"Delivered"}


@pytest.mark.parametrize(("header", "wait"), [("120", 120), ("100000000", 3600), ("nonsense", 5)])
async def test_retry_after_is_honoured_within_bounds(
    api: Api, post: Post, receiver: Receiver, header: str, wait: int
) -> None:
    """An endpoint that says for how long it is busy is left alone until then, an hour at most; also by what comes after."""
    receiver.headers["Retry-After"] = header
    receiver.answers["/hook"] = (429, b"")
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a")
    await post.settle()
    receiver.answers["/hook"] = {}
    await post.tell("order/2", hook="a")
    await post.settle()
    waits = wait > 5
    assert await post.states() == [("Retrying", 1), ("Queued", 0) if waits else ("Delivered", 1)]
    api.server.clock.advance(seconds=wait / 5)
    await post.settle()
    assert (await post.states())[0] == ("Retrying", 1)
    api.server.clock.advance(seconds=wait)
    await post.settle()
    assert {status for status, _ in await post.states()} == {"Delivered"}


async def test_an_endpoint_that_is_down_is_left_alone(api: Api, post: Post, receiver: Receiver) -> None:
    """After five failures in a row its deliveries wait and use up no attempts, those of others go on; after 30 s one of them tries,
    and its success lets all of them pass.
    """
    receiver.answers |= {"/down": (503, b""), "/up": {}}
    await post.hook("down", f"{receiver.url}/down")
    await post.hook("up", f"{receiver.url}/up")
    for number in range(40):
        await post.tell(f"order/{number}", hook="down")
    await post.settle()
    tried = len(receiver.received)
    assert 5 <= tried <= 20
    assert sorted(attempts for _, attempts in await post.states()) == [0] * (40 - tried) + [1] * tried
    api.server.clock.advance(seconds=10)
    await post.tell("order/1", hook="up")
    await post.settle()
    assert receiver.paths()[tried:] == ["/up"]
    api.server.clock.advance(seconds=21)
    await post.settle()
    assert receiver.paths()[tried + 1 :] == ["/down"]
    receiver.answers["/down"] = {}
    api.server.clock.advance(seconds=31)
    await post.settle()
    assert {status for status, _ in await post.states()} == {"Delivered"}


@pytest.mark.parametrize("renamed", ["webhook", "configuration"])
async def test_what_waits_follows_a_rename(api: Api, post: Post, receiver: Receiver, renamed: str) -> None:
    """CONV-3: deliveries to a webhook, or a delivery configuration, that gets another ID go on under that, in their order, with what
    was told since; so does a pause. One that a process has taken meanwhile is not lost.
    """
    receiver.answers |= {"/hook": {}, "/config": {}}
    await post.hook("a", f"{receiver.url}/hook")
    target = {"Endpoint": f"{receiver.url}/config", "Secret": "s"}
    config = {"Name": "C", "Enabled": True, "DeliveryTargets": {"Http": target}}
    assert (await api.seller.put("/v1/integrations/deliveryconfig/a", json=config)).is_success
    of_config: dict[str, Any] = {} if renamed == "webhook" else {"config": "a"}
    endpoint, path = (
        ("Webhook/{}/Url", "webhooks")
        if renamed == "webhook"
        else ("DeliveryConfig/{}/Http", "integrations/deliveryconfig")
    )
    call = await own_call(api, post.backend)
    async with writing(call):
        await handling.pause(call, endpoint.format("a"))
    for number in range(3):
        await post.tell("order/1", hook="a", number=number, **of_config)
    await post.settle()
    assert receiver.received == []
    answer = await api.seller.patch(f"/v1/{path}/A", json={"ID": "b"})
    assert (answer.status_code, answer.json()["ID"]) == (200, "b")
    hook = "b" if renamed == "webhook" else "a"
    of_config |= dict.fromkeys(of_config, "b")
    await post.tell("order/1", hook=hook, number=3, **of_config)
    await post.settle()
    assert receiver.received == []
    assert {row["endpoint"] for row in await post.rows()} == {endpoint.format("b")}
    assert len({row["lane"] for row in await post.rows()}) == 1
    async with writing(call):
        await handling.resume(call, endpoint.format("b"))
    # One is claimed as what it was.
    wanted = Claim(post.backend.clock(), "other", {}, {}, 10, 10)
    (claimed,) = await claim(post.backend.pool, api.marketplace_id, wanted)
    assert (await api.seller.patch(f"/v1/{path}/b", json={"ID": "c"})).status_code == 200
    outcome = await Attempts(await own_call(api, post.backend), Targets()).attempt(claimed)
    assert (outcome.result, outcome.status) == (None, "Queued")
    async with post.backend.pool.unit(api.marketplace_id) as connection:
        await note(connection, api.marketplace_id, "other", [outcome], post.backend.clock())
    await post.settle()
    assert await post.states() == [("Delivered", 1)] * 4
    assert [each.body["number"] for each in receiver.received] == [0, 1, 2, 3]


async def test_what_waits_for_a_webhook_that_is_gone_ends_at_once(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """Also where its endpoint was left alone since it was down: one look finds that nobody is there, and nobody is spared."""
    receiver.answers["/down"] = (503, b"")
    await post.hook("down", f"{receiver.url}/down")
    for number in range(40):
        await post.tell(f"order/{number}", hook="down")
    await post.settle()
    tried = len(receiver.received)
    assert (await api.seller.delete("/v1/webhooks/down")).status_code == 204
    api.server.clock.advance(seconds=31)
    await post.settle()
    assert {status for status, _ in await post.states()} == {"Cancelled"}
    assert len(receiver.received) == tried


@pytest.mark.parametrize(
    ("facts", "rows", "failure"),
    [
        ({"raises": "no product\0"}, 1, "RuntimeError: no product"),
        ({"hook": "a", "blanks": 2**21}, 1, "The body has 2097"),
        ({"hook": "gone", "times": 1001}, 1001, "1001 deliveries, of which only 1000 are made."),
        ({"hook": "a", "text": "x" * 2**21}, 1, "The event's facts have"),
    ],
)
async def test_what_cannot_be_expanded_can_be_seen_and_stops_nobody(
    post: Post, receiver: Receiver, facts: dict[str, Any], rows: int, failure: str
) -> None:
    """A bug, a body or facts that are too large, too many recipients: a failed delivery says so, and what follows goes on."""
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", **facts)
    await post.tell("order/1", hook="a", last=True)
    await post.settle()
    found = await post.rows()
    failed = [each for each in found if each["status"] == "Failed"]
    assert [each["failure"].startswith(failure) for each in failed] == [True]
    assert len(found) == rows + 1
    assert found[-1]["status"] == "Delivered"
    assert receiver.received[-1].body["last"]
    if "raises" in facts:
        assert "no product" in failed[0]["facts"]


async def test_addresses_are_read_at_each_attempt(api: Api, post: Post, receiver: Receiver) -> None:
    """A corrected URL helps what is to be delivered yet; what nobody waits for any more is cancelled and says why."""
    receiver.answers["/right"] = {}
    for hook in ("wrong", "gone"):
        await post.hook(hook, "http://localhost:1/")
        await post.tell("order/1", hook=hook)
    await post.settle()
    assert await post.states() == [("Retrying", 1), ("Retrying", 1)]
    await post.hook("wrong", f"{receiver.url}/right")
    assert (await api.seller.delete("/v1/webhooks/gone")).status_code == 204
    api.server.clock.advance(seconds=6)
    await post.settle()
    assert await post.states() == [("Delivered", 2), ("Cancelled", 1)]
    assert [each["failure"] for each in await post.rows()] == [None, "Webhook gone is gone."]


async def test_a_dispatcher_is_woken_by_whoever_tells_in_any_process(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """What another process tells, in a unit of a call or in a plain transaction, leaves without a look at what is due: that was
    before, and the next one is not awaited.
    """
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    assert api.server.settings.database_url is not None
    async with opened(api) as delivering:
        url = api.server.settings.database_url
        async with dispatching(delivering, url, private=True) as dispatcher:
            await until(lambda: dispatcher.listens)
            await post.tell("order/1", hook="a", number=1)
            async with api.server.database.unit(api.marketplace_id) as connection:
                await tell(connection, api.marketplace_id, TOLD.name, "order/2", {"hook": "a", "number": 2})
            await until(lambda: len(receiver.received) == 2)
    assert sorted(each.body["number"] for each in receiver.received) == [1, 2]
    assert await post.states() == [("Delivered", 1)] * 2


async def until(happened: Callable[[], bool]) -> None:
    """Wait for a condition, for as long as a loaded machine may need. Raises TimeoutError."""
    async with asyncio.timeout(30):
        while not happened():
            await asyncio.sleep(0.005)


async def test_requests_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that answers many requests says once that it gives way; one that answers none, or as many within no time, never
    does.
    """
    monkeypatch.setattr(courtesy, "LOOK", 0.0)
    told: list[bool] = []
    numbers = count(step=10_000)
    busy = Courtesy(lambda: (next(numbers), next(numbers)), lambda: told.append(True))
    async with asyncio.timeout(30):
        while not told:
            await busy.turn()
    await busy.turn()
    assert told == [True]
    nobody = Courtesy(None, lambda: told.append(False))
    quick = Courtesy(lambda: (next(numbers), 0.0), lambda: told.append(False))
    for _ in range(1_000):
        await nobody.turn()
        await quick.turn()
    assert told == [True]
