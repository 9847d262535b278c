"""How many statements a request sends to the database, as the database's own log tells."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from statistics import mode

import asyncpg

SAMPLES = 7
_STATEMENT = re.compile(r"^entrepot LOG:  (?:execute|statement)", re.MULTILINE)


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

    def _once(self, call: Callable[[], object]) -> int:
        before = self._log.stat().st_size
        call()
        with self._log.open("rb") as log:
            log.seek(before)
            return len(_STATEMENT.findall(log.read().decode(errors="replace")))
