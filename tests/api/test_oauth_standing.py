"""Callers, their standing and the keys that sign (AUTH-22 to AUTH-31), in one process and in another."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, User, claims_of, codes, run_server

from entrepot.app.asgi import open_services
from entrepot.features.people.credentials import keys, tokens
from entrepot.features.people.credentials.claims import Validity
from entrepot.storage.pool import open_pool
from entrepot.storage.reach import DatabaseLostError

Change = Callable[[Api, User, str], Awaitable[httpx.Response]]


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


async def test_auth_27_the_bearer_header(api: Api) -> None:
    token = api.token(api.admin, ["FullAccess"])
    for header, status in (
        (f"Bearer {token}", 200),
        (f"bearer {token}", 200),
        ("Bearer ", 401),
        ("Bearer", 401),
        (token, 401),
        (f"Basic {token}", 401),
        ("Bearer \xff", 401),
        (f"Bearer {token} {token}", 401),
    ):
        answer = await api.http.get("/v1/me", headers={b"Authorization": header.encode("latin-1")})
        assert answer.status_code == status, header
    answer = await api.http.get("/v1/me")
    assert answer.status_code == 401
    assert answer.json() == {
        "Errors": [
            {"ErrorCode": "InvalidToken", "Message": "Access token is invalid or expired.", "Data": None}
        ]
    }


async def test_auth_28_tokens_that_are_none_of_ours(api: Api, other: Api) -> None:
    good = api.token(api.admin, ["FullAccess"])
    header, payload, signature = good.split(".")
    head = json.loads(base64.urlsafe_b64decode(header + "=="))
    stranger = keys.generate()
    now, hour = api.server.clock(), timedelta(hours=1)
    forged = {
        "alg none": f"{encoded({**head, 'alg': 'none'})}.{payload}.",
        "alg none with signature": f"{encoded({**head, 'alg': 'none'})}.{payload}.{signature}",
        "alg HS256": f"{encoded({**head, 'alg': 'HS256'})}.{payload}.{signature}",
        "another payload": f"{header}.{encoded({**claims_of(good), 'role': 'Shopper'})}.{signature}",
        "unknown key": tokens.sign(stranger, claims_of(good)),
        "unknown key under a known name": tokens.sign(
            keys.SigningKey(api.server.key.kid, stranger.key), claims_of(good)
        ),
        "expired": api.token(
            api.admin, ["FullAccess"], validity=Validity.starting(now - timedelta(hours=2), hour, 0)
        ),
        "of the future": api.token(api.admin, validity=Validity.starting(now + hour, hour, 0)),
        "an identity token": (await api.seller.get("/oauth/userinfo")).json()["identity_token"],
        "not a token": "a.b.c",
        "too long": good + "x" * 100_000,
    }
    for name, token in forged.items():
        answer = await api.with_token(token).get("/v1/me")
        assert (answer.status_code, codes(answer)) == (401, ["InvalidToken"]), name
    # Keys of users and clients of another marketplace name nobody here.
    crossed = api.token(other.admin, ["FullAccess"])
    assert codes(await api.with_token(crossed).get("/v1/me")) == ["Auth.UserNotFound"]
    crossed = api.token(api.admin, ["FullAccess"], client_id=other.client_id.lower())
    assert codes(await api.with_token(crossed).get("/v1/me")) == ["Auth.ClientNotActive"]
    gone = api.token(api.admin, ["FullAccess"], marketplace_key=2**62)
    assert codes(await api.with_token(gone).get("/v1/me")) == ["Auth.SellerNotActive"]


async def test_auth_29_roles_are_the_tokens(api: Api) -> None:
    user = await api.user(roles=["BuyerReader"])
    caller = api.as_(user, ["BuyerReader"])
    await api.seller.patch(f"/v1/securityprofiles/profile-{user.key}", json={"Roles": []})
    assert (await caller.get("/v1/buyers")).status_code == 200


async def patched(api: Api, path: str) -> httpx.Response:
    return await api.seller.patch(f"/v1{path}", json={"Active": False})


CHANGES: dict[str, tuple[Change, str]] = {
    "user revoked": (
        lambda api, user, _: api.seller.delete(f"/v1/buyers/{user.company}/users/{user.id}/tokens"),
        "Auth.TokenRevoked",
    ),
    "user deactivated": (
        lambda api, user, _: patched(api, f"/buyers/{user.company}/users/{user.id}"),
        "Auth.UserNotActive",
    ),
    "user deleted": (
        lambda api, user, _: api.seller.delete(f"/v1/buyers/{user.company}/users/{user.id}"),
        "Auth.UserNotFound",
    ),
    "company deactivated": (
        lambda api, user, _: patched(api, f"/buyers/{user.company}"),
        "Auth.CompanyNotActive",
    ),
    "company deleted": (
        lambda api, user, _: api.seller.delete(f"/v1/buyers/{user.company}"),
        "Auth.UserNotFound",
    ),
    "client deactivated": (
        lambda api, _, client: patched(api, f"/apiclients/{client}"),
        "Auth.ClientNotActive",
    ),
    "client deleted": (
        lambda api, _, client: api.seller.delete(f"/v1/apiclients/{client}"),
        "Auth.ClientNotActive",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_auth_26_and_28_what_ends_a_token_ends_it_at_once_in_every_process(
    api: Api, twin: Server, change: str
) -> None:
    make_change, code = CHANGES[change]
    buyer = await api.buyer()
    user, bystander = await api.user(buyer=buyer), await api.user(buyer=await api.buyer())
    client = await api.api_client(allow_any_buyer=True)
    token = api.token(user, ["MeAdmin", "BuyerReader"], client_id=client.lower())
    callers = [api.with_token(token), api.with_token(token, twin)]
    for caller in callers:
        # A read that confirms itself, one that the pipeline confirms, and a write.
        assert (await caller.get("/v1/me")).status_code == 200
        assert (await caller.patch("/v1/me", json={"Phone": "1"})).status_code == 200
    assert (await make_change(api, user, client)).status_code in (200, 204)
    for caller in callers:
        for answer in (
            await caller.get("/v1/me"),
            await caller.patch("/v1/me", json={"Phone": "2"}),
            await caller.get("/v1/buyers"),
        ):
            assert (answer.status_code, codes(answer)) == (401, [code])
    assert (await api.as_(bystander).get("/v1/me")).status_code == 200


async def test_auth_26_tokens_issued_after_a_revocation_work(api: Api, twin: Server) -> None:
    user = await api.user(buyer=await api.buyer(), password=PASSWORD)
    old = (await api.login(user)).json()["access_token"]
    path = f"/v1/buyers/{user.company}/users/{user.id}/tokens"
    assert (await api.seller.delete(path)).status_code == 204
    new = (await api.login(user)).json()["access_token"]
    for server in (api.server, twin):
        refused = await api.with_token(old, server).get("/v1/me")
        assert refused.json()["Errors"] == [
            {
                "ErrorCode": "Auth.TokenRevoked",
                "Message": "The provided token has been revoked. Please re-authenticate.",
                "Data": None,
            }
        ]
        assert (await api.with_token(new, server).get("/v1/me")).status_code == 200


@pytest.fixture(autouse=True)
async def kept_key(server: Server) -> AsyncIterator[None]:
    """The key that signs for all tests of this process is again the only one, whatever a test of this module has done."""
    yield
    await server.database.execute("DELETE FROM signing_keys WHERE kid <> $1", server.key.kid)
    await server.database.execute("UPDATE signing_keys SET retired_at = NULL WHERE kid = $1", server.key.kid)


async def test_auth_23_keys_are_rotated_while_another_process_runs(api: Api, twin: Server) -> None:
    """CAT-2: its old tokens hold, it accepts tokens of the new key at once and publishes it, to whoever asks, in the form that verifiers read."""
    old = api.token(api.admin)
    assert (await api.with_token(old, twin).get("/v1/me")).status_code == 200
    ring = await keys.rotate(api.server.database, api.server.box, api.server.clock())
    new = tokens.sign(ring.current, claims_of(old))
    for token in (new, old):
        assert (await api.with_token(token, twin).get("/v1/me")).status_code == 200
    async with twin.client() as client:
        published = (await client.get("/oauth/certs")).json()["keys"]
        assert {ring.current.kid, api.server.key.kid} <= {key["kid"] for key in published}
        one = (await client.get(f"/oauth/certs/{ring.current.kid}")).json()
    assert one in published
    assert one.keys() == {"kty", "n", "e", "alg", "use", "kid"}
    assert (one["kty"], one["e"], one["alg"], one["use"]) == ("RSA", "AQAB", "RS256", "sig")


async def test_security_13_a_key_is_withdrawn_while_another_process_runs(api: Api) -> None:
    """What it signed is refused once the process knows the keys anew, also of callers that it remembers."""
    server = api.server
    database, box, now = server.database, server.box, server.clock()
    stolen = (await keys.rotate(database, box, now)).current
    token = tokens.sign(stolen, claims_of(api.token(api.admin)))
    async with run_server(server.settings, database, server.clock) as another:
        for _ in range(2):
            assert (await api.with_token(token, another).get("/v1/me")).status_code == 200
        ring = await keys.withdraw(database, box, stolen.kid, now)
        new = tokens.sign(ring.current, claims_of(token))
        assert (await api.with_token(new, another).get("/v1/me")).status_code == 200
        refused = await api.with_token(token, another).get("/v1/me")
        assert (refused.status_code, codes(refused)) == (401, ["InvalidToken"])


async def test_auth_23_unknown_key(api: Api) -> None:
    answer = await api.http.get("/oauth/certs/nobody")
    assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
    assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "Cert", "ObjectID": "nobody"}


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller", "guest"])
async def test_auth_24_userinfo(api: Api, kind: str, verb: str) -> None:
    """Behaviour A1: who the caller is, by name; one group or role is a list, too; no currency without a locale."""
    company = {
        "supplier": {"supplier": await api.supplier("sup")},
        "seller": {},
    }.get(kind, {"buyer": await api.buyer("b")})
    user = await api.user(**company, roles=["MeAdmin"], id="person")
    assert user.username != user.id
    below = {"supplier": "/v1/suppliers/sup/usergroups", "seller": "/v1/usergroups"}.get(
        kind, "/v1/buyers/b/usergroups"
    )
    for group in ("two", "One"):
        assert (await api.seller.post(below, json={"ID": group, "Name": group})).status_code == 201
    member = {"UserGroupID": "One", "UserID": "person"}
    assert (await api.seller.post(f"{below}/assignments", json=member)).status_code == 204
    more: dict[str, Any] = {"order_id": "q" * 22} if kind == "guest" else {}
    caller = api.as_(user, ["MeAdmin"], **more)

    async def told() -> tuple[dict[str, Any], int]:
        answer = await caller.request(verb, "/oauth/userinfo")
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"identity_token", "expires_in"}
        token = answer.json()["identity_token"]
        assert (await api.with_token(token).get("/v1/me")).status_code == 401
        return claims_of(token), answer.json()["expires_in"]

    claims, lifetime = await told()
    now = api.server.clock().timestamp()
    assert claims["nbf"] < now < claims["exp"]
    assert claims["exp"] - claims["iat"] == lifetime + 1
    wanted = {
        "sub": user.username,
        "companyID": {"supplier": "sup", "seller": api.marketplace}.get(kind, "b"),
        "marketplaceID": api.marketplace,
        "groups": ["One"],
        "availableroles": ["MeAdmin"],
        "preferred_username": user.username,
        "email": "person@example.com",
        "given_name": "First",
        "family_name": "Last",
        "iss": api.server.settings.base_url,
        "aud": api.server.settings.base_url,
    }
    assert {name: claims[name] for name in claims if name not in {"iat", "nbf", "exp"}} == wanted
    if kind in {"buyer", "guest"}:
        locale = {"ID": "l", "Currency": "USD", "Language": "en-US"}
        assert (await api.seller.post("/v1/locales", json=locale)).status_code == 201
        row = {"LocaleID": "l", "BuyerID": "b"}
        assert (await api.seller.post("/v1/locales/assignments", json=row)).status_code == 204
        claims, _ = await told()
        assert claims["currency"] == "USD"
    assert (await api.http.request(verb, "/oauth/userinfo")).status_code == 401


async def test_auth_71_last_active_is_written_when_a_server_stops_at_the_latest(api: Api) -> None:
    """Of each call, also of a caller that the process remembers; not by the request itself."""
    caller, idle = await api.user(), await api.user()
    last = 'SELECT "LastActive" FROM users WHERE marketplace_id = $1 AND key = $2'
    async with run_server(api.server.settings, api.server.database, api.server.clock) as server:
        http = api.with_token(api.token(caller), server)
        assert (await http.get("/v1/me")).json()["LastActive"] is None
        api.server.clock.advance(minutes=5)
        assert (await http.get("/v1/me")).status_code == 200
        second = api.server.clock()
    assert second - timedelta(minutes=1) < await api.value(last, caller.key) <= second
    assert await api.value(last, idle.key) is None


async def test_auth_71_activity_that_cannot_be_written_is_kept(api: Api) -> None:
    server = api.server
    services = await open_services(server.settings, server.database, server.clock)
    services.passwords.close()
    recorder = services.authenticator.activity
    await services.authenticator.authenticate(api.token(api.admin))
    closed = await open_pool(api.server.settings.database_url or "", min_size=1, max_size=1)
    await closed.close()
    with pytest.raises(DatabaseLostError):
        await recorder.flush(closed)
    await recorder.flush(server.database)
    last = 'SELECT "LastActive" FROM users WHERE marketplace_id = $1 AND key = $2'
    assert await api.value(last, api.admin.key) is not None


async def test_private_keys_are_sealed(api: Api) -> None:
    row = await api.server.database.fetchrow("SELECT private_encrypted FROM signing_keys LIMIT 1")
    assert row is not None
    assert b"PRIVATE" not in row["private_encrypted"]
