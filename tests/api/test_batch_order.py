"""A batch is what its requests are one by one, whatever they are: statements that are gathered, rows that are locked together, and
answers that come later are nothing that anybody sees.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from tests.api.batching import done, refused, request, send
from tests.api.event_stream import listening
from tests.api.marketplace import Api, Server, codes
from tests.api.receiver import Receiver
from tests.api.synchronizing import synchronizing
from tests.api.test_catalog_plans import recorded

from entrepot.engine.event_log import ADD
from entrepot.engine.gathered import Gathered
from entrepot.features.people.batches import answering, operations

PERSON = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
PRODUCTS = ("p1", "p2", "p3", "P1", "child", "parent")
USERS = ("u1", "u2", "U1")
LISTS = (
    "products",
    "buyers",
    "buyers/b1/users",
    "priceschedules",
    "suppliers",
    "products?search=one&sortBy=Name",
)
TOLD = """
SELECT operation, item, named, username FROM told_events
WHERE marketplace_id = $1 AND operation <> 'Batches.Create' ORDER BY key
"""
CHANGED = "SELECT c.products, c.structure FROM catalog_changes c WHERE c.marketplace_id = $1 AND c.epoch > $2"
EPOCH = "SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"
NUMBERS = 'SELECT number, "ID" FROM products WHERE marketplace_id = $1'
MOMENT = re.compile(r"20\d\d-[-T:.\d]+\+00:00")
Request = dict[str, Any]
NAMING = (
    request("PATCH", "/v1/products/p2", {"Name": "named"}, Label="it"),
    request("PATCH", "/v1/products/p1", {"Description": "as ${it.Name}"}),
)
WORLD: tuple[Request, ...] = (
    request("PUT", "/v1/suppliers/s1", {"Name": "S", "Active": True}),
    request("PUT", "/v1/buyers/b1", {"Name": "B", "Active": True}),
    request("PUT", "/v1/buyers/b2", {"Name": "B", "Active": True}),
    request("PUT", "/v1/priceschedules/s", {"Name": "S", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}),
    *(request("PUT", f"/v1/products/p{n}", {"Name": "P", "xp": {"n": n}}) for n in (1, 2, 3)),
    request("PUT", "/v1/products/parent", {"Name": "P", "IsParent": True}),
    request("PUT", "/v1/products/child", {"Name": "C", "ParentID": "parent"}),
    *(request("PUT", f"/v1/buyers/b1/users/u{n}", {**PERSON, "Username": f"u{n}"}) for n in (1, 2)),
)  # fmt: skip


def of_user(buyer: str, user: str, phone: str = "7", **more: str) -> Request:
    return request("PATCH", f"/v1/buyers/{buyer}/users/{user}", {"Phone": phone}, **more)


def of_products(draw: st.DrawFn) -> Request:
    path = f"/v1/products/{draw(st.sampled_from(PRODUCTS))}"
    word, other = draw(st.sampled_from(["one", "two"])), draw(st.sampled_from(PRODUCTS))
    bodies: list[Request] = [
        {"Description": word},
        {"xp": {word: 1}},
        {"Name": word, "ShipWeight": 1.5},
        {"Name": word, "ShipWeight": 1.5},
        {"ID": other},
        {"ParentID": draw(st.sampled_from([None, "parent"]))},
        {"DefaultSupplierID": draw(st.sampled_from([None, "s1", "nobody"]))},
        {"DefaultPriceScheduleID": "s"},
        {"Inventory": {"Enabled": True, "QuantityAvailable": draw(st.integers(0, 3))}},
        {"Name": ""},
        {},
    ]
    drawn = [
        *(request("PATCH", path, body) for body in bodies),
        request("PUT", path, {"Name": word}),
        request("PUT", path, {"Name": word, "Description": "put"}),
        request("DELETE", path),
        request("GET", path),
        request("GET", "/v1/products?search=one"),
    ]
    return draw(st.sampled_from(drawn))


def of_others(draw: st.DrawFn) -> Request:
    user, name = draw(st.sampled_from(USERS)), draw(st.sampled_from(["u1", "u2", "u3"]))
    drawn = [
        request("PATCH", f"/v1/buyers/b1/users/{user}", {"Username": name}),
        request("PATCH", f"/v1/buyers/b1/users/{user}", {"Phone": name}),
        request("PATCH", f"/v1/buyers/b1/users/{user}", {"Active": False}),
        request("PATCH", f"/v1/buyers/{draw(st.sampled_from(['b1', 'b2', 'b3']))}", {"Name": name}),
        request("PATCH", "/v1/priceschedules/s", {"Name": name}),
        request("PATCH", "/v1/suppliers/s1", {"Active": draw(st.booleans())}),
        request("GET", "/v1/buyers/b1/users?sortBy=Username"),
        request("DELETE", "/v1/suppliers/s1"),
    ]
    return draw(st.sampled_from(drawn))


@st.composite
def batches(draw: st.DrawFn) -> list[Request]:
    """Stretches of like requests with others between them, some of which will be refused."""
    found: list[Request] = []
    for _ in range(draw(st.integers(1, 6))):
        one = of_products(draw) if draw(st.integers(0, 3)) else of_others(draw)
        found.append(one)
        if one["Verb"] == "PATCH" and draw(st.booleans()):
            home = one["Path"].rpartition("/")[0]
            ids = draw(st.lists(st.sampled_from(USERS if "users" in home else PRODUCTS), max_size=5))
            found += [{**one, "Path": f"{home}/{each}"} for each in ids]
    if draw(st.integers(0, 4)) == 0:
        found += NAMING
    return found


async def alone(api: Api, requests: list[Request]) -> list[tuple[int, Any]]:
    """Status and body of each by itself, up to the first that is refused."""
    found: list[tuple[int, Any]] = []
    for each in requests:
        body = {"Description": "as named"} if each == NAMING[1] else each.get("Body")
        answer = await api.seller.request(each["Verb"], each["Path"], json=body)
        assert answer.status_code < 500, (each, answer.text)
        found.append((answer.status_code, answer.json() if answer.content else None))
        if not answer.is_success:
            break
    return found


def alike(api: Api, value: Any) -> Any:
    """Without what tells one marketplace, and one moment, from another."""
    return json.loads(MOMENT.sub("then", json.dumps(value).replace(api.marketplace, "mine")))


async def state(api: Api) -> Any:
    """What there is, as it is listed."""
    lists = [(await api.seller.get(f"/v1/{path}")).json()["Items"] for path in LISTS if "?" not in path]
    return alike(api, lists)


async def changed(api: Api, since: int, named: dict[int, str]) -> tuple[set[str] | None, bool]:
    """Which products the log of the catalog names since then, None for any, and whether it says something of structure. named: the IDs
    that they had before.
    """
    named = {row["number"]: row["ID"] for row in await api.rows(NUMBERS)} | named
    rows = await api.rows(CHANGED, since)
    products = None if any(row["products"] is None for row in rows) else {
        named[number] for row in rows for number in row["products"]
    }  # fmt: skip
    return products, any(row["structure"] for row in rows)


async def told(api: Api) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await api.rows(TOLD)]


@settings(max_examples=40, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(drawn=batches(), listened=st.booleans())
async def test_a_batch_is_its_requests_one_by_one(
    server: Server, drawn: list[Request], listened: bool
) -> None:
    """Answers, refusals, what there is afterwards, what processes and listeners are told."""
    async with Api.create(server) as one, Api.create(server) as many:
        for api in (one, many):
            await done(api.seller, *WORLD)
            if listened:
                async with listening(api):
                    pass
        named = {row["number"]: row["ID"] for api in (one, many) for row in await api.rows(NUMBERS)}
        since = await one.value(EPOCH)
        found = await alone(one, drawn)
        note(f"{drawn}\n{found}")
        status, errors = found[-1] if found[-1][0] >= 400 else (0, {})
        before = await many.value(EPOCH), await state(many)
        if status:
            answer = await send(many.seller, *drawn)
            first, *own = answer.json()["Errors"]
            assert (answer.status_code, first["Data"]["Index"]) == (status, len(found) - 1)
            assert alike(many, own) == alike(one, errors["Errors"])
            assert (await many.value(EPOCH), await state(many)) == before
            assert await told(many) == []
            drawn, found = drawn[: len(found) - 1], found[:-1]
        answers = await done(many.seller, *drawn)
        assert [(each["Status"], alike(many, each["Body"])) for each in answers] == [
            (code, alike(one, body)) for code, body in found
        ]
        assert await state(many) == await state(one)
        assert await changed(many, before[0], named) == await changed(one, since, named)
        assert await told(many) == await told(one)


async def test_what_the_database_refuses_is_said_of_its_request(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of statements that were gathered nobody knows which has failed: the batch is run again, one by one, and refused as it would be."""
    await done(api.seller, *WORLD)
    names = [request("PATCH", f"/v1/buyers/b1/users/{user}", {"Username": name}) for user, name in (("u1", "u3"), ("u2", "U3"))]  # fmt: skip
    late = request("PATCH", "/v1/buyers/b1/users/u1", {"Email": "nothing"})
    before = await state(api)
    for more in ([], [late], [request("GET", "/v1/me")]):
        with recorded(monkeypatch) as statements:
            assert await refused(api.seller, *names, *more) == (409, 1, ["User.UsernameMustBeUnique"])
        assert sum("UPDATE users" in text for text, _ in statements) == 4
    assert await state(api) == before


@pytest.mark.parametrize(
    ("requests", "rows"),
    [
        (
            [of_user("b2", "u4"), of_user("b1", "u2"), of_user("b2", "u3"), of_user("b1", "u1")],
            [("b1", ["u2", "u1"]), ("b2", ["u4", "u3"])],
        ),
        (
            [of_user("b1", "u2", Label="it"), of_user("b1", "u3", "${it.Phone}"), of_user("b1", "u1")],
            [("b1", ["u2", "u1"])],
        ),
        ([of_user("b1", "u2"), of_user("B1", "u1")], [("b1", ["u2", "u1"])]),
    ],
    ids=["two parents", "a reference between them", "a parent spelled otherwise"],
)
async def test_rows_are_locked_in_one_order(
    api: Api,
    requests: list[Request],
    rows: list[tuple[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Few rows of one operation, too: before the first is written, of each parent by one statement in the order of their IDs."""
    people = [request("PUT", each["Path"], {**PERSON, "Username": each["Path"][-2:]}) for each in requests]
    await done(api.seller, *WORLD[1:3], *people)
    with recorded(monkeypatch) as statements:
        await done(api.seller, *requests)
    first = next(place for place, (text, _) in enumerate(statements) if "UPDATE users" in text)
    locked = [
        (arguments[1], arguments[2])
        for text, arguments in statements[:first]
        if "FOR NO KEY UPDATE OF t" in text and isinstance(arguments[-1], list)
    ]
    assert locked[: len(rows)] == rows


async def test_what_is_synchronized_is_told(api: Api, receiver: Receiver) -> None:
    """SYNC-1: of each thing that gathered statements have written, as of those alone."""
    await done(api.seller, *WORLD)
    async with synchronizing(api, receiver) as world:
        await world.sent()
        patches = [request("PATCH", f"/v1/products/p{n}", {"Name": f"Q{n}"}) for n in (2, 1, 3)]
        people = [request("PATCH", f"/v1/buyers/b1/users/u{n}", {"Phone": "7"}) for n in (1, 2)]
        await done(api.seller, *patches, *people)
        told = await world.told()
    assert told == [
        *(f"entitysync.buyeruser.updated u{n}" for n in (1, 2)),
        *(f"product.updated p{n}" for n in (1, 2, 3)),
    ]


async def test_events_are_written_down_together(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end, in the order of the requests, and none of a batch that is refused."""
    await done(api.seller, *WORLD)
    async with listening(api) as heard:
        patches = [request("PATCH", f"/v1/products/p{n}", {"Name": f"Q{n}"}) for n in (2, 1, 3)]
        await refused(api.seller, *patches, request("GET", "/v1/products/nothing"))
        with recorded(monkeypatch) as statements:
            await done(api.seller, *patches, request("DELETE", "/v1/products/p3"))
        written = [arguments[2] for text, arguments in statements if text == ADD]
        assert written == ["p2", "p1", "p3", "p3", None]
        first_write = next(place for place, (text, _) in enumerate(statements) if text == ADD)
        assert not any(
            "products" in text for text, _ in statements[first_write:] if "catalog_changes" not in text
        )
        events = await heard.until(5)
    assert [(each["Operation"], each["ID"]) for each in events[:4]] == [
        ("Products.Patch", "p2"),
        ("Products.Patch", "p1"),
        ("Products.Patch", "p3"),
        ("Products.Delete", "p3"),
    ]


@pytest.mark.parametrize(("busy", "sizes"), [(60.0, [100, 100, 50]), (0.0, [1] * 250)])
async def test_how_many_are_gathered(
    api: Api, monkeypatch: pytest.MonkeyPatch, busy: float, sizes: list[int]
) -> None:
    """What some milliseconds' work has gathered, which others do not wait for; at most those whose rows are locked together."""
    await done(api.seller, *(request("PUT", f"/v1/products/p{n}", {"Name": "P"}) for n in range(250)))
    found: list[int] = []
    send_them: Any = Gathered._send

    async def watched(self: Gathered, waiting: list[Any]) -> None:
        found.append(len(waiting))
        await send_them(self, waiting)

    monkeypatch.setattr(Gathered, "_send", watched)
    monkeypatch.setattr(answering, "BUSY", busy)
    answers = await done(
        api.seller, *(request("PATCH", f"/v1/products/p{n}", {"Name": f"Q{n}"}) for n in range(250))
    )
    assert [each["Body"]["Name"] for each in answers] == [f"Q{n}" for n in range(250)]
    assert found == sizes


async def test_whose_statements_do_not_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """They end with the batch that takes too long, and its connection is whole again."""
    await done(api.seller, *(request("PUT", f"/v1/products/p{n}", {"Name": "P"}) for n in range(3)))
    patches = [request("PATCH", f"/v1/products/p{n}", {"Name": "Q"}) for n in range(3)]

    async def asleep(self: Gathered, waiting: list[Any]) -> None:
        await self._connection.fetchval("SELECT pg_sleep(600)")

    monkeypatch.setattr(operations, "SECONDS", 0.5)
    monkeypatch.setattr(Gathered, "_send", asleep)
    assert codes(await send(api.seller, *patches)) == ["Batch.TookTooLong"]
    monkeypatch.undo()
    answers = await done(api.seller, *(request("GET", each["Path"]) for each in patches), *patches)
    assert [each["Body"]["Name"] for each in answers] == ["P"] * 3 + ["Q"] * 3
    asleep_yet = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active' AND $1::bigint IS NOT NULL"
    assert await api.value(asleep_yet) == 0
