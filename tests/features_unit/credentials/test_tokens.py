"""Access tokens, good and bad (AUTH-7, AUTH-21, AUTH-22, AUTH-28)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jws import JWSRegistry

from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.roles import NO_ROLES, RoleSet
from entrepot.domain.identity.ties import Elevation, Giver, Session, Ties
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.credentials.keys import (
    KeyRing,
    PublishedKey,
    SigningKey,
    SigningKeys,
    generate,
    published,
)
from entrepot.features.people.credentials.tokens import (
    TokenVerifier,
    UnknownSigningKeyError,
    issue,
    sign,
    verify,
)
from entrepot.kernel.errors import InvalidTokenError
from entrepot.kernel.user_types import UserType

ISSUED = 1_613_208_312
KEY = generate()
OTHER_KEY = generate()
KEYS: Mapping[str, PublishedKey] = {KEY.kid: published(KEY)}
CLAIMS = AccessClaims(
    username="anon-template",
    client_id="7c4a22c8-0d1e-4f5a-9b6c-1234567890ab",
    user_key=2_983_310,
    user_type=UserType.BUYER,
    roles=RoleSet.of(["Shopper", "MeAdmin"]),
    validity=Validity.starting(datetime.fromtimestamp(ISSUED + 0.9, UTC), timedelta(days=7), 0),
    base_url="http://localhost:8080",
    marketplace_key=12,
    generation=3,
    order_id="qXswHcgcmE-PRuaJrtuBkA",
)
PAYLOAD = CLAIMS.payload()


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(segment: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(segment + "=="))


def test_auth_21_the_guest_of_the_example() -> None:
    header, payload, _ = issue(KEY, CLAIMS).split(".")
    assert decoded(header) == {"alg": "RS256", "kid": KEY.kid, "typ": "JWT"}
    assert decoded(payload) == {
        "usr": "anon-template",
        "cid": "7c4a22c8-0d1e-4f5a-9b6c-1234567890ab",
        "orderid": "qXswHcgcmE-PRuaJrtuBkA",
        "u": "2983310",
        "usrtype": "buyer",
        "role": ["MeAdmin", "Shopper"],
        "mid": "12",
        "gen": 3,
        "nbf": 1_613_207_712,
        "exp": 1_613_813_112,
        "iat": ISSUED,
        "iss": "http://localhost:8080",
        "aud": "http://localhost:8080",
    }


@pytest.mark.parametrize(
    ("roles", "claim"),
    [
        (["FullAccess"], {"role": "FullAccess"}),
        (["Shopper", "FooRole"], {"role": ["Shopper", "FooRole"]}),
        ([], {}),
    ],
)
def test_auth_21_role_is_a_name_names_or_absent(roles: list[str], claim: dict[str, Any]) -> None:
    payload = replace(CLAIMS, roles=RoleSet.named(roles)).payload()
    assert {name: payload[name] for name in payload if name == "role"} == claim


FULL = replace(
    CLAIMS,
    roles=RoleSet.of(["OrderAdmin"], ["Custom", "Überrolle"]),
    anonymous_user_id="visitor é 1",
    ties=Ties(
        (Session(7, 0), Session(9, 2)),
        ("0123456789abcdef",),
        (
            Elevation(Giver.EVENT, ("OrderAdmin",), "event"),
            Elevation(Giver.WEBHOOK, ("Shopper", "MeAdmin"), "w"),
        ),
        reset_code="ab" * 32,
    ),
)
OTHERS = tuple(
    replace(CLAIMS, ties=ties)
    for ties in (
        Ties((Session(7, 0),)),
        Ties(elevations=(Elevation(Giver.SUBSCRIPTION, ()),)),
        Ties(reset_code="ab"),
    )
)
PLAIN = replace(
    CLAIMS,
    roles=NO_ROLES,
    order_id=None,
    user_type=UserType.SELLER,
    generation=0,
    validity=Validity.starting(datetime.fromtimestamp(ISSUED, UTC), timedelta(hours=10), 0),
)


DEFAULT = replace(PLAIN, user_key=-17, username="f90223ca-4d94-4a61-b260-424647a3207b")
"""A default user (PORT-13), and whom one acts as."""
BEHIND = replace(PLAIN, ties=Ties((Session(-17, 4),)))


@pytest.mark.parametrize("claims", [CLAIMS, FULL, PLAIN, *OTHERS, DEFAULT, BEHIND])
def test_what_is_issued_is_what_is_verified(claims: AccessClaims) -> None:
    assert verify(issue(KEY, claims), KEYS, ISSUED) == claims
    assert claims.is_anonymous is (claims.order_id is not None)


def test_auth_22_a_token_of_all_roles_stays_under_4096_bytes() -> None:
    token = issue(KEY, replace(FULL, roles=RoleSet.of(ApiRole)))
    assert len(token) < 4096
    assert verify(token, KEYS, ISSUED).roles.api == frozenset(ApiRole)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (ISSUED - 600.001, False),
        (ISSUED - 600, True),
        (ISSUED + 7 * 86_400 - 0.001, True),
        (ISSUED + 7 * 86_400, False),
        (float("nan"), False),
        (float("inf"), False),
    ],
)
def test_auth_28_a_token_holds_from_nbf_until_exp(now: float, holds: bool) -> None:
    token = issue(KEY, CLAIMS)
    if holds:
        assert verify(token, KEYS, now) == CLAIMS
    else:
        with pytest.raises(InvalidTokenError):
            verify(token, KEYS, now)


def test_auth_21_the_name_under_which_the_server_is_reached_does_not_matter() -> None:
    claims = replace(CLAIMS, base_url="https://shop.example")
    assert verify(issue(KEY, claims), KEYS, ISSUED).base_url == "https://shop.example"


HEADER, BODY, SIGNATURE = issue(KEY, CLAIMS).split(".")


def hs256_with_the_public_key() -> str:
    pem = KEY.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': KEY.kid, 'typ': 'JWT'})}.{BODY}"
    return f"{signed}.{part(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def with_header(**members: Any) -> str:
    return f"{part({'alg': 'RS256', 'kid': KEY.kid, 'typ': 'JWT', **members})}.{BODY}.{SIGNATURE}"


def last_character_respelled() -> str:
    """The same signature bytes: the last character of 342 carries only two bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(SIGNATURE[-1]) ^ 1]
    return f"{HEADER}.{BODY}.{SIGNATURE[:-1]}{last}"


@pytest.mark.parametrize(
    ("what", "token"),
    [
        ("empty", ""),
        ("blank", " "),
        ("one part", "abc"),
        ("dots", ".."),
        ("two parts", f"{HEADER}.{BODY}"),
        ("four parts", f"{HEADER}.{BODY}.{SIGNATURE}.{SIGNATURE}"),
        ("blank in front", f" {HEADER}.{BODY}.{SIGNATURE}"),
        ("line feed at the end", f"{HEADER}.{BODY}.{SIGNATURE}\n"),
        ("padding", f"{HEADER}.{BODY}.{SIGNATURE}=="),
        ("not ASCII", f"{HEADER}.{BODY}.{SIGNATURE[:-1]}\u00e9"),
        ("surrogate", f"{HEADER}.{BODY}.{SIGNATURE[:-1]}\ud800"),
        ("NUL", f"{HEADER}.{BODY}\0.{SIGNATURE}"),
        ("100 KB", "A" * 100_000),
        ("100 KB of body", f"{HEADER}.{'A' * 100_000}.{SIGNATURE}"),
        ("long header", f"{'A' * 5_000}.{BODY}.{SIGNATURE}"),
        ("header of one character", f"A.{BODY}.{SIGNATURE}"),
        ("header is no JSON", f"{part(b'nonsense')}.{BODY}.{SIGNATURE}"),
        ("header is no UTF-8", f"{part(bytes([0xFF, 0xFE, 0xFD]))}.{BODY}.{SIGNATURE}"),
        ("header is a list", f"{part([])}.{BODY}.{SIGNATURE}"),
        ("nested header", f"{part(b'[' * 380)}.{BODY}.{SIGNATURE}"),
        ("header without kid", f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{BODY}.{SIGNATURE}"),
        ("kid is no text", with_header(kid=["x"])),
        ("kid of nobody", with_header(kid="unknown")),
        ("alg none", f"{part({'alg': 'none', 'kid': KEY.kid, 'typ': 'JWT'})}.{BODY}."),
        ("alg none with signature", with_header(alg="none")),
        ("alg NONE", with_header(alg="NONE")),
        ("HS256 with the public key", hs256_with_the_public_key()),
        ("RS512", with_header(alg="RS512")),
        ("another typ", with_header(typ="at+jwt")),
        ("embedded key", with_header(jwk=published(OTHER_KEY).jwk)),
        ("critical extension", with_header(crit=["b64"], b64=False)),
        ("no signature", f"{HEADER}.{BODY}."),
        ("zero signature", f"{HEADER}.{BODY}.{part(bytes(256))}"),
        ("short signature", f"{HEADER}.{BODY}.{SIGNATURE[:-4]}"),
        ("respelled signature", last_character_respelled()),
        ("signature of one character", f"{HEADER}.{BODY}.A"),
        ("another's signature", sign(SigningKey(KEY.kid, OTHER_KEY.key), PAYLOAD)),
        ("changed body", f"{HEADER}.{part({**PAYLOAD, 'role': 'FullAccess'})}.{SIGNATURE}"),
    ],
)
def test_auth_28_a_malformed_or_forged_token_is_invalid(what: str, token: str) -> None:
    with pytest.raises(InvalidTokenError) as refused:
        verify(token, KEYS, ISSUED)
    [item] = refused.value.items()
    assert (refused.value.status, item.code, item.message, item.data) == (
        401,
        "InvalidToken",
        "Access token is invalid or expired.",
        None,
    ), what


MISSING = object()


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        *((claim, MISSING) for claim in PAYLOAD if claim not in {"role", "orderid"}),
        *((claim, None) for claim in [*PAYLOAD, "imp", "anonuserid", "invitationid"]),
        *((claim, []) for claim in [*PAYLOAD, "imp", "anonuserid", "invitationid"]),
        *((claim, {"a": 1}) for claim in PAYLOAD),
        *((claim, "") for claim in [*PAYLOAD, "imp", "anonuserid", "invitationid"]),
        *((claim, str(ISSUED)) for claim in ("iat", "nbf", "exp", "gen")),
        *((claim, float(ISSUED)) for claim in ("iat", "nbf", "exp", "gen")),
        *((claim, True) for claim in ("iat", "nbf", "exp", "gen", "usr", "role")),
        *((claim, -1) for claim in ("iat", "nbf", "exp", "gen")),
        *((claim, 2**63) for claim in ("iat", "nbf", "exp", "gen")),
        *(("ahead", wrong) for wrong in ("60", 60.0, True, None, 2**63, -(2**63))),
        *((claim, 12) for claim in ("u", "mid", "imp", "usr", "cid")),
        *((claim, "012") for claim in ("u", "mid", "imp")),
        *((claim, "-1") for claim in ("u", "mid", "imp")),
        *((claim, "१") for claim in ("u", "mid", "imp")),
        *((claim, "9223372036854775808") for claim in ("u", "mid", "imp")),
        ("cid", "7C4A22C8-0D1E-4F5A-9B6C-1234567890AB"),
        ("cid", "not-a-guid"),
        ("usrtype", "seller"),
        ("usrtype", "Buyer"),
        ("orderid", "short"),
        ("invitationid", "short"),
        ("invitationid", "qXswHcgcmE+PRuaJrtuBkA"),
        ("orderid", "qXswHcgcmE+PRuaJrtuBkA"),
        ("role", ["Shopper", 1]),
        ("role", ["Shopper", ""]),
        # An impersonator is always tied.
        ("imp", "7"),
        ("ties", {"sessions": [["7", 0]]}),
        ("ties", {"sessions": {}}),
        ("ties", {"sessions": [["7"]]}),
        ("ties", {"sessions": [[7, 0]]}),
        ("ties", {"sessions": [["7", "0"]]}),
        ("ties", {"configs": "x"}),
        ("ties", {"configs": [1]}),
        ("ties", {"elevated": "Shopper"}),
        ("ties", {"elevated": [["nobody", "", "Shopper"]]}),
        ("ties", {"elevated": [["event", 1, "Shopper"]]}),
        ("ties", {"elevated": [["event"]]}),
        ("ties", {"code": ""}),
        ("ties", {}),
        ("ties", []),
        ("aud", "http://elsewhere"),
        ("aud", ["http://localhost:8080"]),
    ],
)
def test_claims_of_a_wrong_kind_are_invalid_even_when_signed(claim: str, value: Any) -> None:
    payload = {**PAYLOAD, claim: value}
    if value is MISSING:
        del payload[claim]
    with pytest.raises(InvalidTokenError):
        verify(sign(KEY, payload), KEYS, ISSUED)


def signed_without_kid(key: SigningKey, payload: Mapping[str, Any]) -> str:
    """As `sign` does it, but for the header."""
    header = {"alg": "RS256", "typ": "JWT"}
    registry = JWSRegistry(algorithms=["RS256"])
    return jwt.encode(header, dict(payload), key.key, registry=registry, default_type=None)


def test_port_13_the_token_of_a_default_user() -> None:
    header, payload, _ = issue(KEY, DEFAULT).split(".")
    assert decoded(header) == {"alg": "RS256", "typ": "JWT"}
    assert decoded(payload) == {**DEFAULT.payload(), "kid": KEY.kid}
    assert (DEFAULT.payload()["uid"], "u" in DEFAULT.payload()) == ("17", False)
    assert BEHIND.payload()["imp"] == "-17"


NAMED, WITHIN = DEFAULT.payload(), {**DEFAULT.payload(), "kid": KEY.kid}


@pytest.mark.parametrize(
    ("what", "token"),
    [
        ("its key in the header", sign(KEY, NAMED)),
        ("in both", sign(KEY, WITHIN)),
        ("in neither", signed_without_kid(KEY, NAMED)),
        ("a user's in the payload", signed_without_kid(KEY, {**PAYLOAD, "kid": KEY.kid})),
        ("a key that is no text", signed_without_kid(KEY, {**NAMED, "kid": 1})),
        ("a key of no name", signed_without_kid(KEY, {**NAMED, "kid": ""})),
        ("another's key", signed_without_kid(OTHER_KEY, WITHIN)),
        ("a user, too", signed_without_kid(KEY, {**WITHIN, "u": "17"})),
        ("nobody", signed_without_kid(KEY, {name: WITHIN[name] for name in WITHIN if name != "uid"})),
        ("no key", signed_without_kid(KEY, {**WITHIN, "uid": "0"})),
        ("a key below 0", signed_without_kid(KEY, {**WITHIN, "uid": "-17"})),
        ("a payload that is a list", f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part([])}.{SIGNATURE}"),
        ("a nested payload", f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(b'[' * 20_000)}.{SIGNATURE}"),
        ("alg none", f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(WITHIN)}."),
    ],
)
def test_port_13_no_other_token_is_of_its_form(what: str, token: str) -> None:
    with pytest.raises(InvalidTokenError):
        verify(token, KEYS, ISSUED)


async def test_port_13_a_key_of_another_process_is_learned() -> None:
    """As by a header that names it."""
    both = KeyRing(KEY, {KEY.kid: published(KEY), OTHER_KEY.kid: published(OTHER_KEY)})

    async def read(_: KeyRing) -> KeyRing:
        return both

    verifier = TokenVerifier(SigningKeys(KeyRing(KEY, KEYS), read))
    assert await verifier.verify(issue(OTHER_KEY, DEFAULT), ISSUED) == DEFAULT


@pytest.mark.parametrize(
    ("issued_after", "retired", "holds"),
    [(-1, True, True), (60, True, True), (61, True, False), (61, False, True)],
)
def test_security_13_a_retired_key_signs_nothing_new(issued_after: int, retired: bool, holds: bool) -> None:
    """A minute of grace: other processes learn of a retirement a moment later."""
    key = replace(published(KEY), retired_at=ISSUED - issued_after if retired else None)
    if holds:
        assert verify(issue(KEY, CLAIMS), {KEY.kid: key}, ISSUED) == CLAIMS
    else:
        with pytest.raises(InvalidTokenError):
            verify(issue(KEY, CLAIMS), {KEY.kid: key}, ISSUED)


@pytest.mark.parametrize(("guest", "minutes"), [(True, 86_400), (False, 600)])
def test_security_13_no_token_holds_longer_than_a_client_may_give(guest: bool, minutes: int) -> None:
    order = CLAIMS.order_id if guest else None
    for more, holds in ((0, True), (1, False)):
        validity = Validity(ISSUED, ISSUED - 600, ISSUED + minutes * 60 + more)
        claims = replace(CLAIMS, order_id=order, validity=validity)
        if holds:
            assert verify(issue(KEY, claims), KEYS, ISSUED) == claims
        else:
            with pytest.raises(InvalidTokenError):
                verify(issue(KEY, claims), KEYS, ISSUED)


def test_auth_24_an_identity_token_does_not_open_the_api() -> None:
    identity = {
        "sub": "user",
        "iss": "http://localhost:8080",
        "aud": PAYLOAD["cid"],
        "iat": 1,
        "exp": ISSUED * 2,
    }
    with pytest.raises(InvalidTokenError):
        verify(sign(KEY, identity), KEYS, ISSUED)


def test_claims_added_by_a_later_version_are_ignored() -> None:
    assert verify(sign(KEY, {**PAYLOAD, "later": [1]}), KEYS, ISSUED) == CLAIMS


@given(st.text() | st.lists(st.binary(max_size=80).map(part), min_size=1, max_size=4).map(".".join))
def test_junk_is_an_invalid_token_and_nothing_else(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        verify(token, KEYS, ISSUED)


@given(st.integers(0, len(f"{HEADER}.{BODY}.{SIGNATURE}") - 1), st.characters(), st.booleans())
def test_no_change_of_a_character_goes_unnoticed(position: int, character: str, insert: bool) -> None:
    token = f"{HEADER}.{BODY}.{SIGNATURE}"
    changed = token[:position] + character + token[position + (not insert) :]
    if changed != token:
        with pytest.raises(InvalidTokenError):
            verify(changed, KEYS, ISSUED)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from([*PAYLOAD, "imp", "anonuserid", "invitationid"]), json_values, min_size=1, max_size=3
    )
)
def test_signed_junk_is_read_or_invalid(changes: dict[str, Any]) -> None:
    try:
        claims = verify(sign(KEY, {**PAYLOAD, **changes}), KEYS, ISSUED)
    except InvalidTokenError:
        return
    assert isinstance(claims.roles, RoleSet)
    assert verify(issue(KEY, claims), KEYS, ISSUED) == claims


class Rings:
    """A database that other processes write to, with a clock; it counts how often it is read."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.reads = 0
        self.now = 1_000.0

    async def read(self, _known: KeyRing) -> KeyRing:
        self.reads += 1
        return self.ring

    def keys(self) -> SigningKeys:
        return SigningKeys(self.ring, self.read, monotonic=lambda: self.now)


FIRST = KeyRing(KEY, KEYS)
ROTATED = KeyRing(OTHER_KEY, {OTHER_KEY.kid: published(OTHER_KEY), **KEYS})


async def test_a_key_made_by_another_process_is_learnt_with_one_reload() -> None:
    database = Rings(FIRST)
    verifier = TokenVerifier(database.keys())
    token = issue(OTHER_KEY, CLAIMS)
    database.ring = ROTATED
    with pytest.raises(UnknownSigningKeyError):
        verifier.verify_known(token, ISSUED)
    assert await verifier.verify(token, ISSUED) == CLAIMS
    assert await verifier.verify(token, ISSUED) == CLAIMS
    assert await verifier.verify(issue(KEY, CLAIMS), ISSUED) == CLAIMS
    assert database.reads == 1


async def test_tokens_of_unknown_keys_cause_few_reloads() -> None:
    database = Rings(FIRST)
    verifier = TokenVerifier(database.keys())
    for number in range(20):
        with pytest.raises(InvalidTokenError):
            await verifier.verify(with_header(kid=f"unknown{number}"), ISSUED)
    assert database.reads == 1
    database.ring = ROTATED
    database.now += 4.9
    with pytest.raises(InvalidTokenError):
        await verifier.verify(issue(OTHER_KEY, CLAIMS), ISSUED)
    database.now += 0.1
    assert await verifier.verify(issue(OTHER_KEY, CLAIMS), ISSUED) == CLAIMS
    assert database.reads == 2


async def test_a_remembered_token_still_expires() -> None:
    verifier = TokenVerifier(Rings(FIRST).keys())
    token = issue(KEY, CLAIMS)
    assert await verifier.verify(token, ISSUED) is await verifier.verify(token, ISSUED)
    for now in (ISSUED + 7 * 86_400, ISSUED - 601):
        with pytest.raises(InvalidTokenError):
            await verifier.verify(token, now)


async def test_a_remembered_token_goes_with_its_key() -> None:
    database = Rings(FIRST)
    keys = database.keys()
    verifier = TokenVerifier(keys)
    token = issue(KEY, CLAIMS)
    await verifier.verify(token, ISSUED)
    database.ring = KeyRing(OTHER_KEY, {OTHER_KEY.kid: published(OTHER_KEY)})
    await keys.reload()
    with pytest.raises(UnknownSigningKeyError):
        verifier.verify_known(token, ISSUED)


async def test_the_memory_for_tokens_is_bounded() -> None:
    verifier = TokenVerifier(Rings(FIRST).keys(), remembered=3)
    tokens = [issue(KEY, replace(CLAIMS, generation=number)) for number in range(5)]
    for token in [*tokens, issue(KEY, replace(CLAIMS, username="x" * 4000))]:
        await verifier.verify(token, ISSUED)
    assert [*verifier._seen] == tokens[2:]
