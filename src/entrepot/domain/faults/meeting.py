"""Which requests a rule meets: by operation, path and client, and of those a share."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Whether a text is like a pattern, in any case. A text is gone through once, whatever the pattern: each literal is taken where it
    comes first.
    """
    first, *others = pattern.lower().split(ANY)
    text = text.lower()
    if not others:
        return text == first
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
