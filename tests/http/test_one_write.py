"""Answers leave in one piece, and byte for byte as uvicorn would write them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from entrepot.http.one_write import OneWrite

QUIET = logging.getLogger("tests.quiet")
QUIET.disabled = True
KEPT = [(b"keep-alive", b"timeout=615")]


class Wire(asyncio.Transport):
    """What a peer would see: one entry for each system call."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data:
            self.sent.append(bytes(data))

    def close(self) -> None:
        self.sent.append(b"<closed>")


@dataclass
class Answer:
    """What an application sends, to whom."""

    messages: list[dict[str, Any]]
    method: str = "GET"
    keep_alive: bool = True
    gone: bool = False
    completions: int = field(default=0, init=False)

    async def app(self, _scope: Any, _receive: Any, send: Any) -> None:
        for message in self.messages:
            await send(message)

    async def written(self, *, joined: bool) -> list[bytes]:
        wire = Wire()
        cycle = RequestResponseCycle(
            scope={"method": self.method},  # type: ignore[typeddict-item]
            transport=wire,
            flow=FlowControl(wire),
            logger=QUIET,
            access_logger=QUIET,
            access_log=False,
            default_headers=KEPT,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=self.keep_alive,
            on_response=self._complete,
        )
        cycle.disconnected = self.gone
        app: Any = OneWrite(cycle, self.app) if joined else self.app
        await cycle.run_asgi(app)
        return [*wire.sent, f"<complete: {cycle.response_complete} {cycle.keep_alive}>".encode()]

    def _complete(self) -> None:
        self.completions += 1


def start(status: int, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def whole(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> list[dict[str, Any]]:
    length = (b"content-length", b"%d" % len(body))
    return [start(status, *headers, length), {"type": "http.response.body", "body": body}]


HEADERS = st.tuples(
    st.sampled_from(
        [b"content-type", b"x-request-id", b"connection", b"transfer-encoding", b"content-length"]
    ),
    st.sampled_from(
        [b"", b"a\tb", b"close", b"chunked", b"3", b"a\r\nx: y", b"a\nb", b"\x00", b"\x7f", b"\xff"]
    ),
)
PARTS = st.lists(st.builds(lambda body, more: {"type": "http.response.body", "body": body, "more_body": more},
                           st.binary(max_size=4), st.booleans()), max_size=3)  # fmt: skip
ANSWERS = st.builds(
    Answer,
    st.one_of(
        st.builds(lambda body, headers: whole(200, body, *headers), st.binary(max_size=9), st.lists(HEADERS, max_size=2)),
        st.builds(lambda status, headers, parts: [start(status, *headers), *parts],
                  st.sampled_from([200, 204, 304, 404]), st.lists(HEADERS, max_size=3), PARTS),
    ),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    keep_alive=st.booleans(),
    gone=st.booleans(),
)  # fmt: skip


@given(answer=ANSWERS)
async def test_every_answer_is_as_uvicorn_writes_it(answer: Answer) -> None:
    ours, plain = await answer.written(joined=True), await answer.written(joined=False)
    started_only = len(answer.messages) == 1
    if started_only:
        # uvicorn would have sent a head whose body never comes; this side had not begun, and says that it failed.
        assert answer.gone or ours[0].startswith(b"HTTP/1.1 500 ")
    else:
        assert b"".join(ours) == b"".join(plain)
        assert answer.completions in (0, 2)


async def test_a_whole_answer_is_one_write() -> None:
    for answer in (
        Answer(whole(200, b"{}")),
        Answer(whole(404, b"x" * 100_000), method="POST"),
        Answer(whole(200, b"{}"), keep_alive=False),
        Answer([start(204), {"type": "http.response.body"}]),
    ):
        assert len([each for each in await answer.written(joined=True) if not each.startswith(b"<")]) == 1


async def test_no_header_makes_another_one() -> None:
    for value in (b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"\x00"):
        answer = Answer(whole(200, b"{}", (b"location", value)))
        assert await answer.written(joined=True) == [b"<closed>", b"<complete: False True>"]
