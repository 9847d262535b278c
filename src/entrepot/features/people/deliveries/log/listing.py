"""The list of deliveries: newest or oldest first, by status, integration and what they are about, under an index each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, epoch_column
from entrepot.engine.pages import read_page
from entrepot.engine.rows import renderer
from entrepot.features.people.deliveries.log.access import COMMON, integrations
from entrepot.features.people.deliveries.log.models import Delivery
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source

PATH = "/entrepot/v1/deliveries"
TAG = "Deliveries"
LISTS = ListOptions(
    search=("ID", "IntegrationID", "Aggregate", "Type", "LogID"),
    sort=("DateCreated", "ID", "Status", "Integration", "IntegrationID", "Target", "DateEnded"),
)
ADMINISTERED = "integrations"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


# Its columns with what is known of them (storage/deliveries.py); the features do not see the schema.
T = sa.Table(
    "deliveries",
    sa.MetaData(),
    sa.Column("marketplace_id", sa.BigInteger, nullable=False),
    *(_text(name) for name in ("ID", "kind", "integration", "target", "aggregate", "status", "request_id")),
    _text("type", nullable=True),
    sa.Column("integration_id", Citext, nullable=False),
    sa.Column("config_id", Citext, nullable=True),
    sa.Column("endpoint", Citext, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("attempts", "size")),
    *(_moment(name) for name in ("told_at", "created_at")),
    *(_moment(name, nullable=True) for name in ("due_at", "ended_at")),
).alias("t")
FIELDS: dict[str, sa.ColumnElement[Any]] = {
    "ID": T.c.ID,
    "Event": T.c.kind,
    "Integration": T.c.integration,
    "IntegrationID": T.c.integration_id,
    "Target": T.c.target,
    "DeliveryConfigID": T.c.config_id,
    "TargetID": sa.literal_column("replace(CAST(t.endpoint AS text), '/', '.')", sa.Text()),
    "Aggregate": T.c.aggregate,
    "Type": T.c.type,
    "Status": T.c.status,
    "Attempts": T.c.attempts,
    "Size": T.c.size,
    "LogID": T.c.request_id,
    "DateHappened": T.c.told_at,
    "DateCreated": T.c.created_at,
    "DateDue": T.c.due_at,
    "DateEnded": T.c.ended_at,
}


def _source(*where: sa.ColumnElement[bool]) -> Source:
    return Source(
        shape=shape_of(Delivery, LISTS, ()),
        table=T,
        columns=(*(value.label(name) for name, value in FIELDS.items()), epoch_column()),
        fields=FIELDS,
        where=(T.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()), *where),
    )


_all = _source()
_administered = _source(T.c.integration == sa.any_(sa.bindparam(ADMINISTERED, type_=sa.ARRAY(sa.Text()))))


@operation(
    "Deliveries.List",
    "GET",
    PATH,
    **COMMON,
    tag=TAG,
    summary="List deliveries",
    lists=LISTS,
    returns=Returns(Delivery, page=True),
    confirms=True,
    table="deliveries",
)
async def list_deliveries(call: Call) -> Reply:
    """Those of the integrations that the caller administers. One statement; one more for an empty page."""
    seen = integrations(call)
    source = _all if seen is None else _administered
    scope = {MARKETPLACE: call.marketplace_id} | ({} if seen is None else {ADMINISTERED: seen})
    rows, meta = await read_page(call, source, read_list_request(call.query, source.shape), scope)
    return Reply({"Meta": meta, "Items": renderer(Delivery).render_all(rows)})


OPERATIONS: tuple[Operation, ...] = (list_deliveries,)
