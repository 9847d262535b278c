"""Hostile list requests over every list: exact refusals, and metacharacters that are nothing but data.

In full at one list of each reader (tests/api/readers.py), and with one row of each class at all others; the lists of an area in
one marketplace.
"""

from __future__ import annotations

from itertools import chain
from urllib.parse import quote
from zlib import crc32

from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.readers import LIST_READERS, QUERY, watching
from tests.api.world import World, area
from tests.http.driver import ask
from tests.rows import by, tabled

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.domain.listing.page_key import encode_page_key

OPERATIONS = registry().operations
LISTS = sorted(name for name, operation in OPERATIONS.items() if operation.lists is not None)
LISTS_OF = by(lambda name: area(OPERATIONS[name]), LISTS)
Rows = list[tuple[str, str | None]]
"""Query strings, and the code of their refusal; None where they are taken."""
PROPERTY, TYPE, INVALID = "List.InvalidProperty", "List.InvalidType", "Search.InvalidQuery"
SIZE, LARGE = "List.InvalidPageSize", "Search.ResultSetTooLarge"
SEARCH, SORT = "List.InvalidSearchProperty", "List.InvalidSortProperty"
EVERYWHERE: dict[str, Rows] = {
    "page": [
        *((f"page={value}", TYPE) for value in ("0", "-1", "1e9", "1.0", "0x1", "abc", "%D9%A1", "1%00", "true", "1,2")),
        ("page=" + "-" + "9" * 5000, TYPE),
        ("page=" + "x" * 15_000, TYPE),
        *((f"page={value}", LARGE) for value in ("1000000000", "9" * 30, "9" * 5000, "100001")),
        ("page=5001&pageSize=20", LARGE),
    ],
    "page size": [
        ("pageSize=" + "x" * 15_000, SIZE),
        ("pageSize=" + "1e99999999", SIZE),
        *((f"pageSize={value}", SIZE) for value in ("0", "-1", "101", "abc", "1e1", "1.5", "9" * 5000, "%00", "20;--")),
        ("pageSize[]=101", SIZE),
    ],
    "page key": [
        (f"pageKey={encode_page_key(b'x=' + b'x' * 10_000_000, 1, 20)}", INVALID),
        *((f"pageKey={value}", INVALID) for value in ("x", "A" * 50_000, "%00", "%FF", "..%2F..%2F", "====", "eJwDAAAAAAE")),
        ("pageKey[]=x", INVALID),
    ],
    "length": [("page=" + "x" * 60_000, INVALID), ("&" * 200, INVALID)],
    "odd and taken": [
        ("page=&pageSize=&pageKey=&search=&sortBy=", None),
        *((f"depth={depth}", None) for depth in ("all", "2")),
        ("page[]=1&pageSize%5B%5D=20", None),
        ("page=%2B1&PAGESIZE= 20 ", None),
        ("page=1&page=0", None),
        ("&&&", None),
    ],
}  # fmt: skip
"""By class, what every list is asked."""
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
FILTERED: dict[str, Rows] = {
    "sorting": [
        *((f"sortBy={name}", PROPERTY) for name in ("Nope", "!Nope", "ID.x", "ID;DROP", "ID desc", "(SELECT 1)", "1", "%00", "ID%00", "*")),
        ("sortBy=" + "ID," * 51, INVALID),
        ("sortBy=" + "x" * 15_000, PROPERTY),
        ("sortBy=,,,", None),
        ("sortBy%5B%5D=Nope", PROPERTY),
    ],
    "searching": [
        *((f"search=a&searchOn={name}", PROPERTY) for name in ("Nope", "ID.x", "*", "ID'", "%00", "a" * 2000)),
        ("search=a&searchOn=" + ",".join(f"n{n}" for n in range(51)), INVALID),
        ("searchOn=Nope", None),
        ("search[]=a", None),
        ("search[]=a&searchOn[]=Nope", PROPERTY),
        ("searchType=Nope", None),
        ("search=%00", INVALID),
        ("search=" + "a" * 60_000, INVALID),
    ],
    "searched texts": [
        (f"search={text}", None) for text in ("%FF", "%ED%A0%80", "%25", "_", "%5C", "'", "&", "%F0%9F%98%80")
    ],
    "unknown names": [
        ("ID[]=a", PROPERTY),
        *((query, PROPERTY) for query in UNKNOWN),
        *((f"{name}=1", PROPERTY) for name in ("%00", "ID%00", "a" * 2000)),
    ],
    "budget": [
        ("&".join(["ID=a"] * 10_000), INVALID),
        ("filters=" + quote("&".join(["ID=a"] * 10_000)), INVALID),
        ("&".join(["ID=a"] * 50), None),
        ("&".join(["ID=a"] * 51), INVALID),
        ("&".join(["ID=a|b|!c"] * 25), None),
        ("&".join(["ID=a|b|!c"] * 26), INVALID),
        ("ID=" + "a" * 9000, TYPE),
        ("ID=" + "a|" * 50_000, INVALID),
        ("ID=" + "a|" * 999 + "a", None),
        ("ID=" + "a|" * 1000 + "a", INVALID),
        ("ID=" + "|" * 49, None),
        ("ID=" + "|" * 50, INVALID),
        ("ID=" + "a*" * 101, TYPE),
        ("ID=" + "a*" * 100, None),
        ("ID=" + "!" * 8192, None),
    ],
    "values": [
        ("ID=%00", TYPE),
        ("ID=*%00*", TYPE),
        *((f"ID={text}", None) for text in ("%FF", "%ED%A0%80", "%", "%2", "%zz", "%5C", "%5C%5C%5C", "\\", "!", "!!", ">", "=", "***", "|", "é")),
    ],
}  # fmt: skip
"""The same for lists with search, sorting and filters."""
PREMIUM: dict[str, str | None] = {"searchType=Nope": TYPE, "ID[]=a": None, **dict.fromkeys(UNKNOWN)}
"""What premium lists answer otherwise (SRCH-4, FLT-3)."""
XP: dict[str, Rows] = {
    "xp as a whole": [("sortBy=xp", SORT), ("search=a&searchOn=xp", SEARCH)],
    "paths in xp": [
        ("xp.=1", None),
        ("xp..=1", None),
        ("xp." + "a." * 49 + "a=1", None),
        ("xp." + "a." * 50 + "a=1", PROPERTY),
        ("xp." + "a" * 997 + "=1", None),
        ("xp." + "a" * 998 + "=1", PROPERTY),
        ("xp.a%00=1", PROPERTY),
    ],
    "values in xp": [
        ("xp.a=%00", TYPE),
        *((f"xp.a={text}", None) for text in (">1e999", "<-1e999", ">" + "9" * 8000, ">2021-02-30", ">9999-12-31T23:59:59-14:00", ">0001-01-01T00:00:00%2B14:00", "NaN", "Infinity", "null", "%7B%7D", "%5B%5D")),
    ],
    "sorting by xp": [
        (f"sortBy=xp.{name}", None) for name in ("a", "a.b", "0", "-1", "%27", "%22", "%5C", "$", "*", "[0]", "a b")
    ],
}  # fmt: skip
"""The same for lists of models with xp."""


def classes_of(operation: Operation) -> dict[str, Rows]:
    """What fits a list, by class."""
    assert operation.lists is not None
    assert operation.returns is not None
    columns = operation.returns.model.__columns__
    tables = [EVERYWHERE] if operation.lists.bare else [EVERYWHERE, FILTERED]
    if "xp" in columns and not operation.lists.bare:
        tables.append(XP)
    fitting = {
        kind: [row for row in rows if "ID" in columns or "ID" not in row[0]]
        for table in tables
        for kind, rows in table.items()
    }
    return {kind: rows for kind, rows in fitting.items() if rows}


def rows_of(operation: Operation) -> dict[str, Rows]:
    """All of them for the list that stands for its reader, else one of each class, another for each list."""
    classes = classes_of(operation)
    if operation.id in LIST_READERS.values():
        return classes
    return {kind: [rows[crc32(operation.id.encode()) % len(rows)]] for kind, rows in classes.items()}


@tabled(LISTS_OF)
async def test_hostile_queries(name: str, api: Api, world: World) -> None:
    """Security 1, LIST-1, LIST-4, LIST-6, SRCH-1, SRCH-5, FLT-2, FLT-4, tools F2, applications F6: the exact code; what has none is a
    page.
    """
    operation = OPERATIONS[name]
    assert operation.lists is not None
    app, token, url = api.server.app, world.token(operation), await world.url(operation)
    with watching(QUERY) as readers:
        await ask(app, "GET", f"{url}?page=1", token=token)
    assert readers
    assert readers <= LIST_READERS.keys(), "a new reader: name a list to try everything at"
    assert readers >= {reader for reader, at in LIST_READERS.items() if at == name}
    for query, code in chain.from_iterable(rows_of(operation).values()):
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
