"""Making, showing and deleting catchers: for users of the seller with FullAccess, as the log of requests is."""

from __future__ import annotations

import secrets
from typing import Any

import asyncpg

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.lists import UniformList
from entrepot.engine.rows import render
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.wire.models import validate
from entrepot.features.people.catchers.resources import CATCHERS, PROCEED, Catcher
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    CatchersOffError,
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    TooManyCatchersError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.sql import Sql

MOST = 20
"""Catchers of a marketplace."""
ITEM = f"{CATCHERS.path}/{{{CATCHERS.item}}}"
COMMON: dict[str, Any] = {
    "tag": CATCHERS.title,
    "roles": CATCHERS.roles.read,
    "user_types": allowed_types(CATCHERS.access, Right.READ),
    "table": CATCHERS.entity.table,
}
COLUMNS = 'c."ID", c."Name", c."Status", c."Body", c."DelayMilliseconds", c."DateCreated", c.address'
READ = Sql(f"""
SELECT ({READ_EPOCH}) AS epoch, {COLUMNS}
FROM (SELECT 1) one LEFT JOIN catchers c ON c.marketplace_id = :marketplace_id AND c."ID" = :catcher
""").bound("marketplace_id", "catcher")
# Whoever makes one waits for whoever makes another one in the marketplace, so that the count holds.
LOCK = "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR NO KEY UPDATE"
COUNT = "SELECT count(*) FROM catchers WHERE marketplace_id = $1"
INSERT = f"""
INSERT INTO catchers AS c (marketplace_id, "ID", "Name", "Status", "Body", "DelayMilliseconds", "DateCreated", address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}
"""
DELETE = 'DELETE FROM catchers WHERE marketplace_id = $1 AND "ID" = $2 RETURNING "ID"'
_list = UniformList(CATCHERS)


@operation(
    "Catchers.List",
    "GET",
    CATCHERS.path,
    **COMMON,
    summary="List catchers",
    lists=CATCHERS.lists,
    returns=Returns(Catcher, page=True),
    confirms=True,
)
async def list_catchers(call: Call) -> Reply:
    """One statement; one more for an empty page."""
    return await _list.list(call)


@operation(
    "Catchers.Get",
    "GET",
    ITEM,
    **COMMON,
    summary="Get one catcher",
    returns=Returns(Catcher),
    errors=(NotFoundError,),
    confirms=True,
)
async def get_catcher(call: Call) -> Reply:
    """One statement."""
    row = await call.db.fetchrow(READ, call.marketplace_id, call.path[CATCHERS.item])
    call.confirm(row["epoch"] if row else None)
    if row is None or row["ID"] is None:
        raise missing(call)
    return Reply(render(call, CATCHERS, row))


@operation(
    "Catchers.Create",
    "POST",
    CATCHERS.path,
    **COMMON,
    summary="Make a catcher",
    description="An address of this server to which a webhook, a message sender or a delivery can be pointed. "
    f"At most {MOST} of a marketplace, and only where the setting `catchers` is on.",
    status=201,
    body=Body(Catcher),
    returns=Returns(Catcher),
    errors=(InvalidBodyError, ValidationError, IdExistsError, CatchersOffError, TooManyCatchersError),
    unit=Unit.WRITE,
)
async def create_catcher(call: Call) -> Reply:
    """Three statements."""
    values = validate(Catcher, call.body, partial=False)
    if not services(call).catchers:
        raise CatchersOffError
    await call.db.execute(LOCK, call.marketplace_id)
    if await call.db.fetchval(COUNT, call.marketplace_id) >= MOST:
        raise TooManyCatchersError(MOST)
    catcher_id = values["ID"] or new_id()
    try:
        row = await call.db.fetchrow(
            INSERT,
            call.marketplace_id,
            catcher_id,
            values["Name"],
            values["Status"],
            values["Body"] or PROCEED,
            values["DelayMilliseconds"],
            call.server_clock(),
            new_address(call.marketplace_id),
        )
    except asyncpg.UniqueViolationError as error:
        raise IdExistsError(CATCHERS.entity.object_type, catcher_id) from error
    assert row is not None
    return Reply(render(call, CATCHERS, row), created=Created(row["ID"]))


@operation(
    "Catchers.Delete",
    "DELETE",
    ITEM,
    **COMMON,
    summary="Delete a catcher",
    description="With all that it has caught; whatever is still sent to its address is answered with 404.",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_catcher(call: Call) -> Reply:
    """One statement."""
    if await call.db.fetchval(DELETE, call.marketplace_id, call.path[CATCHERS.item]) is None:
        raise missing(call)
    return Reply()


def new_address(marketplace_id: int) -> str:
    """What follows RECEIVING: the marketplace, by which every statement looks, and what nobody guesses."""
    return f"{marketplace_id:x}-{secrets.token_hex(16)}"


def marketplace_of(address: str) -> int | None:
    """The marketplace that an address names; None where it is none."""
    marketplace, _, rest = address.partition("-")
    if len(marketplace) > 15 or len(rest) != 32:
        return None
    try:
        return int(marketplace, 16)
    except ValueError:
        return None


def missing(call: Call) -> NotFoundError:
    """No catcher of the path's ID."""
    return NotFoundError(CATCHERS.entity.object_type, call.path[CATCHERS.item])


OPERATIONS: tuple[Operation, ...] = (list_catchers, get_catcher, create_catcher, delete_catcher)
