"""What editors are told can be written can be written, and nothing that can be is left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.expressions.fixture import environment
from tests.domain.expressions.test_properties import SAMPLES, WORDS
from tests.domain.expressions.vectors import SAVE_ERRORS

from entrepot.domain.expressions import functions
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.functions import Function
from entrepot.domain.expressions.parser import AND, COMPARISONS, NOT, OR, PRODUCTS, SUMS, parse
from entrepot.domain.expressions.paths import found_paths, kind_of
from entrepot.domain.expressions.spans import span
from entrepot.domain.expressions.uses import Use
from entrepot.domain.expressions.vocabulary import (
    LITERALS,
    CalledOn,
    RecordKind,
    Root,
    Within,
    operators,
    roots,
    spoken,
)
from entrepot.kernel.errors import ExpressionError

ARRAY = "order.xp.Tags"


def where(root: Root, text: str) -> str:
    """An expression in which the text stands where the root means what it does."""
    match root.within:
        case Within.LINES:
            return f"items.any({text} = 1)"
        case Within.ARRAY:
            return f"{ARRAY}.any({text} = 1)"
        case _:
            return f"{text} = 1"


def called(use: Use, name: str, on: CalledOn, function: Function) -> Iterator[str]:
    """The function with the fewest arguments, and with the most, wherever it may be called."""
    receivers = {
        CalledOn.NOTHING: [""],
        CalledOn.LINES: ["items."],
        CalledOn.PROPERTY: ["order.Status.", f"{ARRAY}."],
        CalledOn.ARRAY: [f"{ARRAY}."],
        CalledOn.PRODUCT: ["item.", "item.Product."] if use.has_item else [],
        CalledOn.RULES: [f"{use.approvable}."] if use.approvable else [],
    }[on]
    for receiver in receivers:
        for count in {function.least, function.most or function.least + 2}:
            yield f"{receiver}{name}({', '.join(['1'] * count)})"
    if on is CalledOn.PRODUCT:
        yield f"items.any(product.{name}('A'))"


@pytest.mark.parametrize("use", Use)
def test_what_is_told_is_taken(use: Use) -> None:
    """Every root with every property, every function with every receiver, every operator and literal (EXPR-12 to EXPR-16)."""
    for root in roots(use):
        for name in root.thing.properties.values():
            read_expression(where(root, f"{root.name}.{name}".lstrip(".")), use)
        if root.thing is RecordKind.ELEMENT:
            read_expression(where(root, root.name), use)
    for name, on, function in spoken():
        for text in called(use, name, on, function):
            read_expression(text, use)
    for each in operators():
        for symbol in each.symbols:
            read_expression(f"{symbol} true" if each.symbols[0] == "not" else f"1 {symbol} 1", use)
    for example, _ in LITERALS:
        read_expression(example, use)


def test_nothing_is_left_out() -> None:
    """By the tables of the parser and of the checks."""
    symbols = [symbol for each in operators() for symbol in each.symbols]
    assert sorted(symbols) == sorted([*OR, *AND, *NOT, *COMPARISONS, *SUMS, *PRODUCTS])
    known = [functions.BARE, functions.AGGREGATES, functions.CATEGORY, functions.PROPERTY, functions.APPROVED]
    assert sorted(name for name, _, _ in spoken()) == sorted(name for each in known for name in each)
    for _, on, function in spoken():
        assert function.about.endswith("."), function
        assert (on is CalledOn.NOTHING) is ("." not in function.shape.split("(")[0]), function.shape


def test_roots_are_those_that_are_known() -> None:
    """What is no root of a use is refused at once: `orderReturn` in promotions, `item` in rules."""
    for use in Use:
        told = {root.name.lower() for root in roots(use) if root.within is Within.ANYWHERE}
        for name in ("order", "items", "item", "orderReturn", "orderHistory", "user", "product", "buyer"):
            text = "items.any()" if name == "items" else f"{name}.xp.a = 1"
            try:
                read_expression(text, use)
                taken = True
            except ExpressionError:
                taken = False
            assert taken is (name.lower() in told), (use, name)


def refusal(text: str, use: Use) -> ExpressionError | None:
    try:
        read_expression(text, use)
    except ExpressionError as fault:
        return fault
    return None


@given(
    st.one_of(
        st.sampled_from(SAMPLES), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.text()
    )
)
def test_a_fault_spans_what_it_is_about(text: str) -> None:
    """EXPR-29: within the text; the token, but for white space; nothing only where the expression ends too early."""
    for use in Use:
        fault = refusal(text, use)
        if fault is not None:
            start, length = span(text, fault)
            assert 0 <= start <= start + length <= len(text)
            assert "".join(text[start : start + length].split()) == "".join(fault.token.split()), fault


def test_spans_of_paths_with_space() -> None:
    text = "true and order . Subtotl > 5"
    fault = refusal(text, Use.ORDER_PROMOTION)
    assert fault is not None
    assert text[9:24] == "order . Subtotl"
    assert span(text, fault) == (9, 15)


@pytest.mark.parametrize("name", SAVE_ERRORS)
def test_spans_of_the_published_faults(name: str) -> None:
    code, text = SAVE_ERRORS[name]
    found = [fault for use in (Use.ORDER_PROMOTION, Use.LINE_PROMOTION) if (fault := refusal(text, use))]
    assert f"Expression.{code}" in {fault.code for fault in found}
    for fault in found:
        start, length = span(text, fault)
        assert text[start : start + length] == fault.token


def test_found_paths_can_be_read() -> None:
    """What is found in an order is a path that expressions may name, and what it says is there."""
    seen = environment(of_return=True)
    told = dict(found_paths(seen))
    assert ("xp.Channel", "Web") in told[RecordKind.ORDER]
    assert ("FromUser.xp.FirstOrder", True) in told[RecordKind.ORDER]
    assert ("Product.xp.Tags", ["tag1", "red"]) in told[RecordKind.LINE]
    assert ("RefundAmount", 75) in told[RecordKind.RETURN]
    for path, value in told[RecordKind.ORDER]:
        tree = read_expression(f"order.{path} = order.{path}", Use.SELLER_APPROVAL_RULE)
        assert Evaluation(seen).truth(tree) is (kind_of(value) not in ("Array", "Object")), path
    for path, _ in told[RecordKind.LINE]:
        read_expression(f"items.any({path} = 1)", Use.SELLER_APPROVAL_RULE)
    for path, _ in told[RecordKind.RETURN]:
        read_expression(f"orderReturn.{path} = 1", Use.SELLER_APPROVAL_RULE)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["a", "B", "not", "a b", "1", "é", "", "true"]), inner, max_size=4
            )
        ),
    )
)
def test_any_xp_gives_paths_that_are_read(xp: object) -> None:
    """Keys that no expression can spell are left out; nothing else is."""
    seen = environment(order={"xp": xp})
    for path, _ in dict(found_paths(seen))[RecordKind.ORDER]:
        parse(f"order.{path}")
        read_expression(f"order.{path} = 1", Use.ORDER_PROMOTION)


def test_found_paths_are_bounded() -> None:
    wide = {f"key{number}": {"a": number} for number in range(20_000)}
    told = dict(found_paths(environment(order={"xp": wide})))
    assert len(told[RecordKind.ORDER]) <= 300
    deep: dict[str, object] = {}
    for _ in range(500):
        deep = {"a": deep}
    told = dict(found_paths(environment(order={"xp": deep})))
    assert max(path.count(".") for path, _ in told[RecordKind.ORDER]) < 10
