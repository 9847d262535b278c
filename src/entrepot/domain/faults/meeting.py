"""Which requests a rule meets: by operation, path and client, and of those a share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

ANY = "*"
"""In an operation's ID or a path, any number of characters."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a rule is aimed at; what is None is not asked. operation: an ID with ANY in it or not; path: below the host, as
    `/v1/me/*`; share: of the requests that the others leave, from 0 to 1.
    """

    operation: str | None = None
    path: str | None = None
    client_id: str | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its operation's ID, its path without the query, the API client of its token."""

    operation: str
    path: str
    client_id: str


def meets(aim: Aim, asked: Asked, chance: float) -> bool:
    """Whether a rule meets a request. chance: a number from 0 up to 1 that is drawn anew for each rule and request."""
    return (
        (aim.operation is None or matches(aim.operation, asked.operation))
        and (aim.path is None or matches(aim.path, asked.path))
        and (aim.client_id is None or aim.client_id.lower() == asked.client_id.lower())
        and chance < aim.share
    )


def matches(pattern: str, text: str) -> bool:
    """Whether a text is like a pattern, in any case."""
    return _compiled(pattern.lower()).fullmatch(text.lower()) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Runs of stars are one star, and each takes as little as it can and never gives it back where a literal follows: so a text
    # is gone through once for each literal, whatever the pattern.
    parts = [re.escape(part) for part in re.split(r"\*+", pattern)]
    *firsts, last = parts
    if not firsts:
        return re.compile(last, re.DOTALL)
    head, *middle = firsts
    found = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{head}{found}.*{last}", re.DOTALL)
