"""Which statements write what processes remember: read from the declarations, and from the text of each statement once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feeds
from entrepot.declare.registry import Registry
from entrepot.declare.wire import Column
from entrepot.storage.tables import PARTY_TABLES

Kind = Literal["INSERT", "UPDATE", "DELETE"]

_WRITES = re.compile(
    r"\b(?:(INSERT)\s+INTO|(UPDATE)(?:\s+ONLY)?|(DELETE)\s+FROM)\s+(?!SET\b)(\w+)(?:\s+(?:AS\s+)?(?!SET\b)\w+)?(\s+SET\b)?",
    re.IGNORECASE,
)
_ON_CONFLICT = re.compile(r"\bDO\s+UPDATE\s+SET\b", re.IGNORECASE)
_ENDS = frozenset({"FROM", "WHERE", "RETURNING"})
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"[^"]*\"""")
_NEXT = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|[(),=]|\w+""")


@dataclass(frozen=True, slots=True)
class Write:
    """What a statement does to one table. columns: those that an UPDATE sets; None where the text does not say so plainly."""

    table: str
    kind: Kind
    columns: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Fed:
    """What a statement writes of what is remembered. alone: it writes one table itself, not by a CTE, so that its outcome tells
    whether it wrote a row at all.
    """

    feeds: tuple[tuple[str, Feeds], ...] = ()
    """With the table that is written."""
    alone: bool = False


NOTHING = Fed()


@lru_cache(maxsize=8192)
def writes_of(sql: str) -> tuple[Write, ...]:
    """The writes of a statement, those of its CTEs included."""
    return tuple(_writes(sql))


def _writes(sql: str) -> Iterator[Write]:
    for match in _WRITES.finditer(sql):
        inserts, updates, deletes, table, sets = match.groups()
        if updates and not sets:
            continue  # FOR UPDATE OF
        if inserts:
            yield Write(table, "INSERT")
            end = _WRITES.search(sql, match.end())
            conflict = _ON_CONFLICT.search(sql, match.end(), len(sql) if end is None else end.start())
            if conflict:
                yield Write(table, "UPDATE", _columns_set(sql, conflict.end()))
        else:
            yield Write(
                table, "DELETE" if deletes else "UPDATE", _columns_set(sql, match.end()) if updates else None
            )


def _columns_set(sql: str, start: int) -> frozenset[str] | None:
    """The columns on the left of a SET clause; None where it sets several at once, as `(a, b) = (...)`."""
    columns, depth, expecting, before = set(), 0, True, ""
    for match in _NEXT.finditer(sql, start):
        word = match[0]
        if word == "(":
            if expecting:
                return None
            depth += 1
        elif word == ")":
            depth -= 1
            if depth < 0:
                break
        elif depth:
            pass
        elif word == ",":
            expecting = True
        elif word.upper() in _ENDS and before.upper() != "DISTINCT":
            break
        elif expecting:
            columns.add(word.strip('"'))
            expecting = False
        before = word
    return frozenset(columns)


class Feeding:
    """Which tables feed what is remembered, and which rows go with others that are deleted. Built once from the registry."""

    def __init__(self, registry: Registry) -> None:
        self.feeds: dict[str, tuple[Feeds, ...]] = dict(registry.feeds)
        declared: tuple[Entity | Assignment, ...] = (
            *registry.entities.values(),
            *registry.assignments.values(),
        )
        self.feeds |= {each.table: each.feeds for each in declared if each.feeds}
        self.going_along = _closed(_going_along(registry))

    @lru_cache(maxsize=8192)  # noqa: B019 (one Feeding per process)
    def of(self, sql: str) -> Fed:
        """What a statement writes of what is remembered."""
        writes = writes_of(sql)
        if not writes:
            return NOTHING
        feeds = tuple(dict.fromkeys((write.table, each) for write in writes for each in self._touched(write)))
        tables = {write.table for write in writes}
        return Fed(feeds, alone=len(tables) == 1 and _is_main(sql))

    def _touched(self, write: Write) -> Iterator[Feeds]:
        for feeds in self.feeds.get(write.table, ()):
            if _is_touched(feeds, write):
                yield feeds
        if write.kind == "DELETE":
            for table in self.going_along.get(write.table, ()):
                yield from self.feeds.get(table, ())


def _is_main(sql: str) -> bool:
    """Whether the first write of a statement is the statement itself, not one of its CTEs."""
    match = _WRITES.search(sql)
    before = _QUOTED.sub("", sql[: match.start()]) if match else "("
    return before.count("(") == before.count(")")


def _is_touched(feeds: Feeds, write: Write) -> bool:
    if write.kind == "INSERT":
        return feeds.new_rows
    if write.kind == "DELETE" or write.columns is None:
        return True
    if feeds.columns is not None:
        return not write.columns.isdisjoint(feeds.columns)
    return not write.columns <= set(feeds.quiet)


def _going_along(registry: Registry) -> Iterator[tuple[str, str]]:
    """Pairs of tables: what is referred to, and what is deleted with it (storage/tables.py makes the foreign keys)."""
    for entity in registry.entities.values():
        for part in (*entity.parents, *entity.owners):
            yield part.table, entity.table
        for stored in entity.stored:
            if stored.references is not None and stored.on_delete == "cascade":
                yield stored.references, entity.table
        yield from _references(entity.table, entity.model.__columns__.values())
    for assignment in registry.assignments.values():
        yield from ((thing.table, assignment.table) for thing in assignment.things)
        yield from ((PARTY_TABLES[party], assignment.table) for party in assignment.party_columns)
        yield from _references(assignment.table, assignment.settings)
    for table, owners in registry.belonging.items():
        yield from ((owner, table) for owner in owners)


def _references(table: str, columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
    for column in columns:
        if column.references is not None and column.stored and column.references.on_delete == "cascade":
            yield column.references.table, table


def _closed(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """By table, all that is deleted with its rows, however far away."""
    direct: dict[str, set[str]] = defaultdict(set)
    for table, below in pairs:
        direct[table].add(below)
    return {table: _reached(direct, table) for table in tuple(direct)}


def _reached(direct: Mapping[str, set[str]], table: str) -> frozenset[str]:
    found: set[str] = set()
    due = [table]
    while due:
        new = direct.get(due.pop(), set()) - found
        found |= new
        due += new
    return frozenset(found)
