"""Rules of shipments: owner, addresses, and the orders that follow them (SHP-1, SHP-3, SHP-4)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.inventory.address_text import address_object
from entrepot.features.ownership import OwnedHooks
from entrepot.features.shipments.messages import tell_shipped
from entrepot.features.shipments.progress import follow, orders_in
from entrepot.kernel.errors import NotFoundError

Values = dict[str, Any]

FROM_ADDRESS = f"""
SELECT ad."ID", {address_object("ad")} AS wire FROM addresses ad
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" IS NULL AND ad.user_key IS NULL
  AND (ad."SupplierID" = $3 OR ad."SupplierID" IS NULL)
ORDER BY ad."SupplierID" IS NULL LIMIT 1
"""
"""An address of the owner, or of the marketplace owner."""
TO_ADDRESS = f"""
SELECT ad."ID", {address_object("ad")} AS wire FROM addresses ad
WHERE ad.marketplace_id = $1 AND ad."ID" = $2 AND ad."BuyerID" = $3
"""


class ShipmentHooks(OwnedHooks):
    """A new shipment belongs to the caller's company; the marketplace owner may name another (SHP-1)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        for name, sql, company in (
            ("From", FROM_ADDRESS, new["OwnerID"]),
            ("To", TO_ADDRESS, new["BuyerID"]),
        ):
            wanted, before = new[f"{name}AddressID"], old and old[f"{name}AddressID"]
            if wanted and wanted != before:
                row = await call.db.fetchrow(sql, call.marketplace_id, wanted, company)
                if row is None:
                    raise NotFoundError("Address", wanted)
                new[f"{name}AddressID"], new[f"{name}Address"] = row["ID"], load(row["wire"])
            elif old is not None and before and not wanted and new[f"{name}Address"] == old[f"{name}Address"]:
                new[f"{name}Address"] = None

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        """SHP-3: with DateShipped set or taken away, orders may be complete, or open again."""
        if old is not None and (old["DateShipped"] is None) != (new["DateShipped"] is None):
            await follow(call, await orders_in(call, new["ID"]))
            if new["DateShipped"] is not None:
                await tell_shipped(call, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        await follow(call, await orders_in(call, old["ID"]), without=old["ID"])
