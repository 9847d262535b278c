"""The worked examples of the orders spec, to the cent (MON-2, MON-5, MON-7, MON-8) and of the catalog's SPC-6, PS-5."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.orders.prices import Markup, Price, PricedLine, faults, prices
from entrepot.domain.orders.totals import Charges, LineMoney, totals
from entrepot.domain.pricing.breaks import Break, QuantityFault, Schedule
from entrepot.domain.pricing.markups import PriceMarkupType as Type

NOW = datetime(2026, 11, 23, tzinfo=UTC)
D = Decimal


def schedule(*breaks: tuple[int, str], **facts: object) -> Schedule:
    return Schedule(breaks=tuple(Break(quantity, D(price)) for quantity, price in breaks), **facts)  # type: ignore[arg-type]


def one(quantity: int, price: str, *markups: Markup, **facts: object) -> Price | None:
    line = PricedLine(
        id="L",
        product_id="P",
        quantity=quantity,
        schedule=schedule((1, price)),
        markups=markups,
        **facts,  # type: ignore[arg-type]
    )
    return prices([line], NOW)["L"]


def test_the_total_of_an_order() -> None:
    """MON-2."""
    lines = [LineMoney(D("114.00"), promotion_discount=D(5)), LineMoney(D("182.50"))]
    charges = Charges(shipping=D(10), tax=D("24.29"), gratuity=D(5), fees=D("3.25"))
    sums = totals(lines, charges, order_discount=D(15))
    assert (sums.subtotal, lines[0].total, sums.promotion_discount, sums.total) == (
        D("296.50"),
        D("109.00"),
        D("20.00"),
        D("319.04"),
    )


@pytest.mark.parametrize(
    ("type_", "one_piece", "ten"),
    [
        (Type.NO_MARKUP, "50", "500"),
        (Type.AMOUNT_PER_QUANTITY, "60", "600"),
        (Type.AMOUNT_TOTAL, "60", "510"),
        (Type.PERCENTAGE, "55", "550"),
    ],
)
def test_each_kind_of_markup(type_: Type, one_piece: str, ten: str) -> None:
    """MON-7, SPC-6: base 50, markup 10."""
    for quantity, subtotal in ((1, one_piece), (10, ten)):
        price = one(quantity, "50", Markup(type_, D(10)))
        assert price is not None
        assert price.subtotal == D(subtotal)


@pytest.mark.parametrize(
    ("quantity", "base", "markups", "subtotal", "unit"),
    [
        # MON-7
        (
            3,
            "50",
            [(Type.AMOUNT_PER_QUANTITY, "2.5"), (Type.AMOUNT_TOTAL, "10"), (Type.PERCENTAGE, "10")],
            "182.50",
            "60.8333",
        ),
        # SPC-6
        (
            4,
            "50",
            [(Type.AMOUNT_PER_QUANTITY, "2"), (Type.PERCENTAGE, "10"), (Type.AMOUNT_TOTAL, "8")],
            "236",
            "59",
        ),
        (3, "10", [(Type.AMOUNT_TOTAL, "1")], "31.00", "10.3333"),
        # MON-1: half away from zero
        (1, "0.345", [], "0.35", "0.345"),
    ],
)
def test_markups_together(
    quantity: int, base: str, markups: list[tuple[Type, str]], subtotal: str, unit: str
) -> None:
    price = one(quantity, base, *(Markup(type_, D(amount)) for type_, amount in markups))
    assert price == Price(D(unit), D(subtotal))


def cumulative(*quantities: int, breaks: tuple[tuple[int, str], ...], on: bool = True) -> list[Decimal]:
    terms = schedule(*breaks, cumulative=on)
    lines = [
        PricedLine(id=str(i), product_id="P" if i % 2 else "p", quantity=quantity, schedule=terms)
        for i, quantity in enumerate(quantities)
    ]
    return [price.subtotal for price in prices(lines, NOW).values() if price is not None]


def test_quantities_that_add_up() -> None:
    """MON-5 and PS-5; the lines name their product in different case (ID-4)."""
    three = ((1, "10"), (10, "9.50"), (50, "8.25"))
    assert cumulative(12, breaks=three) == [D("114.00")]
    assert cumulative(6, 6, breaks=three) == [D("57.00"), D("57.00")]
    assert cumulative(6, breaks=three) == [D("60.00")]
    two = ((1, "10"), (10, "8"))
    assert cumulative(6, 5, breaks=two, on=False) == [D(60), D(50)]
    assert cumulative(6, 5, breaks=two) == [D(48), D(40)]


def test_an_overridden_price_has_no_markup() -> None:
    """MON-8."""
    assert one(3, "50", Markup(Type.PERCENTAGE, D(10)), overridden=D("1.115")) == Price(D("1.115"), D("3.35"))


@pytest.mark.parametrize(
    ("facts", "quantity", "at_once", "finally_"),
    [
        ({"min_quantity": 2}, 1, QuantityFault.BELOW_MIN, QuantityFault.BELOW_MIN),
        ({"max_quantity": 5}, 6, QuantityFault.ABOVE_MAX, QuantityFault.ABOVE_MAX),
        ({"restricted": True}, 2, QuantityFault.NOT_A_BREAK, QuantityFault.NOT_A_BREAK),
        ({"min_quantity": 2, "cumulative": True}, 1, None, QuantityFault.BELOW_MIN),
        ({"restricted": True, "cumulative": True}, 2, None, QuantityFault.NOT_A_BREAK),
        ({"max_quantity": 5, "cumulative": True}, 6, QuantityFault.ABOVE_MAX, QuantityFault.ABOVE_MAX),
        ({"max_quantity": 5}, 5, None, None),
    ],
)
def test_quantities_that_are_refused(
    facts: dict[str, object],
    quantity: int,
    at_once: QuantityFault | None,
    finally_: QuantityFault | None,
) -> None:
    """MON-6: what is cumulative meets its minimum only at the end."""
    line = PricedLine(id="L", product_id="P", quantity=quantity, schedule=schedule((1, "1"), **facts))
    assert faults([line], final=False).get("L") == at_once
    assert faults([line], final=True).get("L") == finally_


@given(
    st.lists(
        st.tuples(st.decimals(0, 10_000, places=2), st.decimals(0, 100, places=2)), min_size=1, max_size=20
    ),
    st.decimals(0, 1000, places=2),
)
def test_totals_are_sums(lines: list[tuple[Decimal, Decimal]], shipping: Decimal) -> None:
    """MON-2: Total is what the lines' totals and the charges add up to, exactly."""
    money = [LineMoney(subtotal, promotion_discount=min(off, subtotal)) for subtotal, off in lines]
    sums = totals(money, Charges(shipping=shipping))
    assert sums.total == sum((line.total for line in money), shipping)
    assert sums.subtotal - sums.promotion_discount + shipping == sums.total
