"""What a token of the portal says (PORT-1). It names a session, with which it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from entrepot.features.people.credentials import claim_values as values
from entrepot.features.people.credentials.claims import Validity

LIFETIME = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalClaims:
    """`account` and `session` are internal keys, `base_url` is `iss` and `aud`. The API knows no such token: it lacks a client,
    a user and a marketplace; and the portal takes no other.
    """

    username: str
    account: int
    session: int
    validity: Validity
    base_url: str

    @property
    def longest_lifetime(self) -> timedelta:
        return LIFETIME

    @property
    def is_default_user(self) -> bool:
        return False

    def payload(self) -> dict[str, Any]:
        """The claims on the wire: beside the published ones `acc` and `ses`, as texts of digits."""
        return {
            "usr": self.username,
            "acc": str(self.account),
            "ses": str(self.session),
            "iat": self.validity.issued_at,
            "nbf": self.validity.not_before,
            "exp": self.validity.expires_at,
            "iss": self.base_url,
            "aud": self.base_url,
        }


def read_claims(payload: dict[str, Any]) -> PortalClaims:
    """The reverse of PortalClaims.payload. Raises KeyError, TypeError, ValueError."""
    return PortalClaims(
        username=values.text(payload["usr"]),
        account=values.key(payload["acc"]),
        session=values.key(payload["ses"]),
        validity=Validity(
            values.whole_number(payload["iat"]),
            values.whole_number(payload["nbf"]),
            values.whole_number(payload["exp"]),
        ),
        base_url=values.base_url(payload),
    )
