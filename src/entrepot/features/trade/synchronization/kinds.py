"""Which settings synchronize what, and how their messages are called (SYNC-1)."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.declare.synced import Thing
from entrepot.kernel.errors import (
    AdminUserSyncError,
    ApiError,
    BuyerSyncError,
    BuyerUserSyncError,
    CatalogSyncError,
    CategorySyncError,
    InventoryRecordSyncError,
    OrderSyncError,
    ProductSyncError,
    SupplierSyncError,
    SupplierUserSyncError,
    UserGroupSyncError,
)

NAMESPACE = "sitecore.ordercloud.messages"
PRODUCT_SYNC, ORDER_SYNC, ENTITY_SYNC = "ProductSync", "OrderSync", "EntitySync"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncKind:
    """What one setting synchronizes.

    setting: its word, as listeners know it. called: what stands in message types. word: in commands and paths. disabled: the refusal where
    the setting is missing or its delivery configuration is disabled (SYNC-6).
    """

    setting: str
    thing: Thing
    called: str
    word: str
    disabled: type[ApiError]
    integration: str = ENTITY_SYNC

    @property
    def integration_id(self) -> str:
        """What tells deliveries of entities apart."""
        return self.setting if self.integration == ENTITY_SYNC else ""

    def message_type(self, verb: str) -> str:
        """`sitecore.ordercloud.messages.product.updated`"""
        return f"{NAMESPACE}.{self.called}.{verb}"


def _entity(setting: str, thing: Thing, called: str, word: str, disabled: type[ApiError]) -> SyncKind:
    return SyncKind(setting=setting, thing=thing, called=f"entitysync.{called}", word=word, disabled=disabled)


PRODUCTS = SyncKind(
    setting=PRODUCT_SYNC,
    thing=Thing.PRODUCTS,
    called="product",
    word="products",
    disabled=ProductSyncError,
    integration=PRODUCT_SYNC,
)
ORDERS = SyncKind(
    setting=ORDER_SYNC,
    thing=Thing.ORDERS,
    called="ordersync",
    word="orders",
    disabled=OrderSyncError,
    integration=ORDER_SYNC,
)
ADMIN_USERS = _entity("AdminUsers", Thing.USERS, "adminuser", "adminusers", AdminUserSyncError)
BUYER_USERS = _entity("BuyerUsers", Thing.USERS, "buyeruser", "buyerusers", BuyerUserSyncError)
SUPPLIER_USERS = _entity("SupplierUsers", Thing.USERS, "supplieruser", "supplierusers", SupplierUserSyncError)
BUYERS = _entity("Buyers", Thing.BUYERS, "buyer", "buyers", BuyerSyncError)
USER_GROUPS = _entity(
    "BuyerUserGroups", Thing.USER_GROUPS, "buyerusergroup", "usergroups", UserGroupSyncError
)
SUPPLIERS = _entity("Suppliers", Thing.SUPPLIERS, "supplier", "suppliers", SupplierSyncError)
CATALOGS = _entity("Catalogs", Thing.CATALOGS, "catalog", "catalogs", CatalogSyncError)
CATEGORIES = _entity("Categories", Thing.CATEGORIES, "category", "categories", CategorySyncError)
INVENTORY_RECORDS = _entity(
    "InventoryRecords",
    Thing.INVENTORY_RECORDS,
    "inventoryrecord",
    "inventoryrecords",
    InventoryRecordSyncError,
)
KINDS = (
    PRODUCTS,
    ORDERS,
    ADMIN_USERS,
    BUYER_USERS,
    SUPPLIER_USERS,
    BUYERS,
    USER_GROUPS,
    SUPPLIERS,
    CATALOGS,
    CATEGORIES,
    INVENTORY_RECORDS,
)
BY_WORD = {kind.word: kind for kind in KINDS}
BY_SETTING = {kind.setting: kind for kind in KINDS}
FOR_PRODUCTS = (Thing.SPECS, Thing.PRICE_SCHEDULES, Thing.PARTIES)
"""What stands for the products that have it."""


def kind_of_user(buyer_id: str | None, supplier_id: str | None) -> SyncKind:
    """Of which company's users one is."""
    if buyer_id is not None:
        return BUYER_USERS
    return ADMIN_USERS if supplier_id is None else SUPPLIER_USERS
