"""The administrators' list of products: whose, where, and by what (PRD-3, PRD-7, FLT-2, FLT-3, FLT-5, IRC-7, BND-1)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes

PRODUCTS = "/v1/products"


async def put(http: httpx.AsyncClient, path: str, **body: Any) -> None:
    answer = await http.put(f"/v1{path}", json=body)
    assert answer.status_code == 200, answer.text


async def post(http: httpx.AsyncClient, path: str, **body: Any) -> None:
    answer = await http.post(f"/v1{path}", json=body)
    assert answer.status_code in (201, 204), answer.text


async def listed(http: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await http.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def test_default_order_and_shape(api: Api) -> None:
    """LIST-2, SRCH-6, FAC-1, BODY-3: by name, then ID; Facets always; the items are those of GET; inactive ones too."""
    http = api.seller
    for id_, name in (("b", "same"), ("a", "Same"), ("c", "first")):
        await put(http, f"/products/{id_}", Name=name, xp={"k": [1.50, "x"]})
    page = (await http.get(PRODUCTS)).json()
    assert [item["ID"] for item in page["Items"]] == ["c", "a", "b"]
    assert page["Items"][1] == (await http.get(f"{PRODUCTS}/a")).json()
    meta = page["Meta"]
    assert meta == {
        "Facets": [],
        "Page": 1,
        "PageSize": 20,
        "TotalCount": 3,
        "TotalPages": 1,
        "ItemRange": [1, 3],
        "NextPageKey": None,
    }
    beyond = (await http.get(f"{PRODUCTS}?page=4")).json()
    assert (beyond["Items"], beyond["Meta"]["TotalCount"], beyond["Meta"]["Facets"]) == ([], 3, [])


async def test_a_supplier_lists_its_own(api: Api, other: Api) -> None:
    """PRD-3: not what it sells for others, though it may read that; nobody sees another marketplace's."""
    await put(api.seller, "/suppliers/s", Name="S", Active=True)
    await put(api.seller, "/suppliers/z", Name="Z", Active=True)
    await put(api.seller, "/products/ours", Name="Ours", AllSuppliersCanSell=True)
    await put(api.seller, "/products/theirs", Name="Theirs", OwnerID="s")
    await put(api.seller, "/products/foreign", Name="Foreign", OwnerID="z")
    await put(other.seller, "/products/elsewhere", Name="Elsewhere")
    supplier = api.as_(await api.user(supplier="s"), roles=["ProductReader"])
    assert await listed(supplier) == ["theirs"]
    assert await listed(supplier, "supplierID=z") == []
    assert await listed(supplier, "search=ours") == []
    assert (await supplier.get(f"{PRODUCTS}/ours")).status_code == 200
    assert await listed(api.seller) == ["foreign", "ours", "theirs"]
    assert await listed(other.seller) == ["elsewhere"]


@pytest.fixture
async def shop(api: Api) -> Api:
    """Catalogs c and d; in c the tree top > middle > low, and side; a parent with a child; two suppliers."""
    http = api.seller
    for catalog in ("c", "d"):
        await put(http, f"/catalogs/{catalog}", Name=catalog, Active=True)
    for id_, parent in (("top", None), ("middle", "top"), ("low", "middle"), ("side", None)):
        await put(http, f"/catalogs/c/categories/{id_}", Name=id_, ParentID=parent, Active=True)
    await put(http, "/catalogs/d/categories/top", Name="top", Active=True)
    for supplier in ("s", "z"):
        await put(http, f"/suppliers/{supplier}", Name=supplier, Active=True)
    for id_ in ("p1", "p2", "p3", "p4"):
        await put(http, f"/products/{id_}", Name=f"N{9 - int(id_[1])}", OwnerID="s" if id_ == "p3" else None)
    await put(http, "/products/parent", Name="Parent", IsParent=True)
    await put(http, "/products/child", Name="Child", ParentID="parent")
    for catalog, products in (("c", ("p1", "p2", "parent")), ("d", ("p1", "p3"))):
        for product in products:
            await post(http, "/catalogs/productassignments", CatalogID=catalog, ProductID=product)
    for catalog, category, product, place in (
        ("c", "low", "p1", 5),
        ("c", "top", "p2", 1),
        ("c", "side", "p1", 0),
        ("c", "middle", "parent", 3),
        ("d", "top", "p3", None),
    ):
        await post(
            http,
            f"/catalogs/{catalog}/categories/productassignments",
            CategoryID=category,
            ProductID=product,
            ListOrder=place,
        )
    assert (await http.put(f"{PRODUCTS}/p1/suppliers/z")).status_code == 204
    return api


PLACES = {
    "catalogID=c": ["child", "p2", "p1", "parent"],
    "catalogID=C": ["child", "p2", "p1", "parent"],
    "catalogID=!c": ["p4", "p3"],
    "catalogID=c|d": ["child", "p3", "p2", "p1", "parent"],
    "catalogID=!c|!d": ["child", "p4", "p3", "p2", "parent"],
    "catalogID=d|!c": ["p4", "p3", "p1"],
    "catalogID=nope": [],
    "catalogID=!nope": ["child", "p4", "p3", "p2", "p1", "parent"],
    "catalogID=!nope|!c": ["child", "p4", "p3", "p2", "p1", "parent"],
    "catalogID=*": [],
    "catalogID=c&categoryID=top": ["p2", "child", "parent", "p1"],
    "catalogID=c&categoryID=middle": ["child", "parent", "p1"],
    "catalogID=c&categoryID=low|side": ["p1"],
    "catalogID=c&categoryID=top&sortBy=!ID": ["parent", "p2", "p1", "child"],
    "catalogID=c|d&categoryID=top": ["p2", "child", "parent", "p1", "p3"],
    "catalogID=d&categoryID=top": ["p3"],
    "catalogID=d&categoryID=low": [],
    "catalogID=c&categoryID=!middle": ["p2"],
    "catalogID=c&categoryID=side|!middle": ["p2", "p1"],
    "catalogID=c&categoryID=top&search=n8": ["p1"],
    "catalogID=c&categoryID=top&ParentID=!*": ["p2", "parent", "p1"],
    "supplierID=s": ["p3"],
    "supplierID=s|z": ["p3", "p1"],
    "supplierID=!s": ["child", "p4", "p2", "p1", "parent"],
    "catalogID=d&supplierID=!s": ["p1"],
    "ParentID=!*": ["p4", "p3", "p2", "p1", "parent"],
    "ParentID|ID=parent": ["child", "parent"],
    "IsParent=true": ["parent"],
    "Name=n8": ["p1"],
    "name=n8": [],
    "Nope=1": [],
    "Nope|ID=p1": ["p1"],
    "sortBy=!ParentID,ID&pageSize=100": ["child", "p1", "p2", "p3", "p4", "parent"],
}


async def test_places(shop: Api) -> None:
    """PRD-3, PRD-6, PRD-7, FLT-2, FLT-3, FLT-5, SRCH-6: the parameters narrow, negate and combine; subtrees count."""
    assert {query: await listed(shop.seller, query) for query in PLACES} == PLACES


@pytest.mark.parametrize(
    "query", ["categoryID=top", "categoryID=!top", "catalogID=!c&categoryID=top", "catalogID=&categoryID=top"]
)
async def test_a_category_needs_its_catalog(shop: Api, query: str) -> None:
    """PRD-3."""
    answer = await shop.seller.get(f"{PRODUCTS}?{query}")
    assert (answer.status_code, codes(answer)) == (400, ["Product.CategoryFilterRequiresCatalogID"])


async def test_inventory_records(shop: Api) -> None:
    """IRC-7: a product is listed if any record of it satisfies each filter."""
    http = shop.seller
    for address in ("w1", "w2"):
        await put(http, f"/addresses/{address}", AddressName=address, Street1="S", City="C", Country="NO")
    for product, address, quantity in (("p1", "w1", 3), ("p1", "w2", 9), ("p2", "w2", 5), ("p3", "w1", 6)):
        await http.patch(f"{PRODUCTS}/{product}", json={"Inventory": {"Enabled": True}})
        await put(
            http,
            f"/products/{product}/inventoryrecords/{address}",
            AddressID=address,
            QuantityAvailable=quantity,
            xp={"Aisle": address},
        )
    expected = {
        "InventoryRecords.AddressID=w1|w3": ["p3", "p1"],
        "InventoryRecords.AddressID=!w1": ["child", "p4", "p2", "parent"],
        "InventoryRecords.AddressID=w1|w2&InventoryRecords.QuantityAvailable=>5": ["p3", "p1"],
        "InventoryRecords.QuantityAvailable=5": ["p2"],
        "InventoryRecords.xp.Aisle=W1": ["p3", "p1"],
        "InventoryRecords=*&Inventory.QuantityAvailable=>5": ["p3", "p1"],
        "InventoryRecords.Nope=1": [],
    }
    assert {query: await listed(http, query) for query in expected} == expected


async def test_bundles(shop: Api) -> None:
    """BND-1: bundles are among the products unless IsBundle=false; BundleID lists what is in one."""
    http = shop.seller
    await put(http, "/bundles/box", Name="Box", Active=True)
    for product in ("p1", "p4"):
        await post(http, "/bundles/productassignments", BundleID="box", ProductID=product, Required=True)
    expected = {
        "BundleID=BOX": ["p4", "p1"],
        "BundleID=other|box": ["p4", "p1"],
        "BundleID=!box&ParentID=!*&IsParent=false": ["box", "p3", "p2"],
        "BundleID=*": ["p4", "p1"],
        "BundleID=other": [],
        "IsBundle=true": ["box"],
        "IsBundle=false&IsParent=false&ParentID=!*": ["p4", "p3", "p2", "p1"],
    }
    assert {query: await listed(http, query) for query in expected} == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sortBy=Nope", "List.InvalidProperty"),
        ("sortBy=xp", "List.InvalidSortProperty"),
        ("sortBy=InventoryRecords.ID", "List.InvalidSortProperty"),
        ("search=x&searchOn=Nope", "List.InvalidProperty"),
        ("search=x&searchOn=Inventory", "List.InvalidSearchProperty"),
        ("search=x&searchType=Nope", "List.InvalidType"),
        ("Active=maybe", "List.InvalidType"),
        ("pageSize=101", "List.InvalidPageSize"),
    ],
)
async def test_refusals(api: Api, query: str, code: str) -> None:
    """SRCH-1, SRCH-4, SRCH-5, FLT-4, LIST-1."""
    answer = await api.seller.get(f"{PRODUCTS}?{query}")
    assert (answer.status_code, codes(answer)) == (400, [code])
