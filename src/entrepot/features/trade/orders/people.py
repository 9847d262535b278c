"""Who an order is from and to: copies of users, and companies that may trade (ORD-10 to ORD-13, ORD-18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.identity.computed import COMPANY_ID, LOCALE
from entrepot.features.trade.orders.models.orders import OrderUser
from entrepot.kernel.errors import NotFoundError, UserGoneError, UserTypeError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

COMPUTED = {"CompanyID": COMPANY_ID, "Locale": LOCALE, "AvailableRoles": "NULL::text[]", "Password": "NULL"}
COLUMNS = ", ".join(
    f'({COMPUTED[name]}) AS "{name}"' if name in COMPUTED else f't."{name}"' for name in OrderUser.__columns__
)
COLUMNS += ', t."BuyerID" IS NULL AND t."SupplierID" IS NULL AS is_seller'
BY_KEY = Sql(f"""
SELECT t.key, {COLUMNS}, ({READ_EPOCH}) AS epoch FROM users t WHERE t.marketplace_id = :marketplace_id AND t.key = :user_key
""").bound("marketplace_id", "user_key")
BY_ID = Sql(f"""
SELECT t.key, {COLUMNS} FROM users t
WHERE t.marketplace_id = :marketplace_id AND t."BuyerID" = :buyer AND t."ID" = :user
""").bound("marketplace_id", "buyer", "user")
MAY_SELL_TO = Sql("""
SELECT s."ID" FROM suppliers s
WHERE s.marketplace_id = :marketplace_id AND s."ID" = :supplier AND s."Active"
  AND (:buyer::citext IS NULL OR s."AllBuyersCanOrder"
       OR EXISTS (SELECT 1 FROM supplier_buyers r
                  WHERE r.marketplace_id = :marketplace_id AND r."SupplierID" = s."ID" AND r."BuyerID" = :buyer))
""")
_MAY_SELL_TO = MAY_SELL_TO.bound("marketplace_id", "supplier", "buyer")
_render = renderer(OrderUser).render


@dataclass(frozen=True, slots=True)
class Person:
    """The user an order is from. `wire` is the OrderUser as it is now."""

    key: int
    id: str
    company: str
    is_seller: bool
    """Whether the company is the marketplace owner; else it is a buyer."""
    wire: Values
    active: bool
    currency: str | None


async def user_of_key(call: Call, key: int) -> Person | None:
    """The user; None for one that is gone. Confirms the caller where nothing has. Raises StaleStandingError."""
    row = await call.db.fetchrow(BY_KEY, call.marketplace_id, key)
    if row is None:
        return None
    if not call.confirmed:
        call.confirm(row["epoch"])
    return person(row)


async def caller_itself(call: Call) -> Person:
    """The user that the caller is. Raises UserTypeError for a default user, of whom nothing can be (PORT-13)."""
    if call.principal.is_default_user:
        raise UserTypeError
    own = await user_of_key(call, call.principal.user_key)
    if own is None:
        raise UserGoneError
    return own


async def user_of_buyer(call: Call, buyer: str, user: str) -> Person | None:
    """The user of this ID in the buyer; None where there is none."""
    row = await call.db.fetchrow(BY_ID, call.marketplace_id, buyer, user)
    return None if row is None else person(row)


def person(row: asyncpg.Record) -> Person:
    """The user of a row that has `key` and COLUMNS."""
    # Through text, so that a copy in memory is what the same copy from the database is.
    wire: Values = load(dump(_render(row)))
    locale = wire["Locale"] or {}
    return Person(
        row["key"],
        row["ID"],
        row["CompanyID"],
        row["is_seller"],
        wire,
        row["Active"],
        locale.get("Currency"),
    )


@dataclass(frozen=True, slots=True)
class Receiver:
    """The company that an order goes to, by its stored ID."""

    id: str
    is_seller: bool
    """Else a supplier."""


async def receiver(call: Call, wanted: str | None, buyer: str | None) -> Receiver:
    """The company that an order goes to; the marketplace owner unless a supplier is named.

    For a buyer it must be one that sells to it (BUY-6), else 404 Supplier.
    """
    if not wanted or wanted.lower() == call.principal.marketplace.lower():
        return Receiver(call.principal.marketplace, is_seller=True)
    found: str | None = await call.db.fetchval(_MAY_SELL_TO, call.marketplace_id, wanted, buyer)
    if found is None:
        raise NotFoundError("Supplier", wanted)
    return Receiver(found, is_seller=False)
