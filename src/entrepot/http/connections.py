"""The open connections of a process: how many, from where, and which of them dawdle."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

import structlog

from entrepot.http import metrics

RESERVED_DESCRIPTORS = 128
"""Those that no client's connection may take: the database's, calls abroad, files."""
SHORT = 0.9
"""From this share of the most connections on the log warns."""
WARN_AGAIN = 60.0

log = structlog.get_logger("entrepot.http")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds and numbers of one process. head: until the head of a request is there, from the connection's start or from
    the head's first byte. Bodies have as long again, and one second more for each kilobyte that has come. idle: between
    two requests.
    """

    head: float = 10.0
    idle: float = 620.0
    """Longer than any common client or proxy keeps a connection (Google's load balancer: 600), so that it is they who close
    it: a request that meets a connection which the server has just closed is lost."""
    most: int = 10_000
    most_each: int = 1_000
    """From one public address. Of a private one, which may be a proxy's, all may come."""


LEAST_RATE = 1024
"""Bytes of a body in a second."""


class Watched(Protocol):
    """What is known of a connection from outside."""

    peer: str

    def is_late(self, now: float) -> bool: ...

    def cut(self) -> None: ...


class Connections:
    """All connections of the process. Once in a while those that are late are cut."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._open: set[Watched] = set()
        self._of: Counter[str] = Counter()
        self._most: int | None = None
        self._round: asyncio.TimerHandle | None = None
        self._warned = -WARN_AGAIN

    def admit(self, connection: Watched, loop: asyncio.AbstractEventLoop) -> bool:
        """Count a connection, unless there are too many."""
        if self._most is None:
            self._most = min(self.limits.most, _descriptors() - RESERVED_DESCRIPTORS)
        number = len(self._open)
        if number >= self._most * SHORT:
            self._warn(number, loop.time())
        if number >= self._most or (
            self._of[connection.peer] >= self.limits.most_each and is_public(connection.peer)
        ):
            return False
        self._open.add(connection)
        self._of[connection.peer] += 1
        if self._round is None:
            self._round = loop.call_later(self._interval, self._look, loop)
        return True

    def discard(self, connection: Watched) -> None:
        """A connection has ended. One that was not admitted is not known."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        self._of[connection.peer] -= 1
        if not self._of[connection.peer]:
            del self._of[connection.peer]

    @property
    def _interval(self) -> float:
        return min(1.0, self.limits.head / 4)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [each for each in self._open if each.is_late(now)]:
            connection.cut()
        metrics.CONNECTIONS.set(len(self._open))
        self._round = loop.call_later(self._interval, self._look, loop) if self._open else None

    def _warn(self, number: int, now: float) -> None:
        if now - self._warned >= WARN_AGAIN:
            self._warned = now
            log.warning("connections run short", open=number, most=self._most, descriptors=_descriptors())


def _descriptors() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if soft == resource.RLIM_INFINITY else soft


@lru_cache(4096)
def is_public(address: str) -> bool:
    """Whether an address is one of the Internet's, which a single customer has."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
