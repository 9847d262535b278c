"""Rules of addresses, credit cards and spending accounts beyond the uniform verbs (catalog spec section 4)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.declare.resource import Hooks
from entrepot.domain.organizations.addresses import COUNTRY_LENGTH, missing_parts
from entrepot.engine.call import Call
from entrepot.engine.wire.refusals import required, too_long, too_short
from entrepot.kernel.errors import (
    AddressAssignmentPurposeError,
    BuyerAddressPurposeError,
    DeleteInventoryAddressError,
    DeleteSpendingAccountError,
    ValidationError,
)
from entrepot.kernel.money import round_money

Values = dict[str, Any]

HAS_RECORDS = """
SELECT EXISTS (SELECT 1 FROM inventory_records WHERE marketplace_id = $1 AND address_key = $2)
"""
HAS_PAYMENTS = "SELECT EXISTS (SELECT 1 FROM payments WHERE marketplace_id = $1 AND account_key = $2)"
MAX_CARD_TEXT = 500
"""Characters. The contract has no limit, but lists sort by these, and PostgreSQL limits the entries of an index."""


class AddressHooks(Hooks):
    """ADR-1, ADR-4"""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        errors = [required(name) for name in missing_parts(new["Country"], new["State"], new["Zip"])]
        if len(new["Country"]) < COUNTRY_LENGTH:
            errors.append(too_short("Country", COUNTRY_LENGTH))
        if errors:
            raise ValidationError(*errors)

    async def check_delete(self, call: Call, old: Values) -> None:
        # The address is locked, and whoever makes a record of it locks it too.
        if await call.db.fetchval(HAS_RECORDS, call.marketplace_id, old["key"]):
            raise DeleteInventoryAddressError


class BuyerAddressHooks(AddressHooks):
    """A user's private addresses: what they are for is stored with them (ADR-2)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        for name, column in (("Shipping", "shipping"), ("Billing", "billing")):
            if name in new:
                new[column] = new.pop(name)
        if not new["shipping"] and not new["billing"]:
            raise BuyerAddressPurposeError


class AddressAssignmentHooks(AssignmentHooks):
    """ADR-1"""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if not new["IsShipping"] and not new["IsBilling"]:
            raise AddressAssignmentPurposeError


class CreditCardHooks(Hooks):
    """Limits of what is sorted by."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        names = [name for name in ("CardType", "CardholderName") if len(new[name] or "") > MAX_CARD_TEXT]
        if names:
            raise ValidationError(*(too_long(name, MAX_CARD_TEXT) for name in names))


class SpendingAccountHooks(Hooks):
    """SPA-1; PAY-6: what payments were made from stays."""

    def normalise(self, values: Values, old: Values | None) -> None:
        values["Balance"] = round_money(values["Balance"])

    async def check_delete(self, call: Call, old: Values) -> None:
        if await call.db.fetchval(HAS_PAYMENTS, call.marketplace_id, old["key"]):
            raise DeleteSpendingAccountError
