"""The claims of an access token, as values and on the wire (AUTH-21).

Beside the published claims a token carries some of our own: `mid`, the internal key of its marketplace (a digit
string), `gen`, the user's token generation, which a revocation raises, `invitationid` (GRP-2), and `ties`, what else the
token ends with. The token of a default user has `uid` in place of `u` (PORT-13), and `kid`, since its header has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from entrepot.domain.identity.clients import longest_lifetime
from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.identity.ties import NO_TIES, Elevation, Giver, Session, Ties
from entrepot.features.people.credentials import claim_values as values
from entrepot.kernel.user_types import UserType

NOT_BEFORE_SECONDS = 600
"""Tokens are valid from ten minutes before their issue, for clients whose clocks are behind."""

_SIGNED = re.compile(r"0|-?[1-9][0-9]{0,18}")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GENERATED_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Validity:
    """When a token holds, in whole seconds of Unix time: from `not_before` on, no longer at `expires_at`.

    ahead: how far the marketplace's clock was ahead of the server's when it was given out, in seconds, where tokens age by that clock.
    """

    issued_at: int
    not_before: int
    expires_at: int
    ahead: int = 0

    @classmethod
    def starting(cls, now: datetime, lifetime: timedelta, ahead: int) -> Validity:
        """now: by the server's clock."""
        issued_at = int(now.timestamp())
        expires_at = issued_at + int(lifetime.total_seconds())
        return cls(issued_at, issued_at - NOT_BEFORE_SECONDS, expires_at, ahead)

    def holds_at(self, now: float) -> bool:
        return self.not_before <= now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a token says. `user_key` and `marketplace_key` are internal keys, the former below 0 of a default user,
    `client_id` is in lower case, `order_id` is there only for guests, `invitation_id` only for who was invited to
    somebody's order, `base_url` is `iss` and `aud`.
    """

    username: str
    client_id: str
    user_key: int
    user_type: UserType
    roles: RoleSet
    validity: Validity
    base_url: str
    marketplace_key: int
    generation: int
    order_id: str | None = None
    anonymous_user_id: str | None = None
    invitation_id: str | None = None
    ties: Ties = NO_TIES

    @property
    def impersonator_key(self) -> int | None:
        """Who acts as the user; whoever was invited to an order acts as nobody."""
        return self.ties.sessions[0].user_key if self.ties.sessions and self.invitation_id is None else None

    @property
    def is_default_user(self) -> bool:
        return self.user_key < 0

    @property
    def is_anonymous(self) -> bool:
        return self.order_id is not None

    @property
    def longest_lifetime(self) -> timedelta:
        """Of such a token, whatever client it is of."""
        return longest_lifetime(is_anonymous=self.is_anonymous)

    def payload(self) -> dict[str, Any]:
        """The claims on the wire; those that do not apply are left out."""
        names = self.roles.names()
        optional = {
            "role": names[0] if len(names) == 1 else list(names) or None,
            "imp": None if self.impersonator_key is None else str(self.impersonator_key),
            "orderid": self.order_id,
            "anonuserid": self.anonymous_user_id,
            "invitationid": self.invitation_id,
            "ties": _ties_payload(self.ties) if self.ties else None,
            "ahead": self.validity.ahead or None,
        }
        return {
            "usr": self.username,
            "cid": self.client_id,
            **({"uid": str(-self.user_key)} if self.is_default_user else {"u": str(self.user_key)}),
            "usrtype": self.user_type.value,
            **{name: value for name, value in optional.items() if value is not None},
            "mid": str(self.marketplace_key),
            "gen": self.generation,
            "iat": self.validity.issued_at,
            "nbf": self.validity.not_before,
            "exp": self.validity.expires_at,
            "iss": self.base_url,
            "aud": self.base_url,
        }


def read_claims(payload: dict[str, Any]) -> AccessClaims:
    """The reverse of AccessClaims.payload; claims that it does not know are ignored.

    Raises:
        KeyError, TypeError, ValueError: a claim is missing or not what it must be.
    """
    claims = AccessClaims(
        username=values.text(payload["usr"]),
        client_id=values.matching(_GUID, payload["cid"]),
        user_key=_user_key(payload),
        user_type=UserType(values.text(payload["usrtype"])),
        roles=RoleSet.named(_role_names(payload)),
        validity=Validity(
            values.whole_number(payload["iat"]),
            values.whole_number(payload["nbf"]),
            values.whole_number(payload["exp"]),
            values.seconds(payload.get("ahead", 0)),
        ),
        base_url=values.base_url(payload),
        marketplace_key=values.key(payload["mid"]),
        generation=values.whole_number(payload["gen"]),
        order_id=values.matching(_GENERATED_ID, payload["orderid"]) if "orderid" in payload else None,
        anonymous_user_id=values.text(payload["anonuserid"]) if "anonuserid" in payload else None,
        invitation_id=values.matching(_GENERATED_ID, payload["invitationid"])
        if "invitationid" in payload
        else None,
        ties=_ties(payload["ties"]) if "ties" in payload else NO_TIES,
    )
    if claims.impersonator_key != (values.key(payload["imp"], _SIGNED) if "imp" in payload else None):
        raise ValueError("imp is not who asked for the token")
    return claims


def _ties_payload(ties: Ties) -> dict[str, Any]:
    """Only what there is."""
    every = {
        "sessions": [[str(each.user_key), each.generation] for each in ties.sessions] or None,
        "configs": list(ties.configs) or None,
        "elevated": [[each.giver, each.id, *each.roles] for each in ties.elevations] or None,
        "code": ties.reset_code,
    }
    return {name: value for name, value in every.items() if value is not None}


def _ties(payload: Any) -> Ties:
    if not isinstance(payload, dict) or not payload:
        raise TypeError("ties are no object")
    return Ties(
        sessions=tuple(
            Session(values.key(key, _SIGNED), values.whole_number(generation))
            for key, generation in map(values.items, values.items(payload.get("sessions", [])))
        ),
        configs=tuple(values.text(stamp) for stamp in values.items(payload.get("configs", []))),
        elevations=tuple(map(_elevation, map(values.items, values.items(payload.get("elevated", []))))),
        reset_code=values.text(payload["code"]) if "code" in payload else None,
    )


def _elevation(payload: list[Any]) -> Elevation:
    giver, given_id, *roles = payload
    if not isinstance(given_id, str):
        raise TypeError("an ID is not a text")
    return Elevation(Giver(values.text(giver)), tuple(map(values.text, roles)), given_id)


def _role_names(payload: dict[str, Any]) -> list[str]:
    if "role" not in payload:
        return []
    role = payload["role"]
    if isinstance(role, str):
        return [values.text(role)]
    if not isinstance(role, list) or not role:
        raise TypeError("role is neither a name nor names")
    return [values.text(name) for name in role]


def _user_key(payload: dict[str, Any]) -> int:
    if ("u" in payload) == ("uid" in payload):
        raise ValueError("neither a user nor a default user")
    if "u" in payload:
        return values.key(payload["u"])
    key = values.key(payload["uid"])
    if key == 0:
        raise ValueError("a default user has a key")
    return -key
