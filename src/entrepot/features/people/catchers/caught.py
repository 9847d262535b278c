"""What catchers have caught: shown with its secrets masked, as the log of deliveries does, and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from entrepot.declare.operation import Operation, Reply, Returns, Unit, operation
from entrepot.domain.deliveries.masking import MASK, is_secret, mask
from entrepot.engine.call import Call
from entrepot.engine.lists import UniformList
from entrepot.engine.rows import renderer
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.wire.json import load
from entrepot.features.people.catchers.making import COMMON, missing
from entrepot.features.people.catchers.places import place
from entrepot.features.people.catchers.resources import (
    CATCHERS,
    CAUGHT,
    CaughtRequest,
    CaughtRequestDetail,
)
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

ITEM = f"{CAUGHT.path}/{{{CAUGHT.item}}}"
OF_CAUGHT: dict[str, Any] = COMMON | {"table": CAUGHT.entity.table}
READ = Sql(f"""
SELECT ({READ_EPOCH}) AS epoch, r."ID", r."DateCreated", r."Method", r."Path", r."ContentType", r."Size", r."Answered", r.content
FROM (SELECT 1) one
LEFT JOIN caught_requests r ON r.marketplace_id = :marketplace_id AND r."CatcherID" = :catcher AND r."ID" = :request
""").bound("marketplace_id", "catcher", "request")
DELETE = """
DELETE FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2 AND "ID" = $3 RETURNING "ID"
"""
THERE = 'SELECT 1 FROM catchers WHERE marketplace_id = $1 AND "ID" = $2'
DELETE_ALL = 'DELETE FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2'
_list = UniformList(CAUGHT)


@operation(
    "Catchers.ListRequests",
    "GET",
    CAUGHT.path,
    **OF_CAUGHT,
    summary="List what a catcher has caught",
    lists=CAUGHT.lists,
    returns=Returns(CaughtRequest, page=True),
    errors=(NotFoundError,),
    confirms=True,
)
async def list_caught(call: Call) -> Reply:
    """One statement; two more for an empty page."""
    return await _list.list(call)


@operation(
    "Catchers.GetRequest",
    "GET",
    ITEM,
    **OF_CAUGHT,
    summary="Get what a catcher has caught, with headers and body",
    returns=Returns(CaughtRequestDetail),
    errors=(NotFoundError,),
    confirms=True,
)
async def get_caught(call: Call) -> Reply:
    """One statement."""
    catcher_id, request_id = call.path[CATCHERS.item], call.path[CAUGHT.item]
    row = await call.db.fetchrow(READ, call.marketplace_id, catcher_id, request_id)
    call.confirm(row["epoch"] if row else None)
    if row is None or row["ID"] is None:
        raise _missing(call)
    # A large body takes long to go through: beside the loop.
    said = await asyncio.to_thread(_said, services(call).box, call.marketplace_id, row)
    return Reply(renderer(CaughtRequest).render(row) | said)


@operation(
    "Catchers.DeleteRequest",
    "DELETE",
    ITEM,
    **OF_CAUGHT,
    summary="Delete what a catcher has caught",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_caught(call: Call) -> Reply:
    """One statement."""
    catcher_id, request_id = call.path[CATCHERS.item], call.path[CAUGHT.item]
    if await call.db.fetchval(DELETE, call.marketplace_id, catcher_id, request_id) is None:
        raise _missing(call)
    return Reply()


@operation(
    "Catchers.DeleteRequests",
    "DELETE",
    CAUGHT.path,
    **OF_CAUGHT,
    summary="Delete all that a catcher has caught",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_all_caught(call: Call) -> Reply:
    """Two statements."""
    catcher_id = call.path[CATCHERS.item]
    if await call.db.fetchval(THERE, call.marketplace_id, catcher_id) is None:
        raise missing(call)
    await call.db.execute(DELETE_ALL, call.marketplace_id, catcher_id)
    return Reply()


def _said(box: SecretBox, marketplace_id: int, row: asyncpg.Record) -> dict[str, Any]:
    content = load(box.open(row["content"], place(marketplace_id)).decode())
    return {
        "Query": mask(content["Query"]),
        "Headers": [{"Name": name, "Value": _shown(name, value)} for name, value in content["Headers"]],
        "Body": mask(content["Body"]),
        "IsCut": content["IsCut"],
    }


def _shown(name: str, value: str) -> str:
    if not is_secret(name):
        return mask(value)
    # Which scheme somebody proves himself by is no secret, and often the mistake.
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.isalpha() else MASK


def _missing(call: Call) -> NotFoundError:
    return NotFoundError(CAUGHT.entity.object_type, call.path[CAUGHT.item])


OPERATIONS: tuple[Operation, ...] = (list_caught, get_caught, delete_caught, delete_all_caught)
