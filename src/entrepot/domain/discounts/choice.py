"""Which discount counts, and how much it takes off (DSC-2). Discounts are never added up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from entrepot.domain.discounts.product_filter import holds
from entrepot.domain.discounts.terms import Discount
from entrepot.kernel.money import plain, round_money

NOTHING = Decimal(0)
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A product and where the shopper sees it: IDs of its catalogs, and of (catalog, category) with those above."""

    product_id: str
    xp: Mapping[str, Any] | None
    catalogs: Collection[str]
    categories: Collection[tuple[str, str]]


def covers(discount: Discount, product: Placed) -> bool:
    """Whether a product is within the scope of a discount (DSC-1). IDs compare whatever their case."""
    if discount.product_id is not None and discount.product_id.lower() != product.product_id.lower():
        return False
    if discount.category_id is not None:
        wanted = ((discount.catalog_id or "").lower(), discount.category_id.lower())
        if wanted not in {(catalog.lower(), category.lower()) for catalog, category in product.categories}:
            return False
    elif discount.catalog_id is not None and discount.catalog_id.lower() not in {
        catalog.lower() for catalog in product.catalogs
    }:
        return False
    return holds(discount.product_filter, product.xp)


def percent_at(discount: Discount, quantity: int) -> Decimal:
    """The percent of the tier with the highest quantity that is reached; 0 below all tiers."""
    reached = [tier for tier in discount.tiers if tier.quantity <= quantity]
    return max(reached, key=lambda tier: tier.quantity).percent if reached else NOTHING


def chosen(discounts: Iterable[Discount], quantities: Sequence[int]) -> Discount | None:
    """The winner among discounts that all cover a product and reach the shopper.

    The lowest Priority, null being the last; of equals the one with the lowest price, at the quantity ordered or, for
    several quantities (the breaks of a price schedule), from the first on; then the lowest ID.
    """

    def rank(discount: Discount) -> tuple[bool, int, list[Decimal], str]:
        prices = [-percent_at(discount, quantity) for quantity in quantities]
        return discount.priority is None, discount.priority or 0, prices, discount.id.lower()

    return min(discounts, key=rank, default=None)


def discounted(price: Decimal, percent: Decimal) -> Decimal:
    """A unit price less the percent, exactly: 20 at 10 % is 18."""
    return plain(price * (WHOLE - percent) / WHOLE)


def base_discount(line_subtotal: Decimal, percent: Decimal) -> Decimal:
    """What a discount takes off a line, to the cent: 240 at 10 % is 24.00."""
    return round_money(line_subtotal * percent / WHOLE)
