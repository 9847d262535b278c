"""Catchers and what they have caught. Both have a Resource for their lists alone; their operations are written by hand."""

from __future__ import annotations

from typing import Any

from entrepot.declare import types
from entrepot.declare.entity import Entity, Parent, Sorts, Stored
from entrepot.declare.resource import Hooks, Resource, Within
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import Bool, Date, Id, Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call

RECEIVING = "/entrepot/catch"
"""What begins the addresses of catchers (http/catching.py)."""
PROCEED = '{"proceed": true}'
LONGEST_BODY = 10_000
LONGEST_DELAY = 30_000


class Catcher(Wire, closed=True):
    """An address of this server that keeps what is sent to it. Url: where to send it; whoever knows it may. Status, Body and
    DelayMilliseconds: what the sender is answered with, and how late; without a Body a pre-webhook is let pass. To the address
    a path of up to three segments may be added, as integration events do.
    """

    ID: Id = column()
    Name: Text = column(max=100, nullable=True)
    Url: Text = column(read_only=True, stored=False)
    Status: Int = column(default=200, minimum=200, maximum=599)
    Body: Text = column(max=LONGEST_BODY, default=PROCEED, description="JSON, or any other text.")
    DelayMilliseconds: Int = column(minimum=0, maximum=LONGEST_DELAY)
    DateCreated: Date = column(read_only=True)


class CaughtRequest(Wire):
    """What a catcher has received, without headers and body. Path: what followed the catcher's address; Size: bytes of the whole
    body; Answered: the status with which it was answered.
    """

    ID: Id = column(read_only=True)
    DateCreated: Date = column(read_only=True, required=True, description="When it was received.")
    Method: Text = column(read_only=True, required=True)
    Path: Text = column(read_only=True, required=True)
    ContentType: Text = column(read_only=True, nullable=True)
    Size: Int = column(read_only=True, required=True)
    Answered: Int = column(read_only=True, required=True)


class CaughtHeader(Wire):
    """A header as it was received, its name in lower case."""

    Name: Text = column(read_only=True)
    Value: Text = column(read_only=True)


class CaughtRequestDetail(CaughtRequest):
    """What a catcher has received. Secrets in it are masked. IsCut: whether the body is longer than what is kept of it."""

    Query: Text = column(read_only=True, stored=False)
    Headers: list[CaughtHeader] = column(read_only=True, stored=False)
    Body: types.Text = column(read_only=True, stored=False)
    IsCut: Bool = column(read_only=True, stored=False)


class _Addressed(Hooks):
    """Shows where a catcher is reached."""

    shows = ("address",)

    def present(self, call: Call, item: dict[str, Any]) -> None:
        item["Url"] = f"{call.base_url}{RECEIVING}/{item.pop('address')}"


CATCHER = Entity(
    model=Catcher,
    table="catchers",
    object_type="Catcher",
    stored=(Stored(name="address", type="text", nullable=False),),
)
CAUGHT_REQUEST = Entity(
    model=CaughtRequest,
    table="caught_requests",
    object_type="CaughtRequest",
    parents=(Parent("CatcherID", "catchers"),),
    stored=(Stored(name="content", type="bytea", nullable=False),),
    sorts=(Sorts(("DateCreated", "ID"), scope=("CatcherID",)),),
)
CATCHERS = Resource(
    name="Catchers",
    entity=CATCHER,
    path="/entrepot/v1/catchers",
    item="catcherID",
    roles=Roles.of(read=(), write=()),
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name", "DateCreated"),
    hooks=_Addressed(),
)
CAUGHT = Resource(
    name="Catchers",
    noun="Request",
    entity=CAUGHT_REQUEST,
    path=f"{CATCHERS.path}/{{{CATCHERS.item}}}/requests",
    item="requestID",
    within=(Within("catcherID", "CatcherID", CATCHERS),),
    roles=CATCHERS.roles,
    access=SELLERS_ONLY,
    search=("ID", "Method", "Path"),
    sort=("DateCreated", "ID", "Method", "Path"),
)
