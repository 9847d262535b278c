"""Hostile list requests over every list: exact refusals, and metacharacters that are nothing but data."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.world import World
from tests.http.driver import ask

from entrepot.app.registry import registry
from entrepot.domain.listing.page_key import encode_page_key

OPERATIONS = registry().operations
LISTS = sorted(
    name for name, operation in OPERATIONS.items() if operation.lists is not None and operation.built
)
PROPERTY, TYPE, QUERY = "List.InvalidProperty", "List.InvalidType", "Search.InvalidQuery"
SIZE, LARGE = "List.InvalidPageSize", "Search.ResultSetTooLarge"
SEARCH, SORT = "List.InvalidSearchProperty", "List.InvalidSortProperty"
EVERYWHERE: list[tuple[str, str | None]] = [
    *(
        (f"page={value}", TYPE)
        for value in ("0", "-1", "1e9", "1.0", "0x1", "abc", "%D9%A1", "1%00", "true", "1,2")
    ),
    ("page=" + "-" + "9" * 5000, TYPE),
    ("page=" + "x" * 15_000, TYPE),
    ("pageSize=" + "x" * 15_000, SIZE),
    ("page=" + "x" * 60_000, QUERY),
    ("pageSize=" + "1e99999999", SIZE),
    ("&" * 200, QUERY),
    (f"pageKey={encode_page_key(b'x=' + b'x' * 10_000_000, 1, 20)}", QUERY),
    *((f"page={value}", LARGE) for value in ("1000000000", "9" * 30, "9" * 5000, "100001")),
    *(
        (f"pageSize={value}", SIZE)
        for value in ("0", "-1", "101", "abc", "1e1", "1.5", "9" * 5000, "%00", "20;--")
    ),
    ("page=5001&pageSize=20", LARGE),
    *(
        (f"pageKey={value}", QUERY)
        for value in ("x", "A" * 50_000, "%00", "%FF", "..%2F..%2F", "====", "eJwDAAAAAAE")
    ),
    ("page=&pageSize=&pageKey=&search=&sortBy=", None),
    *((f"depth={depth}", None) for depth in ("all", "2")),
    ("page[]=1&pageSize%5B%5D=20", None),
    ("pageSize[]=101", SIZE),
    ("pageKey[]=x", QUERY),
    ("page=%2B1&PAGESIZE= 20 ", None),
    ("page=1&page=0", None),
    ("&&&", None),
]
"""Query strings, and the code of their refusal on every list."""
UNKNOWN = (
    *(f"{name}=1" for name in ("Nope", "", "ID.x", "__class__", "1=1 OR ID", "marketplace_id", "xp_value", "t.ID", "ID'")),
    "Nope",
    "Nope>1",
    "=1",
    "=",
    "filters=Nope%3D1",
    "filters=" + quote("filters=filters=Nope=1"),
)  # fmt: skip
"""Filters on what no model has."""
FILTERED: list[tuple[str, str | None]] = [
    *((f"sortBy={name}", PROPERTY) for name in ("Nope", "!Nope", "ID.x", "ID;DROP", "ID desc", "(SELECT 1)", "1", "%00", "ID%00", "*")),
    ("sortBy=" + "ID," * 51, QUERY),
    ("sortBy=" + "x" * 15_000, PROPERTY),
    ("sortBy=,,,", None),
    *((f"search=a&searchOn={name}", PROPERTY) for name in ("Nope", "ID.x", "*", "ID'", "%00", "a" * 2000)),
    ("search=a&searchOn=" + ",".join(f"n{n}" for n in range(51)), QUERY),
    ("searchOn=Nope", None),
    ("search[]=a", None),
    ("search[]=a&searchOn[]=Nope", PROPERTY),
    ("sortBy%5B%5D=Nope", PROPERTY),
    ("ID[]=a", PROPERTY),
    ("searchType=Nope", None),
    ("search=%00", QUERY),
    ("search=" + "a" * 60_000, QUERY),
    *((f"search={text}", None) for text in ("%FF", "%ED%A0%80", "%25", "_", "%5C", "'", "&", "%F0%9F%98%80")),
    *((query, PROPERTY) for query in UNKNOWN),
    *((f"{name}=1", PROPERTY) for name in ("%00", "ID%00", "a" * 2000)),
    ("&".join(["ID=a"] * 10_000), QUERY),
    ("filters=" + quote("&".join(["ID=a"] * 10_000)), QUERY),
    ("&".join(["ID=a"] * 50), None),
    ("&".join(["ID=a"] * 51), QUERY),
    ("&".join(["ID=a|b|!c"] * 25), None),
    ("&".join(["ID=a|b|!c"] * 26), QUERY),
    ("ID=" + "a" * 9000, TYPE),
    ("ID=" + "a|" * 50_000, QUERY),
    ("ID=" + "a|" * 999 + "a", None),
    ("ID=" + "a|" * 1000 + "a", QUERY),
    ("ID=" + "|" * 49, None),
    ("ID=" + "|" * 50, QUERY),
    ("ID=" + "a*" * 101, TYPE),
    ("ID=" + "a*" * 100, None),
    ("ID=" + "!" * 8192, None),
    ("ID=%00", TYPE),
    ("ID=*%00*", TYPE),
    *((f"ID={text}", None) for text in ("%FF", "%ED%A0%80", "%", "%2", "%zz", "%5C", "%5C%5C%5C", "\\", "!", "!!", ">", "=", "***", "|", "é")),
]  # fmt: skip
"""The same for lists with search, sorting and filters."""
PREMIUM: dict[str, str | None] = {"searchType=Nope": TYPE, "ID[]=a": None, **dict.fromkeys(UNKNOWN)}
"""What premium lists answer otherwise (SRCH-4, FLT-3)."""
XP: list[tuple[str, str | None]] = [
    ("sortBy=xp", SORT),
    ("search=a&searchOn=xp", SEARCH),
    ("xp.=1", None),
    ("xp..=1", None),
    ("xp." + "a." * 49 + "a=1", None),
    ("xp." + "a." * 50 + "a=1", PROPERTY),
    ("xp." + "a" * 997 + "=1", None),
    ("xp." + "a" * 998 + "=1", PROPERTY),
    ("xp.a%00=1", PROPERTY),
    ("xp.a=%00", TYPE),
    *((f"xp.a={text}", None) for text in (">1e999", "<-1e999", ">" + "9" * 8000, ">2021-02-30", ">9999-12-31T23:59:59-14:00", ">0001-01-01T00:00:00%2B14:00", "NaN", "Infinity", "null", "%7B%7D", "%5B%5D")),
    *((f"sortBy=xp.{name}", None) for name in ("a", "a.b", "0", "-1", "%27", "%22", "%5C", "$", "*", "[0]", "a b")),
]  # fmt: skip
"""The same for lists of models with xp."""


@pytest.mark.parametrize("name", LISTS)
async def test_hostile_queries(name: str, api: Api) -> None:
    """Security 1, LIST-1, LIST-4, LIST-6, SRCH-1, SRCH-5, FLT-2, FLT-4, tools F2, applications F6: the exact code; what has none is a
    page.
    """
    world = await World.create(api)
    operation = OPERATIONS[name]
    assert operation.lists is not None
    assert operation.returns is not None
    has_xp = "xp" in operation.returns.model.__columns__
    table = [*EVERYWHERE, *(() if operation.lists.bare else FILTERED)]
    table += XP if has_xp and not operation.lists.bare else []
    app, token, url = api.server.app, world.token(operation), await world.url(operation)
    for query, code in table:
        if "ID" in query and "ID" not in operation.returns.model.__columns__:
            continue
        if operation.lists.premium:
            code = PREMIUM.get(query, code)
        if name == "LineItems.ListAcrossOrders" and code is None and query.startswith("sortBy=xp."):
            code = "LineItem.MustSortByOrderFirst"
        answer = await ask(app, "GET", f"{url}?{query}", token=token)
        if code is None:
            assert answer.status == 200, (query[:200], answer.body)
            assert answer.json.keys() == {"Meta", "Items"}
            continue
        (entry,) = check_refusal(answer.status, answer.headers, answer.body)
        assert (answer.status, entry["ErrorCode"]) == (400, code), (query[:200], entry)
        assert len(answer.body) < 10_000, query[:200]
