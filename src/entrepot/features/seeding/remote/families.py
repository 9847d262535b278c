"""Child products as they were written: a server shows their parents' values in them (PRD-6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from entrepot.domain.catalog.inheritance import set_apart
from entrepot.features.catalog.products import family

Values = dict[str, Any]
WIRE = {"ship_from_key": "ShipFromAddressID"}
"""The property of a column."""
INHERITED = (*(WIRE.get(name, name) for name in family.INHERITED), family.PRICE)
"""By their names on the wire."""


class Families:
    """Holds parents and children back until all products are read, in any order."""

    def __init__(self) -> None:
        self._parents: dict[str, Values] = {}
        self._children: list[Values] = []

    def take(self, product: Values) -> bool:
        """Whether a product is no child: those come at the end."""
        if product.get("IsParent"):
            self._parents[str(product["ID"]).lower()] = product
        if not product.get("ParentID"):
            return True
        self._children.append(product)
        return False

    def children(self) -> Iterator[Values]:
        """With what their parents do not say already."""
        for child in self._children:
            yield as_written(child, self._parents.get(str(child["ParentID"]).lower()))


def as_written(child: Values, parent: Values | None) -> Values:
    """A child as it may have been written; as it is where the parent is not known."""
    if parent is None:
        return child
    names = [name for name in INHERITED if name in child and name in parent]
    return {**child, **set_apart({"xp": None, **child}, {"xp": None, **parent}, names)}
