"""What rests on a price schedule: assignments of products, and its being somebody's default (PS-2, PS-3, PAS-5)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.catalog.audience.tokens import refresh_products
from entrepot.kernel.errors import (
    ClearPriceBreaksError,
    ModifyCurrencyError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

ASSIGNED = """EXISTS (SELECT 1 FROM product_assignments WHERE marketplace_id = :marketplace_id AND "PriceScheduleID" = :schedule)"""
USES = Sql(f"""
SELECT {ASSIGNED} AS assigned,
       EXISTS (SELECT 1 FROM products WHERE marketplace_id = :marketplace_id AND "DefaultPriceScheduleID" = :schedule)
       OR EXISTS (SELECT 1 FROM product_suppliers
                  WHERE marketplace_id = :marketplace_id AND "DefaultPriceScheduleID" = :schedule) AS is_default
""").bound("marketplace_id", "schedule")
UNASSIGN = """
DELETE FROM product_assignments WHERE marketplace_id = $1 AND "PriceScheduleID" = $2
RETURNING "ProductID" AS changed_product_id, "BuyerID" AS changed_buyer
"""


async def check_uses(call: Call, old: Values, new: Values) -> None:
    """Refuse a change that those who use the price schedule could not bear. One statement, only for such a change."""
    emptied = bool(old["PriceBreaks"]) and not new["PriceBreaks"]
    revalued = (old["Currency"] or "").lower() != (new["Currency"] or "").lower()
    if not (emptied or revalued):
        return
    uses = await call.db.fetchrow(USES, call.marketplace_id, old["ID"])
    assert uses is not None
    if revalued and uses["assigned"]:
        raise ModifyCurrencyError
    if emptied and (uses["assigned"] or uses["is_default"]):
        raise ClearPriceBreaksError


async def unassign(call: Call, price_schedule: str) -> None:
    """Delete the product assignments that name the price schedule, with the sight of products that they gave (PAS-5)."""
    rows = await call.db.fetch(UNASSIGN, call.marketplace_id, price_schedule)
    await refresh_products(call, sorted({row["changed_product_id"] for row in rows}))
