"""Bodies and a real database: rows as asyncpg gives them, and JSON at the bounds of what is accepted."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from tests.engine.wire.bodies import Thing

from entrepot.engine.wire.json import MAX_DEPTH, dump, encode, parse
from entrepot.engine.wire.render import Renderer

SELECT = """
SELECT 7 AS _epoch, '{"z": 1.50, "a":1}'::json AS xp, 'one' AS "ID", 10.00::numeric AS "Price", 1e-7::numeric AS "SalePrice",
    '2021-02-09 01:10:00.560789+02'::timestamptz AS "StartDate", NULL::timestamptz AS "DateCreated",
    ARRAY['a', 'b'] AS "Tags", '{"Enabled":true,"ApiKey":"secret"}'::json AS "Inventory"
"""


async def test_record(postgres: str) -> None:
    """BODY-3, BODY-6, BODY-7, XP-1"""
    connection = await asyncpg.connect(postgres)
    try:
        row = await connection.fetchrow(SELECT)
    finally:
        await connection.close()
    text = encode(Renderer(Thing).render(row)).decode()
    assert text.startswith('{"ID":"one","Name":null,')
    for part in (
        '"Price":10,"SalePrice":0.0000001,',
        '"StartDate":"2021-02-08T23:10:00.56+00:00",',
        '"Tags":["a","b"],',
        '"Inventory":{"Enabled":true,"ApiKey":null},',
        '"DateCreated":"0001-01-01T00:00:00+00:00",',
        '"xp":{"z": 1.50, "a":1}}',
    ):
        assert part in text


@pytest.mark.parametrize(
    "raw",
    [
        b"1e1000",
        b"-1e-1000",
        b"9" * 1001 + b"." + b"9" * 1000,
        b"9" * 4300,
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH,
        b'{"":"","\\u0001\\u001f":"\\ufffe\\uffff\\udbff\\udfff"}',
        b'"\\\\u0000"',
    ],
)
async def test_whatever_is_accepted_can_be_stored(postgres: str, raw: bytes) -> None:
    """XP-1: as json, whose text comes back unchanged, and as jsonb, which filters read."""
    value: Any = parse(raw)
    connection = await asyncpg.connect(postgres)
    try:
        text, again = await connection.fetchrow("SELECT $1::json, $1::json::jsonb::text", dump(value))
    finally:
        await connection.close()
    assert text == dump(value)
    assert parse(again.encode()) == value
