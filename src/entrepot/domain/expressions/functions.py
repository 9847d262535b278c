"""The functions of the language: what they are called on, the arguments that they take, what they say (EXPR section 1.5).

`check` and `evaluate` go by the names and numbers, vocabulary.py tells people of all of it: there is no second list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, `most` None meaning any number; how it is written, and what it yields."""

    least: int
    most: int | None
    shape: str
    about: str
    odd: bool = False

    def allows(self, count: int) -> bool:
        if self.odd and count % 2 == 0:
            return False
        return count >= self.least and (self.most is None or count <= self.most)


Functions = Mapping[str, Function]

BARE: Functions = {
    "min": Function(2, 2, "min(a, b)", "The smaller of two values."),
    "max": Function(2, 2, "max(a, b)", "The larger of two values."),
    "round": Function(
        1, 2, "round(x, places)", "x to so many decimals, half away from zero; to none by default."
    ),
    "ifs": Function(
        3,
        None,
        "ifs(condition, value, ..., otherwise)",
        "The value after the first condition that holds, else the last argument.",
        odd=True,
    ),
    "now": Function(0, 1, "now(days)", "The present moment, so many days later; earlier if negative."),
}
AGGREGATES: Functions = {
    "any": Function(
        0, 1, "items.any(filter)", "Whether a line item matches; without a filter: whether there is one."
    ),
    "all": Function(
        1, 1, "items.all(filter)", "Whether every line item matches; so it is where there is none."
    ),
    "quantity": Function(
        0, 1, "items.quantity(filter)", "The Quantity of the line items that match, added up."
    ),
    "count": Function(0, 1, "items.count(filter)", "How many line items match."),
    "total": Function(
        0,
        1,
        "items.total(filter)",
        "The LineSubtotal of the line items that match, added up: before discounts.",
    ),
}
"""Functions of `items`."""
CATEGORY: Functions = {
    "incategory": Function(
        1, None, "product.incategory('A', ...)", "Whether the product is assigned to one of these categories."
    ),
    "inparentcategory": Function(
        1,
        None,
        "product.inparentcategory('A', ...)",
        "Whether the product is assigned to one of these categories, or to one below them at any depth.",
    ),
}
"""Functions of a line item and of its product."""
ARRAY_FILTERS: Functions = {
    "any": Function(
        1,
        1,
        "array.any(filter)",
        "Whether an element matches; in the filter it is `item`, and * stands for any text.",
    ),
    "all": Function(1, 1, "array.all(filter)", "Whether every element matches; in the filter it is `item`."),
    "count": Function(
        0, 1, "array.count(filter)", "How many elements match; without a filter: how many there are."
    ),
}
_CONTAINS = Function(1, 1, "array.contains(value)", "Whether an element equals the value; no part of a text.")
CONTAINS = ("contains", "containstext", "containsnumber")
"""The first is the documented one; the others are written by clients."""
SCALAR: Functions = {
    "in": Function(1, None, "path.in(value, ...)", "Whether the property equals one of the values."),
    **dict.fromkeys(CONTAINS, _CONTAINS),
}
PROPERTY: Functions = {**SCALAR, **ARRAY_FILTERS}
"""Functions of a property."""
APPROVED: Functions = {
    "approved": Function(
        1, 1, "order.approved('rule')", "Whether the approval rule of this ID has been approved already."
    )
}
