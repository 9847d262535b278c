"""What a claim may be. Each function gives the value, or raises TypeError or ValueError."""

from __future__ import annotations

import re
from typing import Any

MAX_KEY = 2**63 - 1

DIGITS = re.compile(r"0|[1-9][0-9]{0,18}")


def base_url(payload: dict[str, Any]) -> str:
    """What is both issuer and audience."""
    if payload["iss"] != payload["aud"]:
        raise ValueError("iss and aud differ")
    return text(payload["iss"])


def items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a claim is not a list")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a claim is not a text")
    return value


def matching(pattern: re.Pattern[str], value: Any) -> str:
    given = text(value)
    if pattern.fullmatch(given) is None:
        raise ValueError("a claim is not of its form")
    return given


def key(value: Any, pattern: re.Pattern[str] = DIGITS) -> int:
    """An internal key, as a text of digits."""
    given = int(matching(pattern, value))
    if abs(given) > MAX_KEY:
        raise ValueError("a key is out of range")
    return given


def seconds(value: Any) -> int:
    """A whole number of seconds, before or after; true and 1.0 are none."""
    if type(value) is not int or abs(value) > MAX_KEY:
        raise TypeError("a claim is not a number of seconds")
    return value


def whole_number(value: Any) -> int:
    """A whole number of at most 64 bits; true and 1.0 are none."""
    if type(value) is not int or not 0 <= value <= MAX_KEY:
        raise TypeError("a claim is not a whole number")
    return value
