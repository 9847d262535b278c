"""The tokens that messages carry: of their recipients, with the roles that the sender elevates (MS-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from entrepot.domain.identity.roles import NO_ROLES, ClientRoleLimits, RoleSet, grant
from entrepot.domain.identity.ties import NO_TIES, Elevation, Giver, Ties
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.credentials import tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.identity.computed import PROFILES
from entrepot.features.people.services import services
from entrepot.kernel.errors import MinimumRolesError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType, type_of

LONGEST_LIFETIME = timedelta(minutes=30)
"""Of a token that goes abroad: longer than all attempts to deliver it."""

# Of several clients that admit the user the one through which the event came is taken, else the first by ID.
BEARERS = Sql(f"""
SELECT t.key, t."Username", t.generation, t."BuyerID", t."SupplierID", c."ID" AS client_id, c."AccessTokenDuration",
       c."MinimumRequiredRoles", c."MinimumRequiredCustomRoles", c."MaximumGrantedRoles", c."MaximumGrantedCustomRoles",
       held.profiles
FROM users t
JOIN LATERAL (
    SELECT x.* FROM api_clients x
    WHERE x.marketplace_id = :marketplace_id AND x."Active"
      AND (CASE WHEN t."BuyerID" IS NOT NULL THEN x."AllowAnyBuyer"
                WHEN t."SupplierID" IS NOT NULL THEN x."AllowAnySupplier" ELSE x."AllowSeller" END
           OR EXISTS (SELECT 1 FROM api_client_assignments y WHERE y.marketplace_id = :marketplace_id AND y."ApiClientID" = x."ID"
                      AND (y."BuyerID" = t."BuyerID" OR y."SupplierID" = t."SupplierID")))
    ORDER BY x."ID" = :client::citext DESC, x."ID" LIMIT 1) c ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(p."Roles", p."CustomRoles")) AS profiles
    FROM ({PROFILES}) AS assigned
    JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = assigned."SecurityProfileID") held ON true
WHERE t.marketplace_id = :marketplace_id AND t.key = ANY(:keys::bigint[])
""").bound("marketplace_id", "keys", "client")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is of, and the API client that it is of. roles: what a login of its own would give."""

    key: int
    username: str
    user_type: UserType
    generation: int
    client_id: str
    lifetime: timedelta
    roles: RoleSet


async def bearers(call: Call, keys: Iterable[int], client_id: str) -> Mapping[int, Bearer]:
    """The users of these keys whom an active client admits, by key. One statement.

    client_id: of the client through which the event came, "" for none.
    """
    rows = await call.db.fetch(BEARERS, call.marketplace_id, list(keys), client_id or None)
    return {row["key"]: _bearer(row) for row in rows}


def token(call: Call, bearer: Bearer, sender_id: str, elevated: Sequence[str]) -> str:
    """A token of the recipient with the sender's roles besides its own; it ends with the sender, and with roles that are
    taken from it. Takes some 0.3 ms of CPU.
    """
    added = tuple(name for name in elevated if name not in bearer.roles.names())
    ties = Ties(elevations=(Elevation(Giver.SENDER, added, sender_id),)) if added else NO_TIES
    lifetime = min(bearer.lifetime, LONGEST_LIFETIME)
    return issue(call, bearer, bearer.roles.union(RoleSet.of(elevated)), lifetime, ties)


def issue(call: Call, bearer: Bearer, roles: RoleSet, lifetime: timedelta, ties: Ties) -> str:
    """A token of the bearer with these roles, from now on."""
    claims = AccessClaims(
        username=bearer.username,
        client_id=bearer.client_id.lower(),
        user_key=bearer.key,
        user_type=bearer.user_type,
        roles=roles,
        validity=Validity.starting(call.server_clock(), lifetime, call.ahead),
        base_url=call.base_url,
        marketplace_key=call.marketplace_id,
        generation=bearer.generation,
        ties=ties,
    )
    return tokens.issue(services(call).signing_keys.ring.current, claims)


def _bearer(row: asyncpg.Record) -> Bearer:
    limits = ClientRoleLimits.of(
        minimum_api=row["MinimumRequiredRoles"],
        minimum_custom=row["MinimumRequiredCustomRoles"],
        maximum_api=row["MaximumGrantedRoles"],
        maximum_custom=row["MaximumGrantedCustomRoles"],
    )
    return Bearer(
        key=row["key"],
        username=row["Username"],
        user_type=type_of(row["BuyerID"], row["SupplierID"]),
        generation=row["generation"],
        client_id=row["client_id"],
        lifetime=timedelta(minutes=row["AccessTokenDuration"]),
        roles=_roles(load(row["profiles"] or "[]"), limits),
    )


def _roles(profiles: list[list[Any]], limits: ClientRoleLimits) -> RoleSet:
    available = NO_ROLES.union(*(RoleSet.of(roles, custom) for roles, custom in profiles))
    try:
        return grant(None, available, limits)
    except MinimumRolesError:
        return NO_ROLES
