"""POST /entrepot/v1/batch: many requests in one transaction, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.api.batching import PATH, done, refused, request, send
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server
from tests.api.shop import open_shop
from tests.api.test_catalog_plans import recorded
from tests.api.test_repeated_requests import count, key
from tests.api.uniform.subjects import checked
from tests.api.uniform.test_xp import REMOVE
from tests.api.world import unchanged

from entrepot.app.registry import registry
from entrepot.declare.operation import Unit
from entrepot.engine.attempts import Attempts
from entrepot.features.people.batches import answering, operations
from entrepot.features.people.credentials.passwords import PasswordHasher
from entrepot.http.inside import InsideUnits
from entrepot.http.routing import leading, mounted

BUYER = {"Name": "B", "Active": True}


def buyer(buyer_id: str, **more: Any) -> dict[str, Any]:
    return request("PUT", f"/v1/buyers/{buyer_id}", {**BUYER, **more})


async def test_they_are_carried_out_in_order(api: Api) -> None:
    """Answers as each would have had by itself; a read sees what was written before it."""
    answers = await done(
        api.seller,
        request("POST", "/v1/buyers", {"Name": "B", "Active": True}, Label="buyer"),
        request("PATCH", "/v1/buyers/${buyer.ID}", {"Name": "of ${buyer.ID}, ${0.Active}"}),
        request("GET", "/v1/buyers/${BUYER.ID}"),
        request("GET", "/v1/buyers?ID=${buyer.ID}"),
        request(
            "PUT",
            "/v1/buyers/x",
            {"Name": "X", "Active": True, "xp": {"all": "${3.Items.0}", "one": "${0.Active}"}},
        ),
        request("DELETE", "/v1/buyers/${buyer.ID}"),
    )
    assert [each["Status"] for each in answers] == [201, 200, 200, 200, 200, 204]
    made = answers[0]["Body"]
    assert answers[0]["Headers"]["Location"].endswith(f"/v1/buyers/{made['ID']}")
    assert [each["Label"] for each in answers] == ["buyer", *[None] * 5]
    assert answers[1]["Body"]["Name"] == f"of {made['ID']}, true"
    assert answers[2]["Body"] == answers[1]["Body"]
    assert answers[3]["Body"]["Items"] == [answers[1]["Body"]]
    assert answers[4]["Body"]["xp"] == {"all": answers[1]["Body"], "one": True}
    assert answers[5] == {"Label": None, "Status": 204, "Headers": {}, "Body": None}
    found = (await api.seller.get("/v1/buyers")).json()["Items"]
    assert [each["ID"] for each in found] == ["x"]


@pytest.mark.usefixtures("truly")
async def test_all_or_nothing(api: Api, other: Api, twin: Server) -> None:
    """Rows, epochs, messages, what processes remember: the last of them is refused, and nothing has been. Issue, section 5."""
    await open_shop(api)
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    paths = ("/v1/products", "/v1/webhooks", "/v1/buyers", "/v1/locales", "/v1/adminusers")
    before = [(await one.get(path)).text for one in (api.seller, elsewhere) for path in paths]
    hook = {"Name": "H", "Url": "https://hooks.example", "HashKey": "k" * 20, "ApiClientIDs": [api.client_id], "WebhookRoutes": [{"Route": "v1/products/{productID}", "Verb": "PUT"}]}  # fmt: skip
    user = {"Username": "u", "FirstName": "F", "LastName": "L", "Email": "u@example.com", "Active": True}
    async with unchanged(api), unchanged(other):
        assert await refused(
            api.seller,
            request("PUT", "/v1/webhooks/h", hook),
            request("PUT", "/v1/products/new", {"Name": "P", "Active": True}),
            request("PUT", "/v1/adminusers/u", user),
            request("PUT", "/v1/locales/l", {"Currency": "USD", "Language": "en"}),
            buyer("b", DefaultCatalogID="nowhere"),
        ) == (404, 4, ["NotFound"])
    assert [(await one.get(path)).text for one in (api.seller, elsewhere) for path in paths] == before
    await checked(api.seller.put("/v1/products/new", json={"Name": "P", "Active": True}), 200)
    assert await count(api, "outbox_events") == 0, "no webhook is there to be told"


async def test_the_refusal_has_the_errors_of_the_request(api: Api) -> None:
    """To the letter, after one that names the place."""
    alone = await api.seller.put("/v1/buyers/b", json={"Name": "x" * 101, "Active": "maybe"})
    together = await send(api.seller, buyer("a"), buyer("b", Name="x" * 101, Active="maybe"))
    first, *others = together.json()["Errors"]
    assert (together.status_code, others) == (alone.status_code, alone.json()["Errors"])
    assert first["Data"] == {"Index": 1, "Label": None, "Status": 400}


async def test_a_thousand_and_no_more(api: Api) -> None:
    """None is a batch of none."""
    assert await done(api.seller) == []
    many = [request("GET", "/v1/me") for _ in range(1_000)]
    answers = await done(api.seller, *many)
    assert {each["Body"]["ID"] for each in answers} == {"admin"}
    more = await checked(send(api.seller, *many, many[0]), 400)
    assert more.json()["Errors"][0]["Data"] == {"Property": "Requests", "MaxCount": 1000}


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"Requests":null}', b'{"Requests":{}}', b'{"Requests":"x"}', b"null", b"", b"{", b"7"],
)
async def test_what_is_no_batch(body: bytes, api: Api) -> None:
    refusal = await checked(
        api.seller.post(PATH, content=body, headers={"Content-Type": "application/json"}), 400
    )
    assert codes(refusal)[0] in {"Request.InvalidRequestBody", "ValidationFailure"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (7, "Request.InvalidRequestBody"),
        (None, "Request.InvalidRequestBody"),
        ({}, "ValidationFailure"),
        ({"Verb": "GET"}, "ValidationFailure"),
        ({"Verb": "TRACE", "Path": "/v1/me"}, "ValidationFailure"),
        ({"Verb": "HEAD", "Path": "/v1/me"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": 7}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "v1/me"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "http://elsewhere/v1/me"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/buyers/é"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/me HTTP/1.1\r\nX: y"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/me#here"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/" + "x" * 8_000}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/nothing/there"}, "NotFound"),
        ({"Verb": "GET", "Path": "/v1/../v1/me"}, "NotFound"),
        ({"Verb": "GET", "Path": "/v1//me"}, "NotFound"),
        ({"Verb": "GET", "Path": "/v1/buyers/%00"}, "NotFound"),
        ({"Verb": "GET", "Path": "/v1/buyers/%ff"}, "NotFound"),
        ({"Verb": "DELETE", "Path": "/v1/me"}, "MethodNotAllowed"),
        ({"Verb": "PUT", "Path": "/v1/buyers/y", "Body": []}, "ValidationFailure"),
        ({"Verb": "PUT", "Path": "/v1/buyers/y"}, "Request.InvalidRequestBody"),
        ({"Verb": "PUT", "Path": "/v1/buyers/y", "Body": None}, "Request.InvalidRequestBody"),
        ({"Verb": "GET", "Path": "/v1/me", "Label": "1"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/me", "Label": "a.b"}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/me", "Label": "x" * 101}, "ValidationFailure"),
        ({"Verb": "GET", "Path": "/v1/me", "Label": "FIRST"}, "Batch.DuplicateLabel"),
        ({"Verb": "PUT", "Path": "/v1/buyers/y", "Body": BUYER, "IdempotencyKey": "é"}, "Idempotency.InvalidKey"),
        ({"Verb": "GET", "Path": "/v1/buyers?page=nonsense"}, "List.InvalidType"),
    ],
)  # fmt: skip
async def test_a_request_that_is_none(wrong: Any, code: str, api: Api) -> None:
    """Named by its place, before or while the others are carried out."""
    async with unchanged(api):
        status, index, found = await refused(
            api.seller, {**buyer("x"), "Label": "first"}, wrong, request("GET", "/v1/me")
        )
    assert (index, found[0]) == (1, code)
    assert 400 <= status < 500


async def test_what_no_request_has(api: Api) -> None:
    """By another name it would be left out in silence, and a write carried out without its body."""
    wrong = {"Verb": "PUT", "Path": "/v1/buyers/x", "Data": BUYER, "method": "PUT", "x" * 200: 1}
    answer = await send(api.seller, buyer("a"), wrong)
    first, *others = answer.json()["Errors"]
    assert (answer.status_code, first["Data"]["Index"]) == (400, 1)
    assert [each["Data"]["Property"] for each in others] == ["Data", "method", "x" * 100]
    assert others[0]["Message"].endswith("it has Label, Verb, Path, Body, IdempotencyKey.")
    many = await send(api.seller, {f"n{number}": 1 for number in range(1_000)})
    assert len(many.json()["Errors"]) == 11


async def test_spelled_otherwise(api: Api) -> None:
    """Names of properties in any case, paths as the router takes them (BODY-1, CONV-8)."""
    body = {
        "requests": [{"verb": "put", "PATH": "/V1/Buyers/a%2Db/", "body": BUYER}, {"Verb": "GET", "Path": "/v1/buyers/A-B?x"}]
    }  # fmt: skip
    answers = (await checked(api.seller.post(PATH, json=body), 200)).json()["Answers"]
    assert [each["Body"]["ID"] for each in answers] == ["a-b", "a-b"]


async def test_each_by_the_roles_of_the_token(api: Api, other: Api) -> None:
    """AUTH-30, of each request; any token may send a batch, and sees what it would see alone."""
    company = await api.buyer()
    await other.buyer("theirs")
    reader = api.as_(await api.user(), roles=["BuyerReader"])
    shopper = api.as_(await api.user(buyer=company), roles=["Shopper"])
    assert (await done(reader, request("GET", f"/v1/buyers/{company}")))[0]["Status"] == 200
    async with unchanged(api):
        assert await refused(reader, request("GET", "/v1/buyers"), buyer("new")) == (
            403,
            1,
            ["Auth.InsufficientRoles"],
        )
        assert (await refused(shopper, request("GET", "/v1/me"), request("GET", "/v1/products")))[0] == 403
    assert await refused(api.seller, request("PATCH", "/v1/buyers/theirs", {"Name": "Mine"})) == (
        404,
        0,
        ["NotFound"],
    )
    order = await done(
        shopper,
        request("POST", "/v1/orders/Outgoing", {}, Label="o"),
        request("PATCH", "/v1/orders/Outgoing/${o.ID}", {"Comments": "mine"}),
    )
    assert order[1]["Body"]["Comments"] == "mine"
    supplier = api.as_(await api.user(supplier=await api.supplier()), roles=["ProductAdmin"])
    await done(api.seller, request("PUT", "/v1/products/sellers", {"Name": "P"}))
    assert (await refused(supplier, request("PATCH", "/v1/products/sellers", {"Name": "Q"})))[1] == 0
    assert (await api.seller.get("/v1/products/sellers")).json()["Name"] == "P"


async def test_whose_token_has_ended(api: Api) -> None:
    user = await api.user()
    caller = api.as_(user, roles=["FullAccess"])
    await done(caller, buyer("a"))
    await checked(api.seller.patch(f"/v1/adminusers/{user.id}", json={"Active": False}), 200)
    assert (await send(caller, buyer("b"))).status_code == 401
    assert await count(api, "buyers") == 1


def test_what_can_be_in_a_batch() -> None:
    """All of the contract's but what has several transactions or calls abroad between them; none of the server's own, no login."""
    inside = InsideUnits(leading(()), Attempts())
    contract = [each for each in registry().operations.values() if not (each.is_own or each.public)]
    left_out = {each.id for each in contract if not inside.may_join(each)}
    assert left_out == {
        "Cart.Calculate",
        "Cart.EstimateShipping",
        "IntegrationEvents.Calculate",
        "IntegrationEvents.EstimateShipping",
        "UserInfo.Get",
        "UserInfo.Post",
    }
    assert not any(
        inside.may_join(each) for each in registry().operations.values() if each.is_own or each.public
    )
    assert all(each.joins is False or each.unit is Unit.OWN for each in contract)


@pytest.mark.parametrize(
    "name", ["Batches.Create", "Clock.Save", "Snapshots.Create", "Tokens.Create", "Faults.List"]
)
async def test_what_cannot(name: str, api: Api) -> None:
    operation = registry().operations[name]
    body: dict[str, Any] | None = {} if operation.verb in ("POST", "PUT") else None
    async with unchanged(api):
        assert await refused(
            api.seller, buyer("a"), request(operation.verb, mounted(operation.path), body)
        ) == (400, 1, ["Batch.OperationNotPossible"])


async def test_the_same_row_again_and_again(api: Api) -> None:
    """Rows that are locked together: each request sees what those before it have made of its own."""
    await done(
        api.seller, *(request("PUT", f"/v1/products/p{n}", {"Name": "P", "xp": {"n": 0}}) for n in range(5))
    )
    answers = await done(
        api.seller,
        request("PATCH", "/v1/products/p0", {"xp": {"a": 1}}),
        request("PATCH", "/v1/products/P0", {"xp": {"b": 2}}),
        request("PATCH", "/v1/products/p1", {"ID": "q1", "Name": "Q"}),
        request("PATCH", "/v1/products/q1", {"Description": "renamed"}),
        request("PATCH", "/v1/products/p2", {"Description": "before"}),
        request("PUT", "/v1/products/p2", {"Name": "P"}),
        request("PATCH", "/v1/products/p2", {"Name": "after"}),
        request("DELETE", "/v1/products/p3"),
        request("PATCH", "/v1/products/p4", {"Active": True}),
    )
    assert answers[1]["Body"]["xp"] == {"n": 0, "a": 1, "b": 2}
    assert (answers[3]["Body"]["Name"], answers[3]["Body"]["Description"]) == ("Q", "renamed")
    assert (answers[6]["Body"]["Name"], answers[6]["Body"]["Description"]) == ("after", None)
    assert await refused(
        api.seller,
        request("PATCH", "/v1/products/p0", {"ID": "p9"}),
        request("PATCH", "/v1/products/p0", {"Name": "gone"}),
    ) == (404, 1, ["NotFound"])
    # What a write changes of other rows, which have been locked before it.
    await done(
        api.seller,
        request("PUT", "/v1/products/parent", {"Name": "P", "IsParent": True}),
        request("PUT", "/v1/products/child", {"Name": "C", "ParentID": "parent"}),
    )
    family = await done(
        api.seller,
        request("PATCH", "/v1/products/parent", {"ShipWeight": 7, "Description": "of the parent"}),
        request("PATCH", "/v1/products/child", {"Name": "D"}),
    )
    alone = (await api.seller.get("/v1/products/child")).json()
    assert family[1]["Body"] == alone
    assert alone["ShipWeight"] == 7


@pytest.mark.parametrize("rows", [3, 20])
async def test_six_at_once_on_the_same_rows(api: Api, twin: Server, rows: int) -> None:
    """In opposite orders, in two processes: each is carried out as a whole, one after the other."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    await done(api.seller, *(buyer(f"b{n}") for n in range(rows)))
    batches = [
        (one, [request("PATCH", f"/v1/buyers/b{n}", {"Name": f"{name} {n}", "xp": {name: 1}}) for n in order])
        for name, one, order in (
            ("up", api.seller, range(rows)),
            ("down", elsewhere, range(rows - 1, -1, -1)),
        )
        for _ in range(3)
    ]
    # One kind of them between the others: their rows are locked one by one.
    answers = await asyncio.gather(
        *(
            send(
                one,
                *(
                    each
                    for pair in zip(some, [request("GET", "/v1/me")] * rows, strict=True)
                    for each in pair
                ),
            )
            for one, some in batches
        )
    )
    assert [each.status_code for each in answers] == [200] * 6
    found = (await api.seller.get("/v1/buyers?pageSize=100")).json()["Items"]
    assert len({each["Name"].split()[0] for each in found}) == 1, "one of them is the last, for all rows"


async def test_a_key_of_the_whole(api: Api, twin: Server) -> None:
    """Idempotency-Key: carried out once, answered alike; another batch is refused, and what was refused may be sent again."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    new = request("POST", "/v1/buyers", BUYER)
    answers = await asyncio.gather(
        *(send(one, new, new, headers=key("k")) for one in (api.seller, elsewhere) for _ in range(3))
    )
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert sum("Idempotent-Replayed" in each.headers for each in answers) == 5
    assert await count(api, "buyers") == 2
    assert codes(await send(api.seller, new, headers=key("k"))) == ["Idempotency.OtherRequest"]
    assert (await refused(api.seller, buyer("x", Name=None)))[1] == 0
    assert (await send(api.seller, buyer("x", Name=None), headers=key("k2"))).status_code == 400
    await checked(send(api.seller, buyer("x"), headers=key("k2")), 200)


async def test_keys_of_requests(api: Api) -> None:
    """As the header of the request alone, whose answer a batch gives again, and the other way round; undone with the batch."""
    new = request("POST", "/v1/buyers", BUYER, IdempotencyKey="k1")
    first, second = await done(api.seller, new, new)
    assert second == {**first, "Headers": {**first["Headers"], "Idempotent-Replayed": "true"}}
    alone = await checked(api.seller.post("/v1/buyers", json=BUYER, headers=key("k1")), 201)
    assert alone.json() == first["Body"]
    assert await refused(api.seller, {**new, "Body": {**BUYER, "Name": "C"}}) == (
        409,
        0,
        ["Idempotency.OtherRequest"],
    )
    undone = request("POST", "/v1/buyers", BUYER, IdempotencyKey="k3")
    await refused(api.seller, undone, buyer("x", Name=None))
    assert "Idempotent-Replayed" not in (await done(api.seller, undone))[0]["Headers"]
    assert await count(api, "buyers") == 2


async def test_nulls_take_names_away_in_all_of_its_patches(api: Api) -> None:
    """The header is that of each PATCH, alone or among others; under a request's key it is part of what was asked."""
    await done(api.seller, *(buyer(each, xp={"a": 1, "b": {"c": 2}}) for each in ("x", "y", "z")))
    patch = {"xp": {"a": None, "b": {"c": None, "d": 3}}}
    patches = [request("PATCH", f"/v1/buyers/{each}", patch, IdempotencyKey=f"nulls {each}") for each in "xy"]
    lasting = request("PUT", "/v1/buyers/w", {**BUYER, "xp": {"a": None}})
    gathered = request("PATCH", "/v1/buyers/z", patch)
    taken = await checked(send(api.seller, *patches, gathered, lasting, headers=REMOVE), 200)
    assert [each["Body"]["xp"] for each in taken.json()["Answers"]] == [{"b": {"d": 3}}] * 3 + [{"a": None}]
    for each in "xyz":
        assert (await checked(api.seller.get(f"/v1/buyers/{each}"), 200)).json()["xp"] == {"b": {"d": 3}}
    assert await refused(api.seller, patches[0]) == (409, 0, ["Idempotency.OtherRequest"])
    again = await checked(api.seller.patch("/v1/buyers/x", json=patch, headers=REMOVE | key("nulls x")), 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await send(api.seller, gathered, headers={"Entrepot-Xp-Nulls": "keep"})
    assert (other.status_code, codes(other)[-1]) == (400, "Request.InvalidXpNulls")


async def test_it_ends_in_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though somebody holds a row that it needs: a clear answer, and nothing is carried out."""
    await done(api.seller, buyer("held"))
    monkeypatch.setattr(operations, "SECONDS", 0.5)
    async with api.server.database.acquire() as connection, connection.transaction():
        await connection.execute(
            'SELECT 1 FROM buyers WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE',
            api.marketplace_id,
            "held",
        )
        answer = await send(api.seller, buyer("new"), request("PATCH", "/v1/buyers/held", {"Name": "x"}))
        assert (answer.status_code, codes(answer)) == (503, ["Batch.TookTooLong"])
    monkeypatch.undo()
    assert await count(api, "buyers") == 1
    await done(api.seller, buyer("new"))


async def test_others_are_not_held_up(api: Api, other: Api) -> None:
    """However many batches of one marketplace wait for a row: another one's are carried out, and its own rows can be read."""
    for one in (api, other):
        await done(one.seller, buyer("held"), buyer("free"))
    waiting = [
        request("PATCH", "/v1/buyers/free", {"Name": "x"}),
        request("PATCH", "/v1/buyers/held", {"Name": "x"}),
    ]
    async with api.server.database.acquire() as connection, connection.transaction():
        await connection.execute(
            'SELECT 1 FROM buyers WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE',
            api.marketplace_id,
            "held",
        )
        sent = [asyncio.create_task(send(api.seller, *waiting)) for _ in range(12)]
        answers = await done(other.seller, *waiting)
        assert [each["Status"] for each in answers] == [200, 200]
        assert (await api.seller.get("/v1/buyers/free")).json()["Name"] == "B", (
            "nobody sees what is not done yet"
        )
        assert not any(each.done() for each in sent)
    assert {(await each).status_code for each in sent} <= {200, 409}
    assert (await api.seller.get("/v1/buyers/free")).json()["Name"] == "x"


async def test_rows_of_like_requests_are_locked_by_one_statement(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATCH is one statement then; those of other companies, which a user may not change, are locked by none."""
    ids = [f"b{number}" for number in range(30)]
    await done(api.seller, *(buyer(each) for each in ids))
    patches = [request("PATCH", f"/v1/buyers/{each}", {"Name": "x"}) for each in ids]
    with recorded(monkeypatch) as statements:
        await done(api.seller, *patches)
    run = [text for text, _ in statements]
    locks = [each for each in run if "FOR NO KEY UPDATE" in each]
    updates = [each for each in run if "UPDATE buyers" in each]
    assert (len(locks), len(updates)) == (1, 30)
    hook = {"Name": "H", "Url": "https://hooks.example", "HashKey": "k" * 20, "ApiClientIDs": [api.client_id], "WebhookRoutes": [{"Route": "v1/buyers/{buyerID}", "Verb": "PATCH"}]}  # fmt: skip
    await checked(api.seller.put("/v1/webhooks/h", json=hook), 200)
    with recorded(monkeypatch) as statements:
        await done(api.seller, *patches)
    assert sum("FOR NO KEY UPDATE" in text for text, _ in statements) == 1, (
        "what is told is written between them"
    )
    user = api.as_(await api.user(buyer="b0"), roles=["BuyerAdmin"])
    async with api.server.database.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM buyers WHERE marketplace_id = $1 AND \"ID\" <> 'b0' FOR UPDATE", api.marketplace_id)  # fmt: skip
        assert await refused(user, *patches) == (404, 1, ["NotFound"])


async def test_answers_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_BYTES", 10_000)
    async with unchanged(api):
        status, index, found = await refused(api.seller, buyer("a"), *[request("GET", "/v1/me")] * 200)
    assert (status, found) == (413, ["Batch.AnswersTooLarge"])
    assert 2 < index < 200


async def test_answers_that_are_referred_to_have_few_values(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept parsed until the end, in which a text of empty arrays takes twenty times its bytes."""
    monkeypatch.setattr(answering, "MOST_VALUES", 3_000)
    wide = buyer("wide", xp={"a": [[]] * 500})
    assert (await send(api.seller, wide)).status_code == 200
    reads = [request("GET", "/v1/buyers/wide")] * 20
    named = "".join(f"${{{place}.ID}}" for place in range(20))
    async with unchanged(api):
        status, index, found = await refused(api.seller, *reads, request("GET", f"/v1/buyers?search={named}"))
    assert (status, found) == (413, ["Batch.AnswersTooLarge"])
    assert 1 < index < 6
    await done(api.seller, *reads, request("GET", "/v1/buyers?search=${0.ID}"))


async def test_the_size_of_one_is_that_of_the_operation(api: Api) -> None:
    """A batch may be larger than a request, no request of it is."""
    wide = {"xp": {f"k{n}": n for n in range(12_000)}}
    assert await refused(api.seller, buyer("a"), buyer("b", **wide)) == (413, 1, ["Request.BodyTooLarge"])
    long = await refused(api.seller, buyer("a"), buyer("b", Name="x" * 1_100_000))
    assert long == (413, 1, ["Request.BodyTooLarge"])
    huge = await api.seller.post(PATH, content=b" " * (4 * 2**20 + 1))
    assert codes(huge) == ["Request.BodyTooLarge"]


async def test_passwords_and_numbers(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long is done before the transaction where nothing of it has to be found out first, one hash after the other of a
    marketplace; incrementors count in it.
    """
    shares: list[Any] = []
    hash_it: Any = PasswordHasher.hash_of_many

    async def counted(self: Any, password: str, *, share: Any) -> Any:
        shares.append(share)
        return await hash_it(self, password, share=share)

    monkeypatch.setattr(PasswordHasher, "hash_of_many", counted)
    person = {
        "FirstName": "F",
        "LastName": "L",
        "Email": "f@example.com",
        "Active": True,
        "Password": PASSWORD,
    }
    await done(
        api.seller,
        request("PUT", "/v1/incrementors/inc", {"Name": "I", "LastNumber": 5, "LeftPaddingCount": 3}),
        request("POST", "/v1/buyers", {"ID": "b-{inc}", **BUYER}, Label="b"),
        request("POST", "/v1/buyers", {"ID": "b-{inc}", **BUYER}),
        request("POST", "/v1/buyers/${b.ID}/users", {**person, "Username": "by-reference"}),
        request("POST", "/v1/buyers/b-007/users", {**person, "Username": "by-name"}),
    )
    assert {each["ID"] for each in (await api.seller.get("/v1/buyers")).json()["Items"]} == {"b-006", "b-007"}
    assert shares == [api.marketplace_id] * 2
    for name in ("by-reference", "by-name"):
        hashed = await api.value(
            'SELECT password_hash FROM users WHERE marketplace_id = $1 AND "Username" = $2', name
        )
        assert await api.server.passwords.verify(hashed, PASSWORD)
    weak = request("POST", "/v1/buyers/b-006/users", {**person, "Username": "weak", "Password": "x"})
    assert (await refused(api.seller, weak))[2] == ["PasswordReset.InsecurePassword"]


async def test_without_the_test_bench(server: Server) -> None:
    """It is switched off with the others."""
    settings = replace(server.settings, test_bench=False)
    async with run_server(settings, server.database, server.clock) as running, Api.create(running) as api:
        assert (await send(api.seller, buyer("a"))).status_code == 404
