"""Calls abroad: which addresses, in which compartments, and what of an answer is kept."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from typing import Any

import pytest
from tests.api.receiver import Listening, receiving

from entrepot.features.people.outgoing import bulkheads, names
from entrepot.features.people.outgoing.addresses import is_public
from entrepot.features.people.outgoing.answers import cut_tokens
from entrepot.features.people.outgoing.bulkheads import RESPITE, TIMEOUTS, Bulkheads, RefusedCallError
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.outgoing.names import socket_to


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("8.8.8.8", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("2a00:1450:4001:82a::200e", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::8.8.8.8", True),
        ("2606:4700::5efe:8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.0.8", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::8.8.8.8", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("::ffff:0:8.8.8.8", False),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::169.254.169.254", False),
        ("64:ff9b:1::8.8.8.8", False),
        ("100::1", False),
        ("2001::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2001:10::1", False),
        ("2001:db8::1", False),
        ("2002:7f00:1::1", False),
        ("2002:808:808::1", False),
        ("2606:4700::5efe:127.0.0.1", False),
        ("2606:4700::200:5efe:10.0.0.1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("fc00::1", False),
        ("fd12::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    """Security 6: ENTREPOT_PRIVATE_TARGETS=false"""
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("eyJhbGciOiJSUzI1NiJ9.eyJ1c3IiOiJhIn0.c2ln-_", "***"),
        ('{"t":"eyJhbGciOiJSUzI1NiJ9.eyJ1c3IiOiJhIn0.c2ln"} <', '{"t":"***"} <'),
        ("Bearer eyJhbGciOiJSUzI1NiJ9", "Bearer ***"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJ1c3", "***"),
        ("two eyJhbGciOi.a.b and eyJhbGciOi.c.d", "two *** and ***"),
        ("heyJude", "heyJude"),
        ("nothing", "nothing"),
    ],
)
def test_tokens_in_texts(text: str, left: str) -> None:
    """Security 7"""
    assert cut_tokens(text) == left


async def test_compartments() -> None:
    """Security 8: of one marketplace so many calls are under way, so many wait, and others are refused at once; another one's
    calls go on.
    """
    held, end, begun = Bulkheads(at_once=2, waiting=3), asyncio.Event(), list[int]()

    async def call(marketplace_id: int) -> None:
        async with held.within(marketplace_id):
            begun.append(marketplace_id)
            await end.wait()

    slow = [asyncio.create_task(call(1)) for _ in range(5)]
    await asyncio.sleep(0)
    assert begun == [1, 1]
    with pytest.raises(RefusedCallError):
        await call(1)
    other = asyncio.create_task(call(2))
    await asyncio.sleep(0)
    assert begun == [1, 1, 2]
    slow[-1].cancel()
    await asyncio.sleep(0)
    again = asyncio.create_task(call(1))
    end.set()
    await asyncio.gather(*slow[:-1], other, again)
    assert begun.count(1) == 5
    assert held._compartments == {}, "what nobody uses is not kept"


def test_a_host_that_does_not_answer_is_left_alone() -> None:
    """Security 8: after time-outs on end for a while, then one call tries; for this marketplace alone."""
    now = [1000.0]
    held = Bulkheads(lambda: now[0])

    def is_admitted(marketplace_id: int = 1, host: str = "slow") -> bool:
        try:
            held.admit(marketplace_id, host)
        except RefusedCallError:
            return False
        return True

    for _ in range(TIMEOUTS - 1):
        held.note(1, "slow", in_time=False)
    held.note(1, "slow", in_time=True)
    for _ in range(TIMEOUTS):
        assert is_admitted()
        held.note(1, "slow", in_time=False)
    assert not is_admitted()
    assert is_admitted(2)
    assert is_admitted(1, "other")
    now[0] += RESPITE
    assert [is_admitted(), is_admitted()] == [True, False], "one tries"
    held.note(1, "slow", in_time=False)
    now[0] += RESPITE - 1
    assert not is_admitted()
    now[0] += 1
    assert is_admitted()
    held.note(1, "slow", in_time=True)
    assert [is_admitted(), is_admitted()] == [True, True]


def test_hosts_in_trouble_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security 8"""
    monkeypatch.setattr(bulkheads, "MOST_HOSTS", 3)
    held = Bulkheads()
    for number in range(10):
        held.note(1, f"host{number}", in_time=False)
    assert [host for _, host in held._hosts] == ["host7", "host8", "host9"]


@contextmanager
def answering(body: bytes, encoding: str | None) -> Iterator[tuple[str, list[str]]]:
    """A server's URL, and what it was told to be accepted."""
    accepted: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            accepted.append(self.headers["Accept-Encoding"])
            self.send_response(200)
            if encoding is not None:
                self.send_header("Content-Encoding", encoding)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is logged."""

    server = Listening(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", accepted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("body", "encoding", "failure"),
    [
        (b'{"a": 1}', None, None),
        (b'{"a": 1}', "identity", None),
        (gzip.compress(b" " * 200_000_000, 1), "gzip", "The answer is compressed, which was not asked for."),
        (b"x", "br", "The answer is compressed, which was not asked for."),
        (b"[" + b"1," * 60_000 + b"1]", None, "The answer has more than 50000 values."),
        (b'"' + b"x" * (4 * 1024 * 1024) + b'"', None, "The answer has more than 4194304 bytes."),
    ],
    ids=["plain", "identity", "gzip", "brotli", "values", "bytes"],
)
async def test_what_an_answer_may_be(body: bytes, encoding: str | None, failure: str | None) -> None:
    """Security 24: an answer is asked for as it is, and none that would hold up others is unpacked or read."""
    caller = Outgoing(private=True)
    try:
        with answering(body, encoding) as (url, accepted):
            answer = await caller.post(1, url, b"{}", ())
    finally:
        await caller.close()
    assert accepted == ["identity"]
    assert answer.failure == failure
    assert answer.succeeded is (failure is None)


async def test_any_method_and_the_headers_of_the_answer() -> None:
    """INT-7: exactly these bytes by the method that is asked for; of the headers that come back, too, secrets are cut out."""
    caller = Outgoing(private=True)
    try:
        with receiving() as receiver:
            receiver.answers["/x"] = {}
            receiver.location = "https://elsewhere.example/hush"
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                body = b"" if method == "GET" else b'{"a": 1.0}'
                answer = await caller.call(1, method, f"{receiver.url}/x", body, (), secrets=["hush"])
                assert (answer.status, answer.headers["location"]) == (200, "https://elsewhere.example/***")
                assert (receiver.received[-1].method, receiver.received[-1].raw) == (method, body)
        assert await caller.addresses("localhost", 1) != []
        with pytest.raises(RefusedCallError, match="is unknown"):
            await caller.addresses("nowhere.invalid", 1)
    finally:
        await caller.close()


async def test_urls_are_sent_as_they_are_written() -> None:
    """INT-7: no character of a URL that may stand in one is written in another way, since signatures are made over it; whatever
    may not is encoded. A URL that names no host, or one that is no number as it should be, is a failure and no error.
    """
    caller = Outgoing(private=True)
    try:
        with receiving() as receiver:
            written = ("/a%2Fb/%7Ec//d/../e?sig=a%2Bb%3D&x=1+2;(3)", "/x?&&=%")
            for path in written:
                receiver.answers[path] = receiver.answers[path.partition("?")[0]] = {}
                assert (await caller.post(1, receiver.url + path, b"{}", ())).status == 200
            assert [each.path for each in receiver.received] == list(written)
        for url in (
            "http://",
            "http:///x",
            "//host/x",
            "http://[::1/x",
            "http://a:b/x",
            "http://h\0/x",
            "nothing",
            "",
        ):
            answer = await caller.post(1, url, b"{}", ())
            assert (answer.status, answer.succeeded) == (None, False), url
    finally:
        await caller.close()


async def test_names_that_nobody_answers_for_take_one_marketplaces_threads_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many calls of one marketplace hang in the system's resolver, or have given up while it goes on: others are called."""
    free, asked = Event(), list[str]()
    really = socket.getaddrinfo

    def getaddrinfo(host: str, *given: Any, **more: Any) -> Any:
        asked.append(host)
        if host.endswith(".hangs.example"):
            free.wait(60)
            raise OSError
        return really(host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    caller = Outgoing(private=True, bulkheads=Bulkheads(at_once=1_000, judging=False))
    await caller.authorities()
    hanging = [
        asyncio.create_task(caller.post(1, f"http://{number}.hangs.example/", b"{}", (), time_limit=limit))
        for limit in (0.05, 60)
        for number in range(names.THREADS)
    ]
    try:
        await asyncio.wait(hanging[: names.THREADS])
        with receiving() as there:
            there.answers["/"] = {}
            url = there.url.replace("127.0.0.1", "localhost")
            answer = await asyncio.wait_for(caller.post(2, f"{url}/", b"{}", ()), 30)
        assert (answer.status, answer.failure) == (200, None)
        assert len(asked) - asked.count("localhost") == names.OF_ONE
    finally:
        free.set()
        await asyncio.wait(hanging)
        await caller.close()


async def test_large_bodies_go_as_they_are() -> None:
    """INT-7: of two megabytes, every byte, with their length."""
    caller, body = Outgoing(private=True), b'"' + b"x" * (2 * 2**20 - 2) + b'"'
    try:
        with receiving() as receiver:
            receiver.answers["/x"] = {}
            assert (await caller.post(1, f"{receiver.url}/x", body, ())).status == 200
            assert receiver.received[-1].raw == body
    finally:
        await caller.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
async def test_no_spelling_of_a_private_address_is_called(host: str) -> None:
    """Security 6: ENTREPOT_PRIVATE_TARGETS=false; whatever a library below makes of it."""
    caller, came = Outgoing(private=False), []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(host)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        answer = await caller.post(1, f"https://{host}:{port}/", b"{}", ())
        assert (answer.status, "not a public address" in answer.text or "unknown" in answer.text) == (
            None,
            True,
        )
        with pytest.raises(RefusedCallError, match="not a public address"):
            socket_to((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)))
    finally:
        server.close()
        await server.wait_closed()
        await caller.close()
    assert came == []


async def test_opening_what_calls_need_is_within_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call loads what all need: where that hangs, nobody waits longer than for an answer."""
    outgoing = Outgoing(private=True)

    async def hanging() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(outgoing, "_trusted", hanging)
    async with asyncio.timeout(30):
        answer = await outgoing.post(1, "http://localhost:1/", b"", [], time_limit=0.01)
    assert (answer.status, answer.failure) == (None, "No complete answer within 0.01 seconds.")
