"""What is stored and what was sent: CONV-2, CONV-4, CONV-5, XP-4."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.wire.bodies import Connection, Thing

from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.kernel.errors import ValidationError

XP = {"a": 1, "b": {"c": 2, "d": 3}, "e": [1, 2]}


@pytest.mark.parametrize(
    ("stored", "patch", "result"),
    [
        (XP, {"b": {"c": 9}}, {"a": 1, "b": {"c": 9, "d": 3}, "e": [1, 2]}),
        (XP, {"e": [7]}, {"a": 1, "b": {"c": 2, "d": 3}, "e": [7]}),
        (XP, {"a": None}, {"a": None, "b": {"c": 2, "d": 3}, "e": [1, 2]}),
        (XP, {"b": 5}, {"a": 1, "b": 5, "e": [1, 2]}),
        (None, {"a": 1}, {"a": 1}),
        (XP, {}, XP),
        (XP, None, None),
        (None, {}, {}),
        (XP, {"a": {"x": {"y": None}}}, {"a": {"x": {"y": None}}, "b": {"c": 2, "d": 3}, "e": [1, 2]}),
        (XP, {"b": {"d": {"z": 1}}}, {"a": 1, "b": {"c": 2, "d": {"z": 1}}, "e": [1, 2]}),
        (XP, {"A": 2}, {"a": 1, "b": {"c": 2, "d": 3}, "e": [1, 2], "A": 2}),
    ],
)
def test_xp(stored: Any, patch: Any, result: Any) -> None:
    """XP-4, the table of the conventions first."""
    before = copy.deepcopy((stored, patch))
    merged = merge(Thing, {"Name": "n", "xp": stored}, validate(Thing, {"xp": patch}, partial=True))
    assert merged == {"Name": "n", "xp": result}
    assert list(merged["xp"] or ()) == list(result or ())
    assert (stored, patch) == before


STOCK = {
    "Enabled": True,
    "QuantityAvailable": 5,
    "Cost": Decimal(2),
    "RestockDate": None,
    "LastUpdated": "2021-02-08T12:00:00+00:00",
    "ApiKey": "k",
}
STORED = {
    "ID": "one",
    "Name": "n",
    "Limit": 3,
    "Tags": ["a", "b"],
    "PriceBreaks": [{"Quantity": 1, "Price": Decimal(1), "SalePrice": None}],
    "Inventory": STOCK,
    "Carrier": None,
    "DateCreated": "then",
    "xp": XP,
    "search_text": "n",
}
COURIER = {"Name": "n", "Speed": 3, "xp": None}


@pytest.mark.parametrize(
    ("patch", "changes"),
    [
        ({}, {}),
        ({"Limit": None}, {"Limit": None}),
        ({"Name": "N"}, {"Name": "N"}),
        ({"ID": None}, {}),
        ({"ID": "two"}, {"ID": "two"}),
        ({"DateCreated": "2020-01-01"}, {}),
        ({"Inventory": {"QuantityAvailable": 999}}, {"Inventory": {**STOCK, "QuantityAvailable": 999}}),
        ({"Inventory": {"LastUpdated": None}}, {}),
        ({"Inventory": None}, {"Inventory": None}),
        ({"Tags": ["c"]}, {"Tags": ["c"]}),
        (
            {"PriceBreaks": [{"Quantity": 9}]},
            {"PriceBreaks": [{"Quantity": 9, "Price": 0, "SalePrice": None}]},
        ),
        ({"Carrier": {"Name": "n"}}, {"Carrier": COURIER}),
        ({"Carrier": {"Name": "n", "xp": {"a": 1}}}, {"Carrier": {**COURIER, "xp": {"a": 1}}}),
        ({"xp": None}, {"xp": None}),
    ],
)
def test_patch(patch: Any, changes: Any) -> None:
    """CONV-4, CONV-5: only what is named; objects recursively, arrays whole."""
    merged = merge(Thing, STORED, validate(Thing, patch, partial=True))
    assert merged == {**STORED, **changes}


def test_a_new_nested_object_needs_what_it_requires() -> None:
    """CONV-5, BODY-8"""
    patch = validate(Thing, {"Carrier": {"Speed": 1}}, partial=True)
    with pytest.raises(ValidationError) as raised:
        merge(Thing, STORED, patch)
    (item,) = raised.value.items()
    assert (item.message, item.data) == ("Carrier.Name is required.", {"Property": "Carrier.Name"})
    assert merge(Thing, {**STORED, "Carrier": COURIER}, patch)["Carrier"] == {**COURIER, "Speed": 1}


def test_nested_objects_keep_contract_order() -> None:
    """BODY-3: also where an object was stored before a property was declared."""
    older = {"xp": {"b": 1}, "Name": "n", "Legacy": 1}
    merged = merge(Thing, {**STORED, "Carrier": older}, {"Carrier": {"xp": {"a": 2}}})
    assert list(merged["Carrier"].items()) == [
        ("Name", "n"),
        ("Speed", 3),
        ("xp", {"b": 1, "a": 2}),
        ("Legacy", 1),
    ]


def test_put_keeps_read_only_values_and_unsent_secrets() -> None:
    """CONV-2"""
    put = validate(Thing, {"Name": "m", "Inventory": {"Enabled": False}}, partial=False)
    replaced = replace(Thing, STORED, put)
    assert replaced["DateCreated"] == "then"
    assert replaced["search_text"] == "n"
    assert (replaced["Name"], replaced["Limit"], replaced["Tags"], replaced["xp"]) == ("m", None, [], None)
    assert replaced["Inventory"] == {
        "Enabled": False,
        "QuantityAvailable": None,
        "Cost": 0,
        "RestockDate": None,
        "LastUpdated": STOCK["LastUpdated"],
        "ApiKey": "k",
    }
    put = validate(Thing, {"Name": "m", "Inventory": {"ApiKey": "new"}}, partial=False)
    assert replace(Thing, STORED, put)["Inventory"]["ApiKey"] == "new"
    assert replace(Thing, {**STORED, "Inventory": None}, put)["Inventory"]["LastUpdated"] is None


ACCOUNT = {"User": "u", "ApiKey": "k"}
CONNECTION = {"Name": "n", "Account": ACCOUNT, "Spare": {"Account": ACCOUNT}}


@pytest.mark.parametrize(
    ("stored", "payload", "lacking"),
    [
        (CONNECTION, {"Account": {"User": "v"}, "Spare": {"Account": {"User": "v", "ApiKey": None}}}, []),
        (CONNECTION, {"Account": {"User": "v", "ApiKey": " "}}, ["Account.ApiKey"]),
        (CONNECTION, {"Spare": {"Account": {"User": "v", "apikey": ""}}}, ["Spare.Account.ApiKey"]),
        (
            {**CONNECTION, "Account": None, "Spare": None},
            {"Account": {"User": "v"}, "Spare": {"Account": {"User": "v"}}},
            ["Account.ApiKey", "Spare.Account.ApiKey"],
        ),
        (
            {**CONNECTION, "Spare": {"Account": None}},
            {"Spare": {"Account": {"User": "v"}}},
            ["Spare.Account.ApiKey"],
        ),
        (CONNECTION, {}, []),
    ],
)
def test_put_needs_required_secrets_only_where_none_is_stored(
    stored: dict[str, Any], payload: dict[str, Any], lacking: list[str]
) -> None:
    """BODY-8, CONV-2"""
    values = validate(Connection, {"Name": "n", **payload}, partial=False, keeps_secrets=True)
    if lacking:
        with pytest.raises(ValidationError) as raised:
            replace(Connection, stored, values)
        assert [item.data["Property"] for item in raised.value.items()] == lacking
        return
    replaced = replace(Connection, stored, values)
    for outer, kept in ((replaced, stored), (replaced["Spare"] or {}, stored["Spare"])):
        if outer.get("Account"):
            assert outer["Account"] == {"User": "v", "ApiKey": kept["Account"]["ApiKey"]}


def test_secrets_are_required_of_what_replaces_nothing() -> None:
    """BODY-8: all bad properties at once, other limits included in both ways."""
    with pytest.raises(ValidationError) as raised:
        validate(Connection, {"Account": {"User": "v"}}, partial=False)
    assert [item.data["Property"] for item in raised.value.items()] == ["Name", "Account.ApiKey"]
    with pytest.raises(ValidationError) as raised:
        validate(Connection, {"Account": {"ApiKey": "k" * 11}}, partial=False, keeps_secrets=True)
    properties = [item.data["Property"] for item in raised.value.items()]
    assert properties == ["Name", "Account.User", "Account.ApiKey"]
