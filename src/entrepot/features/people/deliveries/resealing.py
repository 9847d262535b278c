"""Bodies and confidential facts, sealed anew with the current secret key."""

from __future__ import annotations

import asyncpg

from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.deliveries.telling import place_of_confidential

BODIES = 'SELECT marketplace_id, key, "ID", body FROM deliveries WHERE body IS NOT NULL FOR UPDATE'
SEAL_BODY = "UPDATE deliveries SET body = $3 WHERE marketplace_id = $1 AND key = $2"
CONFIDENTIAL = (
    "SELECT marketplace_id, key, confidential FROM {table} WHERE confidential IS NOT NULL FOR UPDATE"
)
SEAL_CONFIDENTIAL = "UPDATE {table} SET confidential = $3 WHERE marketplace_id = $1 AND key = $2"
TABLES = ("outbox_events", "deliveries")


async def reseal(connection: asyncpg.Connection, box: SecretBox) -> int:
    """Within one transaction; how many there were. Raises SecretBoxError. They come one after another, since they may be many."""
    count = 0
    async for row in connection.cursor(BODIES):
        marketplace_id = row["marketplace_id"]
        where = place_of_body(marketplace_id, row["ID"])
        sealed = box.seal(box.open(row["body"], where), where)
        await connection.execute(SEAL_BODY, marketplace_id, row["key"], sealed)
        count += 1
    for table in TABLES:
        async for row in connection.cursor(CONFIDENTIAL.format(table=table)):
            marketplace_id = row["marketplace_id"]
            where = place_of_confidential(marketplace_id)
            sealed = box.seal(box.open(row["confidential"], where), where)
            await connection.execute(
                SEAL_CONFIDENTIAL.format(table=table), marketplace_id, row["key"], sealed
            )
            count += 1
    return count
