"""What processes remember, and which rows it is made of: declared where these are, read by the unit that writes them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class Feed(enum.IntEnum):
    """What is remembered, each under an epoch of the marketplace; in the order in which one unit raises both."""

    SECURITY = 1
    """Who calls, what it may do, what its company gives (ADR 0004)."""
    CATALOG = 2
    """What shoppers see, count and find in catalogs (ADR 0008)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """That rows of a table are among what is remembered.

    columns: those that are; None for all but `quiet`. What writes no other column changes nothing that is remembered.
    new_rows: whether a new row does. Nobody can see a thing yet that nothing leads to; a link is seen at once.
    unless: tells of a row, as it was, that nothing remembered is made of it. Asked where the engine's verbs write it.
    """

    feed: Feed
    columns: tuple[str, ...] | None = None
    quiet: tuple[str, ...] = ()
    new_rows: bool = True
    unless: Callable[[Mapping[str, Any]], bool] | None = None
