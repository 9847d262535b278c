"""What somebody may do about deliveries, and what becomes of them with time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.api.dispatching import Post, own_call, posting
from tests.api.marketplace import Api
from tests.api.receiver import Receiver

from entrepot.engine.units import writing
from entrepot.features.people.deliveries import handling
from entrepot.features.people.deliveries.purging import purge
from entrepot.features.people.deliveries.storing import LOCK_ENDPOINTS

WEEK = timedelta(days=7)


@pytest.fixture
async def post(api: Api, receiver: Receiver) -> AsyncIterator[Post]:
    async with posting(api) as made:
        await made.hook("a", f"{receiver.url}/hook")
        yield made


async def do(post: Post, what: Callable[..., Awaitable[Any]], *arguments: str) -> Any:
    """In a unit of its own; then what is due by it."""
    call = await own_call(post.api, post.backend)
    async with writing(call):
        done = await what(call, *arguments)
    await post.settle()
    return done


async def test_a_dead_letter_is_delivered_anew(post: Post, receiver: Receiver) -> None:
    """Under its ID, with its body; its attempts begin anew, and it is before what has come after it in its lane."""
    receiver.answers["/hook"] = (404, b"")
    for number in range(3):
        await post.tell("order/1", hook="a", number=number)
    await post.settle()
    assert await post.states() == [("Failed", 1)] * 3
    first = (await post.rows('"ID"'))[0]["ID"]
    receiver.answers["/hook"] = (500, b"")
    assert await do(post, handling.replay, first)
    await post.tell("order/1", hook="a", number=3)
    await post.settle()
    assert await post.states() == [("Retrying", 2), ("Failed", 1), ("Failed", 1), ("Queued", 0)]
    assert not await do(post, handling.replay, first)
    receiver.answers["/hook"] = {}
    for _ in range(2):
        post.api.server.clock.advance(seconds=6)
        await post.settle()
    assert await post.states() == [("Delivered", 3), ("Failed", 1), ("Failed", 1), ("Delivered", 1)]
    assert [each.body["number"] for each in receiver.received] == [0, 1, 2, 0, 0, 3]
    ids = [each.headers["x-request-id"] for each in receiver.received if each.body["number"] == 0]
    assert set(ids) == {first}
    assert await do(post, handling.replay, first)
    assert (await post.states())[0] == ("Delivered", 4)


async def test_what_could_not_be_expanded_is_told_anew(post: Post, receiver: Receiver) -> None:
    receiver.answers["/hook"] = {}
    await post.tell("order/1", confidential={"code": "c"}, raises="a bug", hook="a")
    await post.settle()
    (failed,) = await post.rows()
    facts = """UPDATE deliveries SET facts = '{"hook": "a"}' WHERE marketplace_id = $1"""
    await post.api.execute(facts)  # the bug is mended
    assert await do(post, handling.replay, failed["ID"])
    assert await post.states() == [("Delivered", 1)]
    assert receiver.received[0].body == {"hook": "a", "code": "c"}


async def test_cancelled_and_paused(post: Post, receiver: Receiver) -> None:
    """What is cancelled lets the next one pass; what is paused waits and uses up nothing; neither is forgotten."""
    receiver.answers["/hook"] = (500, b"")
    for number in range(3):
        await post.tell("order/1", hook="a", number=number)
    await post.settle()
    await do(post, handling.pause, "Webhook/A/Url")
    receiver.answers["/hook"] = {}
    first = (await post.rows('"ID"'))[0]["ID"]
    assert await do(post, handling.cancel, first)
    post.api.server.clock.advance(hours=1)
    await purge(post.backend.pool, post.backend.clock, WEEK)
    await post.settle()
    assert await post.states() == [("Cancelled", 1), ("Queued", 0), ("Queued", 0)]
    await do(post, handling.resume, "Webhook/a/Url")
    assert await post.states() == [("Cancelled", 1), ("Delivered", 1), ("Delivered", 1)]
    assert not await do(post, handling.cancel, first)


async def test_deliveries_go_with_time(post: Post, receiver: Receiver) -> None:
    """Those that have ended a week ago are deleted; one that has waited for a week fails, and endpoints go with what went there."""
    receiver.answers["/hook"] = {}
    await post.tell("order/1", hook="a")
    await post.settle()
    await post.hook("b", "http://localhost:1/")
    await post.tell("order/1", hook="b")
    await post.settle()
    await do(post, handling.pause, "Webhook/b/Url")
    await purge(post.backend.pool, post.backend.clock, WEEK)
    assert await post.states() == [("Delivered", 1), ("Retrying", 1)]
    post.api.server.clock.advance(days=8)
    await purge(post.backend.pool, post.backend.clock, WEEK)
    assert await post.states() == [("Failed", 1)]
    assert [each["failure"] for each in await post.rows()] == ["It could not be delivered in time."]
    endpoints = await post.api.rows("SELECT endpoint FROM delivery_endpoints WHERE marketplace_id = $1")
    assert [each["endpoint"] for each in endpoints] == ["Webhook/b/Url"]


async def test_what_time_ends_is_held_by_its_endpoint(post: Post) -> None:
    """Whoever adds to a lane, or ends something in it, holds its endpoint: a round that ends and frees waits for him."""
    await post.hook("b", "http://localhost:1/")
    for number in range(2):
        await post.tell("order/1", hook="b", number=number)
    await post.settle()
    post.api.server.clock.advance(days=8)
    database, marketplace_id = post.backend.pool, post.api.marketplace_id
    async with database.acquire() as connection, connection.transaction():
        await connection.fetch(LOCK_ENDPOINTS, marketplace_id, ["Webhook/b/Url"])
        purging = asyncio.create_task(purge(database, post.backend.clock, WEEK))
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'delivery_endpoints'"
        async with asyncio.timeout(60):
            while not await database.fetchval(waits):
                assert not purging.done()
                await asyncio.sleep(0.02)
        assert {status for status, _ in await post.states()} == {"Retrying", "Queued"}
    await purging
    assert {status for status, _ in await post.states()} == {"Failed"}


@pytest.mark.parametrize("listened", [True, False])
async def test_err_1_what_time_has_ended_is_reported(post: Post, receiver: Receiver, listened: bool) -> None:
    """ERR-1: the error configuration hears of a delivery that could not be made in time; no event is told where there is none."""
    receiver.answers["/errors"] = {}
    target = {"Endpoint": f"{receiver.url}/errors", "Secret": "s"}
    config = {"Name": "C", "Enabled": True, "DeliveryTargets": {"Http": target}}
    http = post.api.seller
    assert (await http.put("/v1/integrations/deliveryconfig/c", json=config)).is_success
    if listened:
        assert (await http.put("/v1/integrations/ErrorConfig", json={"DeliveryConfigID": "c"})).is_success
    await post.hook("b", "http://localhost:1/")
    await post.tell("order/1", hook="b")
    await post.settle()
    post.api.server.clock.advance(days=8)
    await purge(post.backend.pool, post.backend.clock, WEEK)
    assert len(await post.api.rows("SELECT 1 FROM outbox_events WHERE marketplace_id = $1")) == listened
    await post.settle()
    assert ["It could not be delivered in time." in told.raw.decode() for told in receiver.received] == [
        True
    ] * listened
