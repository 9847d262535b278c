"""Rules of shipments: owner, addresses, and the orders that follow them (SHP-1, SHP-3, SHP-4)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.people.ownership import OwnedHooks
from entrepot.features.trade.shipments.parties import check_buyer, from_address, to_address
from entrepot.features.trade.shipments.progress import count_shipped, orders_in
from entrepot.features.trade.shipments.telling import tell_shipped

Values = dict[str, Any]

ADDRESSES = (("From", from_address), ("To", to_address))


class ShipmentHooks(OwnedHooks):
    """A new shipment belongs to the caller's company; the marketplace owner may name another (SHP-1)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if new["BuyerID"] and (old is None or new["BuyerID"] != old["BuyerID"]):
            await check_buyer(call, new["BuyerID"])
        for name, find in ADDRESSES:
            wanted, before = new[f"{name}AddressID"], old and old[f"{name}AddressID"]
            if wanted and wanted != before:
                new[f"{name}AddressID"], new[f"{name}Address"] = await find(call, new, wanted)
            elif old is not None and before and not wanted and new[f"{name}Address"] == old[f"{name}Address"]:
                new[f"{name}Address"] = None

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        """SHP-3: with DateShipped set or taken away, orders may be complete, or open again."""
        if old is not None and (old["DateShipped"] is None) != (new["DateShipped"] is None):
            orders = await orders_in(call, new["ID"])
            await count_shipped(call, orders)
            if new["DateShipped"] is not None and orders:
                await tell_shipped(call, new["ID"])

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        await count_shipped(call, await orders_in(call, old["ID"]), without=old["ID"])
