"""Who calls: from a token to a Principal whose standing was checked (AUTH-26, AUTH-28, AUTH-29).

Nobody else gets anything out of a token: whoever is handed one, in the header or as an argument, asks here.
"""

from __future__ import annotations

from datetime import datetime

import asyncpg

from entrepot.domain.identity.ties import Giver
from entrepot.domain.time.virtual import aged
from entrepot.engine.call import Database
from entrepot.engine.event_log import LISTENED
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.engine.principal import Principal
from entrepot.features.people.credentials.activity import ActivityRecorder
from entrepot.features.people.credentials.claims import AccessClaims
from entrepot.features.people.credentials.default_users import NO_CLIENT
from entrepot.features.people.credentials.keys import KeyRing
from entrepot.features.people.credentials.tokens import TokenVerifier
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import (
    ClientInactiveError,
    CompanyInactiveError,
    InvalidTokenError,
    SellerInactiveError,
    TokenRevokedError,
    UserGoneError,
    UserInactiveError,
)
from entrepot.kernel.user_types import UserType

CONFIG_STAMP = """left(md5(concat_ws('/', t."ID", t."ClientID", t."SecurityProfileID",
    coalesce(t."ImpersonationBuyerID", '-'), coalesce(t.impersonation_group_key, 0), coalesce(t.impersonation_user_key, 0),
    coalesce(t."BuyerID", '-'), coalesce(t.group_key, 0), coalesce(t.user_key, 0))), 16)"""
"""Changes with an impersonation config `t`, in whatever way."""
HAS_FAULTS = "EXISTS (SELECT 1 FROM faults f WHERE f.marketplace_id = $1)"
"""Whether requests of a marketplace may have to fail on purpose (features/people/faults)."""
RECORDING = '(SELECT r."ID"::text FROM recordings r WHERE r.marketplace_id = $1 AND r.ended_at IS NULL)'
"""The recording that takes requests of a marketplace (features/people/recordings)."""
BENCH = f"{HAS_FAULTS} AS has_faults, {LISTENED} AS has_listeners, {RECORDING} AS recording"
"""What is known with every caller of who looks on, and of what is to fail."""
_STANDING = f"""
SELECT e.epoch, m."ID" AS marketplace, m."Active" AS marketplace_active, c."ID" AS client_id, c."Active" AS client_active,
       u."ID" AS user_id, u."Username" AS username, u."Active" AS user_active, u.generation,
       u."BuyerID" AS buyer_id, u."SupplierID" AS supplier_id,
       coalesce(b."Active", s."Active", true) AS company_active, {BENCH}, {COLUMNS}{{more}}
FROM security_epochs e
JOIN marketplaces m ON m.marketplace_id = $1
LEFT JOIN api_clients c ON c.marketplace_id = $1 AND c."ID" = $2
LEFT JOIN users u ON u.marketplace_id = $1 AND u.key = $3
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = $1 AND s."ID" = u."SupplierID"
{JOIN}
WHERE e.marketplace_id = $1
"""
STANDING = _STANDING.format(more="")
STANDING_OF_DEFAULT_USER = f"""
SELECT e.epoch, m."ID" AS marketplace, m."Active" AS marketplace_active, '{NO_CLIENT}' AS client_id, true AS client_active,
       d."ID" AS user_id, d."ID" AS username, true AS user_active, d.generation,
       NULL AS buyer_id, NULL AS supplier_id, true AS company_active, {BENCH}, {COLUMNS}
FROM security_epochs e
JOIN marketplaces m ON m.marketplace_id = $1
LEFT JOIN default_users d ON d.marketplace_id = $1 AND d.key = $2
{JOIN}
WHERE e.marketplace_id = $1
"""
# All of the sessions and configs have to be there, and each integration has to give the roles yet that it gave.
STANDING_OF_TIES = _STANDING.format(
    more=f""",
       cardinality($4::bigint[]) = (
           SELECT count(*) FROM unnest($4::bigint[], $5::bigint[]) AS w (key, generation)
           JOIN users i ON i.marketplace_id = $1 AND i.key = w.key AND i.generation = w.generation AND i."Active"
           LEFT JOIN buyers ib ON ib.marketplace_id = $1 AND ib."ID" = i."BuyerID"
           LEFT JOIN suppliers ip ON ip.marketplace_id = $1 AND ip."ID" = i."SupplierID"
           WHERE coalesce(ib."Active", ip."Active", true)) + (
           SELECT count(*) FROM unnest($4::bigint[], $5::bigint[]) AS w (key, generation)
           JOIN default_users d ON d.marketplace_id = $1 AND d.key = w.key AND d.generation = w.generation) AS sessions_stand,
       $6::text[] <@ ARRAY(SELECT {CONFIG_STAMP} FROM impersonation_configs t WHERE t.marketplace_id = $1) AS configs_stand,
       NOT EXISTS (
           SELECT 1 FROM unnest($7::text[], $8::text[], $9::text[]) AS w (giver, id, roles)
           WHERE NOT coalesce(string_to_array(w.roles, ' ') <@ CASE w.giver
               WHEN '{Giver.SUBSCRIPTION}' THEN (
                   SELECT x."ElevatedRoles" FROM subscription_integrations x WHERE x.marketplace_id = $1 AND x."Active")
               WHEN '{Giver.EVENT}' THEN (
                   SELECT x."ElevatedRoles" FROM integration_events x WHERE x.marketplace_id = $1 AND x."ID" = w.id::citext)
               WHEN '{Giver.WEBHOOK}' THEN (
                   SELECT x."ElevatedRoles" FROM webhooks x WHERE x.marketplace_id = $1 AND x."ID" = w.id::citext)
               WHEN '{Giver.SENDER}' THEN (
                   SELECT x."ElevatedRoles" FROM message_senders x WHERE x.marketplace_id = $1 AND x."ID" = w.id::citext)
               END, false)) AS elevations_stand"""
)


class TokenAuthenticator:
    """Verifies access tokens of this installation; implements http.authentication.Authenticator."""

    def __init__(
        self, pool: asyncpg.Pool, tokens: TokenVerifier, activity: ActivityRecorder, clock: Clock
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self.activity = activity
        self._clock = clock

    @property
    def keys(self) -> KeyRing:
        """The keys of this installation as this process knows them."""
        return self._tokens.ring

    async def authenticate(self, token: str, database: Database | None = None) -> Principal:
        """The caller; as `bearer`, on a connection of its own where none is given."""
        principal = await self.bearer(database or self._pool, token)
        self.activity.note(principal, self._clock())
        return principal

    async def bearer(self, db: Database, token: str) -> Principal:
        """Whom a token stands for. One statement, once the signature holds.

        Raises 401: InvalidTokenError, and what the standing of marketplace, client, user or company has come to.
        """
        return await self.whom(db, await self._tokens.verify(token, self._clock().timestamp()))

    async def whom(self, db: Database, claims: AccessClaims) -> Principal:
        """Whom a token with these claims stands for now. One statement; raises as `bearer`.

        Where tokens age by the marketplace's clock, one may be older than its signature tells.
        """
        standing = await _standing(db, claims)
        _check_standing(standing, claims)
        assert standing is not None
        principal = _principal_of(standing, claims)
        if self._clock().timestamp() + principal.aged >= claims.validity.expires_at:
            raise InvalidTokenError
        return principal

    async def end_of(self, token: str) -> float:
        """When a token ends that holds, in Unix seconds. Raises InvalidTokenError."""
        claims = await self._tokens.verify(token, self._clock().timestamp())
        return claims.validity.expires_at

    def note(self, principal: Principal, now: datetime) -> None:
        """A caller known from before called again."""
        self.activity.note(principal, now)


async def _standing(db: Database, claims: AccessClaims) -> asyncpg.Record | None:
    if claims.is_default_user:
        return await db.fetchrow(STANDING_OF_DEFAULT_USER, claims.marketplace_key, claims.user_key)
    whose, ties = (claims.marketplace_key, claims.client_id, claims.user_key), claims.ties
    if not ties:
        return await db.fetchrow(STANDING, *whose)
    return await db.fetchrow(
        STANDING_OF_TIES,
        *whose,
        [each.user_key for each in ties.sessions],
        [each.generation for each in ties.sessions],
        list(ties.configs),
        [each.giver for each in ties.elevations],
        [each.id for each in ties.elevations],
        [" ".join(each.roles) for each in ties.elevations],
    )


def _check_standing(standing: asyncpg.Record | None, claims: AccessClaims) -> None:
    """Raise what has ended a token before its time; the revocation last, so that an inactive user hears why."""
    if standing is None or not standing["marketplace_active"]:
        raise SellerInactiveError
    if not standing["client_active"]:
        raise ClientInactiveError
    if standing["user_id"] is None:
        raise UserGoneError
    if not standing["user_active"]:
        raise UserInactiveError
    if not standing["company_active"]:
        raise CompanyInactiveError
    if claims.generation != standing["generation"]:
        raise TokenRevokedError
    if claims.ties:
        _check_ties(standing)


def _check_ties(standing: asyncpg.Record) -> None:
    if not (standing["sessions_stand"] and standing["configs_stand"] and standing["elevations_stand"]):
        raise TokenRevokedError


def _principal_of(standing: asyncpg.Record, claims: AccessClaims) -> Principal:
    """Roles and guest claims are the token's, all else is the database's (AUTH-29)."""
    user_type, company_id, time = UserType.SELLER, standing["marketplace"], time_of(standing)
    if standing["buyer_id"] is not None:
        user_type, company_id = UserType.BUYER, standing["buyer_id"]
    elif standing["supplier_id"] is not None:
        user_type, company_id = UserType.SUPPLIER, standing["supplier_id"]
    return Principal(
        marketplace_id=claims.marketplace_key,
        marketplace=standing["marketplace"],
        user_key=claims.user_key,
        user_id=standing["user_id"],
        username=standing["username"],
        user_type=user_type,
        company_id=company_id,
        client_id=standing["client_id"],
        roles=frozenset(claims.roles.names()),
        epoch=standing["epoch"],
        guest_order_id=claims.order_id,
        anonymous_user_id=claims.anonymous_user_id,
        invitation_id=claims.invitation_id,
        generation=standing["generation"],
        ties=claims.ties,
        time=time,
        aged=aged(time, claims.validity.ahead),
        has_faults=standing["has_faults"],
        has_listeners=standing["has_listeners"],
        recording=standing["recording"],
    )
