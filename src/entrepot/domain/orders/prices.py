"""What the lines of an order cost (MON-3, MON-5 to MON-8). Pure: schedules and choices come with the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from entrepot.domain.pricing.breaks import (
    QuantityFault,
    Schedule,
    break_for,
    is_on_sale,
    quantity_fault,
    unit_base,
)
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.kernel.money import round_money

NOTHING = Decimal(0)
SHOWN = Decimal("0.0001")
"""UnitPrice has at most four decimals (inferred)."""


@dataclass(frozen=True, slots=True)
class Markup:
    """What a chosen option adds (MON-7)."""

    type: PriceMarkupType
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line as its price depends on it. `schedule` is null where no price schedule applies.

    overridden: the unit price that somebody has set in place of the schedule's (MON-8).
    """

    id: str
    product_id: str
    quantity: int
    schedule: Schedule | None
    markups: tuple[Markup, ...] = ()
    overridden: Decimal | None = None
    in_bundle: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a line. `unit` is as shown; `subtotal` is in cents and rules."""

    unit: Decimal
    subtotal: Decimal
    on_sale: bool = False


def prices(
    lines: Iterable[PricedLine], now: datetime, *, in_subscription: bool = False
) -> dict[str, Price | None]:
    """The price of each line by its ID; None for a line that has neither a schedule nor a break."""
    lines = list(lines)
    counted = counted_quantities(lines)
    return {line.id: _price(line, counted[line.id], now, in_subscription) for line in lines}


def counted_quantities(lines: Iterable[PricedLine]) -> dict[str, int]:
    """MON-5: the quantity that chooses the break of each line, and that the limits are for."""
    lines = list(lines)
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.product_id.lower()] += line.quantity
    return {
        line.id: sums[line.product_id.lower()]
        if line.schedule is not None and line.schedule.cumulative
        else line.quantity
        for line in lines
    }


def faults(lines: Iterable[PricedLine], *, final: bool) -> Mapping[str, QuantityFault]:
    """Why quantities are refused, by line (MON-6). What is cumulative is tested for its minimum only when `final`: at
    validate and submit, so that a cart can be built up (PS-5, inferred).
    """
    lines = list(lines)
    counted = counted_quantities(lines)
    found = {}
    for line in lines:
        if line.schedule is None:
            continue
        fault = quantity_fault(line.schedule, counted[line.id])
        late = line.schedule.cumulative and fault is not QuantityFault.ABOVE_MAX
        if fault is not None and (final or not late):
            found[line.id] = fault
    return found


def _price(line: PricedLine, counted: int, now: datetime, in_subscription: bool) -> Price | None:
    if line.overridden is not None:
        return Price(line.overridden, round_money(line.overridden * line.quantity))
    if line.schedule is None:
        return None
    chosen = break_for(line.schedule.breaks, counted)
    if chosen is None:
        return None
    sale = is_on_sale(line.schedule, now)
    base = unit_base(chosen, on_sale=sale, in_subscription=in_subscription, in_bundle=line.in_bundle)
    per_unit, per_line = marked_up(base, line.markups)
    subtotal = round_money(per_unit * line.quantity + per_line)
    unit = (per_unit + per_line / line.quantity).quantize(SHOWN, rounding=ROUND_HALF_UP)
    return Price(unit, subtotal, sale and chosen.sale_price is not None)


def marked_up(base: Decimal, markups: Iterable[Markup]) -> tuple[Decimal, Decimal]:
    """The unit price with what options add to each unit, and what they add to the line (MON-7); percentages are of
    the base.
    """
    per_unit, per_line = base, NOTHING
    for markup in markups:
        match markup.type:
            case PriceMarkupType.AMOUNT_PER_QUANTITY:
                per_unit += markup.amount
            case PriceMarkupType.AMOUNT_TOTAL:
                per_line += markup.amount
            case PriceMarkupType.PERCENTAGE:
                per_unit += base * markup.amount / 100
            case PriceMarkupType.NO_MARKUP:
                pass
    return per_unit, per_line
