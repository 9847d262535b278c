"""Records without what tells who somebody is (ADR 0047): names, addresses, e-mails, phones, usernames and texts that people wrote.

It goes by the names of properties, wherever they stand, also in what orders have kept; addresses of mail are found in every text,
so that an expression that names one still holds for whom it held. IDs stay, and what says something of things: products,
catalogs, prices, suppliers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from entrepot.domain.pseudonyms import Pseudonyms
from entrepot.features.seeding.placeholders import MARKETPLACE, REDACTED
from entrepot.features.seeding.remote.trading import WORKSHEETS

Values = dict[str, Any]
KEPT = frozenset({MARKETPLACE, REDACTED})
BUYERS = "Buyers"
"""Their names tell who somebody is, also where they stand in their default catalogs, which have their IDs (BUY-1). Suppliers show
theirs to everybody."""
COLLECTIONS = "ProductCollections"
"""What somebody of a buyer has called them."""
PEOPLE = frozenset({"FirstName", "Street1", "CardholderName", "FromUserID", "BuyerID", "Comments"})
"""Properties of models that are about people: the xp of such a record is theirs, too."""
_COST = {"n": 2**14, "r": 8, "p": 1}


def key_of(secret: str, marketplace: str) -> bytes:
    """A key that is the same for each clone by the same API client, and unknown to whoever has only the clone."""
    return hashlib.scrypt(secret.encode(), salt=marketplace.lower().encode(), dklen=32, **_COST)


class Anonymizer:
    """is_buyer: whether a buyer has this ID. keeps_xp: whether xp is left as it is, but for addresses of mail."""

    def __init__(self, key: bytes, is_buyer: Callable[[str], bool], *, keeps_xp: bool = False) -> None:
        self._is_buyer = is_buyer
        self._made = made = Pseudonyms(key)
        self._keeps_xp = keeps_xp
        self._rules: Mapping[str, Callable[[str], str]] = {
            "Email": made.email,
            "Username": made.username,
            "DefaultContextUserName": made.username,
            "Phone": made.phone,
            "CompanyName": lambda text: made.word("Company", text),
            "AddressName": lambda text: made.word("Address", text),
            "Street1": lambda text: made.word("Street", text),
            "Street2": lambda text: made.word("Unit", text),
            "City": lambda text: made.word("Town", text),
            "Zip": made.shape,
            "CardholderName": made.full_name,
            "PartialAccountNumber": made.shape,
            "Token": lambda text: made.word("token", text),
            "TrackingNumber": made.shape,
            "ShippingAccount": made.shape,
            "Account": made.shape,
            "UnhandledErrorBody": lambda text: made.word("Answer", text),
            "Comments": lambda text: made.word("Comment", text),
        }

    def record(self, kind: str, record: Values) -> Values:
        """A record of a kind; of what belongs to orders, the item and where it was."""
        if "Item" in record:
            # What integrations have answered is about the order in whatever depth; a line has its product's xp, too.
            item = self._object(record["Item"], about_people=True, deep=kind == WORKSHEETS)
            return {**record, "Item": item}
        changed = self._object(record)
        if kind == BUYERS or (kind == "Catalogs" and self._is_buyer(str(record.get("ID")))):
            for name in ("Name", "Description"):
                if record.get(name):
                    changed[name] = self._made.word("Company", str(record[name]))
        if kind == COLLECTIONS:
            changed["Name"] = self._made.word("Collection", str(record["Name"]))
        return changed

    def _object(self, values: Values, *, about_people: bool = False, deep: bool = False) -> Values:
        """deep: whether what is within is about people, too."""
        about_people = about_people or not PEOPLE.isdisjoint(values)
        changed = {
            name: self._value(name, value, about_people=about_people, deep=deep)
            for name, value in values.items()
        }
        first, last = values.get("FirstName"), values.get("LastName")
        if first:
            changed["FirstName"] = self._made.first_name(str(first), str(last or ""))
        if last:
            changed["LastName"] = self._made.last_name(str(first or ""), str(last))
        if "SpecID" in values and values.get("Value") and not values.get("OptionID"):
            # What a shopper has typed: a text to be engraved, for one.
            changed["Value"] = self._made.word("Text", str(values["Value"]))
        return changed

    def _value(self, name: str, value: Any, *, about_people: bool, deep: bool) -> Any:
        if name == "xp":
            return self._xp(value, masked=about_people and not self._keeps_xp)
        if isinstance(value, dict):
            return self._object(value, about_people=about_people and deep, deep=deep)
        if isinstance(value, list):
            return [self._value(name, each, about_people=about_people, deep=deep) for each in value]
        if not isinstance(value, str) or not value or value in KEPT:
            return value
        rule = self._rules.get(name)
        return self._made.without_emails(value) if rule is None else rule(value)

    def _xp(self, value: Any, *, masked: bool) -> Any:
        """Texts of people's xp become others; its keys, numbers and flags stay."""
        if isinstance(value, dict):
            return {name: self._xp(each, masked=masked) for name, each in value.items()}
        if isinstance(value, list):
            return [self._xp(each, masked=masked) for each in value]
        if not isinstance(value, str) or not value:
            return value
        found = self._made.without_emails(value)
        return self._made.word("Text", value) if masked and found == value else found
