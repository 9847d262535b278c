"""The messages that a marketplace has written."""

from __future__ import annotations

import asyncpg
from tests.api.marketplace import Api


async def taken(api: Api) -> list[asyncpg.Record]:
    """Those since the last time, in order."""
    rows = await api.rows("DELETE FROM outbox_messages WHERE marketplace_id = $1 RETURNING *")
    return sorted(rows, key=lambda row: int(row["key"]))


async def told(api: Api) -> list[tuple[str, str]]:
    """Type and recipient of those since the last time; of an address what stands before the @."""
    return [(row["message_type"], row["recipient"].partition("@")[0]) for row in await taken(api)]
