"""Who may be on an order, what is cut, what comes and goes (ADD, AMT-4, AMT-6, RCL, AUTO-1 to AUTO-4, OVR-2, INT-6)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.expressions.fixture import BASKET, LINES, NOW
from tests.domain.promotions.build import promotion, spelled

from entrepot.domain.promotions.amounts import clamped, rows_of
from entrepot.domain.promotions.automatic import MOST_ADDED, applied, offered, refreshed
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.checks import combines, refusal_to_add, refusal_to_stay, refusal_to_submit
from entrepot.domain.promotions.line_order import read_item_sort_by
from entrepot.domain.promotions.sequence import in_sequence, recalculated
from entrepot.domain.promotions.terms import Promotion, Reduction, Usage
from entrepot.kernel.errors import PromotionNotEligibleError

DAY = timedelta(1)
TO_S1 = replace(BASKET, seller_id="MP", order={**BASKET.order, "ToCompanyID": "s1"})
OWNED: dict[str, Any] = {"owner_id": "MP", "can_combine": True}
ON_ORDER = promotion("ON", "1", **OWNED)

# Facts of a promotion (beside OWNED), how often it was redeemed, and the refusal to add it; None where it may come.
CHECKS: list[tuple[dict[str, Any], Usage, str | None]] = [
    ({}, Usage(), None),
    ({"active": False, "start_date": NOW + DAY}, Usage(), "Promotion.NotActive"),
    ({"start_date": NOW}, Usage(), None),
    ({"start_date": NOW + DAY, "id": "ON"}, Usage(), "Promotion.NotYetValid"),
    ({"expiration_date": NOW}, Usage(), None),
    ({"expiration_date": NOW - DAY, "owner_id": "S2"}, Usage(), "Promotion.Expired"),
    ({"id": "ON", "owner_id": "S2"}, Usage(), "Promotion.AlreadyAdded"),
    ({"owner_id": "S1"}, Usage(), None),
    ({"owner_id": "S2", "can_combine": False}, Usage(), "Promotion.OwnerIDMustMatchOrderToCompanyID"),
    ({"can_combine": False, "redemption_limit": 1}, Usage(1, 0), "Promotion.CannotCombine"),
    ({"redemption_limit": 2}, Usage(1, 1), None),
    ({"redemption_limit": 2}, Usage(2, 0), "Promotion.ExceedsUsageLimit"),
    ({"redemption_limit_per_user": 1}, Usage(5, 0), None),
    ({"redemption_limit_per_user": 1}, Usage(5, 1), "Promotion.ExceedsUsageLimit"),
]


@pytest.mark.parametrize(("facts", "usage", "expected"), CHECKS)
def test_checks(facts: dict[str, Any], usage: Usage, expected: str | None) -> None:
    """ADD-1: the first failing one wins. All but AlreadyAdded and CannotCombine are asked again at refresh."""
    new = replace(promotion("NEW", "1", code="CODE", **OWNED), **facts)
    refusal = refusal_to_add(new, TO_S1, [ON_ORDER], (), usage)
    assert (refusal.code if refusal else None) == expected
    if refusal is not None:
        assert refusal.data == {"ID": new.id, "Code": "CODE"}
    if expected not in ("Promotion.AlreadyAdded", "Promotion.CannotCombine"):
        stays = refusal_to_stay(new, TO_S1, (), usage)
        assert (stays.code if stays else None) == expected


def test_supplier_promotion_on_another_order() -> None:
    """ADD-1, check 7: a supplier's promotion is on orders to that supplier only."""
    order = replace(TO_S1, order={**BASKET.order, "ToCompanyID": "MP"})
    refusal = refusal_to_add(promotion("P", "1", owner_id="S1"), order, [], (), Usage())
    assert refusal is not None
    assert refusal.code == "Promotion.OwnerIDMustMatchOrderToCompanyID"


@pytest.mark.parametrize(
    ("expression", "line", "eligible"),
    [
        ("order.Subtotal >= 100", False, True),
        ("order.Subtotal > 100", False, False),
        ("item.Quantity = 1", True, True),
        ("item.Quantity = 4", True, False),
        ("items.all(" * 6 + "Quantity > 0" + ")" * 6, False, True),
    ],
)
def test_eligible(expression: str, line: bool, eligible: bool) -> None:
    """ADD-1, check 10"""
    refusal = refusal_to_add(promotion("P", "1", expression, line=line), BASKET, [], (), Usage())
    assert refusal is None if eligible else isinstance(refusal, PromotionNotEligibleError)


def test_endless_expressions_are_not_eligible() -> None:
    """What would take too many steps to judge is refused rather than computed."""
    lines = [{"ID": str(i), "Quantity": 1, "LineSubtotal": 1} for i in range(1000)]
    endless = "items.count(Quantity < item.Quantity) = 0"
    big = Basket(order={"Subtotal": 1000}, lines=lines, now=NOW)
    assert refusal_to_add(promotion("P", "1", endless, line=True), big, [], (), Usage()) is not None
    assert rows_of(promotion("P", "items.count(items.any(Quantity > 1))"), big, ()) == ()


@pytest.mark.parametrize(
    ("combine", "others", "expected"),
    [(False, [], True), (False, [True], False), (True, [False], False), (True, [True, True], True)],
)
def test_combining(*, combine: bool, others: list[bool], expected: bool) -> None:
    """ADD-2"""
    present = [promotion(str(i), "1", can_combine=each) for i, each in enumerate(others)]
    assert combines(promotion("P", "1", can_combine=combine), present) is expected


def test_submit_asks_every_line() -> None:
    """RCL-3: each line that has a row must be eligible still; others do not matter."""
    large = promotion("P", "1", "item.Quantity >= 2", line=True)
    rows = (Reduction("P", "A", Decimal(1)), Reduction("P", "B", Decimal(1)))
    assert refusal_to_submit(large, BASKET, rows, Usage()) is None
    fewer = replace(BASKET, lines=[LINES[0], {**LINES[1], "Quantity": 1}, {**LINES[2], "Quantity": 9}])
    refusal = refusal_to_submit(large, fewer, rows, Usage())
    assert isinstance(refusal, PromotionNotEligibleError)
    assert refusal_to_submit(promotion("P", "1", "order.Total > 120"), BASKET, rows, Usage()) is None


def test_sequence() -> None:
    """AMT-6: Priority, those without last, then DateApplied, then ID."""
    facts: list[dict[str, Any]] = [
        {"date_applied": NOW},
        {"date_applied": NOW - DAY},
        {"priority": 2, "date_applied": NOW},
        {"priority": 1},
        {"priority": 2},
        {},
    ]
    found = in_sequence([promotion(name, "1", **each) for name, each in zip("ABCDEF", facts, strict=True)])
    assert "".join(each.id for each in found) == "DCEBAF"


def test_base_discount_leaves_less() -> None:
    """DSC-2 with AMT-4: what a catalog discount took is not there for promotions."""
    lines = [{**LINES[0], "BaseDiscount": Decimal("24.50")}]
    basket = replace(BASKET, lines=lines, order={"Subtotal": Decimal(30), "BaseDiscount": Decimal("24.50")})
    rows = rows_of(promotion("P", "item.LineTotal", "true or item.Quantity", line=True), basket, ())
    assert spelled(rows) == "A 5.50"
    assert basket.environment(rows).order["Total"] == 0


def test_cut() -> None:
    """RCL-2: the last applied first, on its line and on the order; rows of lines that are gone go."""
    rows = (
        Reduction("P", "A", Decimal(20)),
        Reduction("Q", "A", Decimal(10)),
        Reduction("Q", "B", Decimal(40)),
        Reduction("R", None, Decimal(15)),
    )
    basket = Basket(
        order={"Subtotal": Decimal(25), "TaxCost": Decimal("1.055")},
        lines=[{**LINES[0], "LineSubtotal": 25}],
        now=NOW,
    )
    assert spelled(clamped(basket, rows)) == "A 20.00, A 5.00, 1.05"


def test_recalculation_keeps_lines_and_overrides() -> None:
    """RCL-1, OVR-2: no row comes or goes; overridden ones keep their amounts and their share of the limits."""
    half = promotion(
        "P", "item.UnitPrice * .5", "item.Quantity = 99", line=True, quantity_limit=4, date_applied=NOW - DAY
    )
    rows = (
        Reduction("P", "A", Decimal(7), overridden=True),
        Reduction("P", "B", Decimal(1)),
        Reduction("P", "C", Decimal(1)),
        Reduction("Q", None, Decimal(1)),
    )
    done = recalculated([half, promotion("Q", "order.Total", date_applied=NOW)], BASKET, rows)
    # A counts for three units, so that B gets one and C none.
    assert {(row.promotion_id, row.line_item_id): row.amount for row in done} == {
        ("P", "A"): 7,
        ("P", "B"): 10,
        ("P", "C"): 0,
        ("Q", None): Decimal("103.5"),
    }


def test_granted_amounts() -> None:
    """INT-6: the integration's amounts are rounded and capped; limits are not applied."""
    external = replace(promotion("P", "1", line=True, eligible="item.Quantity > 0", item_limit=1), value=None)
    rows = rows_of(external, BASKET, (), [("A", Decimal("7.505")), ("B", Decimal(99)), ("C", Decimal(-1))])
    assert spelled(rows) == "A 7.51, B 40.00, C 0.00"


def test_offered() -> None:
    """AUTO-1: what could be added now, with the sum over its lines."""
    candidates = [
        promotion("LINES", "item.Quantity", "item.Quantity > 1", line=True, can_combine=True),
        promotion("AUTO", "5", auto_apply=True, can_combine=True),
        promotion("ALONE", "5"),
        promotion("OLD", "5", can_combine=True, expiration_date=NOW - DAY),
        promotion("USED", "5", can_combine=True, redemption_limit=3),
        replace(promotion("ASKED", "5", can_combine=True), value=None),
        replace(promotion("UNASKED", "5", can_combine=True), value=None),
    ]
    present = [promotion("ON", "1", can_combine=True)]
    granted = {"ASKED": [(None, Decimal("2.5"))]}
    found = offered(
        candidates, BASKET, present, (Reduction("ON", None, Decimal(1)),), {"USED": Usage(3)}, granted
    )
    assert found == {"LINES": 5, "AUTO": 5, "ASKED": Decimal("2.5")}


def test_applied() -> None:
    """AUTO-2: by priority, each seeing the ones before; what is there is recalculated, nothing goes."""
    tenth = "order.Total * .1"
    candidates = [
        promotion("LAST", tenth, auto_apply=True, can_combine=True),
        promotion("FIRST", "20.5", auto_apply=True, can_combine=True, priority=1),
        promotion("NEVER", "1", "false", auto_apply=True, can_combine=True, priority=1),
        promotion("MANUAL", "1", can_combine=True),
    ]
    there = promotion(
        "THERE", "order.Subtotal / 4", "false", auto_apply=True, can_combine=True, date_applied=NOW
    )
    other = promotion("OTHER", "2", can_combine=True, date_applied=NOW)
    rows = (Reduction("OTHER", None, Decimal(1)), Reduction("THERE", None, Decimal(9)))
    done = applied(candidates, BASKET, [there, other], rows, {})
    assert [(row.promotion_id, str(row.amount)) for row in done] == [
        ("OTHER", "1"),
        ("THERE", "25.00"),
        ("FIRST", "20.50"),
        ("LAST", "7.40"),
    ]


def test_applied_alone() -> None:
    """AUTO-2: one that cannot be combined blocks all later ones; at most 100 are added."""
    one = promotion("ONE", "1", auto_apply=True, priority=1)
    many = [promotion(f"P{i:03}", ".01", auto_apply=True, can_combine=True) for i in range(MOST_ADDED + 5)]
    assert spelled(applied([*many, one], BASKET, [], (), {})) == "1.00"
    rows = applied(many, BASKET, [], (), {})
    assert [row.promotion_id for row in rows] == [each.id for each in many[:MOST_ADDED]]


# Priorities of one on the order and of an AutoApply newcomer, neither combinable: which one the order has afterwards.
CONFLICTS = [
    (None, 1, "NEW"),
    (2, 1, "NEW"),
    (1, 1, "OLD"),
    (1, 2, "OLD"),
    (None, None, "OLD"),
    (1, None, "OLD"),
]


@pytest.mark.parametrize(("old", "new", "winner"), CONFLICTS)
def test_refresh_conflicts(old: int | None, new: int | None, winner: str) -> None:
    """AUTO-3: a better priority wins; an equal or null one never evicts."""
    present = promotion("OLD", "1", priority=old, date_applied=NOW)
    comer = promotion("NEW", "2", priority=new, auto_apply=True)
    done = refreshed([comer], BASKET, [present], (Reduction("OLD", None, Decimal("1.00")),), {})
    assert [row.promotion_id for row in done.rows] == [winner]
    assert [(each.row.promotion_id, each.reason.code) for each in done.removed] == (
        [("OLD", "Promotion.CannotCombine")] if winner == "NEW" else []
    )


def test_refresh_lines() -> None:
    """AUTO-4: lines of a kept promotion come and go; a changed amount is neither; overridden rows stay as they are."""
    large = promotion("P", "item.Quantity", "item.Quantity > 1", line=True, date_applied=NOW)
    rows = (Reduction("P", "A", Decimal(20), overridden=True), Reduction("P", "C", Decimal(1)))
    done = refreshed([], BASKET, [large], rows, {})
    assert spelled(done.rows) == "A 20.00, B 2.00"
    assert spelled(done.added) == "B 2.00"
    assert [(each.row, each.reason.code) for each in done.removed] == [(rows[1], "Promotion.NotEligible")]


def test_refresh_rejected() -> None:
    """AUTO-4: what the integration refuses goes with its refusal."""
    external = replace(promotion("P", "1", date_applied=NOW), value=None)
    refusal = PromotionNotEligibleError(message="Not today.")
    row = Reduction("P", None, Decimal(3))
    gone = refreshed([], BASKET, [external], (row,), {}, {}, {"P": refusal})
    assert [(each.row, each.reason) for each in gone.removed] == [(row, refusal)]
    kept = refreshed([], BASKET, [external], (row,), {}, {"P": [(None, Decimal(4))]})
    assert spelled(kept.rows) == "4.00"


@pytest.mark.parametrize("text", ["Nope", "!", "Product..xp", "ID,Colour"])
def test_item_sort_by(text: str) -> None:
    """LIM-3: only what lines have; paths may go on as they like."""
    with pytest.raises(ValueError):
        read_item_sort_by(text)
    assert len(read_item_sort_by("!product.xp.Rank, id")) == 2


money = st.decimals(0, 500, places=2)
values = st.sampled_from(
    ["order.Total", "order.Subtotal * .333", "200", "-5", "order.Total - 1", "order.xp.Missing", "1e25"]
)
line_values = st.sampled_from(["item.LineTotal", "item.UnitPrice", "item.LineSubtotal / 3", "50", "-1"])
promotions = st.one_of(
    st.builds(lambda value: promotion("P", value), values),
    st.builds(
        lambda value, least, facts: promotion("P", value, f"item.Quantity >= {least}", line=True, **facts),
        line_values,
        st.integers(0, 3),
        st.sampled_from([{}, {"item_limit": 2}, {"quantity_limit": 3, "item_sort_by": "!UnitPrice"}]),
    ),
)
baskets = st.builds(
    lambda prices, tax, shipping: Basket(
        now=NOW,
        lines=[
            {"ID": str(i), "Quantity": q, "UnitPrice": p, "LineSubtotal": p * q, "DateAdded": NOW}
            for i, (p, q) in enumerate(prices)
        ],
        order={
            "Subtotal": sum((p * q for p, q in prices), Decimal(0)),
            "TaxCost": tax,
            "ShippingCost": shipping,
        },
    ),
    st.lists(st.tuples(money, st.integers(0, 4)), max_size=4),
    st.decimals(0, 50, places=3),
    money,
)


@given(baskets, st.lists(promotions, max_size=5))
def test_never_below_zero(basket: Basket, several: list[Promotion]) -> None:
    """AMT-2 to AMT-4: whatever is applied, every row is whole cents from 0 up, no line and no total falls below zero."""
    rows: tuple[Reduction, ...] = ()
    named = [replace(each, id=f"P{i}", date_applied=NOW + timedelta(i)) for i, each in enumerate(several)]
    for each in named:
        rows += rows_of(each, basket, rows)
    for result in (rows, recalculated(named, basket, rows), refreshed([], basket, named, rows, {}).rows):
        assert all(row.amount >= 0 and row.amount == round(row.amount, 2) for row in result)
        after = basket.environment(result)
        assert after.order["Total"] >= 0
        assert all(line["LineTotal"] >= 0 for line in after.items)
    assert recalculated(named, basket, rows) == rows
    assert clamped(basket, rows) == rows
