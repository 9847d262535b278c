"""The caller's own record as the database has it: one statement, which also confirms the caller, and one for what its company
gives where that is not remembered.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.credentials.default_users import FIRST_NAME, LAST_NAME
from entrepot.features.people.identity.computed import OWN_GIFTS
from entrepot.features.people.identity.me_model import MeUser
from entrepot.features.people.services import services
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.prewritten import Texts

COLUMNS = ", ".join(f't."{column.name}"' for column in MeUser.__columns__.values() if column.stored)
RENDER = renderer(MeUser).render


def _statement(more: str = "", joins: str = "") -> str:
    """$1 marketplace, $2 user key. The user's columns are null where there is none."""
    return f"""
SELECT s.epoch AS _epoch, {COLUMNS}, ({OWN_GIFTS}) AS _own{more}
FROM security_epochs s LEFT JOIN users t ON t.marketplace_id = $1 AND t.key = $2{joins}
WHERE s.marketplace_id = $1
"""


OF_ANYBODY = _statement()
OF_BUYERS = _statement(
    ', coalesce(b."DefaultCatalogID", g."DefaultCatalogID") AS _catalog',
    """
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = t."BuyerID"
LEFT JOIN buyer_groups g ON g.marketplace_id = $1 AND g."ID" = b."GroupID\"""",
)


DEFAULT_USER = {"FirstName": FIRST_NAME, "LastName": LAST_NAME, "Active": True, "AvailableRoles": []}
"""What a default user's record says; all else is null but for who it is (PORT-13)."""


async def read_me(call: Call) -> dict[str, Any]:
    """The MeUser of the caller. Raises StaleStandingError when the caller's standing may have changed."""
    caller = call.principal
    if caller.is_default_user:
        return await _default_user(call)
    company = None if caller.user_type is UserType.SELLER else caller.company_id
    texts = await services(call).gifts.texts(call, caller.user_type, company)
    statement = OF_BUYERS if caller.user_type is UserType.BUYER else OF_ANYBODY
    row: Any = await call.db.fetchrow(statement, caller.marketplace_id, caller.user_key)
    call.confirm(row["_epoch"] if row else None)
    return _wire(call, row, texts)


async def _default_user(call: Call) -> dict[str, Any]:
    await confirm_standing(call)
    caller = call.principal
    who = {"ID": caller.user_id, "Username": caller.username, "CompanyID": caller.company_id}
    return {**dict.fromkeys(MeUser.__columns__), **DEFAULT_USER, **who, "Seller": {"ID": caller.marketplace}}


def _wire(call: Call, row: Any, texts: Texts) -> dict[str, Any]:
    caller = call.principal
    item: dict[str, Any] = RENDER(row)
    own = row["_own"]
    for name, text in texts(None if own is None else own.encode()).items():
        item[name] = Raw(text)
    item["Seller"] = {"ID": caller.marketplace}
    match caller.user_type:
        case UserType.SUPPLIER:
            item["Supplier"] = {"ID": item["CompanyID"]}
        case UserType.BUYER:
            item["Buyer"] = {"ID": item["CompanyID"], "DefaultCatalogID": row["_catalog"]}
    return item
