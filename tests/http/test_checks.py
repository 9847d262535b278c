"""The order of checks (CONV-9, AUTH-31), tokens (AUTH-27, AUTH-28) and bodies (ERR-8, HTTP-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.http.driver import ask, bearer, started
from tests.http.shop import BASE_URL, GUEST, KEEPER, SELLER, SHOPPER, Doorman, shop

from entrepot.declare.operation import BodyLimit
from entrepot.engine.call import Database
from entrepot.engine.principal import Principal
from entrepot.http.asgi import App
from entrepot.http.authentication import Callers
from entrepot.kernel.errors import InvalidTokenError

JSON = ("Content-Type", "application/json")
XML = ("Content-Type", "application/xml")


@pytest.mark.parametrize(
    ("verb", "path", "token", "headers", "body", "status", "code"),
    [
        ("POST", "/v1/nope", None, [XML], b"x" * 2000, 404, "NotFound"),
        ("PATCH", "/v1/things", None, [XML], b"x" * 2000, 405, "MethodNotAllowed"),
        ("POST", "/v1/things", None, [XML], b"x" * 2000, 401, "InvalidToken"),
        ("POST", "/v1/things", SHOPPER, [XML], b"x" * 2000, 403, "Auth.InsufficientRoles"),
        ("GET", "/v1/sellers", SHOPPER, [], b"", 403, "Auth.InsufficientRoles"),
        ("GET", "/v1/sellers", GUEST, [], b"", 403, "Auth.UserNotAuthorizedToAdmin"),
        ("POST", "/v1/noguests", GUEST, [XML], b"x" * 2000, 403, "Auth.AnonUserProhibited"),
        ("POST", "/v1/things", KEEPER, [XML], b"x" * 2000, 413, "Request.BodyTooLarge"),
        ("POST", "/v1/things", KEEPER, [XML], b"{}", 400, "Request.InvalidRequestBody"),
        ("POST", "/v1/things", KEEPER, [JSON], b"{}", 201, None),
        ("GET", "/v1/sellers", SELLER, [], b"", 200, None),
    ],
)
async def test_the_first_check_that_fails_answers(
    verb: str,
    path: str,
    token: str | None,
    headers: list[tuple[str, str]],
    body: bytes,
    status: int,
    code: str | None,
) -> None:
    async with started(shop(limit=BodyLimit(1000, 50))) as app:
        answer = await ask(app, verb, path, token=token, headers=headers, body=body)
    assert (answer.status, answer.codes if code else None) == (status, [code] if code else None)


async def test_403_names_the_sufficient_and_the_assigned_roles(app: App) -> None:
    """AUTH-30."""
    answer = await ask(app, "GET", "/v1/things", token=SHOPPER)
    assert answer.json["Errors"][0]["Data"] == {
        "SufficientRoles": ["FullAccess", "ThingAdmin"],
        "AssignedRoles": ["Shopper"],
    }


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer  \t",
        "bearer",
        "Basic dTpw",
        KEEPER,
        f"Token {KEEPER}",
        f"Bearer {KEEPER} x",
        f"Bearer {KEEPER}x",
        f"Bearer {KEEPER}, Bearer {KEEPER}",
        "Bearer " + "a" * 100_000,
        "Bearer \xff\xfe",
        "Bearer ..",
        "Bearer \x00",
    ],
)
async def test_a_missing_or_malformed_token_is_401(app: App, header: str | None) -> None:
    """AUTH-28; a bare `Bearer ` counts as absent (AUTH-27). Public operations do not mind (CONV-9)."""
    headers = [] if header is None else [("Authorization", header.encode("latin-1"))]
    answer = await ask(app, "GET", "/v1/me", headers=headers)
    assert answer.status == 401
    assert answer.json == {
        "Errors": [
            {"ErrorCode": "InvalidToken", "Message": "Access token is invalid or expired.", "Data": None}
        ]
    }
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await ask(app, "POST", "/v1/password/reset", headers=headers, body=b"{}")).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", " Bearer", "bearer  "])
async def test_the_scheme_is_case_insensitive(app: App, scheme: str) -> None:
    """HTTP-1."""
    answer = await ask(app, "GET", "/v1/me", headers=[("Authorization", f"{scheme} {KEEPER}")])
    assert (answer.status, answer.json["caller"], answer.json["authorization"]) == (200, "kim", KEEPER)


async def test_basic_credentials_reach_the_token_endpoint(app: App) -> None:
    """AUTH-4."""
    answer = await ask(app, "POST", "/oauth/token", headers=[("Authorization", "Basic dTpw")], body=b"a=b")
    assert answer.json["authorization"] == "Basic dTpw"


async def test_a_token_is_verified_once_and_expires_all_the_same() -> None:
    doorman = Doorman()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    token = bearer("keeper", int(now.timestamp()) + 60)
    async with started(shop(doorman, clock=lambda: now)) as app:
        assert [(await ask(app, "GET", "/v1/me", token=token)).status for _ in range(3)] == [200] * 3
        assert len(doorman.asked) == 1
        now += timedelta(seconds=59)
        assert (await ask(app, "GET", "/v1/me", token=token)).status == 200
        now += timedelta(seconds=1)
        assert (await ask(app, "GET", "/v1/me", token=token)).codes == ["InvalidToken"]


async def test_nobody_is_remembered_by_keys_that_were_replaced() -> None:
    """Security 13: what a withdrawn key has verified is verified anew, and what was under way then is not kept."""

    class Rotating(Doorman):
        async def authenticate(self, token: str, database: Database | None = None) -> Principal:
            if token == SHOPPER and len(self.asked) == 1:
                self.keys = "others"
            return await super().authenticate(token)

    doorman = Rotating()
    callers = Callers(doorman, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    for token in (SELLER, SELLER, SHOPPER, SELLER, SHOPPER, SELLER, SHOPPER):
        await callers.of(token)
    assert doorman.asked == [SELLER, SHOPPER, SELLER, SHOPPER]


async def test_the_least_recently_used_token_is_forgotten_and_a_refused_one_never_kept() -> None:
    doorman = Doorman()
    callers = Callers(doorman, lambda: datetime(2026, 1, 1, tzinfo=UTC), size=2)
    for token in (SELLER, SHOPPER, SELLER, KEEPER):
        await callers.of(token)
    assert len(callers) == 2
    doorman.asked.clear()
    await callers.of(SELLER)
    await callers.of(KEEPER)
    assert doorman.asked == []
    for _ in range(2):
        with pytest.raises(InvalidTokenError):
            await callers.of("unknown")
    assert doorman.asked == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        (None, True),
        ("", True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/json;", True),
        ("application/merge-patch+json", True),
        ("application/vnd.x+JSON;v=1", True),
        ("text/plain", True),
        ("text/html; charset=latin-1", True),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/xml", False),
        ("json", False),
        ("application/jsonp", False),
    ],
)
async def test_content_types(app: App, content_type: str | None, *, accepted: bool) -> None:
    """ERR-8; no body, no complaint (CONV-7, SDK-2); the token endpoint decides for itself (AUTH-3)."""
    headers = [] if content_type is None else [("Content-Type", content_type)]
    answer = await ask(app, "PUT", "/v1/things/x", token=KEEPER, headers=headers, body=b"{}")
    assert answer.status == (200 if accepted else 400)
    if not accepted:
        assert answer.codes == ["Request.InvalidRequestBody"]
    assert (
        await ask(app, "POST", "/v1/things/x/ship", token=KEEPER, headers=headers, body=b"")
    ).status == 201
    assert (await ask(app, "GET", "/v1/things/x", token=KEEPER, headers=headers, body=b"{}")).status == 200
    assert (await ask(app, "POST", "/oauth/token", headers=headers, body=b"a=b")).status == 200


async def test_the_body_limit_holds_with_and_without_content_length() -> None:
    """HTTP-5, security 2: bytes, and values before they are parsed."""
    async with started(shop(limit=BodyLimit(1000, 50))) as app:
        exact = await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=b" " * 1000)
        assert (exact.status, len(exact.json["body"])) == (200, 1000)
        declared = await ask(
            app, "PUT", "/v1/things/x", token=KEEPER, headers=[("Content-Length", "1001")], body=[b"a"] * 50
        )
        chunked = await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=[b"a" * 400] * 50)
        huge = await ask(
            app, "PUT", "/v1/things/x", token=KEEPER, headers=[("Content-Length", "9" * 5000)], body=[b"a"]
        )
        for answer in (declared, chunked, huge):
            assert (answer.status, answer.codes) == (413, ["Request.BodyTooLarge"])
            assert answer.json["Errors"][0]["Data"] == {"MaxBytes": 1000}
        # The server asks for the first chunk before the application runs; after the limit none is taken.
        assert (declared.chunks_taken, chunked.chunks_taken) == (1, 3)
        many = await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=b"[" + b"1," * 50 + b"1]")
        assert (many.status, many.codes) == (413, ["Request.BodyTooLarge"])
        assert many.json["Errors"][0]["Data"] == {"MaxValues": 50}
        assert (await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=b"[" + b"1," * 49)).status == 200
        whole = await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=[b"{", b"", b'"a":1', b"}"])
        assert whole.json["body"] == '{"a":1}'
        ignored = await ask(app, "DELETE", "/v1/things/x", token=KEEPER, body=b"x" * 5000)
        assert ignored.status == 204


async def test_half_a_body_is_not_taken_for_the_whole(app: App) -> None:
    answer = await ask(app, "PUT", "/v1/things/x", token=KEEPER, body=[b"{}"], disconnect=True)
    assert answer.codes == ["Request.InvalidRequestBody"]


async def test_what_a_handler_is_given(app: App) -> None:
    headers = [JSON, ("X-Request-ID", "r-1")]
    answer = await ask(app, "PUT", "/v1/things/x?a=b", token=KEEPER, headers=headers, body=b"{}")
    assert answer.json == {
        "operation": "Things.Save",
        "path": {"thingID": "x"},
        "query": "a=b",
        "body": "{}",
        "content_type": "application/json",
        "authorization": KEEPER,
        "caller": "kim",
        "request_id": "r-1",
        "base_url": BASE_URL,
    }
