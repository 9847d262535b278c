"""The RSA keys that sign access tokens: in the database, sealed; in memory, ready to use (AUTH-21, AUTH-23).

Table `signing_keys`, one for the whole server: kid text primary key, public_jwk json, private_encrypted bytea,
created_at timestamptz, retired_at timestamptz null. The newest key that is not retired signs; the retired ones verify
what they signed before, and stay published as long as such a token may hold. A withdrawn key is gone at once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import RSAKey

from entrepot.domain.identity.clients import LONGEST_LIFETIME
from entrepot.features.people.credentials.secrets import SecretBox

KEY_SIZE = 2048
RELOAD_INTERVAL = 5.0
"""Seconds between two reloads for the sake of unknown keys: forged tokens must not become a load on the database."""
RETIREMENT_GRACE = 60
"""Seconds for which processes that have not heard of a retirement may go on signing with the key."""


class Connection(Protocol):
    """What is used of an asyncpg connection."""

    async def fetch(self, query: str, /, *args: Any) -> Any: ...

    async def execute(self, query: str, /, *args: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; `kid` is its RFC 7638 thumbprint."""

    kid: str
    key: RSAKey


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key, parsed once, and its JWK as `/oauth/certs/{ID}` answers it. `retired_at` in Unix seconds."""

    kid: str
    key: RSAKey
    jwk: dict[str, str]
    retired_at: float | None = None

    def may_have_signed(self, issued_at: float) -> bool:
        """Whether the key was in use then: whoever has got hold of a retired one signs nothing new with it."""
        return self.retired_at is None or issued_at <= self.retired_at + RETIREMENT_GRACE


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys as one process knows them; replaced whole, never changed. `published` is by kid, newest first."""

    current: SigningKey
    published: Mapping[str, PublishedKey]

    def standing(self) -> tuple[str, dict[str, float | None]]:
        """The signing key, and all keys by name with their retirement; a name stands for one key for ever."""
        return self.current.kid, {kid: key.retired_at for kid, key in self.published.items()}


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """What a person may know of a key."""

    kid: str
    created_at: datetime
    retired_at: datetime | None


def generate() -> SigningKey:
    """A new RSA 2048 key; takes some 0.1 s of CPU."""
    key = RSAKey.generate_key(KEY_SIZE)
    return SigningKey(key.thumbprint(), key)


def published(key: SigningKey) -> PublishedKey:
    """The public half."""
    numbers = key.key.as_dict(private=False)
    jwk = {
        "kty": "RSA",
        "n": str(numbers["n"]),
        "e": str(numbers["e"]),
        "alg": "RS256",
        "use": "sig",
        "kid": key.kid,
    }
    return _parse_public(jwk)


def _parse_public(jwk: dict[str, str], retired_at: float | None = None) -> PublishedKey:
    key = RSAKey.import_key({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    return PublishedKey(jwk["kid"], key, jwk, retired_at)


def seal_private(key: SigningKey, box: SecretBox) -> bytes:
    """PKCS #8 PEM, encrypted for the key's own row."""
    return box.seal(key.key.as_pem(private=True), _place(key.kid))


def open_private(kid: str, sealed: bytes, box: SecretBox) -> SigningKey:
    """The reverse of seal_private.

    Raises:
        SecretBoxError: the settings key is not the one that sealed it.
    """
    # What the seal has let through is what was sealed: to look whether its numbers are primes would take 40 ms of each start.
    key = load_pem_private_key(box.open(sealed, _place(kid)), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return SigningKey(kid, RSAKey.import_key(key))


def _place(kid: str) -> tuple[str, ...]:
    return ("signing_keys", "private_encrypted", kid)


SELECT_KEYS = """
select kid, public_jwk::text as public_jwk, private_encrypted, extract(epoch from retired_at)::float8 as retired_at
from signing_keys order by created_at desc, kid"""

SELECT_TIMES = "select kid, created_at, retired_at from signing_keys order by created_at desc, kid"

INSERT_KEY = """
insert into signing_keys (kid, public_jwk, private_encrypted, created_at) values ($1, $2::text::json, $3, $4)"""

RETIRE_OTHERS = """
update signing_keys set retired_at = $2 where kid <> $1 and retired_at is null"""

SEAL_KEY = """
update signing_keys set private_encrypted = $2 where kid = $1"""

DELETE_KEY = """
delete from signing_keys where kid = $1 returning kid"""

DELETE_RETIRED = """
delete from signing_keys where retired_at < $1"""


async def load(connection: Connection, box: SecretBox, known: KeyRing | None = None) -> KeyRing | None:
    """The keys of the database, or None when no key signs yet; `known` itself where these are its keys, since reading a
    private key takes some 0.1 s of CPU. Only the signing key is decrypted.

    Raises:
        SecretBoxError: the settings key is not the one that sealed the signing key.
    """
    rows = await connection.fetch(SELECT_KEYS)
    active = next((row for row in rows if row["retired_at"] is None), None)
    if active is None:
        return None
    if known is not None and known.standing() == (
        active["kid"],
        {row["kid"]: row["retired_at"] for row in rows},
    ):
        return known
    public = (_parse_public(json.loads(row["public_jwk"]), row["retired_at"]) for row in rows)
    return KeyRing(
        open_private(active["kid"], active["private_encrypted"], box), {key.kid: key for key in public}
    )


async def ensure(connection: Connection, box: SecretBox, now: datetime) -> KeyRing:
    """The keys of the database, after making the first one where there is none. Processes that start together may
    each make one: all are published, the newest signs, and nothing has to wait for a lock.
    """
    ring = await load(connection, box)
    if ring is not None:
        return ring
    await _insert(connection, box, generate(), now)
    return await _load_existing(connection, box)


async def rotate(connection: Connection, box: SecretBox, now: datetime) -> KeyRing:
    """Put a new key in place and retire the others. They go on verifying, so tokens issued before stay valid.

    Two statements without a transaction: between them the newest key signs already.
    """
    key = generate()
    await _insert(connection, box, key, now)
    await connection.execute(RETIRE_OTHERS, key.kid, now)
    return await _load_existing(connection, box)


async def withdraw(connection: Connection, box: SecretBox, kid: str, now: datetime) -> KeyRing:
    """Delete a key that others have got hold of: no token that it signed holds any more, in no process once it has read
    the keys again. Where it is the one that signs, a new one takes its place first.

    Raises:
        LookupError: there is no such key.
    """
    ring = await ensure(connection, box, now)
    if ring.current.kid == kid:
        await rotate(connection, box, now)
    if not await connection.fetch(DELETE_KEY, kid):
        raise LookupError(kid)
    return await _load_existing(connection, box)


async def describe(connection: Connection) -> list[KeyDescription]:
    """All keys, newest first."""
    return [KeyDescription(**row) for row in await connection.fetch(SELECT_TIMES)]


async def reseal(connection: Connection, box: SecretBox) -> int:
    """Seal all private keys with the current settings key; how many there were. In the caller's transaction."""
    rows = await connection.fetch(SELECT_KEYS)
    for row in rows:
        where = _place(row["kid"])
        sealed = box.seal(box.open(row["private_encrypted"], where), where)
        await connection.execute(SEAL_KEY, row["kid"], sealed)
    return len(rows)


async def delete_retired(connection: Connection, now: datetime) -> None:
    """Keys of which every token has expired."""
    await connection.execute(DELETE_RETIRED, now - LONGEST_LIFETIME - timedelta(seconds=RETIREMENT_GRACE))


async def _insert(connection: Connection, box: SecretBox, key: SigningKey, now: datetime) -> None:
    await connection.execute(INSERT_KEY, key.kid, json.dumps(published(key).jwk), seal_private(key, box), now)


async def _load_existing(connection: Connection, box: SecretBox) -> KeyRing:
    ring = await load(connection, box)
    if ring is None:
        raise LookupError("the signing key just stored was retired at once")
    return ring


class SigningKeys:
    """The key ring of this process and how it learns of keys that other processes made.

    `read` loads the ring from the database, and takes the one that is known; `monotonic` counts seconds.
    """

    def __init__(
        self,
        ring: KeyRing,
        read: Callable[[KeyRing], Awaitable[KeyRing | None]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ring = ring
        self._read = read
        self._monotonic = monotonic
        self._last_reload: float | None = None
        self._lock = asyncio.Lock()

    async def reload(self) -> None:
        """Read the ring anew; call it after a rotation and now and then, so that the newest key signs here too."""
        async with self._lock:
            await self._replace()

    async def learn(self, kid: str) -> bool:
        """Whether the key is known, after at most one reload per RELOAD_INTERVAL for all unknown keys together."""
        async with self._lock:
            if kid not in self.ring.published and self._may_reload():
                await self._replace()
        return kid in self.ring.published

    def jwks(self) -> Iterable[dict[str, str]]:
        """Every public key, newest first."""
        return (key.jwk for key in self.ring.published.values())

    def _may_reload(self) -> bool:
        return self._last_reload is None or self._monotonic() - self._last_reload >= RELOAD_INTERVAL

    async def _replace(self) -> None:
        self._last_reload = self._monotonic()
        # An unchanged ring stays the same object: whoever remembers tokens verified with it may go on.
        self.ring = await self._read(self.ring) or self.ring
