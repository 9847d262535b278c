"""Noting answered requests on the way out, and writing them beside all requests.

A request pays for a line of text, which is what COPY takes: encoding each value by itself would take three times as long, and
thousands of records that wait would be so many for the garbage collector to look through. Nobody waits for the log: what
comes faster than it is written is counted and left out.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import count, islice

import structlog
from asyncpg.exceptions import ForeignKeyViolationError, InterfaceError, PostgresError

from entrepot.engine.principal import Principal
from entrepot.features.people.request_log.trimming import Bounds, trim
from entrepot.kernel.clock import Clock, format_datetime
from entrepot.kernel.errors import ApiError
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

FLUSH_INTERVAL = 1.0
"""Seconds between two writes: the log is about as late."""
MOST_WAITING = 10_000
"""Requests of this process that may wait to be written."""
MOST_OF_ONE = 5_000
"""Of them those of one marketplace."""
AT_ONCE = 1_000
"""Rows of one COPY: a fraction of a millisecond of the loop."""
LONGEST_PATH = 500

COLUMNS = (
    "marketplace_id", "ID", "created_at", "request_id", "operation", "method", "path", "status", "microseconds", "error",
    "user_id", "username", "user_type", "company_id", "client_id",
)  # fmt: skip
THERE = "SELECT marketplace_id FROM marketplaces WHERE marketplace_id = ANY($1::bigint[])"

KINDS = {each: each.name.capitalize() for each in UserType}

NULL = r"\N"
_ESCAPED = str.maketrans(
    {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": "\N{REPLACEMENT CHARACTER}"}
)
Row = tuple[int, str]
"""A marketplace's key and a line of COPY's text format, without what ends it."""

log = structlog.get_logger("entrepot.requests")


@dataclass(slots=True)
class _Fate:
    """What has become of one flush."""

    written: Counter[int]
    lost: int = 0


class RequestLog:
    """What this process has answered and not written yet. `on_lost` is told how many requests the log has to do without."""

    def __init__(self, clock: Clock, bounds: Bounds, on_lost: Callable[[int], None] = lambda _: None) -> None:
        self._clock = clock
        self._bounds = bounds
        self._on_lost = on_lost
        self._waiting: dict[int, list[str]] = {}
        self._callers: dict[int, tuple[Principal, str]] = {}
        self._count = 0
        self._lost = 0
        self._since_trimmed: Counter[int] = Counter()
        self._process = secrets.token_hex(6)
        self._numbers = count(1)

    def note(
        self,
        caller: Principal,
        request_id: str,
        operation: str,
        method: str,
        path: str,
        status: int,
        seconds: float,
        error: str | None,
    ) -> None:
        """A request of `caller` has been answered just now. No input or output."""
        marketplace_id = caller.marketplace_id
        waiting = self._waiting.get(marketplace_id)
        if waiting is None:
            waiting = self._waiting[marketplace_id] = []
        if self._count >= MOST_WAITING or len(waiting) >= MOST_OF_ONE:
            self._lost += 1
            return
        self._count += 1
        # The same object as long as its token is remembered, and held here, so that no other one gets its number.
        known = self._callers.get(id(caller))
        if known is None:
            known = self._callers[id(caller)] = caller, _whose(caller)
        path = path[:LONGEST_PATH]
        if "\\" in path or not path.isprintable():
            path = _text(path)
        waiting.append(
            f"{marketplace_id}\t{self._process}-{next(self._numbers):010x}\t{format_datetime(self._clock())}\t{request_id}\t{operation}\t"
            f"{method}\t{path}\t{status}\t{int(seconds * 1e6)}\t{NULL if error is None else error}\t{known[1]}"
        )

    async def flush(self, pool: ReadyPool) -> None:
        """Write what waits; what cannot be written is lost, and counted. Trims what has grown by a tenth of its bound."""
        waiting, self._waiting, self._callers, self._count = self._waiting, {}, {}, 0
        fate = _Fate(Counter(), self._lost)
        self._lost = 0
        rows = ((key, line) for key, lines in waiting.items() for line in lines)
        while some := tuple(islice(rows, AT_ONCE)):
            await _write(pool, some, fate)
        if fate.lost:
            self._on_lost(fate.lost)
            log.warning("requests not logged", count=fate.lost)
        self._since_trimmed += fate.written
        for marketplace_id in [
            key for key, rows in self._since_trimmed.items() if rows * 10 >= self._bounds.rows
        ]:
            del self._since_trimmed[marketplace_id]
            await trim(pool, marketplace_id, self._bounds.rows)


def _whose(caller: Principal) -> str:
    """The line's part about the caller."""
    if not caller.user_id:
        return "\t".join((NULL, NULL, NULL, NULL, _text(caller.client_id)))
    about = (caller.user_id, caller.username, KINDS[caller.user_type], caller.company_id, caller.client_id)
    return "\t".join(map(_text, about))


def _text(value: str) -> str:
    """A value that may hold anything, as a line has it. No text of PostgreSQL's has a NUL."""
    return value.translate(_ESCAPED)


async def _write(pool: ReadyPool, rows: tuple[Row, ...], fate: _Fate) -> None:
    """A marketplace that is gone takes its own rows along and nobody else's."""
    try:
        try:
            await _copy(pool, rows)
        except ForeignKeyViolationError:
            found = await pool.fetch(THERE, list({row[0] for row in rows}))
            there = {row["marketplace_id"] for row in found}
            rows = tuple(row for row in rows if row[0] in there)
            await _copy(pool, rows)
    except (PostgresError, InterfaceError, OSError, ApiError) as failure:
        log.warning("requests not written", error=repr(failure))
        fate.lost += len(rows)
    else:
        fate.written.update(row[0] for row in rows)


async def _copy(pool: ReadyPool, rows: tuple[Row, ...]) -> None:
    lines = "".join([f"{line}\n" for _, line in rows]).encode("utf-8", "replace")
    async with pool.unit(None) as connection:
        await connection.copy_to_table(
            "logged_requests", source=BytesIO(lines), columns=COLUMNS, encoding="utf-8"
        )
