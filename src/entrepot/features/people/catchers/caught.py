"""What catchers have caught: shown with its secrets masked, as the log of deliveries does, and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit, operation
from entrepot.domain.deliveries.masking import MASK, is_secret, mask
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.catchers.places import place
from entrepot.features.people.catchers.resources import (
    CATCHERS,
    CAUGHT,
    CaughtRequestDetail,
)
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError

CONTENT = 'SELECT content FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2 AND "ID" = $3'
DELETE_ALL = 'DELETE FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2'


@operation(
    "Catchers.GetRequest",
    "GET",
    CAUGHT.item_path,
    **CAUGHT.facts,
    summary="Get what a catcher has caught, with headers and body",
    returns=Returns(CaughtRequestDetail),
    errors=(NotFoundError,),
    confirms=True,
)
async def get_caught(call: Call) -> Reply:
    """Two statements."""
    shown = await CAUGHT.read(call, confirms=True)
    content = await call.db.fetchval(CONTENT, call.marketplace_id, call.path[CATCHERS.item], shown["ID"])
    if content is None:
        raise CAUGHT.missing(shown["ID"])
    # A large body takes long to go through: beside the loop.
    said = await asyncio.to_thread(_said, services(call).box, call.marketplace_id, content)
    return Reply(shown | said)


@operation(
    "Catchers.DeleteRequests",
    "DELETE",
    CAUGHT.path,
    **CAUGHT.facts,
    summary="Delete all that a catcher has caught",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_all_caught(call: Call) -> Reply:
    """Two statements."""
    catcher = await CATCHERS.read(call)
    await call.db.execute(DELETE_ALL, call.marketplace_id, catcher["ID"])
    return Reply()


def _said(box: SecretBox, marketplace_id: int, content: bytes) -> dict[str, Any]:
    said = load(box.open(content, place(marketplace_id)).decode())
    return {
        "Query": mask(said["Query"]),
        "Headers": [{"Name": name, "Value": _shown(name, value)} for name, value in said["Headers"]],
        "Body": mask(said["Body"]),
        "IsCut": said["IsCut"],
    }


def _shown(name: str, value: str) -> str:
    if not is_secret(name):
        return mask(value)
    # Which scheme somebody proves himself by is no secret, and often the mistake.
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.isalpha() else MASK


OPERATIONS: tuple[Operation, ...] = (
    CAUGHT.list_operation(),
    get_caught,
    CAUGHT.delete_operation(),
    delete_all_caught,
)
