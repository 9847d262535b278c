"""Tokens for webhooks: the caller's, with the roles that the webhook adds (WH-5)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from msgspec import Raw

from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import Elevation, Giver
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity, read_claims
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.services import services

LIFETIME = timedelta(minutes=10)
"""The shortest that API clients have: longer than the last retry of a delivery takes to begin (WH-11), even of a token that was
given before.
"""
UNTIMED = Validity(0, 0, 0)
"""Of what a caller's token says: the times of a webhook's token are those at which it is told."""
SHARED_SECONDS = 60
"""For which the same token is given again, to whom a new one would say the same."""
MOST_SHARED = 2_000
LONGEST_SHARED = 12_288
"""Characters of a token."""
MOST_CALLERS = 500
"""Whose claims are remembered: a writer writes again, and what its token says takes longer to make than to send."""


class GivenTokens:
    """Tokens that were given lately, by what they say beside their times: a signature takes more of the processor than all else of a
    delivery. One per process.
    """

    def __init__(self) -> None:
        self._given: OrderedDict[tuple[str, AccessClaims], tuple[int, str]] = OrderedDict()

    def token(
        self, untimed: AccessClaims, validity: Validity, kid: str, issue: Callable[[AccessClaims], str]
    ) -> str:
        """The one that was given, or what `issue` makes of the claims with these times."""
        key = (kid, untimed)
        since, token = self._given.get(key, (0, ""))
        if token and 0 <= validity.issued_at - since < SHARED_SECONDS:
            return token
        token = issue(replace(untimed, validity=validity))
        if len(token) <= LONGEST_SHARED:
            self._given[key] = (validity.issued_at, token)
            self._given.move_to_end(key)
            if len(self._given) > MOST_SHARED:
                self._given.popitem(last=False)
        return token


def callers_claims(call: Call) -> AccessClaims | None:
    """What the caller's token says, which is no token yet, and without times; None for whoever may only renew a password, which is
    nobody else's to do.
    """
    return None if call.principal.is_renewing else _claims(call.principal, call.base_url)


def callers_claims_text(call: Call) -> Raw | None:
    """The same as JSON text, for `told_claims`."""
    return None if call.principal.is_renewing else _text(call.principal, call.base_url)


def told_claims(payload: Any) -> AccessClaims | None:
    """The same again, from what was made of that text."""
    return None if payload is None else _read(encode(payload))


@lru_cache(maxsize=MOST_CALLERS)
def _claims(caller: Principal, base_url: str) -> AccessClaims:
    return AccessClaims(
        username=caller.username,
        client_id=caller.client_id.lower(),
        user_key=caller.user_key,
        user_type=caller.user_type,
        roles=RoleSet.named(caller.roles),
        validity=UNTIMED,
        base_url=base_url,
        marketplace_key=caller.marketplace_id,
        generation=caller.generation,
        order_id=caller.guest_order_id,
        anonymous_user_id=caller.anonymous_user_id,
        invitation_id=caller.invitation_id,
        ties=caller.ties,
    )


@lru_cache(maxsize=MOST_CALLERS)
def _text(caller: Principal, base_url: str) -> Raw:
    return Raw(encode(_claims(caller, base_url).payload()))


@lru_cache(maxsize=MOST_CALLERS)
def _read(text: bytes) -> AccessClaims:
    return replace(read_claims(load(text)), validity=UNTIMED)


def user_token(call: Call, claims: AccessClaims | None, hook: Hook) -> str | None:
    """A token for the next minutes; it ends with whatever ends the caller's, and with the roles that the webhook had to give.
    claims: without times.
    """
    if claims is None:
        return None
    if hook.elevated:
        claims = _elevated(claims, hook)
    known = services(call)
    key = known.signing_keys.ring.current
    validity = Validity.starting(call.server_clock(), LIFETIME, call.ahead)
    return known.memory(GivenTokens).token(claims, validity, key.kid, lambda timed: tokens.issue(key, timed))


def _elevated(claims: AccessClaims, hook: Hook) -> AccessClaims:
    own = claims.roles.names()
    added = tuple(role for role in hook.elevated if role not in own)
    if not added:
        return claims
    given = Elevation(Giver.WEBHOOK, added, hook.id)
    ties = replace(claims.ties, elevations=(*claims.ties.elevations, given))
    return replace(claims, roles=claims.roles.union(RoleSet.of(added)), ties=ties)
