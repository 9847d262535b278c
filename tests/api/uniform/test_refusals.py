"""Bodies that are refused, with the exact answers (section 4 of the conventions, BODY-4, BODY-8, ERR-5, ID-1)."""

from __future__ import annotations

import json
from typing import Any

from tests.api.marketplace import Api
from tests.api.uniform.subjects import CREATABLE, NAMED, PATCHABLE, checked, for_each, longest, subject

from entrepot.declare.wire import Column

WRITES = [("POST", ""), ("PUT", "/new"), ("PUT", "/{id}"), ("PATCH", "/{id}")]
BROKEN = {
    "empty": b"",
    "null": b"null",
    "array": b"[]",
    "text": b'"x"',
    "number": b"5",
    "cut off": b'{"Name": ',
    "trailing": b"{} {}",
    "not UTF-8": b'{"Name": "\xff"}',
    "NUL": rb'{"Name": "a\u0000b"}',
    "raw NUL": b'{"Name": "a\x00b"}',
    "lone surrogate": rb'{"Name": "\ud800"}',
    "nested": b'{"xp":' + b"[" * 100 + b"]" * 100 + b"}",
    "huge exponent": b'{"xp": {"a": 1e999999}}',
    "single quotes": b"{'Name': 'x'}",
    "NaN": b'{"xp": {"a": NaN}}',
}


def failures(*entries: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "Errors": [
            {"ErrorCode": "ValidationFailure", "Message": message, "Data": data} for message, data in entries
        ]
    }


def required(name: str) -> tuple[str, dict[str, Any]]:
    return f"{name} is required.", {"Property": name}


@for_each(CREATABLE)
async def test_broken_body(name: str, api: Api) -> None:
    """Section 4: broken JSON, null, array, scalar, or none where one is required; the same for every verb."""
    things = await subject(name, api)
    made = await things.make()
    for kind, text in BROKEN.items():
        for verb, below in WRITES:
            url = things.path + below.format(id=made["ID"])
            refused = await checked(things.http.request(verb, url, content=text), 400)
            assert refused.json() == {
                "Errors": [
                    {
                        "ErrorCode": "Request.InvalidRequestBody",
                        "Message": "Request body is invalid or null.",
                        "Data": None,
                    }
                ]
            }, (kind, verb)
    assert (await checked(things.http.get(things.url(made["ID"])), 200)).json() == made
    await checked(things.http.get(things.url("new")), 404)


@for_each(CREATABLE)
async def test_each_required_property(name: str, api: Api) -> None:
    """BODY-8: present, not null, not blank; for POST and PUT."""
    things = await subject(name, api)
    made, body = await things.make(), await things.body()
    for key in (column.name for column in things.columns.values() if column.required):
        for value in ("absent", None, "", " \t"):
            sent = {each: given for each, given in body.items() if each != key or value != "absent"}
            if value != "absent":
                sent[key] = value
            for verb, below in (("POST", ""), ("PUT", f"/{made['ID']}"), ("PUT", "/new")):
                refused = await checked(things.http.request(verb, things.path + below, json=sent), 400)
                assert refused.json() == failures(required(key))
    await checked(things.http.get(things.url("new")), 404)


@for_each(CREATABLE)
async def test_all_bad_properties_at_once_in_the_contracts_order(name: str, api: Api) -> None:
    """ERR-5, CONV-9: nothing is written when any check fails."""
    things = await subject(name, api)
    needed = [column.name for column in things.columns.values() if column.required]
    if needed:
        refused = await checked(things.http.post(things.path, json={}), 400)
        assert refused.json() == failures(*(required(each) for each in needed))
    sent = {column.name: _misfit(column) for column in reversed(things.columns.values()) if column.writable}
    refused = await checked(things.http.put(things.url("new"), json=sent), 400)
    named = [error["Data"]["Property"] for error in refused.json()["Errors"]]
    assert named == [each for each, column in things.columns.items() if column.writable]
    await checked(things.http.get(things.url("new")), 404)


def _misfit(column: Column) -> Any:
    """A value that cannot be taken for the property's type."""
    return "misfit" if column.type.kind in ("xp", "object", "list") else {"misfit": 1}


@for_each(PATCHABLE)
async def test_wrong_type_of_each_property(name: str, api: Api) -> None:
    """BODY-4, ERR-5"""
    things = await subject(name, api)
    made = await things.make()
    for column in (each for each in things.columns.values() if each.writable):
        misfit = _misfit(column)
        refused = await checked(things.http.patch(things.url(made["ID"]), json={column.name: misfit}), 400)
        echo = misfit if isinstance(misfit, str) else None
        message = f"{column.name} is not a valid {column.type.label}."
        assert refused.json() == failures((message, {"Property": column.name, "Value": echo}))
    for column in (each for each in things.columns.values() if each.writable):
        if column.type.kind in ("integer", "boolean", "datetime"):
            refused = await checked(things.http.patch(things.url(made["ID"]), json={column.name: "abc"}), 400)
            message = f"{column.name} is not a valid {column.type.label}."
            assert refused.json() == failures((message, {"Property": column.name, "Value": "abc"}))
    assert (await checked(things.http.get(things.url(made["ID"])), 200)).json() == made


@for_each(PATCHABLE)
async def test_longest_text_of_each_property(name: str, api: Api) -> None:
    """BODY-8: characters count, not bytes; exactly the maximum is allowed."""
    things = await subject(name, api)
    made = await things.make()
    url = things.url(made["ID"])
    for column in (each for each in things.columns.values() if each.writable):
        limit = column.max_length
        if limit is None or column.type.kind != "string":
            continue
        refused = await checked(things.http.patch(url, json={column.name: "\N{OX}" * (limit + 1)}), 400)
        message = f"{column.name} cannot exceed {limit} characters."
        assert refused.json() == failures((message, {"Property": column.name, "MaxLength": limit}))
        text = longest(column, limit)
        assert (await checked(things.http.patch(url, json={column.name: text}), 200)).json()[
            column.name
        ] == text


@for_each(NAMED)
async def test_what_may_be_an_id(name: str, api: Api) -> None:
    """ID-1, in the body and in the path of a PUT that creates."""
    things = await subject(name, api)
    made = await things.make()
    for bad in ("a b", "a.b", "a/b", "é", "a{b", "{}", "a%", " "):
        message = "ID can hold only letters, digits, hyphens and underscores."
        expected = failures((message, {"Property": "ID", "Value": bad}))
        body = await things.body(ID=bad)
        assert (await checked(things.http.post(things.path, json=body), 400)).json() == expected
        refused = await checked(things.http.patch(things.url(made["ID"]), json={"ID": bad}), 400)
        assert refused.json() == expected
    body = await things.body()
    refused = await checked(things.http.put(things.url("a.b"), json=body), 400)
    assert refused.json() == failures((message, {"Property": "ID", "Value": "a.b"}))
    too_long = failures(("ID cannot exceed 100 characters.", {"Property": "ID", "MaxLength": 100}))
    assert (await checked(things.http.put(things.url("a" * 101), json=body), 400)).json() == too_long
    refused = await checked(things.http.post(things.path, json={**body, "ID": "a" * 101}), 400)
    assert refused.json() == too_long
    await checked(things.http.put(things.url("a" * 100), json=body), 200)


@for_each(PATCHABLE)
async def test_bounds_of_each_number(name: str, api: Api) -> None:
    """The contract's minimum and maximum, both allowed; and 32 bits (BODY-7)."""
    things = await subject(name, api)
    url = things.url((await things.make())["ID"])
    for column in (each for each in things.columns.values() if each.writable and each.type.kind == "integer"):
        for limit, beyond in ((column.minimum, -1), (column.maximum, 1)):
            if limit is not None:
                value = int(limit) + beyond
                refused = await checked(things.http.patch(url, json={column.name: value}), 400)
                assert refused.json()["Errors"][0]["Data"]["Property"] == column.name
        for misfit in (2**31, -(2**31) - 1, 1.5):
            refused = await checked(things.http.patch(url, content=json.dumps({column.name: misfit})), 400)
            message = f"{column.name} is not a valid Integer."
            assert refused.json() == failures((message, {"Property": column.name, "Value": misfit}))
