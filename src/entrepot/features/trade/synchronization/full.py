"""Full synchronizations: begun, looked at and cancelled by operations of the server itself (SYNC-7)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, ListOptions, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Date, Id, Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.selections import SelectedList
from entrepot.engine.wire.models import validate
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.runs import start_full
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    FullSyncRunningError,
    InsufficientRolesError,
    InvalidBodyError,
    NotFoundError,
    OrderSyncRangeError,
    ValidationError,
)
from entrepot.kernel.user_types import UserType

PATH = "/entrepot/v1/synchronize"
TAG = "Full Synchronization"
ROLES = {
    kinds.PRODUCT_SYNC: "ProductSyncConfigAdmin",
    kinds.ORDER_SYNC: "OrderSyncConfigAdmin",
    kinds.ENTITY_SYNC: "EntitySyncConfigAdmin",
}
ANY_ROLE = sufficient(*ROLES.values())
SELLERS = frozenset({UserType.SELLER})
COLUMNS = """r."ID", r.setting AS "Entity", r.source AS "Source", r.status AS "Status", r.done AS "Done", r.total AS "Total",
       r.started_at AS "DateStarted", r.updated_at AS "DateUpdated", r.ended_at AS "DateEnded" """
RUNS = f"SELECT {COLUMNS} FROM sync_runs r WHERE r.marketplace_id = :marketplace_id"
RUN = f'SELECT {COLUMNS} FROM sync_runs r WHERE r.marketplace_id = $1 AND r."ID" = $2'
CANCEL = """
UPDATE sync_runs SET status = 'Cancelled', ended_at = $3, updated_at = $3
WHERE marketplace_id = $1 AND "ID" = $2 AND ended_at IS NULL
"""


class FullSync(Wire):
    """What a full synchronization is limited to: a catalog or a category of products, the dates of submit of orders."""

    CatalogID: Id = column()
    CategoryID: Id = column()
    StartDate: Date = column(nullable=True)
    EndDate: Date = column(nullable=True)


class SyncRun(Wire):
    """A run that sends many things anew, and how far it is. Entity: the setting. Source: `Full`, `Held` by a pause that has ended, or
    `Followed` from one change of very many.
    """

    ID: Id = column(read_only=True)
    Entity: Text = column(read_only=True)
    Source: Text = column(read_only=True)
    Status: Text = column(read_only=True)
    Done: Int = column(read_only=True)
    Total: Int = column(read_only=True, nullable=True)
    DateStarted: Date = column(read_only=True)
    DateUpdated: Date = column(read_only=True)
    DateEnded: Date = column(read_only=True, nullable=True)


OPTIONS = ListOptions(search=("ID", "Entity"), sort=("DateStarted", "ID"))
_runs = SelectedList(SyncRun, RUNS, OPTIONS)


@operation(
    "FullSynchronization.Start",
    "POST",
    f"{PATH}/{{entity}}",
    tag=TAG,
    summary="Send all products, orders or entities of a kind",
    status=201,
    roles=ANY_ROLE,
    user_types=SELLERS,
    body=Body(FullSync, required=False),
    returns=Returns(SyncRun),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        InsufficientRolesError,
        OrderSyncRangeError,
        FullSyncRunningError,
        *dict.fromkeys(kind.disabled for kind in kinds.KINDS),
    ),
    unit=Unit.WRITE,
)
async def start(call: Call) -> Reply:
    """201 with the run. `entity`: products, orders, buyers, buyerusers, usergroups, suppliers, supplierusers, adminusers, catalogs,
    categories or inventoryrecords.
    """
    kind = kinds.BY_WORD.get(call.path["entity"].lower())
    if kind is None:
        raise NotFoundError("Synchronization", call.path["entity"])
    role = ROLES[kind.integration]
    if not call.principal.holds_any(sufficient(role)):
        raise InsufficientRolesError(sufficient(role), sorted(call.principal.roles))
    values = validate(FullSync, call.body, partial=False) if call.content.is_given else {}
    if (await listeners(call)).syncs(kind.setting) is None:
        raise kind.disabled
    run_id = await start_full(call.db, call.marketplace_id, kind, call.server_clock(), limits(kind, values))
    return Reply(await _read(call, run_id))


@operation(
    "FullSynchronization.List",
    "GET",
    PATH,
    tag=TAG,
    summary="List runs of synchronizations",
    roles=ANY_ROLE,
    user_types=SELLERS,
    lists=OPTIONS,
    returns=Returns(SyncRun, page=True),
    confirms=True,
)
async def list_runs(call: Call) -> Reply:
    """With search, sort and filters."""
    return await _runs.page(call, {})


@operation(
    "FullSynchronization.Get",
    "GET",
    f"{PATH}/runs/{{runID}}",
    tag=TAG,
    summary="Get a run of a synchronization",
    roles=ANY_ROLE,
    user_types=SELLERS,
    returns=Returns(SyncRun),
    errors=(NotFoundError,),
)
async def get_run(call: Call) -> Reply:
    """How far it is."""
    return Reply(await _read(call, call.path["runID"]))


@operation(
    "FullSynchronization.Cancel",
    "POST",
    f"{PATH}/runs/{{runID}}/cancel",
    tag=TAG,
    summary="End a run of a synchronization before its time",
    status=204,
    roles=ANY_ROLE,
    user_types=SELLERS,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def cancel(call: Call) -> Reply:
    """204; what has been told already is delivered. 404 where none of this ID is under way."""
    ended = await call.db.execute(CANCEL, call.marketplace_id, call.path["runID"], call.server_clock())
    if ended == "UPDATE 0":
        raise NotFoundError(SyncRun.__name__, call.path["runID"])
    return Reply()


def limits(kind: kinds.SyncKind, values: dict[str, Any]) -> dict[str, Any]:
    """Those of a kind that are given, dates as text. Raises OrderSync.InvalidDateRangeForSyncOperation."""
    if kind is kinds.PRODUCTS:
        return {name: values[name] for name in ("CatalogID", "CategoryID") if values.get(name)}
    if kind is not kinds.ORDERS:
        return {}
    start, end = values.get("StartDate"), values.get("EndDate")
    if start is not None and end is not None and end < start:
        raise OrderSyncRangeError
    return {
        name: format_datetime(values[name])
        for name in ("StartDate", "EndDate")
        if values.get(name) is not None
    }


async def _read(call: Call, run_id: str) -> Any:
    row = await call.db.fetchrow(RUN, call.marketplace_id, run_id)
    if row is None:
        raise NotFoundError(SyncRun.__name__, run_id)
    return renderer(SyncRun).render(row)


OPERATIONS: tuple[Operation, ...] = (start, list_runs, get_run, cancel)
