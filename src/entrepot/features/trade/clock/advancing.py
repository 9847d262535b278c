"""Advancing the clock of a marketplace: from one moment at which something falls due to the next, doing it there."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from entrepot.domain.time.virtual import VirtualTime
from entrepot.engine.call import Call
from entrepot.features.people.deliveries.leases import renewed
from entrepot.features.trade.clock.due import DUES, next_due
from entrepot.features.trade.clock.setting import free_clock, in_range, keep_clock, move_clock, take_clock
from entrepot.kernel.errors import ClockBackwardsError

MOST_STOPS = 1_000
SECONDS = 20.0
"""After which, or after as many stops, the rest is left to another request."""


@dataclass(slots=True)
class Journey:
    """How it went. done: moment, chore and number of each that had something to do."""

    start: datetime
    now: datetime
    reached: bool = False
    done: list[tuple[datetime, str, int]] = field(default_factory=list)


async def advance(call: Call, to: datetime | timedelta) -> Journey:
    """To a moment, or so much further. What is due already is done first. Each stop is committed by itself: whatever ends the
    journey, the clock stands where it has come to, and what was done there is done once.

    Raises 409 while somebody else advances it, 400 for a moment that has gone by or that no clock can show.
    """
    clock = await take_clock(call)
    try:
        now = clock.at(call.server_clock())
        target = in_range(now, to) if isinstance(to, timedelta) else in_range(to, timedelta())
        if target < now:
            raise ClockBackwardsError
        journey = Journey(now, now)
        # What falls due at one moment may be much.
        async with renewed(partial(keep_clock, call)):
            await _travel(call, clock, journey, target)
        return journey
    finally:
        await free_clock(call.pool, call.marketplace_id)


async def _travel(call: Call, clock: VirtualTime, journey: Journey, target: datetime) -> None:
    end = time.monotonic() + SECONDS
    await _do_what_is_due(call, journey)
    for _ in range(MOST_STOPS):
        if time.monotonic() >= end:
            return
        due = await next_due(call.backend, call.marketplace_id, journey.now)
        journey.now = target if due is None else min(due, target)
        await move_clock(call, clock.set_to(journey.now, call.server_clock()))
        await _do_what_is_due(call, journey)
        if journey.now == target:
            journey.reached = True
            return


async def _do_what_is_due(call: Call, journey: Journey) -> None:
    for due in DUES:
        count = await due.work(call.backend, call.marketplace_id, journey.now)
        if count:
            journey.done.append((journey.now, due.chore, count))
