"""The worked examples and vectors of promotions.md on live orders, to the cent (AMT, LIM, LV, VV, EV)."""

from __future__ import annotations

from typing import Any

from tests.api.marketplace import Api, codes
from tests.api.promoting import BIKE, EVERY, ORDER, open_sale
from tests.api.uniform.subjects import checked
from tests.domain.expressions.vectors import ELIGIBLE

Steps = list[tuple[str, dict[str, Any]]]

# Promotions that are added one after the other (value, facts), then the rows, discount and total of the order, and the
# LineTotals of A, B and C.
BY_LINE: dict[str, Any] = {"LineItemLevel": True}
ON_S1 = {**BY_LINE, "EligibleExpression": "item.SupplierID = 'S1'"}
AMOUNTS: list[tuple[Steps, str, float, float, list[float]]] = [
    ([("10", {})], "P0 10.00", 10, 110.5, [30, 40, 30]),
    ([("order.ShippingCost", {})], "P0 12.50", 12.5, 108, [30, 40, 30]),
    (
        [("order.Total * .1", {}), ("order.Total * .1", {})],
        "P0 12.05, P1 10.85",
        22.9,
        97.6,
        [30, 40, 30],
    ),
    ([("110", {}), ("order.ShippingCost", {})], "P0 110.00, P1 10.50", 120.5, 0, [30, 40, 30]),
    (
        [("50 / items.count()", {**BY_LINE, "EligibleExpression": EVERY})],
        "P0 A 16.67, P0 B 16.67, P0 C 16.67",
        50.01,
        70.49,
        [13.33, 23.33, 13.33],
    ),
    (
        [("20", {**BY_LINE, "EligibleExpression": BIKE}), ("15", {**BY_LINE, "EligibleExpression": BIKE})],
        "P0 A 20.00, P1 A 10.00",
        30,
        90.5,
        [0, 40, 30],
    ),
    (
        [("item.LineSubtotal * .1", ON_S1), ("5", {})],
        "P0 A 3.00, P0 C 3.00, P1 5.00",
        11,
        109.5,
        [27, 40, 27],
    ),
]


async def test_amounts(api: Api) -> None:
    """AMT-1 to AMT-6, the worked examples: as they are added, and the same after a write of the order (RCL-1)."""
    shop = await open_sale(api)
    for steps, rows, discount, total, line_totals in AMOUNTS:
        names = [f"P{number}" for number in range(len(steps))]
        for name, (value, facts) in zip(names, steps, strict=True):
            await shop.promotion(name, value, **facts)
        await shop.added(*names)
        for _ in range(2):
            order, lines = await shop.order(), await shop.lines()
            assert await shop.rows() == rows
            assert (order["PromotionDiscount"], order["Total"], order["Subtotal"]) == (discount, total, 100)
            assert [lines[name]["LineTotal"] for name in "ABC"] == line_totals
            on_lines = [lines[name]["PromotionDiscount"] for name in "ABC"]
            assert on_lines == [round(lines[n]["LineSubtotal"] - lines[n]["LineTotal"], 2) for n in "ABC"]
            await checked(shop.http.patch(ORDER, json={"Comments": "c"}), 200)
        for name in names:
            await checked(shop.seller.delete(f"/v1/promotions/{name}"), 204)
        assert ((await shop.order())["Total"], await shop.rows()) == (120.5, "")


LIMITS: list[tuple[str, dict[str, Any], str]] = [
    ("item.LineSubtotal * .1", {"ItemLimitPerOrder": 2}, "P A 3.00, P B 4.00"),
    (
        "item.LineSubtotal * .1",
        {"ItemLimitPerOrder": 2, "ItemSortBy": "!LineSubtotal"},
        "P A 3.00, P B 4.00",
    ),
    ("item.LineSubtotal * .1", {"ItemLimitPerOrder": 1, "ItemSortBy": "!UnitPrice"}, "P C 3.00"),
    ("item.UnitPrice * .5", {"QuantityLimitPerOrder": 4}, "P A 15.00, P B 10.00"),
    (
        "item.UnitPrice * .5",
        {"QuantityLimitPerOrder": 4, "ItemSortBy": "!UnitPrice"},
        "P A 5.00, P B 20.00, P C 15.00",
    ),
    ("item.UnitPrice", {"QuantityLimitPerOrder": 1, "ItemSortBy": "UnitPrice"}, "P A 10.00"),
]
LINE_LEVEL = [
    ("item.ProductID = 'XYZ' and items.any(ProductID = 'ABC')", "item.UnitPrice", "P B 20.00"),
    ("item.product.incategory('Bikes')", "item.LineSubtotal * .15", "P A 4.50"),
    (
        "item.SupplierID = 'S1' and items.total(SupplierID = 'S1') >= 60",
        "50 / items.count(SupplierID = 'S1')",
        "P A 25.00, P C 25.00",
    ),
    ("item.Product.xp.Tags.contains('red')", "item.LineSubtotal * .1", "P A 3.00, P B 4.00"),
    ("item.ProductID.in('ABC','Q1')", "item.LineSubtotal / 3", "P A 10.00, P C 10.00"),
    ("item.Quantity > 10", "1", "Promotion.NotEligible"),
    ("item.IsOnSale = true or item.Quantity >= 2", "5", "P A 5.00, P B 5.00"),
]
VALUES = [
    (10.00, "10"),
    (10.00, "order.Subtotal * .1"),
    (20.00, "min(order.Subtotal * .25, 20)"),
    (10.00, "items.total(ProductID = 'ABC') / items.quantity(ProductID = 'ABC')"),
    (14.00, "(items.total(ProductID = 'ABC') + items.total(ProductID = 'XYZ')) * .2"),
    (
        10.00,
        "(({q}/2) - ({q} % 2 * .5)) * items.total(ProductID='ABC') / {q}".format(
            q="items.quantity(ProductID='ABC')"
        ),
    ),
    (12.00, "items.total(product.inparentcategory('Gear')) * .3"),
    (12.00, "ifs(order.Subtotal >= 150, 30, order.Subtotal >= 80, order.Subtotal * .12, 5)"),
    (33.30, "round(order.Subtotal / 3, 1)"),
    (0.00, "order.xp.Missing * 2"),
    (0.00, "5 - 8"),
    (10.00, "-order.xp.Points + 160"),
]


async def test_vectors(api: Api) -> None:
    """LIM-2, LIM-3, LV-1 to LV-8, VV-1 to VV-12 (AMT-3: a row of 0 is kept), one promotion after the other."""
    shop = await open_sale(api)
    cases: list[tuple[str, str, dict[str, Any], str]] = [
        *((EVERY, value, {**BY_LINE, **facts}, rows) for value, facts, rows in LIMITS),
        *((eligible, value, BY_LINE, rows) for eligible, value, rows in LINE_LEVEL),
        *(("true", value, {}, f"P {amount:.2f}") for amount, value in VALUES),
    ]
    for eligible, value, facts, expected in cases:
        await shop.promotion("P", value, eligible, **facts)
        answer = await shop.add("P")
        found = await shop.rows() if answer.status_code == 201 else codes(answer)[0]
        assert found == expected, (eligible, value)
        await checked(shop.seller.delete("/v1/promotions/P"), 204)


async def test_eligible(api: Api) -> None:
    """EV-1 to EV-29 on a live order (but for the two that speak of its date), AUTO-1: a GET that changes nothing."""
    shop = await open_sale(api)
    dated = {"EV-25", "EV-26"}
    cases = {name: case for name, case in ELIGIBLE.items() if name not in dated}
    for name, (_, expression) in cases.items():
        await shop.promotion(name, "1", expression)
    before = await shop.order()
    answer = await checked(shop.http.get(f"{ORDER}/eligiblepromotions?pageSize=100&sortBy=ID"), 200)
    offered = {item["ID"] for item in answer.json()["Items"]}
    assert offered == {name for name, (expected, _) in cases.items() if expected == "T"}
    assert await shop.order() == before
    for name in cases:
        assert ((await shop.add(name)).status_code == 201) is (name in offered), name
