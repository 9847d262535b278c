"""What can be written and what cannot (EXPR-4 to EXPR-11, EXPR-30), and where a fault is said to be."""

import pytest
from tests.conformance.contract_data import load

from entrepot.domain.expressions import properties
from entrepot.domain.expressions.compile import read_eligible_expression, read_expression
from entrepot.domain.expressions.parser import MAX_DEPTH, MAX_LENGTH, parse
from entrepot.domain.expressions.printer import print_expression
from entrepot.domain.expressions.uses import Use
from entrepot.kernel.errors import ExpressionError

# Two spellings of one expression.
SAME = {
    "items.total (ProductID='XYZ')": "items . TOTAL(ProductID == 'XYZ')",
    "a.x & a.y && a.z": "a.x and a.y AND a.z",
    "a.x | a.y || a.z": "a.x or a.y OR a.z",
    "!a.x": "not a.x",
    "a.x != 1": "a.x <> 1.0",
    ".15": "0.150",
    "1e3": "1000",
    "'O''Neil'": r"'O\'Neil'",
    "#6/15/2016#": "#2016-06-15#",
    "#6/15/2016 7:05#": "#2016-06-15T09:05:00+02:00#",
    "not a.x > 200": "not (a.x > 200)",
    "not a.x and a.y or a.z": "((not a.x) and a.y) or a.z",
    "-a.x * 2 + 3 % 2 > 1": "(((-a.x) * 2) + (3 % 2)) > 1",
    "1 - 2 - 3": "1 - 2 - 3",
}

# Expression -> the token that does not fit and its place.
MISTAKES = {
    "": ("", 0),
    "   ": ("", 3),
    "5.": ("5.", 0),
    "1e99": ("1e99", 0),
    "1" * 29: ("1" * 29, 0),
    "12px": ("12p", 0),
    "(order.Total > 1": ("", 16),
    "order.Total > 1)": (")", 15),
    "order..Total": (".", 6),
    "order.Total = 'x": ("'", 14),
    r"order.Total = 'a\q'": (r"\q", 16),
    "order.Total = #2/30/2026#": ("#2/30/2026#", 14),
    "order.Total = #today#": ("#today#", 14),
    "order.Total = #2026-01-01": ("#", 14),
    "a.x = 1 = 2": ("=", 8),
    "a.x = 1 b": ("b", 8),
    "and a.x": ("and", 0),
    "min(1,)": (")", 6),
    "min(1 2)": ("2", 6),
    "items.any(a.x).b": (".", 14),
    "a.x ? 1": ("?", 4),
    "order.xp.5": (".5", 8),
    "items.any(Product.xp.Tags.contains('XYZ')": ("", 41),
    "ifs(order.Subtotal > 5, 10, items.total(ProductID = 'A'": ("", 55),
    "(" * (MAX_DEPTH + 1) + "1": ("1", MAX_DEPTH + 1),
    "-" * (MAX_DEPTH + 1) + "1": ("1", MAX_DEPTH + 1),
    "!" * (MAX_DEPTH + 1) + "true": ("true", MAX_DEPTH + 1),
    "1" + "+1" * (MAX_LENGTH // 2): ("", MAX_LENGTH),
}

# Expression and its use -> code and token of the fault (EXPR-12 to EXPR-16, EXPR-19, EXPR-28, table 1.4 and 1.5).
FAULTS = {
    ("order", Use.ORDER_PROMOTION): ("InvalidToken", "order"),
    ("items", Use.ORDER_PROMOTION): ("InvalidToken", "items"),
    ("items.Quantity > 1", Use.ORDER_PROMOTION): ("InvalidToken", "items.Quantity"),
    ("Quantity > 1", Use.LINE_PROMOTION): ("InvalidToken", "Quantity"),
    ("items.any(Colour = 'x')", Use.ORDER_PROMOTION): ("InvalidToken", "Colour"),
    ("items.any(Product.Colour = 'x')", Use.ORDER_PROMOTION): ("InvalidToken", "Product.Colour"),
    ("item.Product.Colour = 'x'", Use.LINE_PROMOTION): ("InvalidToken", "item.Product.Colour"),
    ("cart.Total > 1", Use.ORDER_PROMOTION): ("InvalidToken", "cart.Total"),
    ("orderReturn.RefundAmount > 1", Use.ORDER_PROMOTION): ("InvalidToken", "orderReturn.RefundAmount"),
    ("orderHistory.Total > 1", Use.LINE_PROMOTION): ("OrderHistoryCannotBeUsed", "orderHistory.Total"),
    ("items.any(item.Quantity > 1)", Use.APPROVAL_RULE): ("ItemNotAllowed", "item.Quantity"),
    ("items.any(true) and item.Quantity > 1", Use.ORDER_PROMOTION): ("ItemNotAllowed", "item.Quantity"),
    ("items.contains('x')", Use.ORDER_PROMOTION): ("InvalidFunction", "items.contains"),
    ("order.incategory('x')", Use.ORDER_PROMOTION): ("InvalidFunction", "order.incategory"),
    ("order.xp.incategory('x')", Use.ORDER_PROMOTION): ("InvalidFunction", "order.xp.incategory"),
    ("order.Total.quantity()", Use.ORDER_PROMOTION): ("InvalidFunction", "order.Total.quantity"),
    ("order.approved('x')", Use.SELLER_APPROVAL_RULE): ("InvalidFunction", "order.approved"),
    ("sum(1, 2)", Use.ORDER_PROMOTION): ("InvalidFunction", "sum"),
    ("ifs(true, 1, false, 2)", Use.ORDER_PROMOTION): ("InvalidArguments", "ifs"),
    ("items.all()", Use.ORDER_PROMOTION): ("InvalidArguments", "items.all"),
    ("round(1, 2, 3)", Use.ORDER_PROMOTION): ("InvalidArguments", "round"),
    ("order.xp.Tags.any()", Use.ORDER_PROMOTION): ("InvalidArguments", "order.xp.Tags.any"),
    # The first fault from the left, and what only looks like the item token.
    ("order.Totl > sum(1)", Use.ORDER_PROMOTION): ("InvalidToken", "order.Totl"),
    ("order.xp.Tags.all(item = 'tag*')", Use.LINE_PROMOTION): (
        "ItemRequired",
        "order.xp.Tags.all(item = 'tag*')",
    ),
}

SOUND = [
    ("order.xp.Tags.all(item = 'tag*')", Use.APPROVAL_RULE),
    ("order.xp.Lines.any(item.Product.Colour = 'red')", Use.ORDER_PROMOTION),
    ("items.any(SupplierID = item.SupplierID)", Use.LINE_PROMOTION),
    ("item.Product.Inventory.QuantityAvailable > 5", Use.LINE_PROMOTION),
    ("order.FromUser.Anything = 1 and order.xp.and.or.not", Use.ORDER_PROMOTION),
    ("item.ShippingAddress.State = 'MN' and item.Variant.xp.Size = 'L'", Use.LINE_PROMOTION),
    ("order.xp.Tags.containsText('a') or order.xp.Nums.containsNumber(1)", Use.APPROVAL_RULE),
    ("orderReturn.ItemsToReturn.count() > 1", Use.SELLER_APPROVAL_RULE),
]


@pytest.mark.parametrize(("one", "other"), SAME.items())
def test_spellings(one: str, other: str) -> None:
    """EXPR-4 to EXPR-11. The printed form is a third spelling."""
    tree = parse(one)
    assert parse(other) == tree
    assert parse(print_expression(tree)) == tree


@pytest.mark.parametrize(("text", "fault"), MISTAKES.items())
def test_mistakes(text: str, fault: tuple[str, int]) -> None:
    """EXPR-6 to EXPR-8, EXPR-11, EXPR-30; the limits of length and depth."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.code == "Expression.InvalidSyntax"
    assert (caught.value.token, caught.value.position) == fault


@pytest.mark.parametrize(("text", "use", "code", "token"), [(*k, *v) for k, v in FAULTS.items()])
def test_faults(text: str, use: Use, code: str, token: str) -> None:
    """EXPR-12 to EXPR-15, EXPR-19, EXPR-28."""
    with pytest.raises(ExpressionError) as caught:
        read_eligible_expression(text, use)
    assert caught.value.code == f"Expression.{code}"
    assert caught.value.token == token
    assert text[caught.value.position :].startswith(token)


@pytest.mark.parametrize(("text", "use"), SOUND)
def test_sound(text: str, use: Use) -> None:
    """EXPR-13, EXPR-14, EXPR-20, EXPR-28."""
    read_expression(text, use)


@pytest.mark.parametrize(
    ("names", "model", "more"),
    [
        (properties.ORDER, "Order", set()),
        (properties.LINE_ITEM, "LineItem", set()),
        (properties.LINE_ITEM_PRODUCT, "LineItemProduct", {"inventory"}),
        (properties.ORDER_RETURN, "OrderReturn", set()),
    ],
)
def test_properties(names: properties.Properties, model: str, more: set[str]) -> None:
    """EXPR-13: what the contract's models have, and the stock of a product."""
    assert set(names) == {name.lower() for name in load("models")[model]["fields"]} | more


def test_deepest() -> None:
    """What stays within the depth is read, and a long chain is not deep."""
    assert parse("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH) == parse("1")
    chain = "+".join(["1"] * (MAX_LENGTH // 2))
    assert print_expression(parse(chain)).count("+") == MAX_LENGTH // 2 - 1
