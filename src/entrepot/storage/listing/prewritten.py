"""Rows that keep the JSON text of their object, so that a page need not write it.

The text stands in a generated column. A computed property is a hole in it, which bears its name and which the process fills:
most rows of a page get the same there, so that only what makes a row differ is read. Holes and marks are control characters,
which JSON text never holds as they are, but for blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from entrepot.declare.wire import Column
from entrepot.storage.columns import column_type
from entrepot.storage.listing.spelling import spelling

PREWRITTEN = "prewritten"
"""The column."""
Texts = Callable[[bytes | None], Mapping[str, bytes]]
"""The JSON texts of the computed properties by name, from what a row has of its own; None for a row that has nothing."""

_HOLE, _OWN, _ROW, _END = b"\x01", b"\x1f", b"\x1e", b"\x1d"
_DIFFERING = re.compile(b"%b([^%b]*)%b([^%b]*)%b" % (_OWN, _ROW, _ROW, _END, _END))
_ANY_HOLE = re.compile(b"%b[^%b]*%b" % (_HOLE, _HOLE, _HOLE))


def prewritten(columns: Iterable[Column]) -> str:
    """The SQL expression of a row's text, as engine.wire.render makes it of the row.

    It has to be immutable, which PostgreSQL's own JSON functions for dates and lists are not. Raises TypeError for lists
    of texts.
    """
    parts = [
        f"""'{"," if at else "{"}"{column.name}":' || {_value(column)}""" for at, column in enumerate(columns)
    ]
    return " || ".join((*parts, "'}'"))


def row_text(own: str, row: str = "t") -> str:
    """The SQL expression of a row's text as it is read.

    own: SQL of what makes the row differ, as JSON text; NULL for most rows.
    """
    kept = f"{row}.{PREWRITTEN}"
    mark, divide, end = (f"chr({ord(each)})" for each in (_OWN, _ROW, _END))
    return f"coalesce({mark} || ({own}) || {divide} || {kept} || {end}, {kept})"


def filled(page: bytes, texts: Texts) -> bytes:
    """The texts of a page's rows with their holes filled. Bytes, since replacing in them takes a fifth of the time.

    Of a property that only a newer version knows, whose migration has run, this process says null.
    """
    if _OWN in page:
        page = _DIFFERING.sub(lambda row: _filled(row[2], texts(row[1])), page)
    page = _filled(page, texts(None))
    return _ANY_HOLE.sub(b"null", page) if _HOLE in page else page


def _filled(text: bytes, texts: Mapping[str, bytes]) -> bytes:
    for name, value in texts.items():
        text = text.replace(b"\x01%b\x01" % name.encode(), value)
    return text


def _value(column: Column) -> str:
    if column.computed is not None:
        hole = f"chr({ord(_HOLE)})"
        return f"{hole} || '{column.name}' || {hole}"
    if column.write_only or not column.stored:
        return "'null'"
    text = spelling(column_type(column.type)).immutable
    if text is None:
        raise TypeError(f"no immutable text of {column.name}: {column.type.kind}")
    name = f'"{column.name}"'
    return f"coalesce({text(name)}, 'null')"
