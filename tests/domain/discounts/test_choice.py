"""Which discount counts, and how much it takes off (DSC-1, DSC-2)."""

from decimal import Decimal
from typing import Any

import pytest

from entrepot.domain.discounts.choice import Placed, base_discount, chosen, covers, discounted, percent_at
from entrepot.domain.discounts.product_filter import read_product_filter
from entrepot.domain.discounts.terms import Discount, Tier
from entrepot.kernel.errors import ApiError


def discount(discount_id: str = "D", tiers: dict[int, str] | None = None, **facts: Any) -> Discount:
    found = tuple(Tier(quantity, Decimal(percent)) for quantity, percent in (tiers or {1: "10"}).items())
    return Discount(id=discount_id, tiers=found, **facts)


WORKED = discount(tiers={10: "10", 20: "15"})
"""Tiers 10 -> 10 %, 20 -> 15 %."""


def test_worked_example() -> None:
    """DSC-2: break 1 has none, break 10 shows 18; a line of 12 at 20 has a BaseDiscount of 24.00, LineTotal 216.00."""
    assert percent_at(WORKED, 1) == 0
    assert percent_at(WORKED, 10) == 10
    assert discounted(Decimal(20), percent_at(WORKED, 10)) == 18
    subtotal = Decimal(20) * 12
    taken = base_discount(subtotal, percent_at(WORKED, 12))
    assert (str(taken), str(subtotal - taken)) == ("24.00", "216.00")
    assert percent_at(WORKED, 19) == 10
    assert percent_at(WORKED, 20) == percent_at(WORKED, 999) == 15


def test_cents() -> None:
    """Prices are exact, what a line loses is whole cents, half away from zero."""
    assert discounted(Decimal("9.99"), Decimal("12.5")) == Decimal("8.74125")
    assert base_discount(Decimal("0.30"), Decimal(15)) == Decimal("0.05")
    assert discounted(Decimal(5), Decimal(100)) == 0


@pytest.mark.parametrize(
    ("discounts", "quantities", "winner"),
    [
        ([], [1], None),
        (
            [discount("A", {1: "50"}), discount("B", priority=2), discount("C", {1: "90"}, priority=3)],
            [1],
            "B",
        ),
        ([discount("A", priority=0), discount("B", priority=-1)], [1], "B"),
        ([discount("A", {1: "5", 10: "20"}), discount("B", {1: "10"})], [1], "B"),
        ([discount("A", {1: "5", 10: "20"}), discount("B", {1: "10"})], [10], "A"),
        ([discount("A", {1: "5", 10: "20"}), discount("B", {1: "5", 10: "30"})], [1, 10], "B"),
        ([discount("b"), discount("A")], [1], "A"),
    ],
)
def test_chosen(discounts: list[Discount], quantities: list[int], winner: str | None) -> None:
    """DSC-2: never stacked; lowest Priority, null last; of equals the lowest price."""
    found = chosen(discounts, quantities)
    assert (found.id if found else None) == winner


PRODUCT = Placed(
    product_id="P",
    xp={"color": "Red", "sizes": ["M", "L"], "deep": {"n": 5}},
    catalogs=["K", "L"],
    categories=[("K", "C"), ("K", "Root")],
)


@pytest.mark.parametrize(
    ("facts", "covered"),
    [
        ({}, True),
        ({"product_id": "p"}, True),
        ({"product_id": "Q"}, False),
        ({"catalog_id": "k"}, True),
        ({"catalog_id": "M"}, False),
        ({"catalog_id": "K", "category_id": "root"}, True),
        ({"catalog_id": "L", "category_id": "C"}, False),
        ({"catalog_id": "K", "product_id": "Q"}, False),
        ({"product_filter": "xp.color=red"}, True),
        ({"product_filter": "xp.color=red&xp.sizes=S"}, False),
        ({"product_filter": "xp.sizes=S|l&xp.deep.n=>4"}, True),
        ({"product_filter": "xp.nothing=!*"}, True),
    ],
)
def test_scope(facts: dict[str, Any], covered: bool) -> None:
    """DSC-1: every narrowing counts; none is everything. The filter is that of lists (FLT-8)."""
    facts = {**facts, "product_filter": read_product_filter(facts.get("product_filter"))}
    assert covers(discount(**facts), PRODUCT) is covered


@pytest.mark.parametrize("text", ["Name=x", "color=red", "search=x", "&".join(["xp.a=1"] * 101)])
def test_filters_of_xp_only(text: str) -> None:
    """DSC-1"""
    with pytest.raises(ApiError):
        read_product_filter(text)
