"""Batches as the API shows them."""

from __future__ import annotations

import enum

from entrepot.declare.types import Int, Text, Xp
from entrepot.declare.wire import Wire, column

MOST_REQUESTS = 1_000
LONGEST_PATH = 8_000


class BatchVerb(enum.StrEnum):
    """What a request of a batch does at its path."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class BatchRequest(Wire, closed=True):
    """A request as it would be sent by itself. In Path and Body `${label.Property}` stands for what the answer to an earlier request has there."""

    Label: Text = column(
        max=100, description="By which later requests name this one; else by its place, from 0 on."
    )
    Verb: BatchVerb = column(required=True)
    Path: Text = column(
        max=LONGEST_PATH, required=True, description="As sent, with the query: /v1/products/tee?x=1."
    )
    Body: Xp = column(nullable=True)
    IdempotencyKey: Text = column(max=255, description="As the header Idempotency-Key of the request alone.")


class BatchRequests(Wire, closed=True):
    """Up to 1,000 requests, which are carried out in this order, all or none of them."""

    Requests: list[BatchRequest] = column(required=True, stored=False)


class BatchAnswer(Wire):
    """What a request would have been answered with by itself."""

    Label: Text = column(read_only=True, nullable=True)
    Status: Int = column(read_only=True, required=True)
    Headers: Xp = column(
        read_only=True, description="Those that are about the request, as Location and Idempotent-Replayed."
    )
    Body: Xp = column(read_only=True, nullable=True)


class BatchAnswers(Wire):
    """The answers, in the order of the requests."""

    Answers: list[BatchAnswer] = column(read_only=True, stored=False)
