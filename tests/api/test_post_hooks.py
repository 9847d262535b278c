"""Webhooks that hear of what was done (WH-1 to WH-6, WH-11, WH-13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from tests.api.company import ADDRESS
from tests.api.dispatching import Post, posting
from tests.api.hooking import PATCH_BUYER, at, put_hook
from tests.api.marketplace import Api, claims_of, codes
from tests.api.receiver import Receiver
from tests.api.test_access_token import configure, impersonate
from tests.conformance.contract_data import operations
from tests.http.driver import ask, started

from entrepot.app.asgi import lifespan
from entrepot.app.registry import registry
from entrepot.declare.operation import Reply
from entrepot.declare.registry import Registry
from entrepot.features.people.webhooks import messages, telling
from entrepot.features.people.webhooks.user_tokens import SHARED_SECONDS
from entrepot.http.asgi import build_app
from entrepot.http.hearing import is_heard
from entrepot.http.routing import mounted
from entrepot.kernel.clock import utc_now
from entrepot.kernel.user_types import UserType

AFTER = {"BeforeProcessRequest": False}
HEARD = {name: each for name, each in registry().operations.items() if is_heard(each)}
WAITING = "SELECT count(*) FROM outbox_events WHERE marketplace_id = $1"


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


async def done(_: Any) -> Reply:
    return Reply({"ID": "done"})


def as_declared() -> Registry:
    """Every write as it is declared, but that it does nothing and succeeds: who hears of it is no matter of its handler."""
    made = Registry()
    made.add_operations(replace(each, handler=done, prepare=None, counted=None) for each in HEARD.values())
    return made


async def test_wh_1_every_write_tells_its_webhook(api: Api, receiver: Receiver, post: Post) -> None:
    """With the contract's route, the path's parameters and the verb, whichever unit it has."""
    contract = operations()
    routes = [{"Route": f"v1{contract[name]['path']}", "Verb": contract[name]["verb"]} for name in HEARD]
    await put_hook(api, receiver, "all", WebhookRoutes=routes, **AFTER)
    receiver.answers["/all"] = {}
    buyer = await api.user(buyer=await api.buyer())
    tokens = {
        True: api.token(api.admin, roles=["FullAccess"]),
        False: api.token(buyer, roles=["FullAccess"]),
    }
    settings = api.server.settings
    application = build_app(
        as_declared(), partial(lifespan, settings, utc_now, chores=False), base_url=settings.base_url
    )
    async with started(application) as app:
        for name, operation in HEARD.items():
            path = mounted(operation.path).replace("{", f"{name}-").replace("}", "")
            token = tokens[UserType.SELLER in operation.user_types]
            answer = await ask(app, operation.verb, f"{path}?by={name}", token=token, body=b'{"a":1}')
            assert answer.status == operation.status, (name, answer.body)
    await post.settle()
    told = {request.body["QueryParams"]["by"]: request.body for request in receiver.received}
    assert len(receiver.received) == len(told) == len(HEARD)
    for name, operation in HEARD.items():
        body = told[name]
        params = {each: f"{name}-{each}" for each in operation.path_parameters}
        assert (body["Route"], body["Verb"]) == (f"v1{contract[name]['path']}", operation.verb)
        assert (body["RouteParams"], body["Response"]["Body"]) == (params, {"ID": "done"}), name
        assert body["Request"]["Body"] == ({} if operation.verb == "DELETE" else {"a": 1}), name


async def test_wh_4_wh_11_what_is_sent(api: Api, receiver: Receiver, post: Post) -> None:
    """Later, signed, in order; the answer as the caller got it. What was refused nobody hears of."""
    receiver.answers |= {"/a": {}, "/guard": {"proceed": False}}
    routes = [PATCH_BUYER, {"Route": "v1/buyers/{buyerid}/ADDRESSES", "Verb": "POST"}]
    routes += [{"Route": "v1/buyers/{buyerID}", "Verb": verb} for verb in ("PUT", "DELETE")]
    config = {"CustomAuthHeaderName": "X-Mine", "CustomAuthHeaderValue": "v", "ConfigData": {"k": 1}}
    await put_hook(api, receiver, "a", WebhookRoutes=routes, **config, **AFTER)
    made = await api.seller.put("/v1/buyers/b", content=b'{"Name": "B", "Active": true, "xp": {"n": 1.50}}')
    address = await api.seller.post("/v1/buyers/B/addresses", json=ADDRESS)
    patched = await api.seller.patch("/v1/buyers/B", content=b'{"name": "Other"}')
    assert codes(await api.seller.patch("/v1/buyers/b", json={"Name": None})) == ["ValidationFailure"]
    assert codes(await api.seller.patch("/v1/buyers/nope", json={})) == ["NotFound"]
    await put_hook(api, receiver, "guard", WebhookRoutes=[{"Route": "v1/buyers/{buyerID}", "Verb": "DELETE"}])
    assert codes(await api.seller.delete("/v1/buyers/b")) == ["Webhook.Blocked"]
    assert (await api.seller.delete("/v1/webhooks/guard")).is_success
    assert (await api.seller.delete("/v1/buyers/b")).status_code == 204
    assert at(receiver, "a") == []
    await post.settle()
    received = at(receiver, "a")
    assert all(request.is_signed and request.headers["x-mine"] == "v" for request in received)
    assert len({request.headers["x-request-id"] for request in received}) == 4
    assert [
        (each["Verb"], each["RouteParams"], each["Request"]["Body"], each["Response"]["Body"])
        for each in (request.body for request in received)
    ] == [
        ("PUT", {"buyerID": "b"}, {"Name": "B", "Active": True, "xp": {"n": 1.5}}, made.json()),
        ("POST", {"buyerID": "B"}, ADDRESS, address.json()),
        ("PATCH", {"buyerID": "B"}, {"name": "Other"}, patched.json()),
        ("DELETE", {"buyerID": "b"}, {}, {}),
    ]
    assert b'"n":1.50' in received[0].raw
    assert received[0].body["ConfigData"] == {"k": 1}
    assert received[2].body["LogID"] == patched.headers["x-request-id"]


async def test_each_kind_of_unit_tells(api: Api, receiver: Receiver, post: Post) -> None:
    """One transaction, or transactions of its own; what was undone tells nothing."""
    receiver.answers["/a"] = {}
    names = (
        "Orders.Save",
        "Orders.ApplyPromotions",
        "Cart.CreateLineItem",
        "Orders.AddPromotion",
    )
    routes = [{"Route": f"v1{HEARD[name].path}", "Verb": HEARD[name].verb} for name in names]
    await put_hook(api, receiver, "a", WebhookRoutes=routes, **AFTER)
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    assert (await shopper.put("/v1/orders/Outgoing/o", json={})).is_success
    assert (await shopper.post("/v1/orders/outgoing/o/applypromotions")).is_success
    assert (await shopper.post("/v1/orders/Outgoing/o/promotions/nope")).status_code == 404
    assert (await shopper.post("/v1/cart/lineitems", json={"ProductID": "nope"})).status_code == 404
    await post.settle()
    assert [request.body["Route"] for request in receiver.received] == [
        f"v1{HEARD[name].path}" for name in names[:2]
    ]


async def test_wh_5_tokens(api: Api, receiver: Receiver, post: Post) -> None:
    """Signed when the delivery is made, for the caller and with the ElevatedRoles of that moment; they end with these."""
    receiver.answers |= {"/a": {}, "/b": (503, {})}
    for hook_id in ("a", "b"):
        await put_hook(api, receiver, hook_id, ElevatedRoles=["CatalogReader"], **AFTER)
    buyer, user = await api.buyer(), await api.user()
    http = api.as_(user, roles=["BuyerAdmin"])
    assert (await http.patch(f"/v1/buyers/{buyer}", json={"Name": "N"})).status_code == 200
    events = await api.rows("SELECT * FROM outbox_events WHERE marketplace_id = $1")
    assert not any("eyJ" in str(value) or user.username in str(value) for row in events for value in row)
    await post.settle()
    (request,) = at(receiver, "a")
    token = request.body["UserToken"]
    assert (claims_of(token)["usr"], claims_of(token)["role"]) == (
        user.username,
        ["BuyerAdmin", "CatalogReader"],
    )
    assert claims_of(token)["exp"] - claims_of(token)["iat"] == 600
    assert (await api.with_token(token).get("/v1/catalogs")).status_code == 200
    # What fails is repeated with the identical body, token included.
    api.server.clock.advance(seconds=6)
    await post.settle()
    assert len({each.raw for each in at(receiver, "b")}) == 1 < len(at(receiver, "b"))
    await api.seller.patch("/v1/webhooks/a", json={"ElevatedRoles": []})
    assert (await api.with_token(token).get("/v1/catalogs")).status_code == 401
    assert (await http.patch(f"/v1/buyers/{buyer}", json={"Name": "M"})).status_code == 200
    await post.settle()
    assert claims_of(at(receiver, "a")[1].body["UserToken"])["role"] == "BuyerAdmin"


async def test_wh_5_a_token_is_given_again_for_a_minute(api: Api, receiver: Receiver, post: Post) -> None:
    """To the same webhook for the same caller, who says the same; another webhook's roles, another caller, what has changed about
    them, and the next minute have tokens of their own.
    """
    receiver.answers |= {"/a": {}, "/b": {}}
    await put_hook(api, receiver, "a", **AFTER)
    await put_hook(api, receiver, "b", ElevatedRoles=["CatalogReader"], **AFTER)
    buyer = await api.buyer()
    callers = [api.as_(await api.user(), roles=["BuyerAdmin"]) for _ in range(2)]

    async def tokens(caller: int, name: str) -> list[str]:
        receiver.received.clear()
        assert (await callers[caller].patch(f"/v1/buyers/{buyer}", json={"Name": name})).status_code == 200
        await post.settle()
        return [at(receiver, each)[0].body["UserToken"] for each in ("a", "b")]

    first, again, others = await tokens(0, "1"), await tokens(0, "2"), await tokens(1, "3")
    assert (again, len({*first, *others})) == (first, 4)
    api.server.clock.advance(seconds=SHARED_SECONDS)
    later = await tokens(0, "4")
    assert set(later).isdisjoint(first)
    assert claims_of(later[0])["iat"] >= claims_of(first[0])["iat"] + SHARED_SECONDS
    await api.seller.patch("/v1/webhooks/b", json={"ElevatedRoles": ["BuyerReader"]})
    assert [new == old for new, old in zip(await tokens(0, "5"), later, strict=True)] == [True, False]


async def test_wh_6_secrets_are_not_told(api: Api, receiver: Receiver, post: Post) -> None:
    """Neither passwords nor the tokens that an answer holds; nor does the database keep bodies that anybody could read."""
    receiver.answers["/a"] = {}
    names = ("AdminUsers.Create", "Users.GetAccessToken", "ApiClients.CreateSecret", "Webhooks.Patch")
    routes = [{"Route": f"v1{HEARD[name].path}", "Verb": HEARD[name].verb} for name in names]
    await put_hook(api, receiver, "a", WebhookRoutes=routes, **AFTER)
    person = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
    user = {**person, "Username": "told-of", "Password": "Secret-of-mine-1"}
    assert (await api.seller.post("/v1/adminusers", json=user)).status_code == 201
    client = (
        await api.seller.post(
            "/v1/apiclients", json={"AppName": "C", "Active": True, "AccessTokenDuration": 60}
        )
    ).json()
    shopper = await api.shopper()
    await configure(api, "p", ["Shopper"])
    theirs = await impersonate(api, api.admin, shopper)
    assert theirs.json()["access_token"]
    secret = await api.seller.post(f"/v1/apiclients/{client['ID']}/secrets", json={"Name": "S"})
    assert secret.json()["ClientSecret"]
    await api.seller.patch(
        "/v1/webhooks/a", json={"CustomAuthHeaderName": "X", "CustomAuthHeaderValue": "Secret-of-mine-2"}
    )
    for table in ("outbox_events", "deliveries"):
        rows = await api.rows(f"SELECT * FROM {table} WHERE marketplace_id = $1")
        assert b"told-of" not in b"".join(str(row).encode() for row in rows)
    await post.settle()
    rows = await api.rows("SELECT * FROM deliveries WHERE marketplace_id = $1")
    text = b"".join(request.raw for request in receiver.received)
    for hidden in ("Secret-of-mine", secret.json()["ClientSecret"], theirs.json()["access_token"]):
        assert hidden.encode() not in text
        assert hidden not in str(rows)
    assert "told-of" not in str(rows)
    told = {request.body["Route"]: request.body for request in receiver.received}
    passwords = [told[route["Route"]]["Request"]["Body"].get("Password", "") for route in routes]
    assert passwords == [None, "", "", ""]
    assert told[routes[1]["Route"]]["Response"]["Body"] == theirs.json() | {
        "access_token": None,
    }


async def test_wh_13_hooks_with_delivery_configurations(api: Api, receiver: Receiver, post: Post) -> None:
    """The body is the Payload of an envelope that goes to every target, in place of the webhook's own URL."""
    receiver.answers["/there"] = {}
    targets = {"Http": {"Endpoint": f"{receiver.url}/there", "Secret": "my-secret"}}
    config = {"Name": "D", "Enabled": True, "DeliveryTargets": targets}
    assert (await api.seller.put("/v1/integrations/deliveryconfig/d", json=config)).is_success
    await put_hook(api, receiver, "a", Url=None, HashKey=None, DeliveryConfigID="d", **AFTER)
    buyer = await api.buyer()
    patch = partial(api.seller.patch, f"/v1/buyers/{buyer}")
    assert (await patch(json={"Name": "N"})).is_success
    await post.settle()
    (request,) = receiver.received
    assert request.is_signed
    assert request.body["Headers"] == {
        "type": telling.MESSAGE_TYPE,
        "marketplace": api.marketplace,
        "tenantid": api.marketplace,
    }
    assert request.body["Payload"]["Request"] == {"Body": {"Name": "N"}, "Headers": None}
    # DC-4
    await api.seller.patch("/v1/integrations/deliveryconfig/d", json={"Enabled": False})
    assert (await patch(json={"Name": "M"})).is_success
    assert await api.value(WAITING) == 0


async def test_who_hears_is_decided_when_it_leaves(api: Api, receiver: Receiver, post: Post) -> None:
    """A webhook that was renamed meanwhile hears of it, one that is gone does not; nor does a broken one keep others from it."""
    for hook_id in ("gone", "old", "sound"):
        await put_hook(api, receiver, hook_id, **AFTER)
    receiver.answers |= {"/gone": {}, "/old": {}, "/sound": {}}
    assert (await api.seller.patch(f"/v1/buyers/{await api.buyer()}", json={"Name": "N"})).is_success
    await api.seller.patch("/v1/webhooks/old", json={"ID": "new"})
    await api.seller.delete("/v1/webhooks/gone")
    await post.settle()
    assert sorted(receiver.paths()) == ["/old", "/sound"]
    assert await api.value(WAITING) == 0


async def test_what_one_request_tells_is_bounded(
    api: Api, receiver: Receiver, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many webhooks those with the lowest IDs hear of it; bodies that are too large for all of them are left out."""
    most = telling.MOST_HOOKS
    for number in range(most + 2):
        receiver.answers[f"/h{number:02}"] = {}
        await put_hook(api, receiver, f"h{number:02}", **AFTER)
    buyer = await api.buyer()
    tags = ["x" * 1000] * 500
    small = await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "N"})
    # Of what it does not know the server takes no notice, but webhooks are told what was sent.
    large = await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "M", "Unknown": tags})
    assert (small.status_code, large.status_code) == (200, 200)
    monkeypatch.setattr(messages, "LONGEST_BODY", 50)
    assert (await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "L"})).status_code == 200
    await post.settle()
    assert sorted(set(receiver.paths())) == [f"/h{number:02}" for number in range(most)]
    assert [request.body["Request"]["Body"] for request in at(receiver, "h00")] == [
        {"Name": "N"},
        {},
        {"Name": "L"},
    ]
    assert [bool(request.body["Response"]["Body"]) for request in at(receiver, "h00")] == [True, False, False]
