"""Calls abroad in compartments: no marketplace's slow integration takes what another one's calls need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

AT_ONCE = 20
"""Calls of one marketplace under way in one process."""
WAITING = 100
"""Further calls of it that wait for one to end."""
TIMEOUTS = 5
"""Calls to one host that ended without an answer in time, one after another, until it is left alone."""
RESPITE = 30.0
"""Seconds for which it is; after them one call tries whether it answers."""
MOST_HOSTS = 10_000
"""Hosts that are in trouble, of all marketplaces, that one process keeps in mind."""


class RefusedCallError(Exception):
    """A call that is not made; the text says why."""


@dataclass(slots=True)
class _Compartment:
    free: asyncio.Semaphore
    within: int = 0
    """Calls under way and waiting."""


@dataclass(slots=True)
class _Host:
    timeouts: int = 0
    closed_until: float = 0.0


class Bulkheads:
    """What calls of each marketplace may take of one process, and the hosts that did not answer it. A host is judged for each
    marketplace by itself: one cannot have another's integration left alone.
    """

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        *,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        judging: bool = True,
    ) -> None:
        """judging: whether hosts that did not answer are left alone."""
        self._clock = clock
        self._at_once, self._waiting, self._judging = at_once, waiting, judging
        self._compartments: dict[int, _Compartment] = {}
        self._hosts: dict[tuple[int, str], _Host] = {}

    @asynccontextmanager
    async def within(self, marketplace_id: int) -> AsyncIterator[None]:
        """One call of a marketplace; waits for its turn. Raises RefusedCallError where too many wait."""
        compartment = self._compartments.get(marketplace_id)
        if compartment is None:
            compartment = self._compartments[marketplace_id] = _Compartment(asyncio.Semaphore(self._at_once))
        if compartment.within >= self._at_once + self._waiting:
            raise RefusedCallError("Too many calls of this marketplace are waiting for an answer.")
        compartment.within += 1
        try:
            async with compartment.free:
                yield
        finally:
            compartment.within -= 1
            if not compartment.within:
                del self._compartments[marketplace_id]

    def admit(self, marketplace_id: int, host: str) -> None:
        """Before a call. Raises RefusedCallError for a host that is left alone at present."""
        state = self._hosts.get((marketplace_id, host))
        if state is None or state.timeouts < TIMEOUTS:
            return
        now = self._clock()
        if now < state.closed_until:
            raise RefusedCallError(f"{host} did not answer in time {state.timeouts} times and is left alone.")
        # This one tries; the others wait for what it finds.
        state.closed_until = now + RESPITE

    def note(self, marketplace_id: int, host: str, *, in_time: bool) -> None:
        """After a call: whether the host answered, or refused, in time."""
        key = (marketplace_id, host)
        state = self._hosts.pop(key, None)
        if in_time or not self._judging:
            return
        if len(self._hosts) >= MOST_HOSTS:
            del self._hosts[next(iter(self._hosts))]
        state = self._hosts[key] = state or _Host()
        state.timeouts += 1
        state.closed_until = self._clock() + RESPITE
