"""Hostile bodies over real routes: each has its exact refusal, and nothing is written (issue 2, section 4)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import chain
from typing import Any
from zlib import crc32

import pytest
from tests.api.envelope import check_refusal
from tests.api.marketplace import Api
from tests.api.readers import BODY, BODY_READERS, watching
from tests.api.uniform.subjects import checked
from tests.api.world import World, area, unchanged
from tests.http.driver import ask
from tests.rows import by, each

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.engine.wire.json import count_values

OPERATIONS = registry().operations
TAKES_BODY = sorted(
    name
    for name, operation in OPERATIONS.items()
    if operation.body is not None
    # What has no ID is not there to be patched until a PUT has made it (CONV-4).
    and (operation.verb != "PATCH" or operation.path_parameters or operation.tag == "Me")
)
TAKES_BODY_IN = by(lambda name: area(OPERATIONS[name]), TAKES_BODY)
MEGABYTE = 1024 * 1024

BROKEN: dict[str, dict[str, bytes]] = {
    "no object": {
        "null": b"null",
        "array": b"[]",
        "array of the object": b'[{"ID":"a"}]',
        "text": b'"x"',
        "number": b"5",
        "true": b"true",
        "blank": b" \r\n\t",
    },
    "no JSON": {
        "cut off": b'{"Name": ',
        "trailing comma": b'{"Name": "a",}',
        "two values": b"{} {}",
        "comment": b"{/* a */}",
        "single quotes": b"{'Name': 'x'}",
        "bare key": b"{Name: 1}",
        "leading zero": b'{"Name": 01}',
        "hexadecimal": b'{"Name": 0x10}',
        "NaN": b'{"Name": NaN}',
        "infinity": b'{"Name": -Infinity}',
        "bad escape": rb'{"Name": "\x41"}',
        "cut escape": rb'{"Name": "\u12"}',
    },
    "NUL": {
        "raw NUL": b'{"Name": "a\x00b"}',
        "NUL as an escape": rb'{"Name": "a\u0000b"}',
        "NUL in a key": rb'{"a\u0000b": 1}',
        "NUL after an escaped backslash": rb'{"Name": "\\\u0000"}',
        "NUL alone": b"\x00",
        "raw newline": b'{"Name": "a\nb"}',
    },
    "surrogates": {
        "high surrogate": rb'{"Name": "\ud800"}',
        "low surrogate": rb'{"Name": "\udc00x"}',
        "surrogates in the wrong order": rb'{"Name": "\udc00\ud800"}',
        "surrogate in a key": rb'{"\ud800": 1}',
        "surrogate as raw bytes": b'{"Name": "\xed\xa0\x80"}',
    },
    "encodings": {
        "not UTF-8": b'{"Name": "\xff"}',
        "cut UTF-8": b'{"Name": "\xc3"}',
        "overlong UTF-8": b'{"Name": "\xc0\xaf"}',
        "beyond Unicode": b'{"Name": "\xf4\x90\x80\x80"}',
        "UTF-16": '{"Name": "a"}'.encode("utf-16"),
        "UTF-32": '{"Name": "a"}'.encode("utf-32-le"),
        "Latin-1": '{"Name": "ä"}'.encode("latin-1"),
        "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf{}",
        "byte order mark alone": b"\xef\xbb\xbf",
    },
    "other formats": {
        "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        "form": b"Name=a&Active=true",
        "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    },
    "nesting": {
        "100 arrays": b'{"Unknown":' + b"[" * 100 + b"]" * 100 + b"}",
        "100 objects": b'{"xp":' * 100 + b"1" + b"}" * 100,
        "2,000 arrays": b"[" * 2_000 + b"]" * 2_000,
        "1,000 open objects": b'{"a":' * 1_000,
        "60,000 brackets": b"]" * 60_000,
    },
    "numbers": {
        "exponent": b'{"Name": 1e999999999}',
        "small exponent": b'{"Name": 1e-999999999}',
        "5,000 digits": b'{"Name": ' + b"9" * 5000 + b"}",
    },
}
"""By class, what every body may be in place of JSON objects."""
TOO_MUCH = {
    "100,000 arrays": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open objects": b'{"a":' * 100_000,
    "a million colons": b":" * 1_000_000,
    "two million brackets": b"]" * 2_000_000,
}
INVALID_BODY = {
    "Errors": [
        {
            "ErrorCode": "Request.InvalidRequestBody",
            "Message": "Request body is invalid or null.",
            "Data": None,
        }
    ]
}


NO_ORDER = {
    "Errors": [{"ErrorCode": "Order.CannotCreateInvalid", "Message": "The body is no order.", "Data": None}]
}
OF_THEIR_OWN = {"Orders.Create": NO_ORDER}
"""ORD-15."""


def bodies_of(name: str) -> dict[str, dict[str, bytes]]:
    """What no operation takes, by class; where no body is needed, null is none (behaviour C1)."""
    body = OPERATIONS[name].body
    assert body is not None
    refused = body.required or name in OF_THEIR_OWN
    classes = {**BROKEN, "too much": TOO_MUCH}
    return {
        kind: {each: text for each, text in bodies.items() if each != "null" or refused}
        for kind, bodies in classes.items()
    }


def chosen(name: str) -> dict[str, dict[str, bytes]]:
    """All of them for the operations that stand for a reader, else one of each class, another for each operation."""
    classes = bodies_of(name)
    if name in BODY_READERS.values():
        return classes
    which = crc32(name.encode())
    return {kind: dict([list(bodies.items())[which % len(bodies)]]) for kind, bodies in classes.items()}


@pytest.mark.parametrize("place", TAKES_BODY_IN)
async def test_broken_bodies(place: str, world: World, api: Api) -> None:
    """Section 4 of the conventions, for every operation with a body (security 2, ERR-8)."""
    urls = {name: await world.url(OPERATIONS[name]) for name in TAKES_BODY_IN[place]}
    async with unchanged(api):
        await each(urls, lambda name: check_broken_bodies(OPERATIONS[name], urls[name], world))


async def check_broken_bodies(operation: Operation, url: str, world: World) -> None:
    name, app, token = operation.id, world.api.server.app, world.token(operation)
    expected = (400, OF_THEIR_OWN.get(name, INVALID_BODY))
    with watching(BODY) as readers:
        answer = await ask(app, operation.verb, url, token=token, body=b"[]")
    assert (answer.status, answer.json) == expected, name
    assert readers, name
    assert readers <= BODY_READERS.keys(), f"{name}: a new reader: name an operation to try everything at"
    assert readers >= {reader for reader, at in BODY_READERS.items() if at == name}
    for kind, body in chain.from_iterable(bodies.items() for bodies in chosen(name).values()):
        answer = await ask(app, operation.verb, url, token=token, body=body)
        limit = operation.body_limit
        if kind not in TOO_MUCH or (len(body) <= limit.bytes and count_values(body) <= limit.values):
            assert (answer.status, answer.json) == expected, (name, kind)
            continue
        (entry,) = check_refusal(answer.status, answer.headers, answer.body)
        assert (answer.status, entry["ErrorCode"]) == (413, "Request.BodyTooLarge"), (name, kind)


def failure(message: str, **data: Any) -> dict[str, Any]:
    return {"Errors": [{"ErrorCode": "ValidationFailure", "Message": message, "Data": data}]}


def invalid(name: str, label: str, value: Any) -> dict[str, Any]:
    return failure(f"{name} is not a valid {label}.", Property=name, Value=value)


INCREMENTOR, ADMIN, CLIENT, PROFILE = (
    "incrementors/known",
    "adminusers/known",
    "apiclients/",
    "securityprofiles/known",
)
DIGITS = "9" * 4000

VALUES: list[tuple[str, str, str, dict[str, Any]]] = [
    *(
        (INCREMENTOR, "LastNumber", text, invalid("LastNumber", "Integer", echo))
        for text, echo in [
            ("2147483648", 2**31),
            ("-2147483649", -(2**31) - 1),
            ("9223372036854775808", 2**63),
            ("-9223372036854775809", -(2**63) - 1),
            (DIGITS, "9" * 100),
            ("1.5", 1.5),
            ("1e-1", 0.1),
            ("1e400", 1e400),
            ('"1e400"', "1e400"),
            ('"0x10"', "0x10"),
            ('"1_000"', "1_000"),
            ('"٣"', "٣"),
            ('"NaN"', "NaN"),
            ('"Infinity"', "Infinity"),
            ('"1; DROP TABLE users"', "1; DROP TABLE users"),
            ("true", True),
            ("[1]", None),
            ('{"a":1}', None),
            (f'"{DIGITS}"', "9" * 100),
        ]
    ),
    *(
        (ADMIN, "TermsAccepted", json.dumps(value), invalid("TermsAccepted", "DateTime", value))
        for value in [
            "yesterday",
            "0000-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "10000-01-01",
            "-0001-01-01",
            "2021-02-30",
            "2021-13-01",
            "2021-02-29T00:00:00Z",
            "2021-01-01T24:00:01Z",
            "2021-01-01T00:60:00Z",
            "2021-01-01T00:00:00+99:00",
            "2021-01-01T00:00:00.12345678901234567890x",
            "infinity",
            "now",
            "epoch",
            "2021-W01-1",
            "２０２１-01-01",
            1609459200,
            253402300800000,
            True,
        ]
    ),
    *(
        (PROFILE, "Roles", json.dumps(value), expected)
        for value, expected in [
            (["Nope"], invalid("Roles[0]", "ApiRole", "Nope")),
            (["Shopper", "FullAccess; --"], invalid("Roles[1]", "ApiRole", "FullAccess; --")),
            ([{}], invalid("Roles[0]", "ApiRole", None)),
            ([-1], invalid("Roles[0]", "ApiRole", -1)),
            ([99999], invalid("Roles[0]", "ApiRole", 99999)),
            ([10**30], invalid("Roles[0]", "ApiRole", 10**30)),
            ([0.5], invalid("Roles[0]", "ApiRole", 0.5)),
            ([True], invalid("Roles[0]", "ApiRole", True)),
            ([[]], invalid("Roles[0]", "ApiRole", None)),
            (["x" * 1000], invalid("Roles[0]", "ApiRole", "x" * 100)),
            ("Shopper", invalid("Roles", "Array", "Shopper")),
            ({"0": "Shopper"}, invalid("Roles", "Array", None)),
        ]
    ),
    *(
        (ADMIN, "Active", json.dumps(value), invalid("Active", "Boolean", value))
        for value in ["maybe", "yes", "t", 2, -1, 1e300]
    ),
    *(
        (ADMIN, "FirstName", text, invalid("FirstName", "String", None))
        for text in ("{}", '["a"]', '{"toString":"x"}')
    ),
    *(
        (ADMIN, "xp", text, invalid("xp", "Object", echo))
        for text, echo in [("[]", None), ('"x"', "x"), ("1", 1)]
    ),
]
"""Object, property, the JSON text of a value, the refusal of a PATCH with it (BODY-4 to BODY-7, ERR-5)."""


@pytest.mark.parametrize("place", sorted({row[0] for row in VALUES}))
async def test_values_that_are_none_of_their_type(place: str, world: World, api: Api) -> None:
    """What cannot be coerced is refused by name; long or nested values are not repeated whole."""
    http = api.seller
    async with unchanged(api):
        for _, name, text, expected in (row for row in VALUES if row[0] == place):
            answer = await http.patch(f"/v1/{place}", content=f'{{"{name}":{text}}}'.encode())
            assert (answer.status_code, answer.json()) == (400, expected), (name, text[:100])


@pytest.mark.parametrize("chunked", [False, True])
async def test_size_limit(chunked: bool, api: Api) -> None:
    """HTTP-5: as many bytes as declared are read, one more is 413, with Content-Length and without."""
    limit = MEGABYTE

    def body(size: int) -> Any:
        filled = b'{"Name":"Large"}'.ljust(size)
        if not chunked:
            return filled

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, size, 100_000):
                yield filled[start : start + 100_000]

        return pieces()

    made = await checked(api.seller.post("/v1/buyers", content=body(limit)), 201)
    assert made.json()["Name"] == "Large"
    async with unchanged(api):
        for path, most in (
            ("/v1/buyers", limit),
            ("/oauth/token", 64 * 1024),
            ("/v1/password/reset", 64 * 1024),
        ):
            answer = await api.seller.post(path, content=body(most + 1))
            (entry,) = check_refusal(answer.status_code, answer.headers, answer.content)
            assert (answer.status_code, entry["ErrorCode"]) == (413, "Request.BodyTooLarge")
            assert entry["Data"] == {"MaxBytes": most}


async def test_large_values_within_the_limit(world: World, api: Api) -> None:
    """One refusal, however much is wrong: not a million, and none that repeats megabytes."""
    http = api.seller
    big = "x" * 1_000_000
    bodies: list[tuple[dict[str, Any], int, dict[str, Any]]] = [
        ({"FirstName": big}, 400, {"Property": "FirstName", "MaxLength": 100}),
        ({"ID": big}, 400, {"Property": "ID", "MaxLength": 100}),
        ({"xp": {"a": big}}, 400, {"Property": "xp", "MaxLength": 8000}),
        ({"xp": {big: 1}}, 400, {"Property": "xp", "MaxLength": 8000}),
        ({"xp": {"a": [1] * 19_000}}, 400, {"Property": "xp", "MaxLength": 8000}),
        ({"Active": big}, 400, {"Property": "Active", "Value": "x" * 100}),
        ({"TermsAccepted": "2021-" * 190_000}, 400, {"Property": "TermsAccepted", "Value": "2021-" * 20}),
        ({"FailedLoginAttempts": big, "Unknown": [{}] * 9_000}, 200, {}),
        ({big: 1}, 200, {}),
    ]
    for body, status, data in bodies:
        answer = await http.patch(f"/v1/{ADMIN}", json=body)
        assert answer.status_code == status
        assert len(answer.content) < 2000
        if data:
            assert [entry["Data"] for entry in answer.json()["Errors"]] == [data]
    roles = ["Nope"] * 19_000
    answer = await http.patch(f"/v1/{PROFILE}", json={"Roles": roles})
    assert (answer.status_code, len(answer.json()["Errors"])) == (400, 1)
    many = {f"k{number}": number for number in range(9_000)}
    assert (await http.patch(f"/v1/{ADMIN}", json=many)).status_code == 200


async def test_nesting(world: World, api: Api) -> None:
    """64 levels are kept in xp as they were sent; 65 are refused wherever they stand."""
    url = f"/v1/{ADMIN}"
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        deepest = '{"a":' + opening * 62 + "1" + closing * 62 + "}"
        answer = await checked(api.seller.patch(url, content=f'{{"xp":{deepest}}}'), 200)
        assert f'"xp":{deepest}' in answer.text
        for name in ("xp", "Unknown", "Active"):
            async with unchanged(api):
                body = f'{{"{name}":{{"a":{opening * 63}1{closing * 63}}}}}'
                assert (await checked(api.seller.patch(url, content=body), 400)).json() == INVALID_BODY


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"FirstName":"a","FirstName":"b"}', "b"),
        ('{"FirstName":{},"FirstName":"b"}', "b"),
        ('{"FirstName":"a","firstname":"b"}', "a"),
        ('{"firstname":"a","FIRSTNAME":"b"}', "b"),
        ('\ufeff{"FirstName":"b"}', "b"),
        (r'{"\u0046irstName":"\u0062"}', "b"),
        (r'{"FirstName":"\\u0000"}', r"\u0000"),
        (r'{"FirstName":"\ud83d\ude00"}', "\N{GRINNING FACE}"),
        ('{"FirstName":"a\u202eb\u200b\ufeff\uffff"}', "a\u202eb\u200b\ufeff\uffff"),
        ('{"__proto__":{"FirstName":"x"},"constructor":1,"FirstName":"b"}', "b"),
        ('{"FirstName":"<script>alert(1)</script>"}', "<script>alert(1)</script>"),
        (r'{"FirstName":"\u0001\u001f\u007f"}', "\x01\x1f\x7f"),
        ('{"FirstName":5}', "5"),
        ('{"FirstName":1e3}', "1000"),
    ],
)
async def test_odd_bodies_that_are_fine(body: str, kept: str, world: World, api: Api) -> None:
    """BODY-1, BODY-4: of duplicate keys the last counts, the exact spelling before others; text is kept as it is."""
    answer = await checked(api.seller.patch(f"/v1/{ADMIN}", content=body.encode()), 200)
    assert answer.json()["FirstName"] == kept
    assert (await checked(api.seller.get(f"/v1/{ADMIN}"), 200)).json()["FirstName"] == kept


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [
        ("1e400", "=>1e399", "=>1e401"),
        ("1e999", "=>1e998", "=<1"),
        ("-1e999", "=<1", "=>1"),
        ("1e-999", "=>0", "=>1"),
        ("9" * 4000, "=>1e999", "=<1"),
        ("9223372036854775808", "=9223372036854775808", "=9223372036854775807"),
        ("0.1", "=0.1", "=0.1000000000000000055"),
        ("-0", "=0", "=>0"),
        (
            "12345678901234567890.12345678901234567890",
            "=12345678901234567890.1234567890123456789",
            "=12345678901234567890",
        ),
    ],
)
async def test_huge_numbers_in_xp(text: str, found: str, not_found: str, world: World, api: Api) -> None:
    """XP-1, BODY-7: kept to the last digit, and lists over them still filter and sort."""
    answer = await checked(api.seller.patch(f"/v1/{ADMIN}", content=f'{{"xp":{{"N":{text}}}}}'), 200)
    shown = json.loads(answer.text, parse_float=str, parse_int=str)["xp"]["N"]
    assert Decimal(shown) == Decimal(text)
    for condition, count in ((found, 1), (not_found, 0)):
        listed = await checked(api.seller.get(f"/v1/adminusers?xp.N{condition}&sortBy=!xp.N"), 200)
        assert len(listed.json()["Items"]) == count, condition


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON;charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("text/plain", 200),
        ("", 200),
        (";", 200),
        ("application/x-www-form-urlencoded", 400),
        ("multipart/form-data; boundary=x", 400),
        ("application/xml", 400),
        ("application/octet-stream", 400),
        ("application/json, application/json", 400),
        ("json", 400),
        ("*/*", 400),
        ("\x01\x7f", 400),
        ("ä", 400),
        ("a" * 10_000, 400),
    ],
)
async def test_content_types(content_type: str, status: int, world: World, api: Api) -> None:
    """ERR-8: JSON, text and none are parsed; other types are refused where there is a body, and only there."""
    headers = {b"Content-Type": content_type.encode()}
    answer = await api.seller.patch(f"/v1/{ADMIN}", content=b'{"FirstName":"b"}', headers=headers)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json() == INVALID_BODY
    await checked(api.seller.get(f"/v1/{ADMIN}", headers=headers), 200)
    await checked(api.seller.post("/v1/adminusers/known/unlock", headers=headers), 204)
    await checked(api.seller.request("DELETE", f"/v1/{ADMIN}", headers=headers, content=b"\xff{"), 204)
