"""Objects of the contract that a statement makes by hand have what their models declare: a property that is added to one of these is
told of here, wherever the database makes the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from entrepot.app.registry import portal_registry, registry
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.features.catalog.pricing.resources import PriceSchedule
from entrepot.features.catalog.shopping.prices import price

MAKES = "json_build_object("


def names(sql: str) -> list[str]:
    """Those of the first object that a piece of SQL makes."""
    arguments, depth, quoted = [""], 0, False
    for letter in sql[sql.index(MAKES) + len(MAKES) :]:
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter in "([") - (letter in ")]")
            if depth < 0:
                break
            if letter == "," and depth == 0:
                arguments.append("")
                continue
        arguments[-1] += letter
    return [each.strip().strip("'") for each in arguments[::2]]


def test_names_of_an_object_in_sql() -> None:
    """Of itself alone, whatever stands in its values and around it."""
    sql = "SELECT json_build_object('A', f(x, ','), 'B', ARRAY[1, 2],\n 'C', json_build_object('D', 1)), json_build_object('E', 1)"
    assert names(sql) == ["A", "B", "C"]


def _models(of: type[Wire] = Wire) -> Iterator[type[Wire]]:
    for model in of.__subclasses__():
        yield model
        yield from _models(model)


def _object(type_: WireType) -> type[Wire] | None:
    return type_.model if type_.item is None else type_.item.model


def _made() -> dict[str, tuple[str, type[Wire]]]:
    """Of all properties that are objects, or lists of them, those that a statement makes: the SQL and the model."""
    # Each of them is complete once all features are there.
    registry(), portal_registry()
    found = {
        f"{model.__name__}.{column.name}": (column.computed, made)
        for model in _models()
        if model.__module__.startswith("entrepot.")
        for column in model.__columns__.values()
        if column.computed is not None and MAKES in column.computed
        if (made := _object(column.type)) is not None
    }
    return {**found, "the price of a shopper": (price("owner"), PriceSchedule)}


MADE = _made()


def test_objects_in_sql_are_found() -> None:
    assert MADE.keys() >= {"Spec.Options", "Variant.Specs", "User.Locale", "InventoryRecord.Address"}


@pytest.mark.parametrize("which", sorted(MADE))
def test_an_object_in_sql_has_what_its_model_declares(which: str) -> None:
    """In the order of the contract, which pages have as the database writes them."""
    sql, model = MADE[which]
    assert names(sql) == list(model.__columns__)
