"""From text to lexemes (EXPR-4 to EXPR-10)."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from entrepot.domain.expressions.dates import read_date
from entrepot.kernel.errors import ExpressionSyntaxError

MAX_NUMBER_DIGITS = 28
"""Digits of a number literal, and the greatest power of ten, up or down, that it may be written with."""


class LexemeKind(enum.Enum):
    """What a lexeme is."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One word of an expression. `value` is its content: names and symbols as they are written, literals as read."""

    kind: LexemeKind
    text: str
    position: int
    value: Decimal | str | datetime = ""


NUMBER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d+))?", re.ASCII)
NAME = re.compile(r"[^\W\d]\w*")
SYMBOL = re.compile(r"<=|>=|<>|!=|==|&&|\|\||[-+*/%=<>!&|().,]")
TEXT = re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.DOTALL)
DATE = re.compile(r"#([^#]*)#")
ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "'": "'", "\\": "\\"}
SPACE = re.compile(r"\s*")


def lexemes(text: str) -> list[Lexeme]:
    """The words of an expression, the last one being its END. Raises ExpressionSyntaxError."""
    found = []
    position = _after_space(text, 0)
    while position < len(text):
        lexeme = _lexeme(text, position)
        found.append(lexeme)
        position = _after_space(text, position + len(lexeme.text))
    return [*found, Lexeme(LexemeKind.END, "", len(text))]


def _after_space(text: str, position: int) -> int:
    match = SPACE.match(text, position)
    assert match is not None
    return match.end()


def _lexeme(text: str, position: int) -> Lexeme:
    if match := NUMBER.match(text, position):
        return _number(text, match, position)
    if match := NAME.match(text, position):
        return Lexeme(LexemeKind.NAME, match[0], position, match[0])
    if match := SYMBOL.match(text, position):
        return Lexeme(LexemeKind.SYMBOL, match[0], position, match[0])
    if match := TEXT.match(text, position):
        return Lexeme(LexemeKind.TEXT, match[0], position, _unescaped(match[1], position))
    if match := DATE.match(text, position):
        try:
            return Lexeme(LexemeKind.DATE, match[0], position, read_date(match[1]))
        except ValueError:
            raise ExpressionSyntaxError(match[0], position, "There is no such date.") from None
    detail = {"'": "The text has no end.", '"': "Texts stand in single quotes.", "#": "The date has no end."}
    raise ExpressionSyntaxError(text[position], position, detail.get(text[position], ""))


def _number(text: str, match: re.Match[str], position: int) -> Lexeme:
    """EXPR-6. What goes on after a number is a mistake: `5.`, `1e`, `2px`."""
    following = text[match.end() : match.end() + 1]
    if following in {".", "_"} or following.isalnum():
        raise ExpressionSyntaxError(match[0] + following, position, "This is no number.")
    digits, exponent = match[1].replace(".", "").strip("0"), match[2]
    if len(digits) > MAX_NUMBER_DIGITS or (exponent and _is_far(exponent)):
        raise ExpressionSyntaxError(match[0], position, "The number has too many digits.")
    return Lexeme(LexemeKind.NUMBER, match[0], position, Decimal(match[0]))


def _is_far(exponent: str) -> bool:
    digits = exponent.lstrip("+-").lstrip("0")
    return len(digits) > len(str(MAX_NUMBER_DIGITS)) or int(digits or 0) > MAX_NUMBER_DIGITS


def _unescaped(content: str, position: int) -> str:
    """EXPR-7"""

    def replaced(match: re.Match[str]) -> str:
        character = match[1]
        if character is None:
            return "'"
        if character not in ESCAPES:
            raise ExpressionSyntaxError(match[0], position + 1 + match.start(), "There is no such escape.")
        return ESCAPES[character]

    return ESCAPED.sub(replaced, content)
