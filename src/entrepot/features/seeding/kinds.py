"""The kinds of records that a seed file can hold, by the names it has for them, in the order in which they are written.

What a kind's records look like, where they live and what they refer to is declared by its resource or assignment; here
stand only the file's names, the order, and what must not leave the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from entrepot.declare.assignment import Assignment
from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Resource, Verb, Within
from entrepot.declare.wire import Column, Wire
from entrepot.engine.expand import operations_of
from entrepot.features.catalog.inventory.resources import ASSIGNMENTS_OF_VARIANTS, OF_VARIANTS
from entrepot.features.seeding.own import codes, collections, listeners, settings
from entrepot.features.seeding.own.plain import Plain

Section = Literal["Objects", "Assignments"]
ANY = "*"
"""In `together`: no rule of the kind looks at what other records of it have written."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Records of `Objects`. resource: the registry's name, the file's unless given, or one beside the registry."""

    name: str
    resource: str | Resource = ""
    write: str = ""
    """The operation that writes one, where it is not the uniform Create."""
    own: bool = False
    """Whether the resource's operations are a seed's own: the API has none that write such records, or not all of a record."""
    secrets: tuple[str, ...] = ()
    """Properties that a download does not show."""
    keeps: tuple[str, ...] = ()
    """Read-only properties that a seed reads, so that a download has them."""
    where: str = "true"
    """Which of the table's rows `t` these are, in SQL."""
    together: str = ""
    """Which records may be judged at the same time: ANY, or those that differ in this property; else none."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """Records of `Assignments`: of the registry's assignment of that table, or of one beside the registry.

    write: the operation that saves one, where it is not the uniform Save.
    """

    name: str
    of: str | Assignment
    write: str = ""
    together: str = ANY
    """As of Objects."""


@dataclass(frozen=True, slots=True)
class Memberships:
    """Records of `Assignments` that say which users are in which groups of one kind of company."""

    name: str
    groups: str
    """The registry's name of the groups."""
    users: str


# SEED-4: the numbers are its priorities. Kinds that its tool does not know stand where their references allow.
KINDS: tuple[Objects | Assignments | Memberships | Plain, ...] = (
    # 1
    Objects("Incrementors"),
    Objects("XpIndices", write="XpIndices.Put"),
    Objects("DeliveryConfigurations"),
    # 2
    Objects("SecurityProfiles"),
    Objects("AdminUsers", together=ANY),
    Objects("AdminUserGroups"),
    Objects("AdminAddresses"),
    Objects("MessageSenders", secrets=("SharedKey",)),
    Objects("IntegrationEvents", secrets=settings.SECRETS),
    Objects("Suppliers", together=ANY),
    Objects("ProductFacets"),
    # 3
    Objects("Locales"),
    Objects("Catalogs", together=ANY),
    Objects("PriceSchedules", together=ANY),
    Objects("Specs"),
    # Asked for what some promotions are worth, these cannot be without it.
    Objects("PromotionIntegrations", resource=settings.PROMOTION, own=True, secrets=settings.SECRETS),
    Objects("Promotions", resource=codes.PROMOTIONS_ALONE, own=True),
    Objects("PromotionCodes", resource=codes.PROMOTION_CODES, own=True, together=ANY),
    Objects("SupplierUsers", together=ANY),
    Objects("SupplierUserGroups"),
    Objects("SupplierAddresses"),
    Memberships("AdminUserGroupAssignments", "AdminUserGroups", "AdminUsers"),
    # 4
    Objects("BuyerGroups"),
    Objects("Buyers", together=ANY),
    Objects("Categories", together=ANY),
    # Of 5, but rows of products say which groups they are for (audiences.py).
    Objects("UserGroups", together=ANY),
    Objects("Products", keeps=("VariantCount",), where='NOT t."IsBundle"', together=ANY),
    Objects("Bundles", where='t."IsBundle"'),
    Objects("Discounts"),
    Objects("SpecOptions", resource="SpecsOption"),
    Objects("SellerApprovalRules"),
    Memberships("SupplierUserGroupsAssignments", "SupplierUserGroups", "SupplierUsers"),
    # 5
    Objects("Users", together=ANY),
    Objects("Addresses", together=ANY),
    Objects("CostCenters", together=ANY),
    Objects("CreditCards"),
    Objects("SpendingAccounts"),
    Objects("InventoryRecords", together="ProductID"),
    Objects("ProductCollections", resource=collections.OWNED_COLLECTIONS, own=True, together=ANY),
    collections.ENTRIES,
    collections.INVITATIONS,
    Assignments("CatalogAssignments", "catalog_assignments"),
    # Before what a supplier's catalog holds of others: it takes what the supplier sells (CTG-3).
    Assignments("ProductSupplierAssignments", "product_suppliers", write="Products.SaveSupplier"),
    Assignments("ProductCatalogAssignment", "catalog_product_assignments"),
    Assignments("CategoryProductAssignments", "category_product_assignments"),
    Assignments("SpecProductAssignments", "spec_product_assignments"),
    Assignments("BundleProductAssignments", "bundle_product_assignments", together="BundleID"),
    Assignments("SupplierBuyerAssignments", "supplier_buyers", write="Suppliers.SaveBuyer"),
    # 6
    Objects("ApiClients", write="ApiClients.Save", secrets=("ClientSecret",), keeps=("ID",)),
    Objects("ApprovalRules"),
    Objects(
        "Variants",
        resource="ProductsVariant",
        write="Products.SaveVariant",
        keeps=("Specs",),
        together="ProductID",
    ),
    Assignments("SecurityProfileAssignments", "security_profile_assignments"),
    Assignments("LocaleAssignments", "locale_assignments"),
    Memberships("UserGroupAssignments", "UserGroups", "Users"),
    Assignments("AddressAssignments", "address_assignments"),
    Assignments("CostCenterAssignments", "cost_center_assignments"),
    Assignments("CreditCardAssignments", "credit_card_assignments"),
    Assignments("SpendingAccountAssignments", "spending_account_assignments"),
    Assignments("MessageSenderAssignments", "message_sender_assignments"),
    listeners.LISTENERS,
    Assignments("ProductAssignments", "product_assignments", write="Products.SaveAssignment"),
    Assignments("CategoryAssignments", "category_assignments"),
    Assignments("PromotionAssignments", "promotion_assignments"),
    Assignments("DiscountAssignments", "discount_assignments"),
    # 7
    Objects("ImpersonationConfigs"),
    Objects("OpenIdConnects", secrets=("ConnectClientSecret",)),
    Objects("Webhooks", secrets=settings.SECRETS),
    Objects("TrackingEvents"),
    Objects(
        "VariantInventoryRecords",
        resource=OF_VARIANTS,
        write="InventoryRecords.CreateVariant",
        together="ProductID",
    ),
    Assignments("InventoryRecordAssignments", "inventory_record_assignments"),
    Assignments("VariantInventoryRecordAssignments", ASSIGNMENTS_OF_VARIANTS),
    Assignments("ApiClientAssignments", "api_client_assignments"),
    # Last: what is written before is not reported.
    Objects("SubscriptionIntegrations", resource=settings.SUBSCRIPTION, own=True, secrets=settings.SECRETS),
    *(Objects(name, resource=resource, own=True) for name, resource in settings.REPORTING.items()),
)


# Compared and looked up by identity: it is asked for with each record.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """One of KINDS with its declarations.

    writes: the operation that writes one record through the API, None where the registry has none. within: what its
    path leads through: each record names those by their columns.
    """

    name: str
    section: Section
    model: type[Wire]
    table: str
    within: tuple[Within, ...]
    writes: Operation | None
    resource: Resource | None = None
    assignment: Assignment | None = None
    users: Resource | None = None
    """Of memberships: the users; `resource` is the groups'."""
    secrets: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    where: str = "true"
    together: str = ""
    operations: tuple[Operation, ...] = ()
    """Those of a seed's own."""
    plain: Plain | None = None

    @property
    def id_name(self) -> str:
        """Of objects: what tells them apart in a file. Settings have no ID on the wire, but a word (INT-2)."""
        assert self.resource is not None
        entity = self.resource.entity
        return settings.WORD if entity.id_column == settings.SETTING else entity.id_column

    def id_in(self, values: Mapping[str, Any], sent: Mapping[str, Any]) -> Any:
        """What tells an object apart, by its validated values or as it was sent; None where nothing says it."""
        name = self.id_name
        column = self.model.__columns__.get(name)
        return values.get(name) or sent.get(name) or (None if column is None else column.default)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The properties that a record may set."""
        return tuple(column for column in self.model.__columns__.values() if column.writable)

    @property
    def is_membership(self) -> bool:
        return self.users is not None


@lru_cache(maxsize=8)
def kinds_of(registry: Registry) -> tuple[Kind, ...]:
    """The kinds that the registry knows, in the order of KINDS."""
    bound = (_bind(each, registry) for each in KINDS)
    return tuple(kind for kind in bound if kind is not None)


def find_kind(kinds: Mapping[str, Kind], section: str, name: str) -> Kind | None:
    """The one that a file means by a name in one of its sections."""
    kind = kinds.get(name)
    return kind if kind is not None and kind.section == section else None


def _bind(kind: Objects | Assignments | Memberships | Plain, registry: Registry) -> Kind | None:
    operations = registry.operations
    match kind:
        case Objects():
            resource = kind.resource
            if isinstance(resource, str):
                named = registry.resources.get(resource or kind.name)
                if named is None:
                    return None
                resource = named
            own = tuple(operations_of(resource)) if kind.own else ()
            creates = [each for each in own if each.verb == "POST"] or [
                each for each in own if each.verb == "PUT"
            ]
            return Kind(
                name=kind.name,
                section="Objects",
                model=resource.entity.model,
                table=resource.entity.table,
                within=resource.within,
                writes=creates[0]
                if own
                else operations.get(kind.write or resource.operation_id(Verb.CREATE)),
                resource=resource,
                secrets=kind.secrets,
                keeps=kind.keeps,
                where=kind.where,
                together=kind.together,
                operations=own,
            )
        case Plain():
            return Kind(
                name=kind.name,
                section="Assignments",
                model=kind.model,
                table=kind.table,
                within=kind.within,
                writes=kind.save,
                together=kind.together,
                operations=(kind.delete,),
                plain=kind,
            )
        case Assignments():
            assignment = kind.of
            if isinstance(assignment, str):
                declared = registry.assignments.get(assignment)
                if declared is None:
                    return None
                assignment = declared
            uniform = f"{assignment.name}.Save{assignment.noun}Assignment"
            return Kind(
                name=kind.name,
                section="Assignments",
                model=assignment.model,
                table=assignment.table,
                within=assignment.within,
                writes=operations.get(kind.write or uniform),
                assignment=assignment,
                together=kind.together,
            )
        case Memberships():
            groups = registry.resources[kind.groups]
            writes = operations[f"{groups.name}.SaveUserAssignment"]
            assert writes.body is not None
            return Kind(
                name=kind.name,
                section="Assignments",
                model=writes.body.model,
                table="user_group_members",
                within=groups.within,
                writes=writes,
                resource=groups,
                users=registry.resources[kind.users],
            )
