"""Forgotten credentials (AUTH-64 to AUTH-68): nobody here has a token."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.api import outbox
from tests.api.marketplace import PASSWORD, Api, User, codes, run_server

from entrepot.kernel.ids import new_guid

NEW = "Brand-new-passw0rd"
RESET, ONE_TIME, RETRIEVE = "/v1/password/reset", "/v1/password/onetimepassword", "/v1/username/retrieve"


async def messages(api: Api, message_type: str) -> list[dict[str, Any]]:
    """The bodies of the messages of a type, oldest first."""
    return [each.body for each in await outbox.messages(api, message_type)]


async def ask_code(api: Api, **body: Any) -> dict[str, Any]:
    """Ask for a verification code; the newest message."""
    sent = await api.http.post(RESET, json={"ClientID": api.client_id, **body})
    assert (sent.status_code, sent.content) == (204, b""), sent.text
    return (await messages(api, "ForgottenPassword"))[-1]


async def use_code(api: Api, code: str, user: User, password: str = NEW, **more: Any) -> Any:
    body = {"ClientID": api.client_id, "Username": user.username, "Password": password, **more}
    return await api.http.put(f"{RESET}/{code}", json=body)


async def ask_one_time_password(api: Api, **body: Any) -> dict[str, Any]:
    sent = await api.http.post(ONE_TIME, json={"ClientID": api.client_id, **body})
    assert (sent.status_code, sent.content) == (204, b""), sent.text
    return (await messages(api, "OneTimePassword"))[-1]


async def with_email(api: Api, email: str, *users: User) -> None:
    for user in users:
        await api.execute(
            'UPDATE users SET "Email" = $3 WHERE marketplace_id = $1 AND key = $2', user.key, email
        )


@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller"])
async def test_reset_by_code(api: Api, kind: str) -> None:
    """AUTH-64, AUTH-66: the body of the message, and the walk with its code; names match in any case."""
    company = {
        "buyer": {"buyer": await api.buyer()},
        "supplier": {"supplier": await api.supplier()},
        "seller": {},
    }[kind]
    user = await api.user(**company, password=PASSWORD)
    message = await ask_code(api, Username=user.username.upper(), URL="https://shop.example/renew")
    code = message.pop("PasswordRenewalVerificationCode")
    assert message.pop("PasswordRenewalAccessToken")
    assert message == {"Username": user.username, "PasswordRenewalUrl": "https://shop.example/renew"}
    (sent,) = await outbox.messages(api)
    assert sent.recipient == f"{user.id}@example.com"
    changed = await use_code(api, code, user)
    assert (changed.status_code, changed.content) == (204, b""), changed.text
    assert (await api.login(user)).status_code == 400
    assert (await api.login(user, NEW)).status_code == 200


async def test_renewal_token_opens_the_password_alone(api: Api) -> None:
    """AUTH-64, security 9: a real token whose only role is PasswordReset, good for one new password and for nothing else."""
    user = await api.user(password=PASSWORD)
    message = await ask_code(api, Username=user.username)
    caller = api.with_token(message["PasswordRenewalAccessToken"])
    for refused in (
        await caller.get("/v1/me"),
        await caller.get("/v1/me/usergroups"),
        await caller.get("/oauth/userinfo"),
        await caller.delete("/v1/me/tokens"),
        await caller.patch("/v1/me", json={}),
    ):
        assert refused.status_code == 403
    weak = await caller.post("/v1/me/password", json={"NewPassword": "short"})
    assert codes(weak) == ["PasswordReset.InsecurePassword"]
    assert (await caller.post("/v1/me/password", json={"NewPassword": NEW})).status_code == 204
    assert (await api.login(user, NEW)).status_code == 200
    again = await caller.post("/v1/me/password", json={"NewPassword": f"{NEW}-2"})
    assert (again.status_code, codes(again)) == (401, ["InvalidToken"])
    used = await use_code(api, message["PasswordRenewalVerificationCode"], user)
    assert codes(used) == ["PasswordReset.InvalidVerification"]
    assert (await api.login(user, NEW)).status_code == 200


@pytest.mark.parametrize("lock", ["timed", "for ever"])
async def test_renewal_token_does_not_pass_a_lock(api: Api, lock: str) -> None:
    """Security 9: as little as its code does; once the lock has gone it is good."""
    user = await api.user(password=PASSWORD)
    message = await ask_code(api, Username=user.username)
    caller = api.with_token(message["PasswordRenewalAccessToken"])
    await api.execute(
        "UPDATE users SET locked_until = $3, locked_indefinitely = $4 WHERE marketplace_id = $1 AND key = $2",
        user.key,
        api.server.clock() + timedelta(minutes=2) if lock == "timed" else None,
        lock == "for ever",
    )
    refused = await caller.post("/v1/me/password", json={"NewPassword": NEW})
    assert (refused.status_code, codes(refused)) == (400, ["PasswordReset.LockedOut"])
    assert (await api.seller.post(f"/v1/adminusers/{user.id}/unlock")).status_code == 204
    assert (await caller.post("/v1/me/password", json={"NewPassword": NEW})).status_code == 204


ENDINGS = ("code", "expired", "replaced", "administrator", "owner", "own record", "first password")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller"])
async def test_any_new_password_ends_codes_and_their_tokens(api: Api, kind: str, ending: str) -> None:
    """Security 9: by whomever it is set; so does whatever else ends the code."""
    company = {"buyer": {"buyer": await api.buyer()}, "supplier": {"supplier": await api.supplier()}}.get(
        kind, {}
    )
    user = await api.user(**company, password=None if ending == "first password" else PASSWORD)
    message = await ask_code(api, Username=user.username)
    code, token = message["PasswordRenewalVerificationCode"], message["PasswordRenewalAccessToken"]
    one_time = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    own = api.as_(user, ["PasswordReset", "MeAdmin"])
    where = {"buyer": f"/v1/buyers/{user.company}/users", "supplier": f"/v1/suppliers/{user.company}/users"}
    url = f"{where.get(kind, '/v1/adminusers')}/{user.id}"
    match ending:
        case "code":
            assert (await use_code(api, code, user)).status_code == 204
        case "expired":
            api.server.clock.advance(minutes=121)
        case "replaced":
            await ask_code(api, Username=user.username)
        case "administrator" | "first password":
            changed = await api.seller.patch(url, json={"Password": NEW})
            assert changed.status_code == 200, changed.text
        case "owner":
            assert (await own.post("/v1/me/password", json={"NewPassword": NEW})).status_code == 204
        case "own record":
            assert (await own.patch("/v1/me", json={"Password": NEW})).status_code == 200
    used = await use_code(api, code, user, f"{NEW}-2")
    assert (used.status_code, codes(used)) == (400, ["PasswordReset.InvalidVerification"])
    renewed = await api.with_token(token).post("/v1/me/password", json={"NewPassword": f"{NEW}-2"})
    assert (renewed.status_code, codes(renewed)) == (401, ["InvalidToken"])
    if ending != "replaced":
        assert (await api.login(user, one_time)).status_code == 400


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("way", ["administrator", "owner", "own record", "code", "token"])
async def test_sessions_may_end_with_the_password(api: Api, way: str, ends: bool) -> None:
    """AUTH-69, security 22: as the original's they go on, unless ENTREPOT_END_SESSIONS_ON_PASSWORD_CHANGE says otherwise."""
    user = await api.user(password=PASSWORD, roles=["MeAdmin", "PasswordReset"])
    session = (await api.login(user)).json()
    message = await ask_code(api, Username=user.username)
    settings = replace(api.server.settings, end_sessions_on_password_change=ends)
    async with run_server(settings, api.server.database, api.server.clock) as server:
        own, http = server.client(session["access_token"]), server.client()
        admin = server.client(api.token(api.admin, ["FullAccess"]))
        assert (await own.get("/v1/me")).status_code == 200
        body = {"ClientID": api.client_id, "Username": user.username, "Password": NEW}
        code = message["PasswordRenewalVerificationCode"]
        renewing = server.client(message["PasswordRenewalAccessToken"])
        changed = await {
            "administrator": lambda: admin.patch(f"/v1/adminusers/{user.id}", json={"Password": NEW}),
            "owner": lambda: own.post("/v1/me/password", json={"NewPassword": NEW}),
            "own record": lambda: own.patch("/v1/me", json={"Password": NEW}),
            "code": lambda: http.put(f"{RESET}/{code}", json=body),
            "token": lambda: renewing.post("/v1/me/password", json={"NewPassword": NEW}),
        }[way]()
        assert changed.is_success, changed.text
        after = await own.get("/v1/me")
        form = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
        refreshed = await http.post("/oauth/token", data={"client_id": api.client_id, **form})
        assert (after.status_code, refreshed.status_code) == ((401, 400) if ends else (200, 200))
        form = {"grant_type": "password", "username": user.username, "password": NEW}
        assert (await http.post("/oauth/token", data={"client_id": api.client_id, **form})).status_code == 200
        for client in (own, http, admin, renewing):
            await client.aclose()


async def test_secrets_are_stored_as_digests(api: Api) -> None:
    """AUTH-65, AUTH-68: neither code nor one-time password stands in user_codes."""
    user = await api.user()
    code = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    password = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    rows = await api.rows("SELECT kind, code_hash FROM user_codes WHERE marketplace_id = $1 ORDER BY kind")
    assert [row["kind"] for row in rows] == ["one_time_password", "reset"]
    for row in rows:
        assert len(row["code_hash"]) == 32
        assert code.encode() not in row["code_hash"]
        assert password.encode() not in row["code_hash"]


async def test_code_works_once_for_two_hours_until_the_next(api: Api) -> None:
    """AUTH-65."""
    user = await api.user(password=PASSWORD)
    first = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    second = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    assert codes(await use_code(api, first, user)) == ["PasswordReset.InvalidVerification"]
    assert (await use_code(api, second, user)).status_code == 204
    assert codes(await use_code(api, second, user)) == ["PasswordReset.InvalidVerification"]
    third = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    api.server.clock.advance(minutes=119)
    assert codes(await use_code(api, third, user, "weak")) == ["PasswordReset.InsecurePassword"]
    api.server.clock.advance(minutes=1)
    assert codes(await use_code(api, third, user)) == ["PasswordReset.InvalidVerification"]
    assert (await api.login(user, NEW)).status_code == 200


async def test_code_is_bound_to_user_and_client(api: Api, other: Api) -> None:
    """AUTH-66: another username, another client or another marketplace is a wrong code."""
    user, stranger = await api.user(), await api.user()
    another = await api.api_client(allow_seller=True)
    code = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    for refused in (
        await use_code(api, code, stranger),
        await use_code(api, code, user, ClientID=another),
        await use_code(api, code, user, ClientID=other.client_id),
        await use_code(api, "x" * 43, user),
        await use_code(api, code, user, Username="nobody"),
    ):
        assert (refused.status_code, codes(refused)) == (400, ["PasswordReset.InvalidVerification"])
    assert (await use_code(api, code, user)).status_code == 204


async def test_refused_passwords_leave_the_code(api: Api) -> None:
    """AUTH-66: strength, reuse and minimum age, each with its code; then a good one works."""
    user = await api.user(password=PASSWORD)
    profile = {"Name": "p", "PasswordConfig": {"LimitPasswordReuse": 1, "MinimumPasswordAge": 10}}
    made = (await api.seller.post("/v1/securityprofiles", json=profile)).json()
    assigned = {"SecurityProfileID": made["ID"], "UserID": user.id}
    assert (await api.seller.post("/v1/securityprofiles/assignments", json=assigned)).status_code == 204
    code = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    assert codes(await use_code(api, code, user)) == ["PasswordReset.TooSoonToChange"]
    api.server.clock.advance(minutes=10)
    weak = await use_code(api, code, user, "weak")
    assert (weak.status_code, codes(weak)) == (400, ["PasswordReset.InsecurePassword"])
    assert weak.json()["Errors"][0]["Data"]["MinimumCharacterCount"] == 10
    missing = await api.http.put(
        f"{RESET}/{code}", json={"ClientID": api.client_id, "Username": user.username}
    )
    assert codes(missing) == ["PasswordReset.InsecurePassword"]
    assert codes(await use_code(api, code, user, PASSWORD)) == ["PasswordReset.CannotReusePassword"]
    assert (await use_code(api, code, user)).status_code == 204


async def test_locked_account_is_not_reset(api: Api) -> None:
    """AUTH-66: told only to whoever has the code."""
    user = await api.user(password=PASSWORD)
    code = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    for _ in range(10):
        await api.login(user, "wrong")
    assert codes(await use_code(api, "x" * 43, user)) == ["PasswordReset.InvalidVerification"]
    assert codes(await use_code(api, code, user)) == ["PasswordReset.LockedOut"]
    api.server.clock.advance(minutes=2)
    assert (await use_code(api, code, user)).status_code == 204


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("POST", RESET, {"Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("POST", RESET, {"ClientID": None, "Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("POST", RESET, {"ClientID": "no guid", "Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("POST", RESET, {"ClientID": "unknown", "Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("POST", RESET, {"ClientID": "known"}, 400, "PasswordReset.MissingUsernameOrEmail"),
        ("POST", RESET, {"ClientID": "known", "Username": "", "Email": None}, 400, "PasswordReset.MissingUsernameOrEmail"),
        ("POST", RESET, [], 400, "Request.InvalidRequestBody"),
        ("POST", RESET, {"ClientID": "known", "Username": {}}, 400, "ValidationFailure"),
        ("PUT", f"{RESET}/c", {"Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("PUT", f"{RESET}/c", {"ClientID": "unknown", "Username": "u"}, 400, "PasswordReset.MissingOrInvalidClientID"),
        ("PUT", f"{RESET}/c", {"ClientID": "known"}, 400, "PasswordReset.MissingUsername"),
        ("PUT", f"{RESET}/c", {"ClientID": "known", "Username": " "}, 400, "PasswordReset.MissingUsername"),
        ("POST", ONE_TIME, {"ClientID": "known"}, 400, "OneTimePasswordRequest.UsernameOrEmailRequired"),
        ("POST", ONE_TIME, {"Username": "u"}, 400, "ValidationFailure"),
        ("POST", ONE_TIME, {"ClientID": "unknown", "Username": "u"}, 404, "NotFound"),
        ("POST", RETRIEVE, None, 400, "Auth.ClientIDAndEmailRequired"),
        ("POST", f"{RETRIEVE}?clientID=x", None, 400, "Auth.ClientIDAndEmailRequired"),
        ("POST", f"{RETRIEVE}?email=x&clientID=", None, 400, "Auth.ClientIDAndEmailRequired"),
    ],
)  # fmt: skip
async def test_malformed_requests(api: Api, verb: str, path: str, body: Any, status: int, code: str) -> None:
    """AUTH-64, AUTH-66, AUTH-67, AUTH-68."""
    if isinstance(body, dict) and "ClientID" in body:
        known = {"known": api.client_id, "unknown": new_guid()}
        body = {**body, "ClientID": known.get(body["ClientID"], body["ClientID"])}
    refused = await api.http.request(verb, path, json=body)
    assert (refused.status_code, codes(refused)) == (status, [code])


async def test_whoever_must_not_hear_gets_the_same_answer(api: Api) -> None:
    """AUTH-64, AUTH-67, AUTH-68: no such user, inactive, of an inactive company, of a kind that the client does not
    admit, name and address of two users: the answer of a match, and nothing is sent.
    """
    buyer = await api.buyer()
    active, inactive = await api.user(buyer=buyer), await api.user(buyer=buyer)
    await api.seller.patch(f"/v1/buyers/{buyer}/users/{inactive.id}", json={"Active": False})
    closed = await api.user(buyer=await api.buyer(active=False))
    buyers_only = await api.api_client(allow_any_buyer=True)
    assigned_only = await api.api_client()
    cases = [
        (api.client_id, {"Username": "nobody", "Email": "nobody@example.com"}),
        (api.client_id, {"Username": inactive.username, "Email": f"{inactive.id}@example.com"}),
        (api.client_id, {"Username": closed.username, "Email": f"{closed.id}@example.com"}),
        (buyers_only, {"Username": "admin", "Email": "admin@example.com"}),
        (assigned_only, {"Username": active.username, "Email": f"{active.id}@example.com"}),
    ]
    answers = []
    for client, named in cases:
        for property_name in ("Username", "Email"):
            body = {"ClientID": client, property_name: named[property_name]}
            answers += [await api.http.post(RESET, json=body), await api.http.post(ONE_TIME, json=body)]
        answers.append(await api.http.post(RETRIEVE, params={"clientID": client, "email": named["Email"]}))
    for path in (RESET, ONE_TIME):
        mixed = {
            "ClientID": api.client_id,
            "Username": active.username,
            "Email": f"{inactive.id}@example.com",
        }
        answers.append(await api.http.post(path, json=mixed))
    for answer in answers:
        expected = 200 if answer.request.url.path == RETRIEVE else 204
        assert (answer.status_code, answer.content) == (expected, b"")
    assert await outbox.messages(api) == []
    assert await api.value("SELECT count(*) FROM user_codes WHERE marketplace_id = $1") == 0

    body = {"ApiClientID": assigned_only, "BuyerID": buyer}
    assert (await api.seller.post("/v1/apiclients/assignments", json=body)).status_code == 204
    await api.http.post(RESET, json={"ClientID": assigned_only, "Username": active.username})
    assert len(await messages(api, "ForgottenPassword")) == 1


async def test_one_message_for_each_username(api: Api, other: Api) -> None:
    """AUTH-64, AUTH-67, AUTH-68: an address may have several usernames, each with a secret of its own."""
    users = [await api.user(buyer=await api.buyer()), await api.user(), await api.user()]
    foreign = await other.user()
    await with_email(api, "Shared@Example.com", *users[:2])
    await with_email(other, "shared@example.com", foreign)
    expected = sorted(user.username for user in users[:2])
    body = {"ClientID": api.client_id.lower(), "Email": "shared@example.COM"}
    await api.http.post(RESET, json=body)
    await api.http.post(ONE_TIME, json=body)
    retrieved = await api.http.post(RETRIEVE, params={"clientID": api.client_id, "email": body["Email"]})
    assert (retrieved.status_code, retrieved.content) == (200, b"")
    for message_type, secret in (
        ("ForgottenPassword", "PasswordRenewalVerificationCode"),
        ("OneTimePassword", "OneTimePassword"),
    ):
        found = await messages(api, message_type)
        assert sorted(message["Username"] for message in found) == expected
        assert len({message[secret] for message in found}) == 2
    usernames = await messages(api, "ForgottenUsername")
    assert sorted(usernames, key=str) == [{"Username": name} for name in expected]
    assert await outbox.messages(other) == []
    both = {**body, "Username": users[0].username}
    assert (await ask_one_time_password(api, **both))["Username"] == users[0].username
    assert len(await messages(api, "OneTimePassword")) == 3


async def test_inactive_client(api: Api) -> None:
    """E3: nobody logs in there, so nothing is renewed there."""
    user = await api.user()
    client = await api.api_client(allow_seller=True)
    await api.execute(
        'UPDATE api_clients SET "Active" = false WHERE marketplace_id = $1 AND "ID" = $2::text::citext',
        client,
    )
    body = {"ClientID": client, "Username": user.username}
    assert codes(await api.http.post(RESET, json=body)) == ["PasswordReset.MissingOrInvalidClientID"]
    assert codes(await use_code(api, "x", user, ClientID=client)) == [
        "PasswordReset.MissingOrInvalidClientID"
    ]
    assert (await api.http.post(ONE_TIME, json=body)).status_code == 404
    silent = await api.http.post(RETRIEVE, params={"clientID": client, "email": f"{user.id}@example.com"})
    assert silent.status_code == 200
    assert await outbox.messages(api) == []


async def test_one_time_password(api: Api) -> None:
    """AUTH-68: ten minutes, one login; the normal password stays; a new one replaces it."""
    user = await api.user(password=PASSWORD)
    message = await ask_one_time_password(api, Username=user.username)
    assert {**message, "OneTimePassword": ""} == {
        "Username": user.username,
        "ClientID": api.client_id,
        "OneTimePassword": "",
    }
    newer = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    assert (await api.login(user, message["OneTimePassword"])).status_code == 400
    assert (await api.login(user, newer)).status_code == 200
    assert (await api.login(user, newer)).status_code == 400
    late = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    api.server.clock.advance(minutes=10)
    assert (await api.login(user, late)).status_code == 400
    assert (await api.login(user)).status_code == 200


@pytest.mark.parametrize("moment", ["2099-01-01", "2001-01-01"])
async def test_codes_go_by_the_servers_clock(api: Api, moment: str) -> None:
    """Whatever time it is in the marketplace, and though all that has ended by the server's is removed."""
    user = await api.user(password=PASSWORD)
    clock = {"Mode": "Frozen", "Moment": moment}
    assert (await api.seller.put("/entrepot/v1/clock", json=clock)).status_code == 200
    one_time = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    assert (await api.login(user, one_time)).status_code == 200
    code = await ask_code(api, Username=user.username)
    changed = await use_code(api, code["PasswordRenewalVerificationCode"], user)
    assert changed.status_code == 204, changed.text
    set_at = 'SELECT "PasswordLastSetDate" FROM users WHERE marketplace_id = $1 AND key = $2'
    assert (moment == "2099-01-01") is ((await api.value(set_at, user.key)).year == 2099)
    token = (await ask_code(api, Username=user.username))["PasswordRenewalAccessToken"]
    renewed = await api.with_token(token).post("/v1/me/password", json={"NewPassword": f"{NEW}-2"})
    assert renewed.status_code == 204, renewed.text
    late = await ask_code(api, Username=user.username)
    api.server.clock.advance(hours=2)
    refused = await use_code(api, late["PasswordRenewalVerificationCode"], user)
    assert codes(refused) == ["PasswordReset.InvalidVerification"]


async def test_one_time_password_is_bound_to_its_client(api: Api) -> None:
    """AUTH-68."""
    user = await api.user()
    another = await api.api_client(allow_seller=True)
    password = (await ask_one_time_password(api, Username=user.username))["OneTimePassword"]
    assert (await api.login(user, password, client_id=another)).status_code == 400
    assert (await api.login(user, password)).status_code == 200


async def test_a_bad_token_is_no_matter(api: Api) -> None:
    """AUTH-27: none is needed, so a bare `Bearer ` or a bad one is not looked at."""
    user = await api.user()
    body = {"ClientID": api.client_id, "Username": user.username}
    for header in ("Bearer ", "Bearer nonsense", "Basic x"):
        sent = await api.http.post(RESET, json=body, headers={"Authorization": header})
        assert sent.status_code == 204


async def test_one_code_used_twice_at_once(api: Api) -> None:
    """AUTH-65: of two requests with one code, one sets its password."""
    user = await api.user()
    code = (await ask_code(api, Username=user.username))["PasswordRenewalVerificationCode"]
    passwords = [f"Brand-new-passw0rd-{number}" for number in range(4)]
    answers = await asyncio.gather(*(use_code(api, code, user, password) for password in passwords))
    assert sorted(answer.status_code for answer in answers) == [204, 400, 400, 400]
    winner = next(p for p, answer in zip(passwords, answers, strict=True) if answer.status_code == 204)
    assert (await api.login(user, winner)).status_code == 200
