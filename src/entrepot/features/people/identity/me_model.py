"""The caller's own record (AUTH-71)."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Id, Secret, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.people.configuration.resources import Locale as LocaleModel


class MeBuyer(Wire):
    """The buyer that the caller belongs to; its default catalog may come from its group (BUY-7)."""

    ID: Id = column(read_only=True, max=100)
    DefaultCatalogID: Id = column(read_only=True)


class MeSupplier(Wire):
    """The supplier that the caller belongs to."""

    ID: Id = column(read_only=True, max=100)


class MeSeller(Wire):
    """The marketplace."""

    ID: Id = column(read_only=True, max=100)


class MeUser(Wire):
    """The caller's own record, with its company."""

    Buyer: MeBuyer = column(read_only=True, stored=False)
    Supplier: MeSupplier = column(read_only=True, stored=False)
    Seller: MeSeller = column(read_only=True, stored=False)
    ID: Id = column(max=100)
    CompanyID: Id = column(read_only=True, stored=False)
    Username: Text = column(required=True, max=100)
    Password: Secret = column(write_only=True, stored=False)
    FirstName: Text = column(required=True, max=100)
    LastName: Text = column(required=True, max=100)
    Email: Text = column(required=True, nullable=True, max=200)  # null of a default user (PORT-13)
    Phone: Text = column(max=100)
    TermsAccepted: Date = column(nullable=True)
    Active: Bool = column(required=True)
    xp: Xp = column()
    AvailableRoles: list[Text] = column(read_only=True, stored=False)
    Locale: LocaleModel = column(read_only=True, stored=False)
    DateCreated: Date = column(read_only=True, nullable=True)
    LastActive: Date = column(read_only=True, nullable=True)
    PasswordLastSetDate: Date = column(read_only=True, nullable=True)


class TokenPasswordReset(Wire):
    """A new password for the caller."""

    NewPassword: Secret = column(required=True)
