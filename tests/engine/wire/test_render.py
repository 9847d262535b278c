"""Rows as the wire shows them: BODY-2, BODY-3, BODY-6, BODY-7, XP-1, AUTH-61."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.wire.bodies import Delivery, Thing

from entrepot.engine.wire.json import encode, parse
from entrepot.engine.wire.render import Renderer, page
from entrepot.kernel.money import plain, plain_text

ROW: dict[str, Any] = {
    "_epoch": 7,
    "xp": '{"z": 1.50, "a":{"é":"\\u00e9"}}',
    "ID": "one",
    "Name": "n",
    "Price": Decimal("10.00"),
    "SalePrice": None,
    "Active": True,
    "StartDate": datetime(2021, 2, 8, 23, 10, 0, 560000, tzinfo=UTC),
    "DateCreated": datetime(2021, 10, 6, 20, 6, 10, tzinfo=timezone(timedelta(hours=2))),
    "Level": "Green",
    "Tags": ["a", "b"],
    "PriceBreaks": '[{"Quantity":1,"Price":2.5,"SalePrice":null}]',
    "Inventory": '{"Enabled":true,"Cost":1,"ApiKey":"secret","Legacy":{"x":1}}',
    "ProductCount": 4,
    "key": 12,
    "Password": "hash",
}
TEXT = (
    '{"ID":"one","Name":"n","Code":null,"OwnerID":null,"Password":null,"Quantity":1,"ListOrder":0,"Limit":null,'
    '"Price":10,"SalePrice":null,"Active":true,"AutoForward":true,"Special":null,'
    '"StartDate":"2021-02-08T23:10:00.56+00:00","Color":null,"Level":"Green","Tags":["a","b"],"Colors":[],'
    '"PriceBreaks":[{"Quantity":1,"Price":2.5,"SalePrice":null}],'
    '"Inventory":{"Enabled":true,"Cost":1,"ApiKey":null,"Legacy":{"x":1}},"Carrier":null,'
    '"DateCreated":"2021-10-06T18:06:10+00:00","ProductCount":4,"xp":{"z": 1.50, "a":{"é":"\\u00e9"}}}'
)


def test_row_with_missing_and_further_columns() -> None:
    """BODY-3 order and nulls; the text of xp itself (XP-1); secrets null (AUTH-61, INT-4). What may not be null has its
    empty value, the first of an enumeration, or the earliest date (tools F4, behaviour C2).
    """
    assert encode(Renderer(Thing).render(ROW)).decode() == TEXT


def test_row_with_every_column() -> None:
    complete = {**dict.fromkeys(Thing.__columns__), **ROW}
    assert encode(Renderer(Thing).render(complete)).decode() == TEXT


def test_nothing_that_may_not_be_null_is() -> None:
    """Tools F4, behaviour C3: of a row without anything, and within objects that hold secrets, as old copies are."""
    rendered = Renderer(Thing).render(
        {"Name": "n", "Inventory": '{"Enabled":null,"Cost":null,"RestockDate":null,"ApiKey":1}'}
    )
    assert {name for name, value in rendered.items() if value is None} == {
        column.name for column in Thing.__columns__.values() if column.may_be_null
    } - {"Inventory"} | {"Color"}  # what callers write is for hooks to say
    assert rendered["DateCreated"] == "0001-01-01T00:00:00+00:00"
    inner = {"Enabled": False, "Cost": 0, "RestockDate": None, "ApiKey": None}
    assert parse(encode(rendered))["Inventory"] == inner


def test_values_instead_of_text() -> None:
    row = {"xp": {"b": 1, "a": 2}, "Inventory": {"ApiKey": "secret", "Enabled": False}, "PriceBreaks": []}
    text = encode(Renderer(Thing).render(row)).decode()
    assert '"xp":{"b":1,"a":2}' in text
    assert '"Inventory":{"ApiKey":null,"Enabled":false}' in text
    assert '"PriceBreaks":[]' in text


def test_secrets_within_lists() -> None:
    """INT-4, at any depth."""
    rendered = Renderer(Delivery).render({"Targets": '[{"Name":"n","Secret":"s"},null]'})
    assert encode(rendered) == b'{"Targets":[{"Name":"n","Secret":null},null]}'


def test_page() -> None:
    """SDK-5: exactly Meta and Items."""
    items = Renderer(Thing).render_all([ROW, ROW])
    assert encode(page({"Page": 1}, items)).decode() == f'{{"Meta":{{"Page":1}},"Items":[{TEXT},{TEXT}]}}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("10.00", "10"),
        ("12.50", "12.5"),
        ("100", "100"),
        ("1E+2", "100"),
        ("1.10E+1", "11"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("-0", "0"),
        ("0E+5", "0"),
        ("0E-12", "0"),
        ("-2.350", "-2.35"),
        ("0.00000010", "0.0000001"),
        ("1E+40", "1" + "0" * 40),
        ("123456789012345678901234567890.1234567890", "123456789012345678901234567890.123456789"),
        ("1E-300", "0." + "0" * 299 + "1"),
    ],
)
def test_plain_numbers(number: str, text: str) -> None:
    """BODY-7: no trailing zeros, no exponent, exact beyond 28 digits."""
    assert plain_text(Decimal(number)) == text
    assert plain(Decimal(number)).as_tuple() == Decimal(text).as_tuple()
    assert f'"Price":{text},' in encode(Renderer(Thing).render({"Price": Decimal(number)})).decode()
