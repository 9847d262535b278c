"""Extended properties on every model that has them (XP-1, XP-2, XP-4)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.api.marketplace import Api
from tests.api.uniform.subjects import WITH_XP, checked, for_each, subject

STORED = '{"a":1,"b":{"c":2,"d":3},"e":[1,2]}'
MERGES = [
    (STORED, '{"b":{"c":9}}', '{"a":1,"b":{"c":9,"d":3},"e":[1,2]}'),
    (STORED, '{"e":[7]}', '{"a":1,"b":{"c":2,"d":3},"e":[7]}'),
    (STORED, '{"a":null}', '{"a":null,"b":{"c":2,"d":3},"e":[1,2]}'),
    (STORED, '{"b":5}', '{"a":1,"b":5,"e":[1,2]}'),
    ("null", '{"a":1}', '{"a":1}'),
    (STORED, "null", "null"),
    (STORED, "{}", STORED),
    (STORED, '{"b":{"x":{"y":null}}}', '{"a":1,"b":{"c":2,"d":3,"x":{"y":null}},"e":[1,2]}'),
]
SHAPES = [
    "{}",
    "null",
    '{"z":1,"a":{"y":1,"b":2},"m":[{"q":1,"c":2}]}',
    '{"1":1,"":"","a b":"\\u00e9\\ud83d\\ude00","A":1,"a":2}',
    '{"n":[0.1,12345678901234567890.123456789,1e-7,-0,1.50,100000000000000000000000]}',
    '{"t":true,"f":false,"n":null,"s":"2019-05-01"}',
]


def xp_of(text: str) -> str:
    """The xp in a response, as text: the order of keys and the digits of numbers count."""
    start = text.index('"xp":') + len('"xp":')
    _, end = json.JSONDecoder().raw_decode(text[start:])
    return text[start : start + end]


def compact(text: str) -> Any:
    """Something to compare by: the order of keys counts, and the digits of numbers, not their notation."""
    return json.loads(text, parse_float=lambda number: str(Decimal(number)), object_pairs_hook=list)


def with_xp(body: dict[str, Any], xp: str) -> str:
    return f'{json.dumps(body)[:-1]},"xp":{xp}}}'


@for_each(WITH_XP)
async def test_patch_merges(name: str, api: Api) -> None:
    """XP-4, word for word, and a little more."""
    things = await subject(name, api)
    for stored, patch, merged in MERGES:
        body = await things.body()
        made = await checked(things.http.post(things.path, content=with_xp(body, stored)), 201)
        url = things.url(made.json()["ID"])
        patched = await checked(things.http.patch(url, content=f'{{"xp":{patch}}}'), 200)
        assert xp_of(patched.text) == merged
        assert (await checked(things.http.get(url), 200)).text == patched.text


TAKEN = [
    (STORED, '{"a":null}', '{"b":{"c":2,"d":3},"e":[1,2]}'),
    (STORED, '{"b":{"c":null,"z":1},"x":null}', '{"a":1,"b":{"d":3,"z":1},"e":[1,2]}'),
    (
        STORED,
        '{"a":{"y":null,"z":[null,{"n":null}]}}',
        '{"a":{"z":[null,{"n":null}]},"b":{"c":2,"d":3},"e":[1,2]}',
    ),
    ("null", '{"a":null,"b":{"c":null}}', '{"b":{}}'),
    (STORED, "null", "null"),
]
REMOVE = {"Entrepot-Xp-Nulls": "remove"}


@for_each(WITH_XP)
async def test_nulls_take_names_away(name: str, api: Api) -> None:
    """A PATCH that says so takes names out of an xp (docs/guide/xp.md); what it does not name stays, whoever has written it."""
    things = await subject(name, api)
    for stored, patch, merged in TAKEN:
        body = await things.body()
        made = await checked(things.http.post(things.path, content=with_xp(body, stored)), 201)
        url = things.url(made.json()["ID"])
        patched = await checked(things.http.patch(url, content=f'{{"xp":{patch}}}', headers=REMOVE), 200)
        assert xp_of(patched.text) == merged
        assert (await checked(things.http.get(url), 200)).text == patched.text


async def test_nulls_beyond_xp_are_what_they_are(api: Api) -> None:
    """Also within an object, and to a PUT."""
    things = await subject("Products", api)
    made = await things.make(
        Description="Soft", Inventory={"Enabled": True, "NotificationPoint": 7}, xp={"a": 1}
    )
    url = things.url(made["ID"])
    patch = {"Description": None, "Inventory": {"NotificationPoint": None}, "xp": {"a": None}}
    patched = (await checked(things.http.patch(url, json=patch, headers=REMOVE), 200)).json()
    found = (patched["Description"], patched["Inventory"]["NotificationPoint"], patched["xp"])
    assert found == (None, None, {})
    whole = {**await things.body(), "xp": {"a": None}}
    put = (await checked(things.http.put(url, json=whole, headers=REMOVE), 200)).json()
    assert put["xp"] == {"a": None}


async def test_another_wish_for_nulls_is_refused(api: Api) -> None:
    things = await subject("Buyers", api)
    made = await things.make(xp={"a": 1})
    url = things.url(made["ID"])
    refused = await things.http.patch(url, json={"xp": {"a": None}}, headers={"Entrepot-Xp-Nulls": "keep"})
    assert (refused.status_code, refused.json()["Errors"][0]["ErrorCode"]) == (400, "Request.InvalidXpNulls")
    assert (await checked(things.http.get(url), 200)).json() == made


async def test_a_repeated_request_has_the_same_wish(api: Api) -> None:
    """Under one Idempotency-Key the same body with another meaning is another request."""
    things = await subject("Buyers", api)
    url = things.url((await things.make(xp={"a": 1}))["ID"])
    key = {"Idempotency-Key": f"nulls of {url}"}
    await checked(things.http.patch(url, json={"xp": {"a": None}}, headers=key), 200)
    other = await things.http.patch(url, json={"xp": {"a": None}}, headers=key | REMOVE)
    assert (other.status_code, other.json()["Errors"][0]["ErrorCode"]) == (409, "Idempotency.OtherRequest")


@for_each(WITH_XP)
async def test_shapes_round_trip(name: str, api: Api) -> None:
    """XP-1: key order, numbers, unknown shapes; by POST, PUT and PATCH; null and {} are two things (BODY-3)."""
    things = await subject(name, api)
    made = await things.make()
    assert made["xp"] is None
    url = things.url(made["ID"])
    for xp in SHAPES:
        body = await things.body()
        created = await checked(things.http.post(things.path, content=with_xp(body, xp)), 201)
        assert compact(xp_of(created.text)) == compact(xp)
        put = await checked(things.http.put(url, content=with_xp(await things.body(), xp)), 200)
        assert compact(xp_of(put.text)) == compact(xp)
        await checked(things.http.patch(url, json={"xp": None}), 200)
        patched = await checked(things.http.patch(url, content=f'{{"xp":{xp}}}'), 200)
        assert compact(xp_of(patched.text)) == compact(xp)


@for_each(WITH_XP)
async def test_what_equals_only_to_a_program_is_a_change(name: str, api: Api) -> None:
    """XP-1: another order, another type, another type within."""
    things = await subject(name, api)
    for first, second in (
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
        ('{"a":1}', '{"a":true}'),
        ('{"a":[0]}', '{"a":[false]}'),
    ):
        body = await things.body()
        made = await checked(things.http.post(things.path, content=with_xp(body, first)), 201)
        url = things.url(made.json()["ID"])
        put = await checked(things.http.put(url, content=with_xp(body, second)), 200)
        assert xp_of(put.text) == second


@for_each(WITH_XP)
async def test_size(name: str, api: Api) -> None:
    """XP-2: 8,000 characters, compact and after merging, on every write."""
    things = await subject(name, api)
    largest = {"a": "\N{OX}" * (8000 - len('{"a":""}'))}
    made = (await checked(things.http.post(things.path, json=await things.body(xp=largest)), 201)).json()
    url = things.url(made["ID"])
    too_large = {"a": largest["a"] + "x"}
    data = {"Property": "xp", "MaxLength": 8000}
    expected = {
        "Errors": [
            {"ErrorCode": "ValidationFailure", "Message": "xp cannot exceed 8000 characters.", "Data": data}
        ]
    }
    body = await things.body(xp=too_large)
    for verb, where, sent in (
        ("POST", things.path, body),
        ("PUT", url, body),
        ("PUT", things.url("new"), body),
        ("PATCH", url, {"xp": too_large}),
        ("PATCH", url, {"xp": {"b": 1}}),
    ):
        assert (await checked(things.http.request(verb, where, json=sent), 400)).json() == expected
    assert (await checked(things.http.get(url), 200)).json() == made
    spaced = f'{json.dumps(await things.body())[:-1]},"xp":{{"a": {" " * 9000} 1}}}}'
    await checked(things.http.post(things.path, content=spaced), 201)


@for_each(WITH_XP)
async def test_what_is_no_object(name: str, api: Api) -> None:
    """XP-1"""
    things = await subject(name, api)
    for value in ([], [1], "x", 5, True, ""):
        refused = await checked(things.http.post(things.path, json=await things.body(xp=value)), 400)
        (error,) = refused.json()["Errors"]
        assert (error["ErrorCode"], error["Data"]["Property"]) == ("ValidationFailure", "xp"), value
