"""Tokens that open nothing, on every kind of route: forged, foreign, ended, and refresh tokens of others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.envelope import check_refusal
from tests.api.marketplace import PASSWORD, Api, Server, claims_of
from tests.api.uniform.subjects import checked
from tests.api.world import KNOWN, World, area, unchanged
from tests.http.driver import ask
from tests.rows import by, each

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.declare.types import WireType
from entrepot.features.people.credentials.claims import Validity
from entrepot.kernel.user_types import UserType

OPERATIONS = registry().operations
WITH_IDS = sorted(
    name
    for name, operation in OPERATIONS.items()
    if set(operation.path_parameters) - {"direction", "entity"}
    and operation.tag != "Cart"
    and not operation.public
    and UserType.SELLER in operation.user_types
)
"""What names an object in its path, and is open to sellers; the cart is not, whatever the contract says (CART-1)."""
WITH_IDS_IN = by(lambda name: area(OPERATIONS[name]), WITH_IDS)
ASSIGNS = sorted(
    name
    for name, operation in OPERATIONS.items()
    if operation.verb == "POST" and operation.status == 204 and operation.body and not operation.public
    and operation.body.model.__name__.endswith("Assignment")
)  # fmt: skip


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


async def forgeries(api: Api) -> dict[str, str]:
    """Tokens made of a good one of the administrator by somebody who has the published keys alone."""
    good = api.token(api.admin, ["FullAccess"])
    header, payload, signature = good.split(".")
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    (public,) = [key for key in (await api.http.get("/oauth/certs")).json()["keys"] if key["kid"] == kid]
    made = {
        "cut by one": good[:-1],
        "cut in the middle": good[: len(good) // 2],
        "without a signature": f"{header}.{payload}.",
        "with another signature": f"{header}.{payload}.{signature[::-1]}",
        "100 KB": good + "A" * 100_000,
        "100 KB of payload": f"{header}.{'A' * 100_000}.{signature}",
        "a refresh token": "878ca890-af6a-48b6-98a2-1e1cf4a0c0de",
        "NUL": "a\0b",
        "a path": "../../etc/passwd",
        "SQL": "' OR 1=1 --",
        "JSON": '{"alg":"none"}',
    }
    for algorithm in ("none", "None", "NONE", "HS256", "RS512", ""):
        head = part({"alg": algorithm, "kid": kid, "typ": "JWT"})
        made[f"alg {algorithm}"] = f"{head}.{payload}."
        made[f"alg {algorithm}, signed"] = f"{head}.{payload}.{signature}"
    head = part({"alg": "HS256", "kid": kid, "typ": "JWT"})
    modulus = base64.urlsafe_b64decode(public["n"] + "==")
    for secret in (modulus, public["n"].encode(), json.dumps(public).encode(), b""):
        digest = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
        made[f"HS256 with {secret[:9]!r}"] = f"{head}.{payload}.{part(digest)}"
    now, hour = api.server.clock(), timedelta(hours=1)
    for name, start in (
        ("expired", -2 * hour),
        ("not yet valid", hour),
        ("long expired", -timedelta(days=9000)),
    ):
        made[name] = api.token(api.admin, ["FullAccess"], validity=Validity.starting(now + start, hour, 0))
    return made


async def test_forged_and_ended_tokens(api: Api) -> None:
    """AUTH-28: the same 401 for reads, writes and deletes; nothing is written."""
    await World.create(api)
    routes = [
        ("GET", "/v1/me"),
        ("GET", "/v1/buyers"),
        ("PATCH", "/v1/buyers/known"),
        ("DELETE", "/v1/buyers/known"),
    ]
    routes += [
        ("POST", "/v1/buyers"),
        ("PUT", "/v1/me"),
        ("GET", "/oauth/userinfo"),
        ("DELETE", "/v1/me/tokens"),
    ]
    made = await forgeries(api)
    async with unchanged(api):
        for name, token in made.items():
            for verb, path in routes:
                body = None if verb in {"GET", "DELETE"} else b'{"Name":"Stolen"}'
                answer = await ask(api.server.app, verb, path, token=token, body=body)
                (entry,) = check_refusal(answer.status, answer.headers, answer.body)
                assert (answer.status, entry["ErrorCode"]) == (401, "InvalidToken"), (name, verb, path)


@pytest.mark.parametrize("place", WITH_IDS_IN)
async def test_token_of_another_marketplace(place: str, api: Api, server: Server) -> None:
    """CONV-10: what this marketplace has does not exist for the administrator of that one; it stays as it is."""
    world, names = await World.create(api), WITH_IDS_IN[place]
    urls = {name: await world.url(OPERATIONS[name]) for name in names}
    # PUT may make an object of the same ID in the caller's own marketplace, where the others would find it.
    puts = [
        name for name in names if OPERATIONS[name].verb == "PUT" and OPERATIONS[name].path.count("{") == 1
    ]
    others = [name for name in names if name not in puts]

    async def apart(together: list[str]) -> None:
        async with Api.create(server) as other:
            await each(together, lambda name: check_stranger(OPERATIONS[name], urls[name], other.seller))

    async with unchanged(api):
        await each([*([others] if others else []), *([name] for name in puts)], apart)


async def check_stranger(operation: Operation, url: str, stranger: httpx.AsyncClient) -> None:
    name, body = operation.id, _valid(operation.id) if operation.body is not None else None
    query = "?orders=All&buyerID=known" if operation.verb != "GET" else ""
    answer = await stranger.request(operation.verb, url + query, json=body)
    if operation.verb == "PUT" and operation.path.count("{") == 1 and answer.status_code != 404:
        # Client IDs are GUIDs that stand in every login, and are unique in the whole server.
        taken = (name, answer.status_code) == ("ApiClients.Save", 409)
        assert taken or answer.status_code in {200, 400, 403}, (name, answer.text)
        return
    (entry,) = check_refusal(answer.status_code, answer.headers, answer.content)
    assert (answer.status_code, entry["ErrorCode"]) == (404, "NotFound"), (name, answer.text)


@pytest.mark.parametrize("name", ASSIGNS)
async def test_assignments_from_another_marketplace(name: str, api: Api, other: Api) -> None:
    """ASG-3: things and parties of this marketplace cannot be named from that one."""
    operation = OPERATIONS[name]
    assert operation.body is not None
    await World.create(api)
    body = {column: KNOWN for column in operation.body.model.__columns__ if column.endswith("ID")}
    for left_out in (
        {"UserID", "SupplierID"},
        {"UserGroupID", "SupplierID"},
        {"UserID", "UserGroupID", "BuyerID"},
    ):
        sent = {column: value for column, value in body.items() if column not in left_out}
        async with unchanged(api):
            path = operation.path.replace("{buyerID}", KNOWN).replace("{supplierID}", KNOWN)
            answer = await other.seller.post(f"/v1{path}", json=sent)
            assert answer.status_code in {400, 404}, answer.text
            check_refusal(answer.status_code, answer.headers, answer.content)


def _valid(name: str) -> dict[str, Any]:
    operation = OPERATIONS[name]
    assert operation.body is not None
    columns = operation.body.model.__columns__.values()
    # A new order of the seller's names whom it is to.
    needed = {"ToCompanyID"} if name == "Orders.Save" else set[str]()
    return {
        column.name: _value(column.type) for column in columns if column.required or column.name in needed
    }


def _value(wire: WireType) -> Any:
    if wire.enum is not None:
        return next(iter(wire.enum))
    return {"integer": 60, "decimal": 1, "boolean": True, "datetime": "2030-01-01"}.get(wire.kind, KNOWN)


async def test_refresh_tokens(api: Api, other: Api) -> None:
    """AUTH-8, E13: another client's, another marketplace's, a deleted or revoked user's, an expired one, nonsense."""
    buyer = await api.buyer()
    clients = [await api.api_client(allow_any_buyer=True, refresh_duration=60) for _ in range(2)]
    user, gone, revoked = [
        await api.user(buyer=buyer, roles=["Shopper"], password=PASSWORD) for _ in range(3)
    ]

    async def refreshed(token: str, client: str = clients[0], at: Api = api) -> tuple[int, list[str]]:
        answer = await at.grant(grant_type="refresh_token", refresh_token=token, client_id=client)
        return answer.status_code, [error["ErrorCode"] for error in answer.json().get("Errors", [])]

    held = {
        each.id: (await api.login(each, client_id=clients[0])).json()["refresh_token"]
        for each in (user, gone, revoked)
    }
    refused = (400, ["InvalidGrant", "Auth.OauthError"])
    good = held[user.id]
    await checked(api.seller.delete(f"/v1/buyers/{buyer}/users/{gone.id}"), 204)
    await checked(api.seller.delete(f"/v1/buyers/{buyer}/users/{revoked.id}/tokens"), 204)
    assert await refreshed(good, clients[1]) == refused
    assert await refreshed(good, api.client_id) == refused
    assert await refreshed(good, other.client_id, other) == refused
    assert await refreshed(held[gone.id]) == refused
    assert await refreshed(held[revoked.id]) == refused
    nonsense = [
        "x",
        good[:-1],
        good + "x",
        f" {good}",
        good.upper() + "\0",
        "%",
        "'",
        "\0",
        "\N{GRINNING FACE}",
        "A" * 60_000,
    ]
    nonsense += [api.token(user), hashlib.sha256(good.encode()).hexdigest()]
    for token in nonsense:
        assert await refreshed(token) == refused, token[:50]
    # Again and again it is good for its own client, until it ends (AUTH-8 knows no rotation).
    for _ in range(2):
        answer = await api.grant(grant_type="refresh_token", refresh_token=good, client_id=clients[0])
        assert (answer.status_code, answer.json()["refresh_token"]) == (200, good)
        assert claims_of(answer.json()["access_token"])["usr"] == user.username
    api.server.clock.advance(minutes=61)
    assert await refreshed(good) == refused


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic ", "Basic !!!", "Basic Og==", "Basic /w==", "Basic AAAA", "basic Og", "Basic " + "A" * 100_000,
     "Digest username=x", "Bearer x", "Negotiate YII=", "\x7f", "Basic \xff", "Basic Og==, Basic Og=="],
)  # fmt: skip
async def test_authorization_headers_of_the_token_endpoint(header: str, api: Api) -> None:
    """AUTH-4, E2: what names no client is refused as an unknown one, and is no matter where the body names one."""
    user = await api.user(password=PASSWORD)
    form = {"grant_type": "password", "username": user.username, "password": PASSWORD}
    headers = {b"Authorization": header.encode("latin-1")}
    answer = await api.http.post("/oauth/token", data=form, headers=headers)
    entries = check_refusal(answer.status_code, answer.headers, answer.content)
    assert (answer.status_code, [entry["ErrorCode"] for entry in entries]) == (
        400,
        ["InvalidGrant", "Auth.OauthError"],
    )
    form["client_id"] = api.client_id
    assert (await api.http.post("/oauth/token", data=form, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'{"grant_type":"password"}', "application/json", "Request.InvalidContentType"),
        (b'{"grant_type":"password"}', "text/plain", "Request.InvalidContentType"),
        (b"<x/>", "application/xml", "Request.InvalidContentType"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", "Request.InvalidContentType"),
        (b"grant_type=password", "multipart/form-data; boundary=x", "InvalidGrant"),
        (b"", None, "Auth.OauthError"),
        (b"\xff\xfe\x00", None, "Auth.OauthError"),
        (b"grant_type", None, "Auth.OauthError"),
        (b"grant_type=%00", None, "Auth.OauthError"),
        (b"grant_type=%ED%A0%80", None, "Auth.OauthError"),
        (b"grant_type=password\0", None, "Auth.OauthError"),
        (b"grant_type=password&client_id=%FF", None, "InvalidGrant"),
        (b"grant_type=password&client_id=" + b"A" * 50_000, None, "InvalidGrant"),
        (b"a=1&" * 16_000, None, "Auth.OauthError"),
        (b"a=1&" * 100_000, None, "Request.BodyTooLarge"),
        (b"&=%" * 10_000, None, "Auth.OauthError"),
        (b'{"grant_type":"password"}', None, "Auth.OauthError"),
    ],
)
async def test_bodies_of_the_token_endpoint(
    body: bytes, content_type: str | None, code: str, api: Api
) -> None:
    """ERR-3, ERR-8, E1, E2, AUTH-3; without a content type a form is meant."""
    headers = [] if content_type is None else [("Content-Type", content_type)]
    answer = await ask(api.server.app, "POST", "/oauth/token", body=body, headers=headers)
    entries = check_refusal(answer.status, answer.headers, answer.body)
    assert entries[0]["ErrorCode"] == code
    assert answer.status == (413 if code == "Request.BodyTooLarge" else 400)
