"""The functions of the language and the numbers of arguments that they take (EXPR section 1.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arity:
    """How many arguments a function takes; `most` None means any number."""

    least: int
    most: int | None
    odd: bool = False

    def allows(self, count: int) -> bool:
        if self.odd and count % 2 == 0:
            return False
        return count >= self.least and (self.most is None or count <= self.most)


BARE = {
    "min": Arity(2, 2),
    "max": Arity(2, 2),
    "round": Arity(1, 2),
    "ifs": Arity(3, None, odd=True),
    "now": Arity(0, 1),
}
AGGREGATES = {
    "any": Arity(0, 1),
    "all": Arity(1, 1),
    "quantity": Arity(0, 1),
    "count": Arity(0, 1),
    "total": Arity(0, 1),
}
"""Functions of `items`."""
CATEGORY = {"incategory": Arity(1, None), "inparentcategory": Arity(1, None)}
ARRAY_FILTERS = {"any": Arity(1, 1), "all": Arity(1, 1), "count": Arity(0, 1)}
CONTAINS = ("contains", "containstext", "containsnumber")
"""The first is the documented one; the others are written by clients."""
PROPERTY = {"in": Arity(1, None), **dict.fromkeys(CONTAINS, Arity(1, 1)), **ARRAY_FILTERS}
"""Functions of a property."""
APPROVED = {"approved": Arity(1, 1)}
