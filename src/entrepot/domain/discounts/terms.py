"""What a discount says, as the arithmetic needs it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from entrepot.domain.discounts.product_filter import ProductFilter


@dataclass(frozen=True, slots=True)
class Tier:
    """From this quantity on, so many percent off."""

    quantity: int
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """The terms of a discount; a null scope is no narrowing."""

    id: str
    tiers: tuple[Tier, ...]
    description: str | None = None
    priority: int | None = None
    catalog_id: str | None = None
    category_id: str | None = None
    product_id: str | None = None
    product_filter: ProductFilter = ()
