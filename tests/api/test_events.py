"""Events: what happens in a marketplace, told to whoever listens, in the order in which it came to stand (ADR 0044)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.api.event_stream import PATH, listening
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server

from entrepot.engine.event_log import ADD
from entrepot.features.people.credentials.claims import Validity
from entrepot.features.people.events import feed, listener, log, streams
from entrepot.kernel.clock import format_datetime

COUNT = "SELECT count(*) FROM told_events WHERE marketplace_id = $1"


async def made(api: Api, *buyers: str) -> None:
    """Buyers, one after the other."""
    for each in buyers:
        answer = await api.seller.post("/v1/buyers", json={"ID": each, "Name": each, "Active": True})
        assert answer.status_code == 201, answer.text


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [each["ID"] for each in events]


async def test_whoever_listens_is_told_of_each_operation_that_stands(api: Api) -> None:
    """What, about what, by whom, under which number; of what was refused nothing."""
    async with listening(api) as heard:
        assert (heard.status, heard.ids) == (200, [0])
        answer = await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B", "Active": True})
        assert codes(await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B"})) == ["IdExists"]
        assert (await api.seller.patch("/v1/buyers/b", json={"ID": "c"})).status_code == 200
        assert (await api.seller.get("/v1/buyers/c")).status_code == 200
        events = await heard.until(2)
        caller = {"UserID": "admin", "Username": "admin", "ClientID": api.client_id}
        assert {key: value for key, value in events[0].items() if key != "DateCreated"} == {
            "Number": 1,
            "Type": "Buyer",
            "Operation": "Buyers.Create",
            "Verb": "POST",
            "ID": "b",
            "IDs": {},
            "RequestID": answer.headers["X-Request-ID"],
            **caller,
        }
        assert (events[1]["Operation"], events[1]["ID"]) == ("Buyers.Patch", "b")
        assert events[1]["IDs"] == {"BuyerID": "b", "NewID": "c"}
        assert heard.ids == [0, 1, 2]


async def test_lines_and_assignments_name_what_they_belong_to(api: Api) -> None:
    """The order of a cart, too, which its paths do not name."""
    buyer = await api.buyer()
    catalog = (await api.seller.post("/v1/catalogs", json={"Name": "C", "Active": True})).json()["ID"]
    shopper = api.as_(await api.user(buyer=buyer), roles=["Shopper"])
    async with listening(api) as heard:
        assignment = {"CatalogID": catalog, "BuyerID": buyer}
        assert (await api.seller.post("/v1/catalogs/assignments", json=assignment)).status_code == 204
        cart = (await shopper.patch("/v1/cart", json={"Comments": "now"})).json()["ID"]
        assert (await shopper.post("/v1/cart/applypromotions")).status_code in (200, 201)
        events = await heard.until(3)
    assert [(each["Type"], each["ID"], each["IDs"]) for each in events[:2]] == [
        ("CatalogAssignment", catalog, {"CatalogID": catalog, "BuyerID": buyer}),
        ("Order", cart, {"OrderID": cart}),
    ]
    # An operation with units of its own tells of each of them.
    assert {(each["Operation"], each["ID"]) for each in events[2:]} == {("Cart.ApplyPromotions", cart)}


async def test_who_comes_back_goes_on_where_he_was(api: Api) -> None:
    """By the header of an EventSource, which knows better than its address; by the address else."""
    async with listening(api):
        await made(api, "a", "b", "c")
    async with listening(api, "from=1") as heard:
        assert ids(await heard.until(2)) == ["b", "c"]
    async with listening(api, "from=1", after=2) as heard:
        await made(api, "d")
        assert ids(await heard.until(2)) == ["c", "d"]
    async with listening(api, "from=0") as heard:
        assert [each["Number"] for each in await heard.until(4)] == [1, 2, 3, 4]
    async with listening(api) as heard:
        await made(api, "e")
        assert ids(await heard.until(1)) == ["e"]


async def test_a_unit_that_stands_later_is_told_of_later(api: Api) -> None:
    """Two transactions: the first to write is the last to commit. Whoever has read the second one's event does not miss the first's."""

    async def write(connection: Any, item: str) -> None:
        row = (api.marketplace_id, "Buyers.Create", item, "{}", None, None, None, "r", api.server.clock())
        await connection.execute(ADD, *row)

    async with listening(api) as heard:
        pool = api.server.database
        async with pool.acquire() as slow, pool.acquire() as quick:
            begun = slow.transaction()
            await begun.start()
            await write(slow, "first written")
            async with quick.transaction():
                await write(quick, "first standing")
            await made(api, "between")
            assert ids(await heard.until(2)) == ["first standing", "between"]
            async with listening(api, "from=0") as late:
                assert ids(await late.until(2)) == ["first standing", "between"]
            await begun.commit()
            await made(api, "last")
        events = await heard.until(4)
    assert ids(events) == ["first standing", "between", "first written", "last"]
    assert [each["Number"] for each in events] == [1, 2, 3, 4]
    async with listening(api, "from=2") as heard:
        assert ids(await heard.until(2)) == ["first written", "last"]


async def test_a_log_that_begins_waits_for_units_that_do_not_know_of_it(api: Api) -> None:
    """What was read before the stream began is never older than its first event."""
    async with api.server.database.acquire() as connection:
        begun = connection.transaction()
        await begun.start()
        await connection.execute("SELECT 1")

        async def first() -> int:
            async with listening(api) as heard:
                return heard.status

        waiting = asyncio.create_task(first())
        while not await api.rows("SELECT 1 FROM event_logs WHERE marketplace_id = $1"):
            await asyncio.sleep(0.01)
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        await begun.commit()
        assert await waiting == 200


async def test_nothing_is_written_where_nobody_listens(api: Api, other: Api) -> None:
    """And nobody hears of another marketplace."""
    await made(api, "before")
    async with listening(other) as heard:
        await made(api, "here")
        await made(other, "there")
        assert ids(await heard.until(1)) == ["there"]
    assert await api.server.database.fetchval(COUNT, api.marketplace_id) == 0
    assert await api.server.database.fetchval(COUNT, other.marketplace_id) == 1


async def test_only_who_may_do_everything_listens(api: Api) -> None:
    lesser = api.as_(api.admin, roles=["OrderAdmin", "ApiClientAdmin", "WebhookAdmin"])
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    assert codes(await lesser.get(PATH)) == ["Auth.InsufficientRoles"]
    assert (await shopper.get(PATH)).status_code == 403
    assert (await api.http.get(PATH)).status_code == 401


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=Catalog", ["k"]),
        ("type=catalog|Buyer", ["b", "k", "b"]),
        ("operation=*.Create", ["b", "k", "u"]),
        ("operation=Buyers.Patch|Catalogs.*", ["k", "b"]),
        ("verb=patch", ["b"]),
        ("id=K", ["k", "u"]),
        ("type=Buyer&verb=POST&id=b", ["b"]),
    ],
)
async def test_a_listener_hears_what_he_has_asked_for(api: Api, query: str, expected: list[str]) -> None:
    """Live and afterwards; what a thing belongs to counts as much as the thing."""
    async with listening(api, query) as heard:
        await made(api, "b")
        assert (await api.seller.post("/v1/catalogs", json={"ID": "k", "Name": "K"})).status_code == 201
        assert (await api.seller.patch("/v1/buyers/b", json={"Name": "C"})).status_code == 200
        body = {"ID": "u", "Name": "U"}
        assert (await api.seller.post("/v1/catalogs/k/categories", json=body)).status_code == 201
        live = await heard.until(len(expected))
    async with listening(api, f"{query}&from=0") as heard:
        assert await heard.until(len(expected)) == live
    assert ids(live) == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=x", "Events.InvalidNumber"),
        ("from=-1", "Events.InvalidNumber"),
        ("from=1.5", "Events.InvalidNumber"),
        ("from=٣", "Events.InvalidNumber"),
        ("from=9999999999999999999", "Events.InvalidNumber"),
        ("from=1", "Events.UnknownNumber"),
        ("type=Prodct", "Events.UnknownFilter"),
        ("type=Product|", "Events.UnknownFilter"),
        ("operation=Orders.Sumbit", "Events.UnknownFilter"),
        ("operation=Orders.List", "Events.UnknownFilter"),
        ("verb=GET", "Events.UnknownFilter"),
        ("id=a||b", "Events.UnknownFilter"),
        ("id=" + "|".join("a" * 51), "Events.UnknownFilter"),
        ("id=%00", "List.InvalidType"),
        ("typ=Product", "Events.UnknownFilter"),
        ("type=Product&pageSize=5", "Events.UnknownFilter"),
    ],
)
async def test_what_no_stream_can_be_is_refused(api: Api, query: str, code: str) -> None:
    refused = await api.seller.get(f"{PATH}?{query}")
    assert (refused.status_code, codes(refused)) == (400, [code])


async def test_a_number_that_is_no_header_value_of_ours_is_refused(api: Api) -> None:
    refused = await api.seller.get(PATH, headers={"Last-Event-ID": "abc"})
    assert codes(refused) == ["Events.InvalidNumber"]
    assert refused.json()["Errors"][0]["Data"] == {"Name": "Last-Event-ID", "Value": "abc"}


async def test_a_number_whose_events_are_forgotten_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too old goes, and what is too much; who would miss some is told so, and where to go on."""
    pool, clock = api.server.database, api.server.clock
    async with listening(api):
        await made(api, "a", "b", "c")
    assert await log.forget(pool, api.marketplace_id, clock() - log.KEPT) == 0
    clock.advance(hours=25)
    await log.touch(pool, [api.marketplace_id], clock())
    async with listening(api):
        await made(api, "d")
    assert await log.forget(pool, api.marketplace_id, clock() - log.KEPT) == 3
    refused = await api.seller.get(f"{PATH}?from=2")
    assert (refused.status_code, codes(refused)) == (410, ["Events.Forgotten"])
    assert refused.json()["Errors"][0]["Data"] == {"First": 4, "Last": 4}
    async with listening(api, "from=3") as heard:
        assert ids(await heard.until(1)) == ["d"]


async def test_of_too_many_the_oldest_go(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, clock = api.server.database, api.server.clock
    monkeypatch.setattr(log, "FORGET", log.FORGET.replace(str(log.KEPT_ROWS), "2"))
    async with listening(api):
        await made(api, "a", "b", "c", "d", "e")
    assert await log.forget(pool, api.marketplace_id, clock() - log.KEPT) == 3
    async with listening(api, "from=3") as heard:
        assert ids(await heard.until(2)) == ["d", "e"]
    assert codes(await api.seller.get(f"{PATH}?from=2")) == ["Events.Forgotten"]


async def test_a_log_that_nobody_listens_to_ends_and_its_gap_is_told(api: Api) -> None:
    """After a day nothing is written any more; who comes back after that has missed something, and hears so."""
    pool, clock = api.server.database, api.server.clock
    async with listening(api) as heard:
        await made(api, "a")
        await heard.until(1)
    clock.advance(hours=25)
    assert await log.forget_all(pool, clock) >= 1
    await made(api, "unheard")
    assert await pool.fetchval(COUNT, api.marketplace_id) == 0
    assert codes(await api.seller.get(f"{PATH}?from=1")) == ["Events.Forgotten"]
    async with listening(api) as heard:
        assert heard.ids == [2]
        await made(api, "b")
        assert [(each["Number"], each["ID"]) for each in await heard.until(1)] == [(3, "b")]


async def test_a_gap_that_opens_while_he_reads_ends_the_stream(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 2)
    async with listening(api):
        await made(api, *"abcdef")
    async with listening(api, "from=0", held=True) as heard:
        await api.server.database.execute(
            "DELETE FROM told_events WHERE marketplace_id = $1 AND number BETWEEN 3 AND 5", api.marketplace_id
        )
        heard.taking.set()
        assert await heard.ended() == [("gap", {"Reason": "Forgotten", "Number": 2})]
        assert ids(heard.events) == ["a", "b"]


async def test_many_listeners_cost_one_query(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened is read once for all of a process."""
    reads = 0
    plain = log.read

    async def counting(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await plain(*arguments)

    monkeypatch.setattr(feed, "read", counting)
    async with several(api, 20) as all_:
        await made(api, "a")
        for heard in all_:
            assert ids(await heard.until(1)) == ["a"]
        assert reads == 1


@asynccontextmanager
async def several(api: Api, number: int) -> AsyncIterator[list[Any]]:
    opened = [listening(api) for _ in range(number)]
    try:
        yield [await each.__aenter__() for each in opened]
    finally:
        for each in opened:
            await each.__aexit__(None, None, None)


async def test_only_so_many_listen_at_once(api: Api, other: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """To one marketplace, and in all; whoever leaves makes room."""
    monkeypatch.setattr(streams, "MOST_EACH", 2)
    async with several(api, 2):
        refused = await api.seller.get(PATH)
        assert (refused.status_code, codes(refused)) == (429, ["Events.TooManyListeners"])
        assert int(refused.headers["Retry-After"]) > 0
        assert (await other.seller.get(PATH)).status_code == 200
        monkeypatch.setattr(streams, "MOST", 2)
        assert codes(await other.seller.get(PATH)) == ["Events.TooManyListeners"]
    assert (await api.seller.get(PATH)).status_code == 200
    assert (await other.seller.head(PATH)).status_code == 200
    assert (await other.seller.head(PATH)).status_code == 200
    assert (await other.seller.head(PATH)).status_code == 200


async def test_another_process_hears_at_once(api: Api, twin: Server) -> None:
    async with listening(api, server=twin) as heard:
        await made(api, "a")
        assert ids(await heard.until(1)) == ["a"]


async def test_who_takes_nothing_is_let_go(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as what he lacks is in memory no more; nobody else waits for him, and he comes back with the number that he has."""
    monkeypatch.setattr(feed, "RECENT", 2)
    async with listening(api) as slow, listening(api) as quick:
        await made(api, "a")
        await slow.until(1)
        slow.taking.clear()
        await made(api, "b")
        await asyncio.wait_for(slow.holding.wait(), 30)
        await made(api, *"cdefghij")
        assert len(await quick.until(10)) == 10
        await slow.ended()
        assert slow.cut
    async with listening(api, after=slow.events[-1]["Number"]) as heard:
        assert len(await heard.until(10 - len(slow.events))) == 10 - len(slow.events)


async def test_a_piece_that_does_not_leave_ends_the_stream(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "SLOW", 0.0)
    monkeypatch.setattr(feed, "LOOK", 0.02)
    async with listening(api) as slow:
        slow.taking.clear()
        await made(api, "a", "b")
        await slow.ended()
        assert slow.cut


async def test_the_stream_ends_with_its_token(api: Api) -> None:
    validity = Validity.starting(api.server.clock(), timedelta(seconds=2), 0)
    token = api.token(api.admin, ["FullAccess"], validity=validity)
    async with listening(api, token=token) as heard:
        assert await heard.ended() == [("end", {"Reason": "TokenExpired", "Number": 0})]


@pytest.mark.parametrize("by", ["tokens revoked", "user inactive"])
async def test_the_stream_ends_with_the_standing_of_its_user(api: Api, by: str) -> None:
    """What raises the security epoch has every listener looked at anew; whoever may listen yet goes on."""
    user = await api.user(roles=("FullAccess",), password=PASSWORD)
    token = (await api.login(user, scope="FullAccess")).json()["access_token"]
    async with listening(api, token=token) as ended, listening(api) as staying:
        if by == "tokens revoked":
            answer = await api.seller.delete(f"/v1/adminusers/{user.id}/tokens")
        else:
            answer = await api.seller.patch(f"/v1/adminusers/{user.id}", json={"Active": False})
        assert answer.status_code in (200, 204), answer.text
        assert [name for name, _ in await ended.ended()] == ["end"]
        assert ended.notices[0][1]["Reason"] == "TokenRefused"
        await made(api, "b")
        assert "b" in ids(await staying.until(2))


async def test_somebody_who_hears_nothing_is_told_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how far he has come, though he wanted none of it."""
    monkeypatch.setattr(listener, "HEARTBEAT", 0.05)
    async with listening(api, "type=Order") as heard:
        await made(api, "a")
        async with asyncio.timeout(30):
            while heard.ids[-1] < 1:
                await asyncio.sleep(0.01)
        assert heard.events == []


async def test_the_servers_end_ends_streams(api: Api, settings: Any, database: Any) -> None:
    """At the latest with the application; uvicorn tells its connections before (tests/http/test_streaming.py)."""
    async with AsyncExitStack() as listeners, AsyncExitStack() as running:
        second = await running.enter_async_context(run_server(settings, database, api.server.clock))
        heard = await listeners.enter_async_context(listening(api, server=second))
        await running.aclose()
        assert await heard.ended() == [("end", {"Reason": "ServerStopping", "Number": 0})]


async def test_without_the_test_bench_nobody_listens_and_nothing_is_written(
    api: Api, settings: Any, database: Any
) -> None:
    """Also where somebody did before."""
    async with listening(api):
        await made(api, "a")
    async with run_server(replace(settings, test_bench=False), database, api.server.clock) as plain:
        seller = api.with_token(api.token(api.admin, ["FullAccess"]), plain)
        assert codes(await seller.get(PATH)) == ["NotFound"]
        assert (await seller.post("/v1/buyers", json={"Name": "B", "Active": True})).status_code == 201
        assert await database.fetchval(COUNT, api.marketplace_id) == 0


async def test_invitations_are_told_of_without_what_opens_them(api: Api) -> None:
    """Whoever knows an invitation's ID gets into the order."""
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper", "MeAdmin"])
    async with listening(api) as heard:
        order = (await shopper.patch("/v1/cart", json={"Comments": "together"})).json()["ID"]
        end = format_datetime(api.server.clock() + timedelta(days=1))
        made = await shopper.post("/v1/me/orderinvitations", json={"OrderID": order, "ExpirationDate": end})
        assert made.status_code == 201, made.text
        event = (await heard.until(2))[1]
    assert (event["Type"], event["ID"], event["IDs"]) == ("GroupOrderInvitation", None, {})
    assert made.json()["ID"] not in str(event)


async def test_a_batch_tells_of_each_of_its_requests(api: Api) -> None:
    """In their order, and at last of itself."""
    async with listening(api) as heard:
        requests = [
            {"Verb": "PUT", "Path": f"/v1/buyers/{each}", "Body": {"Name": each, "Active": True}}
            for each in "ab"
        ]
        answer = await api.seller.post("/entrepot/v1/batch", json={"Requests": requests})
        assert answer.status_code == 200, answer.text
        events = await heard.until(3)
    assert [(each["Operation"], each["Type"], each["ID"]) for each in events] == [
        ("Buyers.Save", "Buyer", "a"),
        ("Buyers.Save", "Buyer", "b"),
        ("Batches.Create", "Batch", None),
    ]
