"""Faults as the API shows them."""

from __future__ import annotations

import enum

from entrepot.declare.entity import Entity
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.operation import TEST_BENCH
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Bool, Date, Id, Int, Money, Text
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.faults.hooks import FaultHooks

LONGEST_DELAY = 60_000
"""Milliseconds."""


class FaultMoment(enum.StrEnum):
    """When a fault strikes: before the operation, of which then nothing is done, or after it, so that it is done and nobody is told."""

    BEFORE = "Before"
    AFTER = "After"


class Fault(Wire, closed=True):
    """A rule by which requests of the marketplace fail on purpose. One that asks for no delay, status or cut counts what it meets."""

    ID: Id = column(max=100)
    Description: Text = column(max=500)
    Active: Bool = column(default=True)
    OperationID: Text = column(
        max=200,
        description="Of the operations that it meets, as `Orders.Submit`; `*` stands for anything: `Me.*`. All, if empty. `Outgoing.Webhook` "
        "and others of this kind are what the server sends to integrations itself.",
    )
    Path: Text = column(
        max=500,
        description="Of the requests that it meets, as `/v1/me/products/*`, without the query. Any, if empty.",
    )
    ClientID: Id = column(
        references=Reference("api_clients"),
        description="The API client whose tokens' requests it meets. Any, if empty.",
    )
    Share: Money = column(
        default=1,
        minimum=0,
        maximum=1,
        description="Of those requests, the part that it meets: 0.25 is each fourth.",
    )
    Moment: FaultMoment = column(default=FaultMoment.BEFORE.value)
    Delay: Int = column(
        minimum=0, maximum=LONGEST_DELAY, description="Milliseconds that it lets a request wait."
    )
    Status: Int = column(
        minimum=400,
        maximum=599,
        nullable=True,
        description="That it answers, in place of what the operation would.",
    )
    ErrorCode: Text = column(max=100, description="Of that answer; `Fault.Injected`, if empty.")
    Message: Text = column(max=500, description="Of that answer.")
    RetryAfter: Int = column(
        minimum=0, maximum=86_400, nullable=True, description="Seconds, for that answer's header."
    )
    Cut: Bool = column(description="Whether it closes the connection without any answer.")
    Remaining: Int = column(
        minimum=0, nullable=True, description="How many requests it will yet meet; any number, if empty."
    )
    Met: Int = column(read_only=True, description="How many it has met.")
    ExpirationDate: Date = column(nullable=True, description="From when on it meets none.")


FAULT = Entity(
    model=Fault,
    table="faults",
    object_type="Fault",
    keeps={"OperationID": "an operation of the API, which is no object"},
    # They are remembered with what is known of callers; what is counted of them is not.
    feeds=(Feeds(feed=Feed.SECURITY),),
)
FAULTS = Resource(
    name="Faults",
    entity=FAULT,
    path=TEST_BENCH["faults"],
    item="faultID",
    roles=Roles.of(read=(), write=()),
    access=SELLERS_ONLY,
    search=("ID", "Description", "OperationID", "Path"),
    sort=("ID", "OperationID", "ExpirationDate"),
    hooks=FaultHooks(),
)
RESOURCES = (FAULTS,)
