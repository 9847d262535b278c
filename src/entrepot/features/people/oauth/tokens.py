"""The answer of a grant: an access token, perhaps a refresh token (AUTH-7, AUTH-8, AUTH-21, AUTH-33)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.declare.operation import Reply
from entrepot.declare.types import Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.clients import expires_in
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call, Database
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.credentials.secrets import new_refresh_token, token_digest
from entrepot.features.people.oauth.grant_client import GrantClient
from entrepot.features.people.oauth.subjects import Subject
from entrepot.features.people.services import services

NOT_CACHED = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))

INSERT_REFRESHABLE = """
INSERT INTO refresh_tokens (marketplace_id, token_hash, user_key, "ApiClientID", roles, generation, issued_at, expires_at, ahead)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


class AccessToken(Wire):
    """A token and how long it holds."""

    access_token: Text = column(confidential=True)
    expires_in: Int = column()
    token_type: Text = column()
    refresh_token: Text = column(confidential=True)


def access_claims(
    call: Call, client: GrantClient, subject: Subject, roles: RoleSet, lifetime: timedelta, **more: Any
) -> AccessClaims:
    """The claims of a token from now on; `more` are those of guests and impersonators."""
    return AccessClaims(
        username=subject.username,
        client_id=client.id.lower(),
        user_key=subject.key,
        user_type=subject.user_type,
        roles=roles,
        validity=Validity.starting(call.server_clock(), lifetime, call.ahead),
        base_url=call.base_url,
        marketplace_key=client.marketplace_id,
        generation=subject.generation,
        **more,
    )


def sign(call: Call, claims: AccessClaims) -> str:
    """The token itself, signed with the newest key."""
    return tokens.issue(services(call).signing_keys.ring.current, claims)


def token_reply(access_token: str, lifetime: timedelta, refresh_token: str | None = None) -> Reply:
    """AUTH-7: without a refresh token the member is left out."""
    body = {"access_token": access_token, "token_type": "bearer", "expires_in": expires_in(lifetime)}
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    return Reply(body, headers=NOT_CACHED)


async def store_refresh_token(
    call: Call, connection: Database, client: GrantClient, subject: Subject, roles: RoleSet
) -> str | None:
    """A new refresh token, of which only the digest is kept; None where the client gives none."""
    lifetime = client.durations.refresh_lifetime(is_anonymous=False)
    if lifetime is None:
        return None
    token, now = new_refresh_token(), call.server_clock()
    await connection.execute(
        INSERT_REFRESHABLE,
        client.marketplace_id,
        token_digest(token),
        subject.key,
        client.id,
        list(roles.names()),
        subject.generation,
        now,
        now + lifetime,
        call.ahead,
    )
    return token
