"""Which statements write what is synchronized, and how they say of what: read from the declarations, and from the text of each
statement once.

A plain INSERT, UPDATE or DELETE is run with a RETURNING that names the things. A statement that writes by CTEs names them itself, in
columns called `synced_products` or `gone_products`, or has it in its text that its caller does (NAMED_BY_CALLER).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.declare.synced import Sweep, Synced, Thing
from entrepot.engine.feeding import Write, writes_of
from entrepot.engine.wire.json import load

NAMED_BY_CALLER = "/* what is synchronized of it, its caller names */"
SYNCED, GONE = "synced_", "gone_"
MANY = "__"
"""After it, in the name of such a column, whatever tells several of them apart; then the value is an array of names."""
IN_ONE_PIECE = 2000
"""Names after which others have their turn."""

Name = tuple[Any, ...]
Moved = tuple[str, str | None, str | None, int, int, int | None]
"""Product, variant, record, how many there were and are, the notification point."""

_WRITE = re.compile(
    r"\b(INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM)\s+(?!SET\b)(\w+)(?:\s+(?:AS\s+)?(?!SET\b)(\w+)\b)?(\s+SET\b)?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"[^"]*\"""")
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)
_NO_ALIAS = frozenset({"WHERE", "USING", "SELECT", "VALUES", "SET", "RETURNING", "ON", "DEFAULT"})
_ARM = re.compile(r"(\w+) AS \((UPDATE|DELETE FROM) (\w+)( t\b)?")


@dataclass(slots=True)
class Noted:
    """What a unit has written of what is synchronized."""

    changed: dict[Thing, dict[Name, None]] = field(default_factory=dict)
    gone: dict[Thing, dict[Name, None]] = field(default_factory=dict)
    moved: list[Moved] = field(default_factory=list)

    def note(self, of: Thing, names: Iterable[Sequence[Any]], *, gone: bool = False) -> None:
        """Once each, in the order in which they came."""
        kept = (self.gone if gone else self.changed).setdefault(of, {})
        kept.update((tuple(name), None) for name in names)

    async def note_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What a statement says by the rows that it returned; others have their turn meanwhile."""
        for what, texts, gone in _told(rows):
            for first in range(0, len(texts), IN_ONE_PIECE):
                names = (load(text) for text in texts[first : first + IN_ONE_PIECE] if text is not None)
                self.note(what, names, gone=gone)
                if len(texts) > IN_ONE_PIECE:
                    await asyncio.sleep(0)

    def __bool__(self) -> bool:
        return any(self.changed.values()) or any(self.gone.values()) or bool(self.moved)


def _told(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Thing, list[str | None], bool]]:
    """The names in the columns that tell of something, as text."""
    for column in rows[0].keys() if rows else ():
        if column.startswith((SYNCED, GONE)):
            what, _, many = column.removeprefix(SYNCED).removeprefix(GONE).partition(MANY)
            values = [row[column] for row in rows]
            texts = [text for some in values for text in some or ()] if many else values
            yield Thing(what), texts, column.startswith(GONE)


@dataclass(frozen=True, slots=True)
class Telling:
    """How a statement that writes what is synchronized is run. adds: its text has got a RETURNING that it did not have. verb: of its
    outcome. unnamed: tables that it writes without saying of what.
    """

    text: str
    adds: bool = False
    verb: str = "SELECT"
    unnamed: tuple[str, ...] = ()


class Syncing:
    """What rows say of what is synchronized. Built once from the registry."""

    def __init__(self, registry: Registry) -> None:
        declared: tuple[Entity | Assignment, ...] = (
            *registry.entities.values(),
            *registry.assignments.values(),
        )
        self.synced: dict[str, tuple[Synced, ...]] = {
            each.table: each.synced for each in declared if each.synced
        }
        self.sweeps: dict[str, tuple[Sweep, ...]] = {
            each.table: each.sweeps for each in registry.entities.values() if each.sweeps
        }

    @lru_cache(maxsize=8192)  # noqa: B019 (one per process)
    def of(self, sql: str, wanted: frozenset[Thing]) -> Telling | None:
        """How to run a statement where these things are wanted; None where it writes nothing of them."""
        writes = [write for write in writes_of(sql) if any(self._touched(write, wanted))]
        if not writes:
            return None
        tables = dict.fromkeys(write.table for write in writes)
        main = _main(sql)
        unnamed = [table for table in tables if main is None or table != main[1]]
        if unnamed and (NAMED_BY_CALLER in sql or f"AS {SYNCED}" in sql or f"AS {GONE}" in sql):
            unnamed = []
        if main is None or main[1] not in tables:
            return Telling(sql, unnamed=tuple(unnamed))
        verb, table, alias = main
        columns = self.columns(table, [write for write in writes if write.table == table], alias, wanted)
        text = sql.rstrip().rstrip(";")
        returns = _returns(text)
        return Telling(
            f"{text}{', ' if returns else ' RETURNING '}{', '.join(columns)}",
            adds=not returns,
            verb=verb,
            unnamed=tuple(unnamed),
        )

    def columns(
        self, table: str, writes: Sequence[Write], alias: str, wanted: frozenset[Thing]
    ) -> tuple[str, ...]:
        """What names the things in the rows that are written, as columns of a RETURNING or a SELECT."""
        of = dict.fromkeys(each for write in writes for each in self._touched(write, wanted))
        deletes = all(write.kind == "DELETE" for write in writes)
        return tuple(_column(each, alias, gone=deletes) for each in of)

    def told(self, arms: Sequence[str], wanted: frozenset[Thing]) -> tuple[list[str], list[str]]:
        """The arms of a rename or a deletion, returning what names the things, and columns that gather it."""
        telling, gathered = [], []
        for arm in arms:
            match = _ARM.match(arm)
            if match is not None:
                name, _, table, aliased = match.groups()
                writes = [write for write in writes_of(arm) if write.table == table]
                columns = self.columns(table, writes, "t" if aliased else table, wanted)
                if columns:
                    arm = arm.removesuffix("RETURNING 1)") + f"RETURNING {', '.join(columns)})"
                    for column in columns:
                        called = column.rpartition(" AS ")[2]
                        gathered.append(
                            f"(SELECT array_agg({called}::text) FROM {name}) AS {called}{MANY}{name}"
                        )
            telling.append(arm)
        return telling, gathered

    def _touched(self, write: Write, wanted: frozenset[Thing]) -> Iterator[Synced]:
        for each in self.synced.get(write.table, ()):
            if each.of in wanted and _is_touched(each, write):
                yield each


def _is_touched(synced: Synced, write: Write) -> bool:
    if write.kind == "INSERT":
        return synced.new_rows
    if write.kind == "DELETE" or write.columns is None:
        return True
    if synced.columns is not None:
        return not write.columns.isdisjoint(synced.columns)
    return not write.columns <= set(synced.quiet)


def _column(synced: Synced, alias: str, *, gone: bool) -> str:
    names = synced.itself if gone and synced.itself else synced.by
    listed = ", ".join(f'{alias}."{name}"' for name in names)
    value = f"json_build_array({listed})"
    if synced.when:
        value = f"CASE WHEN {synced.when.format(t=alias)} THEN {value} END"
    return f"{value} AS {GONE if gone and synced.itself else SYNCED}{synced.of}"


def _main(sql: str) -> tuple[str, str, str] | None:
    """The verb, the table and its name in the statement, where a statement writes one itself and not by a CTE only."""
    for match in _WRITE.finditer(sql):
        verb, table, alias, sets = match.groups()
        verb = verb.split()[0].upper()
        if verb == "UPDATE" and not sets:
            continue  # FOR UPDATE OF
        before = _QUOTED.sub("", sql[: match.start()])
        if before.count("(") == before.count(")"):
            named = alias if alias and alias.upper() not in _NO_ALIAS else table
            return verb, table, named
    return None


def _returns(sql: str) -> bool:
    """Whether a statement that writes has a RETURNING of its own, which is its last clause."""
    for match in _RETURNING.finditer(sql):
        before = _QUOTED.sub("", sql[: match.start()])
        if before.count("(") == before.count(")"):
            return True
    return False
