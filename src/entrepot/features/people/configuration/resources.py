"""Settings of a marketplace: incrementors, locales, xp indices."""

from __future__ import annotations

import enum

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Parent
from entrepot.declare.feeds import EVERYBODY, Changed, Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource, Verb
from entrepot.declare.roles import SELLERS_ONLY, SELLERS_WRITE, Roles
from entrepot.declare.types import Id, Int, Text, WireType
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.configuration.hooks import LocaleAssignmentHooks, LocaleHooks
from entrepot.features.people.organizations.enums import PartyType
from entrepot.kernel.errors import DuplicateLocaleError


class Incrementor(Wire):
    """A counter that IDs can embed as `{incrementorID}` (ID-3)."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    LastNumber: Int = column(required=True)
    LeftPaddingCount: Int = column(required=True)


class Locale(Wire):
    """A currency and a language (LOC-1)."""

    ID: Id = column(max=100)
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    Currency: Text = column(required=True, max=100)
    Language: Text = column(max=100)


class LocaleAssignment(Wire):
    """The locale of a buyer or of a group of its users (LOC-2)."""

    LocaleID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()


class XpThingType(enum.StrEnum):
    """What an xp index can be of."""

    ADDRESS = "Address"
    VARIANT = "Variant"
    ORDER = "Order"
    ORDER_RETURN = "OrderReturn"
    LINE_ITEM = "LineItem"
    COST_CENTER = "CostCenter"
    CREDIT_CARD = "CreditCard"
    PAYMENT = "Payment"
    SPEC = "Spec"
    SPEC_OPTION = "SpecOption"
    USER_GROUP = "UserGroup"
    COMPANY = "Company"
    CATEGORY = "Category"
    PRICE_SCHEDULE = "PriceSchedule"
    SHIPMENT = "Shipment"
    SPENDING_ACCOUNT = "SpendingAccount"
    USER = "User"
    PROMOTION = "Promotion"
    APPROVAL_RULE = "ApprovalRule"
    SELLER_APPROVAL_RULE = "SellerApprovalRule"
    CATALOG = "Catalog"
    PRODUCT_FACET = "ProductFacet"
    MESSAGE_SENDER = "MessageSender"
    INVENTORY_RECORD = "InventoryRecord"
    PRODUCT_COLLECTION = "ProductCollection"
    SUBSCRIPTION = "Subscription"
    GROUP_ORDER_INVITATION = "GroupOrderInvitation"
    BUYER_GROUP = "BuyerGroup"
    DISCOUNT = "Discount"


class XpIndex(Wire):
    """An xp path that lists filter on. Filters work without one; it is kept for the caller (XP-5)."""

    ThingType: XpThingType = column()
    Key: Text = column()


INCREMENTOR = Entity(model=Incrementor, table="incrementors", object_type="Incrementor")
LOCALE = Entity(
    model=Locale,
    table="locales",
    object_type="Locale",
    indexes=(
        Index(
            "uq_locales_pair",
            'lower("Currency"), lower(coalesce("Language", \'\'))',
            unique=True,
            error=DuplicateLocaleError,
        ),
    ),
    feeds=(
        Feeds(feed=Feed.SECURITY, new_rows=False),
        Feeds(feed=Feed.CATALOG, columns=("ID", "Currency"), new_rows=False, scope=EVERYBODY),
    ),
)
XP_INDEX = Entity(
    model=XpIndex,
    table="xp_indices",
    object_type="XpIndex",
    id_column="Key",
    key_columns=("ThingType",),
)

INCREMENTORS = Resource(
    name="Incrementors",
    entity=INCREMENTOR,
    path="/incrementors",
    item="incrementorID",
    roles=Roles.named("Incrementor"),
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name"),
)
LOCALES = Resource(
    name="Locales",
    entity=LOCALE,
    path="/locales",
    item="localeID",
    roles=Roles.named("Locale"),
    access=SELLERS_WRITE,
    search=("ID", "Currency"),
    sort=("ID",),
    hooks=LocaleHooks(),
)
LOCALE_ASSIGNMENTS = Assignment(
    name="Locales",
    model=LocaleAssignment,
    table="locale_assignments",
    things=(Parent("LocaleID", "locales"),),
    levels=("Group", "Company"),
    kinds=("Buyer",),
    path="/locales/assignments",
    delete_path="/locales/{localeID}/assignments",
    roles=Roles.named("Locale"),
    query=(
        *(QueryParameter(name) for name in ("buyerID", "localeID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userID", "userGroupID")),
    delete_roles=("LocaleAdmin", "PromotionAdmin"),
    hooks=LocaleAssignmentHooks(),
    feeds=(Feeds(feed=Feed.SECURITY), Feeds(feed=Feed.CATALOG, scope=EVERYBODY, changes=Changed.party)),
)
XP_INDICES = Resource(
    name="XpIndices",
    entity=XP_INDEX,
    path="/xpindices",
    item="key",
    roles=Roles.of(read=("XpIndexAdmin",), write=("XpIndexAdmin",)),
    access=SELLERS_ONLY,
    verbs=frozenset({Verb.LIST}),
    search=("ThingType", "Key"),
    sort=("ThingType", "Key"),
)
RESOURCES = (INCREMENTORS, LOCALES, XP_INDICES)
ASSIGNMENTS = (LOCALE_ASSIGNMENTS,)
