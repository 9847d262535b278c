"""What comes back of a call abroad."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from entrepot.engine.content import Content

CUT = "***"
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,2}")
"""JSON in Base64, as a token begins."""


class UnreachedError(Exception):
    """No connection came about in time."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came back. Without a complete answer `status` is None and `failure` says why."""

    status: int | None
    content: Content = field(default_factory=Content)
    failure: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    lasting: bool = False
    """Of a failure: whether the same call would fail again until somebody changes something."""
    unread: int | None = None
    """Of a failure: the status that came before a body which could not be taken."""

    @property
    def succeeded(self) -> bool:
        """Whether a complete answer came and its status is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def by_status(self) -> Answer:
        """For whom the status says all: a body that could not be taken makes no failure of it."""
        if self.unread is None:
            return self
        return Answer(self.unread, Content((self.failure or "").encode()), headers=self.headers)

    @property
    def text(self) -> str:
        """The body, or what went wrong; nothing in it that PostgreSQL cannot store."""
        return self.failure or _storable(self.content.raw)


def _storable(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def cut_tokens(text: str) -> str:
    """A text without whatever may be a token in it: error pages like to show what they were sent."""
    return _TOKEN.sub(CUT, text)
