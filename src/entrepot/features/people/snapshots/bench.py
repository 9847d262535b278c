"""The key of the settings that opens the test bench without a token of anybody's.

It stands for a marketplace of its own, in which nothing is: what is made with the key belongs to it as copies belong to their original, and
this, whatever was made of it in turn, is all that the key opens. Whose marketplaces there are else on the server, it does not see.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import asyncpg

from entrepot.declare.operation import Operation
from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Backend, Database
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.engine.principal import Principal
from entrepot.features.people.credentials.authenticator import BENCH
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.snapshots.store import ABOVE
from entrepot.kernel.errors import NotFoundError, TestMarketplaceNeededError
from entrepot.kernel.user_types import UserType

MARKETPLACE = "entrepot test bench"
"""No ID that anybody could give: it has blanks."""
NAME = "Test bench"
WITHOUT_MARKETPLACE = frozenset(
    {
        "TestMarketplaces.Create",
        "TestMarketplaces.List",
        "TestMarketplaces.Get",
        "TestMarketplaces.Delete",
        "Snapshots.List",
        "Snapshots.Get",
        "Snapshots.Delete",
        "Snapshots.Export",
        "Snapshots.Import",
    }
)
"""What the key opens by itself."""
OWN = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'marketplace' AND name = $1"
STANDING = f"""
SELECT e.epoch, m."ID"::text AS marketplace, {BENCH}, {COLUMNS}
FROM security_epochs e JOIN marketplaces m ON m.marketplace_id = $1 {JOIN} WHERE e.marketplace_id = $1
"""
DESCENDS = f"{ABOVE} SELECT EXISTS (SELECT 1 FROM above WHERE id = $2)"


def is_keyed(caller: Principal) -> bool:
    """Whether somebody calls with the key: it is no user's, and none of the portal's, whose keys are below 0."""
    return caller.user_key == 0


def is_itself(caller: Principal) -> bool:
    """Whether somebody calls with the key and has named no marketplace."""
    return caller.marketplace == MARKETPLACE


@dataclass(frozen=True, slots=True)
class BenchKey:
    """Implements http.bench.Bench."""

    digest: bytes

    @classmethod
    def of(cls, key: str) -> BenchKey:
        return cls(hashlib.sha256(key.encode()).digest())

    def opens(self, token: str) -> bool:
        """In the same time whatever was sent."""
        return hmac.compare_digest(
            hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest(), self.digest
        )

    async def caller(
        self, backend: Backend, operation: Operation, named: str | None, database: Database | None = None
    ) -> Principal:
        """Who calls, as of now, who has shown the key: in the marketplace of this ID, or in the bench's own. One statement to three;
        database: for that which reads the standing.

        Raises NotFoundError for what was not made with the key, TestMarketplaceNeededError where the operation is about one.
        """
        own = await self._own(backend)
        if named:
            marketplace_id = await backend.pool.fetchval(OWN, named)
            if marketplace_id in (None, own) or not await backend.pool.fetchval(
                DESCENDS, marketplace_id, own
            ):
                raise NotFoundError("Marketplace", named)
        elif operation.id in WITHOUT_MARKETPLACE:
            marketplace_id = own
        else:
            raise TestMarketplaceNeededError
        row = await (database or backend.pool).fetchrow(STANDING, marketplace_id)
        if row is None:
            raise NotFoundError("Marketplace", named or MARKETPLACE)
        return Principal(
            marketplace_id=marketplace_id,
            marketplace=row["marketplace"],
            user_key=0,
            user_id="",
            username="",
            user_type=UserType.SELLER,
            company_id=row["marketplace"],
            client_id="",
            roles=frozenset({FULL_ACCESS}),
            epoch=row["epoch"],
            time=time_of(row),
            has_faults=row["has_faults"],
            has_listeners=row["has_listeners"],
            recording=row["recording"],
        )

    async def _own(self, backend: Backend) -> int:
        """The bench's marketplace, which the first one makes who calls with the key."""
        own: int | None = await backend.pool.fetchval(OWN, MARKETPLACE)
        if own is not None:
            return own
        try:
            async with backend.pool.unit(0) as connection:
                return await bootstrap.add_marketplace(connection, MARKETPLACE, NAME, backend.clock())
        except asyncpg.UniqueViolationError:
            # Another one was the first.
            return await self._own(backend)
