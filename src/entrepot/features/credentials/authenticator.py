"""Who calls: from a token to a Principal whose standing was checked (AUTH-26, AUTH-28, AUTH-29).

Nobody else gets anything out of a token: whoever is handed one, in the header or as an argument, asks here.
"""

from __future__ import annotations

import asyncpg

from entrepot.engine.call import Database
from entrepot.engine.principal import Principal
from entrepot.features.credentials.activity import ActivityRecorder
from entrepot.features.credentials.claims import AccessClaims
from entrepot.features.credentials.tokens import TokenVerifier
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import (
    ClientInactiveError,
    CompanyInactiveError,
    SellerInactiveError,
    TokenRevokedError,
    UserGoneError,
    UserInactiveError,
)
from entrepot.kernel.user_types import UserType

STANDING = """
SELECT e.epoch, m."ID" AS marketplace, m."Active" AS marketplace_active, c."ID" AS client_id, c."Active" AS client_active,
       u."ID" AS user_id, u."Username" AS username, u."Active" AS user_active, u.generation,
       u."BuyerID" AS buyer_id, u."SupplierID" AS supplier_id,
       coalesce(b."Active", s."Active", true) AS company_active,
       i."Active" AND coalesce(ib."Active", true) AS impersonator_active
FROM security_epochs e
JOIN marketplaces m ON m.marketplace_id = $1
LEFT JOIN api_clients c ON c.marketplace_id = $1 AND c."ID" = $2
LEFT JOIN users u ON u.marketplace_id = $1 AND u.key = $3
LEFT JOIN buyers b ON b.marketplace_id = $1 AND b."ID" = u."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = $1 AND s."ID" = u."SupplierID"
LEFT JOIN users i ON i.marketplace_id = $1 AND i.key = $4
LEFT JOIN buyers ib ON ib.marketplace_id = $1 AND ib."ID" = i."BuyerID"
WHERE e.marketplace_id = $1
"""


class TokenAuthenticator:
    """Verifies access tokens of this installation; implements http.authentication.Authenticator."""

    def __init__(
        self, pool: asyncpg.Pool, tokens: TokenVerifier, activity: ActivityRecorder, clock: Clock
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self.activity = activity
        self._clock = clock

    async def authenticate(self, token: str) -> Principal:
        """The caller; as `bearer`, on a connection of its own."""
        principal = await self.bearer(self._pool, token)
        self.activity.note(principal)
        return principal

    async def bearer(self, db: Database, token: str) -> Principal:
        """Whom a token stands for. One statement, once the signature holds.

        Raises 401: InvalidTokenError, and what the standing of marketplace, client, user or company has come to.
        """
        claims = await self._tokens.verify(token, self._clock().timestamp())
        standing = await db.fetchrow(
            STANDING, claims.marketplace_key, claims.client_id, claims.user_key, claims.impersonator_key
        )
        _check_standing(standing, claims)
        assert standing is not None
        return _principal_of(standing, claims)

    def note(self, principal: Principal) -> None:
        """A caller known from before called again."""
        self.activity.note(principal)


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
    if claims.impersonator_key is not None and not standing["impersonator_active"]:
        raise TokenRevokedError


def _principal_of(standing: asyncpg.Record, claims: AccessClaims) -> Principal:
    """Roles and guest claims are the token's, all else is the database's (AUTH-29)."""
    user_type, company_id = UserType.SELLER, standing["marketplace"]
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
        impersonator_key=claims.impersonator_key,
        generation=standing["generation"],
    )
