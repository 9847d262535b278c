"""Logins by OpenID Connect: /ocrplogin and /ocrpcode, with a provider that does what a test tells it (OIDC-1 to OIDC-5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt
from tests.api.identity_provider import ACCESS, CLIENT, SECRET, IdentityProvider, identity_provider, new_key
from tests.api.marketplace import Api, User, claims_of
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.uniform.subjects import checked

NO_ADDRESS = "The login of this application is not set up: it names an address that cannot be used."
START = "https://app.example{2}?token={0}&idp={1}&refresh={3}"
FAILED = "https://app.example/failed?why={0}"
DESCRIPTION = "/realms/a/.well-known/openid-configuration"
AUTHORITY = "error validating token with authority"
STATE = "This login has ended, was used already or began in another browser. Please log in again."


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


@dataclass
class Browser:
    """Somebody's browser, with its own cookies, at a marketplace whose configuration `sso` names the provider."""

    api: Api
    provider: IdentityProvider
    http: httpx.AsyncClient
    config: dict[str, Any]
    asked: dict[str, str] = field(default_factory=dict)
    """What was asked of the provider last."""

    async def begin(self, **parameters: str) -> str:
        """GET /ocrplogin; where it leads."""
        query = {"id": "sso", "cid": self.api.client_id, **parameters}
        answer = await self.http.get("/ocrplogin", params=query)
        assert answer.status_code == 302, answer.text
        location = answer.headers["location"]
        assert location.startswith(f"{self.provider.authorization_endpoint}&response_type=code&")
        self.asked = dict(parse_qsl(urlsplit(location).query))
        return location

    async def end(self, location: str) -> httpx.Response:
        code, state = self.provider.code_for(location)
        return await self.http.get("/ocrpcode", params={"code": code, "state": state})

    async def log_in(self, **parameters: str) -> dict[str, str]:
        """All of it; what the application is given."""
        answer = await self.end(await self.begin(**parameters))
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["location"])
        assert (location.scheme, location.netloc) == ("https", "app.example"), answer.headers["location"]
        return {"path": location.path, **dict(parse_qsl(location.query))}

    async def failure(self, **parameters: str) -> str:
        """What the application is told of a login that fails."""
        given = await self.log_in(**parameters)
        assert given["path"] == "/failed", given
        return given["why"]

    async def change(self, **facts: Any) -> None:
        await checked(self.api.seller.patch("/v1/openidconnects/sso", json=facts), 200)


@pytest.fixture
async def browser(api: Api, provider: IdentityProvider) -> Browser:
    config = {
        "ID": "sso",
        "OrderCloudApiClientID": api.client_id,
        "ConnectClientID": CLIENT,
        "ConnectClientSecret": SECRET,
        "AppStartUrl": START,
        "AuthorizationEndpoint": provider.authorization_endpoint,
        "TokenEndpoint": provider.token_endpoint,
        "UrlEncoded": True,
        "CustomErrorUrl": FAILED,
    }
    made = await checked(api.seller.post("/v1/openidconnects", json=config), 201)
    return Browser(api, provider, api._kept(api.server.client()), made.json())


@pytest.fixture
async def ann(api: Api) -> User:
    """A shopper whose username is the address that the provider gives."""
    made = await api.user(buyer=await api.buyer(), roles=("Shopper", "MeAdmin"), id="ann")
    await api.execute('UPDATE users SET "Username" = $3 WHERE marketplace_id = $1 AND key = $2', made.key, "Ann@example.com")  # fmt: skip
    return made


async def test_oidc_1_and_4_a_login_from_the_link_to_a_token_that_works(browser: Browser, ann: User) -> None:
    """AUTH-79 to AUTH-82."""
    await browser.change(AdditionalIdpScopes=["groups", "email"])
    given = await browser.log_in(
        roles="Shopper Nonsense",
        appstartpath="/products/x",
        customParams="ui_locales=de fr state=mine&prompt=%6Cogin",
    )
    assert browser.asked | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": "http://entrepot.test/ocrpcode",
        "scope": "openid profile email groups",
        "state": "",
        "nonce": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
        "ui_locales": "de fr",
        "prompt": "login",
        "edition": "0",
    }
    assert (given["path"], given["idp"]) == ("/products/x", ACCESS)
    claims = claims_of(given["token"])
    assert (claims["usr"], claims["role"], claims["cid"]) == (
        "Ann@example.com",
        "Shopper",
        browser.api.client_id.lower(),
    )
    me = (await checked(browser.api.with_token(given["token"]).get("/v1/me"), 200)).json()
    assert (me["ID"], me["LastActive"] is not None) == ("ann", True)
    again = await browser.api.grant(grant_type="refresh_token", refresh_token=given["refresh"])
    assert claims_of(again.json()["access_token"])["role"] == "Shopper"


@pytest.mark.parametrize("moment", ["2099-01-01", "2001-01-01"])
async def test_a_login_goes_by_the_servers_clock(browser: Browser, ann: User, moment: str) -> None:
    """What the provider has signed holds now, whatever time it is in the marketplace; the session does, too."""
    clock = {"Mode": "Frozen", "Moment": moment}
    await checked(browser.api.seller.put("/entrepot/v1/clock", json=clock), 200)
    given = await browser.log_in()
    assert (await browser.api.with_token(given["token"]).get("/v1/me")).status_code == 200
    seen = await browser.api.value('SELECT "LastActive" FROM users WHERE marketplace_id = $1 AND key = $2', ann.key)  # fmt: skip
    assert f"{seen.year}" == moment[:4]
    again = await browser.api.grant(grant_type="refresh_token", refresh_token=given["refresh"])
    assert again.status_code == 200, again.text


async def test_oidc_2_the_code_is_exchanged_by_form_or_by_basic_and_json(browser: Browser, ann: User) -> None:
    await browser.log_in()
    await browser.change(UrlEncoded=False)
    await browser.log_in()
    form, body = browser.provider.exchanges
    assert form.values.keys() == {
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
    }
    assert "authorization" not in form.headers
    assert body.values.keys() == {"grant_type", "code", "redirect_uri", "code_verifier"}
    assert body.headers["content-type"] == "application/json"


async def test_oidc_2_an_answer_may_come_by_a_form(browser: Browser, ann: User) -> None:
    """response_mode=form_post, asked for by customParams (RN 1.0.278, 1.0.279)."""
    location = await browser.begin(customParams="response_mode=form_post")
    assert browser.asked["response_mode"] == "form_post"
    code, state = browser.provider.code_for(location)
    answer = await browser.http.post("/ocrpcode", data={"code": code, "state": state})
    assert (answer.status_code, answer.headers["location"][:27]) == (302, "https://app.example?token=e")


async def test_oidc_4_a_client_without_refresh_tokens_gives_none(browser: Browser, ann: User) -> None:
    await checked(browser.api.seller.patch(f"/v1/apiclients/{browser.api.client_id}", json={"RefreshTokenDuration": 0}), 200)  # fmt: skip
    assert "refresh" not in await browser.log_in()


async def test_pkce_is_used_where_the_provider_has_it(browser: Browser, ann: User) -> None:
    browser.provider.pkce = False
    assert "token" in await browser.log_in()
    assert "code_challenge" not in browser.asked


async def test_a_description_that_is_not_above_the_endpoints_is_found_by_the_token(
    browser: Browser, ann: User
) -> None:
    """It still has to name them (ADR 0026)."""
    provider = browser.provider
    described = provider.description()
    provider.issuer = f"{provider.url}/pools/1"
    provider.pages["/realms/a/.well-known/openid-configuration"] = (404, {})
    path = "/pools/1/.well-known/openid-configuration"
    provider.pages[path] = described | {"issuer": provider.issuer}
    assert "token" in await browser.log_in()


# --- who it is ------------------------------------------------------------------------------------------------


async def set_event(browser: Browser, receiver: Receiver, **facts: Any) -> None:
    event = {
        "ID": "E",
        "Name": "E",
        "EventType": "OpenIDConnect",
        "CustomImplementationUrl": receiver.url,
        "HashKey": HASH_KEY,
        "ConfigData": {"k": "v"},
        "ElevatedRoles": ["BuyerUserAdmin"],
        **facts,
    }
    await browser.api.api_client(allow_seller=True, default_context_user=browser.api.admin.key)
    await checked(browser.api.seller.post("/v1/integrationEvents", json=event), 201)
    await browser.change(IntegrationEventID="E", CallSyncUserIntegrationEvent=True)


async def test_oidc_3_a_new_user_is_created_once_and_synchronized_later(
    browser: Browser, receiver: Receiver
) -> None:
    """AUTH-80. The user is found by the subject the second time, whatever the address is by then (AUTH-82)."""
    api = browser.api
    bob = await api.user(buyer=await api.buyer(), roles=("Shopper",), id="bob")
    receiver.answers = {
        "/createuser": {"Username": bob.username, "ErrorMessage": None},
        "/syncuser": {"ErrorMessage": ""},
    }
    await set_event(browser, receiver)
    assert claims_of((await browser.log_in())["token"])["usr"] == bob.username
    browser.provider.claims = {"email": "other@example.com"}
    assert claims_of((await browser.log_in())["token"])["usr"] == bob.username
    created, synced = receiver.received
    assert (created.path, synced.path) == ("/createuser", "/syncuser")
    assert (created.is_signed, synced.is_signed) == (True, True)
    body = created.body
    assert list(body) == ["ExistingUser", "OpenIdConnect", "TokenResponse", "Environment", "OrderCloudAccessToken", "ConfigData"]  # fmt: skip
    assert body["ExistingUser"] is None
    assert body["OpenIdConnect"] == (
        browser.config
        | {
            "ConnectClientSecret": None,
            "IntegrationEventID": "E",
            "IntegrationEventName": "E",
            "CallSyncUserIntegrationEvent": True,
        }
    )
    assert body["TokenResponse"]["access_token"] == ACCESS
    assert claims_of(body["TokenResponse"]["id_token"])["sub"] == "Subject-1"
    assert (body["Environment"], body["ConfigData"]) == ("Sandbox", {"k": "v"})
    claims = claims_of(body["OrderCloudAccessToken"])
    assert (claims["usrtype"], claims["role"]) == ("admin", "BuyerUserAdmin")
    listed = await api.with_token(synced.body["OrderCloudAccessToken"]).get(
        f"/v1/buyers/{bob.company}/users/bob"
    )
    assert synced.body["ExistingUser"] | {"LastActive": None} == listed.json() | {"LastActive": None}


async def test_oidc_3_who_is_found_by_a_verified_address_is_linked(browser: Browser, ann: User) -> None:
    await browser.log_in()
    browser.provider.claims = {"email": None}
    assert claims_of((await browser.log_in())["token"])["u"] == str(ann.key)
    # Another person with the same subject in other letters, or of another issuer, is somebody else.
    browser.provider.claims = {"sub": "subject-1", "email": None}
    assert await browser.failure() == "No user belongs to this identity."


async def test_oidc_3_and_5_without_an_event_unknown_users_fail(browser: Browser, ann: User) -> None:
    """An address for which the provider does not vouch is nobody's."""
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": "zoe@example.com"}):
        browser.provider.claims = claims
        assert await browser.failure() == "No user belongs to this identity."


async def test_oidc_3_an_event_that_fails_or_says_no_ends_the_login(
    browser: Browser, receiver: Receiver
) -> None:
    await set_event(browser, receiver)
    receiver.answers = {"/createuser": {"Username": "admin", "ErrorMessage": "Not <b>you</b> & not today"}}
    assert await browser.failure() == "Not <b>you</b> & not today"
    answers: tuple[Any, ...] = (
        {"Username": "nobody"},
        {"Username": None},
        {"Username": "n" * 101},
        {"Username": "admin", "ErrorMessage": 7},
        [],
        b"<html>",
        (500, {"Username": "admin"}),
        (302, {"Username": "admin"}),
    )
    for answer in answers:
        receiver.answers = {"/createuser": answer}
        assert await browser.failure() == "The user could not be set up for the login.", answer
    assert await browser.api.rows("SELECT 1 FROM linked_identities WHERE marketplace_id = $1") == []


async def test_oidc_3_a_failing_syncuser_ends_the_login_too(
    browser: Browser, receiver: Receiver, ann: User
) -> None:
    await set_event(browser, receiver)
    receiver.answers = {"/syncuser": {"ErrorMessage": "Your contract has ended."}}
    assert await browser.failure() == "Your contract has ended."


async def test_ie_5_an_event_that_elevates_needs_a_client_of_the_sellers(
    browser: Browser, receiver: Receiver
) -> None:
    await set_event(browser, receiver)
    await browser.api.execute('UPDATE api_clients SET "AllowSeller" = false WHERE marketplace_id = $1')
    assert await browser.failure() == "The user could not be set up for the login."
    assert receiver.received == []


# --- as with every other grant --------------------------------------------------------------------------------


async def test_oidc_4_standing_and_restrictions_count_as_with_every_grant(
    browser: Browser, ann: User
) -> None:
    """AUTH-13, AUTH-18, AUTH-40: each is told before the ones that were set earlier."""
    api = browser.api
    client = "UPDATE api_clients SET {} WHERE marketplace_id = $1"
    await api.execute(client.format("\"MinimumRequiredRoles\" = ARRAY['OrderAdmin']"))
    assert await browser.failure() == "User does not have the roles that this API client requires."
    await api.execute(client.format('"AllowAnyBuyer" = false'))
    assert await browser.failure() == "The API client is not available to this user."
    await api.execute('UPDATE buyers SET "Active" = false WHERE marketplace_id = $1')
    assert await browser.failure() == "The user's company is not active."
    await api.deactivate(ann.key)
    assert await browser.failure() == "The user is not active."


async def test_oidc_4_a_client_that_has_become_inactive_ends_logins_under_way(
    browser: Browser, ann: User
) -> None:
    location = await browser.begin()
    await browser.api.execute('UPDATE api_clients SET "Active" = false WHERE marketplace_id = $1')
    answer = await browser.end(location)
    assert (answer.status_code, "The API client is not active." in answer.text) == (400, True)


# --- what the provider says -----------------------------------------------------------------------------------


def stranger(claims: dict[str, Any]) -> str:
    """Signed by a key of somebody else's."""
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, new_key("one"))


def by_the_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, jwk.import_key(SECRET, "oct"))


def unsigned(claims: dict[str, Any]) -> str:
    """alg=none"""
    _, payload, _ = by_the_secret(claims).split(".")
    return f"eyJhbGciOiJub25lIn0.{payload}."


SPOILED: tuple[Callable[[IdentityProvider], None], ...] = (
    lambda p: p.claims.update(iss="https://elsewhere.example"),
    lambda p: p.claims.update(aud="another"),
    lambda p: p.claims.update(exp=1_000_000_001),
    lambda p: p.claims.update(nonce="another"),
    lambda p: setattr(p, "token", stranger),
    lambda p: setattr(p, "token", by_the_secret),
    lambda p: setattr(p, "token", unsigned),
    lambda p: setattr(p, "token", lambda _: "no token"),
    lambda p: setattr(p, "token", lambda _: "W10.W10.W10"),
    lambda p: setattr(p, "published", new_key("two")),
    lambda p: p.pages.update({"/realms/a/keys": {"keys": "none"}}),
    lambda p: p.pages.update({"/realms/a/keys": {"keys": [{"kty": "EC", "kid": "one"}, {"kty": "oct", "kid": "one", "k": "AA"}, 1]}}),
    lambda p: p.pages.update({"/realms/a/keys": (500, {})}),
    lambda p: p.pages.update({"/realms/a/oauth/token": (200, b"<html>")}),
    lambda p: p.pages.update({"/realms/a/oauth/token": (200, [])}),
    lambda p: p.pages.update({"/realms/a/oauth/token": (200, {"id_token": 1, "access_token": 2})}),
    lambda p: p.pages.update({"/realms/a/oauth/token": (302, {})}),
    lambda p: p.pages.update({DESCRIPTION: {"issuer": "https://else.example"}}),
    lambda p: p.pages.update({DESCRIPTION: p.description() | {"issuer": p.url}}),
)  # fmt: skip


async def test_oidc_4_a_token_that_proves_nothing_is_refused(browser: Browser, ann: User) -> None:
    """And a wrong client or secret is told in the vendor's words, too."""
    provider = browser.provider
    for number, spoil in enumerate(SPOILED):
        provider.reset()
        await browser.change(AuthorizationEndpoint=provider.authorization_endpoint)
        spoil(provider)
        assert await browser.failure() == AUTHORITY, number
    provider.reset()
    for facts in (
        {"ConnectClientSecret": "wrong"},
        {"ConnectClientSecret": SECRET, "ConnectClientID": "wrong"},
        {"ConnectClientID": CLIENT, "TokenEndpoint": f"{provider.url}/nothing"},
    ):
        await browser.change(AuthorizationEndpoint=provider.authorization_endpoint, **facts)
        assert await browser.failure() == AUTHORITY, facts


async def test_a_key_that_is_new_is_looked_for_once(browser: Browser, ann: User) -> None:
    """Providers rotate their keys; a token with a made-up kid does not have the server ask again and again."""
    provider = browser.provider
    await browser.log_in()
    provider.key = new_key("two")
    provider.header = {"alg": "ES256", "kid": "two"}
    assert "token" in await browser.log_in()
    provider.header = {"alg": "ES256", "kid": "three"}
    for _ in range(3):
        assert await browser.failure() == AUTHORITY
    assert provider.seen.count("GET /realms/a/keys") == 3
    assert provider.seen.count("GET /realms/a/.well-known/openid-configuration") == 1


async def test_the_code_of_another_provider_is_not_given_away(browser: Browser, ann: User) -> None:
    """RFC 9207: a provider that names itself in its answer has to be the one that was asked."""
    for issuer in ("https://elsewhere.example", browser.provider.issuer):
        code, state = browser.provider.code_for(await browser.begin())
        answer = await browser.http.get("/ocrpcode", params={"code": code, "state": state, "iss": issuer})
        good = issuer == browser.provider.issuer
        assert ("?token=" in answer.headers["location"]) is good
        assert len(browser.provider.exchanges) == good


async def test_a_provider_that_refuses(browser: Browser) -> None:
    await browser.begin()
    for error, told in (
        ("access_denied", "The identity provider has refused the login. (access_denied)"),
        ("<script>", "The identity provider has refused the login."),
    ):
        answer = await browser.http.get("/ocrpcode", params={"error": error, "state": browser.asked["state"]})
        assert unquote(answer.headers["location"]) == f"https://app.example/failed?why={told}"
        await browser.begin()
    assert browser.provider.exchanges == []


# --- the state ------------------------------------------------------------------------------------------------


async def test_the_state_is_good_for_one_return(browser: Browser, ann: User) -> None:
    location = await browser.begin()
    first, second = await browser.end(location), await browser.end(location)
    assert "token=" in first.headers["location"]
    assert unquote(second.headers["location"]) == f"https://app.example/failed?why={STATE}"
    assert len(browser.provider.exchanges) == 1


async def test_the_state_is_of_the_browser_in_which_the_login_began(browser: Browser, ann: User) -> None:
    """Nobody ends his own login in somebody else's browser, which another cookie does not change."""
    location = await browser.begin()
    code, state = browser.provider.code_for(location)
    async with browser.api.server.client() as other:
        for cookie in ("", f"entrepot-login={'a' * 43}", "entrepot-login=x", "a; =; entrepot-login"):
            answer = await other.get(
                "/ocrpcode", params={"code": code, "state": state}, headers={"Cookie": cookie}
            )
            assert (answer.status_code, STATE in answer.text) == (400, True)
    assert browser.provider.exchanges == []


async def test_the_state_ends(browser: Browser, ann: User) -> None:
    location = await browser.begin()
    browser.api.server.clock.advance(minutes=16)
    answer = await browser.end(location)
    assert (answer.status_code, STATE in answer.text) == (400, True)


async def test_a_state_that_is_not_ours(browser: Browser) -> None:
    for state in ("", "a", "é", "A" * 20_000, "AXXXX", "\0"):
        answer = await browser.http.get("/ocrpcode", params={"code": "c", "state": state})
        assert (answer.status_code, STATE in answer.text) == (400, True), state


async def test_tabs_of_one_browser_log_in_side_by_side(browser: Browser, ann: User) -> None:
    first, second = await browser.begin(appstartpath="/1"), await browser.begin(appstartpath="/2")
    assert "/1?token=" in (await browser.end(first)).headers["location"]
    assert "/2?token=" in (await browser.end(second)).headers["location"]


# --- addresses ------------------------------------------------------------------------------------------------


async def test_no_page_of_the_callers_leads_to_another_host(browser: Browser, ann: User) -> None:
    """Which addresses are refused, tests/domain/identity/test_login_urls.py says."""
    for path in (".evil.example/", "@evil.example/", "\r\nX: y"):
        assert await browser.failure(appstartpath=path) == NO_ADDRESS
    await browser.change(AppStartUrl="{2}?token={0}")
    assert await browser.failure(appstartpath="https://evil.example") == NO_ADDRESS


async def test_an_authorization_endpoint_that_cannot_be_used_is_told(browser: Browser) -> None:
    """OIDC-5: it is looked at when somebody logs in."""
    for endpoint in (
        "javascript:alert(1)",
        "ftp://id.example/auth",
        "https:///auth",
        "no address",
        "https://[",
        "https://a/\nb",
    ):
        await browser.change(AuthorizationEndpoint=endpoint)
        answer = await browser.http.get("/ocrplogin", params={"id": "sso", "cid": browser.api.client_id})
        assert unquote(answer.headers["location"]) == FAILED.format(NO_ADDRESS), endpoint


async def test_oidc_4_without_an_error_page_the_server_shows_one(
    browser: Browser, receiver: Receiver
) -> None:
    """What is told on it is text, whatever it is."""
    await set_event(browser, receiver)
    await browser.change(CustomErrorUrl=None)
    receiver.answers = {"/createuser": {"ErrorMessage": "<script>alert('x')</script>"}}
    answer = await browser.end(await browser.begin())
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_oidc_1_a_link_that_names_no_login(browser: Browser) -> None:
    cid = browser.api.client_id
    for query in (
        "",
        "id=sso",
        "id=sso&cid=x",
        f"id=none&cid={cid}",
        f"id=s%00&cid={cid}",
        f"id=sso&cid={cid}&roles={'r' * 5000}",
        f"id=sso&cid={cid}&customParams=response_mode%3Dfragment",
    ):
        answer = await browser.http.get(f"/ocrplogin?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert "set-cookie" not in answer.headers


async def test_oidc_1_the_configuration_and_the_client_belong_together(browser: Browser, other: Api) -> None:
    """AUTH-79; also across marketplaces."""
    for client_id in (await browser.api.api_client(allow_any_buyer=True), other.client_id):
        answer = await browser.http.get("/ocrplogin", params={"id": "sso", "cid": client_id})
        assert (answer.status_code, "There is no such login" in answer.text) == (400, True)


async def test_the_cookie_is_the_servers_alone(browser: Browser) -> None:
    answer = await browser.http.get("/ocrplogin", params={"ID": "SSO", "CID": browser.api.client_id.lower()})
    assert answer.status_code == 302
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"entrepot-login=[\w-]{43}; Path=/; Max-Age=900; HttpOnly", cookie)
    again = await browser.http.get("/ocrplogin", params={"id": "sso", "cid": browser.api.client_id})
    assert again.headers["set-cookie"] == cookie


async def test_a_renamed_configuration_keeps_its_users_and_a_deleted_one_does_not(
    browser: Browser, ann: User
) -> None:
    await browser.log_in()
    browser.provider.claims = {"email": None}
    await browser.change(ID="renamed")
    answer = await browser.end(await browser.begin(id="renamed"))
    assert "token=" in answer.headers["location"]
    await checked(browser.api.seller.delete("/v1/openidconnects/renamed"), 204)
    assert await browser.api.rows("SELECT 1 FROM linked_identities WHERE marketplace_id = $1") == []
