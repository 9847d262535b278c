"""Catchers and what they have caught."""

from __future__ import annotations

from entrepot.declare import types
from entrepot.declare.entity import Entity, Parent, Sorts, Stored
from entrepot.declare.operation import ListOptions
from entrepot.declare.types import Bool, Date, Id, Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.read_models import ReadModel

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
    Url: Text = column(read_only=True, computed="t.address")
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
CATCHERS = ReadModel(
    name="Catchers",
    tag="Catchers",
    object_type=CATCHER.object_type,
    one="a catcher",
    many="catchers",
    model=Catcher,
    table=CATCHER.table,
    path="/entrepot/v1/catchers",
    item="catcherID",
    select="""
SELECT c."ID", c."Name", CAST(:receiving AS text) || c.address AS "Url", c."Status", c."Body", c."DelayMilliseconds", c."DateCreated"
FROM catchers c WHERE c.marketplace_id = :marketplace_id
""",
    values=lambda call: {"receiving": f"{call.base_url}{RECEIVING}/"},
    delete='DELETE FROM catchers WHERE marketplace_id = :marketplace_id AND "ID" = :item RETURNING "ID"',
    options=ListOptions(search=("ID", "Name"), sort=("ID", "Name", "DateCreated")),
)
CAUGHT = ReadModel(
    name="Catchers",
    noun="Request",
    tag="Catchers",
    object_type=CAUGHT_REQUEST.object_type,
    one="what a catcher has caught",
    many="what a catcher has caught",
    model=CaughtRequest,
    table=CAUGHT_REQUEST.table,
    path=f"{CATCHERS.item_path}/requests",
    item="requestID",
    within=CATCHERS,
    select="""
SELECT r."ID", r."DateCreated", r."Method", r."Path", r."ContentType", r."Size", r."Answered"
FROM caught_requests r WHERE r.marketplace_id = :marketplace_id AND r."CatcherID" = :catcherID
""",
    delete="""
DELETE FROM caught_requests WHERE marketplace_id = :marketplace_id AND "CatcherID" = :catcherID AND "ID" = :item RETURNING "ID"
""",
    options=ListOptions(search=("ID", "Method", "Path"), sort=("DateCreated", "ID", "Method", "Path")),
)
