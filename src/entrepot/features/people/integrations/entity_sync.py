"""Entity synchronization: one setting for each kind of entity (SYNC-2, SYNC-5)."""

from __future__ import annotations

from entrepot.declare.resource import spaced
from entrepot.declare.types import Bool, Id
from entrepot.declare.wire import Wire, column
from entrepot.features.people.integrations.deliveries import DELIVERY_REFERENCE
from entrepot.features.people.integrations.pausing import PausedHooks
from entrepot.features.people.integrations.settings import LISTENS, administered, entity, settings_resource
from entrepot.features.people.integrations.singletons import Singleton
from entrepot.kernel.errors import EntitySyncConfigExistsError


class EntitySyncConfig(Wire):
    """Where changes of one kind of entity are reported."""

    DeliveryConfigID: Id = column(required=True, references=DELIVERY_REFERENCE)
    SyncEntityChanged: Bool = column(required=True)
    SyncEntityDeleted: Bool = column(required=True)
    Paused: Bool = column()


RESOURCE = settings_resource(
    "EntitySynchronization",
    entity(EntitySyncConfig, "entity_sync_configs", feeds=(LISTENS,)),
    administered("EntitySyncConfigAdmin"),
    PausedHooks,
)
ENTITIES = (
    ("AdminUsers", "adminusers"),
    ("BuyerUsers", "buyers/users"),
    ("Buyers", "buyers"),
    ("Catalogs", "catalogs"),
    ("Categories", "categories"),
    ("InventoryRecords", "products/inventoryrecords"),
    ("SupplierUsers", "suppliers/users"),
    ("Suppliers", "suppliers"),
    ("UserGroups", "buyers/usergroups"),
)
"""The name in operation ids, and the path."""
READ_AS = {"UserGroups": "BuyerUserGroups"}
"""Get and Patch name this one differently from Save and Delete."""


def _singleton(name: str, path: str) -> Singleton:
    read_as = READ_AS.get(name, name)
    return Singleton(
        resource=RESOURCE,
        path=f"/integrations/entitysync/{path}",
        setting=read_as,
        get=f"Get{read_as}",
        save=f"Save{name}",
        patch=f"Patch{read_as}",
        delete=f"Delete{name}",
        taken=EntitySyncConfigExistsError,
        about=spaced(read_as).lower(),
    )


ENTITY_SYNC_SINGLETONS = tuple(_singleton(name, path) for name, path in ENTITIES)
