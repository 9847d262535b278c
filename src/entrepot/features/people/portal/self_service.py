"""Work of the server's own that people may ask for now and then: how often, counted in the database, whichever process they ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from entrepot.engine.call import Database
from entrepot.kernel.errors import ApiError

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

# The epoch's row stands for the marketplace: of two who ask at once the second counts the first.
LOCK = "SELECT 1 FROM security_epochs WHERE marketplace_id = $1 FOR UPDATE"
COUNT = """
SELECT count(*) FILTER (WHERE asked_at > $3) AS hour, count(*) AS week FROM self_service_runs
WHERE marketplace_id = $1 AND kind = $2 AND asked_at > $4
"""
ASK = "INSERT INTO self_service_runs (marketplace_id, kind, asked_at) VALUES ($1, $2, $3)"
FORGET = "DELETE FROM self_service_runs WHERE marketplace_id = $1 AND kind = $2 AND asked_at <= $3"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often a kind of work may be asked for in a marketplace, and the refusal of whoever asks more often."""

    kind: str
    hourly: int
    weekly: int
    refusal: type[ApiError]


async def ask(unit: Database, marketplace_id: int, allowance: Allowance, now: datetime) -> int:
    """Count a run; how many more there may be in this hour. Four statements of one unit. Raises the refusal."""
    await unit.fetchval(LOCK, marketplace_id)
    row = await unit.fetchrow(COUNT, marketplace_id, allowance.kind, now - HOUR, now - WEEK)
    assert row is not None
    left: int = min(allowance.hourly - row["hour"], allowance.weekly - row["week"])
    if left <= 0:
        raise allowance.refusal
    await unit.execute(FORGET, marketplace_id, allowance.kind, now - WEEK)
    await unit.execute(ASK, marketplace_id, allowance.kind, now)
    return left - 1
