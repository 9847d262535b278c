"""What belongs to companies: addresses, cost centers, credit cards, spending accounts (catalog spec section 4).

An address or a card may also be a user's own: then the user is its owner, no company is, and only /me shows it (ADR-3).
"""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource
from entrepot.declare.roles import OF_BUYERS, OF_SUPPLIERS, SELLERS_WRITE, Roles
from entrepot.declare.types import Bool, Date, Id, Money, Text, WireType, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.people.company_assets.hooks import (
    AddressAssignmentHooks,
    AddressHooks,
    CreditCardHooks,
    SpendingAccountHooks,
)
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.organizations.resources import IN_BUYER, IN_SUPPLIER


class Address(Wire):
    """An address of a buyer, a supplier or the seller."""

    ID: Id = column(max=100)
    DateCreated: Date = column(read_only=True, nullable=True)
    CompanyName: Text = column(max=100)
    FirstName: Text = column(max=100)
    LastName: Text = column(max=100)
    Street1: Text = column(required=True, max=100)
    Street2: Text = column(max=100)
    City: Text = column(required=True, max=100)
    State: Text = column(max=100)
    Zip: Text = column(max=100)
    Country: Text = column(required=True, max=2)
    Phone: Text = column(max=100)
    AddressName: Text = column(max=100)
    xp: Xp = column()


class AddressAssignment(Wire):
    """An address given to a buyer, a user group or a user, for shipping, billing or both."""

    AddressID: Id = column(required=True)
    UserID: Id = column()
    UserGroupID: Id = column()
    IsShipping: Bool = column()
    IsBilling: Bool = column()


class CostCenter(Wire):
    """A name that a buyer's line items can be charged to."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Description: Text = column(max=2000)
    xp: Xp = column()


class CostCenterAssignment(Wire):
    """A cost center given to a buyer or a user group."""

    CostCenterID: Id = column(required=True)
    UserGroupID: Id = column()


class CreditCard(Wire):
    """A card as its processor's token; never a card number (CRD-1)."""

    ID: Id = column(max=100)
    Token: Text = column(max=100)
    DateCreated: Date = column(read_only=True, nullable=True)
    CardType: Text = column()
    PartialAccountNumber: Text = column(max=5)
    CardholderName: Text = column()
    ExpirationDate: Date = column(nullable=True)
    xp: Xp = column()


class CreditCardAssignment(Wire):
    """A credit card given to a buyer, a user group or a user."""

    CreditCardID: Id = column(required=True)
    UserID: Id = column()
    UserGroupID: Id = column()


class SpendingAccount(Wire):
    """Money that a buyer's users may pay with (SPA-1 to SPA-3)."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    Balance: Money = column(required=True)
    AllowAsPaymentMethod: Bool = column()
    StartDate: Date = column(nullable=True)
    EndDate: Date = column(nullable=True)
    xp: Xp = column()


class SpendingAccountAssignment(Wire):
    """A spending account given to a buyer, a user group or a user."""

    SpendingAccountID: Id = column(required=True)
    UserID: Id = column()
    UserGroupID: Id = column()
    AllowExceed: Bool = column()


OF_BUYER = Parent("BuyerID", "buyers")
OF_SUPPLIER = Parent("SupplierID", "suppliers")
OF_USER = Parent("UserID", "users", key="user_key")

ADDRESS = Entity(
    model=Address,
    table="addresses",
    object_type="Address",
    owners=(OF_BUYER, OF_SUPPLIER, OF_USER),
    stored=(
        Stored(name="shipping", type="boolean", nullable=False, default="false"),
        Stored(name="billing", type="boolean", nullable=False, default="false"),
    ),
)
"""`shipping` and `billing` are what a private address is for; the others' uses are those of their assignments."""
COST_CENTER = Entity(model=CostCenter, table="cost_centers", object_type="CostCenter", owners=(OF_BUYER,))
CREDIT_CARD = Entity(
    model=CreditCard, table="credit_cards", object_type="CreditCard", owners=(OF_BUYER, OF_USER)
)
SPENDING_ACCOUNT = Entity(
    model=SpendingAccount, table="spending_accounts", object_type="SpendingAccount", owners=(OF_BUYER,)
)

ADDRESS_SEARCH = (
    "ID",
    "AddressName",
    "CompanyName",
    "City",
    "Street1",
    "Street2",
    "LastName",
    "FirstName",
    "State",
    "Zip",
)
ADDRESS_SORT = (
    "AddressName",
    "ID",
    "DateCreated",
    "CompanyName",
    "FirstName",
    "LastName",
    "Street1",
    "Street2",
    "City",
    "State",
    "Zip",
    "Country",
    "Phone",
)

ADDRESSES = Resource(
    name="Addresses",
    entity=ADDRESS,
    path="/buyers/{buyerID}/addresses",
    item="addressID",
    within=IN_BUYER,
    roles=Roles.named("Address"),
    access=OF_BUYERS,
    search=ADDRESS_SEARCH,
    sort=ADDRESS_SORT,
    hooks=AddressHooks(),
)
SUPPLIER_ADDRESSES = Resource(
    name="SupplierAddresses",
    entity=ADDRESS,
    path="/suppliers/{supplierID}/addresses",
    item="addressID",
    within=IN_SUPPLIER,
    roles=Roles.named("SupplierAddress"),
    access=OF_SUPPLIERS,
    search=ADDRESS_SEARCH,
    sort=ADDRESS_SORT,
    hooks=AddressHooks(),
)
ADMIN_ADDRESSES = Resource(
    name="AdminAddresses",
    entity=ADDRESS,
    path="/addresses",
    item="addressID",
    roles=Roles.named("AdminAddress"),
    access=SELLERS_WRITE,
    search=ADDRESS_SEARCH,
    sort=ADDRESS_SORT,
    hooks=AddressHooks(),
)
COST_CENTERS = Resource(
    name="CostCenters",
    entity=COST_CENTER,
    path="/buyers/{buyerID}/costcenters",
    item="costCenterID",
    within=IN_BUYER,
    roles=Roles.named("CostCenter"),
    access=OF_BUYERS,
    search=("ID", "Name", "Description"),
    sort=("Name", "ID"),
)
CREDIT_CARDS = Resource(
    name="CreditCards",
    entity=CREDIT_CARD,
    path="/buyers/{buyerID}/creditcards",
    item="creditCardID",
    within=IN_BUYER,
    roles=Roles.named("CreditCard"),
    access=OF_BUYERS,
    search=("ID", "CardholderName", "CardType", "ExpirationDate"),
    sort=("ID", "CardholderName", "CardType", "ExpirationDate", "DateCreated"),
    hooks=CreditCardHooks(),
)
SPENDING_ACCOUNTS = Resource(
    name="SpendingAccounts",
    entity=SPENDING_ACCOUNT,
    path="/buyers/{buyerID}/spendingaccounts",
    item="spendingAccountID",
    within=IN_BUYER,
    roles=Roles.named("SpendingAccount"),
    access=OF_BUYERS,
    search=("ID", "Name"),
    sort=("Name", "ID"),
    hooks=SpendingAccountHooks(),
)

LEVEL = QueryParameter("level", WireType("enum", enum=PartyType))
PARTY = (QueryParameter("userID"), QueryParameter("userGroupID"))

ADDRESS_ASSIGNMENTS = Assignment(
    name="Addresses",
    model=AddressAssignment,
    table="address_assignments",
    things=(Parent("AddressID", "addresses", key="address_key"),),
    levels=("User", "Group", "Company"),
    kinds=("Buyer",),
    path="/buyers/{buyerID}/addresses/assignments",
    delete_path="/buyers/{buyerID}/addresses/{addressID}/assignments",
    within=IN_BUYER,
    roles=ADDRESSES.roles,
    access=OF_BUYERS,
    query=(
        QueryParameter("addressID"),
        *PARTY,
        LEVEL,
        QueryParameter("isShipping", WireType("boolean")),
        QueryParameter("isBilling", WireType("boolean")),
    ),
    delete_query=PARTY,
    hooks=AddressAssignmentHooks(),
)
COST_CENTER_ASSIGNMENTS = Assignment(
    name="CostCenters",
    model=CostCenterAssignment,
    table="cost_center_assignments",
    things=(Parent("CostCenterID", "cost_centers", key="cost_center_key"),),
    levels=("Group", "Company"),
    kinds=("Buyer",),
    path="/buyers/{buyerID}/costcenters/assignments",
    delete_path="/buyers/{buyerID}/costcenters/{costCenterID}/assignments",
    within=IN_BUYER,
    roles=COST_CENTERS.roles,
    access=OF_BUYERS,
    query=(QueryParameter("costCenterID"), QueryParameter("userGroupID"), LEVEL),
    delete_query=PARTY,
)
CREDIT_CARD_ASSIGNMENTS = Assignment(
    name="CreditCards",
    model=CreditCardAssignment,
    table="credit_card_assignments",
    things=(Parent("CreditCardID", "credit_cards", key="credit_card_key"),),
    levels=("User", "Group", "Company"),
    kinds=("Buyer",),
    path="/buyers/{buyerID}/creditcards/assignments",
    delete_path="/buyers/{buyerID}/creditcards/{creditCardID}/assignments",
    within=IN_BUYER,
    roles=CREDIT_CARDS.roles,
    access=OF_BUYERS,
    query=(QueryParameter("creditCardID"), *PARTY, LEVEL),
    delete_query=PARTY,
)
SPENDING_ACCOUNT_ASSIGNMENTS = Assignment(
    name="SpendingAccounts",
    model=SpendingAccountAssignment,
    table="spending_account_assignments",
    things=(Parent("SpendingAccountID", "spending_accounts", key="spending_account_key"),),
    levels=("User", "Group", "Company"),
    kinds=("Buyer",),
    path="/buyers/{buyerID}/spendingaccounts/assignments",
    delete_path="/buyers/{buyerID}/spendingaccounts/{spendingAccountID}/assignments",
    within=IN_BUYER,
    roles=SPENDING_ACCOUNTS.roles,
    access=OF_BUYERS,
    query=(QueryParameter("spendingAccountID"), *PARTY, LEVEL),
    delete_query=PARTY,
)

RESOURCES = (ADDRESSES, SUPPLIER_ADDRESSES, ADMIN_ADDRESSES, COST_CENTERS, CREDIT_CARDS, SPENDING_ACCOUNTS)
ASSIGNMENTS = (
    ADDRESS_ASSIGNMENTS,
    COST_CENTER_ASSIGNMENTS,
    CREDIT_CARD_ASSIGNMENTS,
    SPENDING_ACCOUNT_ASSIGNMENTS,
)
