"""Calls abroad: to the URLs that marketplaces have set for their integrations (INT-7)."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING

import certifi

from entrepot.features.people.outgoing.answers import Answer, UnreachedError
from entrepot.features.people.outgoing.bulkheads import Bulkheads, RefusedCallError
from entrepot.features.people.outgoing.names import ASKED_BY, Names, beside

if TYPE_CHECKING:
    from entrepot.features.people.outgoing.connections import Connections

TIME_LIMIT = 30.0
"""Seconds from the beginning of a call to the end of its answer (IE-10), its turn waited for."""
MAX_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer."""

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
        self._connections: Connections | None = None
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
        limit = TIME_LIMIT if time_limit is None else time_limit
        until = asyncio.get_running_loop().time() + limit
        try:
            async with asyncio.timeout_at(until):
                connections = await self._opened()
        except TimeoutError:
            return _too_late(limit)
        try:
            target = connections.target(url)
            self._check_scheme(target.scheme)
            host = target.host
            if not host:
                raise RefusedCallError("The URL names no host.")
            self._bulkheads.admit(marketplace_id, host)
        except (RefusedCallError, ValueError) as error:
            return _failed(error)
        begun = False
        ASKED_BY.set(marketplace_id)
        try:
            async with asyncio.timeout_at(until), self._bulkheads.within(marketplace_id):
                begun = True
                if not self.private and _NUMBER.fullmatch(host):
                    await self.addresses(host, target.port or 0)
                answer = await connections.send(method, target, body, headers, secrets, longest or MAX_ANSWER)
        except UnreachedError:
            self._bulkheads.note(marketplace_id, host, in_time=False)
            return Answer(None, failure="The server could not be reached in time.")
        except TimeoutError:
            # Who waited in vain for a turn has learned nothing of the host.
            if begun:
                self._bulkheads.note(marketplace_id, host, in_time=False)
            return _too_late(limit)
        except Exception as error:  # noqa: BLE001 (the libraries below have errors of their own; none is the caller's)
            self._bulkheads.note(marketplace_id, host, in_time=True)
            return _failed(error)
        self._bulkheads.note(marketplace_id, host, in_time=True)
        return answer

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where a connection to `host` may go that speaks something else than HTTP: to these very addresses, so that a name
        cannot mean another one by then. Asked for in the name of ASKED_BY. Raises RefusedCallError for a host that is unknown or not
        to be called.
        """
        return await self._names.addresses(host, port)

    async def authorities(self) -> ssl.SSLContext:
        """Whose certificates are trusted, for connections that speak something else than HTTP."""
        async with self._opening:
            return await self._trusted()

    async def close(self) -> None:
        """Close all connections."""
        if self._connections is not None:
            await self._connections.close()

    def _check_scheme(self, scheme: str) -> None:
        if scheme != "https" and not (self.private and scheme == "http"):
            raise RefusedCallError("The URL has to begin with https://.")

    async def _opened(self) -> Connections:
        """Made by the first call, beside the loop: what it loads and reads takes a fifth of a second, which neither a start nor
        other requests should wait for.
        """
        if self._connections is None:
            async with self._opening:
                if self._connections is None:
                    trusted = await self._trusted()
                    kind = await beside(_loaded)
                    self._connections = kind(self._names, trusted)
        return self._connections

    async def _trusted(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await beside(_authorities)
        return self._context


def _too_late(limit: float) -> Answer:
    return Answer(None, failure=f"No complete answer within {limit:g} seconds.")


def _failed(error: Exception) -> Answer:
    text = str(error) or type(error).__name__
    return Answer(None, failure=f"The call failed: {text}".replace("\0", ""))


def _loaded() -> type[Connections]:
    # aiohttp takes 8 MiB of a process, of which one that calls nobody has no need.
    from entrepot.features.people.outgoing.connections import Connections

    return Connections


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
