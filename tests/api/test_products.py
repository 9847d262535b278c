"""Products: defaults, references, ownership, inventory, deletion (PRD-1 to PRD-4, SUP-5, INV-1, INV-2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

PATH = "/v1/products"
ADDRESS = {"Street1": "Main Street 1", "City": "Berlin", "Country": "DE"}
BARE: dict[str, Any] = {
    "DefaultPriceScheduleID": None,
    "AutoForward": False,
    "ParentID": None,
    "IsParent": False,
    "IsBundle": False,
    "Description": None,
    "QuantityMultiplier": 1,
    "ShipWeight": None,
    "ShipHeight": None,
    "ShipWidth": None,
    "ShipLength": None,
    "Active": False,
    "SpecCount": 0,
    "VariantCount": 0,
    "ShipFromAddressID": None,
    "Inventory": None,
    "DefaultSupplierID": None,
    "AllSuppliersCanSell": False,
    "Returnable": False,
    "xp": None,
}


async def make(http: httpx.AsyncClient, product: str = "P", **body: Any) -> dict[str, Any]:
    """A product as its POST shows it."""
    made = await checked(http.post(PATH, json={"ID": product, "Name": product, **body}), 201)
    return dict(made.json())


async def patch(http: httpx.AsyncClient, product: str, **body: Any) -> dict[str, Any]:
    return dict((await checked(http.patch(f"{PATH}/{product}", json=body), 200)).json())


async def get(http: httpx.AsyncClient, product: str) -> dict[str, Any]:
    return dict((await checked(http.get(f"{PATH}/{product}"), 200)).json())


async def refused(http: httpx.AsyncClient, body: dict[str, Any], status: int, product: str = "P") -> str:
    """The code with which a PATCH is refused."""
    (code,) = codes(await checked(http.patch(f"{PATH}/{product}", json=body), status))
    return code


async def test_defaults(api: Api) -> None:
    """PRD-1; what is read-only is not written."""
    http = api.seller
    made = await make(http, SpecCount=5, VariantCount=5, IsBundle=True, DateCreated="2020-01-01")
    created = made.pop("DateCreated")
    assert created > "2026"
    assert made == {"OwnerID": api.marketplace, "ID": "P", "Name": "P", **BARE}
    assert await get(http, "p") == made | {"DateCreated": created}


async def test_default_supplier(api: Api) -> None:
    """PRD-2: DefaultSupplierID makes the supplier one that sells the product, and keeps the price it has for it."""
    http = api.seller
    for supplier in ("S", "T"):
        await api.supplier(supplier)
    await checked(http.post("/v1/priceschedules", json={"ID": "X", "Name": "X"}), 201)
    await make(http, DefaultSupplierID="s")
    await checked(http.put(f"{PATH}/P/suppliers/T?defaultPriceScheduleID=X"), 204)
    await patch(http, "P", DefaultSupplierID="T")

    async def sellers() -> list[tuple[str, str | None]]:
        items = (await checked(http.get(f"{PATH}/P/suppliers"), 200)).json()["Items"]
        return [(item["ID"], item["DefaultPriceScheduleID"]) for item in items]

    assert await sellers() == [("S", None), ("T", "X")]
    await patch(http, "P", DefaultSupplierID=None)
    assert await sellers() == [("S", None), ("T", "X")]


async def test_auto_forward(api: Api) -> None:
    """PRD-2: a default supplier and the marketplace's auto-forwarding user, which is a user of the seller."""
    http = api.seller
    await api.supplier("S")
    await make(http)
    name_user = "UPDATE marketplaces SET auto_forwarding_user_key = $2 WHERE marketplace_id = $1"
    forwards = {"DefaultSupplierID": "S", "AutoForward": True}
    assert await refused(http, forwards, 400) == "Seller.AutoForwardingUserRequired"
    await api.execute(name_user, (await api.user(supplier="S")).key)
    assert await refused(http, forwards, 400) == "Seller.AutoForwardingUserRequired"
    await api.execute(name_user, api.admin.key)
    failure = await checked(http.patch(f"{PATH}/P", json={"AutoForward": True}), 400)
    assert failure.json()["Errors"][0]["Data"] == {"Property": "DefaultSupplierID"}
    assert (await patch(http, "P", **forwards))["AutoForward"] is True
    assert await refused(http, {"DefaultSupplierID": None}, 400) == "ValidationFailure"
    await checked(http.delete(f"{PATH}/P/suppliers/S"), 204)
    left = await get(http, "P")
    assert (left["DefaultSupplierID"], left["AutoForward"]) == (None, False)
    await patch(http, "P", **forwards)
    await checked(http.delete("/v1/suppliers/S"), 204)
    left = await get(http, "P")
    assert (left["DefaultSupplierID"], left["AutoForward"]) == (None, False)


async def test_ship_from_address(api: Api) -> None:
    """PRD-2: an address of the seller, the owner or the default supplier; it follows a rename and a deletion."""
    http = api.seller
    for supplier in ("S", "T", "U"):
        await api.supplier(supplier)
    await api.buyer("B")
    for company, address in (
        ("", "mine"),
        ("/suppliers/S", "of-s"),
        ("/suppliers/T", "of-t"),
        ("/suppliers/U", "of-u"),
        ("/buyers/B", "of-b"),
    ):
        await checked(http.post(f"/v1{company}/addresses", json={**ADDRESS, "ID": address}), 201)
    await make(http, OwnerID="S", DefaultSupplierID="T")
    for address, allowed in (
        ("MINE", True),
        ("of-s", True),
        ("of-t", True),
        ("of-u", False),
        ("of-b", False),
    ):
        answer = await http.patch(f"{PATH}/P", json={"ShipFromAddressID": address})
        if allowed:
            assert answer.json()["ShipFromAddressID"] == address.lower()
        else:
            assert answer.status_code == 404
            assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "Address", "ObjectID": address}
    assert (await patch(http, "P", Name="Q"))["ShipFromAddressID"] == "of-t"
    await checked(http.patch("/v1/suppliers/T/addresses/of-t", json={"ID": "mine"}), 200)
    shown = await get(http, "P")
    assert shown["ShipFromAddressID"] == "mine"
    await checked(http.put(f"{PATH}/P", json=shown), 200)
    await checked(http.delete("/v1/addresses/mine"), 204)
    assert (await get(http, "P"))["ShipFromAddressID"] == "mine", "it is still the supplier's"
    await checked(http.delete("/v1/suppliers/T/addresses/mine"), 204)
    assert (await get(http, "P"))["ShipFromAddressID"] is None
    await patch(http, "P", ShipFromAddressID="of-s")
    put = await checked(http.put(f"{PATH}/P", json={"Name": "P"}), 200)
    assert put.json()["ShipFromAddressID"] is None


async def test_owner(api: Api) -> None:
    """ORG-3"""
    http = api.seller
    await api.supplier("S")
    await api.supplier("T")
    suppliers = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    assert (await make(http, "a"))["OwnerID"] == api.marketplace
    assert (await make(http, "b", OwnerID="s"))["OwnerID"] == "S"
    assert (await make(suppliers, "c", OwnerID="T"))["OwnerID"] == "S"
    assert (await patch(http, "b", OwnerID="T"))["OwnerID"] == "S"
    await checked(http.post(PATH, json={"Name": "x", "OwnerID": "nope"}), 404)


async def test_suppliers_reach(api: Api) -> None:
    """PRD-3, ORG-4: by ID a supplier reads what it owns, what it sells and what all may sell; it writes what it owns."""
    http = api.seller
    for name in ("S", "T"):
        await api.supplier(name)
    for product, body in (
        ("own", {"OwnerID": "S"}),
        ("theirs", {"OwnerID": "T"}),
        ("sellers", {}),
        ("offered", {"AllSuppliersCanSell": True}),
        ("default", {"DefaultSupplierID": "S"}),
        ("related", {}),
    ):
        await make(http, product, **body)
    await checked(http.put(f"{PATH}/related/suppliers/S"), 204)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    cases: tuple[tuple[str, bool, int], ...] = (
        ("own", True, 200),
        ("theirs", False, 404),
        ("sellers", False, 404),
        ("offered", True, 403),
        ("default", True, 403),
        ("related", True, 403),
    )
    for product, read, write in cases:
        await checked(supplier.get(f"{PATH}/{product}"), 200 if read else 404)
        answer = await checked(supplier.patch(f"{PATH}/{product}", json={"Name": "New"}), write)
        assert write == 200 or codes(answer) == ["Product.CannotModify" if write == 403 else "NotFound"]
        await checked(supplier.delete(f"{PATH}/{product}"), 204 if write == 200 else write)
    buyer = api.as_(await api.user(buyer=await api.buyer()), roles=["ProductAdmin"])
    await checked(buyer.get(f"{PATH}/offered"), 404)
    refused = await checked(buyer.patch(f"{PATH}/offered", json={}), 403)
    assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"]


async def test_all_suppliers_can_sell(api: Api) -> None:
    """SUP-5: on the seller's products only, and by it."""
    await api.supplier("S")
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    await make(api.seller, "sellers", AllSuppliersCanSell=True)
    await make(supplier, "own")
    for http in (supplier, api.seller):
        code = await refused(http, {"AllSuppliersCanSell": True}, 403, "own")
        assert code == "Product.CannotModifyAllSuppliersCanSell"
    made = await checked(supplier.post(PATH, json={"Name": "x", "AllSuppliersCanSell": True}), 403)
    assert codes(made) == ["Product.CannotModifyAllSuppliersCanSell"]


async def test_references_of_suppliers(api: Api) -> None:
    """CONV-10: to a supplier other suppliers and their price schedules do not exist; those that are named already stay."""
    for name in ("S", "T"):
        await api.supplier(name)
    for price, owner in (("s", "S"), ("t", "T"), ("m", None)):
        body = {"ID": price, "Name": price, "OwnerID": owner}
        await checked(api.seller.post("/v1/priceschedules", json=body), 201)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    await make(supplier)
    for price, status in (("s", 200), ("m", 200), ("t", 404)):
        await checked(supplier.patch(f"{PATH}/P", json={"DefaultPriceScheduleID": price}), status)
        await checked(api.seller.patch(f"{PATH}/P", json={"DefaultPriceScheduleID": price}), 200)
    await checked(supplier.patch(f"{PATH}/P", json={"Name": "unchanged price"}), 200)
    for default, status in (("S", 200), ("T", 404)):
        await checked(supplier.patch(f"{PATH}/P", json={"DefaultSupplierID": default}), status)
    await patch(api.seller, "P", DefaultSupplierID="T")
    assert (await patch(supplier, "P", Name="unchanged supplier"))["DefaultSupplierID"] == "T"
    await checked(api.seller.delete("/v1/priceschedules/t"), 204)
    assert (await get(api.seller, "P"))["DefaultPriceScheduleID"] is None, "PAS-5"


INVENTORY: dict[str, Any] = {
    "Enabled": False,
    "NotificationPoint": None,
    "VariantLevelTracking": False,
    "OrderCanExceed": False,
    "QuantityAvailable": None,
}


async def test_inventory(api: Api) -> None:
    """INV-1: null until written, 0 where enabled without a quantity; LastUpdated moves with the quantity alone."""
    http = api.seller
    await make(http)
    steps: tuple[tuple[dict[str, Any] | None, dict[str, Any] | None, bool], ...] = (
        # PATCH, what it shows beyond INVENTORY, whether LastUpdated moves
        ({}, {}, True),
        ({"Enabled": True}, {"Enabled": True, "QuantityAvailable": 0}, True),
        ({"QuantityAvailable": 5}, {"QuantityAvailable": 5}, True),
        ({"QuantityAvailable": 5, "NotificationPoint": 2}, {"NotificationPoint": 2}, False),
        ({"QuantityAvailable": -3}, {"QuantityAvailable": -3}, True),
        ({"Enabled": False}, {"Enabled": False}, False),
        ({"OrderCanExceed": True, "LastUpdated": "2020-01-01"}, {"OrderCanExceed": True}, False),
        (None, None, False),
    )
    shown, moved = dict(INVENTORY), None
    for body, changes, moves in steps:
        api.server.clock.advance(minutes=1)
        inventory = (await patch(http, "P", Inventory=body))["Inventory"]
        if changes is None:
            assert inventory is None
            continue
        shown |= changes
        updated = inventory.pop("LastUpdated")
        assert inventory == shown, body
        assert (updated != moved) is moves, body
        moved = updated
    for body in ({"QuantityAvailable": 1}, {"Enabled": False, "QuantityAvailable": 1}):
        assert await refused(http, {"Inventory": body}, 400) == "Product.InventoryDisabled"
        new = await checked(http.post(PATH, json={"Name": "x", "Inventory": body}), 400)
        assert codes(new) == ["Product.InventoryDisabled"]
    exported = {
        "Enabled": False,
        "NotificationPoint": 0,
        "VariantLevelTracking": False,
        "OrderCanExceed": False,
        "QuantityAvailable": 0,
        "LastUpdated": "2020-11-16T17:29:17.5+00:00",
    }
    new = await checked(http.post(PATH, json={"Name": "exported", "Inventory": exported}), 201)
    made = new.json()["Inventory"]
    assert made == exported | {"LastUpdated": made["LastUpdated"]}
    put = {"Name": "P", "Inventory": {"Enabled": True, "QuantityAvailable": 7}}
    made = (await checked(http.put(f"{PATH}/P", json=put), 200)).json()
    assert made["Inventory"]["QuantityAvailable"] == 7
    assert (await checked(http.put(f"{PATH}/P", json=made), 200)).json() == made


async def test_variant_level_tracking(api: Api) -> None:
    """INV-2: not for parents and children, not changed while records exist; the quantity is then the variants'."""
    http = api.seller
    tracks: dict[str, Any] = {
        "Inventory": {"Enabled": True, "VariantLevelTracking": True, "QuantityAvailable": 9}
    }
    await make(http, "parent", IsParent=True)
    await make(http, "child", ParentID="parent")
    for product in ("parent", "child"):
        code = await refused(http, tracks, 400, product)
        assert code == "InventoryConfiguration.CannotSetVariantLevelTracking"
    made = await make(http, **tracks)
    assert made["Inventory"]["QuantityAvailable"] == 0
    for kind in ({"IsParent": True}, {"ParentID": "parent"}):
        assert await refused(http, kind, 400) == "InventoryConfiguration.CannotSetVariantLevelTracking"
    await patch(http, "P", Inventory={"VariantLevelTracking": False, "QuantityAvailable": 4})
    await checked(http.post("/v1/addresses", json={**ADDRESS, "ID": "A"}), 201)
    record = {"ID": "R", "AddressID": "A", "QuantityAvailable": 10}
    await checked(http.post(f"{PATH}/P/inventoryrecords", json=record), 201)
    for body in (tracks, {"Inventory": {"VariantLevelTracking": True}}):
        code = await refused(http, body, 400)
        assert code == "InventoryConfiguration.CannotChangeVariantLevelTracking"


async def test_quantity_beside_records(api: Api) -> None:
    """IRC-3: what is written while records exist is kept, and shown when they are gone."""
    http = api.seller
    await make(http, Inventory={"Enabled": True, "QuantityAvailable": 4})
    await checked(http.post("/v1/addresses", json={**ADDRESS, "ID": "A"}), 201)
    record = {"ID": "R", "AddressID": "A", "QuantityAvailable": 10}
    await checked(http.post(f"{PATH}/P/inventoryrecords", json=record), 201)

    async def quantity(**body: Any) -> int:
        return int((await patch(http, "P", **body))["Inventory"]["QuantityAvailable"])

    assert await quantity() == 10
    shown = await get(http, "P")
    assert (await checked(http.put(f"{PATH}/P", json=shown), 200)).json() == shown
    assert await quantity(Inventory={"QuantityAvailable": 6}) == 10
    assert await quantity(Name="Other") == 10
    await checked(http.delete(f"{PATH}/P/inventoryrecords/R"), 204)
    assert await quantity() == 6
    await checked(http.post(f"{PATH}/P/inventoryrecords", json=record), 201)
    assert (await patch(http, "P", Inventory=None))["Inventory"] is None
    assert await quantity(Inventory={"Enabled": True, "QuantityAvailable": 1}) == 10


async def test_delete(api: Api) -> None:
    """PRD-4: not a parent with children, nor what is in a bundle; all that hangs on the product goes along."""
    http = api.seller
    await api.buyer("B")
    await api.supplier("S")
    await make(http, "parent", IsParent=True)
    await make(http, "child", ParentID="parent", DefaultSupplierID="S")
    await checked(http.put("/v1/bundles/bundle", json={"Name": "Bundle"}), 200)
    row = {"BundleID": "bundle", "ProductID": "child", "Required": True}
    await checked(http.post("/v1/bundles/productassignments", json=row), 204)
    for product, code in (
        ("parent", "Product.CannotDeleteParentProduct"),
        ("child", "Product.CannotDeleteProductAssingedToBundle"),
    ):
        assert codes(await checked(http.delete(f"{PATH}/{product}"), 400)) == [code]
    await checked(http.delete("/v1/bundles/bundle/productassignments/child"), 204)
    await checked(http.delete(f"{PATH}/child"), 204)
    await checked(http.delete(f"{PATH}/parent"), 204)
    assert await api.value("SELECT count(*) FROM product_suppliers WHERE marketplace_id = $1") == 0


@pytest.mark.parametrize("verb", ["POST", "PUT"])
async def test_bad_values(verb: str, api: Api) -> None:
    """PRD-1: the contract's limits."""
    for body in (
        {"QuantityMultiplier": 0},
        {"Name": "x" * 101},
        {"Description": "x" * 2001},
        {"Inventory": {"QuantityAvailable": "x"}},
    ):
        url = PATH if verb == "POST" else f"{PATH}/P"
        answer = await checked(api.seller.request(verb, url, json={"Name": "P", **body}), 400)
        assert codes(answer) == ["ValidationFailure"], body


async def test_catalog_epoch(api: Api) -> None:
    """What shoppers see and count is remembered until a product that somebody may see changes; stock is not remembered."""
    http = api.seller
    await checked(http.put("/v1/catalogs/C", json={"Name": "C", "Active": True}), 200)
    await make(http)
    await make(http, "alone")
    row = {"CatalogID": "C", "ProductID": "P"}
    await checked(http.post("/v1/catalogs/productassignments", json=row), 204)

    async def epoch() -> int:
        return int(await api.value("SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"))

    steps: tuple[tuple[str, str, dict[str, Any], bool], ...] = (
        ("PATCH", "alone", {"Name": "New"}, False),
        ("DELETE", "alone", {}, False),
        ("PATCH", "P", {}, False),
        ("PATCH", "P", {"Inventory": {"Enabled": True, "QuantityAvailable": 1}}, False),
        ("PATCH", "P", {"Inventory": {"QuantityAvailable": 2}}, False),
        ("PATCH", "P", {"Active": True}, True),
        ("PATCH", "P", {"xp": {"a": 1}}, True),
        ("PATCH", "P", {"ID": "P2"}, True),
        ("DELETE", "P2", {}, True),
    )
    for verb, product, body, raises in steps:
        before = await epoch()
        answer = await http.request(verb, f"{PATH}/{product}", json=body)
        assert answer.is_success
        assert (await epoch() > before) is raises, (verb, body)
