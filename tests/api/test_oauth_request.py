"""POST /oauth/token: what is sent, the client, and the refusals that need no more (AUTH-1 to AUTH-12)."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, claims_of, codes

FORM = "application/x-www-form-urlencoded"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def post(api: Api, body: str, content_type: str | None = FORM, **headers: str) -> httpx.Response:
    more = {} if content_type is None else {"Content-Type": content_type}
    return await api.http.post("/oauth/token", content=body.encode(), headers={**headers, **more})


async def test_auth_7_answer_and_auth_21_claims(api: Api) -> None:
    user = await api.shopper()
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
    user = await api.shopper()
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
    user = await api.shopper(password=password)
    body = (
        f"Client_ID={api.client_id.lower()}&GRANT_TYPE=password&username={encode(user.username)}"
        f"&Password={encode(password)}&Scope=MeAdmin&unknown=1&password=second"
    )
    answer = await post(api, body, content_type, Authorization="Bearer nonsense")
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json()["access_token"])["role"] == "MeAdmin"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/html", "x/y"])
async def test_auth_3_a_form_is_one_whatever_its_label(api: Api, content_type: str) -> None:
    """Applications F3: the vendor's Angular SDK sends the form as application/json, or as text/plain."""
    user = await api.shopper(password=PASSWORD)
    body = f"client_id={api.client_id}&grant_type=password&username={user.username}&password={PASSWORD}"
    answer = await post(api, body, content_type)
    assert answer.status_code == 200, answer.text
    assert answer.json()["access_token"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/html", "multipart/form-data; boundary=x", "x/y"]
)
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"grant_type": "password"}),
        json.dumps({"note": "x&grant_type=password&client_id=x"}),
        "client_id=x&username=y",
        "",
    ],
)
async def test_auth_3_err_3_other_content_types(api: Api, content_type: str, body: str) -> None:
    answer = await post(api, body, content_type)
    assert answer.status_code == 400
    message = "Invalid content type. Please use x-www-form-urlencoded."
    assert answer.json() == {
        "error": "invalid_request",
        "error_description": message,
        "Errors": [{"ErrorCode": "Request.InvalidContentType", "Message": message, "Data": None}],
    }


async def test_auth_4_http_basic_when_the_body_names_no_client(api: Api) -> None:
    user = await api.shopper()
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


@pytest.mark.parametrize(
    ("form", "status", "error", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
async def test_auth_10_refusals(
    api: Api, form: dict[str, str], status: int, error: str, expected: list[str]
) -> None:
    user = await api.shopper()
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
    user = await api.shopper()
    client = await api.api_client(secret="s", allow_any_buyer=True)
    await api.execute(
        'UPDATE api_clients SET "Active" = false WHERE marketplace_id = $1 AND "ID" = $2', client
    )
    answer = await api.login(user, client_id=client)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert codes(answer) == ["InvalidGrant", "Auth.ClientNotActive"]


@pytest.mark.parametrize("grant", ["password", "client_credentials", "refresh_token"])
async def test_auth_10_e4_every_grant_needs_the_secret(api: Api, grant: str) -> None:
    user = await api.shopper()
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
    user = await api.shopper()
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


MALFORMED: list[bytes] = [
    b"",
    b"&&&==;;",
    b"%",
    b"grant_type=password&username=%ff%fe&password=%00",
    b"\x00\xff\xfe",
    b"grant_type=client_credentials&scope=\xed\xa0\x80&anonuserid=%ED%A0%80",
    b"grant_type=refresh_token&refresh_token=%00%F0%9F",
    b"grant_type=password&username=' OR '1'='1&password=%25_\\",
    b"grant_type=password&username=" + b"u" * 60_000 + b"&password=p",
    b"&".join(b"a%d=1" % number for number in range(6000)),
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
async def test_malformed_forms_get_the_contracts_errors(api: Api, body: bytes) -> None:
    """With a client or without one: a 400 with its envelope, never a failure of ours."""
    for content in (body, body + f"&client_id={api.client_id}".encode()):
        answer = await api.http.post("/oauth/token", content=content, headers={"Content-Type": FORM})
        assert answer.status_code == 400, answer.text
        assert set(codes(answer)) <= {
            "InvalidGrant",
            "InvalidCredentials",
            "Auth.OauthError",
            "Auth.InvalidUsernameOrPassword",
        }


async def test_http_5_a_form_is_small(api: Api) -> None:
    answer = await api.http.post("/oauth/token", data={"grant_type": "password", "x": "y" * 70_000})
    assert (answer.status_code, codes(answer)) == (413, ["Request.BodyTooLarge"])
