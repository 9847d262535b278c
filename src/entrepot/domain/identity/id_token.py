"""What an identity token has to say before it is believed (OpenID Connect Core 3.1.3.7), but for its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.kernel.errors import AuthorityTokenError

LEEWAY = 60
"""Seconds by which clocks may differ."""
LONGEST_SUBJECT = 255
TENANT = "{tenantid}"
"""In the issuer of a provider that issues tokens for many organizations: the token's `tid`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at an identity provider. `email` only where the provider vouches for it."""

    issuer: str
    subject: str
    email: str | None


def identity_of(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float
) -> Identity:
    """The identity of a token whose signature holds. Raises AuthorityTokenError."""
    issued_by, subject = claims.get("iss"), claims.get("sub")
    tenant = claims.get("tid")
    expected = issuer.replace(TENANT, tenant) if isinstance(tenant, str) and tenant else issuer
    holds = (
        isinstance(issued_by, str)
        and issued_by == expected
        and TENANT not in expected
        and isinstance(subject, str)
        and 0 < len(subject) <= LONGEST_SUBJECT
        and subject.isprintable()
        and _is_for(claims, client_id)
        and claims.get("nonce") == nonce
        and _is_current(claims, now)
    )
    if not holds:
        raise AuthorityTokenError
    return Identity(expected, str(subject), _email(claims))


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """An audience of several names whom the token was given to."""
    audience, party = claims.get("aud"), claims.get("azp")
    named = audience if isinstance(audience, list) else [audience]
    return client_id in named and (party == client_id or (party is None and len(named) == 1))


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    ends, begins, issued = claims.get("exp"), claims.get("nbf", 0), claims.get("iat")
    if not all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in (ends, begins, issued)
    ):
        return False
    return ends > now - LEEWAY and begins <= now + LEEWAY and issued <= now + LEEWAY  # type: ignore[operator]


def _email(claims: Mapping[str, Any]) -> str | None:
    """Anybody may claim any address; only one that the provider has verified says who somebody is."""
    email = claims.get("email")
    # Some providers write the word.
    verified = claims.get("email_verified") in (True, "true")
    is_text = isinstance(email, str) and email and email.isprintable()
    return str(email) if verified and is_text else None
