"""Records ready to be written: rows for COPY, and those whose rules ask the database first."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from entrepot.features.seeding.kinds import Kind

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """A column that holds the ID of an object of `table`, to be found in the file.

    shown: the property that names it. home: the columns that say what that object lives under. keyed: whether the row
    is to hold the object's key in place of its ID. owner: whether the marketplace itself may be meant (ORG-3).
    """

    column: str
    shown: str
    table: str
    object_type: str
    home: tuple[str, ...] = ()
    keyed: bool = False
    owner: bool = False


@dataclass(slots=True)
class Rows:
    """Rows with the same columns, and the line of each."""

    columns: tuple[str, ...]
    rows: list[list[Any]] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("I"))


# Made by the hundred thousand: to freeze them takes longer than to make them.
@dataclass(slots=True)
class Pending:
    """A row of an assignment whose hooks ask the database; `path` and `body` as of the operation that saves it."""

    line: int
    what: str
    path: dict[str, str]
    body: Values
    row: Values


@dataclass(slots=True)
class Single:
    """A record for the handler of its operation: path parameters, body and query string."""

    line: int
    what: str
    path: dict[str, str]
    body: Values | None
    query: str = ""


NOTHING = Single(0, "", {}, None)
"""Of a call that is about no record."""


@dataclass(slots=True)
class Batch:
    """All records of a kind."""

    kind: Kind
    looks: tuple[Look, ...]
    groups: dict[tuple[str, ...], Rows] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    singles: list[Single] = field(default_factory=list)
    is_written: bool = False

    @property
    def key(self) -> frozenset[str]:
        """Of assignments: the columns that tell rows apart."""
        assignment = self.kind.assignment
        if assignment is None:
            return frozenset({"group_key", "user_key"}) if self.kind.is_membership else frozenset()
        homes = {within.column for within in assignment.homes}
        things = {thing.stored for thing in assignment.things}
        return frozenset(homes | things | set(assignment.party_columns) | set(assignment.keys))

    @property
    def stored(self) -> frozenset[str]:
        """Of assignments: the columns of their table."""
        assignment = self.kind.assignment
        settings = () if assignment is None else assignment.settings
        return self.key | {column.name for column in settings if column.writable}

    @property
    def told_apart(self) -> tuple[str, ...]:
        """Of assignments: the properties of records, beside their path, that tell rows apart."""
        assignment = self.kind.assignment
        if assignment is None:
            return ()
        settings = {column.name for column in assignment.settings} - set(assignment.keys)
        columns = assignment.model.__columns__.values()
        return tuple(column.name for column in columns if column.writable and column.name not in settings)

    def add(self, line: int, columns: tuple[str, ...], row: list[Any]) -> None:
        group = self.groups.get(columns)
        if group is None:
            group = self.groups[columns] = Rows(columns)
        group.rows.append(row)
        group.lines.append(line)

    def all_rows(self) -> Iterator[tuple[Rows, int, list[Any]]]:
        for group in self.groups.values():
            for line, row in zip(group.lines, group.rows, strict=True):
                yield group, line, row

    def __len__(self) -> int:
        rows = sum(len(group.rows) for group in self.groups.values())
        return rows + len(self.pending) + len(self.singles)
