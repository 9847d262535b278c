"""Catchers: addresses of this server that keep what is sent to them, for whoever develops an integration."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.dispatching import opened
from tests.api.marketplace import Api, Server, codes, run_server

from entrepot.engine.call import Backend
from entrepot.features.people.catchers import catching, making
from entrepot.features.people.catchers.catching import MOST_KEPT, MOST_OF_BODY, Catching
from entrepot.features.people.oauth.cleanup import BATCH, Retention
from entrepot.http.catching import MOST_READ
from entrepot.kernel.buckets import Rate
from entrepot.kernel.errors import TooManyAttemptsError

PATH = "/entrepot/v1/catchers"
COUNT = "SELECT count(*) FROM caught_requests WHERE marketplace_id = $1"


async def make(api: Api, **body: Any) -> dict[str, Any]:
    answer = await api.seller.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"{PATH}/{answer.json()['ID']}")
    made: dict[str, Any] = answer.json()
    return made


async def caught(api: Api, catcher: str, query: str = "sortBy=DateCreated") -> list[dict[str, Any]]:
    answer = await api.seller.get(f"{PATH}/{catcher}/requests?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["Items"]
    return found


async def in_full(api: Api, catcher: str, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.seller.get(f"{PATH}/{catcher}/requests/{request_id}")).json()
    return found


async def test_whatever_is_sent_is_kept_and_shown_in_full(api: Api) -> None:
    """Any method, any kind of body, a path behind the address; nobody has to prove who he is."""
    made = await make(api, ID="shop-hook", Name="Hook")
    assert made["Url"].startswith("http://entrepot.test/entrepot/catch/")
    assert (made["Status"], made["Body"], made["DelayMilliseconds"]) == (200, '{"proceed": true}', 0)
    url = made["Url"]
    sent = await api.http.post(
        f"{url}/shippingrates?x=1", json={"Order": "A"}, headers={"X-Oc-Hash": "abc", "X-Request-ID": "r-1"}
    )
    assert (sent.status_code, sent.json()) == (200, {"proceed": True})
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        assert (await api.http.request(verb, url)).status_code == 200
    assert (await api.http.head(url)).content == b""
    assert (
        await api.http.post(url, content=b"\xff\x00<xml/>", headers={"Content-Type": "text/xml"})
    ).is_success
    found = await caught(api, "SHOP-HOOK")
    assert [(each["Method"], each["Path"]) for each in found] == [
        ("POST", "/shippingrates"),
        *((verb, "") for verb in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "POST")),
    ]
    first = await in_full(api, "shop-hook", found[0]["ID"])
    assert {name: first[name] for name in found[0]} == found[0]
    assert (first["Body"], first["IsCut"], first["Query"]) == ('{"Order":"A"}', False, "x=1")
    assert (first["Size"], first["Answered"], first["ContentType"]) == (13, 200, "application/json")
    headers = {each["Name"]: each["Value"] for each in first["Headers"]}
    assert (headers["x-oc-hash"], headers["x-request-id"]) == ("abc", "r-1")
    assert (await in_full(api, "shop-hook", found[-1]["ID"]))[
        "Body"
    ] == "\N{REPLACEMENT CHARACTER}" * 2 + "<xml/>"


async def test_it_answers_what_its_maker_says(api: Api) -> None:
    """A status, a body and a delay; what a browser would run is only text, whatever it is."""
    made = await make(api, Status=503, Body="<script>alert(1)</script>")
    answer = await api.http.get(made["Url"])
    assert (answer.status_code, answer.text) == (503, "<script>alert(1)</script>")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    no = await make(api, Body='{"proceed": false, "body": {"why": "tests"}}')
    assert (await api.http.post(no["Url"], json={})).json()["proceed"] is False
    assert (await api.http.post((await make(api, Status=204))["Url"])).content == b""
    late = await make(api, DelayMilliseconds=60_000 // 2)
    waiting = asyncio.create_task(api.http.post(late["Url"], json={}))
    try:
        while not await caught(api, late["ID"]):
            await asyncio.sleep(0.01)
        assert not waiting.done(), "it is seen before it is answered"
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_secrets_are_masked_where_they_are_shown_and_sealed_where_they_are_kept(api: Api) -> None:
    made = await make(api, ID="masked")
    await api.http.post(
        f"{made['Url']}?token=hidden-1&page=2",
        json={"Password": "hidden-2", "Name": "shown"},
        headers={"Authorization": "Bearer hidden-3", "X-Api-Key": "hidden-4", "Cookie": "a=hidden-5"},
    )
    await api.http.get(f"{made['Url']}/token=hidden-6")
    found = await caught(api, "masked")
    shown = str([await in_full(api, "masked", each["ID"]) for each in found]) + str(found)
    assert "hidden" not in shown
    assert "shown" in shown
    first = await in_full(api, "masked", found[0]["ID"])
    assert {"Name": "authorization", "Value": "Bearer ***"} in first["Headers"]
    assert first["Query"] == "token=***&page=2"
    kept = await api.value(
        "SELECT string_agg(to_jsonb(r)::text, '') FROM caught_requests r WHERE marketplace_id = $1"
    )
    assert "hidden" not in kept
    content = await api.value("SELECT content FROM caught_requests WHERE marketplace_id = $1 LIMIT 1")
    assert b"hidden" not in content


async def test_lists_and_deletes_as_everything_else(api: Api) -> None:
    for name in ("a", "b"):
        await make(api, ID=name, Name=f"Catcher {name}")
    listed = (await api.seller.get(f"{PATH}?search=catcher&sortBy=!ID")).json()
    assert [each["ID"] for each in listed["Items"]] == ["b", "a"]
    assert (await api.seller.get(f"{PATH}/A")).json() == listed["Items"][1]
    url = listed["Items"][1]["Url"]
    for path in ("/one", "/two", "/three"):
        await api.http.post(f"{url}{path}", json={})
    assert [each["Path"] for each in await caught(api, "a", "search=t&searchOn=Path&sortBy=!Path")] == [
        "/two",
        "/three",
    ]
    assert [
        each["Path"] for each in await caught(api, "a", "Method=post&sortBy=!DateCreated&pageSize=1")
    ] == ["/three"]
    assert codes(await api.seller.get(f"{PATH}/a/requests?content=x")) == ["List.InvalidProperty"]
    first = (await caught(api, "a"))[0]["ID"]
    assert (await api.seller.delete(f"{PATH}/a/requests/{first}")).status_code == 204
    assert len(await caught(api, "a")) == 2
    for verb in ("GET", "DELETE"):
        missing = await api.seller.request(verb, f"{PATH}/a/requests/{first}")
        assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "CaughtRequest", "ObjectID": first}
    assert (await api.seller.delete(f"{PATH}/a/requests")).status_code == 204
    assert await caught(api, "a") == []
    for verb, path in (
        ("GET", "/none"),
        ("DELETE", "/none"),
        ("GET", "/none/requests"),
        ("DELETE", "/none/requests"),
    ):
        answer = await api.seller.request(verb, f"{PATH}{path}")
        assert (answer.status_code, answer.json()["Errors"][0]["Data"]) == (
            404,
            {"ObjectType": "Catcher", "ObjectID": "none"},
        )
    await api.http.post(url, json={})
    assert (await api.seller.delete(f"{PATH}/a")).status_code == 204
    assert await api.value(COUNT) == 0
    assert (await api.http.post(url, json={})).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Status": 199}, "Status"),
        ({"Status": 600}, "Status"),
        ({"Status": "many"}, "Status"),
        ({"DelayMilliseconds": 30_001}, "DelayMilliseconds"),
        ({"DelayMilliseconds": -1}, "DelayMilliseconds"),
        ({"Body": "x" * 10_001}, "Body"),
        ({"Name": "x" * 101}, "Name"),
        ({"ID": "no id"}, "ID"),
    ],
)
async def test_bad_input(api: Api, body: dict[str, Any], code: str) -> None:
    answer = await api.seller.post(PATH, json=body)
    assert answer.status_code == 400
    assert code in answer.text


async def test_the_same_id_and_too_many(api: Api) -> None:
    """Also of those that are made at once."""
    await make(api, ID="one")
    assert codes(await api.seller.post(PATH, json={"ID": "ONE"})) == ["IdExists"]
    made = await asyncio.gather(*(api.seller.post(PATH, json={}) for _ in range(making.MOST + 3)))
    refused = [answer for answer in made if answer.status_code != 201]
    assert len(refused) == 4
    assert {codes(answer)[0] for answer in refused} == {"Catcher.TooMany"}


async def test_only_full_access_of_the_seller_and_of_this_marketplace_sees_them(api: Api, other: Api) -> None:
    made = await make(api, ID="mine")
    await api.http.post(made["Url"], json={})
    request_id = (await caught(api, "mine"))[0]["ID"]
    shopper = await api.user(buyer=await api.buyer())
    everything = (
        ("GET", PATH),
        ("POST", PATH),
        ("GET", f"{PATH}/mine"),
        ("GET", f"{PATH}/mine/requests"),
        ("GET", f"{PATH}/mine/requests/{request_id}"),
        ("DELETE", f"{PATH}/mine/requests/{request_id}"),
        ("DELETE", f"{PATH}/mine/requests"),
        ("DELETE", f"{PATH}/mine"),
    )
    for verb, path in everything:
        refused = await api.as_(api.admin, roles=["WebhookAdmin", "Shopper"]).request(verb, path, json={})
        assert codes(refused) == ["Auth.InsufficientRoles"], path
        refused = await api.as_(shopper, roles=["FullAccess"]).request(verb, path, json={})
        assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"], path
        if path != PATH:
            assert (await other.seller.request(verb, path)).status_code == 404, path
    assert (await other.seller.get(PATH)).json()["Items"] == []
    assert len(await caught(api, "mine")) == 1


async def test_unknown_addresses_are_nobodys(api: Api, other: Api) -> None:
    """Neither those of another marketplace's number, nor what is none at all."""
    address = (await make(api))["Url"].rpartition("/")[2]
    marketplace, _, rest = address.partition("-")
    for wrong in (
        f"{other.marketplace_id:x}-{rest}",
        f"{marketplace}-{'0' * 32}",
        f"{'f' * 15}-{rest}",
        f"{'f' * 16}-{rest}",
        f"-{rest}",
        "x",
        "%00",
    ):
        answer = await api.http.post(f"/entrepot/catch/{wrong}", json={})
        assert answer.status_code == 404, wrong
        assert rest not in answer.text
    assert (await api.http.post(f"/entrepot/catch/{address}/1/2/3/4", json={})).status_code == 404
    await api.execute('UPDATE marketplaces SET "Active" = false WHERE marketplace_id = $1')
    assert (await api.http.post(f"/entrepot/catch/{address}", json={})).status_code == 404
    assert await api.value(COUNT) == 0


async def test_it_is_off_where_the_setting_says_so(api: Api, server: Server) -> None:
    url = (await make(api, ID="former"))["Url"]
    shut = replace(server.settings, catchers=False)
    async with run_server(shut, server.database, server.clock) as running:
        seller = api.with_token(api.token(api.admin, ["FullAccess"]), running)
        assert codes(await seller.post(PATH, json={})) == ["Catcher.Off"]
        assert (await api._kept(running.client()).post(url, json={})).status_code == 404
        assert [each["ID"] for each in (await seller.get(PATH)).json()["Items"]] == ["former"]
        assert (await seller.delete(f"{PATH}/former")).status_code == 204


async def catch(backend: Backend, to: Catching, url: str, body: bytes = b"") -> Any:
    return await to.catch(backend, url.rpartition("/")[2], "POST", "", "", [], body)


async def test_it_is_bounded_by_size_number_days_and_pace(api: Api) -> None:
    made = await make(api, ID="full")
    too_large = await api.http.post(made["Url"], content=b"x" * (MOST_READ + 1))
    assert (too_large.status_code, codes(too_large)) == (413, ["Request.BodyTooLarge"])
    await api.http.post(made["Url"], content=b"x" * MOST_READ)
    large = await in_full(api, "full", (await caught(api, "full"))[0]["ID"])
    assert (large["Size"], len(large["Body"]), large["IsCut"]) == (MOST_READ, MOST_OF_BODY, True)
    async with opened(api) as backend:
        to = Catching(Rate(MOST_KEPT + 5), clock=lambda: 0.0)
        for number in range(MOST_KEPT + 5):
            assert await catch(backend, to, made["Url"], str(number).encode()) is not None
        assert await api.value(COUNT) == MOST_KEPT
        last = await in_full(api, "full", (await caught(api, "full", "sortBy=!DateCreated"))[0]["ID"])
        assert last["Body"] == str(MOST_KEPT + 4)
        with pytest.raises(TooManyAttemptsError):
            await catch(backend, to, made["Url"])
    for days, retention, left in (
        (13, Retention(), MOST_KEPT),
        (15, Retention(mailbox=timedelta()), MOST_KEPT),
        (15, Retention(), 0),
    ):
        later = api.server.clock() + timedelta(days=days)
        for statement, argument in retention.rules(later, later):
            await api.execute(statement, BATCH, argument)
        assert await api.value(COUNT) == left


async def test_few_wait_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A late answer holds a connection: beyond what may wait the next is told to come later."""
    monkeypatch.setattr(catching, "MOST_WAITING", 2)
    made = await make(api, DelayMilliseconds=30_000)
    async with opened(api) as backend:
        to = Catching()
        waiting = [asyncio.create_task(catch(backend, to, made["Url"])) for _ in range(2)]
        try:
            while await api.value(COUNT) < 2 or sum(to._waiting.values()) < 2:
                await asyncio.sleep(0.01)
            with pytest.raises(TooManyAttemptsError):
                await catch(backend, to, made["Url"])
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        assert not to._waiting


async def test_a_browser_asks_before(api: Api) -> None:
    """OPTIONS is the server's own answer, as everywhere, and is not kept."""
    made = await make(api)
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer: httpx.Response = await api.http.options(made["Url"], headers=headers)
    assert answer.is_success
    assert await api.value(COUNT) == 0
