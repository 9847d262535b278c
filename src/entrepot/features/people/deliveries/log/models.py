"""Deliveries and their targets as the API shows them."""

from __future__ import annotations

import enum

from entrepot.declare.types import Bool, Date, Id, Int, Text
from entrepot.declare.wire import Wire, column


class DeliveryStatus(enum.StrEnum):
    """What has become of a delivery. Queued and Retrying have not ended; Failed is for good, until somebody replays it."""

    QUEUED = "Queued"
    RETRYING = "Retrying"
    DELIVERED = "Delivered"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


class Delivery(Wire):
    """Something that is sent, or was, to one target of an integration. Event: what has happened. LogID: of the request that did it."""

    ID: Id = column(read_only=True)
    Event: Text = column(read_only=True, required=True)
    Integration: Text = column(read_only=True, required=True)
    IntegrationID: Id = column(read_only=True)
    Target: Text = column(read_only=True, required=True)
    DeliveryConfigID: Id = column(read_only=True)
    TargetID: Text = column(read_only=True, required=True, description="Of the delivery target.")
    Aggregate: Text = column(read_only=True, required=True, description="What is told of, in its order.")
    Type: Text = column(read_only=True)
    Status: DeliveryStatus = column(read_only=True)
    Attempts: Int = column(read_only=True)
    Size: Int = column(read_only=True, description="Bytes of the body.")
    LogID: Text = column(read_only=True, required=True)
    DateHappened: Date = column(read_only=True, required=True)
    DateCreated: Date = column(read_only=True, required=True)
    DateDue: Date = column(read_only=True, nullable=True, description="Of the next attempt.")
    DateEnded: Date = column(read_only=True, nullable=True)


class DeliveryRequest(Wire):
    """The body of a delivery, with *** for what is secret. IsCut: whether it is longer than what is shown."""

    Body: Text = column(read_only=True)
    IsCut: Bool = column(read_only=True)


class DeliveryAttempt(Wire):
    """One attempt, with *** for what is secret in what came back; or who had it replayed or cancelled, and when."""

    Date: Date = column(read_only=True, required=True)
    Milliseconds: Int = column(read_only=True)
    HttpStatusCode: Int = column(read_only=True, nullable=True)
    Failure: Text = column(read_only=True)
    Answer: Text = column(read_only=True)
    ReplayedBy: Text = column(read_only=True)
    CancelledBy: Text = column(read_only=True)


class DeliveryDetail(Delivery):
    """A delivery with what was sent and what was answered. Failure: why it has failed, or was not made at all."""

    Failure: Text = column(read_only=True, stored=False)
    Request: DeliveryRequest = column(read_only=True, stored=False)
    Log: list[DeliveryAttempt] = column(read_only=True, stored=False)


class DeliveryTarget(Wire):
    """What can be down or paused as a whole: the URL of an integration, one target of a delivery configuration. Failures: in a row.
    Until DateOpen it is left alone, since it seems to be down.
    """

    ID: Text = column(read_only=True, required=True)
    Integration: Text = column(read_only=True, required=True)
    IntegrationID: Id = column(read_only=True)
    Target: Text = column(read_only=True, required=True)
    Paused: Bool = column(read_only=True)
    DatePaused: Date = column(read_only=True, nullable=True)
    Failures: Int = column(read_only=True)
    DateOpen: Date = column(read_only=True, nullable=True)
    Waiting: Int = column(read_only=True, description="Deliveries that have not ended.")
    Failed: Int = column(read_only=True, description="Deliveries that have failed for good.")
