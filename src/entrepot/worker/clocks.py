"""Two clocks, the process's and the database's, before work that goes by the time and cannot be taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from entrepot.kernel.clock import Clock

MOST_APART = timedelta(minutes=5)
NOW = "SELECT clock_timestamp()"


class ClocksDifferError(Exception):
    """The process's clock and the database's tell different times: one of them is wrong."""


async def require_agreement(pool: asyncpg.Pool, clock: Clock) -> None:
    """Raises ClocksDifferError. One statement."""
    apart = abs(clock() - await pool.fetchval(NOW))
    if apart > MOST_APART:
        raise ClocksDifferError(
            f"The clocks of this machine and of the database are {apart} apart: nothing is deleted or placed by them."
        )


def by_the_clock(
    pool: asyncpg.Pool, clock: Clock, work: Callable[[], Awaitable[object]]
) -> Callable[[], Awaitable[object]]:
    """The work, which is only done while the clocks agree. A clock that is 91 days ahead would delete every cart."""

    async def agreed() -> object:
        await require_agreement(pool, clock)
        return await work()

    return agreed
