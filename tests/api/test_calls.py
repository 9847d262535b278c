"""The tests' own way to call an application sends what httpx sends, and gives what httpx gives."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest
from tests.api.calls import PLAIN, Calls

BASE = "http://entrepot.test:81"
JSON_BODY = {"Name": "ä", "xp": [1, None]}
PLAIN_TARGETS = ["/", "/v1/me", "/v1/x?a=b&c=*d*|!e", "/v1/a.b/c~d:e@f?search=a+b?c/d=1,2"]
OTHERS = [
    "/v1/a b", "/v1/%41%2f", "/v1/%zz", "/v1/ä?ö=ü", "/v1/./a/../b", "//v1//x", "/v1/x?a=<b>&c=%20#d", "/v1/.a", "v1/me", "", "/v1/x?",
]  # fmt: skip
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("GET", {}),
    ("HEAD", {}),
    ("DELETE", {}),
    ("POST", {}),
    ("PUT", {"json": JSON_BODY}),
    ("PATCH", {"json": None}),
    ("POST", {"json": []}),
    ("POST", {"content": b"\xff", "headers": {"content-type": "text/plain", "AUTHORIZATION": "other"}}),
    ("PUT", {"content": "text", "headers": {"Content-Length": "2"}}),
    ("POST", {"content": b""}),
    ("POST", {"data": {"a": "b c", "d": "ä"}}),
    ("GET", {"params": {"a": "b c"}}),
    ("GET", {"headers": {"Host": "elsewhere", "X": "1"}}),
    ("get", {"headers": [("X", "1"), ("X", "2")]}),
]


class Echo:
    """Keeps what it is sent, and answers with a cookie, packed."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event["body"], event["more_body"]
        scope["headers"].sort()
        self.seen.append((scope, body))
        headers = [
            (b"Content-Encoding", b"gzip"),
            (b"X-One", b"1"),
            (b"X-One", b"2"),
            (b"Set-Cookie", b"a=b"),
        ]
        await send({"type": "http.response.start", "status": 207, "headers": headers})
        packed = gzip.compress(b'{"a": 1}', mtime=0)
        await send({"type": "http.response.body", "body": packed[:5], "more_body": True})
        await send({"type": "http.response.body", "body": packed[5:]})


@pytest.mark.parametrize("target", [*PLAIN_TARGETS, *OTHERS])
async def test_calls_are_httpx_s(target: str) -> None:
    """Twice, since the second request brings the cookie of the first."""
    assert bool(PLAIN.fullmatch(target)) == (target in PLAIN_TARGETS)
    headers = {"Authorization": "Bearer t"}
    for method, options in REQUESTS:
        seen = []
        for make in (usual, Calls):
            echo = Echo()
            async with make(echo, BASE, headers) as client:
                found = [described(await client.request(method, target, **options)) for _ in range(2)]
                seen.append((found, echo.seen, dict(client.cookies)))
        assert seen[0] == seen[1], (method, options)


def usual(application: Any, base_url: str, headers: dict[str, str]) -> httpx.AsyncClient:
    """What Calls stands for."""
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers, trust_env=False)


def described(answer: httpx.Response) -> Any:
    asked = answer.request
    return answer.status_code, answer.content, answer.headers.multi_items(), asked.method, asked.url
