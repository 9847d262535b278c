"""HTTP calls of an application in the same process, by a client that is httpx's, but for the way of a plain request.

That way took nearly half of the time of a test: for each request httpx parses its URL three times and looks for cookies.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx
from httpx._content import encode_request

PLAIN = re.compile(r"/(?![/.])(?:[\w\-~:@!$&'()*+,;=|.]|/(?![.]))*(?:\?[\w\-.~/:@!$&'()*+,;=|?]+)?", re.ASCII)
"""A path and query that go over the wire as they are written."""
WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
"""What tells its length though it has no body."""

Event = dict[str, Any]


class Answer(httpx.Response):
    """One that knows its request without having parsed it."""

    def __init__(self, method: str, base_url: httpx.URL, target: str, status: int, **answered: Any) -> None:
        super().__init__(status, **answered)
        self._asked = method, base_url, target

    @property
    def request(self) -> httpx.Request:
        method, base_url, target = self._asked
        return httpx.Request(method, base_url.join(target))

    @request.setter
    def request(self, value: httpx.Request) -> None:
        raise AttributeError("an answer keeps its request")


class Calls(httpx.AsyncClient):
    """`application` is one of ASGI. What is not plain takes httpx's own way."""

    def __init__(self, application: Any, base_url: str, headers: Mapping[str, str]) -> None:
        super().__init__(
            transport=httpx.ASGITransport(application),
            base_url=base_url,
            headers=dict(headers),
            trust_env=False,
        )
        self._application = application

    async def request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        content: Any = None,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        **more: Any,
    ) -> httpx.Response:
        usual = all(value is None or value is httpx.USE_CLIENT_DEFAULT for value in more.values())
        if not (
            usual
            and isinstance(url, str)
            and PLAIN.fullmatch(url)
            and (content is None or isinstance(content, (bytes, str)))
            and not self.cookies.jar._cookies  # type: ignore[attr-defined]
        ):
            return await super().request(
                method, url, content=content, data=data, json=json, headers=headers, **more
            )
        described, stream = encode_request(content, data, None, json)
        (body,) = [part async for part in stream]  # type: ignore[union-attr]
        sent = self.headers if headers is None else httpx.Headers(self._merge_headers(headers))
        return await self._exchange(method.upper(), url, self._raw(method.upper(), sent, described), body)

    def _raw(
        self, method: str, headers: httpx.Headers, described: Mapping[str, str]
    ) -> list[tuple[bytes, bytes]]:
        """What goes over the wire, in the order in which httpx sends it."""
        raw = [(name.lower(), value) for name, value in headers.raw]
        names = {name for name, _ in raw}
        raw += [
            (name.lower().encode(), value.encode())
            for name, value in described.items()
            if name.lower().encode() not in names
        ]
        first = [] if b"host" in names else [(b"host", self.base_url.netloc)]
        if method in WITH_LENGTH and "Content-Length" not in described and b"content-length" not in names:
            first.append((b"content-length", b"0"))
        return first + raw

    async def _exchange(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "headers": headers,
            "scheme": self.base_url.scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "server": (self.base_url.host, self.base_url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        asked, ended = False, asyncio.Event()
        answered: list[Event] = []

        async def receive() -> Event:
            nonlocal asked
            if asked:
                await ended.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Event) -> None:
            assert not ended.is_set()
            answered.append(event)
            if event["type"] == "http.response.body" and not event.get("more_body", False):
                ended.set()

        await self._application(scope, receive, send)
        assert ended.is_set()
        start, *rest = answered
        parts = [] if method == "HEAD" else [event.get("body", b"") for event in rest]
        answer = Answer(
            method,
            self.base_url,
            target,
            start["status"],
            headers=start.get("headers", []),
            stream=httpx.ByteStream(b"".join(parts)),
        )
        answer.read()
        if "set-cookie" in answer.headers:
            self.cookies.extract_cookies(answer)
        return answer
