"""JSON text and values, with full fidelity: decimals stay exact and keys keep their order (BODY-1, BODY-7, XP-1)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.kernel.errors import InvalidBodyError

MAX_DEPTH = 64
"""Objects and arrays within one another: the default bound of the JSON library that the original is built with."""
MAX_EXPONENT = 1000
"""Powers of ten, up and down. A jsonb number ends at 131,072 digits before the point and 16,383 after it."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def parse(raw: bytes) -> Any:
    """The value of a JSON text: integers as int, other numbers as Decimal. Of duplicate keys the last one counts.

    Raises InvalidBodyError for anything but UTF-8 JSON, for what PostgreSQL cannot store (U+0000 in a string or key,
    lone surrogates), and beyond the bounds: MAX_DEPTH, MAX_EXPONENT, integers of 4,300 digits.
    """
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    if b"\\u0000" in raw and _ESCAPED_NUL.search(raw):
        raise InvalidBodyError
    try:
        value = _decoder.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise InvalidBodyError from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise InvalidBodyError
    return value


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


def _number(text: str) -> Decimal:
    if len(text) < MAX_EXPONENT and "e" not in text and "E" not in text:
        return Decimal(text)
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise ValueError("exponent out of range") from error
    if number.adjusted() > MAX_EXPONENT or int(number.as_tuple().exponent) < -MAX_EXPONENT:
        raise ValueError("number out of range")
    return number


_decoder = msgspec.json.Decoder(float_hook=_number)

encode = msgspec.json.Encoder(decimal_format="number").encode
"""The JSON text of a wire value. Its dates are strings by now: a datetime would come out in another form."""
