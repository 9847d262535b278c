"""Lists of every uniform resource: paging, sorting, searching, filtering (LIST-1 to LIST-5, SRCH-1 to SRCH-7, FLT-1 to FLT-8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from operator import ge, gt, le, lt
from typing import Any

import pytest
from tests.api.marketplace import Api, Server
from tests.api.uniform.subjects import LISTED, RESOURCES, WITH_XP, Subject, checked, for_each, subject

from entrepot.declare.resource import Verb
from entrepot.declare.wire import Column
from entrepot.kernel.clock import parse_datetime

Item = dict[str, Any]
SCALARS = ("id", "string", "integer", "decimal", "boolean", "datetime", "enum")


def _is_secret(column: Column) -> bool:
    """Never shown, or stored encrypted."""
    return column.write_only or not (column.stored or column.computed)


COLUMNS = {name: RESOURCES[name].entity.model.__columns__.values() for name in LISTED}
SORTED = [name for name in LISTED if RESOURCES[name].sort]
SEARCHED = [name for name in LISTED if RESOURCES[name].search]
WITH_SECRETS = [name for name in LISTED if any(map(_is_secret, COLUMNS[name]))]
OBJECTS = 5

Filled = Callable[[str], Awaitable[Subject]]


@pytest.fixture(scope="module")
async def filled(server: Server) -> AsyncIterator[Filled]:
    """Resources with OBJECTS, each second one with every property set, in marketplaces of their own: made once, since lists
    change nothing.
    """
    made: dict[str, Subject] = {}
    async with AsyncExitStack() as stack:

        async def fill(name: str) -> Subject:
            if name not in made:
                things = await subject(name, await stack.enter_async_context(Api.create(server)))
                for number in range(OBJECTS):
                    await things.make(**(await things.full() if number % 2 else {}))
                made[name] = things
            return made[name]

        yield fill


async def every(things: Subject, query: str = "", *, size: int = 2) -> list[Item]:
    """All items that match, in order, one page after the other."""
    items: list[Item] = []
    page = 1
    while True:
        answer = await checked(things.http.get(f"{things.path}?pageSize={size}&page={page}&{query}"), 200)
        found = answer.json()
        items += found["Items"]
        if page >= found["Meta"]["TotalPages"]:
            assert len(items) == found["Meta"]["TotalCount"]
            return items
        page += 1


def order(things: Subject, field: str, item: Item) -> tuple[bool, Any]:
    """SRCH-7: null first, text without regard to case, enums by position."""
    value, wire = item[field], things.columns[field].type
    if value is None:
        return (False, "")
    if wire.enum is not None:
        return (True, [member.value for member in wire.enum].index(value))
    if wire.kind == "datetime":
        return (True, parse_datetime(value))
    return (True, value.lower() if isinstance(value, str) else value)


@for_each(LISTED)
async def test_pages(name: str, filled: Filled) -> None:
    """LIST-1 to LIST-3"""
    things = await filled(name)
    whole = (await checked(things.http.get(things.path), 200)).json()
    assert list(whole) == ["Meta", "Items"]
    total = len(whole["Items"])
    assert total >= 5
    key = whole["Meta"].pop("NextPageKey")
    assert key is None
    assert whole["Meta"] == {
        "Page": 1,
        "PageSize": 20,
        "TotalCount": total,
        "TotalPages": 1,
        "ItemRange": [1, total],
    }
    for page, size in ((1, 2), (2, 2), (3, 3), (1, 100), (50, 2)):
        part = (await checked(things.http.get(f"{things.path}?page={page}&PageSize={size}"), 200)).json()
        first = (page - 1) * size
        assert part["Items"] == whole["Items"][first : first + size]
        del part["Meta"]["NextPageKey"]
        assert part["Meta"] == {
            "Page": page,
            "PageSize": size,
            "TotalCount": total,
            "TotalPages": -(-total // size),
            "ItemRange": [first + 1, first + len(part["Items"])],
        }
    for query, code in (
        ("pageSize=0", "List.InvalidPageSize"),
        ("pageSize=101", "List.InvalidPageSize"),
        ("pageSize=x", "List.InvalidPageSize"),
        ("page=0", "List.InvalidType"),
        ("page=x", "List.InvalidType"),
        ("page=1001&pageSize=100", "Search.ResultSetTooLarge"),
        ("Nope=1", "List.InvalidProperty"),
        ("sortBy=Nope", "List.InvalidProperty"),
        ("search=x&searchOn=Nope", "List.InvalidProperty"),
    ):
        refused = await checked(things.http.get(f"{things.path}?{query}"), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == code
    assert (await checked(things.http.get(f"{things.path}?page=&pageSize=&search=&sortBy="), 200)).json()[
        "Items"
    ] == whole["Items"]


@for_each(LISTED)
async def test_items_are_what_get_shows(name: str, filled: Filled) -> None:
    """BODY-3: the same properties in the same order."""
    things = await filled(name)
    for item in await every(things):
        assert list(item) == list(things.columns)
        if Verb.GET in things.resource.verbs:
            assert (await checked(things.http.get(things.url(item["ID"])), 200)).json() == item


@for_each(LISTED)
async def test_default_sort(name: str, filled: Filled) -> None:
    """SRCH-6: the sortable properties in order up to ID, then ID."""
    things = await filled(name)
    fields = list(things.resource.sort or ())
    if "ID" in fields:
        fields = fields[: fields.index("ID") + 1]
    items = await every(things)
    assert items == sorted(items, key=lambda item: [order(things, field, item) for field in fields])


@for_each(SORTED)
async def test_sort(name: str, filled: Filled) -> None:
    """SRCH-5, SRCH-7: both directions, names in any case; ties in a total order, so that no page repeats a row."""
    things = await filled(name)
    key = things.resource.entity.id_column
    everything = {item[key] for item in await every(things)}
    for field in things.resource.sort or ():
        for query, descending in ((field, False), (f"!{field}", True), (f"!!{field.lower()}", True)):
            items = await every(things, f"sortBy={query}")
            keys = [order(things, field, item) for item in items]
            assert keys == sorted(keys, reverse=descending), query
            assert {item[key] for item in items} == everything, query


@for_each(LISTED)
async def test_not_every_property_sorts(name: str, filled: Filled) -> None:
    """SRCH-1, SRCH-5: known, but neither sortable nor searchable."""
    things = await filled(name)
    for column in things.columns.values():
        if _is_secret(column) or column.type.kind == "xp":
            continue
        if column.name not in (things.resource.sort or ()):
            refused = await checked(things.http.get(f"{things.path}?sortBy={column.name}"), 400)
            assert refused.json()["Errors"][0]["ErrorCode"] == "List.InvalidSortProperty"
        if column.name not in (things.resource.search or ()):
            refused = await checked(things.http.get(f"{things.path}?search=x&searchOn={column.name}"), 400)
            assert refused.json()["Errors"][0]["ErrorCode"] == "List.InvalidSearchProperty"


@for_each(SEARCHED)
async def test_search(name: str, filled: Filled) -> None:
    """SRCH-1, SRCH-2: a substring in any case, in the named property or in any searchable one."""
    things = await filled(name)
    everything, searched = await every(things), things.resource.search or ()
    kinds = {each: things.columns[each].type.kind for each in searched}
    key = things.resource.entity.id_column

    def sought(item: Item, name: str) -> str:
        text = str(item[name] or "").lower()
        return text[: len("2021-02-03T04:05:06")] if kinds[name] == "datetime" else text

    for field in searched:
        wanted = next((sought(item, field) for item in everything[1:] if item[field]), "none")
        phrase = wanted[1:].upper() if len(wanted) > 1 else wanted
        for query, fields in ((f"searchOn={field.lower()}", (field,)), ("", searched)):
            found = await every(things, f"search={phrase}&{query}")
            expected = [
                item for item in everything if any(phrase.lower() in sought(item, each) for each in fields)
            ]
            assert sorted(item[key] for item in found) == sorted(item[key] for item in expected), field
            assert found or wanted == "none", field
    assert await every(things, "search=no%25such_thing") == []


@for_each(LISTED)
async def test_filter(name: str, filled: Filled) -> None:
    """FLT-6, FLT-8: the operators on each property, by its type; null as FLT-6 has it."""
    things = await filled(name)
    everything = await every(things)
    for column in COLUMNS[name]:
        if not _is_secret(column) and column.type.kind in SCALARS:
            await check_filters(things, column, everything)


async def check_filters(things: Subject, column: Column, everything: list[Item]) -> None:
    field = column.name
    value = next((item[field] for item in everything if item[field] is not None), None)
    text = "1" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if value is None and column.type.kind == "datetime":
        text = "2020-01-01"

    async def shown(query: str) -> list[Item]:
        return await every(things, query, size=100)

    def where(holds: Any) -> list[Item]:
        return [item for item in everything if holds(item[field])]

    def equal(other: Any) -> bool:
        if isinstance(other, str) and isinstance(value, str):
            return other.lower() == value.lower()
        return bool(value is not None and other == value)

    name_ = field.lower()
    literal = text.replace("+", "%2B").replace("&", "%26").replace("#", "%23")
    if column.type.kind == "enum" and value is None:
        literal = "0"
    assert await shown(f"{name_}={literal}") == where(equal), field
    assert await shown(f"{field}=!{literal}") == where(lambda other: not equal(other)), field
    assert await shown(f"{field}=*") == where(lambda other: other is not None), field
    assert await shown(f"{field}=!*") == where(lambda other: other is None), field
    if column.type.kind != "boolean" and value is not None:
        pivot = order(things, field, {field: value})
        operators: dict[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "!>": le}
        for operator, holds in operators.items():
            expected = [
                item
                for item in everything
                if item[field] is not None and holds(order(things, field, item), pivot)
            ]
            assert await shown(f"{field}={operator}{literal}") == expected, (field, operator)
    if column.type.kind not in ("id", "string"):
        refused = await checked(things.http.get(f"{things.path}?{field}=no-such-value"), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == "List.InvalidType", field


@for_each(WITH_SECRETS)
async def test_secrets_are_no_filters(name: str, filled: Filled) -> None:
    """FLT-4: a secret does not exist to a list, whether it can be read elsewhere (ApiClient.ClientSecret) or not."""
    things = await filled(name)
    for field in (column.name for column in COLUMNS[name] if _is_secret(column)):
        for query in (f"{field}=*", f"sortBy={field}", f"search=x&searchOn={field}"):
            refused = await checked(things.http.get(f"{things.path}?{query}"), 400)
            assert refused.json()["Errors"][0]["ErrorCode"] == "List.InvalidProperty", query


@for_each(WITH_XP)
async def test_xp_filters_and_sorts(name: str, api: Api) -> None:
    """FLT-8, SRCH-7: some of the worked set on every model with xp."""
    things = await subject(name, api)
    made = {}
    for label, xp in {
        "A": {"Color": "Blue", "Age": 26, "Tags": ["a", "b"], "Joined": "2019-05-01", "L": {"N": [{"v": 1}]}},
        "B": {"Color": "red", "Age": "30"},
        "C": {"Color": None},
        "D": None,
    }.items():
        made[(await things.make(xp=xp))["ID"]] = label
    scope = f"ID={'|'.join(made)}"
    for query, expected in {
        "xp.Color=!blue": "BCD",
        "xp.Color=!*": "CD",
        "xp.Age=>27": "B",
        "xp.Age=!<26": "AB",
        "xp.Tags=b": "A",
        "xp.Tags=!b": "BCD",
        "xp.Joined=>2019-01-19": "A",
        "xp.Nope.Deep=1": "",
        "xp.L.N.v=1": "A",
        "xp=!*": "D",
    }.items():
        found = [made[item["ID"]] for item in await every(things, f"{scope}&{query}")]
        assert "".join(sorted(found)) == expected, query
    found = [made[item["ID"]] for item in await every(things, f"{scope}&sortBy=!xp.Color")]
    assert "".join(found[:2]) == "BA"


@for_each([name for name in LISTED if "ID" in RESOURCES[name].entity.model.__columns__])
async def test_pages_by_last_id(name: str, filled: Filled) -> None:
    """LIST-5: > on IDs has the very order of sortBy."""
    things = await filled(name)
    seen: list[str] = []
    while True:
        beyond = f"&ID=>{seen[-1]}" if seen else ""
        page = await checked(things.http.get(f"{things.path}?page=1&pageSize=2&sortBy=ID{beyond}"), 200)
        found = [item["ID"] for item in page.json()["Items"]]
        if not found:
            break
        seen += found
    assert seen == [item["ID"] for item in await every(things, "sortBy=ID")]
    assert len(seen) == len(set(seen)) >= 5


@for_each(LISTED)
async def test_page_key(name: str, filled: Filled) -> None:
    """LIST-6: the key alone leads to the next page; the last page has none; a forged one is refused."""
    things = await filled(name)
    everything = await every(things)
    page = (await checked(things.http.get(f"{things.path}?pageSize=2"), 200)).json()
    items = page["Items"]
    while key := page["Meta"]["NextPageKey"]:
        page = (await checked(things.http.get(things.path, params={"pageKey": key}), 200)).json()
        items += page["Items"]
    assert items == everything
    refused = await checked(things.http.get(f"{things.path}?pageKey=forged"), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Search.InvalidQuery"
