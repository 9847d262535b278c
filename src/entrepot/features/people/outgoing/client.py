"""Calls abroad: to the URLs that marketplaces have set for their integrations (INT-7)."""

from __future__ import annotations

import asyncio
import io
import re
import ssl
from collections.abc import Iterable, Mapping

import aiohttp
import certifi
from yarl import URL

from entrepot.engine.content import Content
from entrepot.features.people.outgoing.answers import CUT, Answer
from entrepot.features.people.outgoing.bulkheads import Bulkheads, RefusedCallError
from entrepot.features.people.outgoing.names import Names, socket_to
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
IN_ONE_PIECE = 256 * 1024
"""Bytes of a body that are handed over at once; a larger one goes in pieces."""

_WRITTEN_OUT = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
"""A URL of which no character has to be written in another way: it is sent as it is."""
_NUMBER = re.compile(r"[0-9.]+|.*:.*")
"""A host that is, or may be read as, an address."""

Headers = Iterable[tuple[str, str]]


class Outgoing:
    """The HTTP client of one process. It follows no redirects, keeps no cookies and takes no proxy from the environment.

    private: whether addresses of this machine and of private networks may be called, too. Of certificates the
    system's authorities and the well-known ones are trusted.
    """

    def __init__(self, *, private: bool, bulkheads: Bulkheads | None = None) -> None:
        self._names = Names(private=private)
        self._bulkheads = bulkheads or Bulkheads()
        self._client: aiohttp.ClientSession | None = None
        self._context: ssl.SSLContext | None = None
        self._opening = asyncio.Lock()

    @property
    def private(self) -> bool:
        """Whether addresses of this machine and of private networks may be called, too, and without TLS."""
        return self._names.private

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
            target = _url(url)
            self._check_scheme(target.scheme)
            host = target.host
            if not host:
                raise RefusedCallError("The URL names no host.")
            self._bulkheads.admit(marketplace_id, host)
        except (RefusedCallError, ValueError) as error:
            return _failed(error)
        begun, limit = False, TIME_LIMIT if time_limit is None else time_limit
        try:
            async with asyncio.timeout(limit), self._bulkheads.within(marketplace_id):
                client = await self._opened()
                begun = True
                if not self.private and _NUMBER.fullmatch(host):
                    await self.addresses(host, target.port or 0)
                answer = await _send(client, method, target, body, headers, secrets, longest or MAX_ANSWER)
        except aiohttp.ServerTimeoutError:
            self._bulkheads.note(marketplace_id, host, in_time=False)
            return Answer(None, failure="The server could not be reached in time.")
        except TimeoutError:
            # Who waited in vain for a turn has learned nothing of the host.
            if begun:
                self._bulkheads.note(marketplace_id, host, in_time=False)
            return Answer(None, failure=f"No complete answer within {limit:g} seconds.")
        except Exception as error:  # noqa: BLE001 (the libraries below have errors of their own; none is the caller's)
            self._bulkheads.note(marketplace_id, host, in_time=True)
            return _failed(error)
        self._bulkheads.note(marketplace_id, host, in_time=True)
        return answer

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where a connection to `host` may go that speaks something else than HTTP: to these very addresses, so that a name
        cannot mean another one by then. Raises RefusedCallError for a host that is unknown or not to be called.
        """
        return await self._names.addresses(host, port)

    async def authorities(self) -> ssl.SSLContext:
        """Whose certificates are trusted, for connections that speak something else than HTTP."""
        async with self._opening:
            return await self._trusted()

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()

    def _check_scheme(self, scheme: str) -> None:
        if scheme != "https" and not (self.private and scheme == "http"):
            raise RefusedCallError("The URL has to begin with https://.")

    async def _opened(self) -> aiohttp.ClientSession:
        """The client, made by the first call: reading all authorities' certificates takes a tenth of a second, which neither a
        start nor other requests should wait for.
        """
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._client = _client(await self._trusted(), self._names)
        return self._client

    async def _trusted(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await asyncio.to_thread(_authorities)
        return self._context


def _failed(error: Exception) -> Answer:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        error = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    text = str(error) or type(error).__name__
    return Answer(None, failure=f"The call failed: {text}".replace("\0", ""))


def _client(context: ssl.SSLContext, names: Names) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        ssl=context,
        resolver=names,
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


def _url(url: str) -> URL:
    return URL(url, encoded=_WRITTEN_OUT.fullmatch(url) is not None)


async def _send(
    client: aiohttp.ClientSession,
    method: str,
    url: URL,
    body: bytes,
    headers: Headers,
    secrets: Iterable[str],
    longest: int,
) -> Answer:
    data = io.BytesIO(body) if len(body) > IN_ONE_PIECE else body or None
    async with client.request(
        method, url, data=data, headers=list(headers), allow_redirects=False
    ) as response:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            return Answer(None, failure="The answer is compressed, which was not asked for.")
        received = bytearray()
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > longest:
                return Answer(None, failure=f"The answer has more than {longest} bytes.")
        content = Content(_without(bytes(received), secrets))
        try:
            await content.examine(MOST_VALUES)
        except BodyTooManyValuesError:
            return Answer(None, failure=f"The answer has more than {MOST_VALUES} values.")
        return Answer(response.status, content, headers=_sent_back(response.headers, secrets))


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


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
