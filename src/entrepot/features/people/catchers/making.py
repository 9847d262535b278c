"""Making catchers: for users of the seller with FullAccess, as the log of requests is."""

from __future__ import annotations

import secrets

import asyncpg

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit, operation
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.people.catchers.resources import CATCHERS, PROCEED, Catcher
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    CatchersOffError,
    IdExistsError,
    InvalidBodyError,
    TooManyCatchersError,
    ValidationError,
)
from entrepot.kernel.ids import new_id

MOST = 20
"""Catchers of a marketplace."""
# Whoever makes one waits for whoever makes another one in the marketplace, so that the count holds.
LOCK = "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR NO KEY UPDATE"
COUNT = "SELECT count(*) FROM catchers WHERE marketplace_id = $1"
INSERT = """
INSERT INTO catchers (marketplace_id, "ID", "Name", "Status", "Body", "DelayMilliseconds", "DateCreated", address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


@operation(
    "Catchers.Create",
    "POST",
    CATCHERS.path,
    **CATCHERS.facts,
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
    """Four statements."""
    values = validate(Catcher, call.body, partial=False)
    if not services(call).catchers:
        raise CatchersOffError
    await call.db.execute(LOCK, call.marketplace_id)
    if await call.db.fetchval(COUNT, call.marketplace_id) >= MOST:
        raise TooManyCatchersError(MOST)
    catcher_id = values["ID"] or new_id()
    try:
        await call.db.execute(
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
        raise IdExistsError(CATCHERS.object_type, catcher_id) from error
    return Reply(await CATCHERS.read(call, catcher_id), created=Created(catcher_id))


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


OPERATIONS: tuple[Operation, ...] = (create_catcher, *CATCHERS.operations())
