"""Sealed values, digests, and random secrets (AUTH-7, AUTH-42, AUTH-68)."""

from __future__ import annotations

import base64
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.people.credentials.secrets import (
    SecretBox,
    SecretBoxError,
    fingerprint,
    new_client_secret,
    new_one_time_password,
    new_refresh_token,
    new_reset_code,
    token_digest,
)

KEY = b"settings key of thirty-two bytes"
BOX = SecretBox(KEY)
PLACE = ("api_clients", "client_secret", "1/A")


@given(st.binary(max_size=300))
def test_what_was_sealed_opens(value: bytes) -> None:
    sealed = BOX.seal(value, PLACE)
    assert BOX.open(sealed, PLACE) == value
    assert SecretBox(KEY).open(sealed, PLACE) == value
    assert BOX.seal(value, PLACE) != sealed


@given(st.text(max_size=50))
def test_text_survives(value: str) -> None:
    assert BOX.open_text(BOX.seal_text(value, PLACE), PLACE) == value


@pytest.mark.parametrize(
    "place",
    [
        ("api_clients", "client_secret", "1/B"),
        ("api_clients", "other_secret", "1/A"),
        ("api_clients", "client_secret"),
        ("api_clientsclient_secret", "", "1/A"),
        ("api_clients", "client_secret1/A", ""),
        (),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(place: tuple[str, ...]) -> None:
    with pytest.raises(SecretBoxError):
        BOX.open(BOX.seal(b"value", PLACE), place)


def test_no_changed_or_cut_byte_goes_unnoticed() -> None:
    sealed = BOX.seal(b"value", PLACE)
    changed = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for damaged in [*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SecretBoxError):
            BOX.open(damaged, PLACE)


@given(st.binary(max_size=100))
def test_junk_does_not_open(junk: bytes) -> None:
    with pytest.raises(SecretBoxError):
        BOX.open(junk, PLACE)


def test_a_new_settings_key_opens_the_values_of_the_previous_one() -> None:
    old = BOX.seal(b"value", PLACE)
    rotated = SecretBox(b"another settings key", KEY)
    new = rotated.seal(b"value", PLACE)
    assert rotated.open(old, PLACE) == rotated.open(new, PLACE) == b"value"
    with pytest.raises(SecretBoxError):
        BOX.open(new, PLACE)


def test_a_short_settings_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        SecretBox(b"short")


def test_keyed_digest_depends_on_value_place_and_key() -> None:
    digests = {
        BOX.digest("12345678", PLACE),
        BOX.digest("12345679", PLACE),
        BOX.digest("12345678", ("one_time_passwords", "digest", "1/A")),
        SecretBox(b"another settings key").digest("12345678", PLACE),
    }
    assert len(digests) == 4
    assert BOX.digest("12345678", PLACE) in digests
    assert {len(digest) for digest in digests} == {32}


def test_auth_42_client_secret_is_base64_of_256_bytes() -> None:
    secret = new_client_secret()
    assert len(secret) == 344
    assert len(base64.b64decode(secret, validate=True)) == 256


def test_auth_7_refresh_token_is_a_guid() -> None:
    token = new_refresh_token()
    assert str(uuid.UUID(token)) == token
    assert uuid.UUID(token).version == 4


def test_reset_codes_fit_a_path_and_one_time_passwords_a_message() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", new_reset_code())
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{10}", new_one_time_password())


def test_random_values_do_not_repeat() -> None:
    for make in (new_client_secret, new_refresh_token, new_reset_code, new_one_time_password):
        assert len({make() for _ in range(100)}) == 100


def test_digests_take_any_text() -> None:
    assert len(fingerprint("\ud800")) == 8
    assert token_digest("a") != token_digest("b")
    assert len(token_digest("\ud800")) == 32
