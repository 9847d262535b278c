"""Accounts of the portal: signing up and in, locks, forgotten passwords, what an account says of itself (PORT-1 to PORT-3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, Server, ShiftedClock, claims_of, codes, run_server
from tests.api.portal import CODE, ROOT, Portal, portal_of, waiting
from tests.api.test_catalog_plans import recorded

from entrepot.features.people.forgotten.requests import FLOOR
from entrepot.features.people.portal import cleanup, sessions

NEW = "An0ther-passw0rd"


async def test_port_3_an_address_becomes_an_account_by_its_code(portal: Portal) -> None:
    """From /register to /me. The code is good once, for its address alone."""
    email = "ann.new@example.com"
    assert (await portal.http.post(f"{ROOT}/register", json={"Email": email, "Recaptcha": {"Token": "x"}})).status_code == 204  # fmt: skip
    code = await portal.code(email)
    body = {"Email": email, "Code": code.lower(), "Username": "ann.new", "Name": "Ann", "Password": PASSWORD, "Country": "NO"}  # fmt: skip
    for change in ({"Code": "2222222222"}, {"Email": "other@example.com"}):
        refused = await portal.http.post(f"{ROOT}/verify", json=body | change)
        assert (refused.status_code, codes(refused)) == (400, ["Portal.InvalidCode"])
    weak = await portal.http.post(f"{ROOT}/verify", json=body | {"Password": "short"})
    assert codes(weak) == ["PasswordReset.InsecurePassword"]
    assert (await portal.http.post(f"{ROOT}/verify", json=body)).status_code == 204
    again = await portal.http.post(f"{ROOT}/verify", json=body | {"Username": "ann.again"})
    assert codes(again) == ["Portal.InvalidCode"]
    answer = await portal.sign_in("Ann.New")
    client = await portal.calls(answer.json()["access_token"])
    me = await client.get(f"{ROOT}/me")
    assert (await client.get("/api/v2/me")).json() == me.json()
    assert me.json() == {
        "Username": "ann.new",
        "Name": "Ann",
        "Email": email,
        "TermsAccepted": None,
        "Country": "NO",
        "Region": None,
        "SCAdmin": False,
        "Verified": True,
    }


async def test_mail_leads_to_the_page_of_the_console_that_takes_its_code(portal: Portal) -> None:
    """Address and code stand behind the `#`, which no browser sends; the host is the server's own, whoever asks through whatever name."""
    email = "led+there@example.com"
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    asked = await portal.http.post(f"{ROOT}/register", json={"Email": email}, headers=headers)
    assert asked.status_code == 204
    (mail,) = await portal.mail(email)
    code = await portal.code(email)
    base_url = portal.server.settings.base_url
    assert f"{base_url}/#/sign-up?email=led%2Bthere%40example.com&code={code}" in mail.text
    assert "evil" not in mail.text


async def test_nobody_learns_who_has_an_account_by_signing_up(portal: Portal) -> None:
    """The answer is the same; whoever reads the mail is told."""
    known = await portal.someone()
    answer = await portal.http.post(f"{ROOT}/register", json={"Email": known.email.upper()})
    assert (answer.status_code, answer.content) == (204, b"")
    (mail,) = await portal.mail(known.email)
    assert mail.subject == "You have an account already"


async def test_nobody_learns_who_has_an_account_by_the_time_it_takes(portal: Portal) -> None:
    """Where more is done of an address that nobody has, or of one that somebody has, no answer comes before the longer one could."""
    known, someone = await portal.someone(), await portal.someone()
    for email in (known.email, f"not-{known.email}"):
        begun = monotonic()
        assert (await portal.http.post(f"{ROOT}/register", json={"Email": email})).status_code == 204
        asked = monotonic()
        change = {"Email": email, "Password": PASSWORD}
        assert (await someone.http.put(f"{ROOT}/me/email", json=change)).status_code == 204
        assert min(asked - begun, monotonic() - asked) >= FLOOR


async def test_nobody_learns_who_has_an_account_by_a_code(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong one costs the same statements for an address that nobody has."""
    known = await portal.someone()
    body = {"Code": "2222222222", "Password": NEW}
    for path in ("resetpassword", "unlock"):
        sent: list[list[str]] = []
        for email in (known.email, f"not-{known.email}"):
            with recorded(monkeypatch) as seen:
                answer = await portal.http.post(f"{ROOT}/{path}", json=body | {"Email": email})
            assert codes(answer) == ["Portal.InvalidCode"]
            sent.append([query for query, _ in seen])
        assert sent[0] == sent[1]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"Email": "no address"}, "Email"),
        ({"Email": ""}, "Email"),
        ({}, "Email"),
        ({"Email": f"{'x' * 250}@example.com"}, "Email"),
        ({"Email": "a@b.com\r\nBcc: c@d.com"}, "Email"),
    ],
)
async def test_an_address_has_to_be_one(portal: Portal, body: dict[str, Any], named: str) -> None:
    answer = await portal.http.post(f"{ROOT}/register", json=body)
    assert (answer.status_code, answer.json()["Errors"][0]["Data"]["Property"]) == (400, named)


@pytest.mark.parametrize("username", ["has space", "a@b", "", "x" * 101, "-dash", "ünïcode", "a/b"])
async def test_a_username_is_one_segment_and_no_address(portal: Portal, username: str) -> None:
    someone = await portal.someone()
    answer = await someone.http.put(f"{ROOT}/me", json={"Username": username})
    assert (answer.status_code, answer.json()["Errors"][0]["Data"]["Property"]) == (400, "Username")


async def test_sign_up_can_be_closed(server: Server) -> None:
    """By the setting; a code from before opens nothing, either."""
    shut = replace(server.settings, sign_up="closed")
    async with run_server(shut, server.database, ShiftedClock()) as other, portal_of(other) as portal:
        for path in ("register", "verify"):
            answer = await portal.http.post(f"{ROOT}/{path}", json={"Email": "bob@example.com"})
            assert (answer.status_code, codes(answer)) == (403, ["Portal.SignUpClosed"])


async def test_port_1_tokens_of_the_portal(portal: Portal) -> None:
    """By username or address, for 20 minutes; the refresh token stays the same; signing out ends all of it at once."""
    someone = await portal.someone()
    answer = await portal.sign_in(someone.email)
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 1199)
    assert answer.headers["Cache-Control"] == "no-store"
    claims = claims_of(tokens["access_token"])
    assert claims["usr"] == someone.username
    assert claims["exp"] - claims["iat"] == 20 * 60
    assert claims["iss"] == claims["aud"] == portal.server.settings.base_url
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    portal.server.clock.advance(minutes=21)
    client = await portal.calls(tokens["access_token"])
    assert codes(await client.get(f"{ROOT}/me")) == ["InvalidToken"]
    renewed = (await portal.http.post(f"{ROOT}/oauth/token", data=form)).json()
    assert renewed["refresh_token"] == tokens["refresh_token"]
    client = await portal.calls(renewed["access_token"])
    assert (await client.get(f"{ROOT}/me")).status_code == 200
    revoked = await portal.http.post(f"{ROOT}/oauth/revoke", data={"token": tokens["refresh_token"]})
    assert revoked.status_code == 200
    assert codes(await client.get(f"{ROOT}/me")) == ["Auth.TokenRevoked"]
    refused = await portal.http.post(f"{ROOT}/oauth/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_port_1_the_token_endpoint_of_the_api_knows_the_portal(api: Api, portal: Portal) -> None:
    """Without a client. What the portal refuses is a request that lacks its client, as it was (E2)."""
    someone = await portal.someone()
    form = {"grant_type": "password", "username": someone.username, "password": PASSWORD}
    tokens = (await portal.http.post("/oauth/token", data=form)).json()
    assert claims_of(tokens["access_token"])["usr"] == someone.username
    renewing = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await portal.http.post("/oauth/token", data=renewing)).status_code == 200
    for other in (
        form | {"password": "wrong"},
        {"grant_type": "client_credentials"},
        form | {"username": ""},
    ):
        refused = await portal.http.post("/oauth/token", data=other)
        assert (refused.status_code, codes(refused)) == (400, ["InvalidGrant", "Auth.OauthError"])
    shopper = await api.shopper()
    assert (await api.login(shopper)).status_code == 200
    assert (await api.login(someone.username)).status_code == 400


async def test_port_2_refusals_have_the_contracts_shape(portal: Portal) -> None:
    wrong = await portal.sign_in("nobody", "wrong")
    assert wrong.json()["error"] == "invalid_grant"
    assert wrong.json()["error_description"]
    other = await portal.http.post(f"{ROOT}/oauth/token", data={"grant_type": "client_credentials"})
    assert other.json()["error"] == "unsupported_grant_type"
    missing = await portal.http.get(f"{ROOT}/me")
    assert missing.status_code == 401
    assert missing.json()["Errors"][0].keys() == {"ErrorCode", "Message", "Data"}
    nowhere = await portal.http.get(f"{ROOT}/nothing")
    assert (nowhere.status_code, codes(nowhere)) == (404, ["NotFound"])


@pytest.mark.parametrize("known", [True, False])
async def test_wrong_passwords_lock_names_known_or_not(portal: Portal, known: bool) -> None:
    """AUTH-62: ten in a row, for two minutes, whatever is sent; an account's owner gets a code that ends it."""
    someone = await portal.someone()
    name = someone.username if known else f"not-{someone.username}"
    answers = await asyncio.gather(*(portal.sign_in(name, "wrong") for _ in range(12)))
    refusals = [codes(answer)[-1] for answer in answers]
    assert refusals.count("Auth.InvalidUsernameOrPassword") == 10
    assert refusals.count("Auth.LockedOut") == 2
    assert codes(await portal.sign_in(name)) == ["Auth.LockedOut"]
    if known:
        body = {"Email": someone.email, "Code": await portal.code(someone.email)}
        assert codes(await portal.http.post(f"{ROOT}/unlock", json=body | {"Code": "A" * 10})) == ["Portal.InvalidCode"]  # fmt: skip
        assert (await portal.http.post(f"{ROOT}/unlock", json=body)).status_code == 204
        assert (await portal.sign_in(name)).status_code == 200
    else:
        portal.server.clock.advance(minutes=2)
        assert codes(await portal.sign_in(name))[-1] == "Auth.InvalidUsernameOrPassword"


async def test_a_right_password_forgets_the_wrong_ones(portal: Portal) -> None:
    someone = await portal.someone()
    for _ in range(3):
        for _ in range(9):
            await portal.sign_in(someone.username, "wrong")
        assert (await portal.sign_in(someone.username)).status_code == 200


async def test_a_forgotten_password_is_set_anew(portal: Portal) -> None:
    """It ends the sessions, and a lock. Who asks for an address that nobody has hears the same."""
    someone = await portal.someone()
    unknown = f"not-{someone.email}"
    for email in (someone.email, unknown):
        answer = await portal.http.post(f"{ROOT}/forgotpassword", json={"Email": email})
        assert (answer.status_code, answer.content) == (204, b"")
    assert await portal.mail(unknown) == []
    body = {"Email": someone.email, "Code": await portal.code(someone.email), "Password": NEW}
    weak = await portal.http.post(f"{ROOT}/resetpassword", json=body | {"Password": "weak"})
    assert codes(weak) == ["PasswordReset.InsecurePassword"]
    for _ in range(11):
        await portal.sign_in(someone.username, "wrong")
    answer = await portal.http.post(f"{ROOT}/resetpassword", json=body)
    assert (answer.status_code, answer.json()["Username"]) == (200, someone.username)
    assert codes(await someone.http.get(f"{ROOT}/me")) == ["Auth.TokenRevoked"]
    assert (await portal.sign_in(someone.username, NEW)).status_code == 200
    assert codes(await portal.http.post(f"{ROOT}/resetpassword", json=body)) == ["Portal.InvalidCode"]


async def test_codes_end_after_half_an_hour(portal: Portal) -> None:
    someone = await portal.someone()
    await portal.http.post(f"{ROOT}/forgotpassword", json={"Email": someone.email})
    body = {"Email": someone.email, "Code": await portal.code(someone.email), "Password": NEW}
    portal.server.clock.advance(minutes=30)
    assert codes(await portal.http.post(f"{ROOT}/resetpassword", json=body)) == ["Portal.InvalidCode"]


async def test_the_codes_of_one_account_are_nothing_to_another(portal: Portal) -> None:
    ann, bob = await portal.someone(), await portal.someone()
    assert (await ann.http.post(f"{ROOT}/me/verifyemail", json={})).status_code == 204
    code = await portal.code(ann.email)
    assert codes(await bob.http.post(f"{ROOT}/confirmation", json={"Code": code})) == ["Portal.InvalidCode"]
    assert (await ann.http.post(f"{ROOT}/confirmation", json={"Code": code})).status_code == 204


async def test_an_account_changes_what_it_says_of_itself(portal: Portal) -> None:
    """The address by its code alone; terms are accepted once; usernames are one in any case."""
    ann, bob = await portal.someone(), await portal.someone()
    taken = await ann.http.put(f"{ROOT}/me", json={"Username": bob.username.upper(), "Email": ann.email})
    assert (taken.status_code, codes(taken)) == (409, ["User.UsernameMustBeUnique"])
    body = {"Username": f"{ann.username}.2", "Name": "A", "Email": "else@example.com", "Country": "US", "SCAdmin": True}  # fmt: skip
    changed = (await ann.http.put(f"{ROOT}/me", json=body)).json()
    assert (changed["Username"], changed["Email"], changed["SCAdmin"]) == (body["Username"], ann.email, False)
    assert (await ann.http.post(f"{ROOT}/me/accept")).status_code == 204
    accepted = (await ann.http.get(f"{ROOT}/me")).json()["TermsAccepted"]
    portal.server.clock.advance(minutes=1)
    await ann.http.post(f"{ROOT}/me/accept")
    assert (await ann.http.get(f"{ROOT}/me")).json()["TermsAccepted"] == accepted


async def test_an_address_changes_once_its_code_comes_back(portal: Portal) -> None:
    """An address that somebody has gets no code, and nobody is told."""
    ann, bob = await portal.someone(), await portal.someone()
    new = f"new-{ann.email}"
    wrong = await ann.http.put(f"{ROOT}/me/email", json={"Email": new, "Password": "wrong"})
    assert (wrong.status_code, codes(wrong)) == (400, ["Portal.WrongPassword"])
    assert (await ann.http.put(f"{ROOT}/me/email", json={"Email": bob.email, "Password": PASSWORD})).status_code == 204  # fmt: skip
    assert await portal.mail(bob.email) == []
    assert (await ann.http.put(f"{ROOT}/me/email", json={"Email": new, "Password": PASSWORD})).status_code == 204  # fmt: skip
    assert (await ann.http.get(f"{ROOT}/me")).json()["Email"] == ann.email
    assert (await ann.http.post(f"{ROOT}/confirmation", json={"Code": await portal.code(new)})).status_code == 204  # fmt: skip
    assert (await ann.http.get(f"{ROOT}/me")).json()["Email"] == new
    assert (await portal.sign_in(new)).status_code == 200
    # Whoever reads the former address learns of it, and of no code.
    (told,) = await portal.mail(ann.email)
    assert told.subject == "Your account has another address"
    assert CODE.search(told.text) is None


async def test_a_new_password_ends_the_other_sessions(portal: Portal) -> None:
    ann = await portal.someone()
    kept, ended = [(await portal.sign_in(ann.username)).json() for _ in range(2)]
    body = {"NewPassword": NEW, "CurrentPassword": "wrong", "RefreshToken": kept["refresh_token"]}
    assert codes(await ann.http.put(f"{ROOT}/me/password", json=body)) == ["Portal.WrongPassword"]
    answer = await ann.http.put(f"{ROOT}/me/password", json=body | {"CurrentPassword": PASSWORD})
    assert (answer.status_code, answer.json()["Username"]) == (200, ann.username)
    for token, status in ((kept, 200), (ended, 401)):
        client = await portal.calls(token["access_token"])
        assert (await client.get(f"{ROOT}/me")).status_code == status
    assert (await ann.http.get(f"{ROOT}/me")).status_code == 200
    assert codes(await portal.sign_in(ann.username))[-1] == "Auth.InvalidUsernameOrPassword"


async def test_port_3_one_way_to_sign_in_remains(portal: Portal) -> None:
    ann = await portal.someone()
    methods = f"{ROOT}/me/authorizationmethods"
    assert (await ann.http.get(methods)).json() == [{"Name": "Password"}]
    assert codes(await ann.http.delete(f"{methods}/password")) == ["Portal.LastAuthorizationMethod"]
    assert codes(await ann.http.delete(f"{methods}/Github")) == ["NotFound"]
    assert codes(await ann.http.post(f"{methods}/Google/link")) == ["Portal.AuthorizationMethodUnavailable"]
    assert codes(await ann.http.post(f"{methods}/Elsewhere/link")) == ["NotFound"]


async def test_sessions_of_one_account_are_bounded(portal: Portal) -> None:
    """The oldest end."""
    ann = await portal.someone()
    async with portal.server.database.acquire() as connection:
        for _ in range(sessions.MOST):
            await sessions.start(connection, ann.key, ann.username, portal.server.clock())
    assert (await ann.http.get(f"{ROOT}/me")).status_code == 401
    count = "SELECT count(*) FROM portal_sessions WHERE account_key = $1"
    assert await portal.server.database.fetchval(count, ann.key) == sessions.MOST


async def test_what_has_ended_is_removed(portal: Portal) -> None:
    """And nothing else."""
    ann = await portal.someone()
    await portal.http.post(f"{ROOT}/forgotpassword", json={"Email": ann.email})
    await portal.sign_in(ann.username, "wrong")
    clock = portal.server.clock
    await cleanup.delete_ended(portal.server.database, clock, sessions.LIFETIME)
    assert (await ann.http.get(f"{ROOT}/me")).status_code == 200
    assert len(await portal.mail(ann.email)) == 1
    clock.advance(days=15)
    await cleanup.delete_ended(portal.server.database, clock, sessions.LIFETIME)
    assert await portal.mail(ann.email) == []
    assert (await ann.http.get(f"{ROOT}/me")).status_code == 401
    # So long after that what other tests have left has ended, too, whatever day it was there.
    clock.advance(days=4000)
    await cleanup.delete_ended(portal.server.database, clock, sessions.LIFETIME)
    for table in ("portal_sessions", "portal_codes", "portal_refusals", "portal_messages"):
        assert await portal.server.database.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_nothing_readable_stands_in_the_database(portal: Portal) -> None:
    """Passwords, refresh tokens and codes, wherever they are kept."""
    ann = await portal.someone()
    await portal.http.post(f"{ROOT}/forgotpassword", json={"Email": ann.email})
    code = await portal.code(ann.email)
    for table in ("portal_accounts", "portal_sessions", "portal_codes", "portal_messages", "portal_refusals"):
        stored = await portal.server.database.fetchval(f"SELECT string_agg(to_jsonb(t)::text, '') FROM {table} t") or ""  # fmt: skip
        for secret in (PASSWORD, ann.refresh_token, code):
            assert secret not in stored
            assert secret.encode().hex() not in stored


async def test_no_session_begins_by_a_password_that_has_just_been_changed(portal: Portal) -> None:
    """A sign-in whose hash was right, and which has to wait while the password changes, is refused: nobody would end its session."""
    someone, database = await portal.someone(), portal.server.database
    async with database.unit(None) as connection:
        await connection.execute("LOCK TABLE portal_refusals IN SHARE MODE")
        signing_in = asyncio.create_task(portal.sign_in(someone.username))
        await waiting(portal, 1)
        change = {"CurrentPassword": PASSWORD, "NewPassword": NEW}
        assert (await someone.http.put(f"{ROOT}/me/password", json=change)).status_code == 200
    refused = await signing_in
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    kept = "SELECT count(*) FROM portal_sessions WHERE account_key = $1"
    assert await database.fetchval(kept, someone.key) == 1
    assert (await portal.sign_in(someone.username, NEW)).status_code == 200
