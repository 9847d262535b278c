"""Parent products and their children (PRD-5, PRD-6)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.test_products import ADDRESS, PATH, get, make, patch, refused
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

PARENTS: dict[str, Any] = {
    "Description": "Parent's",
    "QuantityMultiplier": 3,
    "ShipWeight": 1.5,
    "ShipHeight": 2,
    "ShipWidth": 3,
    "ShipLength": 4,
    "ShipFromAddressID": "A",
    "DefaultSupplierID": "S",
    "DefaultPriceScheduleID": "X",
    "Active": True,
}
OWN: dict[str, Any] = {
    "Description": "Own",
    "QuantityMultiplier": 1,
    "ShipWeight": 0,
    "ShipHeight": 9,
    "ShipWidth": 8,
    "ShipLength": 7,
    "ShipFromAddressID": "A2",
    "DefaultSupplierID": "T",
    "DefaultPriceScheduleID": "Y",
    "Active": False,
}


async def things(api: Api) -> None:
    """What the properties refer to."""
    for supplier in ("S", "T"):
        await api.supplier(supplier)
    for address in ("A", "A2", "A3"):
        await checked(api.seller.post("/v1/addresses", json={**ADDRESS, "ID": address}), 201)
    for price in ("X", "Y", "Z"):
        await checked(api.seller.post("/v1/priceschedules", json={"ID": price, "Name": price}), 201)


def of(product: dict[str, Any], names: Any) -> dict[str, Any]:
    return {name: product[name] for name in names}


async def test_inheritance(api: Api) -> None:
    """PRD-6: a child shows its parent's value where it has none; PATCH null gives it back to the parent."""
    http = api.seller
    await things(api)
    await make(http, "parent", IsParent=True, **PARENTS)
    child = await make(http, "child", ParentID="PARENT", Active=True)
    assert child["ParentID"] == "parent"
    assert of(child, PARENTS) == PARENTS
    for name, value in OWN.items():
        shown = await patch(http, "child", **{name: value})
        assert of(shown, OWN) == PARENTS | {name: value}, name
        back = await patch(http, "child", **{name: True if name == "Active" else None})
        assert of(back, OWN) == PARENTS, name
    assert of(await patch(http, "child", **OWN), OWN) == OWN
    changed = {
        "Description": "New",
        "ShipWeight": None,
        "ShipFromAddressID": "A3",
        "DefaultPriceScheduleID": "Z",
    }
    await patch(http, "parent", **changed)
    assert of(await get(http, "child"), OWN) == OWN
    put = await checked(
        http.put(f"{PATH}/child", json={"Name": "C", "ParentID": "parent", "Active": True}), 200
    )
    assert of(put.json(), OWN) == PARENTS | changed
    alone = await patch(http, "child", ParentID=None)
    assert of(alone, OWN) == dict.fromkeys(OWN) | {"Active": True}
    adopted = await patch(http, "child", ParentID="parent")
    assert of(adopted, OWN) == PARENTS | changed


async def test_parents_changes_reach_the_children(api: Api) -> None:
    """PRD-6: by every verb, also renames and deletions of what the parent refers to; Inventory is not inherited."""
    http = api.seller
    await things(api)
    await make(http, "parent", IsParent=True, xp={"A": 1})
    for child in ("c1", "c2"):
        await make(http, child, ParentID="parent", Active=True, xp={child: 1})
    stock = {"Enabled": True, "QuantityAvailable": 5}
    await patch(http, "parent", **PARENTS, xp={"B": [2]}, Inventory=stock, Returnable=True)
    for child in ("c1", "c2"):
        shown = await get(http, child)
        assert of(shown, PARENTS) == PARENTS
        assert shown["xp"] == {"A": 1, "B": [2], child: 1}
        assert (shown["Inventory"], shown["Returnable"]) == (None, False)
    for path, old in (("priceschedules", "X"), ("suppliers", "S"), ("addresses", "A")):
        await checked(http.patch(f"/v1/{path}/{old}", json={"ID": f"{old}-new"}), 200)
    shown = await get(http, "c1")
    names = ("DefaultPriceScheduleID", "DefaultSupplierID", "ShipFromAddressID")
    assert [shown[name] for name in names] == ["X-new", "S-new", "A-new"]
    for path in ("priceschedules/X-new", "suppliers/S-new", "addresses/A-new"):
        await checked(http.delete(f"/v1/{path}"), 204)
    assert of(await get(http, "c1"), names) == dict.fromkeys(names)
    body = {"Name": "Parent", "IsParent": True, "Active": False}
    await checked(http.put(f"{PATH}/parent", json={**body, "ID": "renamed"}), 200)
    shown = await get(http, "c2")
    assert (shown["ParentID"], shown["Active"], shown["xp"]) == ("renamed", False, {"c2": 1})
    assert shown["QuantityMultiplier"] == 1
    await patch(http, "renamed", Active=True)
    assert (await get(http, "c2"))["Active"] is True, "its own flag is as it was"


async def test_xp(api: Api) -> None:
    """PRD-6: by top-level key, and writes change the child's own keys only."""
    http = api.seller
    await make(http, "parent", IsParent=True, xp={"A": {"x": 1, "y": 2}})
    child = await make(http, "child", ParentID="parent", xp={"A": {"x": 9}})
    assert child["xp"] == {"A": {"x": 9}}
    assert (await patch(http, "child", xp={"B": 1}))["xp"] == {"A": {"x": 9}, "B": 1}
    assert (await patch(http, "child", xp=None))["xp"] == {"A": {"x": 1, "y": 2}}
    assert (await patch(http, "child", xp={"C": 1}))["xp"] == {"A": {"x": 1, "y": 2}, "C": 1}
    await patch(http, "parent", xp={"A": {"x": 5}})
    assert (await get(http, "child"))["xp"] == {"A": {"x": 5, "y": 2}, "C": 1}, (
        "A was not copied to the child"
    )
    assert (await patch(http, "child", ParentID=None))["xp"] == {"C": 1}


async def test_references_of_children(api: Api) -> None:
    """A child's own references follow renames, and later writes know them as its own."""
    http = api.seller
    await things(api)
    await make(http, "parent", IsParent=True, **PARENTS)
    await make(http, "child", ParentID="parent", **OWN)
    await checked(http.patch("/v1/suppliers/T", json={"ID": "T2"}), 200)
    await checked(http.patch("/v1/priceschedules/Y", json={"ID": "Y2"}), 200)
    await patch(http, "parent", Description="New")
    shown = await patch(http, "child", Description="Newer")
    assert (shown["DefaultSupplierID"], shown["DefaultPriceScheduleID"]) == ("T2", "Y2")
    await checked(http.delete(f"{PATH}/child/suppliers/T2"), 204)
    assert (await get(http, "child"))["DefaultSupplierID"] == "S"
    await checked(http.delete(f"{PATH}/parent/suppliers/S"), 204)
    for product in ("parent", "child"):
        assert (await get(http, product))["DefaultSupplierID"] is None


async def test_what_cannot_be(api: Api) -> None:
    """PRD-5"""
    http = api.seller
    await api.supplier("S")
    await make(http, "parent", IsParent=True)
    await make(http, "suppliers", IsParent=True, OwnerID="S")
    await make(http, "child", ParentID="parent")
    await make(http, "alone")
    await checked(http.put("/v1/bundles/bundle", json={"Name": "Bundle"}), 200)
    for product, body, status, code in (
        ("alone", {"IsParent": True, "ParentID": "parent"}, 400, "Product.ParentProductCannotHaveParent"),
        ("parent", {"ParentID": "parent"}, 400, "Product.ParentProductCannotHaveParent"),
        ("child", {"IsParent": True}, 400, "Product.ParentProductCannotHaveParent"),
        ("alone", {"ParentID": "child"}, 400, "Product.IsNotParent"),
        ("alone", {"ParentID": "alone"}, 400, "Product.IsNotParent"),
        ("alone", {"ParentID": "suppliers"}, 400, "Product.ParentChildProductOwnersShouldMatch"),
        ("alone", {"ParentID": "nope"}, 404, "NotFound"),
        ("parent", {"IsParent": False}, 400, "Product.CannotModifyIsParent"),
        ("bundle", {"IsParent": True}, 400, "Product.ParentProductCannotBeABundle"),
        ("bundle", {"ParentID": "parent"}, 400, "Product.ParentProductCannotBeABundle"),
    ):
        before = await get(http, product)
        assert await refused(http, body, status, product) == code, (product, body)
        assert await get(http, product) == before
    await api.execute(
        'UPDATE products SET "VariantCount" = 1 WHERE marketplace_id = $1 AND "ID" = $2', "alone"
    )
    for body, code in (
        ({"IsParent": True}, "Product.CannotModifyIsParentForVariant"),
        ({"ParentID": "parent"}, "Product.CannotModifyParentIDForVariant"),
    ):
        assert await refused(http, body, 400, "alone") == code
    await patch(http, "child", ParentID=None)
    assert (await patch(http, "parent", IsParent=False))["IsParent"] is False
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    for parent, status in (("suppliers", 201), ("parent", 400)):
        await checked(supplier.post(PATH, json={"Name": "x", "ParentID": parent}), status)
    await make(http, "theirs", IsParent=True, OwnerID=await api.supplier("T"))
    hidden = await checked(supplier.post(PATH, json={"Name": "x", "ParentID": "theirs"}), 404)
    assert codes(hidden) == ["NotFound"]


async def test_writes_that_meet(api: Api) -> None:
    """A child has what its parent has, whoever is written first."""
    http = api.seller
    await make(http, "parent", IsParent=True)
    for child in ("c1", "c2", "c3"):
        await make(http, child, ParentID="parent")
    answers = await asyncio.gather(
        *(http.patch(f"{PATH}/parent", json={"Description": f"D{i}"}) for i in range(4)),
        *(http.patch(f"{PATH}/c{i}", json={"Name": f"N{i}"}) for i in (1, 2, 3)),
        http.post(PATH, json={"ID": "c4", "Name": "c4", "ParentID": "parent"}),
    )
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    parent = await get(http, "parent")
    for child in ("c1", "c2", "c3", "c4"):
        assert (await get(http, child))["Description"] == parent["Description"]


async def test_audience(api: Api) -> None:
    """PRD-6: who sees a child, and which specs it has, is its parent's: from the adoption to its end."""
    http = api.seller
    await checked(http.put("/v1/catalogs/C", json={"Name": "C", "Active": True}), 200)
    await make(http, "parent", IsParent=True)
    await make(http, "other", IsParent=True)
    row = {"CatalogID": "C", "ProductID": "parent"}
    await checked(http.post("/v1/catalogs/productassignments", json=row), 204)
    await checked(http.put("/v1/specs/Q", json={"Name": "Q", "AllowOpenText": True}), 200)
    await checked(http.post("/v1/specs/productassignments", json={"SpecID": "Q", "ProductID": "parent"}), 204)
    audience = 'SELECT audience FROM products WHERE marketplace_id = $1 AND "ID" = $2'
    tokens = await api.value(audience, "parent")
    assert tokens
    await make(http, "child", ParentID="parent")
    for parent, expected in (
        ("parent", (tokens, 1)),
        ("other", ([], 0)),
        ("parent", (tokens, 1)),
        (None, ([], 0)),
    ):
        shown = await patch(http, "child", ParentID=parent)
        assert (await api.value(audience, "child"), shown["SpecCount"]) == expected, parent
