"""How many statements a request sends to the database, as the database's own log tells.

The log does not tell for whom a server has sent a statement. So requests are counted at one that delivers nothing and notes no requests
(ALONE): what follows an order in the background, of many servers or of this one, would be taken for the request's own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from statistics import mode

import asyncpg

SAMPLES = 7
ALONE = {"ENTREPOT_DISPATCHER": "false", "ENTREPOT_REQUEST_LOG_ROWS": "0"}
"""Settings of a server that hardly does anything but what it is asked for."""
_STATEMENT = re.compile(r"^entrepot LOG:  (?:execute|statement)[^:]*: (?!SELECT pg_notify)", re.MULTILINE)
"""Notifications are of a server that leaves deliveries to others: one that delivers tells itself."""


class StatementLog:
    """Counts in the log of a database server whose connections write every statement, once `start` was awaited."""

    samples = SAMPLES
    """Calls of which each count is made."""

    def __init__(self, log: Path) -> None:
        self._log = log

    async def start(self, url: str) -> None:
        """Make the database log statements, with the name of the application before them."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("ALTER SYSTEM SET log_line_prefix = '%a '")
            await connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            await connection.execute("SELECT pg_reload_conf()")
        finally:
            await connection.close()
        await asyncio.sleep(0.3)

    def count(self, call: Callable[[], object]) -> int:
        """Statements of one call: what most of several say, since the server has periodic work of its own."""
        return mode(self._once(call) for _ in range(SAMPLES))

    @property
    def end(self) -> int:
        """Where the log ends."""
        return self._log.stat().st_size

    def since(self, end: int) -> int:
        """Statements since the log ended there."""
        with self._log.open("rb") as log:
            log.seek(end)
            return len(_STATEMENT.findall(log.read().decode(errors="replace")))

    def _once(self, call: Callable[[], object]) -> int:
        before = self.end
        call()
        return self.since(before)
