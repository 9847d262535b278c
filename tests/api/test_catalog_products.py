"""Products of catalogs: who chooses them, and which (CTG-3, ORG-4, ORG-6)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

ROWS = "/v1/catalogs/productassignments"


async def stock(api: Api) -> None:
    """Catalogs and products of the seller (`c`, `d`, `p`, `q`) and of suppliers s1, s2 (`c1`, `p1`, `c2`, `p2`); a parent
    product with a child; `open` is the seller's, for all suppliers to sell.
    """
    for supplier in ("s1", "s2"):
        await api.supplier(supplier)
    things: list[tuple[str, dict[str, Any]]] = [
        *(("catalogs", {"ID": each}) for each in ("c", "d")),
        *(("catalogs", {"ID": f"c{n}", "OwnerID": f"s{n}"}) for n in (1, 2)),
        *(("products", {"ID": each}) for each in ("p", "q")),
        *(("products", {"ID": f"p{n}", "OwnerID": f"s{n}"}) for n in (1, 2)),
        ("products", {"ID": "parent", "IsParent": True}),
        ("products", {"ID": "child", "ParentID": "parent"}),
        ("products", {"ID": "open", "AllSuppliersCanSell": True}),
    ]
    for path, body in things:
        await checked(api.seller.post(f"/v1/{path}", json={"Name": body["ID"], **body}), 201)


async def put(http: httpx.AsyncClient, catalog: str, product: str, status: int = 204) -> httpx.Response:
    body = {"CatalogID": catalog, "ProductID": product}
    return await checked(http.post(ROWS, json=body), status)


async def rows(http: httpx.AsyncClient, query: str = "") -> list[str]:
    """`catalog/product` of each row."""
    page = (await checked(http.get(f"{ROWS}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [f"{row['CatalogID']}/{row['ProductID']}" for row in page["Items"]]


async def tokens(api: Api, product: str) -> set[int]:
    return set(
        await api.value('SELECT audience FROM products WHERE marketplace_id = $1 AND "ID" = $2', product)
    )


async def epoch(api: Api) -> int:
    value: int = await api.value("SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1")
    return value


async def test_rows(api: Api) -> None:
    """ASG-1, ASG-5, ASG-6: an upsert, spelled as the things are; filters; a delete takes one; renames carry along."""
    await stock(api)
    http = api.seller
    for catalog, product in (("D", "P"), ("c", "Q"), ("c", "p"), ("c", "P")):
        assert (await put(http, catalog, product)).content == b""
    for query, expected in {
        "": "c/p c/q d/p",
        "catalogID=C": "c/p c/q",
        "productID=P": "c/p d/p",
        "catalogID=c&productID=q": "c/q",
        "catalogID=nope": "",
    }.items():
        assert await rows(http, query) == expected.split(), query
    await checked(http.delete("/v1/catalogs/C/productassignments/P"), 204)
    missing = await checked(http.delete("/v1/catalogs/c/productassignments/p"), 404)
    data = {"ObjectType": "ProductCatalogAssignment", "ObjectID": "c/p"}
    assert missing.json()["Errors"][0]["Data"] == data
    await checked(http.patch("/v1/catalogs/d", json={"ID": "e"}), 200)
    await checked(http.patch("/v1/products/p", json={"ID": "r"}), 200)
    assert await rows(http) == ["c/q", "e/r"]
    await checked(http.delete("/v1/catalogs/e"), 204)
    await checked(http.delete("/v1/products/q"), 204)
    assert await rows(http) == []
    await checked(http.get("/v1/products/r"), 200)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"CatalogID": "no", "ProductID": "p"}, 404, {"ObjectType": "Catalog", "ObjectID": "no"}),
        ({"CatalogID": "c", "ProductID": "no"}, 404, {"ObjectType": "Product", "ObjectID": "no"}),
        ({"CatalogID": "c"}, 400, {"Property": "ProductID"}),
        ({"ProductID": "p"}, 400, {"Property": "CatalogID"}),
        ({"CatalogID": "c", "ProductID": "child"}, 400, "Catalog.CannotAssignChildProduct"),
        ({"CatalogID": "c1", "ProductID": "p2"}, 400, "Catalog.CannotAssignProduct"),
        ({"CatalogID": "c1", "ProductID": "p"}, 400, "Catalog.CannotAssignProduct"),
        ({"CatalogID": "c1", "ProductID": "open"}, 400, "Catalog.CannotAssignProduct"),
        ({"CatalogID": "c1", "ProductID": "p1"}, 204, None),
        ({"CatalogID": "c", "ProductID": "p2"}, 204, None),
    ],
)
async def test_what_a_catalog_takes(body: dict[str, str], status: int, expected: Any, api: Api) -> None:
    """CTG-3: the seller's any product, a supplier's its own, also when the seller asks; never a child."""
    await stock(api)
    answer = await checked(api.seller.post(ROWS, json=body), status)
    if isinstance(expected, str):
        assert codes(answer) == [expected]
    elif expected:
        assert answer.json()["Errors"][0]["Data"] == expected
    assert len(await rows(api.seller)) == (status == 204)


@pytest.mark.parametrize("how", ["relation", "default supplier", "assignment"])
async def test_products_that_a_supplier_sells(how: str, api: Api) -> None:
    """CTG-3, SUP-4: the seller's product in a supplier's catalog, once the supplier sells it."""
    await stock(api)
    http = api.as_(await api.user(supplier="s1"), roles=["FullAccess"])
    refused = await put(http, "c1", "open", 400)
    assert codes(refused) == ["Catalog.CannotAssignProduct"]
    if how == "relation":
        await checked(http.put("/v1/products/open/suppliers/s1"), 204)
    elif how == "default supplier":
        await checked(api.seller.patch("/v1/products/open", json={"DefaultSupplierID": "s1"}), 200)
    else:
        await api.buyer("b")
        insert = (
            'INSERT INTO product_assignments (marketplace_id, "ProductID", "BuyerID", "SellerID") '
            "VALUES ($1, 'open', 'b', 's1')"
        )
        await api.execute(insert)
    await put(http, "c1", "open")
    await put(api.seller, "c1", "open")
    assert codes(await put(api.seller, "c2", "open", 400)) == ["Catalog.CannotAssignProduct"]


async def test_suppliers(api: Api) -> None:
    """ORG-4: a supplier fills its own catalogs; the seller's it sees, others do not exist."""
    await stock(api)
    own = api.as_(await api.user(supplier="s1"), roles=["FullAccess"])
    await put(own, "C1", "P1")
    await put(api.seller, "c", "p1")
    await put(api.seller, "c", "p2")
    await put(api.seller, "c2", "p2")
    assert await rows(own) == ["c/p1", "c1/p1"]
    assert codes(await put(own, "c", "p1", 403)) == ["Catalog.CannotEdit"]
    for catalog, product, kind in (
        ("c2", "p1", "Catalog"),
        ("c1", "p2", "Product"),
        ("c1", "p", "Product"),
    ):
        refused = await put(own, catalog, product, 404)
        assert refused.json()["Errors"][0]["Data"]["ObjectType"] == kind
    for catalog, product, status in (("c", "p1", 403), ("c2", "p2", 404), ("c1", "p1", 204)):
        await checked(own.delete(f"/v1/catalogs/{catalog}/productassignments/{product}"), status)
    assert await rows(api.seller) == ["c/p1", "c/p2", "c2/p2"]


async def test_buyers(api: Api, other: Api) -> None:
    """ORG-6, security 14: of the catalogs assigned to its buyer alone, what it sees already; it reads those of others that
    are assigned to it or its group, too; roles decide the rest.
    """
    await stock(api)
    await api.buyer("b")
    await api.buyer("b2")
    http = api.seller
    await checked(http.put("/v1/catalogs/shared", json={"Name": "Shared", "Active": True}), 200)
    for buyer in ("b", "b2"):
        row = {"CatalogID": "shared", "BuyerID": buyer, "ViewAllProducts": True}
        await checked(http.post("/v1/catalogs/assignments", json=row), 204)
    for product in ("p", "q"):
        await checked(http.patch(f"/v1/products/{product}", json={"Active": True}), 200)
    await put(http, "shared", "p")
    await checked(http.post("/v1/buyergroups", json={"ID": "g", "Name": "G"}), 201)
    await checked(http.patch("/v1/buyers/b", json={"GroupID": "g"}), 200)
    for catalog, party in (("c", {"BuyerID": "b"}), ("c1", {"BuyerGroupID": "g"})):
        await checked(http.post("/v1/catalogs/assignments", json={"CatalogID": catalog, **party}), 204)
    await put(http, "d", "p")
    await put(http, "c1", "p1")
    user = await api.user(buyer="b")
    admin = api.as_(user, roles=["CatalogAdmin"])
    await put(admin, "c", "p")
    await put(admin, "c", "q", 404)
    for shared in ("shared", "c1"):
        assert codes(await put(admin, shared, "p", 403)) == ["Catalog.CannotEdit"]
    assert await rows(admin) == ["c/p", "c1/p1", "shared/p"]
    for catalog, status in (("d", 404), ("c", 204), ("c1", 403), ("shared", 403)):
        product = "p1" if catalog == "c1" else "p"
        await checked(admin.delete(f"/v1/catalogs/{catalog}/productassignments/{product}"), status)
    await put(admin, "d", "q", 404)
    reader = api.as_(user, roles=["CatalogReader"])
    assert await rows(reader) == ["c1/p1", "shared/p"]
    await put(reader, "c", "p", 403)
    await checked(api.as_(user, roles=["ProductAdmin"]).get(ROWS), 403)
    await put(other.seller, "c", "p", 404)
    assert await rows(other.seller) == []
    assert await rows(http) == ["c1/p1", "d/p", "shared/p"]


async def test_leaving_a_catalog(api: Api) -> None:
    """CTG-3: the product's places in its categories go too, its children's with them; not those in other catalogs."""
    await stock(api)
    http = api.seller
    for catalog in ("c", "d"):
        await checked(http.post(f"/v1/catalogs/{catalog}/categories", json={"ID": "k", "Name": "K"}), 201)
        url = f"/v1/catalogs/{catalog}/categories/productassignments"
        for product in ("p", "parent", "child"):
            await checked(http.post(url, json={"CategoryID": "k", "ProductID": product}), 204)
    assert await rows(http) == ["c/p", "c/parent", "d/p", "d/parent"]
    await checked(http.delete("/v1/catalogs/c/productassignments/parent"), 204)

    async def placed(catalog: str) -> list[str]:
        url = f"/v1/catalogs/{catalog}/categories/productassignments"
        return [row["ProductID"] for row in (await http.get(url)).json()["Items"]]

    assert await placed("c") == ["p"]
    assert await placed("d") == ["child", "p", "parent"]


async def test_audience_follows(api: Api) -> None:
    """VIS steps 2, 4 and 5: whatever changes where a product is changes its tokens, and those of its children."""
    await stock(api)
    http = api.seller
    seen = [await tokens(api, "parent")]
    before = await epoch(api)

    async def changed(sent: Any, status: int, *, same: bool = False) -> None:
        """The step changes the tokens, or nothing but the epoch."""
        nonlocal before
        await checked(sent, status)
        now, after = await tokens(api, "parent"), await epoch(api)
        assert after > before
        assert now == await tokens(api, "child")
        assert (now == seen[-1]) is same
        before = after
        seen.append(now)

    categories = "/v1/catalogs/c/categories"
    place = {"CategoryID": "boots", "ProductID": "parent"}
    await changed(http.post(ROWS, json={"CatalogID": "c", "ProductID": "parent"}), 204)
    for category, above in (("shoes", None), ("boots", "shoes"), ("other", None)):
        body = {"ID": category, "Name": category, "ParentID": above, "Active": True}
        await changed(http.post(categories, json=body), 201, same=True)
    await changed(http.post(f"{categories}/productassignments", json=place), 204)
    await changed(http.patch(f"{categories}/shoes", json={"Active": False}), 200)
    await changed(http.patch(f"{categories}/boots", json={"ParentID": "other"}), 200)
    await changed(http.patch(f"{categories}/boots", json={"ID": "wellies"}), 200, same=True)
    await changed(http.patch("/v1/catalogs/c", json={"ID": "e", "Active": True}), 200, same=True)
    categories = "/v1/catalogs/e/categories"
    await changed(http.delete(f"{categories}/other"), 204)
    assert seen[-1] == seen[1]
    await changed(http.post(f"{categories}/productassignments", json={**place, "CategoryID": "shoes"}), 204)
    await changed(http.delete(f"{categories}/shoes/productassignments/parent"), 204)
    assert seen[-1] == seen[1]
    await changed(http.delete("/v1/catalogs/e/productassignments/parent"), 204)
    assert seen[-1] == seen[0] == set()


UNREMEMBERED: Any = ({"ListOrder": 3},)
"""Lists of categories are read anew each time, in their order."""


async def test_epoch(api: Api) -> None:
    """What tokens do not tell raises the epoch all the same: flags, activity; what nobody remembers or what fails, raises nothing."""
    await stock(api)
    await api.buyer("b")
    http = api.seller
    await checked(http.post("/v1/catalogs/c/categories", json={"ID": "k", "Name": "K"}), 201)
    steps: list[tuple[str, str, Any, int]] = [
        ("POST", "catalogs/assignments", {"CatalogID": "c", "BuyerID": "b"}, 204),
        ("PATCH", "catalogs/c", {"Active": True}, 200),
        ("POST", "catalogs/c/categories/assignments", {"CategoryID": "k", "BuyerID": "b"}, 204),
        ("PATCH", "catalogs/c/categories/k", {"ListOrder": 3}, 200),
        ("PATCH", "catalogs/c/categories/k", {"Active": True}, 200),
        ("DELETE", "catalogs/c/categories/k/assignments?buyerID=b", None, 204),
        ("DELETE", "catalogs/c/categories/k", None, 204),
        ("DELETE", "catalogs/c/assignments?buyerID=b", None, 204),
        ("DELETE", "catalogs/c", None, 204),
    ]
    for verb, path, body, status in steps:
        before = await epoch(api)
        await checked(http.request(verb, f"/v1/{path}", json=body), status)
        assert (await epoch(api) > before) is (body not in UNREMEMBERED), (path, body)
    before = await epoch(api)
    await put(http, "nope", "p", 404)
    assert await epoch(api) == before
