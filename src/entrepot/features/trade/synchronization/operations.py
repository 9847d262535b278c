"""Sending one thing anew on request (SYNC-6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Unit
from entrepot.declare.resource import declared_here, spaced
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.declare.types import Id
from entrepot.declare.wire import Wire, column
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.engine.wire.models import validate
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.trade.synchronization import kinds
from entrepot.features.trade.synchronization.kinds import SyncKind
from entrepot.features.trade.synchronization.outlook import AGGREGATE, SYNCHRONIZED
from entrepot.kernel.errors import InvalidBodyError, NotFoundError, ValidationError


class SyncProduct(Wire):
    """Names the product to send."""

    ProductID: Id = column(required=True)


class SyncAdminUser(Wire):
    """Names the seller user to send."""

    UserID: Id = column(required=True)


class SyncBuyer(Wire):
    """Names the buyer to send."""

    BuyerID: Id = column(required=True)


class SyncBuyerUser(Wire):
    """Names the buyer user to send."""

    BuyerID: Id = column(required=True)
    UserID: Id = column(required=True)


class SyncBuyerUserGroup(Wire):
    """Names the user group to send."""

    BuyerID: Id = column(required=True)
    UserGroupID: Id = column(required=True)


class SyncCatalog(Wire):
    """Names the catalog to send."""

    CatalogID: Id = column(required=True)


class SyncCategory(Wire):
    """Names the category to send."""

    CatalogID: Id = column(required=True)
    CategoryID: Id = column(required=True)


class SyncInventoryRecord(Wire):
    """Names the inventory record to send."""

    ProductID: Id = column(required=True)
    InventoryRecordID: Id = column(required=True)


class SyncSupplier(Wire):
    """Names the supplier to send."""

    SupplierID: Id = column(required=True)


class SyncSupplierUser(Wire):
    """Names the supplier user to send."""

    SupplierID: Id = column(required=True)
    UserID: Id = column(required=True)


def _find(named: str, table: str, where: str) -> str:
    return f"SELECT json_build_array({named}) FROM {table} t WHERE t.marketplace_id = $1 AND {where} LIMIT 1"


BY_ID = 't."ID" = $2'


def _sync(
    kind: SyncKind, name: str, path: str, takes: type[Wire], what: str, object_type: str, find: str
) -> Operation:
    """find: the SELECT of the thing's name; $1 marketplace, then the properties of the body."""
    product = kind is kinds.PRODUCTS
    operation_id = f"ProductSynchronization.{name}" if product else f"EntitySynchronization.{name}"
    return Operation(
        id=operation_id,
        verb="POST",
        path=f"/integrations/{path}/sync",
        tag=spaced(operation_id.partition(".")[0]),
        summary=f"Send {what}",
        handler=_sender(kind, takes, object_type, find),
        source=declared_here(2),
        status=204,
        roles=sufficient("ProductSyncConfigAdmin" if product else "EntitySyncConfigAdmin"),
        user_types=allowed_types(SELLERS_ONLY, Right.WRITE),
        body=Body(takes),
        errors=(InvalidBodyError, ValidationError, NotFoundError, kind.disabled),
        unit=Unit.WRITE,
    )


def _sender(
    kind: SyncKind, takes: type[Wire], object_type: str, find: str
) -> Callable[[Call], Awaitable[Reply]]:
    async def send(call: Call) -> Reply:
        """204; the message leaves as others do. Two statements."""
        values = validate(takes, call.body, partial=False)
        if (await listeners(call)).syncs(kind.setting) is None:
            raise kind.disabled
        wanted: list[Any] = [values[name] for name in takes.__columns__]
        found = await call.db.fetchval(find, call.marketplace_id, *wanted)
        if found is None:
            raise NotFoundError(object_type, wanted[-1])
        facts = {"changed": {str(kind.thing): [load(found)]}, "asked": True, "exactly": True}
        await tell(call, call.marketplace_id, SYNCHRONIZED, AGGREGATE, facts)
        return Reply()

    return send


OPERATIONS = (
    _sync(
        kinds.PRODUCTS,
        "Sync",
        "productsync",
        SyncProduct,
        "a product",
        "Product",
        _find('t."ID"', "products", BY_ID),
    ),
    _sync(
        kinds.ADMIN_USERS,
        "SyncAdminUser",
        "entitysync/adminusers",
        SyncAdminUser,
        "a seller user",
        "User",
        _find("t.key", "users", f'{BY_ID} AND t."BuyerID" IS NULL AND t."SupplierID" IS NULL'),
    ),
    _sync(
        kinds.BUYERS,
        "SyncBuyer",
        "entitysync/buyers",
        SyncBuyer,
        "a buyer",
        "Buyer",
        _find('t."ID"', "buyers", BY_ID),
    ),
    _sync(
        kinds.BUYER_USERS,
        "SyncBuyerUser",
        "entitysync/buyers/users",
        SyncBuyerUser,
        "a buyer user",
        "User",
        _find("t.key", "users", 't."BuyerID" = $2 AND t."ID" = $3'),
    ),
    _sync(
        kinds.USER_GROUPS,
        "SyncBuyerUserGroup",
        "entitysync/buyers/usergroups",
        SyncBuyerUserGroup,
        "a user group",
        "UserGroup",
        _find("t.key", "user_groups", 't."BuyerID" = $2 AND t."ID" = $3'),
    ),
    _sync(
        kinds.CATALOGS,
        "SyncCatalog",
        "entitysync/catalogs",
        SyncCatalog,
        "a catalog",
        "Catalog",
        _find('t."ID"', "catalogs", BY_ID),
    ),
    _sync(
        kinds.CATEGORIES,
        "SyncCategory",
        "entitysync/categories",
        SyncCategory,
        "a category",
        "Category",
        _find('t."CatalogID", t."ID"', "categories", 't."CatalogID" = $2 AND t."ID" = $3'),
    ),
    _sync(
        kinds.INVENTORY_RECORDS,
        "SyncInventoryRecord",
        "entitysync/products/inventoryrecords",
        SyncInventoryRecord,
        "an inventory record",
        "InventoryRecord",
        _find("t.key", "inventory_records", 't."ProductID" = $2 AND t."ID" = $3').replace(
            "LIMIT 1", 'ORDER BY t."VariantID" NULLS FIRST LIMIT 1'
        ),
    ),
    _sync(
        kinds.SUPPLIERS,
        "SyncSupplier",
        "entitysync/supplier",
        SyncSupplier,
        "a supplier",
        "Supplier",
        _find('t."ID"', "suppliers", BY_ID),
    ),
    _sync(
        kinds.SUPPLIER_USERS,
        "SyncSupplierUser",
        "entitysync/suppliers/users",
        SyncSupplierUser,
        "a supplier user",
        "User",
        _find("t.key", "users", 't."SupplierID" = $2 AND t."ID" = $3'),
    ),
)
