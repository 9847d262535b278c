"""Whether an order may still be placed as it was begun: its user, the companies, the calculation (SUB-2.2, SUB-2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.domain.orders.submitting import Trading
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.catalog.inventory.address_text import address_object
from entrepot.features.trade.orders import people
from entrepot.features.trade.orders.changing import copy_user
from entrepot.features.trade.orders.companies import buyer_of, supplier_of
from entrepot.features.trade.orders.people import Person
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

ADDRESSES = Sql(f"""
SELECT json_agg({address_object("a")} ORDER BY a.user_key IS NOT NULL) FROM addresses a
WHERE a.marketplace_id = :marketplace_id AND a."ID" = ANY(:addresses::citext[])
  AND (a.user_key = :user_key OR a."BuyerID" = :buyer
       OR (:buyer::citext IS NULL AND a."BuyerID" IS NULL AND a."SupplierID" IS NULL AND a.user_key IS NULL))
""")
"""Of one ID the user's own address comes last."""
# The lock keeps the user from being deleted or moved while its order is submitted (USR-3, USR-4).
LOCK = " FOR KEY SHARE OF t"
TRADING = Sql(f"""
SELECT t.key, {people.COLUMNS}, ({ADDRESSES}) AS addresses, coalesce(b."Active", true) AS company_active,
       (:supplier::citext IS NULL OR EXISTS ({people.MAY_SELL_TO})) AS may_order,
       EXISTS (SELECT 1 FROM api_clients c
               WHERE c.marketplace_id = :marketplace_id AND c."ID" = :api_client AND c."OrderCheckoutIntegrationEventID" IS NOT NULL)
           AS has_checkout
FROM users t
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = :company
WHERE t.marketplace_id = :marketplace_id AND t.key = :user_key
""").bound("marketplace_id", "user_key", "company", "supplier", "buyer", "api_client", "addresses")
"""$1 marketplace, $2 the order's user, $3 the order's company, $4 the supplier it goes to, $5 the buyer it comes from,
$6 the caller's API client, $7 addresses."""


@dataclass(frozen=True, slots=True)
class Traders:
    """What holds of the order's user, None for one that is gone, and of the companies. addresses: those that the order names
    by ID, as they are now. has_checkout: an integration calculates the order (CHK-7).
    """

    user: Person | None
    addresses: list[Values]
    company_active: bool = True
    may_order: bool = True
    has_checkout: bool = False


async def read_trading(call: Call, loaded: Loaded, *, lock: bool) -> Traders:
    """One statement."""
    order = loaded.order
    row = await call.db.fetchrow(
        TRADING + (LOCK if lock else ""),
        call.marketplace_id,
        order["user_key"],
        buyer_of(order),
        supplier_of(order),
        buyer_of(order),
        call.principal.client_id,
        sorted(_named(loaded)),
    )
    if row is None:
        return Traders(None, [])
    loaded.has_checkout = row["has_checkout"]
    addresses = load(row["addresses"]) if row["addresses"] else []
    return Traders(
        people.person(row), addresses, row["company_active"], row["may_order"], row["has_checkout"]
    )


def put_trading(loaded: Loaded, found: Traders) -> Trading:
    """The copies of the user and of addresses that are set by ID become what these are now (MON-9)."""
    order, user = loaded.order, found.user
    if user is None:
        return Trading(user_active=False, order_currency=order["Currency"], user_currency=order["Currency"])
    copy_user(order, user)
    _copy_addresses(loaded, found.addresses)
    return Trading(
        user_active=user.active,
        company_active=found.company_active,
        receiver=order["ToCompanyID"],
        may_order=found.may_order,
        order_currency=order["Currency"],
        user_currency=user.currency,
    )


def is_calculated(loaded: Loaded, found: Traders) -> bool:
    """Whether the calculation of the order is current (CHK-7)."""
    return not found.has_checkout or bool((loaded.order["calculation"] or {}).get("Succeeded"))


def _copies(loaded: Loaded) -> Iterator[tuple[Values, str, str]]:
    """Where addresses stand: a row, its ID and its copy."""
    yield by_name(loaded.order), "BillingAddressID", "BillingAddress"
    yield by_name(loaded.order), "ShippingAddressID", "shipping_address"
    for line in loaded.lines:
        yield by_name(line), "ShippingAddressID", "ShippingAddress"


def _named(loaded: Loaded) -> set[str]:
    return {row[name].lower() for row, name, _ in _copies(loaded) if row[name]}


def _copy_addresses(loaded: Loaded, addresses: list[Values]) -> None:
    """What is gone stays as it was."""
    found = {address["ID"].lower(): address for address in addresses}
    for row, name, copy in _copies(loaded):
        address = found.get((row[name] or "").lower())
        if address is not None and row[copy] != address:
            row[copy] = address
