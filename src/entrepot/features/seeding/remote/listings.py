"""By which operations the records of each kind are listed: found by their paths, since a list stands where things are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.people.organizations.resources import SUPPLIER
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.own.settings import PATHS, WORD

ID = "ID"


@dataclass(frozen=True, slots=True)
class Above:
    """A parameter of the path, the column that it fills in a record, and the table of what it names."""

    parameter: str
    column: str
    table: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a kind's records. renames: properties of its items -> the names that records have for them. query: what every
    request has. beside: another list has these records, too, on this server at least.
    """

    kind: Kind
    operation: Operation
    above: tuple[Above, ...]
    renames: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    beside: bool = False
    word: str = ""
    """Of a setting, which no list has: the one that the operation shows (INT-2)."""
    members: tuple[str, ...] = ()
    """Of an object that no list has: what of it no list has either."""
    identity: tuple[str, ...] = ()
    """Of what no seed has: what tells its items apart in one place. They are kept as they are shown."""

    @property
    def by_id(self) -> bool:
        """Whether it can be read in the order of IDs, from any of them on (LIST-5)."""
        sort = self.operation.lists.sort if self.operation.lists is not None else ()
        has_ids = self.kind.resource is not None and not self.kind.is_membership
        return (has_ids or ID in self.identity) and (sort is None or ID in sort)

    def narrowing(self) -> tuple[tuple[str, str], ...]:
        """Parameter or filter, and table, of what divides the list: each record names exactly one."""
        assignment, lists = self.kind.assignment, self.operation.lists
        if assignment is None or lists is None:
            return ()
        parameters = {each.name.lower(): each.name for each in self.operation.query}
        shown = {named: name for name, named in self.renames.items()}
        found = []
        for thing in assignment.things:
            column = shown.get(thing.column, thing.column)
            parameter = parameters.get(column.lower()) or ("" if lists.bare else column)
            if parameter:
                found.append((parameter, thing.table))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What the path of a kind's records does not tell."""

    operation: str
    renames: Mapping[str, str] = field(default_factory=dict)
    above: tuple[Above, ...] | None = None


# The table of these relations has two columns, of which the path has one and the items, objects of the other side, the other.
INSTEAD: Mapping[str, _Elsewhere] = {
    "ProductSupplierAssignments": _Elsewhere(
        "Products.ListSuppliers", {ID: "SupplierID"}, (Above("productID", "ProductID", PRODUCT.table),)
    ),
    "SupplierBuyerAssignments": _Elsewhere(
        "Suppliers.ListBuyers", {ID: "BuyerID"}, (Above("supplierID", "SupplierID", SUPPLIER.table),)
    ),
}
# Bundles are products here. Whether a server shows what they are given with what products are given, it alone knows.
BESIDE: Mapping[str, _Elsewhere] = {
    "ProductAssignments": _Elsewhere("Bundles.ListAssignments", {"BundleID": "ProductID"}),
    "ProductCatalogAssignment": _Elsewhere("Catalogs.ListBundleAssignments", {"BundleID": "ProductID"}),
    "CategoryProductAssignments": _Elsewhere("Categories.ListBundleAssignments", {"BundleID": "ProductID"}),
}
QUERIES: Mapping[str, tuple[tuple[str, str], ...]] = {"Categories.List": (("depth", "all"),)}


UNLISTED = frozenset({"ProductCollectionInvitations"})
"""Kinds of which the contract lists what is the caller's own."""


def listings_of(registry: Registry) -> dict[str, tuple[Listing, ...]]:
    """The lists of each kind, by its name, in the order of writing; of settings, what shows each. Every kind has one, but UNLISTED."""
    by_path = {
        operation.path: operation
        for operation in registry.operations.values()
        if operation.verb == "GET" and not operation.is_own
    }
    return {
        kind.name: tuple(_listings(kind, by_path, registry)) if kind.name not in UNLISTED else ()
        for kind in kinds_of(registry)
    }


REPEATS = frozenset({
    "Buyers.ListBuyerSellers",
    "LineItems.ListAcrossOrders",
    "Orders.ListEligibleApprovers",
    "Orders.ListEligiblePromotions",
    "Orders.ListShipments",
    "OrderReturns.ListEligibleApprovers",
    "Products.ListSpecs",
    "Users.ListAcrossBuyers",
})  # fmt: skip
"""Lists that show once more what others have."""
CLIENT_SECRETS = "ApiClients.ListSecrets"
"""Says whether there are secrets that the client itself does not show."""
UNREADABLE: Mapping[str, str] = {
    CLIENT_SECRETS: "secrets are listed without their texts; a client that has some gets a new one",
    "Me.ListAddresses": "addresses of users alone: no list has them but the user's own",
    "Me.ListCreditCards": "cards of users alone: no list has them but the user's own",
    "Me.ListProductCollectionInvitations": "only the owner of a collection sees whom it has invited",
    "Me.ListGroupOrderInvitations": "only who has begun a group order sees whom it has invited",
}
"""Lists of what cannot be had by the token of one who reads for the seller, and why. What else is listed under /me and /cart is of the
caller alone, and is what other lists show of all.
"""
OF_CALLER = ("/me/", "/cart/")


def _listings(kind: Kind, by_path: Mapping[str, Operation], registry: Registry) -> list[Listing]:
    above = tuple(
        Above(within.parameter, within.column, within.resource.entity.table) for within in kind.within
    )
    instead = INSTEAD.get(kind.name)
    if instead is not None:
        found = registry.operations[instead.operation]
        return [Listing(kind, found, instead.above or above, instead.renames)]
    if kind.resource is not None and kind.id_name == WORD:
        of_kind = [(word, path) for (name, word), path in PATHS.items() if name == kind.resource.name]
        return [Listing(kind, by_path[path], (), word=word) for word, path in of_kind]
    if kind.plain is not None:
        return [Listing(kind, by_path[kind.plain.path], above, kind.plain.renames)]
    operation = by_path[_path(kind)]
    listings = [Listing(kind, operation, above, query=QUERIES.get(operation.id, ()))]
    beside = BESIDE.get(kind.name)
    if beside is not None and beside.operation in registry.operations:
        found = registry.operations[beside.operation]
        listings.append(Listing(kind, found, above, beside.renames, beside=True))
    return listings


def _path(kind: Kind) -> str:
    if kind.assignment is not None:
        return kind.assignment.path
    assert kind.resource is not None
    return f"{kind.resource.path}/assignments" if kind.is_membership else kind.resource.path


def values_of(listing: Listing, item: Mapping[str, Any], home: Mapping[str, str]) -> dict[str, Any]:
    """An item by the names of records, with what its path says."""
    return {**{listing.renames.get(name, name): value for name, value in item.items()}, **home}
