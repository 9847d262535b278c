"""What an expression is computed over: an order with its lines, at one moment.

Orders, lines and returns are in their wire form, as mappings by property name: numbers as int or Decimal, dates as datetime,
objects (`FromUser`, `BillingAddress`, `Product`, `xp`) as mappings, arrays as sequences. What an environment lacks is null.
A line's `Product` may carry `Inventory` with `QuantityAvailable` (EXPR-13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from entrepot.domain.expressions.budget import Budget

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProductCategories:
    """The categories of one product, by ID, in the catalogs that the buyer can see (EXPR-16)."""

    assigned: frozenset[str] = frozenset()
    """Those that the product is directly in."""
    above: frozenset[str] = frozenset()
    """The ancestors of those, at any distance."""


NO_CATEGORIES = ProductCategories()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The data of one evaluation.

    categories: by ProductID. approved_rules: IDs of the rules approved on the order (approval rules) or on the return
    (seller approval rules).
    """

    now: datetime
    order: Record
    items: Sequence[Record] = ()
    order_return: Record | None = None
    categories: Mapping[str, ProductCategories] = field(default_factory=dict)
    approved_rules: frozenset[str] = frozenset()
    budget: Budget = field(default_factory=Budget)


def member(holder: Any, name: str) -> Any:
    """A property of a mapping, whatever the case of its name (EXPR-5); null for what is missing or no mapping."""
    if not isinstance(holder, Mapping):
        return None
    if name in holder:
        return holder[name]
    folded = name.lower()
    return next((value for key, value in holder.items() if key.lower() == folded), None)
