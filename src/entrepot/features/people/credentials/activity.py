"""When users were last active: noted in memory with each request, written now and then (AUTH-71)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from entrepot.engine.principal import Principal

FLUSH_INTERVAL = 15.0
"""Seconds between two writes: LastActive is accurate to about a minute."""

RECORD_ACTIVITY = """
UPDATE users u SET "LastActive" = seen.at
FROM unnest($2::bigint[], $3::timestamptz[]) AS seen(key, at)
WHERE u.marketplace_id = $1 AND u.key = seen.key AND (u."LastActive" IS NULL OR u."LastActive" < seen.at)
"""


class ActivityRecorder:
    """The users who called this process since the last flush. A request pays one dictionary entry for it."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], datetime] = {}

    def note(self, principal: Principal, now: datetime) -> None:
        """The user called just now; an impersonated one too."""
        self._seen[principal.marketplace_id, principal.user_key] = now

    async def flush(self, pool: asyncpg.Pool) -> None:
        """Write what was noted, one statement per marketplace. What cannot be written is kept for the next time."""
        seen, self._seen = self._seen, {}
        by_marketplace: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
        # In key order, so that two processes that write the same users do not wait for each other.
        for (marketplace_id, user_key), moment in sorted(seen.items()):
            # Of a default user there is no record to write it to.
            if user_key > 0:
                by_marketplace[marketplace_id].append((user_key, moment))
        try:
            for marketplace_id, users in by_marketplace.items():
                keys, moments = zip(*users, strict=True)
                await pool.execute(RECORD_ACTIVITY, marketplace_id, list(keys), list(moments))
        except (PostgresError, InterfaceError, OSError):
            self._seen = {**seen, **self._seen}
            raise
