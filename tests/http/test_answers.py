"""Envelopes (ERR-1 to ERR-3), headers of every answer (HTTP-2, HTTP-3), compression, the server's own routes."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.http.driver import ask, started
from tests.http.shop import KEEPER, operation, shop

from entrepot.declare.operation import Reply, Unit
from entrepot.engine.call import Call
from entrepot.http import metrics
from entrepot.http.asgi import App
from entrepot.http.compression import accepts
from entrepot.http.errors import envelope
from entrepot.kernel.errors import (
    ApiError,
    ApiOfflineError,
    BodyTooLargeError,
    InsecurePasswordGrantError,
    InsufficientRolesError,
    InvalidClientSecretError,
    InvalidCredentialsError,
    InvalidTokenError,
    NotFoundError,
    PropertyError,
    ServerError,
    TooBusyError,
    TooManyAttemptsError,
    UnknownClientError,
    ValidationError,
)

JSON = "application/json; charset=utf-8"


def _entry(code: str, message: str, data: Any = None) -> dict[str, Any]:
    return {"ErrorCode": code, "Message": message, "Data": data}


RULES = {"MinimumCharacterCount": 10}
WRONG = "Username or password is incorrect."
INSECURE = "Password does not meet security requirements."


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (
            NotFoundError("Product", "xyz"),
            404,
            {
                "Errors": [
                    _entry("NotFound", "Object not found.", {"ObjectType": "Product", "ObjectID": "xyz"})
                ]
            },
        ),
        (
            ValidationError(
                PropertyError("Street1 is required.", {"Property": "Street1"}),
                PropertyError("City is required.", {"Property": "City"}),
            ),
            400,
            {
                "Errors": [
                    _entry("ValidationFailure", "Street1 is required.", {"Property": "Street1"}),
                    _entry("ValidationFailure", "City is required.", {"Property": "City"}),
                ]
            },
        ),
        (
            ServerError(),
            500,
            {"Errors": [_entry("ServerError", "An unknown error has occurred on the server.")]},
        ),
        (
            ValidationError(
                PropertyError("Bad.", {"Property": "Name", "Value": "\ud800", "Limit": Decimal("1.5")})
            ),
            400,
            {
                "Errors": [
                    _entry(
                        "ValidationFailure", "Bad.", {"Property": "Name", "Value": "\ud800", "Limit": "1.5"}
                    )
                ]
            },
        ),
        (
            InvalidCredentialsError(),
            400,
            {
                "error": "invalid_grant",
                "error_description": WRONG,
                "Errors": [
                    _entry("InvalidCredentials", WRONG),
                    _entry("Auth.InvalidUsernameOrPassword", WRONG),
                ],
            },
        ),
        (
            InvalidClientSecretError(),
            401,
            {
                "error": "invalid_client",
                "error_description": "invalid client secret",
                "Errors": [
                    _entry("InvalidGrant", "invalid client secret"),
                    _entry("Auth.OauthError", "invalid client secret"),
                ],
            },
        ),
        (
            InsecurePasswordGrantError(RULES),
            400,
            {
                "error": "invalid_grant",
                "error_description": INSECURE,
                "Errors": [_entry("Auth.InsecurePassword", INSECURE, RULES)],
            },
        ),
    ],
)
async def test_a_refusal_has_the_envelope(error: ApiError, status: int, body: dict[str, Any]) -> None:
    async def refuse(_: Call) -> Reply:
        raise error

    refused = operation("Auth.Refuse", "POST", "/oauth/refuse", refuse, public=True, unit=Unit.OWN)
    async with started(shop(extra=[refused])) as app:
        answer = await ask(app, "POST", "/oauth/refuse")
    assert (answer.status, answer.json) == (status, body)
    assert list(answer.json) == list(body)
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ApiOfflineError(), "temporarily_unavailable"),
        (TooBusyError(), "temporarily_unavailable"),
        (TooManyAttemptsError(3), "temporarily_unavailable"),
        (ServerError(), "server_error"),
        (BodyTooLargeError(9), "invalid_request"),
    ],
)
async def test_oauth_clients_can_read_every_refusal_of_the_token_endpoint(error: ApiError, name: str) -> None:
    """ERR-3: also of what is no matter of the grant, and only there."""
    body = envelope(error, "/oauth/token")
    assert list(body) == ["error", "error_description", "Errors"]
    assert (body["error"], body["error_description"]) == (name, body["Errors"][0]["Message"])
    assert list(envelope(error, "/oauth/tokens")) == ["Errors"]
    async with started(shop()) as app:
        for path in ("/oauth/token", "/OAuth/Token/"):
            answer = await ask(app, "GET", path)
            assert (answer.status, answer.json["error"]) == (405, "invalid_request")


def test_a_refused_grant_never_lacks_its_class() -> None:
    """AUTH-11: the class of the refusal comes first."""
    assert [item.code for item in UnknownClientError().items()] == ["InvalidGrant", "Auth.OauthError"]


async def test_the_unforeseen_is_logged_and_answered_without_detail(app: App) -> None:
    with capture_logs() as logs:
        answer = await ask(app, "GET", "/v1/broken", token=KEEPER, headers=[("X-Request-ID", "r1")])
    assert (answer.status, answer.codes) == (500, ["ServerError"])
    assert b"secret" not in answer.body
    failure, line = logs
    assert (failure["log_level"], str(failure["exc_info"])) == ("error", "secret detail")
    assert (failure["request_id"], failure["operation"]) == ("r1", "Things.Broken")
    assert (line["event"], line["status"]) == ("request", 500)


@pytest.mark.parametrize(
    ("verb", "target", "token", "status"),
    [
        ("GET", "/v1/things", KEEPER, 200),
        ("POST", "/v1/things", KEEPER, 201),
        ("DELETE", "/v1/things/x", KEEPER, 204),
        ("GET", "/v1/things", None, 401),
        ("GET", "/v1/sellers", KEEPER, 403),
        ("GET", "/v1/nope", None, 404),
        ("PATCH", "/v1/things", None, 405),
        ("GET", "/v1/broken", KEEPER, 500),
        ("OPTIONS", "/v1/things", None, 204),
        ("GET", "/healthz", None, 200),
        ("GET", "/", None, 302),
    ],
)
async def test_every_answer_has_the_common_headers(
    app: App, verb: str, target: str, token: str | None, status: int
) -> None:
    answer = await ask(app, verb, target, token=token, headers=[("Origin", "https://app.example")])
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"Location", "Retry-After"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    # Security 28: nothing that a token opens stays on a disk.
    assert answer.headers["cache-control"] == ("no-cache" if token is None else "no-store")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"[0-9a-f]+-[0-9a-f]+", answer.headers["x-request-id"])
    if status == 204:
        assert answer.body == b""
        assert "content-type" not in answer.headers
    elif status != 302:
        assert answer.headers["content-type"] == JSON
        assert not answer.body.startswith(b"\xef\xbb\xbf")


async def test_created_objects_have_a_location_and_decimals_are_plain_numbers(app: App) -> None:
    """CONV-1, BODY-7."""
    answer = await ask(app, "POST", "/v1/things", token=KEEPER, body=b"{}")
    assert answer.headers["location"] == "https://shop.example/v1/things/t1"
    assert answer.body == b'{"ID":"t1","Price":12.50}'


@pytest.mark.parametrize(
    ("target", "requested", "allowed"),
    [
        ("/v1/things", "authorization,x-custom", "Authorization, Content-Type, authorization, x-custom"),
        ("/v1/nope", "", "Authorization, Content-Type"),
        ("/oauth/token", "a\r\nb: c, x_y", "Authorization, Content-Type, x_y"),
    ],
)
async def test_preflight_needs_no_token(app: App, target: str, requested: str, allowed: str) -> None:
    """HTTP-2."""
    answer = await ask(
        app,
        "OPTIONS",
        target,
        headers=[
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", requested),
        ],
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-headers"] == allowed
    verbs = answer.headers["access-control-allow-methods"].split(", ")
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(verbs)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("abc-1.2:3", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("a b", False),
        ("a\nb", False),
        ("", False),
    ],
)
async def test_a_sane_request_id_is_kept(app: App, sent: str, *, kept: bool) -> None:
    answer = await ask(app, "GET", "/v1/things", headers=[("X-Request-ID", sent)])
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_gzip_when_accepted_and_worth_it(app: App) -> None:
    """HTTP-3."""
    plain = await ask(app, "GET", "/v1/many", token=KEEPER)
    packed = await ask(app, "GET", "/v1/many", token=KEEPER, headers=[("Accept-Encoding", "br, gzip")])
    small = await ask(app, "GET", "/v1/me", token=KEEPER, headers=[("Accept-Encoding", "gzip")])
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-length"] == str(len(packed.body))
    assert len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in small.headers


async def test_large_bodies_are_compressed_too() -> None:
    async def large(_: Call) -> Reply:
        return Reply(["x" * 100] * 10_000)

    async with started(shop(extra=[operation("Large.Get", "GET", "/large", large)])) as app:
        answer = await ask(app, "GET", "/v1/large", token=KEEPER, headers=[("Accept-Encoding", "gzip")])
    assert answer.json == ["x" * 100] * 10_000


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("deflate, gzip;q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, deflate", False),
        ("xgzip", False),
    ],
)
def test_what_accept_encoding_admits(header: str | None, *, accepted: bool) -> None:
    assert accepts(header, "gzip") is accepted


async def test_the_access_log_names_the_caller_but_neither_token_nor_body(app: App) -> None:
    with capture_logs() as logs:
        await ask(app, "PUT", "/v1/things/x?secret=q", token=KEEPER, body=b'{"Password":"pw"}')
        await ask(app, "GET", "/healthz")
        await ask(app, "GET", "/v1/nope")
    known, unknown = logs
    assert known.pop("ms") >= 0
    assert known.pop("request_id")
    assert known == {
        "event": "request",
        "log_level": "info",
        "method": "PUT",
        "path": "/v1/things/x",
        "operation": "Things.Save",
        "status": 200,
        "marketplace": "m1",
        "user": "kim",
    }
    assert (unknown["operation"], unknown["status"], unknown["user"]) == ("", 404, None)


async def test_requests_are_counted_by_operation_and_status(app: App) -> None:
    async def count(operation_id: str, status: int) -> float:
        text = (await ask(app, "GET", "/metrics")).body.decode()
        line = re.search(
            rf'entrepot_requests_total{{operation="{operation_id}",status="{status}"}} (\S+)', text
        )
        return float(line[1]) if line else 0.0

    before = [await count("Things.List", status) for status in (200, 401)]
    await ask(app, "GET", "/v1/things", token=KEEPER)
    await ask(app, "GET", "/v1/things")
    assert [await count("Things.List", status) for status in (200, 401)] == [n + 1 for n in before]
    text = (await ask(app, "GET", "/metrics")).body.decode()
    assert 'entrepot_request_seconds_bucket{le="+Inf",operation="Things.List"}' in text


def test_requests_are_told_together_as_each_would_be() -> None:
    durations = (0.0, 0.0009, 0.001, 0.0011, 0.3, 10.0, 10.1)
    for seconds in durations:
        metrics.observe("Metrics.Together", 200, seconds)
        metrics.SECONDS.labels("Metrics.OneByOne").observe(seconds)
    lines = metrics.exposition().decode().splitlines()

    def of(operation: str) -> list[str]:
        wanted = f'operation="{operation}"'
        return [line.replace(operation, "") for line in lines if wanted in line and "_seconds" in line]

    def values(operation: str) -> list[str]:
        return [line for line in of(operation) if "_created" not in line]

    assert values("Metrics.Together") == values("Metrics.OneByOne") != []
    assert f'entrepot_requests_total{{operation="Metrics.Together",status="200"}} {len(durations)}.0' in lines


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", [], 200),
        ("", [("X-Forwarded-For", "8.8.8.8")], 403),
        ("", [("Forwarded", "for=8.8.8.8")], 403),
        ("", [("Authorization", "Bearer ")], 200),
        ("m-token", [], 403),
        ("m-token", [("Authorization", "Bearer ")], 403),
        ("m-token", [("Authorization", "Bearer other")], 403),
        ("m-token", [("Authorization", "Bearer m-token"), ("X-Forwarded-For", "8.8.8.8")], 200),
    ],
)
async def test_who_sees_the_metrics(token: str, headers: list[tuple[str, str]], status: int) -> None:
    """Security 28: this machine's programs, or whoever has the token; no page of another origin."""
    async with started(shop(metrics_token=token)) as app:
        answer = await ask(app, "GET", "/metrics", headers=headers)
    assert answer.status == status
    assert "access-control-allow-origin" not in answer.headers
    if status == 403:
        assert answer.codes == ["Metrics.Forbidden"]


async def test_health_and_the_front_page(app: App) -> None:
    assert (await ask(app, "GET", "/healthz")).json == {"status": "ok"}
    assert (await ask(app, "GET", "/")).headers["location"] == "/docs"
    answer = await ask(app, "GET", "/readyz")  # this server has no database
    assert (answer.status, answer.codes) == (503, ["Api.Offline"])


async def test_before_start_and_after_stop_the_server_is_offline() -> None:
    app = shop()
    assert (await ask(app, "GET", "/v1/me", token=KEEPER)).codes == ["Api.Offline"]
    async with started(app):
        assert (await ask(app, "GET", "/v1/me", token=KEEPER)).status == 200
    assert (await ask(app, "GET", "/v1/me", token=KEEPER)).codes == ["Api.Offline"]


def test_worker_processes_sum_up_their_metrics(tmp_path: Path) -> None:
    """A scrape reaches one process and gets the counts of all."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(code: str) -> str:
        script = f"from entrepot.http import metrics; {code}"
        return subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
        ).stdout

    for _ in range(2):
        run("metrics.observe('Me.Get', 200, 0.004)")
    text = run("print(metrics.exposition().decode())")
    assert 'entrepot_requests_total{operation="Me.Get",status="200"} 2.0' in text
    assert 'entrepot_request_seconds_bucket{le="0.005",operation="Me.Get"} 2.0' in text


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (NotFoundError("Buyer", "b"), 404, "Object not found."),
        (InvalidTokenError(), 401, "Access token is invalid or expired."),
        (InsufficientRolesError((), ()), 403, "User does not have role(s) required to perform this action."),
        (InvalidClientSecretError(), 401, "invalid client secret"),
    ],
)
def test_messages_that_clients_match_stay(error: ApiError, status: int, message: str) -> None:
    """Behaviour D12: all others are in our own words and may change, as docs/reference/errors.md says."""
    assert error.status == status
    assert {entry["Message"] for entry in envelope(error)["Errors"]} == {message}
    page = Path(__file__).parents[2] / "docs/reference/errors.md"
    assert f"- `{message}` ({status}," in page.read_text("utf-8")
