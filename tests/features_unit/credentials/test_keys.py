"""Signing keys, in memory and in the database (AUTH-21, AUTH-23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from entrepot.features.people.credentials.keys import (
    KeyRing,
    SigningKeys,
    delete_retired,
    ensure,
    generate,
    load,
    open_private,
    published,
    rotate,
    seal_private,
    withdraw,
)
from entrepot.features.people.credentials.secrets import SecretBox, SecretBoxError
from entrepot.features.people.credentials.tokens import sign

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
    assert (
        made.standing()
        == again.standing()
        == loaded.standing()
        == (made.current.kid, {made.current.kid: None})
    )
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
    assert ring.standing() == (newer.current.kid, {older.current.kid: None, newer.current.kid: None})


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
    assert keys.ring.standing() == rotated.standing()
    assert [jwk["kid"] for jwk in keys.jwks()] == [rotated.current.kid, ring.current.kid]


async def test_security_13_a_process_learns_when_a_key_was_retired(pool: asyncpg.Pool) -> None:
    """The ring is another one as soon as a key retires, so nothing remembered of the former counts."""
    async with pool.acquire() as connection:
        first = await ensure(connection, BOX, NOW)
        await rotate(connection, BOX, NOW + HOUR)
        ring = await load(connection, BOX, first)
    assert ring is not None
    retired = ring.published[first.current.kid]
    assert retired.retired_at == (NOW + HOUR).timestamp()
    assert retired.may_have_signed((NOW + HOUR).timestamp() + 60)
    assert not retired.may_have_signed((NOW + HOUR).timestamp() + 61)


@pytest.mark.parametrize("current", [True, False], ids=["the one that signs", "a retired one"])
async def test_security_13_a_withdrawn_key_is_gone(pool: asyncpg.Pool, current: bool) -> None:
    async with pool.acquire() as connection:
        first = await ensure(connection, BOX, NOW)
        second = await rotate(connection, BOX, NOW + HOUR)
        kid = (second if current else first).current.kid
        ring = await withdraw(connection, BOX, kid, NOW + 2 * HOUR)
        assert kid not in ring.published
        assert ring.current.kid != kid
        assert await load(connection, BOX, second) is not second
        with pytest.raises(LookupError, match=kid):
            await withdraw(connection, BOX, kid, NOW + 3 * HOUR)


async def test_security_13_a_retired_key_goes_when_its_last_token_has_expired(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        first = await ensure(connection, BOX, NOW)
        second = await rotate(connection, BOX, NOW)
        await delete_retired(connection, NOW + timedelta(days=60, seconds=60))
        kept = await load(connection, BOX)
        await delete_retired(connection, NOW + timedelta(days=60, seconds=61))
        left = await load(connection, BOX)
    assert kept is not None
    assert left is not None
    assert {*kept.published} == {first.current.kid, second.current.kid}
    assert {*left.published} == {second.current.kid}
