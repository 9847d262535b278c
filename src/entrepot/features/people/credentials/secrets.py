"""Secrets at rest and secrets made: sealed columns, keyed digests, random values."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT_VERSION = b"\x01"
KEY_ID_LENGTH = 4
NONCE_LENGTH = 12
_HEADER_LENGTH = len(FORMAT_VERSION) + KEY_ID_LENGTH
MINIMUM_KEY_LENGTH = 16

FINGERPRINT_LENGTH = 8
UNAMBIGUOUS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a person can copy from a message: no 0 and O, no 1 and I."""
ONE_TIME_PASSWORD_LENGTH = 10


class SecretBoxError(Exception):
    """A sealed value does not open: another key, another place, or damage."""


class _DerivedKey:
    """Independent keys for each purpose, derived from one settings key."""

    def __init__(self, settings_key: bytes) -> None:
        if len(settings_key) < MINIMUM_KEY_LENGTH:
            raise ValueError(f"the secret key needs at least {MINIMUM_KEY_LENGTH} bytes")
        self.id = _derive(settings_key, b"id", KEY_ID_LENGTH)
        self.cipher = AESGCM(_derive(settings_key, b"seal", 32))
        self.mac_key = _derive(settings_key, b"digest", 32)


def _derive(settings_key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"entrepot secret box 1: " + purpose).derive(settings_key)


class SecretBox:
    """Authenticated encryption (AES-256-GCM) of single column values under the settings key.

    Sealed form: version (1 byte), key id (4), nonce (12), ciphertext with tag. The key id lets a later settings key
    seal while values of the `previous` ones still open. `place` says where the value lives, for example
    `("api_clients", "client_secret", "12/7C4A...")`: a value copied to another row or column does not open.
    """

    def __init__(self, settings_key: bytes, *previous: bytes) -> None:
        self._current = _DerivedKey(settings_key)
        self._by_id = {key.id: key for key in (*map(_DerivedKey, previous), self._current)}

    def seal(self, value: bytes, place: tuple[str, ...]) -> bytes:
        """Encrypt; two seals of one value differ."""
        header = FORMAT_VERSION + self._current.id
        nonce = os.urandom(NONCE_LENGTH)
        return header + nonce + self._current.cipher.encrypt(nonce, value, _associated(header, place))

    def open(self, sealed: bytes, place: tuple[str, ...]) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            SecretBoxError: see there.
        """
        header, nonce = sealed[:_HEADER_LENGTH], sealed[_HEADER_LENGTH : _HEADER_LENGTH + NONCE_LENGTH]
        ciphertext = sealed[_HEADER_LENGTH + NONCE_LENGTH :]
        key = self._by_id.get(header[len(FORMAT_VERSION) :])
        if header[: len(FORMAT_VERSION)] != FORMAT_VERSION or key is None:
            raise SecretBoxError("sealed with a key that the settings do not hold, or no sealed value at all")
        try:
            return key.cipher.decrypt(nonce, ciphertext, _associated(header, place))
        except (InvalidTag, ValueError) as error:
            raise SecretBoxError("the sealed value was altered or belongs elsewhere") from error

    def seal_text(self, value: str, place: tuple[str, ...]) -> bytes:
        return self.seal(value.encode("utf-8", "surrogatepass"), place)

    def open_text(self, sealed: bytes, place: tuple[str, ...]) -> str:
        return self.open(sealed, place).decode("utf-8", "surrogatepass")

    def digest(self, value: str, place: tuple[str, ...]) -> bytes:
        """A keyed digest (32 bytes) for short secrets that are only ever compared, such as one-time passwords:
        useless to whoever holds the database alone, and quick, so that checking one does not show in the time.
        """
        message = _associated(FORMAT_VERSION, place) + value.encode("utf-8", "surrogatepass")
        return hmac.digest(self._current.mac_key, message, "sha256")


class HandingBox(SecretBox):
    """Opens what one box has sealed, and seals with another."""

    def __init__(self, opens: SecretBox, seals: SecretBox) -> None:
        self._opens, self._seals = opens, seals

    def seal(self, value: bytes, place: tuple[str, ...]) -> bytes:
        return self._seals.seal(value, place)

    def open(self, sealed: bytes, place: tuple[str, ...]) -> bytes:
        return self._opens.open(sealed, place)

    def digest(self, value: str, place: tuple[str, ...]) -> bytes:
        return self._seals.digest(value, place)


def _associated(header: bytes, place: tuple[str, ...]) -> bytes:
    """Header and place with every part's length before it, so that no two places run together."""
    parts = [part.encode("utf-8", "surrogatepass") for part in place]
    counted = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return header + len(parts).to_bytes(4, "big") + counted


def fingerprint(secret: str) -> bytes:
    """Eight bytes of a random secret's SHA-256: finds its record, and tells nothing about 2048 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()[:FINGERPRINT_LENGTH]


def token_digest(token: str) -> bytes:
    """The SHA-256 (32 bytes) under which a refresh token or reset code is stored. Only for random values of 120 bits
    and more; shorter ones need SecretBox.digest.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_client_secret() -> str:
    """Base64 of 256 random bytes: 344 characters (AUTH-42)."""
    return base64.b64encode(secrets.token_bytes(256)).decode("ascii")


def new_refresh_token() -> str:
    """A random GUID in lower case (AUTH-7)."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def new_reset_code() -> str:
    """43 URL-safe characters, fit for the path of PUT /v1/password/reset/{code}."""
    return secrets.token_urlsafe(32)


def new_one_time_password() -> str:
    """Ten characters of 32: 50 bits, for ten minutes and at most ten attempts (AUTH-68)."""
    return "".join(secrets.choice(UNAMBIGUOUS) for _ in range(ONE_TIME_PASSWORD_LENGTH))
