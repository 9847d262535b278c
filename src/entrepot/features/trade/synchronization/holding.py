"""What is held while a synchronization is paused: each thing once, to be sent as it is when the pause ends (SYNC-5)."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.call import Call
from entrepot.engine.syncing import Name
from entrepot.engine.wire.json import dump
from entrepot.features.trade.synchronization.kinds import ENTITY_SYNC, SyncKind

HOLD = """
WITH paused AS MATERIALIZED (
    SELECT 1 FROM {table} c WHERE c.marketplace_id = $1 AND c.setting = $2 AND c."Paused" FOR SHARE),
held AS (
    INSERT INTO held_syncs (marketplace_id, setting, name, held_at)
    SELECT $1, $2, n.name, $4 FROM paused, unnest($3::text[]) AS n(name)
    ON CONFLICT (marketplace_id, setting, name) DO NOTHING)
SELECT count(*) FROM paused
"""
"""$1 marketplace, $2 setting, $3 names, $4 moment. Whoever ends the pause waits for it, and what comes later holds nothing."""
OF_ENTITIES, OF_PRODUCTS = (
    HOLD.format(table=table) for table in ("entity_sync_configs", "product_sync_configs")
)


async def hold(call: Call, kind: SyncKind, names: Sequence[Name]) -> bool:
    """Whether the things are held: not where the pause has ended meanwhile. One statement."""
    sql = OF_ENTITIES if kind.integration == ENTITY_SYNC else OF_PRODUCTS
    texts = sorted({dump(list(name)) for name in names})
    return bool(await call.db.fetchval(sql, call.marketplace_id, kind.setting, texts, call.server_clock()))
