"""How a column's value becomes JSON: of a row that `row_to_json` writes, and as an expression that a generated column may hold.

One line for each type, so that what is written when a page is read and what rows keep (prewritten.py) are spelled alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, DateTime, Integer, Numeric, Text, func, literal_column
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.types import TypeEngine

from entrepot.storage.columns import Citext

Expression = ColumnElement[Any]

_MILLISECOND: Expression = literal_column("interval '1 ms'")
_ORIGIN: Expression = literal_column("timestamptz '2000-01-01 00:00:00+00'")
"""date_bin of these takes a fraction of the time of date_trunc."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """in_row: what row_to_json is given in place of the value. immutable: the SQL of the JSON text, or None where PostgreSQL has
    no immutable function for it; null where the value is.
    """

    in_row: Callable[[Expression], Expression] = lambda value: value
    immutable: Callable[[str], str] | None = None


def _text(value: str) -> str:
    # json_object writes nothing but texts, and is immutable: {"" : "..."}
    return f"rtrim(substr(CAST(json_object(ARRAY['', CAST({value} AS text)]) AS text), 7), '}}')"


def _as_text(value: str) -> str:
    return f"CAST({value} AS text)"


def _decimal(value: str) -> str:
    return f"CAST(trim_scale({value}) AS text)"


def _boolean(value: str) -> str:
    return f"CASE {value} WHEN true THEN 'true' WHEN false THEN 'false' END"


def _instant(value: str) -> str:
    """By its digits: to_char and casts depend on settings of the session."""
    parts = {"year": 10**10, "month": 10**8, "day": 10**6, "hour": 10**4, "minute": 100}
    moment = f"timezone('UTC', {value})"
    digits = " + ".join(f"{factor} * extract({part} FROM {moment})" for part, factor in parts.items())
    number = f"{10**14} + {digits} + trunc(extract(second FROM {moment}), 3)"
    pattern = "^.(....)(..)(..)(..)(..)(.*)$"
    shown = r'"\1-\2-\3T\4:\5:\6+00:00"'
    return f"regexp_replace(CAST(trim_scale({number}) AS text), '{pattern}', '{shown}')"


_TEXT = Spelling(immutable=_text)
SPELLINGS: tuple[tuple[type[TypeEngine[Any]], Spelling], ...] = (
    (Citext, _TEXT),
    (Text, _TEXT),
    (Integer, Spelling(immutable=_as_text)),
    (Numeric, Spelling(func.trim_scale, _decimal)),
    (Boolean, Spelling(immutable=_boolean)),
    (DateTime, Spelling(lambda value: func.date_bin(_MILLISECOND, value, _ORIGIN), _instant)),
    (JSON, Spelling(immutable=_as_text)),
)
"""Instants to the millisecond, numbers without trailing zeros, JSON as it is stored (BODY-6, BODY-7, XP-1)."""
_PLAIN = Spelling()


def spelling(type_: TypeEngine[Any]) -> Spelling:
    """Of a column's type. What has no line is written as row_to_json does."""
    return next((each for kind, each in SPELLINGS if isinstance(type_, kind)), _PLAIN)
