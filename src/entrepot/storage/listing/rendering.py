"""SQL as text: what SQLAlchemy declares once, with named places for arguments and holes for what each request says.

A statement is joined from fixed texts, and gets its numbers at the end (kernel/sql.py). Nothing of a caller is ever text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ClauseElement, ColumnElement, FromClause, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect

from entrepot.storage.columns import Citext

_HOLE = re.compile("\x04([^\x05]*)\x05")
_NAME = re.compile(r'[\w."]+')
_CALL = "hole("


def place(name: str) -> str:
    """Where the argument of this name stands."""
    return f":{name}"


def hole(name: str) -> str:
    """Where a skeleton takes a text."""
    return f"\x04{name}\x05"


class _Compiler(PGCompiler):
    """PostgreSQL's, with places for bind parameters."""

    def bindparam_string(self, name: str, *_: Any, **__: Any) -> str:
        return place(name)


class _Dialect(PGDialect):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT = _Dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def rendered(element: ClauseElement) -> str:
    return str(element.compile(dialect=_DIALECT))


class Skeleton:
    """A statement, or a part of one, whose holes are filled for each request."""

    def __init__(self, text: str) -> None:
        self._parts = _HOLE.split(text)

    def filled(self, texts: dict[str, str]) -> str:
        parts = self._parts
        return "".join(texts[each] if number % 2 else each for number, each in enumerate(parts))


@dataclass(frozen=True, slots=True)
class Value:
    """An expression: its text, which stands by itself as an operand, its type, and whether it may be null."""

    sql: str
    type: Any = None
    nullable: bool = True

    @property
    def is_citext(self) -> bool:
        return isinstance(self.type, Citext)

    @property
    def is_array(self) -> bool:
        return isinstance(self.type, ARRAY)

    @property
    def as_jsonb(self) -> str:
        return self.sql if isinstance(self.type, JSONB) else f"CAST({self.sql} AS JSONB)"


def operand(text: str) -> str:
    return text if _NAME.fullmatch(text) else f"({text})"


def value_of(expression: ColumnElement[Any], table: FromClause, *, nullable: bool = True) -> Value:
    """An expression over a table's rows."""
    # Within a statement, so that subqueries know which tables are the statement's.
    call = func.hole(expression, type_=expression.type).label("value")
    text = rendered(select(call).select_from(table))
    start, end = text.index(_CALL) + len(_CALL), text.index(") AS value")
    return Value(operand(text[start:end]), expression.type, nullable)


def any_row_of(
    table: FromClause, where: tuple[ColumnElement[bool], ...], on: ColumnElement[bool], outer: FromClause
) -> Skeleton:
    """EXISTS of a row of another table that belongs to the row of `outer` and for which the hole `holds` holds."""
    rows: Select[Any] = select(literal_column("1")).select_from(table)
    exists = rows.where(*where, on, literal_column(hole("holds"))).correlate_except(table).exists()
    return Skeleton(value_of(exists, outer).sql)
