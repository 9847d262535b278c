"""Rows that keep the JSON text of their object, so that a page need not write it.

The text stands in a generated column. A computed property is a hole in it, which the process fills: most rows of a page get
the same there, so that only what makes a row differ is read. Holes and marks are control characters, which JSON text never
holds as they are, but for blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from entrepot.declare.wire import Column

PREWRITTEN = "prewritten"
"""The column."""
MOST_HOLES = 8
"""The next control characters are tabs and ends of lines."""
Texts = Callable[[bytes | None], Mapping[str, bytes]]
"""The JSON texts of the computed properties by name, from what a row has of its own; None for a row that has nothing."""

_OWN, _ROW, _END = b"\x1f", b"\x1e", b"\x1d"
_DIFFERING = re.compile(b"%b([^%b]*)%b([^%b]*)%b" % (_OWN, _ROW, _ROW, _END, _END))


def prewritten(columns: Iterable[Column]) -> str:
    """The SQL expression of a row's text, as engine.wire.render makes it of the row.

    It has to be immutable, which PostgreSQL's own JSON functions for dates and lists are not. Raises TypeError for lists
    of texts, and for more than MOST_HOLES computed properties.
    """
    parts: list[str] = []
    holes = 0
    for column in columns:
        holes += column.computed is not None
        value = f"chr({holes})" if column.computed is not None else _value(column)
        parts.append(f"""'{"," if parts else "{"}"{column.name}":' || {value}""")
    if holes > MOST_HOLES:
        raise TypeError("too many computed properties for a prewritten text")
    return " || ".join((*parts, "'}'"))


def row_text(own: str, row: str = "t") -> str:
    """The SQL expression of a row's text as it is read.

    own: SQL of what makes the row differ, as JSON text; NULL for most rows.
    """
    kept = f"{row}.{PREWRITTEN}"
    mark, divide, end = (f"chr({ord(each)})" for each in (_OWN, _ROW, _END))
    return f"coalesce({mark} || ({own}) || {divide} || {kept} || {end}, {kept})"


def filled(page: bytes, names: Sequence[str], texts: Texts) -> bytes:
    """The texts of a page's rows with their holes filled. names: the computed properties in their order.

    Bytes, since replacing in them takes a fifth of the time.
    """
    if _OWN in page:
        page = _DIFFERING.sub(lambda row: _filled(row[2], names, texts(row[1])), page)
    return _filled(page, names, texts(None))


def _filled(text: bytes, names: Sequence[str], texts: Mapping[str, bytes]) -> bytes:
    for number, name in enumerate(names, 1):
        text = text.replace(b"%c" % number, texts[name])
    return text


def _value(column: Column) -> str:
    name = f'"{column.name}"'
    if column.write_only or not column.stored:
        return "'null'"
    match column.type.kind:
        case "id" | "string" | "enum":
            # json_object writes nothing but texts, and is immutable: {"" : "..."}
            return f"rtrim(substr(CAST(json_object(ARRAY['', CAST({name} AS text)]) AS text), 7), '}}')"
        case "integer":
            return _or_null(f"CAST({name} AS text)")
        case "decimal":
            return _or_null(f"CAST(trim_scale({name}) AS text)")
        case "boolean":
            return f"CASE {name} WHEN true THEN 'true' WHEN false THEN 'false' ELSE 'null' END"
        case "datetime":
            return _or_null(_instant(name))
        case "xp" | "object":
            return _or_null(f"CAST({name} AS text)")
        case "list" if column.type.item is not None and column.type.item.kind in ("object", "xp"):
            return _or_null(f"CAST({name} AS text)")
        case kind:
            raise TypeError(f"no immutable text of {column.name}: {kind}")


def _or_null(text: str) -> str:
    return f"coalesce({text}, 'null')"


def _instant(name: str) -> str:
    """By its digits: to_char and casts depend on settings of the session."""
    parts = {"year": 10**10, "month": 10**8, "day": 10**6, "hour": 10**4, "minute": 100}
    moment = f"timezone('UTC', {name})"
    digits = " + ".join(f"{factor} * extract({part} FROM {moment})" for part, factor in parts.items())
    number = f"{10**14} + {digits} + trunc(extract(second FROM {moment}), 3)"
    pattern = "^.(....)(..)(..)(..)(..)(.*)$"
    shown = r'"\1-\2-\3T\4:\5:\6+00:00"'
    return f"regexp_replace(CAST(trim_scale({number}) AS text), '{pattern}', '{shown}')"
