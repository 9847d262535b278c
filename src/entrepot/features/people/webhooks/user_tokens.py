"""Tokens for webhooks: the caller's, with the roles that the webhook adds (WH-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import Elevation, Giver
from entrepot.engine.call import Call
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.services import services

LIFETIME = timedelta(minutes=10)
"""The shortest that API clients have: longer than the last retry of a delivery takes to begin (WH-11)."""


def callers_claims(call: Call) -> AccessClaims | None:
    """What the caller's token says, which is no token yet; None for whoever may only renew a password, which is nobody else's
    to do.
    """
    caller = call.principal
    if caller.is_renewing:
        return None
    return AccessClaims(
        username=caller.username,
        client_id=caller.client_id.lower(),
        user_key=caller.user_key,
        user_type=caller.user_type,
        roles=RoleSet.named(caller.roles),
        validity=Validity.starting(call.clock(), LIFETIME),
        base_url=call.base_url,
        marketplace_key=caller.marketplace_id,
        generation=caller.generation,
        order_id=caller.guest_order_id,
        anonymous_user_id=caller.anonymous_user_id,
        invitation_id=caller.invitation_id,
        ties=caller.ties,
    )


def user_token(call: Call, claims: AccessClaims | None, hook: Hook) -> str | None:
    """A token from now on; it ends with whatever ends the caller's, and with the roles that the webhook had to give."""
    if claims is None:
        return None
    own = claims.roles.names()
    added = tuple(role for role in hook.elevated if role not in own)
    ties = claims.ties
    if added:
        given = Elevation(Giver.WEBHOOK, added, hook.id)
        ties = replace(ties, elevations=(*ties.elevations, given))
    claims = replace(
        claims,
        roles=claims.roles.union(RoleSet.of(added)),
        validity=Validity.starting(call.clock(), LIFETIME),
        ties=ties,
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)
