"""Who an identity token is of, by the keys of its provider (OIDC-2)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

import structlog
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from entrepot.domain.identity.discovery import Provider
from entrepot.domain.identity.id_token import Identity, identity_of
from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.kernel.errors import AuthorityTokenError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that a public key proves. With none, or with a shared secret, a token proves nothing here."""
LONGEST_TOKEN = 32_768

log = structlog.get_logger("entrepot.openid")
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS)


async def identity_in(
    call: Call,
    marketplace_id: int,
    provider: Provider,
    token: str,
    *,
    client_id: str,
    nonce: str,
    facts: Mapping[str, object],
) -> Identity:
    """The identity of a token that a key of the provider has signed, for this client, now, in answer to the login of this nonce.

    marketplace_id: who asks for the keys. facts: what the log says of a login that is refused. Raises AuthorityTokenError.
    """
    kid = _decoded(token, 0).get("kid")
    keys = await services(call).providers.keys(
        services(call).outgoing, marketplace_id, provider, kid if isinstance(kid, str) else None
    )
    # In a thread: how long a key is, is for others to say.
    proven = await asyncio.to_thread(_proven, token, keys)
    if proven is None:
        log.warning("login refused", reason="no key of the provider has signed the token", **facts)
        raise AuthorityTokenError
    now = call.server_clock().timestamp()
    try:
        return identity_of(proven, issuer=provider.issuer, client_id=client_id, nonce=nonce, now=now)
    except AuthorityTokenError:
        log.warning("login refused", reason="the token is for somebody else, or for another login", **facts)
        raise


def claims_of(token: str) -> dict[str, Any]:
    """What a token claims, which may be anybody's words. Raises AuthorityTokenError."""
    return _decoded(token, 1)


def _decoded(token: str, at: int) -> dict[str, Any]:
    try:
        part = token.split(".")[at]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError, RecursionError) as error:
        raise AuthorityTokenError from error
    if not isinstance(value, dict):
        raise AuthorityTokenError
    return value


def _proven(token: str, keys: list[jwk.Key]) -> dict[str, Any] | None:
    for key in keys:
        try:
            return jwt.decode(token, key, registry=_REGISTRY).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            continue
    return None
