"""Bad input: every query string gives a request or a documented refusal, quickly (LIST, SRCH and FLT error codes)."""

import re
from contextlib import nullcontext
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.domain.listing.people import PEOPLE, WORKED

from entrepot.domain.listing.evaluate import like, page_of
from entrepot.domain.listing.folding import fold
from entrepot.domain.listing.page_key import encode_page_key
from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import ApiError, InvalidQueryError

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
        ("LastName=" + "x" * 8193, "List.InvalidType"),
        ("LastName=" + "x" * 100_000, "Search.InvalidQuery"),
        ("LastName=" + "*x" * 1000, "List.InvalidType"),
        ("LastName=" + "*" * 8000, None),
        ("&".join(f"LastName=!{n}" for n in range(50)), None),
        ("&".join(f"LastName=!{n}" for n in range(51)), "Search.InvalidQuery"),
        ("&".join(f"LastName=a|b|!{n}" for n in range(26)), "Search.InvalidQuery"),
        ("LastName=" + "|".join(f">{n}" for n in range(51)), "Search.InvalidQuery"),
        ("xp.a=" + "|".join(f"!{n}*" for n in range(1000)), "Search.InvalidQuery"),
        ("LastName=" + "a*" * 100, None),
        ("&".join(["LastName=" + "a*" * 100] * 3), "Search.InvalidQuery"),
        ("&".join(["ID=" + "|".join(map(str, range(501)))] * 2), "Search.InvalidQuery"),
        ("sortBy=ID&search=x&searchOn=xp.a,xp.b&" + "&".join(["ID=a"] * 47), None),
        ("sortBy=ID&search=x&searchOn=xp.a,xp.b&" + "&".join(["ID=a"] * 48), "Search.InvalidQuery"),
        ("&" * 200, "Search.InvalidQuery"),
        ("filters=" + "%26" * 200, "Search.InvalidQuery"),
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
        ("search=" + "x" * 1001, "Search.InvalidQuery"),
        ("search=" + "x" * 100_000, "Search.InvalidQuery"),
        ("x" * 10_000 + "=1", "List.InvalidProperty"),
        ("x" * 100_000 + "=1", "Search.InvalidQuery"),
        ("xp" + ".a" * 51 + "=1", "List.InvalidProperty"),
        ("xp" + ".a" * 50 + "=1", None),
        ("xp." + "k" * 997 + "=1", None),
        ("sortBy=" + ",".join(f"xp.{n}" for n in range(1000)), "Search.InvalidQuery"),
        ("search=x&searchOn=" + ",".join(f"xp.{n}" for n in range(1000)), "Search.InvalidQuery"),
        ("sortBy=" + "!" * 15_000 + "ID", None),
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
    """FLT-9, security 1, reliability R10, and the limits above what clients send."""
    assert code(query) == expected


WORDS = " ".join(f"word{n}" for n in range(51))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&".join("|".join(f"xp.a{c}_{n}" for n in range(10)) + "=1" for c in range(5)), None),
        (
            "&".join("|".join(f"xp.a{c}_{n}" for n in range(10)) + "=1" for c in range(6)),
            "Search.InvalidQuery",
        ),
        ("|".join(f"xp.a{n}" for n in range(51)) + "=1", "Search.InvalidQuery"),
        ("|".join(f"xp.a{n}" for n in range(26)) + "=1|!2", "Search.InvalidQuery"),
        (
            "|".join(f"xp.a{n}" for n in range(25)) + "=" + "|".join(map(str, range(41))),
            "Search.InvalidQuery",
        ),
        ("|" * 8000 + "=1", "Search.InvalidQuery"),
        (f"search={WORDS}&searchOn=ID", "Search.InvalidQuery"),
        (f"search={WORDS[:300]}&searchOn=ID", None),
        (f"search={WORDS[:300]}&searchOn=ID,xp.a", "Search.InvalidQuery"),
        ("search=the " + "the " * 200, None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_limits_of_premium_lists(query: str, expected: str | None) -> None:
    """Security 1: names times alternatives over all filters, and terms times fields."""
    assert code(query, premium=True) == expected


def test_dear_fields() -> None:
    """Security 1: fields that other tables are asked for cost several looks, wherever a query names them."""
    shape = replace(PREMIUM, dear=("Address",))
    for query, fits in {
        "&".join(["Address.City=a"] * 10): True,
        "&".join(["Address.City=a"] * 10) + "&ID=a": False,
        "ID|Address.City=!a|!b|!c|!d|!e|!f|!g|!h": True,
        "ID|Address.City=!a|!b|!c|!d|!e|!f|!g|!h|!i": False,
        "sortBy=Address.City&search=x&searchOn=Address.City&" + "&".join(["ID=a"] * 40): True,
        "sortBy=Address.City&search=x&searchOn=Address.City&" + "&".join(["ID=a"] * 41): False,
    }.items():
        expected = nullcontext() if fits else pytest.raises(InvalidQueryError)
        with expected:
            read_list_request(query, shape)


def bomb(query: bytes) -> str:
    """A page key of a query, made as the server makes them."""
    return f"pageKey={encode_page_key(query, 2, 20)}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (bomb(b"ID=" + b"a" * 8000), None),
        (bomb(b"ID=" + b"a" * 30_000_000), "Search.InvalidQuery"),
        (bomb(b"&".join([b"ID=a"] * 51)), "Search.InvalidQuery"),
        (bomb(b"&".join([b"x"] * 200)), "Search.InvalidQuery"),
        ("pageKey=" + "A" * 70_000, "Search.InvalidQuery"),
        (bomb(b"ID=a") + "&" * 300, "Search.InvalidQuery"),
        (bomb(b"ID=a") + "&ID=" + "b" * 30_000, None),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_limits_within_page_keys(query: str, expected: str | None) -> None:
    """LIST-6, security 1: a key is a query like any other, and is never made larger than one may be."""
    assert code(query) == expected


@given(
    st.text("aAb\u0130", max_size=12),
    st.lists(st.text("aAbi", max_size=3), min_size=1, max_size=5).map(tuple),
)
def test_patterns(text: str, pattern: tuple[str, ...]) -> None:
    """FLT-6: `*` is zero or more characters, as the regular expression of the same pieces has it."""
    expression = ".*".join(re.escape(fold(piece)) for piece in pattern)
    assert like(text, pattern) == (re.fullmatch(expression, fold(text), re.DOTALL) is not None)


def test_patterns_take_little_time() -> None:
    """Security 1: a regular expression would try about 10 to the 30th ways here, and this test would never end."""
    assert not like("a" * 8000, ("", *("a" * 1 for _ in range(99)), "b"))


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
