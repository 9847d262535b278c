"""The access log's two ways out say the same."""

import io
import json
from itertools import pairwise
from urllib.parse import unquote

import pytest
from structlog.testing import capture_logs

from entrepot.app.registry import registry
from entrepot.declare.operation import SECRET_PARAMETERS, SECRETS_FOLLOW
from entrepot.http import access_log
from entrepot.http.request import Request


async def _no_body() -> None:
    """A request without one."""


def test_a_line_as_json_has_what_structlog_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": "/v1/me",
        "raw_path": b"/v1/me",
        "query_string": b"secret=q",
        "headers": [(b"authorization", b"Bearer token"), (b"x-request-id", b"abc")],
    }
    request = Request(scope, _no_body)
    request.operation, request.marketplace, request.user = "Me.Patch", "m1", 'kim "k" \u00e9'
    with capture_logs() as logs:
        access_log.write(request, 200, 0.0012345)
    stream = io.BytesIO()
    monkeypatch.setattr(access_log.OUTPUT, "stream", stream)
    access_log.write(request, 200, 0.0012345)

    line = json.loads(stream.getvalue())
    assert stream.getvalue().endswith(b"}\n")
    assert line.pop("timestamp").endswith("Z")
    assert {**line, "log_level": line["level"]} == {**logs[0], "level": "info"}
    assert (line["ms"], line["path"], line["request_id"]) == (1.23, "/v1/me", "abc")


def test_secrets_of_paths_are_not_logged() -> None:
    """Security 10: codes and invitations, of every operation that has one in its path; each other parameter is no secret."""
    names = {name for each in registry().operations.values() for name in each.path_parameters}
    assert names >= SECRET_PARAMETERS
    plain = {name for name in names - SECRET_PARAMETERS if not name.endswith("ID")}
    assert plain == {"direction", "entity", "key", "promoCode", "thingType"}
    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/v1/password/reset/c/d e",
        "raw_path": b"/v1/password/reset/c%2Fd%20e",
        "query_string": b"",
        "headers": [],
    }
    request = Request(scope, _no_body)
    request.operation, request.secret_segments = "ForgottenCredentials.ResetPasswordByVerificationCode", (4,)
    with capture_logs() as logs:
        access_log.write(request, 204, 0.1)
    assert logs[0]["path"] == "/v1/password/reset/***"


def test_secrets_of_paths_that_reach_no_operation_are_not_logged() -> None:
    """Security 10: a browser's OPTIONS before the code is sent, another verb, a mistyped address."""
    for each in registry().operations.values():
        parts = each.path.split("/")
        for before, part in pairwise(parts):
            assert part.strip("{}") not in SECRET_PARAMETERS or before in SECRETS_FOLLOW, each.id
    for raw, logged in (
        ("/v1/password/reset/code", "/v1/password/reset/***"),
        ("/V1/Password/Reset/code/", "/V1/Password/Reset/***"),
        ("/password/reset//code", "/password/reset/***"),
        ("/v1/password%2Freset%2Fcode", "/v1/password/reset/***"),
        ("/v1/grouporders/code/tokens", "/v1/grouporders/***"),
        ("/v1/password/reset", "/v1/password/reset"),
        ("/v1/nope/x", "/v1/nope/x"),
        ("/entrepot/catch/address/more", "/entrepot/catch/***"),
    ):
        scope = {
            "type": "http",
            "method": "OPTIONS",
            "path": unquote(raw),
            "raw_path": raw.encode(),
            "query_string": b"",
            "headers": [],
        }
        with capture_logs() as logs:
            access_log.write(Request(scope, _no_body), 204, 0.1)
        assert logs[0]["path"] == logged
