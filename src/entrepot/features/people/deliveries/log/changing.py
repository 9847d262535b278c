"""Delivering something anew, and giving up what has not ended."""

from __future__ import annotations

from entrepot.declare.operation import Operation, Reply, Unit, operation
from entrepot.engine.call import Call
from entrepot.features.people.deliveries import handling
from entrepot.features.people.deliveries.log.access import COMMON, sees
from entrepot.features.people.deliveries.log.listing import TAG
from entrepot.features.people.deliveries.log.reading import ITEM
from entrepot.kernel.errors import DeliveryEndedError, DeliveryGoneError, DeliveryNotEndedError, NotFoundError
from entrepot.kernel.sql import Sql

FIND = Sql("""
SELECT integration, ended_at IS NOT NULL AS has_ended FROM deliveries
WHERE marketplace_id = :marketplace_id AND "ID" = :delivery
""").bound("marketplace_id", "delivery")


@operation(
    "Deliveries.Replay",
    "POST",
    f"{ITEM}/replay",
    **COMMON,
    tag=TAG,
    summary="Deliver something anew",
    description="It keeps its ID, by which receivers know what they have had already, and gets as many attempts as a new one.",
    status=204,
    errors=(NotFoundError, DeliveryNotEndedError, DeliveryGoneError),
    unit=Unit.WRITE,
    table="deliveries",
)
async def replay(call: Call) -> Reply:
    """What could not be expanded becomes the event again that it was."""
    if not await _has_ended(call):
        raise DeliveryNotEndedError
    if not await handling.replay(call, call.path["deliveryID"]):
        raise DeliveryGoneError
    return Reply()


@operation(
    "Deliveries.Cancel",
    "POST",
    f"{ITEM}/cancel",
    **COMMON,
    tag=TAG,
    summary="Give up a delivery",
    description="An attempt that is under way may still arrive; none follows it.",
    status=204,
    errors=(NotFoundError, DeliveryEndedError),
    unit=Unit.WRITE,
    table="deliveries",
)
async def cancel(call: Call) -> Reply:
    """What waits behind it is due."""
    if await _has_ended(call) or not await handling.cancel(call, call.path["deliveryID"]):
        raise DeliveryEndedError
    return Reply()


async def _has_ended(call: Call) -> bool:
    """Raises NotFoundError where the caller sees no such delivery."""
    delivery_id = call.path["deliveryID"]
    found = await call.db.fetchrow(FIND, call.marketplace_id, delivery_id)
    if found is None or not sees(call, found["integration"]):
        raise NotFoundError("Delivery", delivery_id)
    return bool(found["has_ended"])


OPERATIONS: tuple[Operation, ...] = (replay, cancel)
