"""Connections abroad that speak HTTP, by aiohttp."""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Iterable, Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from entrepot.engine.content import Content
from entrepot.features.people.outgoing.answers import CUT, Answer, UnreachedError
from entrepot.features.people.outgoing.names import Names, socket_to
from entrepot.kernel.errors import BodyTooManyValuesError

CONNECT_LIMIT = 10.0
"""Seconds until a connection stands."""
MOST_VALUES = 50_000
"""JSON values in an answer."""
MAX_CONNECTIONS = 1000
"""Of all marketplaces; what one may have of them is less (bulkheads.py)."""
IDLE_SECONDS = 4.0
"""Unused connections are kept shorter than many servers keep theirs, which would cut off the next call."""
IN_ONE_PIECE = 256 * 1024
"""Bytes of a body that are handed over at once; a larger one goes in pieces."""

_WRITTEN_OUT = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
"""A URL of which no character has to be written in another way: it is sent as it is."""

Headers = Iterable[tuple[str, str]]


class Connections:
    """Those of one process. They follow no redirects, keep no cookies and take no proxy from the environment."""

    def __init__(self, names: Names, context: ssl.SSLContext) -> None:
        self._client = _client(context, names)

    async def close(self) -> None:
        """Close all of them."""
        await self._client.close()

    @staticmethod
    def target(url: str) -> URL:
        """Raises ValueError."""
        return URL(url, encoded=_WRITTEN_OUT.fullmatch(url) is not None)

    async def send(
        self,
        method: str,
        url: URL,
        body: bytes,
        headers: Headers,
        secrets: Iterable[str],
        longest: int,
    ) -> Answer:
        """One request with exactly these bytes. Raises UnreachedError, OSError, and what the library raises.

        secrets: what is cut out of the answer, of which there are no more than `longest` bytes.
        """
        try:
            return await self._send(method, url, body, headers, secrets, longest)
        except aiohttp.ServerTimeoutError as error:
            raise UnreachedError from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise error.certificate_error from error
        except aiohttp.ClientConnectorError as error:
            raise error.os_error from error

    async def _send(
        self,
        method: str,
        url: URL,
        body: bytes,
        headers: Headers,
        secrets: Iterable[str],
        longest: int,
    ) -> Answer:
        data = io.BytesIO(body) if len(body) > IN_ONE_PIECE else body or None
        async with self._client.request(
            method, url, data=data, headers=list(headers), allow_redirects=False
        ) as response:
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
                return _unread(response, secrets, "The answer is compressed, which was not asked for.")
            received = bytearray()
            async for chunk in response.content.iter_any():
                received += chunk
                if len(received) > longest:
                    return _unread(response, secrets, f"The answer has more than {longest} bytes.")
            content = Content(_without(bytes(received), secrets))
            try:
                await content.examine(MOST_VALUES)
            except BodyTooManyValuesError:
                return _unread(response, secrets, f"The answer has more than {MOST_VALUES} values.")
            return Answer(response.status, content, headers=_sent_back(response.headers, secrets))


class _Resolver(AbstractResolver):
    """Names, as the library asks for them. Raises what `Names.addresses` raises."""

    def __init__(self, names: Names) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in await self._names.addresses(host, port)
        ]

    async def close(self) -> None:
        """The threads that ask are everybody's."""


def _client(context: ssl.SSLContext, names: Names) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        ssl=context,
        resolver=_Resolver(names),
        # A name is looked at for each connection that is opened.
        use_dns_cache=False,
        socket_factory=None if names.private else socket_to,
        limit=MAX_CONNECTIONS,
        keepalive_timeout=IDLE_SECONDS,
    )
    return aiohttp.ClientSession(
        connector=connector,
        # Of the whole call TIME_LIMIT is the limit.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT),
        headers={"User-Agent": "Entrepot", "Accept": "application/json", "Accept-Encoding": "identity"},
        skip_auto_headers=("Content-Type",),
        # A small compressed answer may be a large one, to be unpacked while everybody waits.
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


def _unread(response: aiohttp.ClientResponse, secrets: Iterable[str], why: str) -> Answer:
    headers = _sent_back(response.headers, secrets)
    return Answer(None, failure=why, headers=headers, unread=response.status)


def _sent_back(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers.items():
        text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for secret in secrets:
            text = text.replace(secret, CUT)
        folded = name.lower()
        found[folded] = f"{found[folded]}, {text}" if folded in found else text
    return found


def _without(body: bytes, secrets: Iterable[str]) -> bytes:
    for secret in secrets:
        body = body.replace(secret.encode(), CUT.encode())
    return body
