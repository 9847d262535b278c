"""Who may do everything in a marketplace for tests, for whoever has just made it."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine.call import Call, Database
from entrepot.features.people.identity.computed import PROFILES
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.grant_client import find_client
from entrepot.features.people.oauth.tokens import access_claims, sign
from entrepot.features.people.services import services
from entrepot.kernel.sql import Sql

FIND = Sql(f"""
SELECT t.key, c."ID"::text AS client FROM users t
CROSS JOIN (
    SELECT "ID" FROM api_clients WHERE marketplace_id = :marketplace_id AND "Active" AND "AllowSeller"
    ORDER BY "IsAnonBuyer", "AppName", "ID" LIMIT 1) c
WHERE t.marketplace_id = :marketplace_id AND t."BuyerID" IS NULL AND t."SupplierID" IS NULL AND t."Active" AND EXISTS (
    SELECT 1 FROM ({PROFILES}) AS assigned
    JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = assigned."SecurityProfileID"
    WHERE '{FULL_ACCESS}' = ANY(p."Roles"))
ORDER BY t."ID" LIMIT 1
""").bound("marketplace_id")


@dataclass(frozen=True, slots=True)
class Administrator:
    """A user of the seller with FullAccess, by its key, and a client that it may use."""

    user_key: int
    client_id: str


async def of(database: Database, marketplace_id: int) -> Administrator | None:
    """The first one. None where a token of it would open nothing: where there is nobody, or no client. One statement."""
    row = await database.fetchrow(FIND, marketplace_id)
    return None if row is None else Administrator(row["key"], row["client"])


async def token_of(call: Call, marketplace_id: int, somebody: Administrator, roles: RoleSet) -> str | None:
    """A token of a user of a marketplace, which the caller has just made; None where it has not this user or this client."""
    client = await find_client(call.pool, services(call), marketplace_id, somebody.client_id)
    if client is None:
        return None
    subject = await subjects.by_key(call.pool, client, somebody.user_key, call.server_clock())
    if subject is None:
        return None
    lifetime = client.durations.access_lifetime(is_anonymous=False)
    return sign(call, access_claims(call, client, subject, roles, lifetime))
