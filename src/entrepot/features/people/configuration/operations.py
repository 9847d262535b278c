"""The use cases of settings, beside the uniform operations: xp indices (XP-5)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Unit, operation
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.engine.wire.refusals import required, too_long
from entrepot.features.people.configuration.resources import XP_INDICES, XpIndex, XpThingType
from entrepot.kernel.errors import InvalidBodyError, NotFoundError, ValidationError
from entrepot.kernel.user_types import UserType

MAX_KEY_LENGTH = 500
"""Characters. The key is part of the table's primary key, whose entries PostgreSQL limits to 2,704 bytes."""

INSERT = """
INSERT INTO xp_indices (marketplace_id, "ThingType", "Key") VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id, "ThingType", "Key") DO NOTHING
"""
DELETE = 'DELETE FROM xp_indices WHERE marketplace_id = $1 AND "ThingType" = $2 AND "Key" = $3'
THING_TYPES = {thing_type.lower(): thing_type.value for thing_type in XpThingType}


@operation(
    "XpIndices.Put",
    "PUT",
    "/xpindices",
    tag="Xp Indices",
    summary="Create an xp index",
    status=204,
    roles=XP_INDICES.roles.write,
    user_types=frozenset({UserType.SELLER}),
    body=Body(XpIndex),
    errors=(InvalidBodyError, ValidationError),
    unit=Unit.WRITE,
    resource="XpIndices",
    table="xp_indices",
)
async def put_xp_index(call: Call) -> Reply:
    """204, also for one that stands already. Products need none: their type is not among the names."""
    values = validate(XpIndex, call.body, partial=False)
    _check(values)
    await call.db.execute(INSERT, call.marketplace_id, values["ThingType"], values["Key"])
    return Reply()


@operation(
    "XpIndices.Delete",
    "DELETE",
    "/xpindices/{thingType}/{key}",
    tag="Xp Indices",
    summary="Delete an xp index",
    status=204,
    roles=XP_INDICES.roles.write,
    user_types=frozenset({UserType.SELLER}),
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    resource="XpIndices",
    table="xp_indices",
)
async def delete_xp_index(call: Call) -> Reply:
    """The thing type in any case (CONV-8), the key exactly: xp keys are case-sensitive."""
    thing_type, key = call.path["thingType"], call.path["key"]
    stored = THING_TYPES.get(thing_type.lower())
    if stored is None or await call.db.execute(DELETE, call.marketplace_id, stored, key) == "DELETE 0":
        raise NotFoundError("XpIndex", f"{thing_type}/{key}")
    return Reply()


def _check(values: dict[str, Any]) -> None:
    errors = [required(name) for name in ("ThingType", "Key") if not values[name]]
    if values["Key"] and len(values["Key"]) > MAX_KEY_LENGTH:
        errors.append(too_long("Key", MAX_KEY_LENGTH))
    if errors:
        raise ValidationError(*errors)


OPERATIONS: tuple[Operation, ...] = (put_xp_index, delete_xp_index)
