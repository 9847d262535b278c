"""What waits to be delivered follows an integration, or a delivery configuration, that gets another ID.

It is the only place outside of `deliveries` that writes what waits: the endpoint and the lane that it belongs to are made of the ID
(deliveries/places.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.engine.call import Call
from entrepot.engine.standing import HOLD_EPOCH

INTEGRATIONS: Mapping[str, str] = {
    "webhooks": "Webhook",
    "message_senders": "MessageSender",
    "tracking_events": "TrackingEvent",
}
"""How deliveries call what a table holds."""
CONFIGS = "delivery_configs"

# Whoever adds to lanes, or ends something in them, holds their endpoints.
HOLD = """
SELECT endpoint FROM delivery_endpoints
WHERE marketplace_id = $1 AND lower(left(CAST(endpoint AS text), length($2))) = lower($2) ORDER BY endpoint FOR UPDATE
"""
MOVE_ENDPOINTS = """
WITH moved AS (
    DELETE FROM delivery_endpoints
    WHERE marketplace_id = $1 AND lower(left(CAST(endpoint AS text), length($2))) = lower($2)
    RETURNING substr(CAST(endpoint AS text), length($2) + 1) AS target, failures, open_until, paused_at)
INSERT INTO delivery_endpoints (marketplace_id, endpoint, failures, open_until, paused_at)
SELECT $1, CAST($3 || target AS citext), failures, open_until, paused_at FROM moved
ON CONFLICT (marketplace_id, endpoint) DO UPDATE
SET failures = excluded.failures, open_until = excluded.open_until, paused_at = excluded.paused_at
"""
"""$2 and $3: the former and the new beginning of their names, `Webhook/ID/`."""


def _follow(new: str, where: str) -> str:
    lane = r"convert_to(lower(n.endpoint), 'UTF8') || '\x00'::bytea || convert_to(d.aggregate, 'UTF8')"
    return f"""
UPDATE deliveries d SET integration_id = n.integration_id, config_id = n.config_id, endpoint = CAST(n.endpoint AS citext),
    lane = substr(sha256({lane}), 1, 16)
FROM (SELECT o.key, {new} FROM deliveries o WHERE o.marketplace_id = $1 AND o.ended_at IS NULL AND {where}) n
WHERE d.marketplace_id = $1 AND d.key = n.key
"""


FOLLOW_INTEGRATION = _follow(
    """CAST($4 AS citext) AS integration_id, o.config_id,
    CASE WHEN o.config_id IS NULL THEN o.integration || '/' || $4 || '/' || o.target ELSE CAST(o.endpoint AS text) END AS endpoint""",
    "o.integration = $2 AND o.integration_id = CAST($3 AS citext)",
)
"""$2 the integration, $3 its former ID, $4 the new one."""
FOLLOW_CONFIG = _follow(
    """o.integration_id, CAST($3 AS citext) AS config_id, 'DeliveryConfig/' || $3 || '/' || o.target AS endpoint""",
    "o.config_id = CAST($2 AS citext)",
)
"""$2 its former ID, $3 the new one."""


async def follow(call: Call, table: str, old: str, new: str) -> None:
    """Within the unit that gives another ID to something of this table. Four statements; none for tables that nothing is delivered by."""
    integration = INTEGRATIONS.get(table)
    if (integration is None and table != CONFIGS) or old == new:
        return
    kind = integration or "DeliveryConfig"
    before, after = f"{kind}/{old}/", f"{kind}/{new}/"
    # Whoever writes deliveries holds the epoch by which it knows the names (deliveries/expanding.py): it has written them before
    # what waits is looked at here, or finds the epoch raised, and reads the new name.
    await call.db.execute(HOLD_EPOCH, call.marketplace_id)
    await call.db.fetch(HOLD, call.marketplace_id, before)
    if integration is None:
        await call.db.execute(FOLLOW_CONFIG, call.marketplace_id, old, new)
    else:
        await call.db.execute(FOLLOW_INTEGRATION, call.marketplace_id, integration, old, new)
    await call.db.execute(MOVE_ENDPOINTS, call.marketplace_id, before, after)
