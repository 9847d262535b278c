"""The time of a marketplace, which may be another than the server's: read with whatever is read of who acts there."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from entrepot.domain.time.virtual import VirtualTime

COLUMNS = "k.moment AS clock_moment, k.since AS clock_since, k.ahead AS clock_ahead, k.ages AS clock_ages"
NAMES = ("clock_moment", "clock_since", "clock_ahead", "clock_ages")
JOIN = "LEFT JOIN virtual_clocks k ON k.marketplace_id = $1"
"""Of a statement whose $1 is the marketplace."""


def time_of(row: asyncpg.Record) -> VirtualTime | None:
    """The clock of a row with COLUMNS; None where the marketplace goes by the server's."""
    moment: datetime | None = row["clock_moment"]
    if moment is None:
        return None
    return VirtualTime(moment, row["clock_since"], row["clock_ahead"], row["clock_ages"])
