"""Unit prices by quantity, sales, and the quantities that may be ordered (PRC-4, PRC-5, PS-4 to PS-6)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Break:
    """The unit prices from a quantity on."""

    quantity: int
    price: Decimal
    sale_price: Decimal | None = None
    subscription_price: Decimal | None = None
    bundle_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a price schedule says about quantities and prices. Moments are aware; the sale's end is exclusive."""

    breaks: tuple[Break, ...]
    min_quantity: int | None = 1
    max_quantity: int | None = None
    restricted: bool = False
    cumulative: bool = False
    sale_start: datetime | None = None
    sale_end: datetime | None = None


class QuantityFault(enum.Enum):
    """Why a quantity may not be ordered (PS-4)."""

    BELOW_MIN = "CannotBeLessThanMin"
    ABOVE_MAX = "CannotExceedMax"
    NOT_A_BREAK = "QuantityNotAllowed"


def in_sale_period(start: datetime | None, end: datetime | None, now: datetime) -> bool:
    """PS-6: no start is already begun, no end is open."""
    return (start is None or start <= now) and (end is None or now < end)


def is_on_sale(schedule: Schedule, now: datetime) -> bool:
    """PS-6."""
    has_sale = any(each.sale_price is not None for each in schedule.breaks)
    return has_sale and in_sale_period(schedule.sale_start, schedule.sale_end, now)


def break_for(breaks: Sequence[Break], quantity: int) -> Break | None:
    """PRC-4: the break of the highest quantity that is reached; None below the lowest."""
    reached = [each for each in breaks if each.quantity <= quantity]
    return max(reached, key=lambda each: each.quantity) if reached else None


def unit_base(
    chosen: Break, *, on_sale: bool, in_subscription: bool = False, in_bundle: bool = False
) -> Decimal:
    """PRC-5: only the chosen break counts."""
    if in_bundle and chosen.bundle_price is not None:
        return chosen.bundle_price
    if in_subscription and chosen.subscription_price is not None:
        return chosen.subscription_price
    if on_sale and chosen.sale_price is not None:
        return chosen.sale_price
    return chosen.price


def counted_quantities(quantities: Sequence[int], *, cumulative: bool) -> list[int]:
    """PS-5: for each of an order's lines of one product, the quantity that chooses its break and meets the limits."""
    total = sum(quantities)
    return [total if cumulative else each for each in quantities]


def quantity_fault(schedule: Schedule, quantity: int) -> QuantityFault | None:
    """PS-4, and PRC-4 for what is below the lowest break; None for a quantity that may be ordered."""
    if schedule.restricted:
        allowed = any(each.quantity == quantity for each in schedule.breaks)
        return None if allowed else QuantityFault.NOT_A_BREAK
    least = 1 if schedule.min_quantity is None else schedule.min_quantity
    if quantity < least or break_for(schedule.breaks, quantity) is None:
        return QuantityFault.BELOW_MIN
    if schedule.max_quantity is not None and quantity > schedule.max_quantity:
        return QuantityFault.ABOVE_MAX
    return None
