"""Deliveries in trouble: a dispatcher goes on whatever fails, and nobody's many deliveries leave no room for others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from tests.api.dispatching import TOLD, Post, opened, own_call, posting
from tests.api.marketplace import Api
from tests.api.receiver import Receiver

from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries import attempting, dispatching, leases, rounds, storing
from entrepot.features.people.deliveries.claiming import Claim, claim
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.events import URL, Event, EventKind, Outbound
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.people.deliveries.storing import Expanded
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.integrations.renaming import follow
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.services import Services
from entrepot.features.people.webhooks.telling import WEBHOOK_EVENT
from entrepot.kernel.clock import utc_now
from entrepot.kernel.errors import BusyError
from entrepot.worker.dispatcher import outgoing_of_deliveries

RENAME = """UPDATE webhooks SET "ID" = 'new' WHERE marketplace_id = $1 AND "ID" = 'former'"""
HELD_UP = """
SELECT count(*) FROM pg_stat_activity
WHERE $1 > 0 AND datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%security_epochs%FOR SHARE'
"""


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


class Reluctant:
    """A pool that refuses some statements before it finds nothing."""

    def __init__(self, pool: Any, *refusals: Exception) -> None:
        self._pool = pool
        self._refusals = list(refusals)
        self.served = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    async def fetch(self, *args: Any) -> Any:
        if self._refusals:
            raise self._refusals.pop()
        self.served.set()
        return []


async def test_a_dispatcher_goes_on_after_looks_that_fail(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is busy, a database that is away, what nobody foresaw: it looks again."""
    monkeypatch.setattr(dispatching, "LOOK", 0.01)
    async with opened(api) as backend:
        pool = Reluctant(backend.pool, BusyError(), OSError("away"), RuntimeError("unforeseen"))
        dispatcher = Dispatcher(
            replace(backend, pool=pool),  # type: ignore[arg-type] # what it needs of one
            outgoing_of_deliveries(private=True),
        )
        running = asyncio.create_task(dispatcher.run())
        try:
            await asyncio.wait_for(pool.served.wait(), 30)
            assert not running.done()
        finally:
            dispatcher.stop()
            await running


async def test_of_whom_least_is_held_comes_first(api: Api, post: Post) -> None:
    """Two endpoints with much to do leave room for a third one."""
    for hook in ("a", "b", "c"):
        await post.hook(hook, "https://there.example/")
        await post.tell(f"order/{hook}", hook=hook, times=20)
    await Expander(post.backend).expand(api.marketplace_id)
    endpoints = {hook: f"webhook/{hook}/url" for hook in ("a", "b", "c")}
    now = api.server.clock()
    for least in endpoints:
        held = {endpoint: 0 if hook == least else 90 for hook, endpoint in endpoints.items()}
        wanted = Claim(now, least, dict.fromkeys(endpoints.values(), 10), held, 10, 5)
        rows = await claim(post.backend.pool, api.marketplace_id, wanted)
        assert [row["integration_id"] for row in rows] == [least] * 5
    # With nothing held each has its room, and in all there are no more than are wanted.
    rows = await claim(post.backend.pool, api.marketplace_id, Claim(now, "all", {}, {}, 4, 10))
    assert len(rows) == 10
    assert max([row["integration_id"] for row in rows].count(hook) for hook in endpoints) <= 4


async def test_others_are_called_once_in_a_while(
    api: Api, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has all that it takes says so, but not each time that its own call wakes it."""
    monkeypatch.setattr(dispatching, "CALL_AGAIN", 3600.0)
    monkeypatch.setattr(rounds, "MOST_CLAIMED", 0)
    told: list[int] = []
    monkeypatch.setattr(Waking, "notify", lambda _, marketplace_id: told.append(marketplace_id))
    for _ in range(5):
        await post.settle()
    assert told == [api.marketplace_id]


async def test_what_cannot_be_opened_fails_and_stops_nobody(api: Api, post: Post, receiver: Receiver) -> None:
    """Confidential facts that were sealed with another key: a failed delivery says so, and what follows goes on."""
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a", confidential={"code": "c"})
    await api.execute("UPDATE outbox_events SET confidential = $2 WHERE marketplace_id = $1", b"x" * 60)
    await post.tell("order/1", hook="a", last=True)
    await post.settle()
    failed, delivered = await post.rows()
    assert (failed["status"], delivered["status"]) == ("Failed", "Delivered")
    assert failed["confidential"] == b"x" * 60
    assert [each.body["last"] for each in receiver.received] == [True]


async def test_what_is_behind_another_process_is_looked_for_again(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """Of an aggregate nothing is expanded before what another process has; once that has given it back, all of it goes in its
    order, though nobody tells.
    """
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a", number=1)
    await api.execute(
        "UPDATE outbox_events SET lease = 'other', leased_until = $2 WHERE marketplace_id = $1",
        api.server.clock() + timedelta(minutes=3),
    )
    await post.tell("order/1", hook="a", number=2)
    await post.tell("order/2", hook="a", number=3)
    expander = Expander(post.backend)
    for _ in range(2):
        assert await expander.expand(api.marketplace_id)
        assert await post.states() == [("Queued", 0)]
    await api.execute("UPDATE outbox_events SET lease = NULL, leased_until = NULL WHERE marketplace_id = $1")
    await post.settle()
    assert not await expander.expand(api.marketplace_id)
    assert [each.body["number"] for each in receiver.received if each.body["number"] != 3] == [1, 2]
    assert await post.states() == [("Delivered", 1)] * 3


async def test_names_are_asked_for_apart_from_other_work(receiver: Receiver) -> None:
    """All threads that requests need are taken: an address is found all the same, and a call by name arrives."""
    receiver.answers["/x"] = {}
    free, outgoing = threading.Event(), Outgoing(private=True)
    await outgoing.authorities()
    taken = [asyncio.create_task(asyncio.to_thread(free.wait)) for _ in range(64)]
    try:
        await asyncio.sleep(0)
        assert "127.0.0.1" in await asyncio.wait_for(outgoing.addresses("127.0.0.1", 1), 30)
        port = receiver.url.rpartition(":")[2]
        answer = await asyncio.wait_for(outgoing.post(1, f"http://localhost:{port}/x", b"{}", ()), 30)
        assert (answer.status, answer.failure) == (200, None)
    finally:
        free.set()
        await asyncio.gather(*taken)
        await outgoing.close()


async def test_sealing_lets_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop is held for moments only, however many deliveries an event becomes."""
    passed, turns, done = 0.0, list[int](), False

    class Box(SecretBox):
        def seal(self, value: bytes, place: tuple[str, ...]) -> bytes:
            nonlocal passed
            passed += 0.001
            sealed.append(value)
            return super().seal(value, place)

    async def look() -> None:
        while not done:
            turns.append(len(sealed))
            await asyncio.sleep(0)

    sealed: list[bytes] = []
    monkeypatch.setattr(storing, "perf_counter", lambda: passed)
    outbound = Outbound(
        integration="Webhook", integration_id="a", target=URL, body=b"{}", aggregate="order/1"
    )
    event = Event(key=1, kind="Told", aggregate="order/1", facts={}, told_at=utc_now(), log_id="")
    looking = asyncio.create_task(look())
    (ready,) = await storing.seal(Box(b"k" * 32), 1, [Expanded(event, [outbound] * 1_000)])
    done = True
    await looking
    assert len({each.id for each in ready}) == len(sealed) == 1_000
    assert max(after - before for before, after in pairwise(turns)) <= 6


async def test_lanes_hold_across_statements(
    api: Api, receiver: Receiver, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries that several statements write of one transaction: of each lane the first one alone is due."""
    monkeypatch.setattr(storing, "ROWS", 7)
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    for number in range(3):
        await post.tell("order/1", hook="a", number=number, times=10)
    await Expander(post.backend).expand(api.marketplace_id)
    due = await post.rows("due_at IS NOT NULL AS due, aggregate")
    assert [row["due"] for row in due] == [True] * 10 + [False] * 20
    await post.settle()
    assert await post.states() == [("Delivered", 1)] * 30
    assert sorted(each.body["number"] for each in receiver.received) == sorted([0, 1, 2] * 10)


async def test_a_lease_holds_while_its_process_lives(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery that takes long is nobody else's: its lease is renewed."""
    monkeypatch.setattr(leases, "RENEW", 0.02)
    free = threading.Event()
    receiver.answers["/slow"] = lambda _: {"waited": free.wait(60)}
    await post.hook("slow", f"{receiver.url}/slow")
    await post.tell("order/1", hook="slow")
    lease = "SELECT leased_until FROM deliveries WHERE marketplace_id = $1"
    delivering = asyncio.create_task(post.settle())
    try:
        while not receiver.received:
            await asyncio.sleep(0.01)
        for _ in range(5):
            before = await api.value(lease)
            api.server.clock.advance(seconds=20)
            while await api.value(lease) <= before:
                await asyncio.sleep(0.01)
        wanted = Claim(post.backend.clock(), "other", {}, {}, 10, 10)
        assert await claim(post.backend.pool, api.marketplace_id, wanted) == []
    finally:
        free.set()
        await delivering
    assert await post.states() == [("Delivered", 1)]


async def test_what_a_killed_process_leaves_is_soon_taken_up(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """Half a minute after it has renewed its leases last, of deliveries and of events."""
    receiver.answers["/a"] = {}
    await post.hook("a", f"{receiver.url}/a")
    for number in range(2):
        await post.tell(f"order/{number}", hook="a")
    await Expander(post.backend).expand(api.marketplace_id)
    now = post.backend.clock()
    until = now + leases.LEASE
    assert len(await claim(post.backend.pool, api.marketplace_id, Claim(now, "killed", {}, {}, 10, 10))) == 2
    await post.tell("order/3", hook="a")
    await api.execute(
        "UPDATE outbox_events SET lease = 'killed', leased_until = $2 WHERE marketplace_id = $1", until
    )
    await post.settle()
    assert [state for state, _ in await post.states()] == ["Queued", "Queued"]
    api.server.clock.advance(seconds=30)
    await post.settle()
    assert [state for state, _ in await post.states()] == ["Delivered"] * 3


async def test_an_event_that_takes_long_is_nobody_elses(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is renewed while it is expanded."""
    monkeypatch.setattr(leases, "RENEW", 0.02)
    begun, free = asyncio.Event(), asyncio.Event()

    async def expand(_: Call, __: Event) -> list[Outbound]:
        begun.set()
        await free.wait()
        return []

    services: Services = post.backend.services
    slow = replace(services, events={TOLD.name: EventKind(name=TOLD.name, expand=expand)})
    await post.tell("order/1", hook="a")
    expanding = asyncio.create_task(Expander(replace(post.backend, services=slow)).expand(api.marketplace_id))
    try:
        await begun.wait()
        lease = "SELECT leased_until FROM outbox_events WHERE marketplace_id = $1"
        before = await api.value(lease)
        api.server.clock.advance(seconds=20)
        while await api.value(lease) <= before:
            await asyncio.sleep(0.01)
    finally:
        free.set()
        await expanding
    assert await post.rows() == []


async def test_nothing_of_a_dispatcher_is_left_when_it_has_ended(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cut off has given back what it had opened before what it was opened with is closed."""
    monkeypatch.setattr(dispatching, "GRACE", 0.05)
    free = threading.Event()
    receiver.answers["/slow"] = lambda _: {"waited": free.wait(60)}
    await post.hook("slow", f"{receiver.url}/slow")
    for number in range(5):
        await post.tell(f"order/{number}", hook="slow")
    settling = asyncio.create_task(post.settle())
    try:
        while len(receiver.received) < 5:
            await asyncio.sleep(0.01)
        post.dispatcher.stop()
        await post.dispatcher.run()
        left = {
            getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks() if not task.done()
        }
        assert not {name for name in left if name.startswith(("Rounds._", "Attempts.", "Outgoing."))}
    finally:
        free.set()
        await asyncio.gather(settling, return_exceptions=True)
    assert [status for status, _ in await post.states()] == ["Queued"] * 5


async def test_nothing_under_way_is_begun_once_more_by_its_own_process(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock has leapt beyond the lease, as after a sleep of the machine, before it could be renewed: what is due by that is still its own."""
    monkeypatch.setattr(leases, "RENEW", 3600.0)
    free = threading.Event()
    receiver.answers["/slow"] = lambda _: {"waited": free.wait(60)}
    receiver.answers["/quick"] = {}
    await post.hook("slow", f"{receiver.url}/slow")
    await post.hook("quick", f"{receiver.url}/quick")
    await post.tell("order/1", hook="slow")
    delivering = asyncio.create_task(post.settle())
    try:
        while not receiver.received:
            await asyncio.sleep(0.01)
        api.server.clock.advance(seconds=31)
        await post.tell("order/2", hook="quick")
        post.dispatcher.wake(api.marketplace_id)
        while not any(each.path == "/quick" for each in receiver.received):
            await asyncio.sleep(0.01)
    finally:
        free.set()
        await delivering
    await post.settle()
    assert sorted(each.path for each in receiver.received) == ["/quick", "/slow"]
    assert await post.states() == [("Delivered", 1)] * 2


async def test_what_waited_beyond_its_lease_is_not_begun(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has it by now, and may have delivered what follows it, too."""
    monkeypatch.setattr(leases, "RENEW", 3600.0)
    monkeypatch.setattr(rounds, "MOST", 1)
    free = threading.Event()
    receiver.answers["/slow"] = lambda _: {"waited": free.wait(60)}
    await post.hook("slow", f"{receiver.url}/slow")
    for number in (1, 2):
        await post.tell(f"order/{number}", hook="slow", number=number)
    delivering = asyncio.create_task(post.settle())
    try:
        while not receiver.received:
            await asyncio.sleep(0.01)
        api.server.clock.advance(seconds=31)
        wanted = Claim(post.backend.clock(), "other", {}, {}, 10, 10)
        assert len(await claim(post.backend.pool, api.marketplace_id, wanted)) == 2
    finally:
        free.set()
        await delivering
    assert len(receiver.received) == 1
    assert await post.states() == [("Queued", 0)] * 2


async def test_an_attempt_that_has_lost_its_lease_is_cut_off(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was frozen in an attempt finds that another one has delivered it, and sends nothing behind what follows it."""
    monkeypatch.setattr(leases, "RENEW", 0.05)
    receiver.answers["/a"] = {}
    frozen, thawed = asyncio.Event(), asyncio.Event()

    async def reading(*_: Any) -> dict[str, str]:
        frozen.set()
        await thawed.wait()
        return {"Endpoint": f"{receiver.url}/a"}

    monkeypatch.setattr(attempting, "settings_of", reading)
    await post.hook("a", f"{receiver.url}/a")
    for number in (1, 2):
        await post.tell("order/1", hook="a", number=number)
    delivering = asyncio.create_task(post.settle())
    await frozen.wait()
    taken = "UPDATE deliveries SET lease = 'other', leased_until = $2, due_at = $2 WHERE marketplace_id = $1 AND lease IS NOT NULL"
    await api.execute(taken, post.backend.clock() + leases.LEASE)
    await delivering
    assert receiver.received == []
    assert await post.states() == [("Queued", 0)] * 2
    assert (await post.rows("lease"))[0]["lease"] == "other"
    thawed.set()
    api.server.clock.advance(seconds=31)
    await post.settle()
    assert [each.body["number"] for each in receiver.received] == [1, 2]


async def test_an_attempt_ends_with_its_lease(
    api: Api, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away nobody can say whose it is: an attempt goes on as long as the lease holds that was seen last."""
    monkeypatch.setattr(leases, "RENEW", 3600.0)
    # Long enough for the request to be on its way, however busy the machine is.
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=3))
    free = threading.Event()
    receiver.answers["/slow"] = lambda _: {"waited": free.wait(60)}
    await post.hook("slow", f"{receiver.url}/slow")
    await post.tell("order/1", hook="slow")
    try:
        await post.settle()
        assert len(receiver.received) == 1
        assert await post.states() == [("Queued", 0)]
    finally:
        free.set()


@pytest.mark.parametrize("committed", [True, False])
async def test_what_is_expanded_while_a_webhook_gets_another_id_goes_to_it(
    api: Api, post: Post, receiver: Receiver, *, committed: bool
) -> None:
    """WH-2: between what is expanded by the former ID and what is written of it there is a rename, which stands by then or is about to."""
    receiver.answers["/a"] = {}
    routes = [{"Route": "v1/buyers/{buyerID}", "Verb": "PUT"}]
    url = f"{receiver.url}/a"
    await post.hook("former", url, ApiClientIDs=[api.client_id], WebhookRoutes=routes)
    assert (await api.seller.put("/v1/buyers/b", json={"Name": "B", "Active": True})).status_code == 200
    renamed, may_commit = asyncio.Event(), asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def rename() -> None:
        # As another process does: a marketplace's units of this one wait for each other where there are few connections.
        call = await own_call(api, post.backend)
        connection = await asyncpg.connect(api.server.settings.database_url)
        try:
            async with connection.transaction():
                call.connection = unit = Recording(connection, call.services.feeding)
                await unit.execute(RENAME, call.marketplace_id)
                await follow(call, "webhooks", "former", "new")
                renamed.set()
                await may_commit.wait()
                await unit.raise_epochs(call.marketplace_id, call.clock())
        finally:
            await connection.close()

    async def expand(call: Call, event: Event) -> Any:
        found = await WEBHOOK_EVENT.expand(call, event)
        if not tasks:
            tasks.append(asyncio.create_task(rename()))
            await renamed.wait()
            if committed:
                may_commit.set()
                await tasks[0]
        return found

    services: Services = post.backend.services
    kind = EventKind(name=WEBHOOK_EVENT.name, expand=expand)
    slow = replace(services, events={**services.events, kind.name: kind})
    async with asyncio.timeout(60):
        expanding = asyncio.create_task(
            Expander(replace(post.backend, services=slow)).expand(api.marketplace_id)
        )
        while not committed and not await api.value(HELD_UP):
            await asyncio.sleep(0.005)
        may_commit.set()
        await expanding
        await tasks[0]
    await post.settle()
    assert [(row["integration_id"], row["status"]) for row in await post.rows()] == [("new", "Delivered")]
    assert receiver.paths() == ["/a"]


async def test_events_of_one_aggregate_are_expanded_one_after_another(api: Api, post: Post) -> None:
    """What a later one tells is never older than what an earlier one does; those of others are expanded beside them."""
    seen: list[tuple[str, str, int]] = []
    other_began = asyncio.Event()

    async def expand(_: Call, event: Event) -> list[Outbound]:
        seen.append(("begins", event.aggregate, event.facts["number"]))
        if event.aggregate == "other":
            other_began.set()
        else:
            await other_began.wait()
        seen.append(("ends", event.aggregate, event.facts["number"]))
        return []

    services: Services = post.backend.services
    slow = replace(services, events={TOLD.name: EventKind(name=TOLD.name, expand=expand)})
    for number, aggregate in enumerate(("one", "one", "other", "one")):
        await post.tell(aggregate, number=number)
    async with asyncio.timeout(60):
        await Expander(replace(post.backend, services=slow)).expand(api.marketplace_id)
    of_one = [(what, number) for what, aggregate, number in seen if aggregate == "one"]
    assert of_one == [(what, number) for number in (0, 1, 3) for what in ("begins", "ends")]
