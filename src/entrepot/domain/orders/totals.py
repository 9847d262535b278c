"""The money of an order from that of its lines (MON-1, MON-2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from entrepot.kernel.money import round_money

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """What an order costs beside its lines."""

    shipping: Decimal = NOTHING
    tax: Decimal = NOTHING
    gratuity: Decimal = NOTHING
    fees: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class LineMoney:
    """The subtotal of a line and what it is reduced by, each in cents."""

    subtotal: Decimal
    base_discount: Decimal = NOTHING
    promotion_discount: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """LineTotal = LineSubtotal - BaseDiscount - PromotionDiscount."""
        return self.subtotal - self.base_discount - self.promotion_discount


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order."""

    subtotal: Decimal
    base_discount: Decimal
    promotion_discount: Decimal
    total: Decimal


def totals(lines: Iterable[LineMoney], charges: Charges, order_discount: Decimal = NOTHING) -> Totals:
    """MON-2. `order_discount` is what promotions take off the order as a whole."""
    lines = list(lines)
    subtotal = sum((line.subtotal for line in lines), NOTHING)
    base = sum((line.base_discount for line in lines), NOTHING)
    promotions = order_discount + sum((line.promotion_discount for line in lines), NOTHING)
    charged = charges.shipping + charges.tax + charges.gratuity + charges.fees
    total = subtotal + charged - base - promotions
    return Totals(*(round_money(amount) for amount in (subtotal, base, promotions, total)))
