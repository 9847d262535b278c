"""The clock of a marketplace: stopped, shifted, advanced (docs/guide/clock.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from entrepot.testing.answers import answered

PATH = "/entrepot/v1/clock"


@dataclass(frozen=True, slots=True)
class Done:
    """What fell due at a moment on the way (`Subscriptions.Place`), and how many it was about."""

    moment: datetime
    chore: str
    count: int


class Clock:
    """What time it is in a marketplace. Moments are datetimes with a time zone, or texts (`2031-12-24T12:00:00Z`). Each method
    raises RefusedError for what the server refuses.
    """

    def __init__(self, api: httpx.Client) -> None:
        self._api = api

    def now(self) -> datetime:
        """What it shows."""
        return _read(answered(self._api.get(PATH)))

    def freeze(self, moment: datetime | str | None = None) -> datetime:
        """Stop it at a moment, or where it is; what it then shows."""
        return self._set("Frozen", Moment=_text(moment))

    def run(self, moment: datetime | str | None = None) -> datetime:
        """Let it go on, from a moment or from what it shows."""
        return self._set("Running", Moment=_text(moment))

    def shift(self, by: timedelta) -> datetime:
        """Let it run so far ahead of the server's, or behind it."""
        seconds = by.total_seconds()
        return self._set("Running", Shift=f"{'-' if seconds < 0 else ''}PT{abs(seconds):.3f}S")

    def advance(self, by: timedelta | None = None, *, to: datetime | str | None = None) -> list[Done]:
        """Have time go by: all that falls due on the way is done at its moment, and told in order."""
        if (by is None) == (to is None):
            raise TypeError("Either how far the clock is to advance, or to which moment.")
        target = _text(to if by is None else self.now() + by)
        done: list[Done] = []
        while True:
            # One request goes a part of a long way.
            went = answered(self._api.post(f"{PATH}/advance", json={"To": target}))
            done += (Done(_moment(each["Moment"]), each["Chore"], each["Count"]) for each in went["Done"])
            if went["Reached"]:
                return done

    def reset(self) -> None:
        """Set it back to the server's."""
        answered(self._api.delete(PATH))

    def _set(self, mode: str, **how: str | None) -> datetime:
        return _read(answered(self._api.put(PATH, json={"Mode": mode, **how})))


def _read(clock: dict[str, Any]) -> datetime:
    return _moment(clock["Now"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(moment: datetime | str | None) -> str | None:
    return moment.isoformat() if isinstance(moment, datetime) else moment
