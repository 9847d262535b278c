"""What is to be said to a person, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


class RenderingError(Exception):
    """A message cannot be made of its templates; the text says why and repeats nothing of the message."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as people read it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said. shop: its name, for people. body: the message as message senders get it (MS-5)."""

    message_type: str
    marketplace: str
    shop: str
    body: Values
