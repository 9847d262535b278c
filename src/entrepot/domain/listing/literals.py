"""How the text of a filter is read as a value of a property's type (FLT-8).

The patterns are shared with the SQL compiler, so they keep to what Python and PostgreSQL read alike: no classes that
depend on Unicode, no anchors (both sides match the whole text).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from entrepot.kernel.clock import parse_datetime

MAX_NUMBER_LENGTH = 200

NUMBER_PATTERN = r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"

_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,7})?)?"
_OFFSET = r"[Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?"

ISO_DATE_PATTERN = rf"((?!0000)(?:[0-9]{{4}}-{_DAY}|{_LEAP_YEAR}-02-29))(?:[T ]({_TIME}) ?({_OFFSET})?)?"
"""Groups: date, time, offset. Only days that the calendar has match, so that a match can always be cast."""

_NUMBER = re.compile(NUMBER_PATTERN)
_ISO_DATE = re.compile(ISO_DATE_PATTERN)
_WRITTEN_DATE = re.compile(
    r"(?:(?P<month>[0-9]{1,2})(?P<sign>[/-])(?P<day>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4})"
    r"|(?P<first_year>[0-9]{4})/(?P<second_month>[0-9]{1,2})/(?P<third_day>[0-9]{1,2}))"
    r"(?: +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,7}))?)?(?: ?([AaPp])[Mm])?)?"
    r"(?: *([Zz]|[+-][0-9]{2}:?[0-9]{2}))?"
)
# Between the time and AM or PM, newer .NET writes one of these for a space.
_NARROW_BLANKS = str.maketrans("\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}", "  ")
# An offset whose plus sign a client sent unencoded, so that it arrived as a space.
_BLANK_OFFSET = re.compile(r"(:[0-9]{2}(?:[.][0-9]{1,7})?(?: ?[AaPp][Mm])?) {1,2}([0-9]{2}:?[0-9]{2})\Z")


@dataclass(frozen=True)
class XpLiteral:
    """A literal compared with xp: its text and, where it reads as one, the number or the instant."""

    text: str
    number: Decimal | None
    instant: datetime | None


def read_number(text: str) -> Decimal | None:
    """An invariant decimal such as `5`, `-5.0` or `1e3`; at most 200 characters and three digits of exponent."""
    if len(text) > MAX_NUMBER_LENGTH or _NUMBER.fullmatch(text) is None:
        return None
    return Decimal(text)


def read_boolean(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())


def read_iso_date(text: str) -> datetime | None:
    """The dates that xp strings are compared by: ISO 8601, nothing looser."""
    if _ISO_DATE.fullmatch(text) is None:
        return None
    try:
        return parse_datetime(text)
    except ValueError:  # before year 1 or after 9999 once moved to UTC
        return None


def iso_microseconds(text: str) -> int | None:
    """The instant of an ISO date as microseconds, beyond the years of datetime too; None for other texts."""
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        return None
    day, time, offset = match.groups()
    hour, minute, second = [*(time or "00:00").split(":"), "0"][:3]
    whole, _, fraction = second.partition(".")
    minutes = int(hour) * 60 + int(minute)
    if offset is not None and offset not in "Zz":
        digits = offset[1:].replace(":", "").ljust(4, "0")
        minutes -= int(f"{offset[0]}1") * (int(digits[:2]) * 60 + int(digits[2:]))
    seconds = (date.fromisoformat(day).toordinal() * 1440 + minutes) * 60 + int(whole)
    return seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def read_date(text: str) -> datetime | None:
    """A literal for a date property: ISO 8601, month first with slashes or dashes, or year first with slashes, as the
    cultures of .NET write them; UTC if it has no offset.
    """
    text = text.translate(_NARROW_BLANKS).strip()
    if blank := _BLANK_OFFSET.search(text):
        text = f"{text[: blank.start()]}{blank[1]}+{blank[2]}{text[blank.end() :]}"
    try:
        return _read_written_date(text) or parse_datetime(text)
    except (ValueError, OverflowError):
        return None


def read_enum(text: str, enum_values: tuple[str, ...]) -> int | None:
    """The position of a declared spelling (any case) or the position itself."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 5 and int(text) < len(enum_values) else None
    lowered = text.lower()
    return next((position for position, value in enumerate(enum_values) if value.lower() == lowered), None)


def read_xp(text: str) -> XpLiteral:
    return XpLiteral(text, read_number(text), read_iso_date(text))


def _read_written_date(text: str) -> datetime | None:
    match = _WRITTEN_DATE.fullmatch(text)
    if match is None:
        return None
    month, _, day, year, *year_first, hour_text, minute, second, fraction, half, offset = match.groups()
    if year is None:
        year, month, day = year_first
    hour = int(hour_text or 0)
    if half is not None:
        if not 1 <= hour <= 12:
            raise ValueError("hour out of range")
        hour = hour % 12 + (12 if half in "pP" else 0)
    clock = f"{hour:02d}:{minute or '00'}:{second or '00'}.{fraction or '0'}"
    return parse_datetime(f"{year}-{int(month):02d}-{int(day):02d}T{clock}{offset or ''}").astimezone(UTC)
