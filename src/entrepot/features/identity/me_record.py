"""The caller's own record as the database has it: one statement, which also confirms the caller."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.identity.computed import (
    LOCALE,
    OF_BUYER,
    OF_SELLER,
    OF_SUPPLIER,
    available_roles,
)
from entrepot.features.identity.me_model import MeUser
from entrepot.kernel.user_types import UserType

COMPUTED = ("AvailableRoles", "Locale")
COLUMNS = ", ".join(
    f't."{column.name}"'
    for column in MeUser.__columns__.values()
    if column.stored and column.name not in COMPUTED
)
RENDER = renderer(MeUser).render


def _statement(company: str, locale: str, more: str, joins: str) -> str:
    """$1 marketplace, $2 user key. The user's columns are null where there is none."""
    sql = f"""
SELECT s.epoch AS _epoch, {COLUMNS}, ({available_roles(company)}) AS "AvailableRoles",
       {locale} AS "Locale"{more}
FROM security_epochs s LEFT JOIN users t ON t.marketplace_id = $1 AND t.key = $2{joins}
WHERE s.marketplace_id = $1
"""
    return sql.replace("{m}", "$1")


OF_TYPE = {
    UserType.SELLER: _statement(OF_SELLER, "NULL::json", "", ""),
    UserType.SUPPLIER: _statement(OF_SUPPLIER, "NULL::json", ', t."SupplierID" AS _company', ""),
    UserType.BUYER: _statement(
        OF_BUYER,
        f"({LOCALE})",
        ', t."BuyerID" AS _company, coalesce(b."DefaultCatalogID", g."DefaultCatalogID") AS _catalog',
        """
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = t."BuyerID"
LEFT JOIN buyer_groups g ON g.marketplace_id = $1 AND g."ID" = b."GroupID\"""",
    ),
}
"""By the kind of caller: nobody pays for what only others have."""


async def read_me(call: Call) -> dict[str, Any]:
    """The MeUser of the caller. Raises StaleStandingError when the caller's standing may have changed."""
    caller = call.principal
    row = await call.db.fetchrow(OF_TYPE[caller.user_type], caller.marketplace_id, caller.user_key)
    call.confirm(row["_epoch"] if row else None)
    assert row is not None
    return _wire(call, row)


async def read_me_after_write(call: Call) -> dict[str, Any]:
    """The same within the unit that changed the record, and with it perhaps the epoch."""
    caller = call.principal
    return _wire(
        call, await call.db.fetchrow(OF_TYPE[caller.user_type], caller.marketplace_id, caller.user_key)
    )


def _wire(call: Call, row: Any) -> dict[str, Any]:
    caller = call.principal
    item: dict[str, Any] = RENDER(row)
    item["Seller"] = {"ID": caller.marketplace}
    match caller.user_type:
        case UserType.SELLER:
            item["CompanyID"] = caller.marketplace
        case UserType.SUPPLIER:
            item["CompanyID"] = row["_company"]
            item["Supplier"] = {"ID": row["_company"]}
        case UserType.BUYER:
            item["CompanyID"] = row["_company"]
            item["Buyer"] = {"ID": row["_company"], "DefaultCatalogID": row["_catalog"]}
    return item
