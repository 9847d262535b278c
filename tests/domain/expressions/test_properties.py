"""Any text, any tree, any data: parsing and printing agree, and nothing but the declared refusals comes out."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.expressions.fixture import CATEGORIES, LINES, NOW
from tests.domain.expressions.vectors import APPROVAL, ELIGIBLE, LINE_LEVEL, SELLER_APPROVAL, VALUES

from entrepot.domain.expressions.budget import Budget, TooManyStepsError
from entrepot.domain.expressions.check import check
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.evaluate import Evaluation
from entrepot.domain.expressions.parser import parse
from entrepot.domain.expressions.printer import print_expression
from entrepot.domain.expressions.tree import (
    Arithmetic,
    Call,
    Compare,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
    Path,
)
from entrepot.domain.expressions.uses import Use
from entrepot.kernel.errors import ExpressionError

SAMPLES = [
    *(entry[-1] for table in (ELIGIBLE, VALUES, APPROVAL, SELLER_APPROVAL) for entry in table.values()),
    *(entry[i] for entry in LINE_LEVEL.values() for i in (1, 2)),
]
WORDS = [
    *[
        "(",
        ")",
        ",",
        ".",
        "+",
        "-",
        "*",
        "/",
        "%",
        "=",
        "<",
        ">",
        "&",
        "|",
        "!",
        "'",
        "#",
        "\\",
        '"',
        "0",
        "7",
        "1e3",
        ".5",
        "'",
        "'",
    ],
    *("<>", "<=", "==", "and", "or", "not", "true", "false", "'red'", "'tag*'", "'150'", "#3/1/2026#"),
    *("order", "items", "item", "orderReturn", "orderHistory", "xp", "Tags", "Product", "Quantity", "Total"),
    *("order.Total", "item.Quantity", "order.xp.Tags", "Product.xp.Tags", "UnitPrice", "é", "\x00", "\u2028"),
    *(
        "items.any(",
        "items.total(",
        "min(",
        "ifs(",
        "round(",
        "now(",
        ".count(",
        ".in(",
        ".contains(",
        ".any(",
    ),
    *(".approved(", "product.incategory(", "item.Product.inparentcategory('Gear')", ")", ")"),
]
names = st.from_regex(r"[A-Za-z_é][A-Za-z0-9_]{0,4}", fullmatch=True)
paths = st.lists(names, min_size=2, max_size=4).map(lambda each: Path(tuple(each)))
literals = st.one_of(
    st.decimals(0, 10**9, places=3).map(Literal),
    st.text(max_size=6).map(Literal),
    st.booleans().map(Literal),
    st.datetimes(timezones=st.just(UTC)).map(Literal),
)


def chains(inner: st.SearchStrategy[Node], operators: str, minimum: int) -> st.SearchStrategy[Node]:
    """One precedence: what begins a chain is no chain of the same one."""
    steps = st.lists(st.tuples(st.sampled_from(operators), inner), min_size=minimum, max_size=3)
    return st.builds(lambda first, rest: Arithmetic(first, tuple(rest)), inner, steps)


def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        inner.map(Negate),
        inner.map(Not),
        chains(inner, "+-", 1),
        chains(inner, "*/%", 1),
        st.builds(Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner, inner),
        st.builds(Logic, st.sampled_from(["and", "or"]), several),
        st.builds(
            Call,
            names.map(str.lower),
            st.lists(inner, max_size=3).map(tuple),
            st.none() | paths,
        ),
    )


trees = st.recursive(literals | paths, larger, max_leaves=12)
wire_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
        st.sampled_from(["150", "1e999", "true", "2026-01-01", "tag1", Decimal("1E+900"), 10**2000]),
        st.datetimes(timezones=st.just(UTC)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(trees)
def test_print_then_parse(tree: Node) -> None:
    """EXPR-11: a tree's text gives the tree, whatever stands in what."""
    text = print_expression(tree)
    assert repr_without_positions(parse(text, max_length=len(text))) == repr_without_positions(tree)


def repr_without_positions(node: Node) -> str:
    """Every difference between trees shows: to Python true equals 1."""
    match node:
        case Literal():
            return (
                f"{type(node.value).__name__}:{node.value}"
                if not isinstance(node.value, Decimal)
                else (f"number:{node.value.normalize()}")
            )
        case Path():
            return node.text
        case Call():
            receiver = node.receiver.text if node.receiver else ""
            return f"{receiver}.{node.function}({[repr_without_positions(each) for each in node.arguments]})"
        case Negate() | Not():
            return f"{type(node).__name__}({repr_without_positions(node.operand)})"
        case Arithmetic():
            rest = [(operator, repr_without_positions(each)) for operator, each in node.rest]
            return f"({repr_without_positions(node.first)}, {rest})"
        case Compare():
            sides = repr_without_positions(node.left), repr_without_positions(node.right)
            return f"{node.operator}{sides}"
        case Logic():
            return f"{node.operator}{[repr_without_positions(each) for each in node.operands]}"


def parsed(text: str) -> Node | None:
    """The tree, or nothing for a refusal, whose position must lie in the text."""
    position = 0
    try:
        return parse(text)
    except ExpressionError as error:
        position = error.position
    assert 0 <= position <= len(text)
    return None


def survive(text: str, order: Any = None) -> None:
    """Whatever a text is, it parses or is refused; what parses prints, and is judged and computed for every use."""
    tree = parsed(text)
    if tree is None:
        return
    printed = print_expression(tree)
    assert parse(printed, max_length=len(printed)) == tree
    data = Environment(now=NOW, order=order or {}, items=LINES, order_return=order, categories=CATEGORIES)
    for use in Use:
        try:
            check(tree, use)
        except ExpressionError:
            continue
        for item in LINES if use.has_item else [None]:
            try:
                evaluation = Evaluation(replace(data, budget=Budget(20_000)))
                assert evaluation.truth(tree, item) in (True, False)
                assert evaluation.number(tree, item).is_finite()
            except TooManyStepsError:
                pass


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    survive(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), wire_values)
def test_near_valid_text(text: str, value: Any) -> None:
    survive(text, {"Total": value, "xp": {"Tags": value}})


@given(st.sampled_from(SAMPLES), st.data(), wire_values)
def test_damaged_samples(sample: str, data: st.DataObject, value: Any) -> None:
    """A sound expression with a piece replaced by another word, over any data."""
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 6)))
    word = data.draw(st.sampled_from(["", *WORDS]))
    survive(sample[:start] + word + sample[end:], {"Subtotal": value, "Total": value, "xp": value})


@given(st.sampled_from(WORDS), st.integers(1, 1000))
def test_repetition(word: str, times: int) -> None:
    """Nesting, chains and prefixes as far as the length allows and beyond."""
    survive(word * times)
    survive(word * min(times, 300) + "1")


@given(
    st.sampled_from(SAMPLES),
    st.dictionaries(st.sampled_from(["Total", "Subtotal", "DateCreated", "xp"]), wire_values),
)
def test_any_data(sample: str, order: dict[str, Any]) -> None:
    survive(sample, order)


def test_moment_is_shown() -> None:
    """EXPR-8: what a date is printed as is read as the same instant."""
    literal = Literal(datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC))
    assert parse(print_expression(literal)) == literal
