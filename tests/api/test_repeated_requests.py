"""Requests that are sent again under the same Idempotency-Key: done once, answered alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, Server
from tests.api.test_group_orders import LINES, guest_of, host, invite
from tests.api.uniform.subjects import checked

from entrepot.domain.identity.ties import Session, Ties
from entrepot.features.people.deliveries import leases
from entrepot.features.people.oauth.cleanup import BATCH, Retention
from entrepot.features.people.repeating import repeats
from entrepot.features.trade.clock import advancing

BUYER = {"Name": "B", "Active": True, "xp": {"money": 1.10}}


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def code(answer: httpx.Response) -> str:
    return str(answer.json()["Errors"][0]["ErrorCode"])


async def count(api: Api, table: str) -> int:
    return int(await api.value(f"SELECT count(*) FROM {table} WHERE marketplace_id = $1"))


async def test_it_is_done_once_and_answered_alike(api: Api, twin: Server) -> None:
    """By whichever process; body, status and Location to the letter."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    answers = [
        await checked(one.post("/v1/buyers", json=BUYER, headers=key("k1")), 201)
        for one in (api.seller, api.seller, elsewhere)
    ]
    first = answers[0]
    assert "Idempotent-Replayed" not in first.headers
    for again in answers[1:]:
        assert (again.content, again.headers["Location"]) == (first.content, first.headers["Location"])
        assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(api, "buyers") == 1
    other = await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k2")), 201)
    assert other.json()["ID"] != first.json()["ID"]


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
async def test_all_verbs_that_write(verb: str, api: Api) -> None:
    """Of a thing that changes between the two, the first answer is given: 204 of a deletion, too."""
    await checked(api.seller.put("/v1/catalogs/c", json={"Name": "B", "Active": True}), 200)
    body: dict[str, Any] = {} if verb == "DELETE" else {"json": {"Name": "C", "Active": True}}
    first = await api.seller.request(verb, "/v1/catalogs/c", headers=key("k"), **body)
    await api.seller.put("/v1/catalogs/c", json={"Name": "D", "Active": True})
    again = await api.seller.request(verb, "/v1/catalogs/c", headers=key("k"), **body)
    assert first.is_success
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (await api.seller.get("/v1/catalogs/c")).json()["Name"] == "D"


async def test_at_once_one_does_it_and_the_others_wait(api: Api, twin: Server) -> None:
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    answers = await asyncio.gather(
        *(
            one.post("/v1/buyers", json=BUYER, headers=key("k"))
            for one in (api.seller, elsewhere)
            for _ in range(6)
        )
    )
    assert Counter(each.status_code for each in answers) == {201: 12}
    assert len({each.content for each in answers}) == 1
    assert sum("Idempotent-Replayed" in each.headers for each in answers) == 11
    assert await count(api, "buyers") == 1


async def test_operations_with_units_of_their_own(api: Api) -> None:
    """An advance of the clock, and a promotion that is added: once, however many ask at once."""
    await checked(api.seller.put("/entrepot/v1/clock", json={"Mode": "Frozen", "Moment": "2031-01-01"}), 200)
    answers = await asyncio.gather(
        *(
            api.seller.post("/entrepot/v1/clock/advance", json={"By": "P1D"}, headers=key("k"))
            for _ in range(4)
        )
    )
    assert {each.status_code for each in answers} == {200}
    assert (await api.seller.get("/entrepot/v1/clock")).json()["Now"] == "2031-01-02T00:00:00+00:00"
    refused = [
        await api.seller.post("/entrepot/v1/clock/advance", json={}, headers=key("k2")) for _ in range(2)
    ]
    assert [code(each) for each in refused] == ["Clock.ToOrBy"] * 2
    assert await count(api, "repeats") == 1


async def test_another_request_with_the_key_is_refused(api: Api) -> None:
    """Another body, another path; the first answer is still there."""
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    for send in (
        api.seller.post("/v1/buyers", json={**BUYER, "Name": "C"}, headers=key("k")),
        api.seller.post("/v1/suppliers", json=BUYER, headers=key("k")),
        api.seller.post("/v1/buyers?x=1", json=BUYER, headers=key("k")),
    ):
        assert code(await checked(send, 409)) == "Idempotency.OtherRequest"
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    assert (await count(api, "buyers"), await count(api, "suppliers")) == (1, 0)


async def test_what_was_refused_may_be_tried_again(api: Api) -> None:
    """It has done nothing and left nothing: with the same key, even as another request, it is done."""
    location = {"CategoryID": "c", "ProductID": "p"}
    refused = await api.seller.post(
        "/v1/catalogs/x/categories/productassignments", json=location, headers=key("k")
    )
    assert refused.status_code == 404
    invalid = await api.seller.post("/v1/buyers", json={"Name": None}, headers=key("k"))
    assert invalid.status_code == 400
    assert await count(api, "repeats") == 0
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)


async def test_keys_are_their_callers(api: Api, other: Api) -> None:
    """Another user, another marketplace: the same key is another one. Of guests, who are all one user, each has its own."""
    first = await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    second = await checked(other.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    clients = [
        api.as_(await api.user(buyer=buyer), roles=["Shopper"]),
        api.as_(user, roles=["Shopper"]),
        *(api.as_(user, roles=["Shopper"], order_id=order) for order in ("a" * 22, "b" * 22)),
    ]
    made = [
        await checked(client.patch("/v1/cart", json={"Comments": "c"}, headers=key("k")), 200)
        for client in clients
    ]
    assert len({each.json()["ID"] for each in (first, second, *made)}) == 6


async def test_who_stands_for_a_user_is_another_caller(api: Api) -> None:
    """Another client, whoever acts as the user, whoever was invited to an order of his: the key is another one of each."""
    client = await checked(api.seller.post("/v1/apiclients", json={"AppName": "Other", "AccessTokenDuration": 60, "RefreshTokenDuration": 0, "AllowSeller": True, "Active": True}), 201)  # fmt: skip
    acting = await api.user(roles=("FullAccess",))
    clients = [
        api.seller,
        api.as_(api.admin, roles=["FullAccess"], client_id=client.json()["ID"].lower()),
        api.as_(api.admin, roles=["FullAccess"], ties=Ties((Session(acting.key, 0),))),
    ]
    made = [
        await checked(each.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
        for each in (*clients, *clients)
    ]
    assert len({each.json()["ID"] for each in made}) == 3
    assert [each.content for each in made[:3]] == [each.content for each in made[3:]]


async def test_the_answer_of_a_host_is_not_his_guests(api: Api) -> None:
    """Though a guest's token stands for the host, and what it does under his key is done."""
    _, http = await host(api)
    line = {"ProductID": "P", "Quantity": 1}
    guest = await guest_of(api, await invite(api, http))
    made = [await checked(each.post(LINES, json=line, headers=key("k")), 201) for each in (http, guest, http)]
    assert made[0].content == made[2].content
    assert made[0].json()["ID"] != made[1].json()["ID"]


async def test_other_roles_are_another_request(api: Api) -> None:
    """What was answered to more of them is not given to fewer; nor is it done twice."""
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    fewer = api.as_(api.admin, roles=["BuyerAdmin"])
    assert code(await fewer.post("/v1/buyers", json=BUYER, headers=key("k"))) == "Idempotency.OtherRequest"
    assert await count(api, "buyers") == 1


async def test_a_key_is_kept_as_long_as_its_operation_runs(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long one with units of its own takes: nobody takes it for one whose process has died."""
    monkeypatch.setattr(leases, "RENEW", 0.01)
    monkeypatch.setattr(repeats, "WAITS", ())
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: Any) -> None:
        begun.set()
        await go_on.wait()

    monkeypatch.setattr(advancing, "next_due", slow)
    ask = partial(api.seller.post, "/entrepot/v1/clock/advance", json={"By": "P1D"}, headers=key("k"))
    running = asyncio.create_task(ask())
    await begun.wait()
    api.server.clock.advance(minutes=3)
    late = "SELECT count(*) FROM repeats WHERE marketplace_id = $1 AND created_at < $2"
    while await api.value(late, api.server.clock()):
        await asyncio.sleep(0.01)
    assert code(await ask()) == "Idempotency.StillRunning"
    go_on.set()
    answered = await running
    assert answered.status_code == 200, answered.text
    assert (await ask()).content == answered.content


async def test_nobody_is_told_whose_token_has_ended(api: Api) -> None:
    """An answer is given again to those alone who could still ask."""
    secret = {"AppName": "A", "AccessTokenDuration": 60, "RefreshTokenDuration": 0, "ClientSecret": "S" * 20}
    await checked(api.seller.post("/v1/apiclients", json=secret, headers=key("k")), 201)
    weaker = api.as_(api.admin, roles=["BuyerReader"])
    assert (await weaker.post("/v1/apiclients", json=secret, headers=key("k"))).status_code == 403
    kept = await api.value("SELECT answer FROM repeats WHERE marketplace_id = $1")
    assert b"SSSS" not in bytes(kept)
    assert b"AppName" not in bytes(kept)


async def test_after_a_day_the_key_is_new(api: Api) -> None:
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    api.server.clock.advance(hours=23)
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    assert await count(api, "buyers") == 1
    api.server.clock.advance(hours=2)
    await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k")), 201)
    assert await count(api, "buyers") == 2
    now = api.server.clock()
    for days, left in ((0, 1), (2, 0)):
        for statement, argument in Retention().rules(now + timedelta(days=days), now + timedelta(days=days)):
            await api.execute(statement, BATCH, argument)
        assert await count(api, "repeats") == left


async def test_an_answer_that_was_lost_comes_with_the_next(api: Api) -> None:
    """What the key is for: the write was done, the connection broke, the client tries again."""
    fault = {"OperationID": "Buyers.Create", "Moment": "After", "Status": 503, "Remaining": 1}
    await checked(api.seller.post("/entrepot/v1/faults", json=fault), 201)
    lost = await api.seller.post("/v1/buyers", json={"ID": "b", **BUYER}, headers=key("k"))
    assert lost.status_code == 503
    again = await api.seller.post("/v1/buyers", json={"ID": "b", **BUYER}, headers=key("k"))
    assert (again.status_code, again.json()["ID"]) == (201, "b")
    assert await count(api, "buyers") == 1


async def test_a_read_takes_no_notice_of_it(api: Api) -> None:
    for _ in range(2):
        found = await checked(api.seller.get("/v1/buyers", headers=key("k")), 200)
        assert "Idempotent-Replayed" not in found.headers
    assert await count(api, "repeats") == 0


@pytest.mark.parametrize("bad", ["", " ", "x" * 256, "é", "a\tb"])
async def test_what_is_no_key(api: Api, bad: str) -> None:
    headers = [(b"Idempotency-Key", bad.encode("latin-1"))]
    refused = await api.seller.post("/v1/buyers", json=BUYER, headers=headers)
    assert code(await _done(refused, 400)) == "Idempotency.InvalidKey"
    assert await count(api, "buyers") == 0


async def _done(answer: httpx.Response, status: int) -> httpx.Response:
    assert answer.status_code == status, answer.text
    return answer
