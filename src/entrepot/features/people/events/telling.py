"""Events on their way to listeners: as rows have them, and as the text of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from entrepot.domain.events.wanted import Happened
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.events.kinds import EventType, Kinds
from entrepot.kernel.clock import format_datetime

AGAIN = 1_000
"""Milliseconds after which an EventSource that was interrupted comes back."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event, by what it is chosen, and its text, made once for all who want it."""

    number: int
    happened: Happened
    piece: bytes


def told(row: asyncpg.Record, kinds: Kinds) -> Told:
    """An event of a row of the log. An operation of another version of this server has no type of ours but its own name."""
    operation, named = row["operation"], load(row["named"])
    kind = kinds.of.get(operation) or EventType(operation.partition(".")[0], "")
    values = {
        "Number": row["number"],
        "Type": kind.type,
        "Operation": operation,
        "Verb": kind.verb or None,
        "ID": row["item"],
        "IDs": named,
        "UserID": row["user_id"],
        "Username": row["username"],
        "ClientID": row["client_id"],
        "RequestID": row["request_id"],
        "DateCreated": format_datetime(row["told_at"]),
    }
    ids = frozenset(each.lower() for each in (row["item"], *named.values()) if each)
    piece = b"id: %d\ndata: %b\n\n" % (row["number"], encode(values))
    return Told(row["number"], Happened(kind.type, operation, kind.verb, ids), piece)


def greeting(number: int) -> bytes:
    """What a stream begins with: from which number on."""
    return b"retry: %d\nid: %d\n\n" % (AGAIN, number)


def beat(number: int) -> bytes:
    """That the stream lives, and how far it has come."""
    return b": %d\nid: %d\n\n" % (number, number)


def notice(event: str, values: Mapping[str, Any]) -> bytes:
    """What is said of the stream itself, under a name of its own."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), encode(dict(values)))
