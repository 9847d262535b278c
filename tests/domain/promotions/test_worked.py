"""The worked examples of promotions sections 4 and 6, to the cent."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.domain.expressions.fixture import BASKET, LINES, NOW
from tests.domain.promotions.build import promotion, spelled

from entrepot.domain.promotions.amounts import rows_of
from entrepot.domain.promotions.automatic import refreshed
from entrepot.domain.promotions.sequence import recalculated
from entrepot.domain.promotions.terms import Promotion, Reduction


@dataclass(frozen=True)
class Example:
    """What promotions that are added one after the other leave on the order."""

    promotions: tuple[Promotion, ...]
    rows: str
    discount: str
    total: str
    lines: str = "30 40 30"


S1 = promotion("S1", "item.LineSubtotal * .1", "item.SupplierID = 'S1'", line=True)
BIKE = "item.ProductID = 'ABC'"
EVERY = "item.Quantity >= 1"

AMOUNTS = [
    Example((promotion("P", "10"),), "10.00", "10.00", "110.50"),
    Example((promotion("P", "order.ShippingCost"),), "12.50", "12.50", "108.00"),
    Example(
        (promotion("P", "order.Total * .1"), promotion("Q", "order.Total * .1")),
        "12.05, 10.85",
        "22.90",
        "97.60",
    ),
    Example((promotion("P", "110"), promotion("Q", "order.ShippingCost")), "110.00, 10.50", "120.50", "0.00"),
    Example(
        (promotion("P", "50 / items.count()", EVERY, line=True),),
        "A 16.67, B 16.67, C 16.67",
        "50.01",
        "70.49",
        "13.33 23.33 13.33",
    ),
    Example(
        (promotion("P", "20", BIKE, line=True), promotion("Q", "15", BIKE, line=True)),
        "A 20.00, A 10.00",
        "30.00",
        "90.50",
        "0.00 40 30",
    ),
    Example((S1, promotion("P", "5")), "A 3.00, C 3.00, 5.00", "11.00", "109.50", "27.00 40 27.00"),
]


@pytest.mark.parametrize("example", AMOUNTS)
def test_amounts(example: Example) -> None:
    """AMT-1 to AMT-6, as they are added and as they are recalculated."""
    rows: tuple[Reduction, ...] = ()
    for each in example.promotions:
        rows += rows_of(each, BASKET, rows)
    assert spelled(rows) == example.rows
    after = BASKET.environment(rows)
    assert str(after.order["PromotionDiscount"]) == example.discount
    assert after.order["Total"] == Decimal(example.total)
    assert after.order["Subtotal"] == 100
    assert [line["LineTotal"] for line in after.items] == [Decimal(each) for each in example.lines.split()]
    present = [replace(p, date_applied=NOW + timedelta(i)) for i, p in enumerate(example.promotions)]
    assert recalculated(present[::-1], BASKET, rows) == rows


LIMITS = [
    ("item.LineSubtotal * .1", {"item_limit": 2}, "A 3.00, B 4.00"),
    ("item.LineSubtotal * .1", {"item_limit": 2, "item_sort_by": "!LineSubtotal"}, "B 4.00, A 3.00"),
    ("item.LineSubtotal * .1", {"item_limit": 1, "item_sort_by": "!UnitPrice"}, "C 3.00"),
    ("item.UnitPrice * .5", {"quantity_limit": 4}, "A 15.00, B 10.00"),
    (
        "item.UnitPrice * .5",
        {"quantity_limit": 4, "item_sort_by": "!UnitPrice"},
        "C 15.00, B 20.00, A 5.00",
    ),
    ("item.UnitPrice", {"quantity_limit": 1, "item_sort_by": "UnitPrice"}, "A 10.00"),
    (
        "item.UnitPrice",
        {"quantity_limit": 9, "item_sort_by": "product.xp.onsale, !ID"},
        "C 30.00, B 40.00, A 30.00",
    ),
]


@pytest.mark.parametrize(("value", "facts", "expected"), LIMITS)
def test_limits(value: str, facts: dict[str, Any], expected: str) -> None:
    """LIM-2, LIM-3"""
    assert spelled(rows_of(promotion("P", value, EVERY, line=True, **facts), BASKET, ())) == expected


def test_refresh() -> None:
    """The example of section 6: a line is removed, Subtotal is 40, TEN comes and FIVE goes."""
    five = promotion("FIVE", "5", "order.Subtotal > 50", can_combine=True, date_applied=NOW)
    ten = promotion("TEN", "order.Subtotal * .1", can_combine=True, auto_apply=True, priority=1)
    basket = replace(BASKET, order={"Subtotal": Decimal(40)}, lines=LINES[1:2])
    done = refreshed([ten], basket, [five], (Reduction("FIVE", None, Decimal("5.00")),), {})
    assert done.rows == done.added == (Reduction("TEN", None, Decimal("4.00")),)
    (removed,) = done.removed
    assert removed.row == Reduction("FIVE", None, Decimal("5.00"))
    assert removed.reason.code == "Promotion.NotEligible"
    assert basket.environment(done.rows).order["PromotionDiscount"] == Decimal("4.00")
