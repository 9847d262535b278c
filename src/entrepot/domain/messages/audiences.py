"""Whom a message concerns, as the unit that causes it knows them."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.domain.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Audience:
    """Users by their keys, and the members of groups by theirs, but for one of these; 0 is nobody."""

    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    but: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A type of message, and to whom it goes."""

    type: MessageType
    to: Audience
