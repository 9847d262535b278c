"""Who calls the portal: from a token to the account whose session it is."""

from __future__ import annotations

from entrepot.engine.call import Database
from entrepot.engine.principal import Account
from entrepot.features.people.credentials.keys import SigningKeys
from entrepot.features.people.credentials.tokens import Verifier
from entrepot.features.people.portal.claims import PortalClaims, read_claims
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import TokenRevokedError

SESSION = """
SELECT a.key, a."Username" FROM portal_sessions s JOIN portal_accounts a ON a.key = s.account_key
WHERE s.key = $1 AND s.account_key = $2 AND s.expires_at > $3
"""


class PortalAuthenticator:
    """Verifies the portal's tokens; implements http.authentication.Accounts.

    Nothing is remembered of an account: each call asks whether its session goes on, so that signing out holds at once.
    """

    def __init__(self, db: Database, keys: SigningKeys, clock: Clock) -> None:
        self._db = db
        self._tokens: Verifier[PortalClaims] = Verifier(keys, read_claims, remembered=512)
        self._clock = clock

    async def of(self, token: str) -> Account:
        """One statement, once the signature holds. Raises InvalidTokenError, TokenRevokedError (401)."""
        now = self._clock()
        claims = await self._tokens.verify(token, now.timestamp())
        row = await self._db.fetchrow(SESSION, claims.session, claims.account, now)
        if row is None:
            raise TokenRevokedError
        return Account(key=row["key"], username=row["Username"], session=claims.session)
