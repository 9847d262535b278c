"""Kafka for tests: the mock cluster within librdkafka, and before it a login, which that does not have."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

METADATA, API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 3, 18, 17, 36
UNSUPPORTED_MECHANISM, AUTHENTICATION_FAILED = 33, 58
PATIENCE = 30
SALT, ROUNDS = b"salt", 4096


@dataclass
class Cluster:
    """One broker in this process."""

    _broker: Producer = field(repr=False)
    host: str
    port: int

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def make_topic(self, name: str) -> None:
        """The mock makes one when somebody asks for it who may make it."""
        self._broker.list_topics(name, timeout=PATIENCE)

    def read(self, topic: str, count: int) -> list[tuple[bytes, bytes, dict[str, bytes]]]:
        """Key, value and headers of the first messages of a topic, in the order of each partition."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.place,
                "group.id": topic,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "fetch.message.max.bytes": 50_000_000,
                "fetch.max.bytes": 60_000_000,
                "receive.message.max.bytes": 70_000_000,
                "log_level": 0,
            }
        )
        try:
            partitions = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
            consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in partitions])
            found: list[Any] = []
            while len(found) < count:
                message = consumer.poll(PATIENCE)
                assert message is not None, f"{len(found)} of {count} messages"
                if message.error() is None:
                    found.append(message)
            return [(each.key(), each.value(), dict(each.headers() or [])) for each in found]
        finally:
            consumer.close()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster until the block ends."""
    broker = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0})
    found = next(iter(broker.list_topics(timeout=PATIENCE).brokers.values()))
    yield Cluster(broker, found.host, found.port)


@dataclass
class Scram:
    """The server's side of RFC 5802, without channel binding."""

    username: str
    password: str
    mechanism: str
    _so_far: str = ""

    def answer(self, said: bytes) -> bytes | None:
        """What is said to a message of the client; None to a wrong one."""
        text = said.decode()
        if not self._so_far:
            name, nonce = text.removeprefix("n,,").split(",")
            first = f"{nonce}server,s={base64.b64encode(SALT).decode()},i={ROUNDS}"
            self._so_far = f"{name},{nonce},{first}"
            return first.encode() if name == f"n={self.username}" else None
        bare, _, proof = text.rpartition(",p=")
        kind = self.mechanism.removeprefix("SCRAM-").replace("-", "").lower()
        salted = hashlib.pbkdf2_hmac(kind, self.password.encode(), SALT, ROUNDS)
        key = hmac.digest(salted, b"Client Key", kind)
        message = f"{self._so_far},{bare}".encode()
        signature = hmac.digest(hashlib.new(kind, key).digest(), message, kind)
        if base64.b64decode(proof) != bytes(a ^ b for a, b in zip(key, signature, strict=True)):
            return None
        own = hmac.digest(hmac.digest(salted, b"Server Key", kind), message, kind)
        return b"v=" + base64.b64encode(own)


@dataclass
class Gate:
    """What stands before a broker: takes one user and one password, and says of the broker that it is reached here."""

    cluster: Cluster
    username: str
    password: str
    mechanisms: tuple[str, ...]
    port: int = 0
    logins: list[str] = field(default_factory=list)
    """The mechanisms of those who got in."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            broker_reader, broker_writer = await asyncio.open_connection(self.cluster.host, self.cluster.port)
            try:
                await self._pass(reader, writer, broker_reader, broker_writer)
            finally:
                broker_writer.close()
                writer.close()

    async def _pass(self, reader: Any, writer: Any, broker_reader: Any, broker_writer: Any) -> None:
        entered, mechanism, scram = False, "", None
        while True:
            request = await _frame(reader)
            key, _, correlation = struct.unpack(">hhi", request[:8])
            rest = request[10 + max(0, struct.unpack(">h", request[8:10])[0]) :]
            if key == SASL_HANDSHAKE:
                mechanism = _string(rest)
                refused = mechanism not in self.mechanisms
                listed = b"".join(_encoded(each) for each in self.mechanisms)
                body = (
                    struct.pack(">hi", UNSUPPORTED_MECHANISM if refused else 0, len(self.mechanisms)) + listed
                )
            elif key == SASL_AUTHENTICATE:
                scram = scram or Scram(self.username, self.password, mechanism)
                said = self._plain(rest[4:]) if mechanism == "PLAIN" else scram.answer(rest[4:])
                entered = said is not None and (mechanism == "PLAIN" or said.startswith(b"v="))
                body = struct.pack(">h", AUTHENTICATION_FAILED if said is None else 0)
                body += _encoded(f"wrong: {rest!r}") + struct.pack(">i", len(said or b"")) + (said or b"")
                self.logins += [mechanism] if entered else []
            else:
                if not entered and key != API_VERSIONS:
                    return
                broker_writer.write(struct.pack(">i", len(request)) + request)
                body = self._as_ours(key, (await _frame(broker_reader))[4:])
            writer.write(struct.pack(">iI", len(body) + 4, correlation) + body)
            await writer.drain()

    def _plain(self, said: bytes) -> bytes | None:
        return b"" if said.decode().split("\0")[1:] == [self.username, self.password] else None

    def _as_ours(self, key: int, body: bytes) -> bytes:
        if key == METADATA:
            theirs = _encoded(self.cluster.host) + struct.pack(">i", self.cluster.port)
            return body.replace(theirs, _encoded("127.0.0.1") + struct.pack(">i", self.port))
        if key == API_VERSIONS:
            error, count = struct.unpack(">hi", body[:6])
            more = struct.pack(">hhhhhh", SASL_HANDSHAKE, 0, 1, SASL_AUTHENTICATE, 0, 0)
            return struct.pack(">hi", error, count + 2) + more + body[6:]
        return body


@asynccontextmanager
async def gate(
    cluster: Cluster, username: str, password: str, mechanisms: tuple[str, ...] = ("PLAIN",)
) -> AsyncIterator[Gate]:
    """A gate on a free port, until the block ends."""
    made = Gate(cluster, username, password, mechanisms)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


def _string(data: bytes) -> str:
    (size,) = struct.unpack(">h", data[:2])
    return data[2 : 2 + size].decode()


def _encoded(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()
