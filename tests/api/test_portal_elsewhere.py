"""Accounts that sign in by GitHub and Google (PORT-3): linking, signing in, signing up, and what must not come of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.api import github as hub
from tests.api import identity_provider as idp
from tests.api.github import GitHub, github
from tests.api.identity_provider import IdentityProvider, identity_provider, new_key
from tests.api.marketplace import PASSWORD, Server, ShiftedClock, codes, run_server
from tests.api.portal import ROOT, Portal, Someone, portal_of, waiting

from entrepot.features.people.portal import cleanup

NAMES = ("Github", "Google")
METHODS = f"{ROOT}/authorizationmethods"
OWN = f"{ROOT}/me/authorizationmethods"
STATE = "This login has ended, was used already or began in another browser."
UNKNOWN = "No account of this server is known to belong to it."
UNREACHED = "It could not be asked who you are"
REFUSED = "error validating token with authority"
KELVIN = "\N{KELVIN SIGN}"
"""A k in lower case."""
_people = count(1)


@dataclass
class Elsewhere:
    """Both places, and a portal that is registered at them."""

    portal: Portal
    github: GitHub
    google: IdentityProvider

    def somebody(self, name: str, email: str | None = None, *, verified: bool = True) -> None:
        """Whoever agrees next there: somebody new, with this address."""
        number = next(_people)
        if name == "Github":
            self.github.user = {"id": 1000 + number, "login": "octocat"}
            others = [{"email": "other@example.com", "primary": False, "verified": True}]
            primary = [{"email": email, "primary": True, "verified": verified}] if email else []
            self.github.emails = others + primary
        else:
            self.google.claims = {"sub": f"subject-{number}", "email": email, "email_verified": verified}

    async def visit(self, http: httpx.AsyncClient, name: str, *, link: bool = False) -> str:
        """Somebody's browser goes there and he agrees; the address that he is led back to."""
        path = f"{OWN}/{name}/link" if link else f"{METHODS}/{name}/signin"
        answer = await http.post(path)
        assert answer.status_code == 200, answer.text
        location = answer.json()["RedirectUrl"]
        if name == "Github":
            return self.github.agree(location)
        code, state = self.google.code_for(location)
        return str(httpx.URL(self.redirect_uri(name), params={"code": code, "state": state}))

    def redirect_uri(self, name: str) -> str:
        return f"{self.portal.server.settings.base_url}{METHODS}/{name.lower()}/return"

    async def end(self, http: httpx.AsyncClient, name: str, *, link: bool = False) -> httpx.Response:
        return await http.get(await self.visit(http, name, link=link))

    async def sign_in(self, http: httpx.AsyncClient, name: str) -> httpx.Response:
        """As far as the token."""
        return await self.token(http, page_of(await self.end(http, name), "/signed-in")["code"])

    async def token(self, http: httpx.AsyncClient, code: str) -> httpx.Response:
        return await http.post(f"{ROOT}/oauth/token", data={"grant_type": "authorization_code", "code": code})

    async def browser(self) -> httpx.AsyncClient:
        """A new one, without cookies."""
        return await self.portal._stack.enter_async_context(self.portal.server.client())

    async def linked(self, name: str, email: str | None = None) -> Someone:
        """An account that signs in by it."""
        someone = await self.portal.someone()
        self.somebody(name, email)
        assert page_of(await self.end(someone.http, name, link=True), "/account") == {}
        return someone


def page_of(answer: httpx.Response, path: str) -> dict[str, str]:
    """What the console's page is given that the browser is led to."""
    assert answer.status_code == 302, answer.text
    where = urlsplit(answer.headers["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == "http://entrepot.test/"
    page, _, query = where.fragment.partition("?")
    assert page == path, where.fragment
    return dict(parse_qsl(query))


def refusal(answer: httpx.Response, text: str, status: int = 400) -> None:
    """A page for people, which says what went wrong."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert text in answer.text
    assert "Traceback" not in answer.text


async def who(elsewhere: Elsewhere, answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    client = await elsewhere.portal.calls(answer.json()["access_token"])
    return str((await client.get(f"{ROOT}/me")).json()["Username"])


@pytest.fixture
def places() -> Iterator[tuple[GitHub, IdentityProvider]]:
    with github() as hub_place, identity_provider() as google:
        yield hub_place, google


@pytest.fixture
async def elsewhere(server: Server, places: tuple[GitHub, IdentityProvider]) -> AsyncIterator[Elsewhere]:
    async for each in registered(server, places):
        yield each


async def registered(
    server: Server, places: tuple[GitHub, IdentityProvider], **changes: Any
) -> AsyncIterator[Elsewhere]:
    hub_place, google = places
    facts = {
        "portal_github": (hub.CLIENT, hub.SECRET),
        "portal_github_url": hub_place.url,
        "portal_google": (idp.CLIENT, idp.SECRET),
        "portal_google_issuer": google.issuer,
    }
    settings = replace(server.settings, **facts | changes)
    async with run_server(settings, server.database, ShiftedClock()) as other, portal_of(other) as portal:
        each = Elsewhere(portal, hub_place, google)
        hub_place.redirect_uri = each.redirect_uri("Github")
        yield each


async def test_port_3_what_is_not_registered_is_not_offered(portal: Portal) -> None:
    """Nothing is asked elsewhere, and who tries is told why."""
    assert (await portal.http.get(METHODS)).json() == [{"Name": "Password"}]
    for name in NAMES:
        answer = await portal.http.post(f"{METHODS}/{name}/signin")
        assert codes(answer) == ["Portal.AuthorizationMethodUnavailable"]
        refusal(await portal.http.get(f"{METHODS}/{name}/return"), "This server is not registered there")
    assert codes(await portal.http.post(f"{METHODS}/Elsewhere/signin")) == ["NotFound"]


@pytest.mark.parametrize("name", NAMES)
async def test_port_3_link_sign_in_and_remove(elsewhere: Elsewhere, name: str) -> None:
    """From the account's page elsewhere and back, then from the sign-in in another browser. A mail tells of it."""
    ann = await elsewhere.linked(name)
    listed = await elsewhere.portal.http.get(METHODS)
    assert listed.json() == [{"Name": "Password"}, {"Name": "Github"}, {"Name": "Google"}]
    for root in (ROOT, "/api/v2"):
        answer = await ann.http.get(f"{root}/me/authorizationmethods")
        assert answer.json() == [{"Name": "Password"}, {"Name": name}]
    (mail,) = await elsewhere.portal.mail(ann.email)
    assert mail.subject == f"Your account is linked with {name.replace('hub', 'Hub')}"
    browser = await elsewhere.browser()
    answer = await elsewhere.sign_in(browser, name)
    assert answer.json().keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert await who(elsewhere, answer) == ann.username
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == ann.username
    assert (await ann.http.delete(f"{OWN}/{name.lower()}")).status_code == 204
    assert (await ann.http.get(OWN)).json() == [{"Name": "Password"}]
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)


@pytest.mark.parametrize("name", NAMES)
async def test_port_3_what_was_removed_is_brought_back_by_its_owner_alone(
    elsewhere: Elsewhere, name: str
) -> None:
    """Not by the address of an identity, the same one or another, beside which the other method is none that was removed."""
    ann, browser = await elsewhere.portal.someone(), await elsewhere.browser()
    elsewhere.somebody(name, ann.email)
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == ann.username
    assert (await ann.http.delete(f"{OWN}/{name}")).status_code == 204
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)
    elsewhere.somebody(name, ann.email)
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)
    assert (await ann.http.get(OWN)).json() == [{"Name": "Password"}]
    (other,) = set(NAMES) - {name}
    elsewhere.somebody(other, ann.email)
    assert await who(elsewhere, await elsewhere.sign_in(browser, other)) == ann.username
    elsewhere.somebody(name, ann.email)
    assert page_of(await elsewhere.end(ann.http, name, link=True), "/account") == {}
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == ann.username


@pytest.mark.parametrize("name", NAMES)
async def test_who_takes_an_account_back_by_mail_takes_it_from_what_was_linked(
    elsewhere: Elsewhere, name: str
) -> None:
    """A thief of a token links his own account elsewhere, and removes the password."""
    ann, thief = await elsewhere.linked(name, "thief@example.com"), await elsewhere.browser()
    assert (await ann.http.delete(f"{OWN}/Password")).status_code == 204
    before = await elsewhere.sign_in(thief, name)
    assert await who(elsewhere, before) == ann.username
    http = elsewhere.portal.http
    assert (await http.post(f"{ROOT}/forgotpassword", json={"Email": ann.email})).status_code == 204
    code = await elsewhere.portal.code(ann.email)
    body = {"Email": ann.email, "Code": code, "Password": PASSWORD}
    assert (await http.post(f"{ROOT}/resetpassword", json=body)).status_code == 200
    assert page_of(await elsewhere.end(thief, name), "/sign-up")["email"] == "thief@example.com"
    client = await elsewhere.portal.calls(before.json()["access_token"])
    assert (await client.get(f"{ROOT}/me")).status_code == 401
    elsewhere.somebody(name, ann.email)
    assert await who(elsewhere, await elsewhere.sign_in(thief, name)) == ann.username


async def test_nothing_is_stored_before_somebody_comes_back_and_all_of_it_goes(elsewhere: Elsewhere) -> None:
    ann = await elsewhere.portal.someone()
    database, clock = elsewhere.portal.server.database, elsewhere.portal.server.clock
    before = await database.fetchval("SELECT count(*) FROM portal_used_states")
    location = await elsewhere.visit(ann.http, "Google", link=True)
    assert await database.fetchval("SELECT count(*) FROM portal_used_states") == before
    await ann.http.get(location)
    assert await database.fetchval("SELECT count(*) FROM portal_used_states") == before + 1
    clock.advance(days=1)
    await cleanup.delete_ended(database, clock, cleanup.REFUSALS_KEPT)
    due = "SELECT count(*) FROM portal_used_states WHERE expires_at <= $1"
    assert await database.fetchval(due, clock()) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_asked_elsewhere(elsewhere: Elsewhere, name: str) -> None:
    """State, PKCE, the exact redirect URI; a nonce where there are identity tokens. What begins names no host of ours but in it."""
    answer = await (await elsewhere.browser()).post(f"{METHODS}/{name}/signin")
    assert answer.headers["Cache-Control"] == "no-store"
    asked = dict(parse_qsl(urlsplit(answer.json()["RedirectUrl"]).query))
    assert asked["redirect_uri"] == f"http://entrepot.test/api/v1/authorizationmethods/{name.lower()}/return"
    assert asked["code_challenge_method"] == "S256"
    assert (len(asked["code_challenge"]), len(asked["state"]) > 100) == (43, True)
    assert (len(asked.get("nonce", "")) == 43) is (name == "Google")
    assert hub.SECRET not in answer.text
    assert idp.SECRET not in answer.text
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "; HttpOnly" in cookie
    again = await (await elsewhere.browser()).post(f"{METHODS}/{name}/signin")
    other = dict(parse_qsl(urlsplit(again.json()["RedirectUrl"]).query))
    assert not {asked["state"], asked["code_challenge"]} & {other["state"], other["code_challenge"]}


@pytest.mark.parametrize("name", NAMES)
async def test_a_state_is_good_once_in_its_browser_by_its_way_and_in_time(
    elsewhere: Elsewhere, name: str
) -> None:
    """Whoever leads somebody else's browser to the end of his own visit signs nobody in, and links nothing (login CSRF)."""
    ann, bob = await elsewhere.linked(name), await elsewhere.portal.someone()
    for link, browser in ((False, await elsewhere.browser()), (True, bob.http)):
        location = await elsewhere.visit(browser, name, link=link)
        for stranger in (await elsewhere.browser(), ann.http):
            refusal(await stranger.get(location), STATE)
        other = NAMES[1 - NAMES.index(name)]
        refusal(await browser.get(location.replace(f"/{name.lower()}/", f"/{other.lower()}/")), STATE)
        url = httpx.URL(location)
        for state in ("", "x", url.params["state"][:-3] + "AAA", "A" * 20_000):
            refusal(await browser.get(url.copy_set_param("state", state)), STATE)
        elsewhere.portal.server.clock.advance(minutes=16)
        refusal(await browser.get(location), STATE)
    browser = await elsewhere.browser()
    location = await elsewhere.visit(browser, name)
    page_of(await browser.get(location), "/signed-in")
    refusal(await browser.get(location), STATE)


@pytest.mark.parametrize("name", NAMES)
async def test_a_code_for_a_token_is_good_once_in_its_browser_and_for_two_minutes(
    elsewhere: Elsewhere, name: str
) -> None:
    ann = await elsewhere.linked(name)
    browser = await elsewhere.browser()
    code = page_of(await elsewhere.end(browser, name), "/signed-in")["code"]
    for stranger in (await elsewhere.browser(), ann.http):
        assert (await elsewhere.token(stranger, code)).status_code == 400
    assert (await elsewhere.token(browser, "")).status_code == 400
    assert await who(elsewhere, await elsewhere.token(browser, code)) == ann.username
    answer = await elsewhere.token(browser, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    late = page_of(await elsewhere.end(browser, name), "/signed-in")["code"]
    elsewhere.portal.server.clock.advance(minutes=3)
    assert (await elsewhere.token(browser, late)).status_code == 400
    removed = page_of(await elsewhere.end(browser, name), "/signed-in")["code"]
    tokens = (await elsewhere.portal.sign_in(ann.username)).json()
    client = await elsewhere.portal.calls(tokens["access_token"])
    assert (await client.delete(f"{OWN}/{name}")).status_code == 204
    assert (await elsewhere.token(browser, removed)).status_code == 400


@pytest.mark.parametrize("name", NAMES)
async def test_an_identity_is_one_accounts_and_an_account_has_one_of_a_method(
    elsewhere: Elsewhere, name: str
) -> None:
    ann, bob = await elsewhere.linked(name), await elsewhere.portal.someone()
    page_of(await elsewhere.end(ann.http, name, link=True), "/account")
    refusal(
        await elsewhere.end(bob.http, name, link=True), "Another account of this server signs in by it", 409
    )
    assert (await bob.http.get(OWN)).json() == [{"Name": "Password"}]
    elsewhere.somebody(name)
    refusal(await elsewhere.end(ann.http, name, link=True), "linked with another one there", 409)
    assert len(await elsewhere.portal.mail(ann.email)) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_an_account_is_found_by_a_confirmed_address_alone(elsewhere: Elsewhere, name: str) -> None:
    """Confirmed by both: there, and here. It is linked then, and its owner is told."""
    ann, browser = await elsewhere.portal.someone(), await elsewhere.browser()
    elsewhere.somebody(name, ann.email.upper(), verified=False)
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)
    database = elsewhere.portal.server.database
    confirmed = 'UPDATE portal_accounts SET "Verified" = $2 WHERE key = $1'
    await database.execute(confirmed, ann.key, False)
    elsewhere.somebody(name, ann.email)
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)
    assert (await ann.http.get(OWN)).json() == [{"Name": "Password"}]
    await database.execute(confirmed, ann.key, True)
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == ann.username
    assert "is linked with" in (await elsewhere.portal.mail(ann.email))[0].subject
    # Another one with the same address is not let in beside it.
    elsewhere.somebody(name, ann.email)
    refusal(await elsewhere.end(browser, name), "linked with another one there", 409)


@pytest.mark.parametrize("name", NAMES)
async def test_whoever_is_unknown_signs_up_as_by_mail(elsewhere: Elsewhere, name: str) -> None:
    """With the code that would have been mailed, for the address that is vouched for; the account is linked from the beginning."""
    browser, email = await elsewhere.browser(), f"new.{name.lower()}@example.com"
    elsewhere.somebody(name, email)
    given = page_of(await elsewhere.end(browser, name), "/sign-up")
    assert given.keys() == {"email", "code"}
    body = {"Email": email, "Code": given["code"], "Username": f"new.{name}", "Password": PASSWORD}
    wrong = await browser.post(f"{ROOT}/verify", json=body | {"Email": f"x{email}"})
    assert codes(wrong) == ["Portal.InvalidCode"]
    assert (await browser.post(f"{ROOT}/verify", json=body)).status_code == 204
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == f"new.{name}"
    assert await who(elsewhere, await elsewhere.portal.sign_in(email)) == f"new.{name}"
    assert await elsewhere.portal.mail(email) == []


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_signs_up_where_it_is_closed(
    server: Server, places: tuple[GitHub, IdentityProvider], name: str
) -> None:
    async for elsewhere in registered(server, places, sign_up="closed"):
        elsewhere.somebody(name, f"closed.{name}@example.com")
        refusal(await elsewhere.end(await elsewhere.browser(), name), UNKNOWN, 403)
        ann = await elsewhere.portal.someone()
        elsewhere.somebody(name, ann.email)
        assert await who(elsewhere, await elsewhere.sign_in(await elsewhere.browser(), name)) == ann.username


async def test_port_3_one_way_remains_whichever(elsewhere: Elsewhere) -> None:
    """The password goes, too, where something else remains; a new one comes by the mailed code. All other sessions end."""
    ann = await elsewhere.linked("Google")
    other = await elsewhere.portal.calls(
        (await elsewhere.portal.sign_in(ann.username)).json()["access_token"]
    )
    assert (await ann.http.delete(f"{OWN}/Password")).status_code == 204
    assert (await other.get(f"{ROOT}/me")).status_code == 401
    assert (await ann.http.get(OWN)).json() == [{"Name": "Google"}]
    assert codes(await ann.http.delete(f"{OWN}/Google")) == ["Portal.LastAuthorizationMethod"]
    assert codes(await ann.http.delete(f"{OWN}/Password")) == ["NotFound"]
    assert (await elsewhere.portal.sign_in(ann.username)).status_code == 400
    assert await who(elsewhere, await elsewhere.sign_in(await elsewhere.browser(), "Google")) == ann.username
    await elsewhere.portal.http.post(f"{ROOT}/forgotpassword", json={"Email": ann.email})
    body = {"Email": ann.email, "Code": await elsewhere.portal.code(ann.email), "Password": PASSWORD}
    assert (await elsewhere.portal.http.post(f"{ROOT}/resetpassword", json=body)).status_code == 200
    assert await who(elsewhere, await elsewhere.portal.sign_in(ann.username)) == ann.username


async def test_what_the_server_does_not_offer_any_more_is_no_way_that_remains(
    elsewhere: Elsewhere, portal: Portal
) -> None:
    """Else an operator who takes a setting away would lock out whoever has no password."""
    ann = await elsewhere.linked("Google")
    answer = await portal.sign_in(ann.username)
    client = await portal.calls(answer.json()["access_token"])
    assert codes(await client.delete(f"{OWN}/Password")) == ["Portal.LastAuthorizationMethod"]
    assert (await client.delete(f"{OWN}/Google")).status_code == 204


async def test_of_two_who_remove_one_each_of_the_last_two_one_is_refused(elsewhere: Elsewhere) -> None:
    ann = await elsewhere.linked("Google")
    async with elsewhere.portal.server.database.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM portal_accounts WHERE key = $1 FOR UPDATE", ann.key)
        removals = [asyncio.create_task(ann.http.delete(f"{OWN}/{each}")) for each in ("Password", "Google")]
        await waiting(elsewhere.portal, 2)
    answers = await asyncio.gather(*removals)
    assert sorted(each.status_code for each in answers) == [204, 400]
    assert len((await ann.http.get(OWN)).json()) == 1


async def test_a_session_that_has_ended_links_nothing(elsewhere: Elsewhere) -> None:
    """Nor does an account that is gone."""
    ann = await elsewhere.portal.someone()
    elsewhere.somebody("Google")
    location = await elsewhere.visit(ann.http, "Google", link=True)
    await elsewhere.portal.http.post(f"{ROOT}/oauth/revoke", data={"token": ann.refresh_token})
    refusal(await ann.http.get(location), STATE)
    bob = await elsewhere.portal.someone()
    location = await elsewhere.visit(bob.http, "Google", link=True)
    await elsewhere.portal.server.database.execute("DELETE FROM portal_accounts WHERE key = $1", bob.key)
    refusal(await bob.http.get(location), STATE)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://accounts.google.com"},
        {"aud": "somebody else"},
        {"aud": ["entrepot", "somebody else"]},
        {"nonce": "n" * 43},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
async def test_a_token_of_another_issuer_for_another_client_or_login_is_nobodys(
    elsewhere: Elsewhere, claims: dict[str, Any]
) -> None:
    ann, browser = await elsewhere.portal.someone(), await elsewhere.browser()
    elsewhere.google.claims = {"email": ann.email, **claims}
    refusal(await elsewhere.end(browser, "Google"), REFUSED)
    refusal(await elsewhere.end(ann.http, "Google", link=True), REFUSED)
    assert (await ann.http.get(OWN)).json() == [{"Name": "Password"}]


@pytest.mark.parametrize("name", NAMES)
async def test_an_address_is_looked_for_as_accounts_have_it(elsewhere: Elsewhere, name: str) -> None:
    """Its domain in ASCII, as mail is sent there; letters that only look alike, or that the database takes for the same, are others."""
    ann, browser = await elsewhere.portal.someone(), await elsewhere.browser()
    address = 'UPDATE portal_accounts SET "Email" = $2 WHERE key = $1'
    local = f"mike.{name.lower()}"
    await elsewhere.portal.server.database.execute(address, ann.key, f"{local}@xn--bcher-kva.example")
    elsewhere.somebody(name, f"{local.replace('k', KELVIN)}@xn--bcher-kva.example")
    refusal(await elsewhere.end(browser, name), UNKNOWN, 403)
    assert (await ann.http.get(OWN)).json() == [{"Name": "Password"}]
    elsewhere.somebody(name, f"{local}@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example")
    assert await who(elsewhere, await elsewhere.sign_in(browser, name)) == ann.username


async def test_an_address_that_nothing_can_store_is_none(elsewhere: Elsewhere) -> None:
    elsewhere.somebody("Google", "nul\0@example.com")
    refusal(await elsewhere.end(await elsewhere.browser(), "Google"), UNKNOWN, 403)


async def test_a_token_that_no_key_of_the_provider_has_signed_is_nobodys(elsewhere: Elsewhere) -> None:
    elsewhere.google.published, elsewhere.google.key = elsewhere.google.key, new_key("one")
    refusal(await elsewhere.end(await elsewhere.browser(), "Google"), REFUSED)


async def test_the_code_of_another_provider_is_not_given_away(elsewhere: Elsewhere) -> None:
    """RFC 9207"""
    browser = await elsewhere.browser()
    location = await elsewhere.visit(browser, "Google")
    refusal(await browser.get(f"{location}&iss=https%3A%2F%2Felsewhere.example"), REFUSED)
    assert elsewhere.google.exchanges == []


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("/login/oauth/access_token", (200, {"error": "bad_verification_code"}), REFUSED),
        ("/login/oauth/access_token", (200, {"access_token": "a\r\nb: c"}), REFUSED),
        ("/login/oauth/access_token", (200, {"access_token": ""}), REFUSED),
        ("/login/oauth/access_token", (200, []), REFUSED),
        ("/login/oauth/access_token", (200, b"<html>"), UNREACHED),
        ("/login/oauth/access_token", (404, {}), REFUSED),
        ("/login/oauth/access_token", (503, {}), UNREACHED),
        ("/api/v3/user", (401, {}), REFUSED),
        ("/api/v3/user", (500, {}), UNREACHED),
        ("/api/v3/user", (200, {"id": "583231"}), UNREACHED),
        ("/api/v3/user", (200, {"id": True}), UNREACHED),
        ("/api/v3/user", (200, []), UNREACHED),
        ("/api/v3/user/emails", (500, {}), UNREACHED),
        ("/api/v3/user/emails", (200, {"email": 1}), UNKNOWN),
        (
            "/api/v3/user/emails",
            (200, [1, {"primary": True, "verified": "yes", "email": "x@example.com"}]),
            UNKNOWN,
        ),
        ("/api/v3/user/emails", (200, [{"primary": True, "verified": True, "email": "no address"}]), UNKNOWN),
    ],
)
async def test_whatever_github_says_is_told_on_a_page(
    elsewhere: Elsewhere, path: str, answer: tuple[int, Any], told: str
) -> None:
    elsewhere.somebody("Github")
    elsewhere.github.pages[path] = answer
    status = {REFUSED: 400, UNREACHED: 502, UNKNOWN: 403}[told]
    refusal(await elsewhere.end(await elsewhere.browser(), "Github"), told, status)


async def test_a_provider_that_is_away_or_slow(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await elsewhere.browser()
    monkeypatch.setattr("entrepot.features.people.elsewhere.asking.TIME_LIMIT", 0.0)
    for name in NAMES:
        refusal(await elsewhere.end(browser, name), UNREACHED, 502)


async def test_a_provider_that_does_not_describe_itself(
    server: Server, places: tuple[GitHub, IdentityProvider]
) -> None:
    for issuer in ("http://127.0.0.1:1", f"{places[1].url}/realms/b"):
        async for elsewhere in registered(server, places, portal_google_issuer=issuer):
            answer = await elsewhere.portal.http.post(f"{METHODS}/Google/signin")
            assert (answer.status_code, codes(answer)) == (502, ["Portal.ProviderUnreached"])


@pytest.mark.parametrize("name", NAMES)
async def test_who_does_not_agree_is_told_so(elsewhere: Elsewhere, name: str) -> None:
    """What an address says is text, and leads nowhere."""
    browser = await elsewhere.browser()
    for error, told in (
        ("access_denied", "refused the login. (access_denied)"),
        ("<script>", "refused the login."),
    ):
        url = httpx.URL(await elsewhere.visit(browser, name))
        answer = await browser.get(
            url.copy_remove_param("code").copy_merge_params(
                {"error": error, "redirect_uri": "https://evil.example", "next": "//evil.example"}
            )
        )
        refusal(answer, "The identity provider has refused the login.")
        assert told.split("(")[-1] in answer.text
        assert "<script" not in answer.text
        assert "evil" not in answer.text
        assert 'href="http://entrepot.test/#/account"' in answer.text


async def test_other_sites_cannot_begin_a_visit(elsewhere: Elsewhere) -> None:
    """It begins with a POST whose answer no other site reads, and no link does it."""
    for name in NAMES:
        assert (await elsewhere.portal.http.get(f"{METHODS}/{name}/signin")).status_code == 405
        headers = {"Origin": "https://evil.example"}
        answer = await elsewhere.portal.http.post(f"{METHODS}/{name}/signin", headers=headers)
        assert answer.headers.get("access-control-allow-credentials") is None


async def test_secrets_of_applications_are_in_no_settings_that_are_shown(elsewhere: Elsewhere) -> None:
    shown = repr(elsewhere.portal.server.settings)
    assert hub.SECRET not in shown
    assert idp.SECRET not in shown
