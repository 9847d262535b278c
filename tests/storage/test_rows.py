"""The typed rows of orders, lines and returns have the columns that the declarations store (tests/storage/test_schema.py)."""

from __future__ import annotations

import types
from datetime import datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from entrepot.declare.entity import Entity
from entrepot.engine.rows import json_columns
from entrepot.engine.statements import stored_columns
from entrepot.features.trade.orders.resources import LINE_ITEM, ORDER
from entrepot.features.trade.orders.rows import LineRow, OrderRow
from entrepot.features.trade.returns.resources import ORDER_RETURN
from entrepot.features.trade.returns.rows import ReturnRow
from entrepot.storage.tables import entity_columns

TYPES = {
    "Citext": str,
    "Text": str,
    "Integer": int,
    "BigInteger": int,
    "Numeric": Decimal,
    "Boolean": bool,
    "DateTime": datetime,
}
THERE = {
    "orders": {
        "FromUser",
        "FromCompanyID",
        "ToCompanyID",
        "FromUserID",
        "Status",
        "DateCreated",
        "LastUpdated",
        "user_key",
    },
    "line_items": {"DateAdded", "Specs"},
    "order_returns": {"Status", "DateCreated", "LastUpdated"},
}
"""What may be null as a column, and is there in every row: use cases write it when they make one."""
BESIDE = {"orders": {"key"}, "line_items": set(), "order_returns": {"key", "PaymentIDs"}}
"""What rows hold besides: surrogate keys, and what their statements compute."""


def parts(hint: Any) -> tuple[Any, bool]:
    """A type without `None`, and whether it has that."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    inner = [each for each in get_args(hint) if each is not type(None)]
    assert len(inner) == 1, hint
    return inner[0], len(inner) < len(get_args(hint))


@pytest.mark.parametrize(
    ("row", "entity"), [(OrderRow, ORDER), (LineRow, LINE_ITEM), (ReturnRow, ORDER_RETURN)]
)
def test_rows_are_what_is_stored(row: type, entity: Entity) -> None:
    """Names, types, and what may be null; JSON is any value of it."""
    hints = get_type_hints(row)
    assert hints.keys() - BESIDE[entity.table] == set(stored_columns(entity))
    columns = {column.name: column for column in entity_columns(entity)}
    there = set()
    for name in stored_columns(entity):
        hint, may_be_none = parts(hints[name])
        column, is_json = columns[name], name in json_columns(entity)
        if hint is not Any:
            expected = (dict, list) if is_json else (TYPES[type(column.type).__name__],)
            assert (get_origin(hint) or hint) in expected, name
        if not column.nullable:
            assert not may_be_none, name
        elif not may_be_none and hint is not Any:
            there.add(name)
    assert there == THERE[entity.table]
