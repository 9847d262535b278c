"""The list of requests. In the order of time it has an index; whatever else it is filtered or sorted by goes through the rows of
one marketplace, which the settings bound.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, epoch_column
from entrepot.engine.pages import read_page
from entrepot.engine.rows import renderer
from entrepot.features.people.request_log.models import LoggedRequest
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source

PATH = "/entrepot/v1/requests"
TAG = "Requests"
LISTS = ListOptions(
    search=("LogID", "Path", "Operation", "ErrorCode", "UserID", "Username"),
    sort=("DateCreated", "ID", "Operation", "Status", "Milliseconds", "ErrorCode", "Username"),
)
COMMON: dict[str, Any] = {
    "tag": TAG,
    "roles": sufficient(),
    "user_types": allowed_types(SELLERS_ONLY, Right.READ),
    "table": "logged_requests",
}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


# Its columns with what is known of them (storage/request_log.py); the features do not see the schema.
T = sa.Table(
    "logged_requests",
    sa.MetaData(),
    sa.Column("marketplace_id", sa.BigInteger, nullable=False),
    sa.Column("ID", Citext(), nullable=False),
    *(_text(name) for name in ("request_id", "operation", "method", "path")),
    *(
        _text(name, nullable=True)
        for name in ("error", "user_id", "username", "user_type", "company_id", "client_id")
    ),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("microseconds", sa.BigInteger, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
).alias("t")
FIELDS: dict[str, sa.ColumnElement[Any]] = {
    "ID": T.c.ID,
    "LogID": T.c.request_id,
    "DateCreated": T.c.created_at,
    "Operation": T.c.operation,
    "Method": T.c.method,
    "Path": T.c.path,
    "Status": T.c.status,
    "Milliseconds": sa.literal_column("trim_scale(round(t.microseconds / 1000.0, 3))", sa.Numeric()),
    "Count": T.c["count"],
    "ErrorCode": T.c.error,
    "UserID": T.c.user_id,
    "Username": T.c.username,
    "UserType": T.c.user_type,
    "CompanyID": T.c.company_id,
    "ClientID": T.c.client_id,
}
_source = Source(
    shape=shape_of(LoggedRequest, LISTS, ()),
    table=T,
    columns=(*(value.label(name) for name, value in FIELDS.items()), epoch_column()),
    fields=FIELDS,
    where=(T.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),),
)


@operation(
    "Requests.List",
    "GET",
    PATH,
    **COMMON,
    summary="List the requests of the last hours",
    description=(
        "About a second late. Where reads of one operation come fast, some of their rows stand for several requests (Count); with gaps"
        " where more come than are written."
    ),
    lists=LISTS,
    returns=Returns(LoggedRequest, page=True),
    confirms=True,
)
async def list_requests(call: Call) -> Reply:
    """One statement; one more for an empty page."""
    request = read_list_request(call.query, _source.shape)
    rows, meta = await read_page(call, _source, request, {MARKETPLACE: call.marketplace_id})
    return Reply({"Meta": meta, "Items": renderer(LoggedRequest).render_all(rows)})


OPERATIONS: tuple[Operation, ...] = (list_requests,)
