"""How a buyer user sees addresses and credit cards: assigned ones and its own (ADR-2, CRD-1)."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.people.company_assets.reach import rows_of_thing
from entrepot.features.people.company_assets.resources import ADDRESS_ASSIGNMENTS


def purpose(column: str, setting: str) -> str:
    """What a private address was made for; of an assigned one, the union over the rows that reach the caller."""
    return f"""
SELECT CASE WHEN t.user_key IS NOT NULL THEN t.{column}
       ELSE (SELECT bool_or(a."{setting}") {rows_of_thing(ADDRESS_ASSIGNMENTS)}) END"""


EDITABLE = "SELECT t.user_key IS NOT NULL"


class BuyerAddress(Wire):
    """An address that its user may ship or bill to; editable if it is the user's own."""

    ID: Id = column(read_only=True, max=100)
    Shipping: Bool = column(computed=purpose("shipping", "IsShipping"))
    Billing: Bool = column(computed=purpose("billing", "IsBilling"))
    Editable: Bool = column(read_only=True, computed=EDITABLE)
    DateCreated: Date = column(read_only=True, nullable=True)
    CompanyName: Text = column(max=100)
    FirstName: Text = column(max=100)
    LastName: Text = column(max=100)
    Street1: Text = column(required=True, max=100)
    Street2: Text = column(max=100)
    City: Text = column(required=True, max=100)
    State: Text = column(max=100)
    Zip: Text = column(max=100)
    Country: Text = column(required=True, max=2)
    Phone: Text = column(max=100)
    AddressName: Text = column(max=100)
    xp: Xp = column()


class BuyerCreditCard(Wire):
    """A credit card that its user may pay with; editable if it is the user's own."""

    ID: Id = column(read_only=True, max=100)
    Editable: Bool = column(read_only=True, computed=EDITABLE)
    Token: Text = column(max=100)
    DateCreated: Date = column(read_only=True, nullable=True)
    CardType: Text = column()
    PartialAccountNumber: Text = column(max=5)
    CardholderName: Text = column()
    ExpirationDate: Date = column(nullable=True)
    xp: Xp = column()
