"""Wire objects as JSON text that the database makes of a row's columns, as engine.wire.render makes it of the row (ADR 0009)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, cast, func, literal_column, null, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from entrepot.storage.listing.rendering import value_of
from entrepot.storage.listing.spelling import spelling

Expression = ColumnElement[Any]
ITEM = "item"


def in_row(
    names: Iterable[str], columns: Mapping[str, Expression] | ReadOnlyColumnCollection[str, Any]
) -> tuple[Expression, ...]:
    """The columns of the row ITEM, which TEXT takes: the properties by name and in order, null where there is no column."""
    return tuple((_spelled(columns[name]) if name in columns else null()).label(name) for name in names)


TEXT: Expression = cast(func.row_to_json(literal_column(ITEM)), Text())
"""The text of the row ITEM."""


def item_of(table: FromClause, names: Iterable[str], columns: Mapping[str, Expression]) -> str:
    """The SQL of the text of one row of a table that other SQL names. The columns are expressions over the table."""
    row = select(*in_row(names, columns)).correlate(table).subquery(ITEM)
    return value_of(select(TEXT).select_from(row).correlate(table).scalar_subquery(), table).sql


def _spelled(column: Expression) -> Expression:
    return spelling(column.type).in_row(column)
