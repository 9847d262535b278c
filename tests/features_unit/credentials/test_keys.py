"""Signing keys, in memory and in the database (AUTH-21, AUTH-23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from entrepot.features.credentials.keys import (
    KeyRing,
    SigningKeys,
    ensure,
    generate,
    load,
    open_private,
    published,
    rotate,
    seal_private,
)
from entrepot.features.credentials.secrets import SecretBox, SecretBoxError
from entrepot.features.credentials.tokens import sign

BOX = SecretBox(b"settings key of thirty-two bytes")
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_auth_23_the_published_form() -> None:
    key = generate()
    jwk = published(key).jwk
    assert list(jwk) == ["kty", "n", "e", "alg", "use", "kid"]
    assert {**jwk, "n": "", "kid": ""} == {
        "kty": "RSA",
        "n": "",
        "e": "AQAB",
        "alg": "RS256",
        "use": "sig",
        "kid": "",
    }
    assert len(jwk["n"]) == 342, "2048 bits, base64url without padding"
    assert jwk["kid"] == key.kid
    assert len(key.kid) == 43


def test_the_private_key_is_sealed_for_its_own_row() -> None:
    key, other = generate(), generate()
    sealed = seal_private(key, BOX)
    assert b"PRIVATE KEY" not in sealed
    assert open_private(key.kid, sealed, BOX).key.thumbprint() == key.kid
    with pytest.raises(SecretBoxError):
        open_private(other.kid, sealed, BOX)


async def test_the_first_key_is_made_once(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        assert await load(connection, BOX) is None
        made = await ensure(connection, BOX, NOW)
        again = await ensure(connection, BOX, NOW + HOUR)
        loaded = await load(connection, BOX)
    assert loaded is not None
    assert made.kids() == again.kids() == loaded.kids() == (made.current.kid, frozenset({made.current.kid}))
    assert sign(loaded.current, {"a": 1}) == sign(made.current, {"a": 1})
    assert loaded.published[made.current.kid].jwk == published(made.current).jwk


async def test_auth_23_a_rotation_keeps_the_retired_keys_published(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        first = await ensure(connection, BOX, NOW)
        second = await rotate(connection, BOX, NOW + HOUR)
        third = await rotate(connection, BOX, NOW + 2 * HOUR)
        rows = await connection.fetch("select kid, retired_at from signing_keys order by created_at")
    kids = [ring.current.kid for ring in (first, second, third)]
    assert len({*kids}) == 3
    assert [*third.published] == kids[::-1]
    assert [(row["kid"], row["retired_at"]) for row in rows] == [
        (kids[0], NOW + HOUR),
        (kids[1], NOW + 2 * HOUR),
        (kids[2], None),
    ]


async def test_the_newest_of_several_active_keys_signs(pool: asyncpg.Pool) -> None:
    """Two processes that start on an empty database may both make a first key."""
    async with pool.acquire() as connection:
        older = await ensure(connection, BOX, NOW)
        newer = await rotate(connection, BOX, NOW + HOUR)
        await connection.execute("update signing_keys set retired_at = null")
        ring = await load(connection, BOX)
    assert ring is not None
    assert ring.kids() == (newer.current.kid, frozenset({older.current.kid, newer.current.kid}))


async def test_another_settings_key_does_not_open_the_signing_key(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await ensure(connection, BOX, NOW)
        with pytest.raises(SecretBoxError):
            await load(connection, SecretBox(b"another settings key"))


async def test_a_process_follows_a_rotation_by_another(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        ring = await ensure(connection, BOX, NOW)

        async def read(known: KeyRing) -> KeyRing | None:
            return await load(connection, BOX, known)

        keys = SigningKeys(ring, read)
        await keys.reload()
        assert keys.ring is ring, "nothing new, nothing replaced"
        rotated = await rotate(connection, BOX, NOW + HOUR)
        await keys.reload()
    assert keys.ring.kids() == rotated.kids()
    assert [jwk["kid"] for jwk in keys.jwks()] == [rotated.current.kid, ring.current.kid]
