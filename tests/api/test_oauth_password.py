"""POST /oauth/token: the request, the password grant and its refusals (AUTH-1 to AUTH-14)."""

import asyncio
import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from entrepot.features.credentials.one_time_passwords import one_time_password_digest
from tests.api.marketplace import PASSWORD, Api, User, claims_of

FORM = "application/x-www-form-urlencoded"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
LOCKOUT = 10


def codes(answer: httpx.Response) -> list[str]:
    return [error["ErrorCode"] for error in answer.json()["Errors"]]


async def post(api: Api, body: str, content_type: str | None = FORM, **headers: str) -> httpx.Response:
    more = {} if content_type is None else {"Content-Type": content_type}
    return await api.http.post("/oauth/token", content=body.encode(), headers={**headers, **more})


async def shopper(api: Api, **facts: Any) -> User:
    facts = {"buyer": await api.buyer(), "roles": ["Shopper", "MeAdmin"], "password": PASSWORD, **facts}
    return await api.user(**facts)


async def test_auth_7_answer_and_auth_21_claims(api: Api) -> None:
    user = await shopper(api)
    answer = await api.login(user.username.upper(), scope="shopper InventoryAdmin undefined BuyerAdmin")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert list(body) == ["access_token", "token_type", "expires_in", "refresh_token"]
    assert (body["token_type"], body["expires_in"]) == ("bearer", 35999)
    assert len(body["refresh_token"]) == 36
    claims = claims_of(body["access_token"])
    assert claims["usr"] == user.username
    assert claims["cid"] == api.client_id.lower()
    assert (claims["u"], claims["usrtype"], claims["role"]) == (str(user.key), "buyer", "Shopper")
    assert claims["iss"] == claims["aud"] == api.server.settings.base_url
    assert claims["exp"] - claims["iat"] == 36000
    assert claims["iat"] - claims["nbf"] == 600
    assert not {"imp", "orderid", "anonuserid"} & claims.keys()
    header = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[0] + "=="))
    assert header.keys() == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")


async def test_auth_7_without_refresh_duration_there_is_no_refresh_token(api: Api) -> None:
    user = await shopper(api)
    client = await api.api_client(allow_any_buyer=True, access_duration=10)
    answer = await api.login(user, client_id=client)
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["expires_in"] == 599


@pytest.mark.parametrize(
    "content_type", [FORM, f"{FORM}; charset=utf-8", f"{FORM};", "Application/X-WWW-Form-Urlencoded", None]
)
@pytest.mark.parametrize("encode", [quote, quote_plus])
async def test_auth_2_forms(api: Api, content_type: str | None, encode: Any) -> None:
    password = "Sp ace+$#%^&=1 päß"
    user = await shopper(api, password=password)
    body = (
        f"Client_ID={api.client_id.lower()}&GRANT_TYPE=password&username={encode(user.username)}"
        f"&Password={encode(password)}&Scope=MeAdmin&unknown=1&password=second"
    )
    answer = await post(api, body, content_type, Authorization="Bearer nonsense")
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json()["access_token"])["role"] == "MeAdmin"


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/html", "multipart/form-data; boundary=x", "x/y"]
)
async def test_auth_3_other_content_types(api: Api, content_type: str) -> None:
    answer = await post(api, json.dumps({"grant_type": "password"}), content_type)
    assert answer.status_code == 400
    assert codes(answer) == ["Request.InvalidContentType"]
    assert (
        answer.json()["Errors"][0]["Message"] == "Invalid content type. Please use x-www-form-urlencoded."
    )


async def test_auth_4_http_basic_when_the_body_names_no_client(api: Api) -> None:
    user = await shopper(api)
    secret = "a+b/c=d:e"
    client = await api.api_client(secret=secret, allow_any_buyer=True)
    form = f"grant_type=password&username={quote(user.username)}&password={quote(PASSWORD)}"
    for sent, status in ((secret, 200), (quote(secret), 200), ("other", 401)):
        basic = "Basic " + base64.b64encode(f"{client}:{sent}".encode()).decode()
        assert (await post(api, form, Authorization=basic)).status_code == status
    # The body's client is meant where there is one, and the header's secret is not its secret.
    right = "basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
    assert (await post(api, f"{form}&client_id={client}", Authorization=right)).status_code == 401
    for broken in ("Basic", "Basic !!", "Basic /w=="):
        assert codes(await post(api, form, Authorization=broken)) == ["InvalidGrant", "Auth.OauthError"]


# What is sent (beyond the right values) -> status, error, codes: the rows of AUTH-10 that need no other setting.
ROWS: list[tuple[str, dict[str, str], int, str, list[str]]] = [
    ("E1 missing", {"grant_type": ""}, 400, "unsupported_grant_type", ["Auth.OauthError"]),
    ("E1 unknown", {"grant_type": "Password"}, 400, "unsupported_grant_type", ["Auth.OauthError"]),
    ("E2 missing", {"client_id": ""}, 400, "invalid_grant", ["InvalidGrant", "Auth.OauthError"]),
    ("E2 unknown", {"client_id": UNKNOWN}, 400, "invalid_grant", ["InvalidGrant", "Auth.OauthError"]),
    ("E2 no GUID", {"client_id": "\0' OR 1=1"}, 400, "invalid_grant", ["InvalidGrant", "Auth.OauthError"]),
    ("E5 username", {"username": ""}, 400, "invalid_grant", ["Auth.UsernameAndPasswordRequired"]),
    ("E5 password", {"password": ""}, 400, "invalid_grant", ["Auth.UsernameAndPasswordRequired"]),
    (
        "E6 password",
        {"password": "wrong"},
        400,
        "invalid_grant",
        ["InvalidCredentials", "Auth.InvalidUsernameOrPassword"],
    ),
    (
        "E6 username",
        {"username": "nobody"},
        400,
        "invalid_grant",
        ["InvalidCredentials", "Auth.InvalidUsernameOrPassword"],
    ),
    (
        "E13",
        {"grant_type": "refresh_token", "refresh_token": UNKNOWN},
        400,
        "invalid_grant",
        ["InvalidGrant", "Auth.OauthError"],
    ),
    (
        "E13 missing",
        {"grant_type": "refresh_token"},
        400,
        "invalid_grant",
        ["InvalidGrant", "Auth.OauthError"],
    ),
]


@pytest.mark.parametrize(("form", "status", "error", "expected"), [row[1:] for row in ROWS], ids=lambda _: "")
async def test_auth_10_refusals(
    api: Api, form: dict[str, str], status: int, error: str, expected: list[str]
) -> None:
    user = await shopper(api)
    good = {
        "grant_type": "password",
        "client_id": api.client_id,
        "username": user.username,
        "password": PASSWORD,
    }
    answer = await api.http.post("/oauth/token", data={**good, **form})
    assert answer.status_code == status
    body = answer.json()
    assert list(body) == ["error", "error_description", "Errors"]
    assert body["error"] == error
    assert codes(answer) == expected
    # AUTH-11: both names say the same.
    assert {e["Message"] for e in body["Errors"]} == {body["error_description"]}
    assert all(e.keys() == {"ErrorCode", "Message", "Data"} for e in body["Errors"])


async def test_auth_10_e3_inactive_client(api: Api) -> None:
    user = await shopper(api)
    client = await api.api_client(secret="s", allow_any_buyer=True)
    await api.execute(
        'UPDATE api_clients SET "Active" = false WHERE marketplace_id = $1 AND "ID" = $2', client
    )
    answer = await api.login(user, client_id=client)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert codes(answer) == ["InvalidGrant", "Auth.ClientNotActive"]


@pytest.mark.parametrize("grant", ["password", "client_credentials", "refresh_token"])
async def test_auth_10_e4_every_grant_needs_the_secret(api: Api, grant: str) -> None:
    user = await shopper(api)
    client = await api.api_client(
        secret="the secret", allow_any_buyer=True, default_context_user=user.key, refresh_duration=10
    )
    first = await api.login(user, client_id=client, client_secret="the secret")
    form = {
        "grant_type": grant,
        "client_id": client,
        "username": user.username,
        "password": PASSWORD,
        "refresh_token": first.json()["refresh_token"],
    }
    for sent in ({}, {"client_secret": ""}, {"client_secret": "The secret"}):
        answer = await api.grant(**form, **sent)
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_client"
        assert answer.json()["error_description"] == "invalid client secret"
        assert codes(answer) == ["InvalidGrant", "Auth.OauthError"]
    assert (await api.grant(**form, client_secret="the secret")).status_code == 200


async def test_auth_43_secrets_expire_and_still_close_the_client(api: Api) -> None:
    user = await shopper(api)
    client = await api.api_client(allow_any_buyer=True)
    end = (api.server.clock().replace(microsecond=0)).isoformat()
    api.server.clock.advance(hours=-1)
    made = await api.seller.post(
        f"/v1/apiclients/{client}/secrets", json={"Name": "first", "Expiration": end}
    )
    assert made.status_code == 201, made.text
    secret = made.json()["ClientSecret"]
    assert (await api.login(user, client_id=client, client_secret=secret)).status_code == 200
    # A second time from the memory of the process, which must not outlive the expiration.
    assert (await api.login(user, client_id=client, client_secret=secret)).status_code == 200
    api.server.clock.advance(hours=2)
    for sent in (secret, ""):
        answer = await api.login(user, client_id=client, client_secret=sent)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    # The legacy secret counts beside the others.
    await api.seller.patch(f"/v1/apiclients/{client}", json={"ClientSecret": "legacy"})
    assert (await api.login(user, client_id=client, client_secret="legacy")).status_code == 200


async def test_auth_11_e6_is_byte_identical_and_costs_the_same(api: Api, monkeypatch: Any) -> None:
    """Unknown name, wrong password and no password at all: one body, one slow hash, the same statements."""
    known, without = await shopper(api), await shopper(api, password=None)
    hashes: list[bool] = []
    from entrepot.features.credentials.passwords import PasswordHasher

    verify = PasswordHasher._verify

    def counted(self: PasswordHasher, stored: str | None, password: str) -> bool:
        hashes.append(stored is not None)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "_verify", counted)
    names = ["nobody", known.username, without.username, "x" * 5000, "nul\0", "%00", "ü"]
    answers = [await api.login(name, "wrong password") for name in names]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {400}
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
    assert len(hashes) == len(names)


@pytest.mark.parametrize("table", ["users", "buyers", "suppliers", "marketplaces"])
async def test_auth_10_e9_inactive(api: Api, table: str) -> None:
    company = {"supplier": await api.supplier()} if table == "suppliers" else {"buyer": await api.buyer()}
    user = await api.user(**company, password=PASSWORD)
    where = {
        "users": "key = $2",
        "buyers": '"ID" = $2',
        "suppliers": '"ID" = $2',
        "marketplaces": '"ID" = $2',
    }
    named = {"users": user.key, "marketplaces": api.marketplace}.get(table, user.company)
    await api.execute(
        f'UPDATE {table} SET "Active" = false WHERE marketplace_id = $1 AND {where[table]}', named
    )
    answer = await api.login(user)
    code = {"users": "Auth.UserNotActive", "marketplaces": "Auth.SellerNotActive"}.get(
        table, "Auth.CompanyNotActive"
    )
    assert answer.status_code == 400
    assert codes(answer) == [code]
    if table != "marketplaces":
        # Only the right password learns of it.
        assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials"


async def test_auth_40_e7_whom_a_client_admits(api: Api) -> None:
    buyer, supplier = await api.buyer(), await api.supplier()
    users = {
        "seller": await api.user(password=PASSWORD),
        "buyer": await api.user(buyer=buyer, password=PASSWORD),
        "supplier": await api.user(supplier=supplier, password=PASSWORD),
    }
    client = await api.api_client()
    for admitted, who in (
        ({}, set()),
        ({"AllowSeller": True}, {"seller"}),
        ({"AllowAnyBuyer": True}, {"buyer"}),
        ({"AllowAnySupplier": True, "AllowSeller": True}, {"supplier", "seller"}),
    ):
        switches = {"AllowSeller": False, "AllowAnyBuyer": False, "AllowAnySupplier": False, **admitted}
        await api.seller.patch(f"/v1/apiclients/{client}", json=switches)
        for name, user in users.items():
            answer = await api.login(user, client_id=client)
            assert answer.status_code == (200 if name in who else 401), (admitted, name)
            if name not in who:
                assert codes(answer) == ["InvalidGrant", "Auth.OauthError"]
                assert answer.json()["error"] == "invalid_grant"
    # An assignment opens it to one company.
    switches = {"AllowSeller": False, "AllowAnyBuyer": False, "AllowAnySupplier": False}
    await api.seller.patch(f"/v1/apiclients/{client}", json=switches)
    for assigned in ({"BuyerID": buyer}, {"SupplierID": supplier}):
        body = {"ApiClientID": client, **assigned}
        assert (await api.seller.post("/v1/apiclients/assignments", json=body)).status_code == 204
    assert (await api.login(users["buyer"], client_id=client)).status_code == 200
    assert (await api.login(users["supplier"], client_id=client)).status_code == 200
    stranger = await api.user(buyer=await api.buyer(), password=PASSWORD)
    assert (await api.login(stranger, client_id=client)).status_code == 401


async def with_policy(api: Api, user: User, **config: Any) -> None:
    """A profile of the user's own that holds nothing but password rules."""
    profile = await api.seller.post(
        "/v1/securityprofiles", json={"Name": "rules", "Roles": [], "PasswordConfig": config}
    )
    assert profile.status_code == 201, profile.text
    body = {"SecurityProfileID": profile.json()["ID"], "UserID": user.id, "BuyerID": user.company}
    assert (await api.seller.post("/v1/securityprofiles/assignments", json=body)).status_code == 204


async def test_auth_59_e10_password_too_old(api: Api) -> None:
    user = await shopper(api)
    await with_policy(api, user, MaximumPasswordAge=30)
    api.server.clock.advance(days=29)
    assert (await api.login(user)).status_code == 200
    api.server.clock.advance(days=2)
    answer = await api.login(user)
    assert (answer.status_code, codes(answer)) == (400, ["Auth.PasswordExpired"])


async def test_auth_59_e11_password_no_longer_secure(api: Api) -> None:
    user = await shopper(api, password="abcdefGHI1")
    assert (await api.login(user, "abcdefGHI1")).status_code == 200
    await with_policy(
        api,
        user,
        MinimumCharacterCount=12,
        UpperCaseRequired=True,
        SpecialCharacterRequired=True,
        NumericRequired=True,
    )
    answer = await api.login(user, "abcdefGHI1")
    assert answer.status_code == 400
    assert codes(answer) == ["Auth.InsecurePassword"]
    assert answer.json()["Errors"][0]["Data"] == {
        "MinimumCharacterCount": 12,
        "UpperCaseRequired": True,
        "SpecialCharacterRequired": True,
        "NumericRequired": True,
    }


async def test_auth_18_e12_minimum_roles(api: Api) -> None:
    user = await shopper(api)
    client = await api.api_client(allow_any_buyer=True)
    path = f"/v1/apiclients/{client}"
    await api.seller.patch(path, json={"MinimumRequiredRoles": ["Shopper", "MeAddressAdmin"]})
    answer = await api.login(user, client_id=client)
    assert (answer.status_code, codes(answer)) == (400, ["Auth.InsufficientRoles"])
    await api.seller.patch(path, json={"MinimumRequiredRoles": ["MeAdmin", "Shopper"]})
    assert (await api.login(user, client_id=client)).status_code == 200


async def test_auth_62_lockout_worked_example(api: Api) -> None:
    """Attempts 1 to 9 E6, the 10th E6 and locks, then E8 for two minutes, then the right password works."""
    user = await shopper(api)
    for attempt in range(1, LOCKOUT + 1):
        assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials", attempt
        shown = (await api.seller.get(f"/v1/buyers/{user.company}/users/{user.id}")).json()
        assert shown["FailedLoginAttempts"] == attempt
    for password in (PASSWORD, "wrong"):
        answer = await api.login(user, password)
        assert (answer.status_code, codes(answer)) == (400, ["Auth.LockedOut"])
    api.server.clock.advance(seconds=121)
    assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials"
    assert (await api.login(user)).status_code == 200
    stored = (
        await api.rows(
            'SELECT "FailedLoginAttempts", locked_until FROM users WHERE marketplace_id = $1 AND key = $2',
            user.key,
        )
    )[0]
    assert tuple(stored) == (0, None)


async def test_auth_62_lock_without_end_until_unlocked(api: Api) -> None:
    user = await shopper(api)
    await with_policy(api, user, AllowedFailedAttempts=2, LockoutDuration=0)
    for _ in range(2):
        await api.login(user, "wrong")
    api.server.clock.advance(days=400)
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    unlocked = await api.seller.post(f"/v1/buyers/{user.company}/users/{user.id}/unlock")
    assert unlocked.status_code == 204
    assert (await api.login(user)).status_code == 200


async def test_auth_62_guesses_sent_at_once_are_all_counted(api: Api) -> None:
    """Not one more than the limit is judged, and the right password among the rest gives nothing away."""
    user = await shopper(api)
    guesses = [api.login(user, "wrong") for _ in range(25)]
    answers = await asyncio.gather(*guesses, api.login(user))
    refused = [codes(answer)[0] for answer in answers if answer.status_code == 400]
    assert refused.count("InvalidCredentials") == LOCKOUT
    failed = await api.value(
        'SELECT "FailedLoginAttempts" FROM users WHERE marketplace_id = $1 AND key = $2', user.key
    )
    assert failed == LOCKOUT


async def give_one_time_password(api: Api, user: User, value: str, minutes: int = 10) -> None:
    digest = one_time_password_digest(
        api.server.box, api.marketplace_id, user.key, api.client_id.lower(), value
    )
    await api.execute(
        'INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at) '
        "VALUES ($1, $2, 'one_time_password', $3, $4, now() + make_interval(mins => $5))",
        user.key,
        api.client_id,
        digest,
        minutes,
    )


async def test_auth_68_one_time_password(api: Api) -> None:
    """Good once, beside the normal password, whatever the rules say about passwords; not on another client."""
    user = await shopper(api, password="abcdefGHI1")
    await with_policy(api, user, MinimumCharacterCount=30)
    await give_one_time_password(api, user, "ABCDE23456")
    other = await api.api_client(allow_any_buyer=True)
    assert codes(await api.login(user, "ABCDE23456", client_id=other))[0] == "InvalidCredentials"
    both = await asyncio.gather(*(api.login(user, "ABCDE23456") for _ in range(4)))
    assert sorted(answer.status_code for answer in both) == [200, 400, 400, 400]
    assert codes(await api.login(user, "ABCDE23456"))[0] == "InvalidCredentials"
    assert codes(await api.login(user, "abcdefGHI1")) == ["Auth.InsecurePassword"]


async def test_auth_68_one_time_password_of_a_user_without_password_ends(api: Api) -> None:
    user = await shopper(api, password=None)
    await give_one_time_password(api, user, "ABCDE23456")
    api.server.clock.advance(minutes=11)
    assert codes(await api.login(user, "ABCDE23456"))[0] == "InvalidCredentials"


async def test_auth_13_success_sets_last_active_and_renews_the_hash(api: Api) -> None:
    user = await shopper(api)
    from entrepot.features.credentials.passwords import Argon2Parameters, PasswordHasher

    stronger = PasswordHasher(Argon2Parameters(memory_kib=16, passes=2), threads=1)
    old = await stronger.hash(PASSWORD)
    stronger.close()
    await api.execute(
        "UPDATE users SET password_hash = $3 WHERE marketplace_id = $1 AND key = $2", user.key, old
    )
    assert (await api.login(user)).status_code == 200
    row = (
        await api.rows(
            'SELECT password_hash, "LastActive" FROM users WHERE marketplace_id = $1 AND key = $2', user.key
        )
    )[0]
    assert row["password_hash"] != old
    assert "m=8,t=1" in row["password_hash"]
    assert row["LastActive"] is not None
    assert (await api.login(user)).status_code == 200


async def test_passwords_and_refresh_tokens_are_not_in_the_database(api: Api) -> None:
    user = await shopper(api)
    token = (await api.login(user)).json()["refresh_token"]
    stored = await api.rows("SELECT u::text FROM users u WHERE marketplace_id = $1")
    stored += await api.rows("SELECT t::text FROM refresh_tokens t WHERE marketplace_id = $1")
    text = "".join(row[0] for row in stored)
    assert "$argon2id$" in text
    for secret in (PASSWORD, token, token.encode().hex()):
        assert secret not in text


async def test_two_marketplaces_may_have_the_same_username(api: Api, other: Api) -> None:
    """The client says whose users are meant."""
    here, there = await api.user(id="same", password=PASSWORD), await other.user(id="same", password="Other1234567")
    assert here.username == there.username
    assert (await api.login("same@seller")).status_code == 200
    assert codes(await other.login("same@seller"))[0] == "InvalidCredentials"
    claims = claims_of((await other.login("same@seller", "Other1234567")).json()["access_token"])
    assert (claims["u"], claims["mid"]) == (str(there.key), str(other.marketplace_id))
