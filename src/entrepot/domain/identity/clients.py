"""What an API client admits, demands and grants: users, secrets, durations (AUTH-7, AUTH-25, AUTH-40, AUTH-43)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from entrepot.kernel.user_types import UserType

ACCESS_MINUTES = (10, 600)
"""The bounds of AccessTokenDuration (AUTH-25)."""
ANONYMOUS_MINUTES = (10_080, 86_400)
"""The bounds of AnonymousTokenDuration (AUTH-25); the first is the default too."""
LONGEST_LIFETIME = timedelta(minutes=ANONYMOUS_MINUTES[1])
"""Of any access token."""


@dataclass(frozen=True, slots=True)
class ClientAdmission:
    """The Allow* switches of a client."""

    allow_seller: bool = False
    allow_any_buyer: bool = False
    allow_any_supplier: bool = False

    def admits(self, user_type: UserType, *, is_company_assigned: bool) -> bool:
        """Whether such a user may authenticate; `is_company_assigned` tells of the user's own buyer or supplier."""
        match user_type:
            case UserType.SELLER:
                return self.allow_seller
            case UserType.BUYER:
                return self.allow_any_buyer or is_company_assigned
            case UserType.SUPPLIER:
                return self.allow_any_supplier or is_company_assigned


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A stored client secret: its slow hash, the fingerprint that finds it, and its end, if any."""

    hash: str
    fingerprint: bytes
    expiration: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """The legacy secret, in clear, and the newer ones."""

    legacy: str | None = None
    records: tuple[SecretRecord, ...] = ()

    @property
    def is_confidential(self) -> bool:
        """Whether every grant needs a secret. Expired ones count: expiry must not open a client (AUTH-43)."""
        return bool(self.legacy) or bool(self.records)

    def matches_legacy(self, presented: str) -> bool:
        """Compares in constant time. An empty secret counts as absent (AUTH-6)."""
        if not self.legacy or not presented:
            return False
        return hmac.compare_digest(_comparable(self.legacy), _comparable(presented))

    def candidates(self, fingerprint: bytes, now: datetime) -> Iterable[SecretRecord]:
        """The unexpired records that may hold a secret of this fingerprint; a slow hash decides."""
        return (
            record
            for record in self.records
            if hmac.compare_digest(record.fingerprint, fingerprint)
            and (record.expiration is None or now < record.expiration)
        )


def _comparable(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class TokenDurations:
    """The three durations of a client, in minutes."""

    access: int
    refresh: int = 0
    anonymous: int | None = None

    def access_lifetime(self, *, is_anonymous: bool) -> timedelta:
        """Of the access token. Guests have their own duration, a week unless set (AUTH-33)."""
        if is_anonymous:
            return timedelta(minutes=ANONYMOUS_MINUTES[0] if self.anonymous is None else self.anonymous)
        return timedelta(minutes=self.access)

    def refresh_lifetime(self, *, is_anonymous: bool) -> timedelta | None:
        """Of the refresh token; None = there is none (AUTH-7)."""
        return timedelta(minutes=self.refresh) if self.refresh and not is_anonymous else None


def longest_lifetime(*, is_anonymous: bool) -> timedelta:
    """Of an access token that a client of any settings may have got."""
    return LONGEST_LIFETIME if is_anonymous else timedelta(minutes=ACCESS_MINUTES[1])


def expires_in(lifetime: timedelta) -> int:
    """The wire's `expires_in`: seconds less one, 600 minutes = 35999 (AUTH-7)."""
    return int(lifetime.total_seconds()) - 1
