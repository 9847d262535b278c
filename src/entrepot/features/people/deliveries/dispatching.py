"""The dispatcher of one process: it expands what was told and delivers what is due, marketplace by marketplace.

    told, or due, or a place free   ->   `Rounds` of that marketplace: expand, claim   ->   attempts   ->   outcomes, noted together

Several dispatchers of one database share the work by what they lock and lease.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf

import structlog

from entrepot.engine.call import Backend
from entrepot.features.people.deliveries.attempting import Targets
from entrepot.features.people.deliveries.claiming import ALL_NEXT, TOLD
from entrepot.features.people.deliveries.courtesy import Answered, Courtesy
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.people.deliveries.rounds import Rounds
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.services import Services
from entrepot.kernel.errors import BusyError
from entrepot.storage.reach import LOST

LOOK = 10.0
"""Seconds between two looks at all marketplaces, for what nobody has woken this process for."""
GRACE = 5.0
"""Seconds for which a dispatcher that stops waits for what is under way; then that is left to its lease."""
CALL_AGAIN = 1.0
"""Seconds until other processes are told once more that there is too much for this one."""
AT_ONCE = 400
"""Deliveries under way in one process."""

log = structlog.get_logger("entrepot.deliveries")


@dataclass(slots=True)
class Dispatcher:
    """outgoing: calls abroad of deliveries alone, so that they take nothing of what requests need."""

    backend: Backend
    outgoing: Outgoing
    answered: Answered | None = None
    """The requests of this process, where it answers any: to them it gives way."""
    listens: bool = False
    """Whether notifications of the database reach it at present."""
    _rounds: dict[int, Rounds] = field(default_factory=dict)
    _called: dict[int, float] = field(default_factory=dict)
    """When others were told last that there is too much for this process, by marketplace."""
    _targets: Targets = field(default_factory=Targets)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def __post_init__(self) -> None:
        services: Services = self.backend.services
        self.backend = replace(self.backend, services=replace(services, outgoing=self.outgoing))

    def wake(self, marketplace_id: int) -> None:
        """Something of this marketplace may have been told, or be due."""
        if not self._stopping.is_set():
            self._of(marketplace_id).wake(told=True)

    async def run(self) -> None:
        """Deliver until `stop` is called, and end what has begun by then. A database that is away is waited for."""
        waking = self._waking
        former, waking.here = waking.here, self.wake
        try:
            while not self._stopping.is_set():
                try:
                    await self.look()
                except (*LOST, BusyError) as error:
                    log.warning("no look at what is due", error=repr(error))
                except Exception:  # whatever it is, the next look may go well
                    log.exception("no look at what is due")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), LOOK)
        finally:
            waking.here = former
            await self._end()

    def stop(self) -> None:
        """Begin nothing any more; `run` ends when what is under way has ended."""
        self._stopping.set()
        for rounds in self._rounds.values():
            rounds.stop()

    async def look(self) -> None:
        """Wake every marketplace that has something told, or due. Two statements."""
        pool = self.backend.pool
        for row in await pool.fetch(TOLD):
            self._of(row["marketplace_id"]).wake(told=True)
        now = self.backend.clock()
        for row in await pool.fetch(ALL_NEXT):
            if row["due_at"] <= now:
                self._of(row["marketplace_id"]).wake()
            else:
                self._of(row["marketplace_id"]).wake_at(row["due_at"])

    async def settle(self, marketplace_id: int) -> None:
        """Do all that is told and due now, and whatever becomes due by that; then nothing of this marketplace is under way."""
        rounds = self._of(marketplace_id)
        rounds.wake(told=True)
        rounds.wake()
        await rounds.settled()

    @property
    def _waking(self) -> Waking:
        services: Services = self.backend.services
        return services.memory(Waking)

    def _of(self, marketplace_id: int) -> Rounds:
        rounds = self._rounds.get(marketplace_id)
        if rounds is None:
            rounds = self._rounds[marketplace_id] = Rounds(
                backend=self.backend,
                marketplace_id=marketplace_id,
                expander=Expander(self.backend, Courtesy(self.answered)),
                courtesy=Courtesy(self.answered, partial(self._crowded, marketplace_id)),
                targets=self._targets,
                places=self._places,
                crowded=self._crowded,
                idle=partial(self._forget, marketplace_id),
            )
        return rounds

    def _crowded(self, marketplace_id: int) -> None:
        # More is due than this process takes at once. Not told all the time: the notification wakes this process, too.
        now = asyncio.get_running_loop().time()
        if now - self._called.get(marketplace_id, -inf) >= CALL_AGAIN:
            self._called[marketplace_id] = now
            self._waking.notify(marketplace_id)

    def _forget(self, marketplace_id: int) -> None:
        self._rounds.pop(marketplace_id, None)

    async def _end(self) -> None:
        self.stop()
        ending = [asyncio.create_task(rounds.end(GRACE)) for rounds in tuple(self._rounds.values())]
        await asyncio.gather(*ending, return_exceptions=True)
        await self._targets.close()
        await self.outgoing.close()
