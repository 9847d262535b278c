"""What changes is sent as it is, what goes is said to be gone: every write that changes a synchronized thing tells it (SYNC-1 to SYNC-4)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.receiver import Receiver
from tests.api.synchronizing import synchronizing

from entrepot.app.registry import registry
from entrepot.declare.operation import Unit
from entrepot.engine.syncing import Syncing

USER = {"Username": "u1", "FirstName": "U", "LastName": "One", "Email": "u@x.example", "Active": True}
ADDRESS = {
    "Street1": "1 Main",
    "City": "M",
    "State": "MN",
    "Zip": "55401",
    "Country": "US",
    "AddressName": "W",
}
BREAKS = {"Name": "PS", "PriceBreaks": [{"Quantity": 1, "Price": 5}]}
STOCKED = {"Name": "P", "Inventory": {"Enabled": True, "QuantityAvailable": 5}}
P1 = ["product.updated p1"]
RECORD = ["product.updated p1", "entitysync.inventoryrecord.updated r1"]

STEPS: tuple[tuple[str, str, Any, list[str]], ...] = (
    (
        "PUT",
        "buyers/b1",
        {"Name": "B", "Active": True},
        ["entitysync.buyer.updated b1", "entitysync.catalog.updated b1"],
    ),
    ("PATCH", "buyers/b1", {"Name": "B2"}, ["entitysync.buyer.updated b1"]),
    ("PUT", "buyers/b1", {"Name": "B2", "Active": True, "DefaultCatalogID": "b1"}, []),
    ("PUT", "buyers/b1/users/u1", USER, ["entitysync.buyeruser.updated u1"]),
    (
        "PATCH",
        "buyers/b1/users/u1",
        {"ID": "u2"},
        ["entitysync.buyeruser.deleted u1", "entitysync.buyeruser.updated u2"],
    ),
    ("PUT", "buyers/b1/usergroups/g1", {"Name": "G"}, ["entitysync.buyerusergroup.updated g1"]),
    ("POST", "buyers/b1/usergroups/assignments", {"UserGroupID": "g1", "UserID": "u2"}, []),
    ("PUT", "securityprofiles/sp", {"Name": "SP", "Roles": ["Shopper"]}, []),
    (
        "POST",
        "securityprofiles/assignments",
        {"SecurityProfileID": "sp", "BuyerID": "b1", "UserGroupID": "g1"},
        ["entitysync.buyeruser.updated u2"],
    ),
    ("PUT", "suppliers/s1", {"Name": "S", "Active": True}, ["entitysync.supplier.updated s1"]),
    ("PUT", "suppliers/s1/users/v1", {**USER, "Username": "v1"}, ["entitysync.supplieruser.updated v1"]),
    ("PUT", "suppliers/s1/usergroups/sg", {"Name": "SG"}, []),
    ("PUT", "adminusers/a1", {**USER, "Username": "a1"}, ["entitysync.adminuser.updated a1"]),
    ("PUT", "catalogs/c1", {"Name": "C", "Active": True}, ["entitysync.catalog.updated c1"]),
    ("PUT", "catalogs/c1/categories/k1", {"Name": "K", "Active": True}, ["entitysync.category.updated k1"]),
    (
        "PUT",
        "catalogs/c1/categories/k2",
        {"Name": "K2", "Active": True, "ParentID": "k1"},
        ["entitysync.category.updated k2"],
    ),
    ("PUT", "products/p1", STOCKED, P1),
    ("PATCH", "products/p1", {"xp": {"a": 1}}, P1),
    ("PATCH", "products/p1", {"xp": {"a": 1}}, []),
    ("PUT", "priceschedules/ps1", BREAKS, []),
    ("PATCH", "products/p1", {"DefaultPriceScheduleID": "ps1"}, P1),
    ("PATCH", "priceschedules/ps1", {"ApplyTax": True}, P1),
    ("POST", "priceschedules/ps1/PriceBreaks", {"Quantity": 10, "Price": 4}, P1),
    ("DELETE", "priceschedules/ps1/PriceBreaks?quantity=10", None, P1),
    ("POST", "catalogs/productassignments", {"CatalogID": "c1", "ProductID": "p1"}, P1),
    ("POST", "catalogs/c1/categories/productassignments", {"CategoryID": "k2", "ProductID": "p1"}, P1),
    ("POST", "catalogs/assignments", {"CatalogID": "c1", "BuyerID": "b1"}, []),
    ("POST", "products/assignments", {"ProductID": "p1", "BuyerID": "b1", "UserGroupID": "g1"}, P1),
    ("POST", "products/assignments", {"ProductID": "p1", "BuyerID": "b1", "PriceScheduleID": "ps1"}, P1),
    (
        "PATCH",
        "buyers/b1/usergroups/g1",
        {"ID": "g2"},
        [
            "entitysync.buyerusergroup.deleted g1",
            "product.updated p1",
            "entitysync.buyerusergroup.updated g2",
        ],
    ),
    ("PUT", "products/p1/suppliers/s1", None, P1),
    ("PUT", "specs/sz", {"Name": "Size", "Required": True, "DefinesVariant": True}, []),
    ("PUT", "specs/sz/options/m", {"Value": "M"}, []),
    ("PUT", "specs/sz/options/l", {"Value": "L"}, []),
    ("POST", "specs/productassignments", {"SpecID": "sz", "ProductID": "p1"}, P1),
    ("PATCH", "specs/sz", {"Name": "Sizes"}, P1),
    ("PATCH", "specs/sz/options/m", {"Value": "Medium"}, P1),
    ("POST", "products/p1/variants/generate", None, P1),
    ("PATCH", "products/p1/variants/p1-m", {"Active": True}, P1),
    ("PUT", "addresses/w1", ADDRESS, []),
    (
        "POST",
        "products/p1/inventoryrecords",
        {"ID": "r1", "AddressID": "w1", "QuantityAvailable": 3},
        ["product.updated p1", "entitysync.inventoryrecord.updated r1"],
    ),
    (
        "PATCH",
        "products/p1/inventoryrecords/r1",
        {"QuantityAvailable": 4},
        ["product.updated p1", "entitysync.inventoryrecord.updated r1"],
    ),
    ("DELETE", "products/p1/inventoryrecords/r1", None, P1),
    ("PATCH", "products/p1", {"ID": "p2"}, ["product.deleted p1", "product.updated p2"]),
    ("PATCH", "products/p2", {"ID": "P2"}, ["product.updated P2"]),
    ("DELETE", "specs/sz", None, ["product.updated P2"]),
    ("DELETE", "catalogs/c1/categories/k2/productassignments/P2", None, ["product.updated P2"]),
    (
        "POST",
        "catalogs/c1/categories/productassignments",
        {"CategoryID": "k2", "ProductID": "P2"},
        ["product.updated P2"],
    ),
    (
        "DELETE",
        "catalogs/c1/categories/k1",
        None,
        ["entitysync.category.deleted k1", "entitysync.category.deleted k2", "product.updated P2"],
    ),
    ("DELETE", "priceschedules/ps1", None, ["product.updated P2"]),
    ("DELETE", "products/P2/suppliers/s1", None, ["product.updated P2"]),
    (
        "DELETE",
        "suppliers/s1",
        None,
        ["entitysync.supplieruser.deleted v1", "entitysync.supplier.deleted s1"],
    ),
    ("POST", "catalogs/c1/categories", {"ID": "k3", "Name": "K3"}, ["entitysync.category.updated k3"]),
    (
        "DELETE",
        "catalogs/c1",
        None,
        ["entitysync.category.deleted k3", "entitysync.catalog.deleted c1", "product.updated P2"],
    ),
    (
        "DELETE",
        "buyers/b1",
        None,
        [
            "entitysync.buyeruser.deleted u2",
            "entitysync.buyerusergroup.deleted g2",
            "entitysync.buyer.deleted b1",
            "product.updated P2",
        ],
    ),
    ("DELETE", "adminusers/a1", None, ["entitysync.adminuser.deleted a1"]),
    ("DELETE", "products/P2", None, ["product.deleted P2"]),
)
"""Requests one after the other, and what each of them sends."""


MORE: tuple[tuple[str, str, Any, list[str]], ...] = (
    (
        "POST",
        "buyers",
        {"ID": "b1", "Name": "B", "Active": True},
        ["entitysync.buyer.updated b1", "entitysync.catalog.updated b1"],
    ),
    ("POST", "buyers/b1/users", {"ID": "u1", **USER}, ["entitysync.buyeruser.updated u1"]),
    ("PATCH", "buyers/b1/users/u1", {"Phone": "1"}, ["entitysync.buyeruser.updated u1"]),
    ("PUT", "buyers/b2", {"Name": "B", "DefaultCatalogID": "b1"}, ["entitysync.buyer.updated b2"]),
    ("POST", "buyers/b1/users/u1/moveto/b2?orders=None", None, ["entitysync.buyeruser.updated u1"]),
    ("DELETE", "buyers/b2/users/u1", None, ["entitysync.buyeruser.deleted u1"]),
    ("POST", "buyers/b1/usergroups", {"ID": "g1", "Name": "G"}, ["entitysync.buyerusergroup.updated g1"]),
    ("PATCH", "buyers/b1/usergroups/g1", {"Name": "H"}, ["entitysync.buyerusergroup.updated g1"]),
    ("DELETE", "buyers/b1/usergroups/g1", None, ["entitysync.buyerusergroup.deleted g1"]),
    ("POST", "suppliers", {"ID": "s1", "Name": "S", "Active": True}, ["entitysync.supplier.updated s1"]),
    ("PATCH", "suppliers/s1", {"Name": "T"}, ["entitysync.supplier.updated s1"]),
    ("POST", "suppliers/s1/users", {"ID": "v1", **USER}, ["entitysync.supplieruser.updated v1"]),
    ("PATCH", "suppliers/s1/users/v1", {"Phone": "1"}, ["entitysync.supplieruser.updated v1"]),
    ("DELETE", "suppliers/s1/users/v1", None, ["entitysync.supplieruser.deleted v1"]),
    ("POST", "adminusers", {"ID": "a1", **USER}, ["entitysync.adminuser.updated a1"]),
    ("PATCH", "adminusers/a1", {"Phone": "1"}, ["entitysync.adminuser.updated a1"]),
    ("POST", "catalogs", {"ID": "c1", "Name": "C"}, ["entitysync.catalog.updated c1"]),
    ("PATCH", "catalogs/c1", {"Active": True}, ["entitysync.catalog.updated c1"]),
    ("PUT", "catalogs/c1/categories/k1", {"Name": "K", "ListOrder": 0}, ["entitysync.category.updated k1"]),
    ("PATCH", "catalogs/c1/categories/k1", {"Active": True}, ["entitysync.category.updated k1"]),
    (
        "POST",
        "catalogs/c1/categories?adjustListOrders=true",
        {"ID": "k0", "Name": "K", "ListOrder": 0},
        ["entitysync.category.updated k0", "entitysync.category.updated k1"],
    ),
    ("POST", "products", {"ID": "p1", **STOCKED}, P1),
    ("POST", "specs", {"ID": "sz", "Name": "Size", "Required": True, "DefinesVariant": True}, []),
    ("POST", "specs/sz/options", {"ID": "m", "Value": "M"}, []),
    ("POST", "specs/productassignments", {"SpecID": "sz", "ProductID": "p1"}, P1),
    ("PUT", "specs/sz", {"Name": "Size", "Required": True, "DefinesVariant": True, "ListOrder": 2}, P1),
    ("PATCH", "specs/sz", {"ListOrder": 3}, P1),
    ("PUT", "specs/sz/options/l", {"Value": "L"}, P1),
    ("POST", "specs/sz/options", {"ID": "x", "Value": "X"}, P1),
    ("PATCH", "specs/sz/options/x", {"Value": "XX"}, P1),
    ("DELETE", "specs/sz/options/x", None, P1),
    ("POST", "products/p1/variants/generate", None, P1),
    ("PUT", "products/p1/variants/p1-m", {"Name": "Medium"}, P1),
    ("PATCH", "products/p1", {"Inventory": {"VariantLevelTracking": True}}, P1),
    ("PUT", "addresses/w1", ADDRESS, []),
    (
        "POST",
        "products/p1/variants/p1-m/inventoryrecords",
        {"ID": "r1", "AddressID": "w1", "QuantityAvailable": 3},
        RECORD,
    ),
    (
        "PUT",
        "products/p1/variants/p1-m/inventoryrecords/r1",
        {"AddressID": "w1", "QuantityAvailable": 4},
        RECORD,
    ),
    ("PATCH", "products/p1/variants/p1-m/inventoryrecords/r1", {"QuantityAvailable": 5}, RECORD),
    ("DELETE", "products/p1/variants/p1-m/inventoryrecords/r1", None, P1),
    ("DELETE", "specs/sz/productassignments/p1", None, P1),
    ("PUT", "products/p2", STOCKED, ["product.updated p2"]),
    (
        "PUT",
        "products/p2/inventoryrecords/r2",
        {"AddressID": "w1", "QuantityAvailable": 3},
        ["product.updated p2", "entitysync.inventoryrecord.updated r2"],
    ),
    ("POST", "catalogs/productassignments", {"CatalogID": "c1", "ProductID": "p1"}, P1),
    ("DELETE", "catalogs/c1/productassignments/p1", None, P1),
    ("POST", "priceschedules", {"ID": "ps1", **BREAKS}, []),
    ("PATCH", "products/p1", {"DefaultPriceScheduleID": "ps1"}, P1),
    ("PUT", "priceschedules/ps1", {**BREAKS, "Name": "Other"}, P1),
    ("POST", "catalogs/assignments", {"CatalogID": "c1", "BuyerID": "b1"}, []),
    ("POST", "catalogs/productassignments", {"CatalogID": "c1", "ProductID": "p1"}, P1),
    ("POST", "products/assignments", {"ProductID": "p1", "BuyerID": "b1"}, P1),
    ("DELETE", "products/p1/assignments/b1", None, P1),
    ("POST", "bundles", {"ID": "n1", "Name": "N"}, ["product.updated n1"]),
    ("PUT", "bundles/n1", {"Name": "O"}, ["product.updated n1"]),
    ("PATCH", "bundles/n1", {"Active": True}, ["product.updated n1"]),
    ("POST", "catalogs/bundleassignments", {"CatalogID": "c1", "BundleID": "n1"}, ["product.updated n1"]),
    (
        "POST",
        "catalogs/c1/categories/bundleassignments",
        {"CategoryID": "k1", "BundleID": "n1"},
        ["product.updated n1"],
    ),
    ("POST", "bundles/assignments", {"BundleID": "n1", "BuyerID": "b1"}, ["product.updated n1"]),
    ("DELETE", "bundles/n1/assignments/b1", None, ["product.updated n1"]),
    ("DELETE", "catalogs/c1/categories/k1/bundleassignments/n1", None, ["product.updated n1"]),
    ("DELETE", "catalogs/c1/bundleassignments/n1", None, ["product.updated n1"]),
    ("DELETE", "bundles/n1", None, ["product.deleted n1"]),
)
"""The same of another marketplace, for the operations that are left."""
SILENT = {
    "SupplierUserGroups": "only the groups of buyers are synchronized (SYNC-1)",
    "AdminUserGroups": "only the groups of buyers are synchronized (SYNC-1)",
    "Specs.Create": "no product has a new spec yet",
    "PriceSchedules.Create": "no product is sold by a new price schedule yet",
    **{
        f"{users}.{what}": "what messages say of the user stays"
        for users in ("Users", "AdminUsers", "SupplierUsers")
        for what in ("UnlockUserAccount", "RevokeUserTokens")
    },
}
"""Operations on tables of what is synchronized that send nothing, and why."""
OF_ORDERS = {"orders", "line_items"}
"""Their messages have tests of their own."""


def operation_of(verb: str, path: str) -> str:
    """The ID of the operation of a request."""
    wanted = path.partition("?")[0].lower().split("/")
    for operation in registry().operations.values():
        parts = operation.path.lower().strip("/").split("/")
        same = operation.verb == verb and len(parts) == len(wanted)
        if same and all(part[0] == "{" or part == given for part, given in zip(parts, wanted, strict=True)):
            return operation.id
    raise LookupError(f"{verb} {path}")


def test_sync_4_every_operation_that_writes_what_is_synchronized_is_among_them() -> None:
    """All writes of the registry on tables of which a row says something, but for those that are excused."""
    sent = {operation_of(verb, path) for verb, path, _, told in (*STEPS, *MORE) if told}
    tables = set(Syncing(registry()).synced) - OF_ORDERS
    for operation in registry().operations.values():
        if operation.verb == "GET" or operation.table not in tables:
            continue
        excused = operation.id in SILENT or operation.id.partition(".")[0] in SILENT
        assert (operation.id in sent) is not excused, operation.id
        assert operation.unit is Unit.WRITE, operation.id


@pytest.mark.parametrize("steps", [STEPS, MORE], ids=["first", "more"])
async def test_sync_1_sync_2_sync_4_each_write_tells_what_it_changes(
    api: Api, receiver: Receiver, steps: tuple[tuple[str, str, Any, list[str]], ...]
) -> None:
    """Create, PUT, PATCH, rename and DELETE; assignments, prices, specs, variants, stock; what goes along with a deletion."""
    async with synchronizing(api, receiver) as world:
        wrong = []
        for verb, path, body, expected in steps:
            await world.write(verb, path, body)
            told = await world.told()
            if sorted(told) != sorted(expected):
                wrong.append((verb, path, told, expected))
        assert not wrong, "\n".join(map(str, wrong))
