"""Requests to the other server, by aiohttp."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.seeding.remote.errors import BadAddressError
from entrepot.kernel.hosts import is_loopback

TIME_LIMIT = 60.0
"""Seconds for one answer, all of it."""
CONNECT_LIMIT = 15.0
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes: a page of a hundred objects with xp of any size that the other side may allow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; names of headers are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class UnreachedError(Exception):
    """No complete answer came; the text says why. The same request may have one later."""


class UntrustedError(Exception):
    """The other side's certificate is not what it has to be."""


class Transport(Protocol):
    """Sends a request. Raises UnreachedError and UntrustedError."""

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer: ...


def base_url(text: str, *, plain: bool = False) -> str:
    """The URL before `/v1`, without a slash at its end. Raises BadAddressError.

    plain: whether HTTP without TLS is good for other hosts than this one; credentials go over it.
    """
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise BadAddressError(f"{text} is no URL.") from None
    if parts.scheme not in {"https", "http"} or not host:
        raise BadAddressError(f"{text} is no URL of the web: it has to begin with https://.")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadAddressError("The URL must have neither credentials nor a query.")
    if parts.scheme == "http" and not plain and not is_loopback(host):
        raise BadAddressError(f"{text} would send the secret without TLS; --allow-http says that it may.")
    path = parts.path.rstrip("/").removesuffix("/v1")
    return f"{parts.scheme}://{parts.netloc}{path}"


@asynccontextmanager
async def open_transport() -> AsyncIterator[Transport]:
    """One that checks certificates, follows no redirects, keeps no cookies and takes no proxy from the environment (ADR 0010)."""
    # It takes 8 MiB of a process, of which one that calls nobody has no need.
    import aiohttp

    trusted = await _trusted()
    limit = aiohttp.ClientTimeout(total=TIME_LIMIT, connect=CONNECT_LIMIT)
    connector = aiohttp.TCPConnector(ssl=trusted, limit=16)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=limit,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=True,
    ) as session:

        async def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
            from yarl import URL

            try:
                async with session.request(
                    method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
                ) as response:
                    received = bytearray()
                    async for chunk in response.content.iter_any():
                        received += chunk
                        if len(received) > MAX_ANSWER:
                            raise UnreachedError(f"the answer has more than {MAX_ANSWER:,} bytes")
                    told = {name.lower(): value for name, value in response.headers.items()}
                    return Answer(response.status, bytes(received), told)
            except aiohttp.ClientSSLError as error:
                raise UntrustedError(str(error)) from error
            except (aiohttp.ClientError, TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                raise UnreachedError(str(error) or type(error).__name__) from error

        yield send


async def _trusted() -> ssl.SSLContext:
    outgoing = Outgoing(private=True)
    try:
        return await outgoing.authorities()
    finally:
        await outgoing.close()
