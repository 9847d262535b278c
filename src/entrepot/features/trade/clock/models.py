"""Clocks as the API shows them."""

from __future__ import annotations

import enum

from entrepot.declare.types import Bool, Date, Int, Text
from entrepot.declare.wire import Wire, column


class ClockMode(enum.StrEnum):
    """How a marketplace's clock goes: as the server's does, as that does but from another moment on, or not at all."""

    SERVER = "Server"
    RUNNING = "Running"
    FROZEN = "Frozen"


class MarketplaceClock(Wire):
    """What time it is in the marketplace, and by which clock."""

    Mode: ClockMode = column(read_only=True)
    Now: Date = column(read_only=True, required=True)
    ServerTime: Date = column(read_only=True, required=True)
    Tokens: Bool = column(read_only=True)


class ClockSetting(Wire, closed=True):
    """How a marketplace's clock is to go. Without Moment and Shift it goes on from what it shows."""

    Mode: ClockMode = column(required=True)
    Moment: Date = column(nullable=True, description="What it shows now.")
    Shift: Text = column(
        max=50,
        description="In place of Moment: how far it is ahead of the server's, as `P30D`, or behind it, as `-PT1H`.",
    )
    Tokens: Bool = column(description="Whether access and refresh tokens age by it, too.")


class ClockStep(Wire, closed=True):
    """How far a clock advances: to a moment, or by a duration such as `P30D` or `PT5M`."""

    To: Date = column(nullable=True)
    By: Text = column(max=50)


class ChoreDone(Wire):
    """What fell due at a moment on the way, and how many it was about."""

    Moment: Date = column(read_only=True, required=True)
    Chore: Text = column(read_only=True, required=True)
    Count: Int = column(read_only=True)


class ClockAdvance(Wire):
    """What has been done on the way, in order. Reached: whether the clock stands where it was to; if not, advance it again."""

    Start: Date = column(read_only=True, required=True)
    Now: Date = column(read_only=True, required=True)
    Reached: Bool = column(read_only=True)
    Done: list[ChoreDone] = column(read_only=True, stored=False)
