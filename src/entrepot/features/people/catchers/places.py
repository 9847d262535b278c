"""What catchers keep is sealed: it is what integrations are told, codes and tokens included."""

from __future__ import annotations

import asyncpg

from entrepot.features.people.credentials.secrets import SecretBox

SEALED = 'SELECT marketplace_id, "CatcherID", "ID", content FROM caught_requests FOR UPDATE'
SEAL = """
UPDATE caught_requests SET content = $4 WHERE marketplace_id = $1 AND "CatcherID" = $2 AND "ID" = $3
"""


def place(marketplace_id: int) -> tuple[str, ...]:
    """Where headers, query and body are sealed."""
    return ("caught_requests", "content", str(marketplace_id))


async def reseal(connection: asyncpg.Connection, box: SecretBox) -> int:
    """Within one transaction: what catchers keep, sealed anew with the current secret key; how many there were."""
    count = 0
    async for row in connection.cursor(SEALED):
        where = place(row["marketplace_id"])
        sealed = box.seal(box.open(row["content"], where), where)
        await connection.execute(SEAL, row["marketplace_id"], row["CatcherID"], row["ID"], sealed)
        count += 1
    return count
