"""Calls abroad: to the URLs that marketplaces have set for their integrations (INT-7)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv6Address, ip_address

import certifi
import httpx

TIME_LIMIT = 30.0
"""Seconds from the beginning of a call to the end of its answer (IE-10)."""
CONNECT_LIMIT = 10.0
MAX_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer, after decompression."""
MAX_CONNECTIONS = 100
IDLE_SECONDS = 4.0
"""Unused connections are kept shorter than many servers keep theirs, which would cut off the next call."""

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Without a complete answer `status` is None and `failure` says why."""

    status: int | None
    body: bytes = b""
    failure: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether a complete answer came and its status is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body, or what went wrong; nothing in it that PostgreSQL cannot store."""
        return self.failure or self.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


class Outgoing:
    """The HTTP client of one process. It follows no redirects, keeps no cookies and takes no proxy from the environment.

    private: whether addresses of this machine and of private networks may be called, too. Of certificates the
    system's authorities and the well-known ones are trusted.
    """

    def __init__(self, *, private: bool = True) -> None:
        self._private = private
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def post(self, url: str, body: bytes, headers: Headers) -> Answer:
        """POST of exactly these bytes. Never raises for what the other side or the URL has done."""
        try:
            client = await self._opened()
            async with asyncio.timeout(TIME_LIMIT):
                return await _post(client, url, body, headers)
        except TimeoutError:
            return Answer(None, failure=f"No complete answer within {TIME_LIMIT:g} seconds.")
        except httpx.TimeoutException:
            return Answer(None, failure="The server could not be reached in time.")
        except Exception as error:  # noqa: BLE001 (the libraries below have errors of their own; none is the caller's)
            return Answer(
                None, failure=f"The call failed: {str(error) or type(error).__name__}".replace("\0", "")
            )

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> httpx.AsyncClient:
        """The client, made by the first call, in a thread: reading all authorities' certificates takes a tenth of a second,
        which neither a start nor other requests should wait for.
        """
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_client, private=self._private)
        return self._client


def _client(*, private: bool) -> httpx.AsyncClient:
    transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(
        verify=_authorities(),
        trust_env=False,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=IDLE_SECONDS),
    )
    client = httpx.AsyncClient(
        transport=transport if private else _PublicOnly(transport),
        # Of the whole call TIME_LIMIT is the limit.
        timeout=httpx.Timeout(None, connect=CONNECT_LIMIT),
        headers={"User-Agent": "Entrepot", "Accept": "application/json"},
        follow_redirects=False,
        trust_env=False,
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return client


async def _post(client: httpx.AsyncClient, url: str, body: bytes, headers: Headers) -> Answer:
    sent = [(name.encode(), value.encode()) for name, value in headers]
    async with client.stream("POST", url, content=body, headers=sent) as response:
        received = bytearray()
        async for chunk in response.aiter_bytes():
            received += chunk
            if len(received) > MAX_ANSWER:
                return Answer(None, failure=f"The answer has more than {MAX_ANSWER} bytes.")
        return Answer(response.status_code, bytes(received))


class _PublicOnly(httpx.AsyncBaseTransport):
    """Connects to public addresses only, and to the very address that was looked at, whatever a name resolves to later."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        found = await _addresses(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        if not found or not all(is_public(address) for address in found):
            raise httpx.ConnectError(f"{host} is not a public address.", request=request)
        if host not in found:
            request.extensions = {**request.extensions, "sni_hostname": host}
        # The Host header stays what it was.
        request.url = request.url.copy_with(host=found[0])
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast


async def _addresses(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    except OSError:
        return []
    return [str(place[0]) for *_, place in found]


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
