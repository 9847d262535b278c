"""Recordings as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Int, Text, Xp
from entrepot.declare.wire import Wire, column


class Recording(Wire, closed=True):
    """What was sent to the marketplace from one moment to another."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    Duration: Text = column(
        max=50,
        stored=False,
        description="How long it goes on at the most: `PT1H`, by default, and at most `P1D`.",
    )
    DateCreated: Date = column(read_only=True, required=True)
    ExpirationDate: Date = column(read_only=True, required=True, description="When it ends by itself.")
    DateEnded: Date = column(read_only=True, nullable=True, description="Null as long as it goes on.")
    Requests: Int = column(read_only=True, description="How many it holds.")
    Size: Int = column(read_only=True, description="Characters of what it holds.")


class RecordedRequest(Wire):
    """A request and its answer. Entry: all of them, without secrets, as `entrepot record` makes files of it."""

    ID: Id = column(read_only=True)
    DateCreated: Date = column(read_only=True, required=True, description="When it was answered.")
    Entry: Xp = column(read_only=True)
