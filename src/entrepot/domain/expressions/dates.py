"""Dates in expressions: US month/day/year, and ISO 8601 (EXPR-8)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from entrepot.kernel.clock import parse_datetime

US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


def read_date(text: str) -> datetime:
    """An instant in UTC; no offset means UTC, no time midnight. Raises ValueError for what is no date."""
    match = US_DATE.fullmatch(text.strip())
    if match is None:
        return parse_datetime(text)
    month, day, year, hour, minute, second = (int(group or 0) for group in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def date_text(moment: datetime) -> str:
    """The ISO form, which `read_date` reads back exactly."""
    return moment.astimezone(UTC).isoformat()
