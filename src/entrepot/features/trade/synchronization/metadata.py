"""What messages of entity synchronizations hold, as a table for whoever maps them elsewhere (SYNC-7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from entrepot.declare.types import Bool, Int, Text, WireType, Xp
from entrepot.declare.wire import Column, Wire, column
from entrepot.features.catalog.catalogs.resources import Catalog, Category
from entrepot.features.catalog.inventory.resources import InventoryRecord
from entrepot.features.people.identity.resources import User
from entrepot.features.people.integrations.entity_sync import ENTITIES, READ_AS
from entrepot.features.people.organizations.resources import Buyer, Supplier, UserGroup
from entrepot.features.trade.synchronization.entities import UNTOLD

Values = dict[str, Any]

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAMES = {"id": "string", "password": "string", "xp": "object", "list": "array", "enum": "integer"}
"""Of kinds that are called otherwise in messages; enumerations are sent as numbers (INT-6)."""


class EntityAttribute(Wire):
    """A property of the messages. Internal: computed, and nothing that could be written back."""

    DisplayName: Text = column(read_only=True)
    Name: Text = column(read_only=True)
    Type: Text = column(read_only=True)
    Required: Bool = column(read_only=True)
    Internal: Bool = column(read_only=True)
    Comment: Text = column(read_only=True)


class EntitySyncModel(Wire):
    """An entity, the path of its setting below `integrations/entitysync`, and what its messages hold."""

    EntityName: Text = column(read_only=True)
    Route: Text = column(read_only=True)
    Attributes: list[EntityAttribute] = column(read_only=True)


class _OfUsers(Wire):
    UserType: Int = column(read_only=True, description="0 of a buyer, 1 of a supplier, 2 of the seller.")


class _OfGroups(Wire):
    BuyerID: Text = column(read_only=True, description="ID of the buyer.")
    UserGroupType: Int = column(read_only=True, description="0 of a buyer.")


class _OfCategories(Wire):
    CatalogID: Text = column(read_only=True, description="ID of the catalog.")


class _OfRecords(Wire):
    ID: Text = column(read_only=True, description="ID of the record; null where all of a product are sent.")
    ProductID: Text = column(read_only=True, description="ID of the product.")
    InventoryRecords: list[InventoryRecord] = column(read_only=True, description="The records.")


class _OfAll(Wire):
    UserContext: Xp = column(read_only=True, description="Who has changed it; nobody for the server itself.")


MODELS: dict[str, tuple[type[Wire], ...]] = {
    "AdminUsers": (_OfUsers, User),
    "BuyerUsers": (_OfUsers, User),
    "SupplierUsers": (_OfUsers, User),
    "Buyers": (Buyer,),
    "BuyerUserGroups": (_OfGroups, UserGroup),
    "Suppliers": (Supplier,),
    "Catalogs": (Catalog,),
    "Categories": (_OfCategories, Category),
    "InventoryRecords": (_OfRecords,),
}
"""By setting, what a message is put together of (`entities.py`, `records.py`)."""


def metadata() -> list[Values]:
    """EntitySyncModel of each setting, by name."""
    return [
        {
            "EntityName": setting,
            "Route": path,
            "Attributes": [_attribute(each) for each in _columns(setting)],
        }
        for setting, path in sorted((READ_AS.get(name, name), path) for name, path in ENTITIES)
    ]


def _columns(setting: str) -> Iterator[Column]:
    models: tuple[type[Wire], ...] = (_OfAll, *MODELS[setting])
    for model in models:
        yield from (each for each in model.__columns__.values() if each.name not in UNTOLD)


def _attribute(column: Column) -> Values:
    return {
        "DisplayName": " ".join(_WORDS.split(column.name)),
        "Name": column.name,
        "Type": _type(column.type),
        "Required": column.required,
        "Internal": column.read_only,
        "Comment": column.description,
    }


def _type(wire: WireType) -> str:
    if wire.item is not None:
        return "array"
    if wire.enum is not None:
        return "integer"
    if wire.model is not None:
        return "object"
    return _NAMES.get(wire.kind, wire.kind)
