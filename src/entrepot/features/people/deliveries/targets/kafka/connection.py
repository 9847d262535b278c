"""A connection to a Kafka broker that goes where calls abroad may go, and takes answers of a bounded size only.

The protocol itself is aiokafka's.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
import weakref
from dataclasses import dataclass, field
from typing import Any

from aiokafka.conn import READER_LIMIT, AIOKafkaConnection, AIOKafkaProtocol
from aiokafka.util import create_future

from entrepot.features.people.outgoing.client import Outgoing

CONNECT_LIMIT = 10.0
"""Seconds until TLS stands."""
REQUEST_LIMIT_MS = 15_000
IDLE_MS = 50_000
MAX_FRAME = 128 * 1024
"""Bytes of an answer: the partitions of one topic are less, and its parsing holds up nobody."""
MOST_ADDRESSES = 4
"""Of one name that are tried."""

# At DEBUG it writes whole requests, credentials among them.
logging.getLogger("aiokafka").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Login:
    """How one gets in. Without `tls` or `mechanism` one goes without."""

    context: ssl.SSLContext | None
    mechanism: str | None
    username: str
    password: str = field(repr=False)

    @property
    def protocol(self) -> str:
        """Its name in Kafka."""
        secured = "SSL" if self.context else "PLAINTEXT"
        return f"SASL_{secured}" if self.mechanism else secured


class BrokerConnection(AIOKafkaConnection):  # type: ignore[misc] # without annotations
    """One connection, to an address that was looked at."""

    def __init__(self, outgoing: Outgoing, host: str, port: int, login: Login) -> None:
        super().__init__(
            host,
            port,
            client_id="entrepot",
            request_timeout_ms=REQUEST_LIMIT_MS,
            ssl_context=login.context,
            security_protocol=login.protocol,
            max_idle_ms=IDLE_MS,
            sasl_mechanism=login.mechanism,
            sasl_plain_username=login.username,
            sasl_plain_password=login.password,
        )
        self._outgoing = outgoing
        self._tls = login.context

    async def connect(self) -> tuple[Any, Any]:
        """Connect and log in. Raises RefusedCallError, OSError, TimeoutError, KafkaError."""
        addresses = await self._outgoing.addresses(self.host, self.port)
        self._closed_fut = create_future()
        reader = asyncio.StreamReader(limit=READER_LIMIT)
        self._protocol = AIOKafkaProtocol(self._closed_fut, reader, loop=self._loop)
        async with asyncio.timeout(CONNECT_LIMIT):
            transport = await self._reached(addresses[:MOST_ADDRESSES])
        self._reader = reader
        self._writer = asyncio.StreamWriter(transport, self._protocol, reader, self._loop)
        self._read_task = self._create_reader_task()
        self._idle_handle = self._loop.call_soon(self._idle_check, weakref.ref(self))
        try:
            await self._do_version_lookup()
            if self._sasl_mechanism is not None:
                await self._do_sasl_handshake()
        except BaseException:
            self.close()
            raise
        return self._reader, self._writer

    async def _reached(self, addresses: list[str]) -> asyncio.Transport:
        name = self.host if self._tls is not None else None
        for place, address in enumerate(addresses, 1):
            try:
                transport, _ = await self._loop.create_connection(
                    lambda: self._protocol, address, self.port, ssl=self._tls, server_hostname=name
                )
            except OSError:
                if place == len(addresses):
                    raise
            else:
                found: asyncio.Transport = transport
                return found
        raise OSError("no address")

    @staticmethod
    async def _read(self_ref: Any) -> None:
        connection = self_ref()
        if connection is None:
            return
        reader = connection._reader  # noqa: SLF001 (its own)
        del connection
        while True:
            (size,) = struct.unpack(">i", await reader.readexactly(4))
            if not 0 <= size <= MAX_FRAME:
                raise ConnectionError(f"An answer of {size} bytes.")
            frame = await reader.readexactly(size)
            connection = self_ref()
            if connection is None:
                return
            connection._handle_frame(frame)  # noqa: SLF001
            del connection
