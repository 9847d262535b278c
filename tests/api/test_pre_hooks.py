"""Webhooks that are asked before a request (WH-1 to WH-10)."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.company import ADDRESS
from tests.api.hooking import PATCH_BUYER, at, put_hook
from tests.api.marketplace import Api, Server, ShiftedClock, User, claims_of, codes, run_server
from tests.api.receiver import Received, Receiver
from tests.api.test_catalog_plans import recorded
from tests.api.world import unchanged
from tests.conformance.contract_data import operations
from tests.http.driver import ask

from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.domain.identity.ties import Session, Ties
from entrepot.features.people.outgoing.bulkheads import AT_ONCE
from entrepot.features.people.webhooks import asking
from entrepot.http.hearing import is_heard
from entrepot.http.routing import mounted
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

CONTRACT = operations()
YES = {"proceed": True}
NO = {"proceed": False, "body": {"Zip": "unknown"}}
HEARD = {name: each for name, each in registry().operations.items() if is_heard(each)}


def refusal(name: str, body: Any) -> dict[str, Any]:
    """WH-8."""
    data = {"WebhookName": name, "body": body}
    return {
        "Errors": [{"ErrorCode": "Webhook.Blocked", "Message": "Request blocked by webhook.", "Data": data}]
    }


async def patch(api: Api, buyer: str, token: str | None = None, **changes: Any) -> httpx.Response:
    http = api.seller if token is None else api.with_token(token)
    return await http.patch(f"/v1/buyers/{buyer}", json=changes or {"Name": "New"})


def test_wh_1_every_write_of_the_contract_is_heard() -> None:
    """All but those that need no token, whose callers have no API client."""
    public = {name for name, each in registry().operations.items() if each.public}
    writes = {name for name, each in CONTRACT.items() if each["verb"] != "GET"}
    assert set(HEARD) == writes - public


async def test_wh_1_every_write_asks_its_webhook(api: Api, receiver: Receiver) -> None:
    """With the contract's route, the path's parameters and the verb, whatever else is wrong with the request (WH-10)."""
    routes = [
        {"Route": f"/V1{CONTRACT[name]['path'].upper()}", "Verb": each.verb.lower()}
        for name, each in HEARD.items()
    ]
    await put_hook(api, receiver, "all", WebhookRoutes=routes)
    receiver.answers["/all"] = NO
    buyer = await api.user(buyer=await api.buyer())
    tokens = {
        True: api.token(api.admin, roles=["FullAccess"]),
        False: api.token(buyer, roles=["FullAccess"]),
    }

    async def check(name: str) -> None:
        operation = HEARD[name]
        path = mounted(operation.path).replace("{", f"{name}-").replace("}", "")
        token = tokens[UserType.SELLER in operation.user_types]
        answer = await ask(api.server.app, operation.verb, f"{path}?by={name}", token=token, body=b"{}")
        assert (answer.status, answer.json) == (400, refusal("Hook all", NO["body"])), name

    names = iter(HEARD)

    async def check_rest() -> None:
        for name in names:
            await check(name)

    await asyncio.gather(*(check_rest() for _ in range(10)))
    asked = {request.body["QueryParams"]["by"]: request for request in receiver.received}
    assert len(receiver.received) == len(HEARD)
    for name, operation in HEARD.items():
        body = asked[name].body
        params = {each: f"{name}-{each}" for each in operation.path_parameters}
        assert body["Route"] == f"v1{CONTRACT[name]['path']}"
        assert (body["Verb"], body["RouteParams"]) == (operation.verb, params)


async def test_wh_4_what_is_sent(api: Api, receiver: Receiver) -> None:
    """WH-4, SIG-1, SIG-5: signed, with its own header; the body as the caller sent it, an incrementor as it stands in it."""
    receiver.answers["/a"] = YES
    header = {"CustomAuthHeaderName": "X-Mine", "CustomAuthHeaderValue": "value"}
    route = {"Route": "v1/buyers", "Verb": "POST"}
    config = {"k": ["v", 1.50, None]}
    await put_hook(api, receiver, "a", WebhookRoutes=[route, PATCH_BUYER], ConfigData=config, **header)
    await api.seller.put("/v1/incrementors/next", json={"Name": "I", "LastNumber": 1, "LeftPaddingCount": 2})
    sent = '{"ID": "b{next}", "name": "\\u00c4", "xp": {"n": 1.10, "deep": [{}]}, "Unknown": true}'
    made = await api.seller.post(
        "/v1/buyers?a=1&a=2&b=", content=sent, headers={"Content-Type": "text/json", "X-Request-ID": "r-1"}
    )
    assert (made.status_code, made.json()["ID"]) == (201, "b02"), made.text
    (request,) = at(receiver, "a")
    assert request.is_signed
    assert request.headers["x-mine"] == "value"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    token, date = request.body["UserToken"], request.body["Date"]
    assert list(request.body) == [
        *("Route", "RouteParams", "QueryParams", "Verb", "Date", "LogID", "UserToken"),
        *("Request", "Response", "ConfigData"),
    ]
    assert request.body == {
        "Route": "v1/buyers",
        "RouteParams": {},
        "QueryParams": {"a": "2", "b": ""},
        "Verb": "POST",
        "Date": date,
        "LogID": "r-1",
        "UserToken": token,
        "Request": {
            "Body": {"ID": "b{next}", "name": "Ä", "xp": {"n": 1.1, "deep": [{}]}, "Unknown": True},
            "Headers": None,
        },
        "Response": {"Body": {}, "Headers": None},
        "ConfigData": config,
    }
    assert (len(date), date[-6:]) == (33, "+00:00")
    assert b'"n":1.10' in request.raw
    # Without a body, and with one that will be refused.
    assert (await api.seller.request("PATCH", "/v1/buyers/b02", content="{broken")).status_code == 400
    assert at(receiver, "a")[1].body["Request"] == {"Body": {}, "Headers": None}
    assert at(receiver, "a")[1].body["RouteParams"] == {"buyerID": "b02"}


ANSWERS: dict[str, tuple[Any, Any]] = {
    "no": (NO, {"Zip": "unknown"}),
    "no, in a text": ({"proceed": False, "body": "Access Denied"}, "Access Denied"),
    "no, and nothing else": ({"proceed": False}, None),
    "a text": ({"proceed": "true"}, '{"proceed": "true"}'),
    "a number": ({"proceed": 1}, '{"proceed": 1}'),
    "in another case": ({"Proceed": True}, '{"Proceed": true}'),
    "missing": ({}, "{}"),
    "a list": ([YES], '[{"proceed": true}]'),
    "no JSON": (b"<html>", "<html>"),
    "nothing": (b"", ""),
    "not UTF-8": (b'{"proceed":\xff}', '{"proceed":\N{REPLACEMENT CHARACTER}}'),
    "a failure that says yes": ((500, YES), '{"proceed": true}'),
    "a redirect": ((302, YES), '{"proceed": true}'),
    "a refusal": ((401, {"error": "who?"}), '{"error": "who?"}'),
    "ten megabytes": (b'{"proceed":true,"body":"' + b"x" * 10_000_000 + b'"}', None),
    "many values": (b"[" + b"1," * 60_000 + b"1]", None),
    "yes": ({"proceed": True, "body": "ignored"}, ...),
    "created": ((201, {"proceed": True, "more": 1}), ...),
}


async def test_wh_7_wh_8_wh_9_answers(api: Api, receiver: Receiver) -> None:
    """Nothing but a clear yes lets the request pass; blocked, it writes nothing and the caller is told why."""
    buyer = await api.buyer()
    await put_hook(api, receiver, "a")
    receiver.location = f"{receiver.url}/elsewhere"
    for name, (answer, body) in ANSWERS.items():
        receiver.answers["/a"] = answer
        if body is ...:
            assert (await patch(api, buyer, Name=name)).json()["Name"] == name
        else:
            async with unchanged(api):
                blocked = await patch(api, buyer, Name=name)
            assert (blocked.status_code, blocked.json()) == (400, refusal("Hook a", body)), name
    assert set(receiver.paths()) == {"/a"}, "a redirect is not followed"


async def test_wh_9_who_cannot_be_asked_has_blocked(
    api: Api, receiver: Receiver, settings: Settings, database: ReadyPool
) -> None:
    """Out of time, nobody there, an address that is not called: refused, as soon as that is known."""
    never, gone = threading.Event(), "http://127.0.0.1:9/gone"

    def wait(_: Received) -> Any:
        never.wait(30)
        return YES

    receiver.answers |= {"/slow": wait, "/here": YES}
    buyer = await api.buyer()
    for hook_id, changes, more in (
        ("slow", {}, {"webhook_timeout": 1}),
        ("gone", {"Url": gone}, {}),
        ("here", {}, {"private_targets": False}),
    ):
        await put_hook(api, receiver, hook_id, **changes)
        async with run_server(replace(settings, **more), database, ShiftedClock()) as server:
            http = api.with_token(api.token(api.admin, roles=["FullAccess"]), server)
            async with unchanged(api):
                blocked = await http.patch(f"/v1/buyers/{buyer}", json={"Name": "New"})
        assert (blocked.status_code, blocked.json()) == (400, refusal(f"Hook {hook_id}", None)), hook_id
        assert (await api.seller.delete(f"/v1/webhooks/{hook_id}")).status_code == 204
    never.set()
    assert set(receiver.paths()) == {"/slow"}


async def test_wh_10_in_the_order_of_their_ids(api: Api, receiver: Receiver) -> None:
    """The first that blocks is the last that is asked; who may not do it at all is refused before anybody is asked."""
    buyer = await api.buyer()
    for hook_id in ("c", "B", "a", "d"):
        await put_hook(api, receiver, hook_id)
        receiver.answers[f"/{hook_id}"] = YES
    assert (await patch(api, buyer)).status_code == 200
    assert receiver.paths() == ["/a", "/B", "/c", "/d"]
    receiver.answers["/B"] = NO
    receiver.received.clear()
    assert codes(await patch(api, buyer)) == ["Webhook.Blocked"]
    assert receiver.paths() == ["/a", "/B"]
    receiver.received.clear()
    assert (await patch(api, buyer, api.token(api.admin, roles=["BuyerReader"]))).status_code == 403
    assert (await patch(api, buyer, "nonsense")).status_code == 401
    large = await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "x" * 2_000_000})
    assert large.status_code == 413
    assert receiver.received == []


async def test_wh_2_only_of_its_clients_and_routes(api: Api, receiver: Receiver) -> None:
    """WH-1, WH-2, WH-3: another client, no client, another verb, another route, an unknown one; nobody is asked before a read."""
    buyer, other = await api.buyer(), await api.api_client(allow_seller=True)
    reads = {"Route": "v1/buyers/{buyerID}", "Verb": "GET"}
    hooks: dict[str, dict[str, Any]] = {
        "none": {"ApiClientIDs": []},
        "other": {"ApiClientIDs": [other]},
        "verb": {"WebhookRoutes": [PATCH_BUYER | {"Verb": "PUT"}, reads]},
        "route": {"WebhookRoutes": [PATCH_BUYER | {"Route": "v1/suppliers/{buyerID}"}]},
        "unknown": {"WebhookRoutes": [PATCH_BUYER | {"Route": "v1/buyers/{ID}"}, {"Route": None}]},
    }
    for hook_id, values in hooks.items():
        await put_hook(api, receiver, hook_id, **values)
        receiver.answers[f"/{hook_id}"] = NO
    assert (await patch(api, buyer)).status_code == 200
    assert (await api.seller.get(f"/v1/buyers/{buyer}")).status_code == 200
    assert receiver.received == []
    theirs = api.token(api.admin, roles=["FullAccess"], client_id=other.lower())
    assert codes(await patch(api, buyer, theirs)) == ["Webhook.Blocked"]
    assert receiver.paths() == ["/other"]
    # WH-13: a deleted client is taken out of the list, another one with its webhooks stays.
    assert (await api.seller.delete(f"/v1/apiclients/{other}")).status_code == 204
    assert (await api.seller.get("/v1/webhooks/other")).json()["ApiClientIDs"] == []


async def test_wh_5_tokens(api: Api, receiver: Receiver) -> None:
    """The caller's, with ElevatedRoles besides; it ends with these, and nothing more than that is given."""
    buyer = await api.buyer()
    for hook_id, roles in (("a", []), ("b", ["BuyerAdmin", "CatalogReader"])):
        receiver.answers[f"/{hook_id}"] = YES
        await put_hook(api, receiver, hook_id, ElevatedRoles=roles)
    user = await api.user()
    assert (await patch(api, buyer, api.token(user, roles=["BuyerAdmin", "Mine"]))).status_code == 200
    plain, elevated = (request.body["UserToken"] for request in receiver.received)
    for token, roles in (
        (plain, ["BuyerAdmin", "Mine"]),
        (elevated, ["BuyerAdmin", "CatalogReader", "Mine"]),
    ):
        claims = claims_of(token)
        assert (claims["usr"], claims["cid"], claims["usrtype"]) == (
            user.username,
            api.client_id.lower(),
            "admin",
        )
        assert sorted(claims["role"]) == roles
    assert claims_of(elevated)["ties"] == {"elevated": [["webhook", "b", "CatalogReader"]]}
    catalogs = "/v1/catalogs"
    assert (await api.with_token(plain).get(catalogs)).status_code == 403
    assert (await api.with_token(elevated).get(catalogs)).status_code == 200
    assert (await api.seller.patch("/v1/webhooks/b", json={"ElevatedRoles": ["BuyerAdmin"]})).is_success
    assert (await api.with_token(elevated).get(catalogs)).status_code == 401
    assert (await api.with_token(plain).get("/v1/me")).status_code == 200
    # What was withdrawn is not given again.
    assert (await patch(api, buyer, api.token(user, roles=["BuyerAdmin"]))).status_code == 200
    assert claims_of(at(receiver, "b")[1].body["UserToken"])["role"] == "BuyerAdmin"


async def test_wh_5_tokens_behind_tokens(api: Api, receiver: Receiver) -> None:
    """A webhook that uses its token makes the server ask another one: that token ends with what either of them gave."""
    buyer = await api.buyer()
    post = {"Route": "v1/catalogs", "Verb": "POST"}
    await put_hook(api, receiver, "a", ElevatedRoles=["CatalogAdmin"])
    await put_hook(api, receiver, "b", WebhookRoutes=[post], ElevatedRoles=["SupplierReader"])
    receiver.answers |= {"/a": YES, "/b": YES}
    assert (await patch(api, buyer, api.token(api.admin, roles=["BuyerAdmin"]))).status_code == 200
    first = at(receiver, "a")[0].body["UserToken"]
    assert (await api.with_token(first).post("/v1/catalogs", json={"Name": "C"})).status_code == 201
    second = api.with_token(at(receiver, "b")[0].body["UserToken"])
    assert (await second.get("/v1/suppliers")).status_code == 200
    assert (await api.seller.patch("/v1/webhooks/a", json={"ElevatedRoles": []})).is_success
    assert (await second.get("/v1/suppliers")).status_code == 401


async def test_wh_5_tokens_are_what_the_callers_are(api: Api, receiver: Receiver) -> None:
    """A guest's is a guest's, an impersonator's ends with the impersonator; nobody else gets to renew a password."""
    receiver.answers["/a"] = YES
    routes = [
        {"Route": f"v1{HEARD[name].path}", "Verb": HEARD[name].verb}
        for name in ("Orders.Save", "Me.ResetPasswordByToken")
    ]
    await put_hook(api, receiver, "a", WebhookRoutes=routes)
    shopper, helper = await api.user(buyer=await api.buyer()), await api.user()
    guest = api.token(shopper, roles=["Shopper"], order_id=new_id(), anonymous_user_id="anonymous-1")
    behind = api.token(shopper, roles=["Shopper"], ties=Ties((Session(helper.key, 0),)))
    renewing = api.token(shopper, roles=["PasswordReset"], ties=Ties(reset_code="ab" * 32))
    for token in (guest, behind):
        await api.with_token(token).put("/v1/orders/Outgoing/o", json={})
    await api.with_token(renewing).post("/v1/me/password", json={"NewPassword": "Secret-of-mine-1"})
    tokens = [request.body["UserToken"] for request in receiver.received]
    assert claims_of(tokens[0])["anonuserid"] == "anonymous-1"
    assert claims_of(tokens[0])["orderid"] == claims_of(guest)["orderid"]
    assert claims_of(tokens[1])["imp"] == str(helper.key)
    assert [(await api.with_token(each).get("/v1/me")).status_code for each in tokens[:2]] == [200, 200]
    assert tokens[2] is None
    assert receiver.received[2].body["Request"]["Body"] == {"NewPassword": None}
    assert (await api.seller.patch(f"/v1/adminusers/{helper.id}", json={"Active": False})).is_success
    assert [(await api.with_token(each).get("/v1/me")).status_code for each in tokens[:2]] == [200, 401]


async def test_wh_6_secrets_are_not_told(api: Api, receiver: Receiver) -> None:
    """Passwords, what is write-only, and tokens in the query; in any spelling of a name that is obeyed."""
    routes = [
        {"Route": f"v1{path}", "Verb": "PUT"}
        for path in (
            "/adminusers/{userID}",
            "/integrations/deliveryconfig/{deliveryConfigID}",
            "/me/register",
        )
    ]
    await put_hook(api, receiver, "a", WebhookRoutes=routes)
    receiver.answers["/a"] = YES
    user: dict[str, Any] = {
        "Username": "u",
        "password": "Secret-of-mine-1",
        "FirstName": "F",
        "LastName": "L",
    }
    user |= {"Email": "u@example.com", "Active": True}
    assert (await api.seller.put("/v1/adminusers/u", json=user)).is_success
    kafka = {"BootstrapServers": "b:1", "SaslUsername": "u", "SASLPASSWORD": "Secret-of-mine-2", "Topic": "t"}
    http = {"Endpoint": "https://example.com", "Secret": "Secret-of-mine-3"}
    config = {"Name": "D", "DeliveryTargets": {"kafka": kafka, "Http": http}}
    await api.seller.put("/v1/integrations/deliveryconfig/d", json=config)
    await api.seller.put("/v1/me/register?anonusertoken=Secret-of-mine-4", json={})
    shopper = await api.shopper()
    token = api.token(shopper, roles=["Shopper"])
    await api.with_token(token).put("/v1/me/register?AnonUserToken=Secret-of-mine-5", json=user)
    users, configs, registered = (request.body for request in receiver.received)
    assert users["Request"]["Body"] == user | {"password": None}
    targets = configs["Request"]["Body"]["DeliveryTargets"]
    assert targets == {"kafka": kafka | {"SASLPASSWORD": None}, "Http": http | {"Secret": None}}
    assert registered["QueryParams"] == {"AnonUserToken": None}
    assert b"Secret-of-mine" not in b"".join(request.raw for request in receiver.received)


async def test_a_webhook_that_calls_back_is_not_kept_waiting(api: Api, receiver: Receiver) -> None:
    """It reads and changes the very row that the request is about: no transaction is open meanwhile."""
    buyer, loop = await api.buyer(), asyncio.get_running_loop()

    def change(request: Received) -> Any:
        if request.body["Request"]["Body"] != {"Name": "Outer"}:
            return YES
        http = api.with_token(request.body["UserToken"])
        inner = http.patch(f"/v1/buyers/{buyer}", json={"xp": {"by": "hook"}})
        done = asyncio.run_coroutine_threadsafe(inner, loop).result(30)
        return {"proceed": done.status_code == 200}

    receiver.answers["/a"] = change
    await put_hook(api, receiver, "a")
    done = await patch(api, buyer, Name="Outer")
    assert (done.status_code, done.json()["xp"]) == (200, {"by": "hook"})


async def test_a_new_webhook_is_asked_at_once_everywhere(api: Api, receiver: Receiver, twin: Server) -> None:
    """Saved at one process, heard by another that remembers that nobody listens; and no more once it is deleted. Each is asked
    once, though the standing of the caller is looked up anew.
    """
    buyer = await api.buyer()
    there = api.with_token(api.token(api.admin, roles=["FullAccess"]), twin)
    assert (await there.patch(f"/v1/buyers/{buyer}", json={"Name": "1"})).status_code == 200
    await put_hook(api, receiver, "a")
    receiver.answers["/a"] = NO
    assert codes(await there.patch(f"/v1/buyers/{buyer}", json={"Name": "2"})) == ["Webhook.Blocked"]
    assert receiver.paths() == ["/a"]
    assert (await api.seller.delete("/v1/webhooks/a")).status_code == 204
    assert (await there.patch(f"/v1/buyers/{buyer}", json={"Name": "3"})).status_code == 200
    assert receiver.paths() == ["/a"]


async def test_what_changes_while_a_webhook_thinks(api: Api, receiver: Receiver) -> None:
    """The standing of the caller is looked up anew: whoever has agreed is not asked again, and a caller who has gone meanwhile
    writes nothing.
    """
    buyer, caller, other = await api.buyer(), await api.user(), await api.user()
    loop = asyncio.get_running_loop()

    def deactivate(user: User) -> Any:
        change = api.seller.patch(f"/v1/adminusers/{user.id}", json={"Active": False})
        assert asyncio.run_coroutine_threadsafe(change, loop).result(30).is_success
        return YES

    await put_hook(api, receiver, "a")
    token = api.token(caller, roles=["BuyerAdmin"])
    receiver.answers["/a"] = lambda _: deactivate(other)
    assert (await patch(api, buyer, token, Name="1")).status_code == 200
    receiver.answers["/a"] = lambda _: deactivate(caller)
    assert (await patch(api, buyer, token, Name="2")).status_code == 401
    assert len(receiver.received) == 2
    assert (await api.seller.get(f"/v1/buyers/{buyer}")).json()["Name"] == "1"


async def test_a_webhook_that_calls_back_for_ever_ends(
    api: Api, receiver: Receiver, settings: Settings, database: ReadyPool
) -> None:
    """Each call makes another one of the same route: the time of the first ends them all, and others go on meanwhile."""
    buyer, loop = await api.buyer(), asyncio.get_running_loop()
    async with run_server(replace(settings, webhook_timeout=1), database, ShiftedClock()) as server:
        http = api.with_token(api.token(api.admin, roles=["FullAccess"]), server)
        calls: list[Future[httpx.Response]] = []

        def again(request: Received) -> Any:
            inner = api.with_token(request.body["UserToken"], server).patch(f"/v1/buyers/{buyer}", json={})
            calls.append(asyncio.run_coroutine_threadsafe(inner, loop))
            return {"proceed": calls[-1].result(30).status_code == 200}

        receiver.answers["/a"] = again
        await put_hook(api, receiver, "a")
        async with unchanged(api):
            asked, created = await asyncio.gather(
                http.patch(f"/v1/buyers/{buyer}", json={"Name": "New"}), http.get(f"/v1/buyers/{buyer}")
            )
        assert (codes(asked), created.status_code) == (["Webhook.Blocked"], 200)
        while waiting := [call for call in calls if not call.done()]:
            await asyncio.wrap_future(waiting[0])
        # Places that become free let a few more in, until the host counts as one that does not answer.
        assert len(receiver.received) <= 2 * AT_ONCE


async def test_many_webhooks_have_one_time(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty that agree let a request pass; those for which no time is left have not agreed, and are not called."""
    buyer = await api.buyer()
    for number in range(50):
        receiver.answers[f"/h{number}"] = YES
        await put_hook(api, receiver, f"h{number}")
    assert (await patch(api, buyer)).status_code == 200
    assert len(receiver.received) == 50
    monkeypatch.setattr(asking, "TOGETHER", 0)
    assert (await patch(api, buyer)).json() == refusal("Hook h0", None)
    assert len(receiver.received) == 50


async def test_nobody_is_asked_for_those_whose_tokens_have_ended(api: Api, receiver: Receiver) -> None:
    """ADR 0004: this process believes in the token yet, but makes no call and no token for it."""
    buyer, user = await api.buyer(), await api.user()
    await put_hook(api, receiver, "a")
    receiver.answers["/a"] = YES
    token = api.token(user, roles=["BuyerAdmin"])
    assert (await patch(api, buyer, token)).status_code == 200
    assert (await api.seller.patch(f"/v1/adminusers/{user.id}", json={"Active": False})).is_success
    assert (await patch(api, buyer, token)).status_code == 401
    assert len(receiver.received) == 1


async def test_a_write_that_nobody_hears_of_costs_no_statement(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens to others' writes, once that is known: as many statements as where nothing listens, the very same ones."""
    buyer = await api.buyer()
    shopper = api.as_(await api.user(buyer=buyer), roles=["Shopper"])

    async def statements() -> set[str]:
        """The different ones: how often the standing of a caller is looked up is no matter of who listens."""
        texts: set[str] = set()
        home = f"/v1/buyers/{buyer}"
        for again in (False, True):
            with recorded(monkeypatch) as sent:
                # Raises the epoch under which it is remembered who listens.
                profile = {"Name": "P", "Roles": ["Shopper"] if again else ["MeAdmin"]}
                assert (await api.seller.put("/v1/securityprofiles/p", json=profile)).is_success
                assert (await patch(api, buyer, Name=f"{again}")).status_code == 200
                made = await api.seller.post(f"{home}/addresses", json=ADDRESS)
                assert made.status_code == 201, made.text
                gone = await api.seller.delete(f"{home}/addresses/{made.json()['ID']}")
                assert gone.status_code == 204
                assert (await shopper.put("/v1/orders/Outgoing/o", json={})).is_success
                assert (await shopper.post("/v1/orders/Outgoing/o/applypromotions")).is_success
            texts = {query for query, _ in sent}
        return texts

    await statements()
    before = await statements()
    await put_hook(api, receiver, "a", ApiClientIDs=[await api.api_client()])
    await put_hook(api, receiver, "b", WebhookRoutes=[{"Route": "v1/suppliers", "Verb": "POST"}])
    assert await statements() == before
    assert not any("webhooks" in query or "outbox_events" in query for query in before)
