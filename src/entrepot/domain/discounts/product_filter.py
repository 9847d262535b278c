"""The products that a discount is narrowed to by their xp: `xp.color=red&xp.size=L` (DSC-1).

The language is that of list filters, and so are its refusals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.domain.listing.budget import Budget, require_short
from entrepot.domain.listing.conditions import conditions
from entrepot.domain.listing.evaluate import test_holds
from entrepot.domain.listing.fields import Field, FieldKind, ListShape
from entrepot.domain.listing.filters import FilterCondition
from entrepot.domain.listing.query import split_query

ProductFilter = tuple[FilterCondition, ...]
XP_ONLY = ListShape(fields=(Field("xp", FieldKind.XP),), key=())


def read_product_filter(text: str | None) -> ProductFilter:
    """The conditions, none for an absent filter. Raises ApiError, as list filters do, for what is no filter of xp."""
    query = (text or "").encode()
    require_short(query)
    return conditions(split_query(query), XP_ONLY, Budget())


def holds(product_filter: ProductFilter, xp: Mapping[str, Any] | None) -> bool:
    """Whether a product with this xp satisfies every condition."""
    item = {"xp": xp}
    return all(any(test_holds(item, test) for test in condition.tests) for condition in product_filter)
