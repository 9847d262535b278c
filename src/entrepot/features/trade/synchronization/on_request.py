"""Full synchronizations that a person of the portal begins, and what their messages hold (SYNC-7)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.types import Date, Id
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.engine.wire.models import validate
from entrepot.features.people.deliveries.acting import acting_call
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.portal.access import access_of, administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.full import limits
from entrepot.features.trade.synchronization.kinds import SyncKind
from entrepot.features.trade.synchronization.metadata import EntitySyncModel, metadata
from entrepot.features.trade.synchronization.runs import start_full
from entrepot.kernel.errors import (
    FullSyncRunningError,
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    OrderSyncError,
    OrderSyncRangeError,
    ProductSyncError,
    ValidationError,
)

ERRORS = (NotFoundError, NotAdministratorError, InvalidBodyError, ValidationError, FullSyncRunningError)


class SyncOfCatalog(Wire):
    """Which products are sent: those of a catalog, or of one of its categories."""

    CatalogID: Id = column(required=True)
    CategoryID: Id = column()


class SyncOfOrders(Wire):
    """Which orders are sent: those submitted within these dates, or all."""

    StartDate: Date = column(nullable=True)
    EndDate: Date = column(nullable=True)


@portal_operation(
    "SynchronizeCatalog",
    "POST",
    f"{OF_MARKETPLACE}/synchronizecatalog",
    summary="Send all products of a catalog to where products are synchronized",
    status=204,
    body=Body(SyncOfCatalog),
    errors=(*ERRORS, ProductSyncError),
    unit=Unit.OWN,
)
async def synchronize_catalog(call: Call) -> Reply:
    """A run like any other, which `/entrepot/v1/synchronize` shows."""
    return await _begin(call, kinds.PRODUCTS, SyncOfCatalog)


@portal_operation(
    "SynchronizeOrders",
    "POST",
    f"{OF_MARKETPLACE}/synchronizeorders",
    summary="Send submitted orders to where orders are synchronized",
    status=204,
    body=Body(SyncOfOrders, required=False),
    errors=(*ERRORS, OrderSyncError, OrderSyncRangeError),
    unit=Unit.OWN,
)
async def synchronize_orders(call: Call) -> Reply:
    """The same of orders."""
    return await _begin(call, kinds.ORDERS, SyncOfOrders)


@portal_operation(
    "GetEntitySyncMetadata",
    "GET",
    f"{OF_MARKETPLACE}/entitysyncmetadata",
    summary="List what messages of entity synchronizations hold",
    returns=Returns(EntitySyncModel),
    errors=(NotFoundError, ValidationError),
)
async def get_entity_sync_metadata(call: Call) -> Reply:
    """A list without pages."""
    await access_of(call.db, call.account.key, organization_id(call))
    return Reply(metadata())


async def _begin(call: Call, kind: SyncKind, model: type[Wire]) -> Reply:
    access = await administered(call.pool, call.account.key, organization_id(call))
    marketplace_id = access.organization.marketplace_id
    values: dict[str, Any] = validate(model, call.body, partial=False) if call.content.is_given else {}
    if (await listeners(await acting_call(call.backend, marketplace_id))).syncs(kind.setting) is None:
        raise kind.disabled
    async with unit_of(call, marketplace_id) as unit:
        await start_full(unit, marketplace_id, kind, call.server_clock(), limits(kind, values))
    return Reply()


OLD = (synchronize_catalog, synchronize_orders, get_entity_sync_metadata)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))
