"""Tokens for webhooks: the caller's, with the roles that the webhook adds (WH-5)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import Elevation, Giver
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.services import services

LIFETIME = timedelta(minutes=10)
"""The shortest that API clients have: longer than the last retry of a delivery takes to begin (WH-11), even of a token that was
given before.
"""
SHARED_SECONDS = 60
"""For which the same token is given again, to whom a new one would say the same."""
MOST_SHARED = 2_000
LONGEST_SHARED = 8_192
"""Bytes of the claims."""


class GivenTokens:
    """Tokens that were given lately, by what they say beside their times: a signature takes more of the processor than all else of a
    delivery. One per process.
    """

    def __init__(self) -> None:
        self._given: OrderedDict[bytes, tuple[int, str]] = OrderedDict()

    def token(self, claims: AccessClaims, kid: str, issue: Callable[[], str]) -> str:
        """The one that was given, or what `issue` makes."""
        said = claims.payload()
        issued_at = claims.validity.issued_at
        key = encode(
            [kid, {name: value for name, value in said.items() if name not in {"iat", "nbf", "exp"}}]
        )
        since, token = self._given.get(key, (0, ""))
        if token and 0 <= issued_at - since < SHARED_SECONDS:
            return token
        token = issue()
        if len(key) <= LONGEST_SHARED:
            self._given[key] = (issued_at, token)
            self._given.move_to_end(key)
            if len(self._given) > MOST_SHARED:
                self._given.popitem(last=False)
        return token


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
        validity=Validity.starting(call.server_clock(), LIFETIME),
        base_url=call.base_url,
        marketplace_key=caller.marketplace_id,
        generation=caller.generation,
        order_id=caller.guest_order_id,
        anonymous_user_id=caller.anonymous_user_id,
        invitation_id=caller.invitation_id,
        ties=caller.ties,
    )


def user_token(call: Call, claims: AccessClaims | None, hook: Hook) -> str | None:
    """A token for the next minutes; it ends with whatever ends the caller's, and with the roles that the webhook had to give."""
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
        validity=Validity.starting(call.server_clock(), LIFETIME),
        ties=ties,
    )
    known = services(call)
    signing_key = known.signing_keys.ring.current
    return known.memory(GivenTokens).token(claims, signing_key.kid, lambda: tokens.issue(signing_key, claims))
