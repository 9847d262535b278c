"""Whom a public request about forgotten credentials concerns: the client that it names, the users who match."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.domain.identity.clients import ClientAdmission
from entrepot.engine.call import Call, Database
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.engine.principal import Principal
from entrepot.engine.sql import numbered
from entrepot.kernel.user_types import UserType, type_of

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST = 100
"""Usernames that one request can concern: an e-mail address must not become a load."""

DIRECTORY = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'client' AND name = $1"
CLIENT = f"""
SELECT c."ID", c."AllowSeller", c."AllowAnyBuyer", c."AllowAnySupplier", {COLUMNS}
FROM api_clients c JOIN marketplaces m ON m.marketplace_id = $1 {JOIN}
WHERE c.marketplace_id = $1 AND c."ID" = $2 AND c."Active" AND m."Active"
"""
# Active users of active companies alone hear from us (AUTH-64). The lock keeps them from being deleted meanwhile.
RECIPIENTS = """
SELECT t.key, t."Username", t."Email", t."BuyerID", t."SupplierID", t.generation,
       EXISTS (SELECT 1 FROM api_client_assignments x WHERE x.marketplace_id = :marketplace_id AND x."ApiClientID" = :client
               AND (x."BuyerID" = t."BuyerID" OR x."SupplierID" = t."SupplierID")) AS company_assigned
FROM users t
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = t."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = t."SupplierID"
WHERE t.marketplace_id = :marketplace_id AND t."Active" AND coalesce(b."Active", s."Active", true)
"""
CONDITIONS = {
    "username": 'lower(t."Username") = lower(:username)',
    "email": 'lower(t."Email") = lower(:email)',
}


@dataclass(frozen=True, slots=True)
class PublicClient:
    """An active API client of an active marketplace, named by someone without a token."""

    marketplace_id: int
    id: str
    admission: ClientAdmission


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user who gets a message. `key` and `generation` are internal."""

    key: int
    username: str
    email: str
    user_type: UserType
    generation: int


async def find_client(call: Call, client_id: str) -> PublicClient | None:
    """The client, or None if there is none or it is not active. The directory names the marketplace, in whose log the
    call stands, and by whose clock it goes.
    """
    if not GUID.fullmatch(client_id):
        return None
    marketplace_id = await call.pool.fetchval(DIRECTORY, client_id)
    row = None if marketplace_id is None else await call.pool.fetchrow(CLIENT, marketplace_id, client_id)
    if row is None:
        return None
    call.sender.note_for(Principal.nobody(marketplace_id, row["ID"]))
    call.time = time_of(row)
    admission = ClientAdmission(row["AllowSeller"], row["AllowAnyBuyer"], row["AllowAnySupplier"])
    return PublicClient(marketplace_id, row["ID"], admission)


async def find_recipients(
    db: Database, client: PublicClient, *, username: str | None = None, email: str | None = None
) -> list[Recipient]:
    """The users with this name or address, or both where both are given, whom the client admits. At least one is."""
    given = {name: value for name, value in (("username", username), ("email", email)) if value}
    conditions = "".join(f" AND {CONDITIONS[name]}" for name in given)
    sql, names = numbered(f"{RECIPIENTS}{conditions} ORDER BY t.key LIMIT {MOST} FOR KEY SHARE OF t")
    scope = {"marketplace_id": client.marketplace_id, "client": client.id, **given}
    rows = await db.fetch(sql, *(scope[name] for name in names))
    return [
        Recipient(row["key"], row["Username"], row["Email"], user_type, row["generation"])
        for row in rows
        for user_type in (type_of(row["BuyerID"], row["SupplierID"]),)
        if client.admission.admits(user_type, is_company_assigned=row["company_assigned"])
    ]
