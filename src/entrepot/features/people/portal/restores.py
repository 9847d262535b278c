"""Which production marketplace a staging one is made anew of, when, and how far that is (PORT-9).

Nothing of this is in the vendor's SDK: there the pair is known to the vendor, and a restore is every Sunday's.
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.types import Bool, Date, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.portal.places import Environment
from entrepot.domain.portal.restoring import next_restore
from entrepot.engine.call import Call, Database
from entrepot.engine.rows import renderer
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal.access import administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, portal_operation
from entrepot.features.people.portal.self_service import Allowance, ask
from entrepot.features.people.portal.staging import staging_access
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    NotProductionError,
    NotStagingError,
    RestoresExceededError,
    ValidationError,
)

PATH = f"{OF_MARKETPLACE}/stagingrestore"
ON_REQUEST = Allowance("StagingRestore", hourly=4, weekly=30, refusal=RestoresExceededError)
FIND = """
SELECT o."Id"::text AS "ProductionID", r."Weekly", r."Status", r."Step", r."DateDue", r."DateStarted", r."DateEnded", r."Failure"
FROM portal_restores r JOIN portal_organizations o ON o.marketplace_id = r.source_id WHERE r.marketplace_id = $1
"""
SAVE = """
INSERT INTO portal_restores (marketplace_id, source_id, account_key, "Weekly", "DateDue") VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id) DO UPDATE SET source_id = excluded.source_id, account_key = excluded.account_key,
    "Weekly" = excluded."Weekly", "DateDue" = excluded."DateDue", "Status" = 'Waiting', "Step" = NULL, "Failure" = NULL
"""
"""Of one that is under way, too, of which nobody knows whether its process lives; it tells its end itself."""
# One that is running is none that has to begin; who asks now answers for it.
ASK = """
UPDATE portal_restores SET "DateDue" = $2, account_key = $3, "Status" = CASE WHEN "Status" = 'Running' THEN "Status" ELSE 'Waiting' END
WHERE marketplace_id = $1 RETURNING 1
"""
DELETE = "DELETE FROM portal_restores WHERE marketplace_id = $1"


class StagingRestore(Wire):
    """Of which marketplace a staging one is made anew. Status is Waiting, Running, Completed or Failed: of the last one, or the one
    that is under way, whose Step says what is being done. DateDue: when the next one begins.
    """

    ProductionID: Text = column(required=True, max=100)
    Weekly: Bool = column(default=True)
    Status: Text = column(read_only=True)
    Step: Text = column(read_only=True, nullable=True)
    DateDue: Date = column(read_only=True, nullable=True)
    DateStarted: Date = column(read_only=True, nullable=True)
    DateEnded: Date = column(read_only=True, nullable=True)
    Failure: Text = column(read_only=True, nullable=True)


ERRORS = (NotFoundError, NotAdministratorError, NotStagingError)


@portal_operation(
    "GetStagingRestore",
    "GET",
    PATH,
    summary="Get of which marketplace a staging marketplace is made anew, and how far that is",
    returns=Returns(StagingRestore),
    errors=ERRORS,
)
async def get(call: Call) -> Reply:
    """404 where there is none."""
    access = await staging_access(call, call.db)
    return Reply(await _require(call.db, access.organization.marketplace_id, access.organization.id))


@portal_operation(
    "SaveStagingRestore",
    "PUT",
    PATH,
    summary="Say of which production marketplace a staging marketplace is made anew",
    body=Body(StagingRestore),
    returns=Returns(StagingRestore),
    errors=(*ERRORS, InvalidBodyError, ValidationError, NotProductionError),
    unit=Unit.OWN,
)
async def save(call: Call) -> Reply:
    """Whoever says so administers both, now and whenever it is done. Weekly: every Sunday at 03:00 UTC."""
    values = validate(StagingRestore, call.body, partial=False)
    target = (await staging_access(call, call.pool)).organization
    source = (await administered(call.pool, call.account.key, values["ProductionID"])).organization
    if source.environment != Environment.Production:
        raise NotProductionError({"Environment": source.environment})
    due = next_restore(call.clock()) if values["Weekly"] else None
    async with unit_of(call, None) as unit:
        await unit.execute(
            SAVE, target.marketplace_id, source.marketplace_id, call.account.key, values["Weekly"], due
        )
    return Reply(await _require(call.pool, target.marketplace_id, target.id))


@portal_operation(
    "DeleteStagingRestore",
    "DELETE",
    PATH,
    summary="Make a staging marketplace anew of none any more",
    status=204,
    errors=ERRORS,
    unit=Unit.OWN,
)
async def delete(call: Call) -> Reply:
    """204 whether or not there was one. What it holds stays."""
    access = await staging_access(call, call.pool)
    async with unit_of(call, None) as unit:
        await unit.execute(DELETE, access.organization.marketplace_id)
    return Reply()


@portal_operation(
    "RunStagingRestore",
    "POST",
    f"{PATH}/run",
    summary="Make a staging marketplace anew now",
    status=202,
    returns=Returns(StagingRestore),
    errors=(*ERRORS, RestoresExceededError),
    unit=Unit.OWN,
)
async def run(call: Call) -> Reply:
    """It begins within seconds; GET says how far it is. What the marketplace held is gone afterwards."""
    target = (await staging_access(call, call.pool)).organization
    known = await _require(call.pool, target.marketplace_id, target.id)
    # The source may be another's by now; whoever asks has to administer it, too.
    await administered(call.pool, call.account.key, known["ProductionID"])
    async with unit_of(call, target.marketplace_id) as unit:
        await ask(unit, target.marketplace_id, ON_REQUEST, call.clock())
        await unit.execute(ASK, target.marketplace_id, call.clock(), call.account.key)
    return Reply(await _require(call.pool, target.marketplace_id, target.id), status=202)


async def _require(db: Database, marketplace_id: int, named: str) -> dict[str, Any]:
    row = await db.fetchrow(FIND, marketplace_id)
    if row is None:
        raise NotFoundError("StagingRestore", named)
    return renderer(StagingRestore).render(row)


OLD = (get, save, delete, run)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))
