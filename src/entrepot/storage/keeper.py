"""Starts the embedded PostgreSQL again when it has ended by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.programs import PostgresUnavailableError

INTERVAL = 0.25
"""Seconds between two looks."""
MOST_FAILURES = 12
"""How often it may end in a row, with the waits below in about three minutes: long enough to make room on a full disk."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before it is started again."""
STEADY = 60.0
"""Seconds of running after which earlier failures count no more."""

log = structlog.get_logger("entrepot.database")


class Keeper:
    """Looks after one server. `look` is to be called every now and then, from the main thread; it never waits.

    A killed postmaster, and one that gave up on a full disk, come back by this alone; requests are answered 503 meanwhile,
    and the connections are replaced as they would be after a restart of any database.
    """

    def __init__(self, server: EmbeddedPostgres, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._failures = 0
        self._start_at: float | None = None
        self._ready_since: float | None = clock()

    def look(self) -> None:
        """Raises PostgresUnavailableError when it has ended too often in a row: then somebody else has to see to it."""
        now = self._clock()
        if self._start_at is not None:
            if now >= self._start_at:
                self._start(now)
        elif self._server.exit_code is not None:
            self._ended(f"exit code {self._server.exit_code}", now)
        elif self._ready_since is None:
            if self._server.is_ready:
                self._ready_since = now
                log.warning("database runs again")
        elif now - self._ready_since > STEADY:
            self._failures = 0

    def _start(self, now: float) -> None:
        self._start_at = self._ready_since = None
        try:
            self._server.start_again()
        except OSError as error:
            self._ended(repr(error), now)

    def _ended(self, how: str, now: float) -> None:
        self._failures += 1
        if self._failures > MOST_FAILURES:
            raise PostgresUnavailableError(
                f"The embedded PostgreSQL has ended {self._failures} times in a row; see {self._server.log}."
            )
        wait = min(FIRST_WAIT * 2 ** (self._failures - 1), LONGEST_WAIT)
        self._start_at = now + wait
        log.error("database ended", how=how, starts_in=wait, log=str(self._server.log))
