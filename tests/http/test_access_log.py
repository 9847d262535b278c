"""The access log's two ways out say the same."""

import io
import json

import pytest
from structlog.testing import capture_logs

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
