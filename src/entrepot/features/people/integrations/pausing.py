"""The end of a pause of a synchronization: what was held leaves then (SYNC-5)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.singletons import SETTING
from entrepot.kernel.ids import new_id

Values = dict[str, Any]

RELEASE = """
INSERT INTO sync_runs (marketplace_id, "ID", setting, source, parameters, status, started_at, updated_at)
SELECT $1, $2, $3, 'Held', '{}', 'Running', $4, $4
WHERE EXISTS (SELECT 1 FROM held_syncs WHERE marketplace_id = $1 AND setting = $3)
"""
"""$1 marketplace, $2 ID, $3 setting, $4 moment: a run over what is held (features/trade/synchronization/runs.py)."""
FORGET = "DELETE FROM held_syncs WHERE marketplace_id = $1 AND setting = $2"


class PausedHooks(IntegrationHooks):
    """A setting that can be paused. What it held goes with it."""

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().after_write(call, old, new)
        if old is not None and old["Paused"] and not new["Paused"]:
            await call.db.execute(RELEASE, call.marketplace_id, new_id(), old[SETTING], call.server_clock())

    async def after_delete(self, call: Call, old: Values) -> None:
        await super().after_delete(call, old)
        await call.db.execute(FORGET, call.marketplace_id, old[SETTING])
