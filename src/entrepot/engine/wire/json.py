"""JSON text and values, with full fidelity: decimals stay exact and keys keep their order (BODY-1, BODY-7, XP-1)."""

from __future__ import annotations

import re
from decimal import (
    Clamped,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)
from typing import Any

import msgspec

from entrepot.kernel.errors import InvalidBodyError

MAX_DEPTH = 64
"""Objects and arrays within one another: the default bound of the JSON library that the original is built with."""
MAX_EXPONENT = 1000
"""Powers of ten, up and down. A jsonb number ends at 131,072 digits before the point and 16,383 after it."""
MAX_DIGITS = 2 * MAX_EXPONENT + 1
"""Of a number with a point or an exponent."""

MAX_LONG_RUNS = 2_000
"""Times 100 digits in a row. To read or write an integer takes time by the square of its digits: a megabyte of the
longest ones would hold up everybody."""

_LONG_RUN = b"0" * 100
_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def parse(raw: bytes) -> Any:
    """The value of a JSON text: integers as int, other numbers as Decimal. Of duplicate keys the last one counts.

    Raises InvalidBodyError for anything but UTF-8 JSON, for what PostgreSQL cannot store (U+0000 in a string or key,
    lone surrogates), and beyond the bounds: MAX_DEPTH, MAX_EXPONENT, MAX_DIGITS, integers of 4,300
    digits, MAX_LONG_RUNS.
    """
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    if b"\\u0000" in raw and _ESCAPED_NUL.search(raw):
        raise InvalidBodyError
    if len(raw) > MAX_LONG_RUNS * len(_LONG_RUN) and _long_runs(raw) > MAX_LONG_RUNS:
        raise InvalidBodyError
    try:
        value = _decoder.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise InvalidBodyError from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise InvalidBodyError
    return value


def count_values(raw: bytes) -> int:
    """How many values a JSON text can hold at most, in a millisecond per megabyte: what parsing it will cost."""
    return raw.count(b",") + raw.count(b":") + raw.count(b"[") + raw.count(b"{")


def _long_runs(raw: bytes) -> int:
    return raw.translate(_AS_ZEROS).count(_LONG_RUN)


def dump(value: Any) -> str:
    """Compact JSON text: keys in their order, decimals as numbers, non-ASCII characters as themselves."""
    return encode(value).decode()


def load(text: str | bytes) -> Any:
    """The value of a text that `dump` made."""
    return _decoder.decode(text)


def is_deeper(value: Any, depth: int) -> bool:
    """Whether containers stand within one another more than `depth` times. Without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return bool(level)


_EXACTLY = Context(
    prec=MAX_DIGITS,
    Emax=MAX_EXPONENT,
    Emin=-MAX_EXPONENT,
    traps=[InvalidOperation, Overflow, Underflow, Subnormal, Inexact, Rounded, Clamped],
).create_decimal
"""Numbers that would have to be rounded, or lie beyond the bounds, are traps: nobody calculates with them."""


def _number(text: str) -> Decimal:
    # A function of Python's, though its body alone would do: parsing in a thread lets others have their turn here.
    try:
        return _EXACTLY(text)
    except ArithmeticError as error:
        raise ValueError("number out of range") from error


_decoder = msgspec.json.Decoder(float_hook=_number)

encode = msgspec.json.Encoder(decimal_format="number").encode
"""The JSON text of a wire value. Its dates are strings by now: a datetime would come out in another form."""
