"""From lexemes to a tree: a method for each rule of the grammar (promotions spec section 1.3)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager

from entrepot.domain.expressions.lexer import Lexeme, LexemeKind, lexemes
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
from entrepot.kernel.errors import ExpressionSyntaxError

MAX_LENGTH = 1000
"""Characters: those of the longest property that holds an expression (EXPR-1)."""
MAX_DEPTH = 32
"""Parentheses, calls and prefixes within one another."""

OR = frozenset({"or", "|", "||"})
AND = frozenset({"and", "&", "&&"})
NOT = frozenset({"not", "!"})
COMPARISONS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
SUMS = frozenset("+-")
PRODUCTS = frozenset("*/%")
BOOLEANS = {"true": True, "false": False}
RESERVED = frozenset({"and", "or", "not"})


def parse(text: str, *, max_length: int = MAX_LENGTH) -> Node:
    """The tree of an expression, by its syntax alone. Raises ExpressionSyntaxError."""
    if len(text) > max_length:
        raise ExpressionSyntaxError("", max_length, f"An expression has at most {max_length} characters.")
    return _Parser(lexemes(text)).whole()


class _Parser:
    def __init__(self, words: list[Lexeme]) -> None:
        self._words = words
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        if self._word.kind is not LexemeKind.END:
            raise self._unexpected()
        return node

    # --- rules ------------------------------------------------------------------------------------------------

    def _or(self) -> Node:
        position = self._word.position
        operands = [self._and()]
        while self._take(OR):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else Logic("or", tuple(operands), position)

    def _and(self) -> Node:
        position = self._word.position
        operands = [self._not()]
        while self._take(AND):
            operands.append(self._not())
        return operands[0] if len(operands) == 1 else Logic("and", tuple(operands), position)

    def _not(self) -> Node:
        position = self._word.position
        if not self._take(NOT):
            return self._comparison()
        with self._deeper():
            return Not(self._not(), position)

    def _comparison(self) -> Node:
        position = self._word.position
        left = self._sum()
        operator = self._take(COMPARISONS.keys())
        if operator is None:
            return left
        node = Compare(COMPARISONS[operator], left, self._sum(), position)
        if self._word.text in COMPARISONS:
            raise ExpressionSyntaxError(
                self._word.text, self._word.position, "Comparisons cannot be chained."
            )
        return node

    def _sum(self) -> Node:
        position = self._word.position
        first = self._product()
        rest = []
        while operator := self._take(SUMS):
            rest.append((operator, self._product()))
        return Arithmetic(first, tuple(rest), position) if rest else first

    def _product(self) -> Node:
        position = self._word.position
        first = self._unary()
        rest = []
        while operator := self._take(PRODUCTS):
            rest.append((operator, self._unary()))
        return Arithmetic(first, tuple(rest), position) if rest else first

    def _unary(self) -> Node:
        position = self._word.position
        if not self._take({"-"}):
            return self._primary()
        with self._deeper():
            return Negate(self._unary(), position)

    def _primary(self) -> Node:
        word = self._word
        if word.kind in (LexemeKind.NUMBER, LexemeKind.TEXT, LexemeKind.DATE):
            self._next += 1
            return Literal(word.value, word.position)
        if word.kind is LexemeKind.NAME and word.text.lower() not in RESERVED:
            return self._path_or_call()
        if self._take({"("}):
            with self._deeper():
                node = self._or()
            self._require(")")
            return node
        raise self._unexpected()

    def _path_or_call(self) -> Node:
        position = self._word.position
        names = [self._name()]
        while self._take({"."}):
            names.append(self._name())
        if self._word.text == "(":
            receiver = Path(tuple(names[:-1]), position) if len(names) > 1 else None
            return Call(names[-1].lower(), self._arguments(), receiver, position)
        if len(names) == 1 and names[0].lower() in BOOLEANS:
            return Literal(BOOLEANS[names[0].lower()], position)
        return Path(tuple(names), position)

    def _arguments(self) -> tuple[Node, ...]:
        self._require("(")
        if self._take({")"}):
            return ()
        arguments = []
        with self._deeper():
            arguments.append(self._or())
            while self._take({","}):
                arguments.append(self._or())
        self._require(")")
        return tuple(arguments)

    # --- words ------------------------------------------------------------------------------------------------

    @property
    def _word(self) -> Lexeme:
        return self._words[self._next]

    def _take(self, wanted: Container[str]) -> str | None:
        """Step over the word if it is one of `wanted`, which holds symbols and lower-case names."""
        word = self._word
        if word.kind not in (LexemeKind.NAME, LexemeKind.SYMBOL):
            return None
        text = word.text.lower()
        if text not in wanted:
            return None
        self._next += 1
        return text

    def _require(self, symbol: str) -> None:
        if not self._take({symbol}):
            raise self._unexpected()

    def _name(self) -> str:
        word = self._word
        if word.kind is not LexemeKind.NAME:
            raise self._unexpected()
        self._next += 1
        return word.text

    def _unexpected(self) -> ExpressionSyntaxError:
        word = self._word
        detail = (
            "The expression ends too early." if word.kind is LexemeKind.END else "This does not belong here."
        )
        return ExpressionSyntaxError(word.text, word.position, detail)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        if self._depth == MAX_DEPTH:
            raise ExpressionSyntaxError(
                self._word.text, self._word.position, "The expression is nested too deeply."
            )
        self._depth += 1
        yield
        self._depth -= 1
