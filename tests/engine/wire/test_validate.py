"""Validation of bodies: BODY-1 to BODY-8, ID-1, ID-3, CONV-2 to CONV-4, ERR-5, XP-1, XP-2."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.wire.bodies import Address, Thing

from entrepot.declare.types import Int, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.kernel.errors import InvalidBodyError, ValidationError

EMPTY_THING: dict[str, Any] = {
    "ID": None,
    "Name": "n",
    "Code": None,
    "OwnerID": None,
    "Quantity": 1,
    "ListOrder": 0,
    "Limit": None,
    "Price": Decimal(0),
    "SalePrice": None,
    "Active": False,
    "AutoForward": True,
    "Special": None,
    "StartDate": None,
    "Color": None,
    "Level": "Green",
    "Tags": [],
    "Colors": [],
    "PriceBreaks": [],
    "Inventory": None,
    "Carrier": None,
    "xp": None,
}


def errors_of(model: type[Wire], payload: Any, *, partial: bool = False) -> list[tuple[str, dict[str, Any]]]:
    with pytest.raises(ValidationError) as raised:
        validate(model, payload, partial=partial)
    assert {item.code for item in raised.value.items()} == {"ValidationFailure"}
    return [(item.message, item.data) for item in raised.value.items()]


@pytest.mark.parametrize("payload", [None, [], [{}], "x", 5, True, Decimal(1)])
@pytest.mark.parametrize("partial", [False, True])
def test_body_must_be_an_object(payload: Any, partial: bool) -> None:
    """Section 4: JSON null, array or scalar for an object."""
    with pytest.raises(InvalidBodyError):
        validate(Thing, payload, partial=partial)


def test_full_fills_defaults_in_contract_order() -> None:
    """CONV-2: absent properties have their default; read-only and unstored ones are not there."""
    values = validate(Thing, {"Name": "n"}, partial=False)
    assert list(values.items()) == list(EMPTY_THING.items())
    values["Tags"].append("x")
    assert validate(Thing, {"Name": "n"}, partial=False)["Tags"] == []


def test_partial_gives_only_what_was_sent() -> None:
    """CONV-4"""
    assert validate(Thing, {}, partial=True) == {}
    assert list(validate(Thing, {"Limit": 2, "Name": "x"}, partial=True).items()) == [
        ("Name", "x"),
        ("Limit", 2),
    ]
    assert validate(Thing, {"ID": None}, partial=True) == {}
    assert validate(Thing, {"ID": ""}, partial=True) == {}


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"name": "a"}, "a"),
        ({"NAME": "a", "Name": "b"}, "b"),
        ({"Name": "b", "NAME": "a"}, "b"),
        ({"NAME": "a", "name": "b"}, "b"),
    ],
)
def test_names_match_in_any_case(payload: Any, name: str) -> None:
    """BODY-1"""
    assert validate(Thing, payload, partial=True) == {"Name": name}


def test_unknown_and_read_only_are_ignored() -> None:
    """BODY-2"""
    payload = {
        "Nope": object,
        "DateCreated": "junk",
        "ProductCount": {},
        "Inventory": {"LastUpdated": 7, "x": 1},
    }
    assert validate(Thing, payload, partial=True) == {"Inventory": {}}


class Closed(Wire, closed=True):
    """Of which nobody may send what it does not have."""

    Name: Text = column()
    Count: Int = column(read_only=True)


class Open(Wire):
    """Within a closed model."""

    Name: Text = column()


class Around(Wire, closed=True):
    """With a closed model within."""

    Inner: Closed = column()
    Other: Open = column()
    xp: Xp = column()


def test_unknown_within_a_closed_model_are_named_by_their_paths() -> None:
    """What is no closed model has whatever it is given."""
    payload = {"inner": {"Name": "a"}, "Other": {"Nmae": 1}, "xp": {"Nmae": 1}}
    assert validate(Around, payload, partial=False)["Inner"]["Name"] == "a"
    with pytest.raises(ValidationError) as refused:
        validate(Around, {**payload, "inner": {"Nmae": "a"}}, partial=False)
    assert [each.data["Property"] for each in refused.value.items()] == ["Inner.Nmae"]


@pytest.mark.parametrize("partial", [True, False])
def test_unknown_are_named_where_a_model_is_closed(partial: bool) -> None:
    """But for what is read only, in any case."""
    assert validate(Closed, {"NAME": "a", "count": 5}, partial=partial) == {"Name": "a"}
    with pytest.raises(ValidationError) as refused:
        validate(Closed, {"Nmae": "a", "Name": "b", "x" * 200: 1}, partial=partial)
    assert [each.data["Property"] for each in refused.value.items()] == ["Nmae", "x" * 100]


def test_write_only_are_accepted() -> None:
    """BODY-2, CONV-2"""
    assert validate(Thing, {"Name": "n", "password": "s"}, partial=False)["Password"] == "s"
    assert validate(Thing, {"Password": None}, partial=True) == {"Password": None}
    assert validate(Thing, {"Inventory": {"apikey": "k"}}, partial=True) == {"Inventory": {"ApiKey": "k"}}


NOON = datetime(2021, 2, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        # BODY-4
        ("Quantity", "5", 5),
        ("ListOrder", " -12 ", -12),
        ("ListOrder", Decimal("5.0"), 5),
        ("ListOrder", "1e2", 100),
        ("ListOrder", 2147483647, 2147483647),
        ("ListOrder", -2147483648, -2147483648),
        ("Active", "true", True),
        ("Active", "FALSE", False),
        ("Active", 1, True),
        ("Active", 0, False),
        ("Name", 5, "5"),
        ("Name", Decimal("12.50"), "12.5"),
        ("Name", Decimal("1E+3"), "1000"),
        ("Name", True, "true"),
        ("Name", " padded ", " padded "),
        ("OwnerID", "", None),
        ("OwnerID", 7, "7"),
        ("Limit", "", None),
        ("SalePrice", "", None),
        ("Special", "", None),
        ("StartDate", "", None),
        ("Color", "", None),
        ("Tags", ["a", 5, True], ["a", "5", "true"]),
        # BODY-5
        ("Color", "red", "Red"),
        ("Color", "DARKBLUE", "DarkBlue"),
        ("Color", 1, "DarkBlue"),
        ("Color", "2", "Green"),
        ("Colors", ["green", 0], ["Green", "Red"]),
        # BODY-6
        ("StartDate", "2021-02-08T12:00:00Z", NOON),
        ("StartDate", "2021-02-08T13:30:00.0000000+01:30", NOON),
        ("StartDate", "2021-02-08T12:00", NOON),
        ("StartDate", "2021-02-08", NOON.replace(hour=0)),
        ("StartDate", "2021-02-08T12:00:00.5678901", NOON.replace(microsecond=567000)),
        # BODY-7
        ("Price", 10, Decimal(10)),
        ("Price", Decimal("10.00"), Decimal(10)),
        ("Price", "12.50", Decimal("12.5")),
        ("Price", Decimal("0.30000000000000004"), Decimal("0.3")),
        ("Price", Decimal("0.000000015"), Decimal("0.00000002")),
        ("Price", Decimal("-0.000000015"), Decimal("-0.00000002")),
        ("Price", Decimal("99999999999999999999.99999999"), Decimal("99999999999999999999.99999999")),
        ("Price", Decimal("0E-500"), Decimal(0)),
        # CONV-4: null
        ("Code", None, None),
        ("Limit", None, None),
        ("ListOrder", None, 0),
        ("Quantity", None, 1),
        ("Price", None, Decimal(0)),
        ("Active", None, False),
        ("AutoForward", None, True),
        ("Special", None, None),
        ("Level", None, "Green"),
        ("Tags", None, []),
        ("Inventory", None, None),
        ("xp", None, None),
        ("xp", {}, {}),
        ("xp", {"b": {"c": [1, None]}, "a": 1}, {"b": {"c": [1, None]}, "a": 1}),
        # ID-1, ID-3
        ("ID", "aZ09-_", "aZ09-_"),
        ("ID", 12, "12"),
        ("ID", "x" * 100, "x" * 100),
        ("ID", "TestCorp-{config01}", "TestCorp-{config01}"),
        ("ID", "{" + "i" * 100 + "}{b}", "{" + "i" * 100 + "}{b}"),
        # BODY-8: exactly the limit, in characters
        ("Name", "😀" * 100, "😀" * 100),
        ("Code", "abc", "abc"),
        ("Quantity", 10, 10),
        ("Password", "p" * 256, "p" * 256),
    ],
)
def test_accepted(name: str, given: Any, value: Any) -> None:
    values = validate(Thing, {name: given}, partial=True)
    assert values.get(name) == value
    assert type(values.get(name)) is type(value)
    full = validate(Thing, {"Name": "n", name: given}, partial=False)
    assert full[name] == value


def required(path: str) -> tuple[str, dict[str, Any]]:
    return (f"{path} is required.", {"Property": path})


def invalid(path: str, label: str, value: Any = None) -> tuple[str, dict[str, Any]]:
    return (f"{path} is not a valid {label}.", {"Property": path, "Value": value})


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("Name", None, required("Name")),
        ("Name", "", required("Name")),
        ("Name", " \t\u00a0", required("Name")),
        ("Name", "x" * 101, ("Name cannot exceed 100 characters.", {"Property": "Name", "MaxLength": 100})),
        ("Name", {}, invalid("Name", "String")),
        ("Name", ["x"], invalid("Name", "String")),
        ("Code", "ab", ("Code must have at least 3 characters.", {"Property": "Code", "MinLength": 3})),
        ("Code", "", ("Code must have at least 3 characters.", {"Property": "Code", "MinLength": 3})),
        ("Quantity", "abc", invalid("Quantity", "Integer", "abc")),
        ("Quantity", "", invalid("Quantity", "Integer", "")),
        ("Quantity", Decimal("1.5"), invalid("Quantity", "Integer", Decimal("1.5"))),
        ("Quantity", True, invalid("Quantity", "Integer", True)),
        ("Quantity", "1_0", invalid("Quantity", "Integer", "1_0")),
        ("Quantity", "٣", invalid("Quantity", "Integer", "٣")),
        ("Quantity", [], invalid("Quantity", "Integer")),
        ("Limit", " ", invalid("Limit", "Integer", " ")),
        ("Quantity", 0, ("Quantity cannot be less than 1.", {"Property": "Quantity", "Minimum": 1})),
        ("Quantity", "11", ("Quantity cannot be more than 10.", {"Property": "Quantity", "Maximum": 10})),
        ("SalePrice", -1, ("SalePrice cannot be less than 0.", {"Property": "SalePrice", "Minimum": 0})),
        ("ListOrder", 2147483648, invalid("ListOrder", "Integer", 2147483648)),
        ("ListOrder", -2147483649, invalid("ListOrder", "Integer", -2147483649)),
        ("ListOrder", Decimal("1E+1000"), invalid("ListOrder", "Integer", Decimal("1E+1000"))),
        ("ListOrder", 10**4000, invalid("ListOrder", "Integer", "1" + "0" * 99)),
        ("Price", "ten", invalid("Price", "Decimal", "ten")),
        ("Price", "NaN", invalid("Price", "Decimal", "NaN")),
        ("Price", "Infinity", invalid("Price", "Decimal", "Infinity")),
        ("Price", False, invalid("Price", "Decimal", False)),
        ("Price", 10**20, invalid("Price", "Decimal", 10**20)),
        ("Price", Decimal("-1E+20"), invalid("Price", "Decimal", Decimal("-1E+20"))),
        (
            "Price",
            Decimal("99999999999999999999.999999999"),
            invalid("Price", "Decimal", Decimal("99999999999999999999.999999999")),
        ),
        ("Price", "9" * 500, invalid("Price", "Decimal", "9" * 100)),
        ("Active", "yes", invalid("Active", "Boolean", "yes")),
        ("Active", 2, invalid("Active", "Boolean", 2)),
        ("Active", "", invalid("Active", "Boolean", "")),
        ("StartDate", "soon", invalid("StartDate", "DateTime", "soon")),
        ("StartDate", "2021-02-30", invalid("StartDate", "DateTime", "2021-02-30")),
        ("StartDate", "0001-01-01T00:00+01:00", invalid("StartDate", "DateTime", "0001-01-01T00:00+01:00")),
        ("StartDate", 1612785600, invalid("StartDate", "DateTime", 1612785600)),
        ("Color", "Pink", invalid("Color", "Hue", "Pink")),
        ("Color", 3, invalid("Color", "Hue", 3)),
        ("Color", -1, invalid("Color", "Hue", -1)),
        ("Color", True, invalid("Color", "Hue", True)),
        ("Level", "", invalid("Level", "Hue", "")),
        ("Tags", "a", invalid("Tags", "Array", "a")),
        ("Tags", {"0": "a"}, invalid("Tags", "Array")),
        ("Tags", ["a", None], invalid("Tags[1]", "String")),
        ("Tags", ["a", {}], invalid("Tags[1]", "String")),
        (
            "Tags",
            ["abcdef"],
            ("Tags[0] cannot exceed 5 characters.", {"Property": "Tags[0]", "MaxLength": 5}),
        ),
        ("Colors", ["Red", "Pink"], invalid("Colors[1]", "Hue", "Pink")),
        ("PriceBreaks", [{"Quantity": 1}, {}], required("PriceBreaks[1].Quantity")),
        ("PriceBreaks", [5], invalid("PriceBreaks[0]", "Object", 5)),
        ("Inventory", "x", invalid("Inventory", "Object", "x")),
        ("Inventory", [], invalid("Inventory", "Object")),
        ("Inventory", {"QuantityAvailable": "x"}, invalid("Inventory.QuantityAvailable", "Integer", "x")),
        ("Carrier", {"Name": None}, required("Carrier.Name")),
        ("Carrier", {"Name": "n", "xp": []}, invalid("Carrier.xp", "Object")),
        ("xp", [], invalid("xp", "Object")),
        ("xp", 5, invalid("xp", "Object", 5)),
        ("xp", "{}", invalid("xp", "Object", "{}")),
        (
            "ID",
            "a.b",
            (
                "ID can hold only letters, digits, hyphens and underscores.",
                {"Property": "ID", "Value": "a.b"},
            ),
        ),
        (
            "ID",
            "a{b c}",
            (
                "ID can hold only letters, digits, hyphens and underscores.",
                {"Property": "ID", "Value": "a{b c}"},
            ),
        ),
        (
            "ID",
            "é",
            ("ID can hold only letters, digits, hyphens and underscores.", {"Property": "ID", "Value": "é"}),
        ),
        ("ID", "x" * 101, ("ID cannot exceed 100 characters.", {"Property": "ID", "MaxLength": 100})),
        ("ID", "{i}" * 101, ("ID cannot exceed 100 characters.", {"Property": "ID", "MaxLength": 100})),
        (
            "OwnerID",
            "x" * 101,
            ("OwnerID cannot exceed 100 characters.", {"Property": "OwnerID", "MaxLength": 100}),
        ),
        ("Password", {"x": 1}, invalid("Password", "String")),
        (
            "Password",
            "p" * 257,
            ("Password cannot exceed 256 characters.", {"Property": "Password", "MaxLength": 256}),
        ),
    ],
)
@pytest.mark.parametrize("partial", [False, True])
def test_refused(name: str, given: Any, error: tuple[str, dict[str, Any]], partial: bool) -> None:
    """Section 4's wording and Data, the same on POST, PUT and PATCH (BODY-4, BODY-8, ID-1, XP-1)."""
    payload = {"Name": "n", name: given}
    assert errors_of(Thing, payload, partial=partial) == [error]


def test_required_may_be_absent_only_in_a_patch() -> None:
    """BODY-8"""
    assert errors_of(Thing, {}) == [required("Name")]
    assert errors_of(Thing, {"Name": "n", "Carrier": {}}) == [required("Carrier.Name")]
    assert validate(Thing, {"Carrier": {}}, partial=True) == {"Carrier": {}}


def test_optional_texts_may_be_empty() -> None:
    """BODY-8: stored untrimmed."""
    given = {"Street1": " 1 ", "Street2": "", "City": "c"}
    assert validate(Address, given, partial=False) == given


def test_two_errors_at_once() -> None:
    """The worked example of section 4."""
    assert errors_of(Address, {"Street2": "x"}) == [required("Street1"), required("City")]


def test_errors_come_in_contract_order() -> None:
    """ERR-5"""
    payload = {"xp": 1, "Carrier": {"Speed": "x", "Name": ""}, "Limit": "x", "id": ".", "Colors": ["a", "b"]}
    assert [data["Property"] for _, data in errors_of(Thing, payload)] == [
        "ID",
        "Name",
        "Limit",
        "Colors[0]",
        "Carrier.Name",
        "Carrier.Speed",
        "xp",
    ]


def test_a_bad_list_is_one_error() -> None:
    """ERR-5, however long the list."""
    assert errors_of(Thing, {"Colors": ["?"] * 1_000_000}, partial=True) == [invalid("Colors[0]", "Hue", "?")]
    too_many = ("Colors cannot hold more than 10000 elements.", {"Property": "Colors", "MaxCount": 10_000})
    assert errors_of(Thing, {"Colors": ["Red"] * 10_001}, partial=True) == [too_many]
    assert len(validate(Thing, {"Colors": ["Red"] * 10_000}, partial=True)["Colors"]) == 10_000


def test_long_values_are_not_echoed_whole() -> None:
    assert errors_of(Thing, {"Color": "x" * 10_000}, partial=True) == [invalid("Color", "Hue", "x" * 100)]


def test_nested_objects_are_ready_for_json() -> None:
    """CONV-5, BODY-6: complete, in contract order, their dates in wire form."""
    payload = {
        "Name": "n",
        "inventory": {"restockdate": "2021-02-08T13:00:00.560+01:00", "Cost": Decimal("2.50"), "ApiKey": "k"},
        "PriceBreaks": [{"price": "3.10", "Quantity": 2}],
    }
    values = validate(Thing, payload, partial=False)
    assert list(values["Inventory"].items()) == [
        ("Enabled", False),
        ("QuantityAvailable", None),
        ("Cost", Decimal("2.5")),
        ("RestockDate", "2021-02-08T12:00:00.56+00:00"),
        ("LastUpdated", None),
        ("ApiKey", "k"),
    ]
    assert values["PriceBreaks"] == [{"Quantity": 2, "Price": Decimal("3.1"), "SalePrice": None}]
    patch = validate(
        Thing, {"Inventory": {"RestockDate": "2021-02-08"}, "PriceBreaks": [{"Quantity": 1}]}, partial=True
    )
    assert patch == {
        "PriceBreaks": [{"Quantity": 1, "Price": Decimal(0), "SalePrice": None}],
        "Inventory": {"RestockDate": "2021-02-08T00:00:00+00:00"},
    }


def test_xp_ends_at_8000_characters() -> None:
    """XP-2: of compact JSON, counted as characters, not bytes."""
    fitting = {"a": "é" * (8000 - len('{"a":""}'))}
    check_xp_size(fitting)
    check_xp_size(None)
    with pytest.raises(ValidationError) as raised:
        check_xp_size({"a": fitting["a"] + "x"})
    (item,) = raised.value.items()
    assert (item.message, item.data) == (
        "xp cannot exceed 8000 characters.",
        {"Property": "xp", "MaxLength": 8000},
    )
