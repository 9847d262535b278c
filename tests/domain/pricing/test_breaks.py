"""Unit prices, sales and quantities (PRC-4, PRC-5, PS-4 to PS-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from entrepot.domain.pricing.breaks import (
    Break,
    QuantityFault,
    Schedule,
    break_for,
    counted_quantities,
    is_on_sale,
    quantity_fault,
    unit_base,
)

E4 = (
    Break(1, Decimal(5), sale_price=Decimal(4)),
    Break(10, Decimal("4.5")),
    Break(50, Decimal(3), subscription_price=Decimal("2.5"), bundle_price=Decimal(2)),
)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("quantity", "purpose", "expected"),
    [
        (9, {"on_sale": True}, "4.00"),
        (9, {"on_sale": False}, "5"),
        (10, {"on_sale": True}, "4.50"),
        (50, {"on_sale": True, "in_subscription": True}, "2.50"),
        (50, {"on_sale": True, "in_bundle": True}, "2.00"),
        (50, {"on_sale": True, "in_bundle": True, "in_subscription": True}, "2.00"),
        (50, {"on_sale": True}, "3"),
        (10, {"on_sale": False, "in_bundle": True, "in_subscription": True}, "4.5"),
    ],
)
def test_e4(quantity: int, purpose: dict[str, bool], expected: str) -> None:
    """PRC-E4: only the fields of the chosen break count."""
    chosen = break_for(E4, quantity)
    assert chosen is not None
    assert unit_base(chosen, **purpose) == Decimal(expected)


def test_below_the_lowest_break() -> None:
    """PRC-4."""
    assert break_for(E4[1:], 9) is None
    assert quantity_fault(Schedule(breaks=E4[1:]), 9) is QuantityFault.BELOW_MIN


@pytest.mark.parametrize(("cumulative", "total"), [(False, 110), (True, 88)])
def test_cumulative_quantity(cumulative: bool, total: int) -> None:
    """PS-5: breaks 1→10, 10→8, lines of 6 and 5; the older line is repriced, too."""
    breaks, lines = (Break(1, Decimal(10)), Break(10, Decimal(8))), (6, 5)
    chosen = [break_for(breaks, counted) for counted in counted_quantities(lines, cumulative=cumulative)]
    prices = [unit_base(each, on_sale=False) for each in chosen if each is not None]
    assert sum(price * quantity for price, quantity in zip(prices, lines, strict=True)) == total


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + SECOND, None, False),
        (None, NOW, False),
        (None, NOW + SECOND, True),
        (NOW - SECOND, NOW + SECOND, True),
    ],
)
def test_sale(start: datetime | None, end: datetime | None, expected: bool) -> None:
    """PS-6: the start is part of the sale, the end is not; without a SalePrice there is none."""
    assert is_on_sale(Schedule(breaks=E4, sale_start=start, sale_end=end), NOW) is expected
    assert not is_on_sale(Schedule(breaks=E4[1:], sale_start=start, sale_end=end), NOW)


@pytest.mark.parametrize(
    ("schedule", "faults"),
    [
        (
            Schedule(breaks=E4, min_quantity=2, max_quantity=50),
            {1: "BELOW_MIN", 2: None, 50: None, 51: "ABOVE_MAX"},
        ),
        (Schedule(breaks=E4, min_quantity=None), {0: "BELOW_MIN", 1: None, 10**6: None}),
        (
            Schedule(breaks=E4, restricted=True, min_quantity=5, max_quantity=20),
            {1: None, 5: "NOT_A_BREAK", 10: None, 50: None},
        ),
    ],
)
def test_quantities(schedule: Schedule, faults: dict[int, str | None]) -> None:
    """PS-4: a restricted quantity equals a break, any other lies between the limits."""
    for quantity, fault in faults.items():
        found = quantity_fault(schedule, quantity)
        assert (None if found is None else found.name) == fault, quantity
