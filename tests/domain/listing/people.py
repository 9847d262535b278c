"""The model that the tests of the list language list: one field of every kind, and the worked set of FLT-8."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.listing.fields import Field, FieldKind, ListShape

STATUSES = ("Open", "AwaitingApproval", "Completed")

PEOPLE = ListShape(
    fields=(
        Field("ID", FieldKind.ID),
        Field("LastName", FieldKind.STRING),
        Field("FirstName", FieldKind.STRING),
        Field("CompanyID", FieldKind.ID),
        Field("Status", FieldKind.ENUM, enum_values=STATUSES),
        Field("Active", FieldKind.BOOLEAN),
        Field("Quantity", FieldKind.INTEGER),
        Field("Total", FieldKind.DECIMAL),
        Field("DateCreated", FieldKind.DATE),
        Field("Roles", FieldKind.LIST, item=FieldKind.STRING),
        Field(
            "Address",
            FieldKind.OBJECT,
            fields=(
                Field("City", FieldKind.STRING),
                Field("Floor", FieldKind.INTEGER),
                Field("Since", FieldKind.DATE),
                Field("Shared", FieldKind.BOOLEAN),
                Field("Status", FieldKind.ENUM, enum_values=STATUSES),
                Field("xp", FieldKind.XP),
            ),
        ),
        Field(
            "Breaks",
            FieldKind.LIST,
            fields=(
                Field("Name", FieldKind.STRING),
                Field("Price", FieldKind.DECIMAL),
                Field("xp", FieldKind.XP),
            ),
        ),
        Field("xp", FieldKind.XP),
    ),
    search=("LastName", "FirstName", "ID", "Status"),
    sort=(
        "LastName",
        "FirstName",
        "ID",
        "CompanyID",
        "Status",
        "Active",
        "Quantity",
        "Total",
        "DateCreated",
    ),
    parameters=frozenset({"buyerID", "level"}),
)


def person(id_: str, **values: Any) -> dict[str, Any]:
    """A whole item: what is not given is null."""
    return {field.name: None for field in PEOPLE.fields} | {"ID": id_} | values


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORKED = [
    person(
        "A",
        LastName="Smith",
        FirstName="John",
        DateCreated=day("2015-01-01"),
        Active=True,
        Status="Open",
        Quantity=5,
        Total=Decimal("12.50"),
        Roles=["Shopper", "MeAdmin"],
        Address={"City": "Oslo", "Floor": 2, "Shared": True, "Since": day("2020-01-01"), "xp": {"k": 1}},
        Breaks=[
            {"Name": "Low", "Price": Decimal(5)},
            {"Name": "High", "Price": Decimal("9.5"), "xp": {"a": ["z"]}},
        ],
        xp={"Color": "Blue", "Age": Decimal(26), "Tags": ["a", "b"], "Joined": "2019-05-01"},
    ),
    person(
        "B",
        LastName="Jones",
        FirstName="Johnny",
        DateCreated=day("2014-06-01"),
        Active=True,
        Status="AwaitingApproval",
        Quantity=10,
        Total=Decimal(100),
        Roles=[],
        Address={"City": "Rome", "Floor": None},
        Breaks=[],
        xp={"Color": "red", "Age": "30"},
    ),
    person(
        "C",
        LastName="Johnson",
        FirstName="John",
        DateCreated=day("2016-03-03T12:00:00"),
        Active=False,
        Status="Completed",
        Roles=["Shopper"],
        Breaks=[{"Name": "Low", "Price": Decimal(7)}],
        xp={"Color": None},
    ),
    person("D", FirstName="Amy", DateCreated=day("2017-01-01"), Active=True, Quantity=-1),
]
