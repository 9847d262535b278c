"""JSON text in and out: BODY-1, BODY-7, XP-1, CONV-9 (body syntax)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.engine.wire.json import MAX_DEPTH, dump, is_deeper, load, parse
from entrepot.kernel.errors import InvalidBodyError


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + b"1" + closing * depth


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"5", 5),
        (b"-0", 0),
        (b"1.50", Decimal("1.50")),
        (b"0.1", Decimal("0.1")),
        (b"1e2", Decimal("1E+2")),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"1e1000", Decimal("1E+1000")),
        (b"1e-1000", Decimal("1E-1000")),
        (b"[]", []),
        (b"null", None),
        (b' {"a" : true}\r\n', {"a": True}),
        (b'{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        ('"é😀\u2028"'.encode(), "é😀\u2028"),
        (b'"\\ud83d\\ude00\\n\\u0001"', "😀\n\x01"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\\\\\\\u0000"', "\\\\u0000"),
    ],
)
def test_values(raw: bytes, value: Any) -> None:
    parsed = parse(raw)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"{",
        b"{'a':1}",
        b'{"a":1}}',
        b'{"a":1,}',
        b"[1,]",
        b"01",
        b"1.",
        b"+1",
        b"nul",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"// note\n{}",
        b'"open',
        b'"a\nb"',
        b'"\\x41"',
        b"\x00",
        b'"\x00"',
        b'"\xff"',
        b'{"\xff":1}',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        '{"a":1}'.encode("utf-16"),
        b'"\\u0000"',
        b'{"a\\u0000":1}',
        b'"\\\\\\u0000"',
        b'{"a":["\\ud800"]}',
        b'"\\udc00"',
        b'"\\ud800\\u0041"',
        b'{"\\ud800":1}',
        b"1e1001",
        b"1e-1001",
        b"-1e999999999999999999999",
        b"0e999999999999",
        b"0." + b"0" * 1001 + b"1",
        b"1" * 1002 + b".5",
        b"9" * 5000,
        nested(MAX_DEPTH + 1),
        nested(MAX_DEPTH + 1, b'{"a":', b"}"),
        nested(100_000),
        b"[" * 100_000,
    ],
)
def test_refused(raw: bytes) -> None:
    with pytest.raises(InvalidBodyError):
        parse(raw)


def test_depth_is_counted_by_nesting_alone() -> None:
    assert parse(nested(MAX_DEPTH))
    assert parse(b"[" + b",".join([b'{"[[[{{{":[]}'] * 1000) + b"]")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [Decimal("10.50"), None, True]}, '{"b":1,"a":[10.50,null,true]}'),
        ({"é": "\u2028😀/"}, '{"é":"\u2028😀/"}'),
        (Decimal("0.1"), "0.1"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_dump(value: Any, text: str) -> None:
    assert dump(value) == text


CHARACTERS = st.characters(exclude_characters="\0", codec="utf-8")
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30).filter(
    lambda number: int(number.as_tuple().exponent) >= -1000
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(CHARACTERS, max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=4)
    ),
    max_leaves=25,
)


def ordered(value: Any) -> Any:
    """The same value with the order of keys made part of it."""
    match value:
        case dict():
            return [(key, ordered(inner)) for key, inner in value.items()]
        case list():
            return [ordered(inner) for inner in value]
        case Decimal():
            # An integral one comes back as an integer, which equals it.
            return str(value) if value != value.to_integral_value() else int(value)
        case bool():
            return str(value)
        case _:
            return value


@given(JSON_VALUES)
def test_round_trip_keeps_values_and_key_order(value: Any) -> None:
    """XP-1"""
    text = dump(value)
    again = parse(text.encode())
    assert ordered(again) == ordered(value)
    assert dump(again) == text
    assert load(text) == again


@given(st.binary(max_size=50) | st.text(max_size=50).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    try:
        value = parse(raw)
    except InvalidBodyError:
        return
    assert parse(dump(value).encode()) == value


@given(JSON_VALUES)
def test_depth_agrees_with_its_definition(value: Any) -> None:
    def depth(inner: Any) -> int:
        if not isinstance(inner, dict | list):
            return 0
        children = inner.values() if isinstance(inner, dict) else inner
        return 1 + max(map(depth, children), default=0)

    deepest = depth(value)
    assert not is_deeper(value, deepest)
    assert deepest == 0 or is_deeper(value, deepest - 1)
