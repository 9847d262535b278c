"""Letting a request fail as the rules of its marketplace want it.

Asked only where the marketplace has rules at all, which is known with the caller. Rules are counted in the database, so that
several processes together meet as many requests as was asked for.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.domain.faults.meeting import ANY, Aim, Asked, meets
from entrepot.domain.time.virtual import shown
from entrepot.engine.call import Backend, Database
from entrepot.engine.principal import Principal
from entrepot.features.people.faults.hooks import may_fail
from entrepot.features.people.faults.resources import FaultMoment
from entrepot.kernel.errors import ConnectionCutError, InjectedFaultError

MOST = 1_000
"""Rules of one marketplace that are looked at."""
TOGETHER = 50
"""Of them those between which nobody else has his turn."""
RULES = f"""
SELECT "ID", "OperationID", "Path", "ClientID", "Share", "Moment", "Delay", "Status", "ErrorCode", "Message", "RetryAfter", "Cut"
FROM faults
WHERE marketplace_id = $1 AND "Active" AND coalesce("Remaining" > 0, true) AND coalesce("ExpirationDate" > $2, true)
ORDER BY "ID" LIMIT {MOST}
"""
TAKE = """
UPDATE faults SET "Remaining" = "Remaining" - 1, "Met" = "Met" + 1
WHERE marketplace_id = $1 AND "ID" = $2 AND coalesce("Remaining" > 0, true)
RETURNING "ID"
"""


@dataclass(frozen=True, slots=True)
class Struck:
    """What a rule does with one request."""

    rule: str
    moment: FaultMoment
    delay: int
    status: int | None
    code: str | None
    message: str | None
    retry_after: int | None
    cut: bool

    async def before(self) -> None:
        """What it does before the operation. Raises what it answers."""
        if self.moment is FaultMoment.BEFORE:
            await self._strike()

    async def after(self) -> None:
        """The same, after an operation that has succeeded."""
        if self.moment is FaultMoment.AFTER:
            await self._strike()

    async def _strike(self) -> None:
        if self.delay:
            await asyncio.sleep(self.delay / 1000)
        if self.cut:
            raise ConnectionCutError(self.rule)
        if self.status is not None:
            raise InjectedFaultError(self.rule, self.status, self.code, self.message, self.retry_after)


async def strike(backend: Backend, operation: Operation, path: str, caller: Principal) -> Struck | None:
    """What is to become of a request of a caller whose marketplace has rules; None where no rule meets it. The first by ID does.
    One statement, and another for a rule that meets it.
    """
    if not may_fail(operation):
        return None
    pool: Database = backend.pool
    now = shown(caller.time, backend.clock())
    asked = Asked(operation.id, path, caller.client_id)
    for place, rule in enumerate(await pool.fetch(RULES, caller.marketplace_id, now), 1):
        if place % TOGETHER == 0:
            await asyncio.sleep(0)
        if operation.public and not _names(rule):
            continue
        if meets(_aim(rule), asked, random.random()) and await pool.fetchval(  # noqa: S311 (no secret)
            TAKE, caller.marketplace_id, rule["ID"]
        ):
            return _struck(rule)
    return None


def _names(rule: Any) -> bool:
    """Whether a rule says which requests it is about. Without that it meets no login: nobody could log in to take it back."""
    return any((rule[name] or "").strip(ANY) for name in ("OperationID", "Path"))


def _aim(rule: Any) -> Aim:
    return Aim(rule["OperationID"] or None, rule["Path"] or None, rule["ClientID"], float(rule["Share"]))


def _struck(rule: Any) -> Struck:
    return Struck(
        rule["ID"],
        FaultMoment(rule["Moment"]),
        rule["Delay"],
        rule["Status"],
        rule["ErrorCode"],
        rule["Message"],
        rule["RetryAfter"],
        rule["Cut"],
    )
