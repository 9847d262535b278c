"""Telling that goods are on their way (SHP-3, MS-4)."""

from __future__ import annotations

from entrepot.domain.messages.declared import Subject
from entrepot.engine.call import Call
from entrepot.features.people.messages.telling import tell_messages


async def tell_shipped(call: Call, shipment_id: str) -> None:
    """Of a shipment that has items. One statement."""
    client = call.principal.client_id
    await tell_messages(
        call,
        call.marketplace_id,
        Subject.SHIPMENT,
        f"shipment/{shipment_id}",
        {"shipment": shipment_id},
        client_id=client,
    )
