"""Noting answered requests on the way out, and writing them beside all requests.

A request pays for a tuple, one of many reads for less (reads.py). Lines of text, which COPY takes as they are, are made of many at
once: between two statements of a request, whose code and data the processor does not have at hand, one takes three times as long.
Nobody waits for the log: what comes faster than it is written is counted and left out.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count, islice

import structlog
from asyncpg.exceptions import ForeignKeyViolationError, InterfaceError, PostgresError

from entrepot.engine.answered import Answered
from entrepot.engine.principal import Principal
from entrepot.features.people.request_log.reads import Noted, Reads
from entrepot.features.people.request_log.trimming import Bounds, trim
from entrepot.kernel.clock import Clock, format_datetime
from entrepot.kernel.errors import ApiError
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

FLUSH_INTERVAL = 1.0
"""Seconds between two writes: the log is about as late."""
MOST_WAITING = 10_000
"""Rows of this process that may wait to be written."""
MOST_OF_ONE = 5_000
"""Of them those of one marketplace."""
AT_ONCE = 1_000
"""Rows of one COPY: some two milliseconds of the loop."""
LONGEST_PATH = 500

COLUMNS = (
    "marketplace_id", "ID", "created_at", "request_id", "operation", "method", "path", "status", "microseconds", "count",
    "error", "user_id", "username", "user_type", "company_id", "client_id",
)  # fmt: skip
THERE = "SELECT marketplace_id FROM marketplaces WHERE marketplace_id = ANY($1::bigint[])"

KINDS = {each: each.name.capitalize() for each in UserType}

NULL = r"\N"
_ESCAPED = str.maketrans(
    {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": "\N{REPLACEMENT CHARACTER}"}
)
Row = tuple[int, int, str]
"""A marketplace's key, how many requests it stands for, and a line of COPY's text format, without what ends it."""

log = structlog.get_logger("entrepot.requests")


@dataclass(slots=True)
class _Waiting:
    """What one marketplace's log does not have yet. `rows`: how many, of reads and of others."""

    rows: int = 0
    noted: list[Noted] = field(default_factory=list)
    reads: dict[str, Reads] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[Noted, int]]:
        for noted in self.noted:
            yield noted, 1
        for reads in self.reads.values():
            yield from reads.rows()


@dataclass(slots=True)
class _Fate:
    """What has become of one flush: rows that were written, and requests that were not."""

    written: Counter[int]
    lost: int = 0


class RequestLog:
    """What this process has answered and not written yet. `on_lost` is told how many requests the log has to do without."""

    def __init__(self, bounds: Bounds, on_lost: Callable[[int], None] = lambda _: None) -> None:
        self._bounds = bounds
        self._on_lost = on_lost
        self._waiting: dict[int, _Waiting] = {}
        self._rows = 0
        self._lost = 0
        self._since_trimmed: Counter[int] = Counter()
        self._process = secrets.token_hex(6)
        self._numbers = count(1)

    def note(self, caller: Principal, request: Answered, status: int, seconds: float, clock: Clock) -> None:
        """A request of `caller` has just been answered. No input or output."""
        own = self._waiting.get(caller.marketplace_id)
        if own is None:
            own = self._waiting[caller.marketplace_id] = _Waiting()
        operation, reads = request.operation, None
        if status < 400 and request.method == "GET":
            reads = own.reads.get(operation)
            if reads is None:
                reads = own.reads[operation] = Reads()
            if reads.passes_over(seconds):
                return
        if self._rows >= MOST_WAITING or own.rows >= MOST_OF_ONE:
            if reads is None or not reads.without_room():
                self._lost += 1
            return
        noted = (
            caller, clock(), request.id, operation, request.method, request.logged_path, status, seconds, request.error,
        )  # fmt: skip
        more = 1
        if reads is None:
            own.noted.append(noted)
        else:
            more = reads.add(noted)
        own.rows += more
        self._rows += more

    async def flush(self, pool: ReadyPool) -> None:
        """Write what waits; what cannot be written is lost, and counted. Trims what has grown by a tenth of its bound."""
        waiting, self._waiting, self._rows = self._waiting, {}, 0
        fate = _Fate(Counter(), self._lost)
        self._lost = 0
        lines = self._lines(waiting)
        while some := tuple(islice(lines, AT_ONCE)):
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

    def _lines(self, waiting: dict[int, _Waiting]) -> Iterator[Row]:
        process, numbers = self._process, self._numbers
        callers: dict[int, str] = {}
        for marketplace_id, own in waiting.items():
            for noted, requests in own.all():
                caller, at, request_id, operation, method, path, status, seconds, error = noted
                # The same object as long as its token is remembered.
                whose = callers.get(id(caller))
                if whose is None:
                    whose = callers[id(caller)] = _whose(caller)
                shown = path[:LONGEST_PATH]
                if "\\" in shown or not shown.isprintable():
                    shown = _text(shown)
                line = (
                    f"{marketplace_id}\t{process}-{next(numbers):010x}\t{format_datetime(at)}\t{request_id}\t{operation}\t"
                    f"{method}\t{shown}\t{status}\t{int(seconds * 1e6)}\t{requests}\t{NULL if error is None else _text(error)}\t{whose}"
                )
                yield marketplace_id, requests, line


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
        fate.lost += sum(row[1] for row in rows)
    else:
        fate.written.update(row[0] for row in rows)


async def _copy(pool: ReadyPool, rows: tuple[Row, ...]) -> None:
    lines = "".join([f"{line}\n" for _, _, line in rows]).encode("utf-8", "replace")
    async with pool.unit(None) as connection:
        await connection.copy_to_table(
            "logged_requests", source=BytesIO(lines), columns=COLUMNS, encoding="utf-8"
        )
