"""The API's own rules and handlers, run for many records at once.

Each is a coroutine that stops where it asks the database. When all of a chunk have stopped, each question is put once
for all of them, as a lateral join over the lists of their arguments, and they go on with their answers; what they write
is written in between, each statement with all its arguments. So the rule stays the API's own text, and a hundred
thousand records take a few statements a chunk.

What one record of a chunk decides does not see what the others write in the same step. Therefore the kinds say which of
their records can be in one chunk (kinds.py), and a refusal is not believed: the chunk is undone, and its records are
written one after the other.

Of a chunk two parts at a time take turns at the database: while it answers one of them, the other one thinks.
"""

from __future__ import annotations

import re
from asyncio import Lock, gather, sleep
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from types import coroutine
from typing import Any, TypeVar

import asyncpg
from asyncpg.exceptions import PostgresError

from entrepot.engine.recording import Recording
from entrepot.features.seeding.derived import LOCK, is_computed, is_settled
from entrepot.features.seeding.pace import BATCH
from entrepot.kernel.errors import ApiError

_PARAMETER = re.compile(r"\$(\d+)")
_READS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
_VALUES = re.compile(r"\bVALUES\s*\(((?:\s*\$\d+\s*,)*\s*\$\d+\s*)\)", re.IGNORECASE)

T = TypeVar("T")
_known_types: dict[str, tuple[asyncpg.Type, ...]] = {}
MOST_KNOWN = 1_000
"""Statements of which it is kept what their parameters are."""
WORTH_PARTING = 100
"""Records of a chunk from which on there is enough to think of."""
SLICE = 25
"""Records of a part that think in one piece while the other one has its turn, so that it never waits long to send what it asks next."""


class ApartError(Exception):
    """The records cannot be written together."""


class AnsweredRow:
    """A row as asyncpg has it, by name and by position."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: tuple[Any, ...]) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, key: str | int) -> Any:
        return self._values[key if isinstance(key, int) else self._names[key]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self._names else default

    def keys(self) -> Iterator[str]:
        return iter(self._names)

    def items(self) -> Iterator[tuple[str, Any]]:
        return zip(self._names, self._values, strict=True)


Connection = asyncpg.Connection | Recording
Question = tuple[str, tuple[Any, ...]]
"""A statement for whose rows a coroutine waits, with its arguments."""


@coroutine
def _answer(query: str, args: tuple[Any, ...]) -> Generator[Question, list[Any], list[Any]]:
    return (yield query, args)


class AskingDatabase:
    """The database of coroutines that run together."""

    def __init__(self) -> None:
        self.writes: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.turn = Lock()
        """Of those who share it: whose the real one is."""

    async def execute(self, query: str, *args: Any) -> str:
        if not is_settled(query):
            self.writes[query].append(args)
        return ""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return [] if is_computed(query) else await _answer(query, args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        rows = await _answer(query, args)
        return rows[0] if rows else None

    async def fetchval(self, query: str, *args: Any) -> Any:
        rows = await _answer(query, args)
        return rows[0][0] if rows else None

    async def flush(self, connection: Connection) -> None:
        """Write what has come together."""
        writes, self.writes = self.writes, defaultdict(list)
        for query, arguments in writes.items():
            await _write(connection, query, arguments)


async def by_parts(records: Sequence[T], work: Callable[[Sequence[T]], Awaitable[None]]) -> None:
    """Do the work for the parts of a chunk, two at a time. Raises what one of them raises, when no other one is at work."""
    if len(records) < WORTH_PARTING:
        await work(records)
        return
    size = min(BATCH, len(records)) // 2
    parts = deque(records[start : start + size] for start in range(0, len(records), size))

    async def lane() -> None:
        try:
            while parts:
                await work(parts.popleft())
        except BaseException:
            parts.clear()
            raise

    for outcome in await gather(lane(), lane(), return_exceptions=True):
        if outcome is not None:
            raise outcome


async def run_together(
    connection: Connection,
    database: AskingDatabase,
    coroutines: Sequence[Coroutine[Any, Any, Any]],
) -> list[Any]:
    """What the coroutines return. They use `database` alone. Raises ApartError; then the caller undoes the chunk."""
    results: list[Any] = [None] * len(coroutines)
    answers: dict[int, list[Any] | None] = dict.fromkeys(range(len(coroutines)))
    try:
        while answers:
            asked: dict[str, dict[int, tuple[Any, ...]]] = defaultdict(dict)
            for step, (position, answer) in enumerate(answers.items()):
                if step % SLICE == 0 and database.turn.locked():
                    await sleep(0)
                try:
                    question = coroutines[position].send(answer)
                except StopIteration as stop:
                    results[position] = stop.value
                else:
                    if type(question) is not tuple:
                        raise ApartError  # It waits for something else: a thread, a clock.
                    query, args = question
                    asked[query][position] = args
            answers = {}
            async with database.turn:
                await database.flush(connection)
                for query, arguments in asked.items():
                    answers |= await _ask(connection, query, arguments)
    except (ApiError, PostgresError) as error:
        raise ApartError from error
    finally:
        for each in coroutines:
            each.close()
    return results


async def _write(connection: Connection, query: str, arguments: list[tuple[Any, ...]]) -> None:
    """All rows of an INSERT by one statement, where it inserts nothing but its arguments."""
    values = _VALUES.search(query)
    if values is None or len(arguments) == 1 or _PARAMETER.search(query, values.end()):
        await connection.executemany(query, arguments)
        return
    types = await _types(connection, query)
    if _have_lists(types):
        await connection.executemany(query, arguments)
        return
    rows = f"SELECT {_of_list(values[1])} FROM {_list(types)}"
    for distinct in _rounds(arguments):
        try:
            async with connection.transaction():
                await connection.execute(
                    f"{query[: values.start()]}{rows}{query[values.end() :]}",
                    distinct[0][0],
                    *_columns(distinct),
                )
        except asyncpg.CardinalityViolationError:
            # Rows of the same key, of which the last one counts.
            await connection.executemany(query, distinct)


def _rounds(arguments: list[tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
    """The first of equal arguments, then the second, and so on: no statement writes a row twice."""
    seen: dict[tuple[Any, ...], int] = defaultdict(int)
    rounds: list[list[tuple[Any, ...]]] = []
    for args in arguments:
        if seen[args] == len(rounds):
            rounds.append([])
        rounds[seen[args]].append(args)
        seen[args] += 1
    return rounds


async def _ask(
    connection: Connection, query: str, arguments: dict[int, tuple[Any, ...]]
) -> dict[int, list[Any] | None]:
    """The rows of one question for all who ask it; $1, the marketplace, is the same for all of them."""
    types = await _types(connection, query) if len(arguments) > 1 else ()
    # It is to only read, and for one thing at a time.
    if len(types) < 2 or _have_lists(types) or not _READS.match(query):
        return {position: await connection.fetch(query, *args) for position, args in arguments.items()}
    distinct: dict[tuple[Any, ...], int] = {}
    for args in arguments.values():
        distinct.setdefault(args, len(distinct))
    inner = _of_list(LOCK.sub("", query.strip()))
    found = await connection.fetch(
        f"SELECT w.place AS _place, x.* FROM {_list(types)} CROSS JOIN LATERAL ({inner}) x",
        next(iter(distinct))[0],
        *_columns(list(distinct)),
    )
    rows: list[list[Any]] = [[] for _ in distinct]
    names_of: dict[str, int] = {}
    for record in found:
        names_of = names_of or {name: i for i, name in enumerate(list(record.keys())[1:])}
        rows[record[0] - 1].append(AnsweredRow(names_of, tuple(record)[1:]))
    return {position: rows[distinct[args]] for position, args in arguments.items()}


async def _types(connection: Connection, query: str) -> tuple[asyncpg.Type, ...]:
    """Of the parameters of a statement: the database is asked for each once, not with each chunk."""
    known = _known_types.get(query)
    if known is None:
        if len(_known_types) >= MOST_KNOWN:
            _known_types.clear()
        known = _known_types[query] = (await connection.prepare(query)).get_parameters()
    return known


def _list(types: Sequence[asyncpg.Type]) -> str:
    """The arguments of a statement as a table `w` with their places; $1, the marketplace, is no part of it."""
    lists = ", ".join(f"${number}::{type_.name}[]" for number, type_ in enumerate(types[1:], 2))
    names = "".join(f"a{number}, " for number in range(2, len(types) + 1))
    return f"unnest({lists}) WITH ORDINALITY AS w({names}place)"


def _of_list(text: str) -> str:
    """SQL with what `_list` makes of its parameters in their place."""
    return _PARAMETER.sub(lambda m: m[0] if m[1] == "1" else f"w.a{m[1]}", text)


def _columns(arguments: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """The parameters of `_list`."""
    return [list(column) for column in zip(*arguments, strict=True)][1:]


def _have_lists(types: Sequence[asyncpg.Type]) -> bool:
    return any(type_.kind == "array" for type_ in types)
