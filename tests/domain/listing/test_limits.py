"""Bad input: every query string gives a request or a documented refusal, quickly (LIST, SRCH and FLT error codes)."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.domain.listing.people import PEOPLE, WORKED

from entrepot.domain.listing.evaluate import page_of
from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import ApiError

DOCUMENTED = {
    "List.InvalidPageSize",
    "List.InvalidProperty",
    "List.InvalidSearchProperty",
    "List.InvalidSortProperty",
    "List.InvalidType",
    "Search.InvalidQuery",
    "Search.ResultSetTooLarge",
}
PREMIUM = replace(PEOPLE, premium=True, search=None, sort=None)
FRAGMENTS = (
    *("&", "=", "|", "!", ">", "<", "*", "\\", "%", "%00", "%ff", "%ED%A0%80", "+", ",", ".", "xp", "xp.a.b"),
    *("search", "searchOn", "sortBy", "page", "pageSize", "pageKey", "filters", "searchType", "LastName"),
    *(
        "Status",
        "Active",
        "Quantity",
        "DateCreated",
        "Address.City",
        "Roles",
        "1",
        "2020-01-01",
        "1/1/2020",
        "9" * 30,
    ),
)


def code(query: str | bytes, *, premium: bool = False) -> str | None:
    """The error code of a query; without one, the request must have worked on the worked set too."""
    shape = PREMIUM if premium else PEOPLE
    try:
        request = read_list_request(query, shape)
    except ApiError as error:
        return error.code if error.status == 400 else str(error.status)
    page_of(WORKED, request, shape)
    return None


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join), st.booleans())
@example("LastName=\ud800", False)
@example("\udfff=1", False)
def test_any_text(query: str, premium: bool) -> None:
    assert code(query, premium=premium) in {None, *DOCUMENTED}


@given(st.binary(max_size=40))
def test_any_bytes(query: bytes) -> None:
    assert code(query) in {None, *DOCUMENTED}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&".join(f"LastName=!{n}" for n in range(10_000)), "Search.InvalidQuery"),
        ("filters=" + "%26".join(["LastName=x"] * 10_000), "Search.InvalidQuery"),
        ("ID=" + "|".join(f"id-{n:017}" for n in range(100)), None),
        ("ID=" + "|".join(map(str, range(1500))), "Search.InvalidQuery"),
        ("LastName=" + "x" * 8000, None),
        ("LastName=" + "x" * 100_000, "List.InvalidType"),
        ("LastName=" + "*x" * 1000, "List.InvalidType"),
        ("LastName=" + "*" * 8000, None),
        ("LastName=" + "!" * 8000, None),
        ("xp.a=" + "9" * 8000, None),
        ("Total=" + "9" * 8000, "List.InvalidType"),
        ("Total=1e999999999", "List.InvalidType"),
        ("Total=1e999", None),
        ("Quantity=-1e999", None),
        ("Status=99999999999999999999999", "List.InvalidType"),
        ("Status=\u0661", "List.InvalidType"),
        ("LastName=a%00b", "List.InvalidType"),
        ("xp.a%00b=1", "List.InvalidProperty"),
        ("search=a%00b", "Search.InvalidQuery"),
        ("search=" + "x" * 100_000, "Search.InvalidQuery"),
        ("x" * 100_000 + "=1", "List.InvalidProperty"),
        ("xp" + ".a" * 51 + "=1", "List.InvalidProperty"),
        ("xp" + ".a" * 50 + "=1", None),
        ("xp." + "k" * 997 + "=1", None),
        ("sortBy=" + ",".join(f"xp.{n}" for n in range(1000)), "Search.InvalidQuery"),
        ("search=x&searchOn=" + ",".join(f"xp.{n}" for n in range(1000)), "Search.InvalidQuery"),
        ("sortBy=" + "!" * 50_000 + "ID", None),
        ("LastName=%ff%fe", None),
        ("LastName=" + quote("'; DROP TABLE users; --"), None),
        ("DateCreated=0001-01-01T00:00:00%2B14:00", "List.InvalidType"),
        ("DateCreated=1/1/2020 13:00:00 PM", "List.InvalidType"),
        ("DateCreated=2020-01-01T00:00:00%2B99:99", "List.InvalidType"),
        ("DateCreated=" + "1" * 8000, "List.InvalidType"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_limits(query: str, expected: str | None) -> None:
    """FLT-9, and the limits above what clients send."""
    assert code(query) == expected


def test_premium_names() -> None:
    """FLT-3, FLT-5: on premium lists an unknown name, or one in another case, finds nothing; names may be ORed."""
    found = {
        query: "".join(item["ID"] for item in page_of(WORKED, read_list_request(query, PREMIUM), PREMIUM))
        for query in (
            "lastname=Smith",
            "Nope=!1",
            "LastName|FirstName|Nope|xp.Color=Smith|Amy|Red",
            "sortBy=Address.City",
        )
    }
    assert found == {
        "lastname=Smith": "",
        "Nope=!1": "",
        "LastName|FirstName|Nope|xp.Color=Smith|Amy|Red": "ABD",
        "sortBy=Address.City": "CDAB",
    }
    assert code("ID|Active=*foo*", premium=True) == "List.InvalidType"
    assert code("search=x&searchType=nope", premium=True) == "List.InvalidType"
    assert code("search=x&searchType=exactphrase", premium=True) is None
