"""A small model with every kind of property, for the tests of this folder."""

from __future__ import annotations

import enum
from decimal import Decimal

from entrepot.declare.types import Bool, Date, Id, Int, Money, Secret, Text, Xp
from entrepot.declare.wire import Reference, Wire, column


class Hue(enum.StrEnum):
    """Spelled in mixed case, in a declared order."""

    Red = "Red"
    DarkBlue = "DarkBlue"
    Green = "Green"


class PriceBreak(Wire):
    """A list's element."""

    Quantity: Int = column(required=True, minimum=1)
    Price: Money = column()
    SalePrice: Money = column(nullable=True)


class Stock(Wire):
    """A nested object, with a property that the server fills and a secret."""

    Enabled: Bool = column()
    QuantityAvailable: Int = column(nullable=True)
    Cost: Money = column()
    RestockDate: Date = column(nullable=True)
    LastUpdated: Date = column(read_only=True, nullable=True)
    ApiKey: Text = column(write_only=True, max=10)


class Courier(Wire):
    """A nested object that requires something."""

    Name: Text = column(required=True, max=5)
    Speed: Int = column(default=3)
    xp: Xp = column()


class Thing(Wire):
    """Every kind of property."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Code: Text = column(min=3, max=8)
    OwnerID: Id = column(references=Reference("buyers"))
    Password: Secret = column(write_only=True, stored=False)
    Quantity: Int = column(minimum=1, maximum=10, default=1)
    ListOrder: Int = column()
    Limit: Int = column(nullable=True)
    Price: Money = column()
    SalePrice: Money = column(nullable=True, minimum=Decimal(0))
    Active: Bool = column()
    AutoForward: Bool = column(default=True)
    Special: Bool = column(nullable=True)
    StartDate: Date = column(nullable=True)
    Color: Hue = column()
    Level: Hue = column(default=Hue.Green)
    Tags: list[Text] = column(max=5)
    Colors: list[Hue] = column()
    PriceBreaks: list[PriceBreak] = column()
    Inventory: Stock = column()
    Carrier: Courier = column()
    DateCreated: Date = column(read_only=True)
    ProductCount: Int = column(read_only=True, computed="0")
    xp: Xp = column()


class Address(Wire):
    """For the worked error of the conventions with two entries."""

    Street1: Text = column(required=True, max=100)
    Street2: Text = column(max=100)
    City: Text = column(required=True, max=100)


class Target(Wire):
    """With a secret."""

    Name: Text = column()
    Secret: Text = column(write_only=True)


class Account(Wire):
    """Requires a secret."""

    User: Text = column(required=True)
    ApiKey: Text = column(required=True, write_only=True, max=10)


class Relay(Wire):
    """A nested object that holds another one."""

    Account: Account = column()


class Connection(Wire):
    """Requires secrets within, at two depths."""

    Name: Text = column(required=True)
    Account: Account = column()
    Spare: Relay = column()


class Delivery(Wire):
    """Secrets within a list; a single property."""

    Targets: list[Target] = column()
