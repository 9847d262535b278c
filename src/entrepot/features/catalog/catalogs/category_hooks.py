"""Rules of categories: no loops, the order of siblings, the catalog's owner (CTY-1, CTY-2, ORG-4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.features.catalog.audience.tokens import refresh_category
from entrepot.features.catalog.catalogs.hooks import OWNER
from entrepot.features.people.ownership import BelowOwnedHooks, require_owner_of
from entrepot.kernel.errors import CatalogEditError, CircularCategoryError

Values = dict[str, Any]

LOCK_CATALOG = 'SELECT 1 FROM catalogs WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
IS_BELOW = """
WITH RECURSIVE up AS (
    SELECT k."ID", k."ParentID" FROM categories k
    WHERE k.marketplace_id = $1 AND k."CatalogID" = $2 AND k."ID" = $3
    UNION ALL
    SELECT k."ID", k."ParentID" FROM up
    JOIN categories k ON k.marketplace_id = $1 AND k."CatalogID" = $2 AND k."ID" = up."ParentID"
)
SELECT 1 FROM up WHERE "ID" = $4
"""
MAKE_ROOM = """
UPDATE categories SET "ListOrder" = "ListOrder" + 1
WHERE marketplace_id = $1 AND "CatalogID" = $2 AND "ParentID" IS NOT DISTINCT FROM $3 AND "ListOrder" >= $4
  AND "ListOrder" < 2147483647 AND "ID" <> $5
"""


class CategoryHooks(BelowOwnedHooks):
    """CTY-1 and CTY-2; `new` and `old` have the catalog's ID beside the properties."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        parent = new["ParentID"]
        if old is not None and parent and parent.lower() != (old["ParentID"] or "").lower():
            # Two moves at the same time could close a loop that neither sees.
            await call.db.execute(LOCK_CATALOG, call.marketplace_id, old["CatalogID"])
            found = await call.db.fetchval(IS_BELOW, call.marketplace_id, old["CatalogID"], parent, old["ID"])
            if found is not None:
                raise CircularCategoryError({"ParentID": parent})

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await _make_room(call, new)
        if old is not None and any(new[name] != old[name] for name in ("ParentID", "Active")):
            await refresh_category(call, new["CatalogID"], [new["ID"]])

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        await refresh_category(call, old["CatalogID"], [old["ID"]], leaving=True)


async def _make_room(call: Call, category: Values) -> None:
    """CTY-2: later siblings go one place on, if the caller wants them to."""
    position = category["ListOrder"]
    if position is None or not parameters(call).get("adjustListOrders"):
        return
    if any(name.lower() == "listorder" for name in call.body):
        where = (category["CatalogID"], category["ParentID"], position, category["ID"])
        await call.db.execute(MAKE_ROOM, call.marketplace_id, *where)


class CategoryAssignmentHooks(AssignmentHooks):
    """Assignments are made by the catalog's owner and by the seller (ORG-4)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await _require_own_catalog(call)

    async def check_delete(self, call: Call, old: Values) -> None:
        await _require_own_catalog(call)


async def _require_own_catalog(call: Call) -> None:
    await require_owner_of(call, OWNER, call.path["catalogID"], CatalogEditError)
