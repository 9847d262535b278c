"""Deliveries on request: synchronization of single objects, and a try of the error configuration."""

from __future__ import annotations

from entrepot.declare.types import Id
from entrepot.declare.wire import Wire, column
from entrepot.features.people.unbuilt.later import later

ENTITY_ADMIN = ("EntitySyncConfigAdmin",)


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


def _entity(name: str, path: str, takes: type[Wire], what: str) -> tuple[str, str, str, type[Wire]]:
    return (
        f"EntitySynchronization.{name}",
        f"POST /integrations/entitysync/{path}/sync",
        f"Send {what}",
        takes,
    )


ENTITIES = (
    _entity("SyncAdminUser", "adminusers", SyncAdminUser, "a seller user"),
    _entity("SyncBuyer", "buyers", SyncBuyer, "a buyer"),
    _entity("SyncBuyerUser", "buyers/users", SyncBuyerUser, "a buyer user"),
    _entity("SyncBuyerUserGroup", "buyers/usergroups", SyncBuyerUserGroup, "a user group"),
    _entity("SyncCatalog", "catalogs", SyncCatalog, "a catalog"),
    _entity("SyncCategory", "categories", SyncCategory, "a category"),
    _entity("SyncInventoryRecord", "products/inventoryrecords", SyncInventoryRecord, "an inventory record"),
    _entity("SyncSupplier", "supplier", SyncSupplier, "a supplier"),
    _entity("SyncSupplierUser", "suppliers/users", SyncSupplierUser, "a supplier user"),
)
OPERATIONS = (
    *(later(name, route, summary, ENTITY_ADMIN, takes=takes) for name, route, summary, takes in ENTITIES),
    later(
        "ProductSynchronization.Sync",
        "POST /integrations/productsync/sync",
        "Send a product",
        ("ProductSyncConfigAdmin",),
        takes=SyncProduct,
    ),
    later(
        "ErrorConfigs.Validate",
        "POST /integrations/ErrorConfig/validate",
        "Try the error configuration",
        ("ErrorConfigAdmin",),
    ),
)
