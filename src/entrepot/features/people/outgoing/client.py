"""Calls abroad: to the URLs that marketplaces have set for their integrations (INT-7)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookiejar import DefaultCookiePolicy

import certifi
import httpx

from entrepot.engine.content import Content
from entrepot.features.people.outgoing.addresses import is_public
from entrepot.features.people.outgoing.answers import CUT, Answer
from entrepot.features.people.outgoing.bulkheads import Bulkheads, RefusedCallError
from entrepot.kernel.errors import BodyTooManyValuesError

TIME_LIMIT = 30.0
"""Seconds from the beginning of a call to the end of its answer (IE-10), its turn waited for."""
CONNECT_LIMIT = 10.0
MAX_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer."""
MOST_VALUES = 50_000
"""JSON values in it."""
MAX_CONNECTIONS = 1000
"""Of all marketplaces; what one may have of them is less (bulkheads.py)."""
IDLE_SECONDS = 4.0
"""Unused connections are kept shorter than many servers keep theirs, which would cut off the next call."""

_NAMES = ThreadPoolExecutor(32, "names")
"""Threads that ask for addresses, which takes long where nobody answers: apart from those that requests need."""

Headers = Iterable[tuple[str, str]]


class Outgoing:
    """The HTTP client of one process. It follows no redirects, keeps no cookies and takes no proxy from the environment.

    private: whether addresses of this machine and of private networks may be called, too. Of certificates the
    system's authorities and the well-known ones are trusted.
    """

    def __init__(self, *, private: bool, bulkheads: Bulkheads | None = None) -> None:
        self._private = private
        self._bulkheads = bulkheads or Bulkheads()
        self._client: httpx.AsyncClient | None = None
        self._context: ssl.SSLContext | None = None
        self._opening = asyncio.Lock()

    @property
    def private(self) -> bool:
        """Whether addresses of this machine and of private networks may be called, too, and without TLS."""
        return self._private

    async def post(
        self,
        marketplace_id: int,
        url: str,
        body: bytes,
        headers: Headers,
        *,
        secrets: Iterable[str] = (),
        time_limit: float | None = None,
        longest: int | None = None,
    ) -> Answer:
        """POST of exactly these bytes; otherwise as `call`."""
        return await self.call(
            marketplace_id,
            "POST",
            url,
            body,
            headers,
            secrets=secrets,
            time_limit=time_limit,
            longest=longest,
        )

    async def call(
        self,
        marketplace_id: int,
        method: str,
        url: str,
        body: bytes,
        headers: Headers,
        *,
        secrets: Iterable[str] = (),
        time_limit: float | None = None,
        longest: int | None = None,
    ) -> Answer:
        """A request with exactly these bytes. Never raises for what the other side or the URL has done.

        secrets: what was sent in confidence, and is cut out of the answer. longest: bytes of an answer.
        """
        try:
            target = httpx.URL(url)
            self._check_scheme(target.scheme)
            host = target.host
            self._bulkheads.admit(marketplace_id, host)
        except (RefusedCallError, httpx.InvalidURL, ValueError) as error:
            return _failed(error)
        begun, limit = False, TIME_LIMIT if time_limit is None else time_limit
        try:
            async with asyncio.timeout(limit), self._bulkheads.within(marketplace_id):
                client = await self._opened()
                begun = True
                answer = await _send(client, method, url, body, headers, secrets, longest or MAX_ANSWER)
        except TimeoutError:
            # Who waited in vain for a turn has learned nothing of the host.
            if begun:
                self._bulkheads.note(marketplace_id, host, in_time=False)
            return Answer(None, failure=f"No complete answer within {limit:g} seconds.")
        except httpx.TimeoutException:
            self._bulkheads.note(marketplace_id, host, in_time=False)
            return Answer(None, failure="The server could not be reached in time.")
        except Exception as error:  # noqa: BLE001 (the libraries below have errors of their own; none is the caller's)
            self._bulkheads.note(marketplace_id, host, in_time=True)
            return _failed(error)
        self._bulkheads.note(marketplace_id, host, in_time=True)
        return answer

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where a connection to `host` may go that speaks something else than HTTP: to these very addresses, so that a name
        cannot mean another one by then. Raises RefusedCallError for a host that is unknown or not to be called.
        """
        found = await _addresses(host, port)
        if not found:
            raise RefusedCallError(f"{host} is unknown.")
        if not self._private and not all(is_public(address) for address in found):
            raise RefusedCallError(f"{host} is not a public address.")
        return found

    async def authorities(self) -> ssl.SSLContext:
        """Whose certificates are trusted, for connections that speak something else than HTTP."""
        async with self._opening:
            return await self._trusted()

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    def _check_scheme(self, scheme: str) -> None:
        if scheme != "https" and not (self._private and scheme == "http"):
            raise RefusedCallError("The URL has to begin with https://.")

    async def _opened(self) -> httpx.AsyncClient:
        """The client, made by the first call, in a thread: reading all authorities' certificates takes a tenth of a second,
        which neither a start nor other requests should wait for.
        """
        async with self._opening:
            if self._client is None:
                context = await self._trusted()
                self._client = await asyncio.to_thread(_client, context, private=self._private)
        return self._client

    async def _trusted(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await asyncio.to_thread(_authorities)
        return self._context


def _failed(error: Exception) -> Answer:
    text = str(error) or type(error).__name__
    return Answer(None, failure=f"The call failed: {text}".replace("\0", ""))


def _client(context: ssl.SSLContext, *, private: bool) -> httpx.AsyncClient:
    transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(
        verify=context,
        trust_env=False,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=IDLE_SECONDS),
    )
    client = httpx.AsyncClient(
        transport=transport if private else _PublicOnly(transport),
        # Of the whole call TIME_LIMIT is the limit.
        timeout=httpx.Timeout(None, connect=CONNECT_LIMIT),
        # A small compressed answer may be a large one, to be unpacked while everybody waits.
        headers={"User-Agent": "Entrepot", "Accept": "application/json", "Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return client


async def _send(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    body: bytes,
    headers: Headers,
    secrets: Iterable[str],
    longest: int,
) -> Answer:
    sent = [(name.encode(), value.encode()) for name, value in headers]
    async with client.stream(method, url, content=body, headers=sent) as response:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            return Answer(None, failure="The answer is compressed, which was not asked for.")
        received = bytearray()
        async for chunk in response.aiter_raw():
            received += chunk
            if len(received) > longest:
                return Answer(None, failure=f"The answer has more than {longest} bytes.")
        content = Content(_without(bytes(received), secrets))
        try:
            await content.examine(MOST_VALUES)
        except BodyTooManyValuesError:
            return Answer(None, failure=f"The answer has more than {MOST_VALUES} values.")
        return Answer(response.status_code, content, headers=_sent_back(response.headers, secrets))


def _sent_back(headers: httpx.Headers, secrets: Iterable[str]) -> dict[str, str]:
    found = dict(headers.items())
    for secret in secrets:
        found = {name: value.replace(secret, CUT) for name, value in found.items()}
    return found


def _without(body: bytes, secrets: Iterable[str]) -> bytes:
    for secret in secrets:
        body = body.replace(secret.encode(), CUT.encode())
    return body


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


async def _addresses(host: str, port: int) -> list[str]:
    try:
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(_NAMES, ask)
    except (OSError, UnicodeError):
        return []
    return [str(place[0]) for *_, place in found]


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
