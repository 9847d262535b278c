"""Decimal arithmetic on the wire's terms (BODY-7)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_money(amount: Decimal) -> Decimal:
    """Two places, half away from zero: 2.345 -> 2.35, -2.345 -> -2.35."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def plain_text(number: Decimal) -> str:
    """The number as the wire spells it: no exponent, no trailing zeros, no negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 10.00 -> 10, 1E+2 -> 100.

    Exact for any number of digits. `str` of a result below 0.000001 has an exponent; `plain_text` never has.
    """
    text = str(number)
    if "E" in text or ("." in text and text[-1] == "0") or text == "-0":
        return Decimal(plain_text(number))
    return number
