"""Access tokens: RS256 JWTs, made and verified here alone (AUTH-21, AUTH-22, AUTH-28).

`iss` and `aud` are the base URL under which a token was asked for, since client libraries fetch the public key from
there. They are not compared when a token comes back: one server may be reached as localhost, by its address and by
its name, and only this installation holds the signing keys, so the signature already says whose token it is.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from entrepot.features.people.credentials.claims import AccessClaims, Validity, read_claims
from entrepot.features.people.credentials.keys import KeyRing, PublishedKey, SigningKey, SigningKeys
from entrepot.kernel.errors import InvalidTokenError

MAX_TOKEN_LENGTH = 32_768
MAX_HEADER_LENGTH = 512
REMEMBERED_LENGTH = 4096
"""Longer tokens are rare (AUTH-22) and are verified anew each time, which bounds the memory of TokenVerifier."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_RS256 = JWSRegistry(algorithms=["RS256"])


class Claims(Protocol):
    """What any of our tokens says."""

    @property
    def validity(self) -> Validity: ...

    @property
    def longest_lifetime(self) -> timedelta:
        """For which we ever sign such a token."""
        ...

    @property
    def is_default_user(self) -> bool:
        """Whether it is of one, whose tokens name their key in the payload."""
        ...

    def payload(self) -> dict[str, Any]: ...


C = TypeVar("C", bound=Claims)
Read = Callable[[dict[str, Any]], C]
"""Claims from a payload. Raises KeyError, TypeError and ValueError for a payload of any other kind of token."""


class UnknownSigningKeyError(InvalidTokenError):
    """The token names a key that this process does not know; perhaps another process made it."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        super().__init__()


def issue(key: SigningKey, claims: Claims) -> str:
    """Sign a token; takes some 0.3 ms of CPU. Of a default user it names its key where others do not look (PORT-13)."""
    if claims.is_default_user:
        return _sign({}, key, {**claims.payload(), "kid": key.kid})
    return sign(key, claims.payload())


def sign(key: SigningKey, payload: Mapping[str, Any]) -> str:
    """A JWT of any claims, for example an identity token. One that lacks our claims never opens the API."""
    return _sign({"kid": key.kid}, key, payload)


def _sign(naming: dict[str, Any], key: SigningKey, payload: Mapping[str, Any]) -> str:
    header = {"alg": "RS256", **naming, "typ": "JWT"}
    return jwt.encode(header, dict(payload), key.key, registry=_RS256, default_type=None)


def verify(token: str, keys: Mapping[str, PublishedKey], now: float) -> AccessClaims:
    """The claims of an access token of the API; see `verified`."""
    return verified(token, keys, now, read_claims)


def verified(token: str, keys: Mapping[str, PublishedKey], now: float, read: Read[C]) -> C:
    """The claims of a token of one kind that this installation signed and that holds at `now` (Unix seconds).

    Raises:
        UnknownSigningKeyError: its key is not among `keys`.
        InvalidTokenError: anything else that is wrong with it; the cause says what.
    """
    try:
        key, payload = _verified_payload(token, keys)
        claims = read(payload)
        if claims.is_default_user is not ("kid" in payload):
            raise ValueError("its key is named elsewhere than in tokens of its kind")
        _check_issue(claims, key)
    except (ValueError, TypeError, KeyError, RecursionError, JoseError) as error:
        raise InvalidTokenError from error
    _check_time(claims, now)
    return claims


def _check_issue(claims: Claims, key: PublishedKey) -> None:
    """Somebody who has a key that was ours signs what we never would have."""
    if not key.may_have_signed(claims.validity.issued_at):
        raise ValueError("issued after its key was retired")
    lifetime = claims.validity.expires_at - claims.validity.issued_at
    if lifetime > claims.longest_lifetime.total_seconds():
        raise ValueError("holds longer than any client's tokens")


def _check_time(claims: Claims, now: float) -> None:
    if not claims.validity.holds_at(now):
        raise InvalidTokenError from ValueError("expired or not yet valid")


def _verified_payload(token: str, keys: Mapping[str, PublishedKey]) -> tuple[PublishedKey, dict[str, Any]]:
    if len(token) > MAX_TOKEN_LENGTH:
        raise ValueError("too long")
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise ValueError("not three base64url parts")
    header, body, signature = parts.groups()
    named = _key_id(header)
    kid = _key_id_within(body) if named is None else named
    key = keys.get(kid)
    if key is None:
        raise UnknownSigningKeyError(kid)
    # Unused bits of the last character would give one token several spellings.
    if base64.urlsafe_b64encode(_decode(signature)).rstrip(b"=") != signature.encode():
        raise ValueError("signature is not canonical base64url")
    payload = jwt.decode(token, key.key, registry=_RS256).claims
    if (named is None) is not ("kid" in payload):
        raise ValueError("its key is named twice")
    return key, payload


@lru_cache(maxsize=64)
def _key_id(header: str) -> str | None:
    """The kid of a header exactly as `issue` writes it: no other algorithm, no embedded key, no extension. None where the
    payload has it.
    """
    if len(header) > MAX_HEADER_LENGTH:
        raise ValueError("header is too long")
    content = json.loads(_decode(header))
    if not isinstance(content, dict) or content.keys() | {"kid"} != {"alg", "kid", "typ"}:
        raise ValueError("header has other members than alg, kid and typ")
    if content["alg"] != "RS256" or content["typ"] != "JWT":
        raise ValueError("header is not ours")
    return _kid_of(content) if "kid" in content else None


def _key_id_within(body: str) -> str:
    """The kid of a default user's token. Nothing else of the payload counts before the signature has been checked."""
    content = json.loads(_decode(body))
    if not isinstance(content, dict):
        raise TypeError("the payload is no object")
    return _kid_of(content)


def _kid_of(content: dict[str, Any]) -> str:
    kid = content["kid"]
    if not isinstance(kid, str) or not kid:
        raise TypeError("kid is not a text")
    return kid


def _decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class Verifier(Generic[C]):
    """Verifies tokens of one kind for one process, remembering those it has seen: the signature is checked once, the time at
    every use. Revocation is no matter of the token: the caller compares `generation` with the user's.
    """

    def __init__(self, keys: SigningKeys, read: Read[C], *, remembered: int = 4096) -> None:
        self._keys = keys
        self._read = read
        self._ring = keys.ring
        self._limit = remembered
        self._seen: dict[str, C] = {}

    @property
    def ring(self) -> KeyRing:
        """The keys that tokens are verified by now."""
        return self._keys.ring

    async def verify(self, token: str, now: float) -> C:
        """As the function `verify`, with one attempt to learn a key that another process made."""
        try:
            return self.verify_known(token, now)
        except UnknownSigningKeyError as unknown:
            if not await self._keys.learn(unknown.kid):
                raise
        return self.verify_known(token, now)

    def verify_known(self, token: str, now: float) -> C:
        """As the function `verify`, with the keys that this process knows."""
        if self._ring is not self._keys.ring:
            # A key may have been withdrawn: nothing verified under the old ring counts.
            self._ring = self._keys.ring
            self._seen.clear()
        claims = self._seen.get(token)
        if claims is not None:
            _check_time(claims, now)
            return claims
        claims = verified(token, self._ring.published, now, self._read)
        if len(token) <= REMEMBERED_LENGTH:
            if len(self._seen) >= self._limit:
                self._seen.pop(next(iter(self._seen)))
            self._seen[token] = claims
        return claims


class TokenVerifier(Verifier[AccessClaims]):
    """Of the access tokens that the API takes."""

    def __init__(self, keys: SigningKeys, *, remembered: int = 4096) -> None:
        super().__init__(keys, read_claims, remembered=remembered)
