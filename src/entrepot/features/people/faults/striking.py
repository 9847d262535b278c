"""Letting a request fail as the rules of its marketplace want it.

Asked only where the marketplace has rules at all, which is known with the caller. Rules are remembered as of the security epoch, as
callers are; they are counted in the database, so that several processes together meet as many requests as was asked for.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.domain.faults.abroad import is_abroad
from entrepot.domain.faults.meeting import ANY, Aim, Asked, matches, meets
from entrepot.domain.time.virtual import shown
from entrepot.engine.call import Backend, Database
from entrepot.engine.principal import Principal
from entrepot.features.people.faults.hooks import may_fail
from entrepot.features.people.faults.resources import FaultMoment
from entrepot.kernel.errors import ConnectionCutError, InjectedFaultError
from entrepot.kernel.recent import Recent

MOST = 1_000
"""Rules of one marketplace that are looked at."""
TOGETHER = 50
"""Of them those between which nobody else has his turn."""
REMEMBERED = 20_000
"""Rules that a process remembers, of all marketplaces."""
RULES = f"""
SELECT "ID", "OperationID", "Path", "ClientID", "Share", "Moment", "Delay", "Status", "ErrorCode", "Message", "RetryAfter", "Cut",
       "ExpirationDate"
FROM faults WHERE marketplace_id = $1 AND "Active" AND coalesce("Remaining" > 0, true) ORDER BY "ID" LIMIT {MOST}
"""
LEFT = 'marketplace_id = $1 AND "ID" = $2 AND "Active" AND coalesce("Remaining" > 0, true)'
# Nothing by a rule of another epoch: the operation finds that the caller's is over, and it is asked again.
AS_OF = "(SELECT epoch FROM security_epochs WHERE marketplace_id = $1) = $3"
TAKE_NOW = f'UPDATE faults SET "Remaining" = "Remaining" - 1, "Met" = "Met" + 1 WHERE {LEFT} RETURNING "ID"'
TAKE = TAKE_NOW.replace(LEFT, f"{LEFT} AND {AS_OF}")
IS_LEFT = f"SELECT true FROM faults WHERE {LEFT} AND {AS_OF}"


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

    @property
    def fails(self) -> bool:
        """Whether it does more than wait and count."""
        return self.cut or self.status is not None

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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A rule that strikes after the operation: it has met no request that is refused, and counts none."""

    struck: Struck
    pool: Database
    marketplace_id: int

    async def before(self) -> None:
        pass

    async def after(self) -> None:
        if await self.pool.fetchval(TAKE_NOW, self.marketplace_id, self.struck.rule):
            await self.struck.after()


Striking = Struck | _Waiting


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom one meets, until when, and what it does then. begins: what the paths of its requests begin with, in lower case. names: whether
    it says which requests it is about; without that it meets no login: nobody could log in to take it back.
    """

    aim: Aim
    begins: str
    expires: datetime | None
    names: bool
    struck: Struck

    def may_meet(self, operation: Operation) -> bool:
        """Whether it can meet requests of an operation."""
        wanted = self.aim.operation
        return (self.names or not operation.public) and (wanted is None or matches(wanted, operation.id))


class Rules:
    """Those of a marketplace, by ID; and of each operation that was asked for those that may meet it, which mostly are none."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._all = rules
        self.of_operation: dict[str, Sequence[Rule]] = {}
        self._beginnings: dict[str, tuple[str, ...]] = {}

    def may_meet(self, operation: Operation, path: str) -> bool:
        """Whether one might meet a request: as far as is known at once, by what the paths of its operation's begin with."""
        beginnings = self._beginnings.get(operation.id)
        return beginnings is None or path.lower().startswith(beginnings)

    async def find(self, operation: Operation) -> Sequence[Rule]:
        """Those of an operation that nobody has asked for yet."""
        found = []
        for place, rule in enumerate(self._all, 1):
            await _give_way(place)
            if rule.may_meet(operation):
                found.append(rule)
        self.of_operation[operation.id] = found
        self._beginnings[operation.id] = tuple({rule.begins for rule in found})
        return found


class RuleMemory:
    """Rules of marketplaces, of one process."""

    def __init__(self) -> None:
        self._rules: Recent[tuple[int, Rules]] = Recent(REMEMBERED)

    def known(self, caller: Principal) -> Rules | None:
        """As of the caller's epoch."""
        found = self._rules.get(caller.marketplace_id)
        return found[1] if found is not None and found[0] == caller.epoch else None

    async def read(self, pool: Database, caller: Principal) -> Rules:
        """The same, where they are not remembered. One statement."""
        rows, read = await pool.fetch(RULES, caller.marketplace_id), []
        for place, row in enumerate(rows, 1):
            await _give_way(place)
            read.append(_rule(row))
        rules = Rules(read)
        self._rules.keep(caller.marketplace_id, (caller.epoch, rules), len(rows) + 1)
        return rules

    def strike(
        self, backend: Backend, operation: Operation, path: str, caller: Principal
    ) -> Coroutine[Any, Any, Striking | None] | None:
        """What is to become of a request of a caller whose marketplace has rules; None where no rule meets it, and in place of a
        coroutine where that is known at once. The first by ID does. One statement where rules have changed, and another for a rule
        that meets it.
        """
        rules = self.known(caller)
        if (rules is not None and not rules.may_meet(operation, path)) or not may_fail(operation):
            return None
        return self._strike(backend, operation, path, caller)

    async def _strike(
        self, backend: Backend, operation: Operation, path: str, caller: Principal
    ) -> Striking | None:
        pool: Database = backend.pool
        rules = self.known(caller) or await self.read(pool, caller)
        of_operation = rules.of_operation.get(operation.id)
        if of_operation is None:
            of_operation = await rules.find(operation)
        lower = path.lower()
        for place, rule in enumerate(of_operation, 1):
            if place % TOGETHER == 0:
                await asyncio.sleep(0)
            if not lower.startswith(rule.begins):
                continue
            if rule.expires is not None and rule.expires <= shown(caller.time, backend.clock()):
                continue
            asked, chance = Asked(operation.id, path, caller.client_id), random.random()  # noqa: S311 (no secret)
            if not meets(rule.aim, asked, chance):
                continue
            waits = rule.struck.moment is FaultMoment.AFTER
            of_rule = (caller.marketplace_id, rule.struck.rule, caller.epoch)
            if await pool.fetchval(IS_LEFT if waits else TAKE, *of_rule):
                return _Waiting(rule.struck, pool, caller.marketplace_id) if waits else rule.struck
        return None


async def strike_abroad(pool: Database, marketplace_id: int, asked: Asked, now: datetime) -> Struck | None:
    """The same of a call of the server's own, whose name (domain/faults/abroad.py) is asked's operation. Only rules that name such calls
    meet one. Read each time: who delivers is no caller whose epoch tells of new rules.
    """
    for place, row in enumerate(await pool.fetch(RULES, marketplace_id), 1):
        await _give_way(place)
        if not is_abroad(row["OperationID"]) or (row["ExpirationDate"] and row["ExpirationDate"] <= now):
            continue
        rule = _rule(row)
        if meets(rule.aim, asked, random.random()) and await pool.fetchval(  # noqa: S311 (no secret)
            TAKE_NOW, marketplace_id, rule.struck.rule
        ):
            return rule.struck
    return None


async def _give_way(place: int) -> None:
    if place % TOGETHER == 0:
        await asyncio.sleep(0)


def _rule(row: Any) -> Rule:
    return Rule(
        Aim(row["OperationID"] or None, row["Path"] or None, row["ClientID"], float(row["Share"])),
        (row["Path"] or "").lower().partition(ANY)[0],
        row["ExpirationDate"],
        any((row[name] or "").strip(ANY) for name in ("OperationID", "Path")),
        _struck(row),
    )


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
