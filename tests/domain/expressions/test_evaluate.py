"""Values, conversions and functions (EXPR-5, EXPR-14 to EXPR-27)."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tests.domain.expressions.fixture import LINES, NOW, environment

from entrepot.domain.expressions.budget import AT_ONCE, Budget, HeavyWorkError, TooManyStepsError
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.parser import MAX_DEPTH
from entrepot.domain.expressions.uses import Use

TRUE = [
    # EXPR-5: names in any case, also of xp keys; values as they are.
    "order.XP.channel = 'Web' and order.xp.Channel <> 'web'",
    # EXPR-22
    "order.Total > '100' and order.xp.Points = 150 and order.xp.Channel <> 5",
    "order.xp.Flag = 'TRUE' and order.xp.Flag = 1 and order.xp.Flag <> 'yes'",
    "order.DateCreated = #3/10/2026 15:00# and order.DateCreated = '2026-03-10T16:00:00+01:00'",
    "now() = '3/15/2026 12:00' and now() <> 'soon'",
    "order.xp <> order.xp and order.xp.Tags <> order.xp.Tags",
    # EXPR-23
    "not '150' > '20' and '150' > 20 and not order.xp.Missing < 1 and not order.xp.Missing >= 1",
    "not 'x' < 1 and not 'x' >= 1 and not order.xp.Tags < 1",
    # EXPR-24
    "order.xp.Missing = order.xp.Other.Deep and not order.xp.Missing = 'x'",
    # EXPR-25
    "1 / 0 = order.xp.Missing and 1 % 0 = order.xp.Missing and order.xp.Channel + 1 = order.xp.Missing",
    "1e28 * 1e28 * 1e28 > 1e28",
    # EXPR-21
    "3 / 2 = 1.5 and -7 % 3 = -1 and 7 % -3 = 1 and .1 + .2 = .3",
    "1 / 3 * 3 > .9999999999999999999999999999",
    # EXPR-26
    "not 0 and -1 and 'true' and not 'yes' and not order.xp.Missing and not order.xp.Tags and not now()",
    # Short circuits, EXPR-11
    "ifs(true, 1, items.any(true), 2, 3) = 1 and ifs(false, 1, false, 2, 'c') = 'c'",
    # EXPR-18
    "min(20, 12.75) = 12.75 and max('7', 12.75) = 12.75 and min(5, order.xp.Missing) = order.xp.Missing",
    "min(now(), #1/1/2020#) = #1/1/2020# and max(now(), #1/1/2020#) = now()",
    "round(2.5) = 3 and round(-2.5) = -3 and round(2.345, 2) = 2.35 and round(5, -1) = order.xp.Missing",
    "now(1) > now() and now(-1) < now() and now(.5) = order.xp.Missing and now(9999999) = order.xp.Missing",
    # EXPR-17: wildcards in array filters only
    "order.xp.Tags.any(item = '*g2') and order.xp.Tags.count(item = 't*g*') = 3",
    "order.xp.Tags.all(item <> 'x*') and order.xp.Tags.any(item.in('x', '*3'))",
    "order.xp.Name <> 'O*' and not order.xp.Tags.contains('tag*')",
    # EXPR-20
    "order.xp.Tags.contains('tag2') and not order.xp.Tags.contains('tag') and order.xp.Nums.contains('23')",
    "order.xp.Missing.count() = 0 and not order.xp.Channel.any(true) and not order.xp.Missing.all(true)",
    "order.xp.Empty.all(false) and order.xp.Empty.count(true) = 0",
    "order.xp.Objects.any(item.Size = 'L' and item.Stock > 2) and order.xp.Objects.count(item.size = 'M') = 1",
    "order.xp.Nested.any(item.any(item = 4)) and not order.xp.Nested.any(item.any(item = 5))",
    # EXPR-16
    "items.any(product.inparentcategory('Bikes')) and items.count(product.incategory('gear', 'helmets')) = 1",
    "items.count(product.inparentcategory('Bikes, Gear')) = 2",
    # Section 1.5
    "items.any() and items.count() = 3 and items.quantity() = 6 and items.total() = 100",
    "items.all(Quantity > 0) and not items.all(Quantity > 1)",
    "items.any(SupplierID = 'S2' and items.count(SupplierID = 'S1') = 2)",
    "items.any(Product.xp.Tags.any(item = 'red') and order.Total > 100)",
]
XP = {
    "Empty": [],
    "Objects": [{"Size": "L", "Stock": 3}, {"Size": "M", "Stock": 9}],
    "Nested": [[1, 2], [3, 4]],
}


@pytest.mark.parametrize("expression", TRUE)
def test_true(expression: str) -> None:
    """EXPR-5, EXPR-14, EXPR-16 to EXPR-26."""
    data = environment()
    data = environment(order={"xp": {**data.order["xp"], **XP}})
    tree = read_expression(expression, Use.ORDER_PROMOTION)
    assert Evaluation(data).truth(tree)


def test_empty_order() -> None:
    """Section 1.5: `all` holds for no lines, sums are 0."""
    tree = read_expression(
        "items.all(false) and not items.any() and items.total() = 0 and items.quantity() = 0",
        Use.APPROVAL_RULE,
    )
    assert Evaluation(Environment(now=NOW, order={})).truth(tree)


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        ("items.count(SupplierID = item.SupplierID) = 2", "AC"),
        ("item.Product.xp.Tags.any(item = 'tag*')", "A"),
        ("item.Product.inparentcategory('Gear')", "B"),
        ("items.any(Quantity < item.Quantity)", "AB"),
        ("order.xp.Nums.any(items.any(UnitPrice = item.UnitPrice * 2))", "A"),
    ],
)
def test_item(expression: str, matching: str) -> None:
    """EXPR-14: within a filter `item` is the line that is asked about, in array filters the element."""
    tree = read_expression(expression, Use.LINE_PROMOTION)
    evaluation = Evaluation(environment())
    assert "".join(line["ID"] for line in LINES if evaluation.truth(tree, line)) == matching


@pytest.mark.parametrize(
    ("expression", "number"),
    [("order.xp.Missing", "0"), ("'12.5'", "12.5"), ("'dear'", "0"), ("true", "1"), ("10 / 4", "2.5")],
)
def test_number(expression: str, number: str) -> None:
    """EXPR-27"""
    tree = read_expression(expression, Use.ORDER_PROMOTION)
    assert Evaluation(environment()).number(tree) == Decimal(number)


def test_deepest() -> None:
    """The greatest depth is computed within the stack, whatever it is made of."""
    for before, after in (
        ("items.any(", ")"),
        ("not (", ")"),
        ("-", ""),
        ("ifs(true, ", ", 1)"),
        ("1 + (", ")"),
    ):
        depth = MAX_DEPTH if after != ")" or before != "not (" else MAX_DEPTH // 2
        tree = read_expression(before * depth + "1" + after * depth, Use.APPROVAL_RULE)
        assert Evaluation(environment()).truth(tree)


def many(count: int) -> Environment:
    lines: list[dict[str, Any]] = [{"ID": str(i), "SupplierID": "S", "Quantity": 1} for i in range(count)]
    return Environment(now=NOW, order={}, items=lines)


def test_steps() -> None:
    """What asks about every line for every line is cut off; what asks once for all lines is not."""
    data = many(1000)
    square = read_expression("items.count(Quantity < item.Quantity) = 0", Use.LINE_PROMOTION)
    linear = read_expression("items.count(Quantity < 1) = 0 and item.Quantity = 1", Use.LINE_PROMOTION)
    evaluation = Evaluation(data)
    assert all(evaluation.truth(linear, line) for line in data.items)
    with pytest.raises(TooManyStepsError):
        [evaluation.truth(square, line) for line in data.items]
    with pytest.raises(TooManyStepsError):
        Evaluation(replace(data, budget=Budget(100))).truth(
            read_expression("items.all(true)", Use.APPROVAL_RULE)
        )


def test_filters_within_filters_are_computed_once() -> None:
    """Security 5: what a filter yields depends on nothing outside of it but `item`."""
    data = replace(many(1000), budget=Budget(40_000))
    expression = "items.count(Quantity = 99 + 0) >= 0"
    for _ in range(3):
        expression = f"items.count({expression}) > 900"
    assert Evaluation(data).truth(read_expression(expression, Use.ORDER_PROMOTION))
    quantities = (1, 1, 2, 3)
    lines = [{"ID": str(place), "Quantity": quantity} for place, quantity in enumerate(quantities)]
    few = Environment(now=NOW, order={}, items=lines)
    more = read_expression("items.count(items.any(Quantity > item.Quantity)) = 4", Use.LINE_PROMOTION)
    evaluation = Evaluation(few)
    assert [evaluation.truth(more, line) for line in lines] == [quantity < 3 for quantity in quantities]


def test_a_paced_budget_is_given_in_pieces() -> None:
    """All evaluations share it; what does not fit into a piece can be done again with all that is left."""
    data = replace(many(1000), budget=Budget(12_000, paced=True))
    tree = read_expression("items.all(Quantity = 1)", Use.APPROVAL_RULE)
    with pytest.raises(HeavyWorkError):
        Evaluation(data).truth(tree)
    assert data.budget.left >= 12_000 - AT_ONCE - 1000
    pauses: list[int] = []
    data.budget.take_all(lambda: pauses.append(data.budget.left))
    assert Evaluation(data).truth(tree)
    assert all(200 <= before - after < 2_000 for before, after in pairwise(pauses))
    assert len(pauses) >= 10
    assert data.budget.left >= 0
    assert Evaluation(data).truth(tree)
    with pytest.raises(TooManyStepsError):
        Evaluation(data).truth(tree)
    assert data.budget.is_spent
    data.budget.begin_piece()
    with pytest.raises(TooManyStepsError):
        Evaluation(data).truth(tree)
