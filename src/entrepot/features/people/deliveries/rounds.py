"""The deliveries of one marketplace in one process: how many at once, of which endpoints, and when to look again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import asyncpg
import structlog

from entrepot.domain.deliveries.circuit import FAILURES
from entrepot.engine.call import Backend, Call
from entrepot.features.people.deliveries import leases
from entrepot.features.people.deliveries.acting import acting_call
from entrepot.features.people.deliveries.attempting import Attempts, Targets, untried
from entrepot.features.people.deliveries.claiming import (
    GIVE_BACK,
    NEXT,
    RENEW_LEASE,
    Claim,
    Outcome,
    claim,
    note,
)
from entrepot.features.people.deliveries.courtesy import Courtesy
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.people.deliveries.failing import tell_failures
from entrepot.features.people.deliveries.pace import AT_ONCE, Pace
from entrepot.kernel.errors import BusyError
from entrepot.kernel.ids import new_id
from entrepot.storage.reach import LOST

MOST = 60
"""Deliveries of one marketplace under way in one process; those that wait for their turn come to it."""
MOST_CLAIMED = 200
"""Of one marketplace, under way and waiting for their turn."""
PATIENCE = 60.0
"""Seconds that a claimed delivery waits for its turn; then it is left to others."""
MANY = 20
GATHERED, GATHERED_OF_MANY = 0.005, 0.02
"""Seconds in which outcomes are gathered, to be noted together; the latter where many are under way."""
PAUSE = 0.05
"""Seconds between two rounds while something is under way."""
LEAST_WAIT = 0.25
"""Seconds until the next look where something is due that this process cannot take yet."""
LONGEST_WAIT = 3600.0
AFTER_TROUBLE = 1.0
"""Seconds until the next look after one that the database has ended."""

log = structlog.get_logger("entrepot.deliveries")


@dataclass(slots=True, kw_only=True)
class Rounds:
    """One marketplace. A round expands what was told, claims what is due, and begins to deliver that; the next one begins when
    there is reason to. idle: called when nothing is under way or awaited any more.
    """

    backend: Backend
    marketplace_id: int
    expander: Expander
    targets: Targets
    places: asyncio.Semaphore
    crowded: Callable[[int], object]
    idle: Callable[[], object]
    courtesy: Courtesy
    _lease: str = field(default_factory=new_id)
    _paces: defaultdict[str, Pace] = field(default_factory=lambda: defaultdict(Pace))
    _own: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST))
    _held: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    """What was claimed and has not been noted, by key."""
    _until: dict[int, datetime] = field(default_factory=dict)
    """When the lease of each ends, as far as this process has renewed it."""
    _begun: set[int] = field(default_factory=set)
    """Of it, what has begun: to be given back to others it is no more."""
    _limits: dict[int, asyncio.Timeout] = field(default_factory=dict)
    """Of that, until when each attempt may go on: as long as the lease holds, by a clock that nobody sets."""
    _outcomes: list[Outcome] = field(default_factory=list)
    _noting: asyncio.Task[None] | None = None
    _expanding: asyncio.Task[None] | None = None
    _round: asyncio.Task[None] | None = None
    _timer: asyncio.TimerHandle | None = None
    _renewal: asyncio.TimerHandle | None = None
    _renewing: asyncio.Task[None] | None = None
    _told: bool = False
    _due: bool = False
    _stopped: bool = False

    def wake(self, *, told: bool = False) -> None:
        """Have a round, or another one after the one that is going on. told: whether there may be something to expand."""
        if self._stopped:
            return
        if told:
            self._told = True
            if self._expanding is None:
                self._expanding = asyncio.create_task(self._expand())
        else:
            self._due = True
            if self._round is None:
                self._round = asyncio.create_task(self._go_round())

    def wake_at(self, moment: datetime) -> None:
        """Have a round then."""
        self._wake_in((moment - self.backend.clock()).total_seconds())

    def stop(self) -> None:
        """Begin nothing any more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    async def settled(self) -> None:
        """Until nothing is under way and no round has reason to begin."""
        while pending := self._pending():
            await asyncio.wait(pending)

    async def end(self, grace: float) -> None:
        """After `stop`: give back what has not begun, and wait for the rest."""
        if begun := [task for task in (self._round, self._expanding) if task is not None]:
            await asyncio.wait(begun, timeout=grace)
        waiting = [key for key in self._held if key not in self._begun]
        for key in waiting:
            self._held[key].cancel()
        if waiting:
            now = self.backend.clock()
            await self.backend.pool.execute(GIVE_BACK, self.marketplace_id, waiting, now, self._lease)
        until = asyncio.get_running_loop().time() + grace
        while (pending := self._pending()) and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(pending, timeout=left)
        if self._renewal is not None:
            self._renewal.cancel()
        cancelled = self._pending()
        for task in cancelled:
            task.cancel()
        if cancelled:
            # What they have opened is theirs to close, before what they opened it with is closed.
            await asyncio.wait(cancelled, timeout=grace)

    def _pending(self) -> list[asyncio.Task[None]]:
        tasks: Iterable[asyncio.Task[None] | None] = (
            self._expanding,
            self._round,
            self._noting,
            self._renewing,
            *self._held.values(),
        )
        return [each for each in tasks if each is not None and not each.done()]

    async def _expand(self) -> None:
        """Expand what was told, beside the rounds: however long that takes, what is due goes on."""
        try:
            while self._told and not self._stopped:
                self._told = False
                async with self._troubles("expanding"):
                    self._told = await self.expander.expand(self.marketplace_id, self.wake) or self._told
                    self.wake()
        finally:
            self._expanding = None

    async def _go_round(self) -> None:
        try:
            async with self._troubles("round"):
                while self._due and not self._stopped:
                    self._due = False
                    await self._one_round()
                if not self._stopped:
                    await self._look_ahead()
        finally:
            self._round = None
        if self._due and not self._stopped:
            self.wake()
        elif not self._pending() and self._timer is None:
            self.idle()

    @asynccontextmanager
    async def _troubles(self, what: str) -> AsyncIterator[None]:
        """Whatever goes wrong with the database, or in a way that nobody foresaw: both are tried again."""
        try:
            yield
        except (*LOST, BusyError) as error:
            log.warning(
                "the database ended it", what=what, marketplace=self.marketplace_id, error=repr(error)
            )
            self._again()
        except Exception:  # whatever it is, the next time may go well
            log.exception("failed", what=what, marketplace=self.marketplace_id)
            self._again()

    def _again(self) -> None:
        if not self._stopped:
            asyncio.get_running_loop().call_later(AFTER_TROUBLE, partial(self.wake, told=True))
            self._wake_in(AFTER_TROUBLE)

    async def _one_round(self) -> None:
        room = MOST_CLAIMED - len(self._held)
        if room <= 0:
            self.crowded(self.marketplace_id)
            return
        rooms = {endpoint: pace.room for endpoint, pace in self._paces.items()}
        held = {endpoint: pace.held for endpoint, pace in self._paces.items()}
        wanted = Claim(self.backend.clock(), self._lease, rooms, held, AT_ONCE, room)
        rows = await claim(self.backend.pool, self.marketplace_id, wanted)
        if rows:
            attempts = Attempts(await acting_call(self.backend, self.marketplace_id), self.targets)
            for row in sorted(rows, key=lambda row: int(row["key"])):
                self._until[row["key"]] = wanted.now + leases.LEASE
                if row["key"] in self._held:
                    # The clock was ahead of its renewal: it has been this process's all the time.
                    continue
                pace = self._paces[row["endpoint"].lower()]
                pace.taken()
                # Whoever may be claimed may be tried: the circuit says so.
                pace.failures = min(pace.failures, FAILURES - 1)
                self._held[row["key"]] = asyncio.create_task(self._deliver(attempts, row))
            self._keep_lease()
            if len(rows) == room:
                self.crowded(self.marketplace_id)

    def _keep_lease(self) -> None:
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().call_later(leases.RENEW, self._renew)

    def _renew(self) -> None:
        self._renewal = None
        if self._held:
            self._renewing = asyncio.create_task(leases.renew(self._extend))
            self._keep_lease()

    async def _extend(self) -> None:
        until, limits = self.backend.clock() + leases.LEASE, self._limits.copy()
        extended = await self.backend.pool.fetch(
            RENEW_LEASE, self.marketplace_id, list(self._held), until, self._lease
        )
        own = {row["key"] for row in extended}
        self._until |= dict.fromkeys(own & self._held.keys(), until)
        now = asyncio.get_running_loop().time()
        for key, limit in limits.items():
            if self._limits.get(key) is limit and not limit.expired():
                # What is not extended is another process's by now: to go on may send it behind what follows it.
                limit.reschedule(now + leases.LEASE.total_seconds() if key in own else now)

    def _let_go(self, key: int) -> None:
        self._begun.discard(key)
        self._held.pop(key, None)
        self._until.pop(key, None)

    async def _deliver(self, attempts: Attempts, row: asyncpg.Record) -> None:
        key, pace = row["key"], self._paces[row["endpoint"].lower()]
        outcome = None
        try:
            async with AsyncExitStack() as turns:
                async with asyncio.timeout(PATIENCE):
                    for turn in (pace.turns, self._own, self.places):
                        await turns.enter_async_context(turn)
                    await self.courtesy.turn()
                if self.backend.clock() >= self._until[key]:
                    # Another process may have it by now, and what follows it.
                    raise TimeoutError
                self._begun.add(key)
                if self._stopped or pace.failures >= FAILURES:
                    # Down since it was claimed, or for others to deliver: it waits with the others, untried.
                    outcome = untried(row, self.backend.clock())
                else:
                    with pace.measured():
                        outcome = await self._attempt(attempts, row)
                    is_down = outcome.result is not None and outcome.result.is_down
                    pace.failures = pace.failures + 1 if is_down else 0
        except TimeoutError:
            log.info("delivery left to its lease", delivery=row["ID"], to=row["endpoint"])
        except (*LOST, BusyError) as error:
            log.warning("delivery left to its lease", delivery=row["ID"], error=repr(error))
        finally:
            pace.done()
            if outcome is None:
                self._let_go(key)
            else:
                self._outcomes.append(outcome)
                if self._noting is None:
                    self._noting = asyncio.create_task(self._note())

    async def _attempt(self, attempts: Attempts, row: asyncpg.Record) -> Outcome:
        """Raises TimeoutError when the lease has ended in the middle, as after a process was frozen: what is under way is cut off."""
        key = row["key"]
        left = (self._until[key] - self.backend.clock()).total_seconds()
        try:
            async with asyncio.timeout(left) as self._limits[key]:
                return await attempts.attempt(row)
        finally:
            del self._limits[key]

    async def _note(self) -> None:
        """Note what has come in, together; then there may be reason for a round."""
        try:
            while self._outcomes:
                if len(self._held) > len(self._outcomes):
                    await asyncio.sleep(GATHERED if len(self._held) < MANY else GATHERED_OF_MANY)
                outcomes, self._outcomes = self._outcomes, []
                try:
                    await self._keep(outcomes)
                except (*LOST, BusyError) as error:
                    # Their lease ends, and they are delivered once more.
                    log.warning("outcomes not kept", count=len(outcomes), error=repr(error))
                except Exception:  # what has been claimed has to be let go of, whatever this is
                    log.exception("outcomes not kept", count=len(outcomes))
                for each in outcomes:
                    self._let_go(each.key)
                if self._held:
                    self._wake_in(PAUSE)
                else:
                    self.wake()
        finally:
            self._noting = None

    async def _keep(self, outcomes: list[Outcome]) -> None:
        now = self.backend.clock()
        failed: set[int] = set()
        call: Call | None = None
        if any(each.status == "Failed" for each in outcomes):
            call = await acting_call(self.backend, self.marketplace_id)
        async with self.backend.pool.unit(self.marketplace_id) as connection:
            ended = await note(connection, self.marketplace_id, self._lease, outcomes, now)
            if call is not None:
                failed = ended & {each.key for each in outcomes if each.status == "Failed"}
                await tell_failures(call, connection, failed, now)
        for each in outcomes:
            if each.key in failed:
                log.warning(
                    "delivery failed", marketplace=self.marketplace_id, to=each.endpoint, error=each.failure
                )
        if failed:
            self.wake(told=True)

    async def _look_ahead(self) -> None:
        """Wake again when the next delivery is due."""
        due = await self.backend.pool.fetchval(NEXT, self.marketplace_id)
        if due is None:
            return
        seconds = (due - self.backend.clock()).total_seconds()
        self._wake_in(max(seconds, LEAST_WAIT))

    def _wake_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        if not self._stopped:
            self._timer = loop.call_later(min(max(seconds, 0.0), LONGEST_WAIT), self._rung)

    def _rung(self) -> None:
        self._timer = None
        self.wake()
