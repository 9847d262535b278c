"""Every stored value against every literal with every operator: SQL and the evaluator find the same (FLT-8)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from tests.domain.listing.people import PEOPLE, STATUSES, person
from tests.domain.listing.strategies import LOOKALIKES, SIGNS
from tests.storage.listing.people_table import found, insert

from entrepot.domain.listing.evaluate import page_of
from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import InvalidTypeError

TEXTS: tuple[str, ...] = (
    *LOOKALIKES,
    "Straße",
    "STRASSE",
    "İx",
    "ix",
    "a%b",
    "a_b",
    "a\\b",
    "a😀",
    "a",
    "A",
    "b",
)
NUMBERS = tuple(Decimal(text) for text in ("0", "-0.0", "26", "26.00", "-3", "1E+2", "1E-7", "0.5", "1E+999"))
INSTANTS = (
    *(datetime(2019, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, 8, 0, 30, 123000, tzinfo=UTC)),
    *(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
)
XP: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        [],
        {},
        [None],
        [[]],
        [["a"], "b"],
        {"v": 1},
        [{"v": "a"}],
        ["", "a"],
        [26, "x", True],
    ),
    *TEXTS,
    *NUMBERS,
)
OPERANDS = (
    *TEXTS,
    "*%b",
    "a%*",
    "a_*",
    "*_b",
    "*\\\\b",
    "*a",
    "a*",
    "*26*",
    "2*",
    "*.*",
    r"a\*",
    r"\!",
    "t*",
    "*-0*",
    "1e-7",
    "0.0000001*",
    "1*0",
)

PRICE_BREAKS: tuple[Any, ...] = (None, [], [{}], [{"Price": number} for number in NUMBERS[:4]])

STORED: dict[str, list[dict[str, Any]]] = {
    "xp.v": [{"xp": {"v": value}} for value in XP],
    "LastName": [{"LastName": text} for text in (None, *TEXTS)],
    "CompanyID": [{"CompanyID": text} for text in (None, "", "a", "A1", "a-1", "a_1", "b")],
    "Roles": [{"Roles": roles} for roles in (None, [], ["a", "b"], [""], ["A"], ["26", "a%b"])],
    "Total": [{"Total": number} for number in (None, *NUMBERS)],
    "Quantity": [{"Quantity": number} for number in (None, 0, 26, -3, 100, 2**31 - 1)],
    "DateCreated": [{"DateCreated": moment} for moment in (None, *INSTANTS)],
    "Status": [{"Status": status} for status in (None, *STATUSES)],
    "Active": [{"Active": active} for active in (None, True, False)],
    "Address.Floor": [{"Address": {"Floor": floor}} for floor in (None, 0, 26, -3)],
    "Address.Since": [{"Address": {"Since": moment}} for moment in (None, *INSTANTS[:2])],
    "Address.Shared": [{"Address": address} for address in (None, {}, {"Shared": True}, {"Shared": False})],
    "Breaks.Price": [{"Breaks": breaks} for breaks in PRICE_BREAKS],
}


@pytest.mark.parametrize("name", STORED)
async def test_operators(connection: asyncpg.Connection, name: str) -> None:
    """FLT-6, FLT-8: pages of 100 hold all items, in the default order and in that of the field."""
    here = 300 + list(STORED).index(name)
    items = [person(f"{number:03d}", **values) for number, values in enumerate(STORED[name])]
    assert len(items) <= 100
    await insert(connection, here, items)
    alternatives = dict.fromkeys(
        [sign + operand for sign in SIGNS for operand in (*OPERANDS, "*", "", "26|a|!b")]
    )
    tried = 0
    for alternative in alternatives:
        try:
            request = read_list_request(f"{name}={quote(alternative)}&pageSize=100", PEOPLE)
        except InvalidTypeError:
            continue
        expected = [item["ID"] for item in page_of(items, request, PEOPLE)]
        assert (alternative, *await found(connection, here, request)) == (
            alternative,
            expected,
            len(expected),
        )
        tried += 1
    assert tried > len(SIGNS)


@pytest.mark.parametrize("name", [*(PEOPLE.sort or ()), "xp.v"])
@pytest.mark.parametrize("sign", ["", "!"])
async def test_sorts(connection: asyncpg.Connection, name: str, sign: str) -> None:
    """SRCH-7, each field with values of its own and nulls."""
    here = 400 + 2 * [*(PEOPLE.sort or ()), "xp.v"].index(name) + len(sign)
    values: list[dict[str, Any]] = [
        {"xp": {"v": value}, "LastName": text} for value, text in zip(XP, (None, *TEXTS), strict=False)
    ]
    values += [{"Total": n, "CompanyID": "b" * (i % 3 + 1)} for i, n in enumerate(NUMBERS)]
    values += [{"Status": status, "Active": status == "Open", "Quantity": len(status)} for status in STATUSES]
    values += [{"DateCreated": moment, "FirstName": str(moment)} for moment in INSTANTS]
    items = [person(f"{number:03d}", **each) for number, each in enumerate(values)]
    await insert(connection, here, items)
    request = read_list_request(f"sortBy={sign}{name}&pageSize=100", PEOPLE)
    assert (await found(connection, here, request))[0] == [
        item["ID"] for item in page_of(items, request, PEOPLE)
    ]
