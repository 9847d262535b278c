"""Products of categories (CTG-4, CTY-7)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.test_catalog_products import rows as catalog_rows
from tests.api.test_catalog_products import stock
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")


def url(catalog: str) -> str:
    return f"/v1/catalogs/{catalog}/categories/productassignments"


async def filled(api: Api) -> None:
    """Catalogs and products of `stock`; each catalog has categories k and l."""
    await stock(api)
    for catalog in ("c", "d", "c1", "c2"):
        for category in ("k", "l"):
            body = {"ID": category, "Name": category}
            await checked(api.seller.post(f"/v1/catalogs/{catalog}/categories", json=body), 201)


async def put(
    http: httpx.AsyncClient, catalog: str, category: str, product: str, status: int = 204, **more: Any
) -> httpx.Response:
    body = {"CategoryID": category, "ProductID": product, **more}
    return await checked(http.post(url(catalog), json=body), status)


async def rows(http: httpx.AsyncClient, catalog: str, query: str = "") -> list[tuple[Any, ...]]:
    page = (await checked(http.get(f"{url(catalog)}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    assert all(list(row) == ["CategoryID", "ProductID", "ListOrder"] for row in page["Items"])
    return [tuple(row.values()) for row in page["Items"]]


async def test_rows(api: Api) -> None:
    """ASG-1, ASG-5, ASG-6, CTY-7: settings are overwritten; rows of one catalog; renames and deletions."""
    await filled(api)
    http = api.seller
    await put(http, "C", "L", "P", ListOrder=3)
    await put(http, "c", "k", "q")
    await put(http, "c", "k", "p", ListOrder=1)
    await put(http, "c", "k", "p", ListOrder=2)
    await put(http, "d", "k", "p")
    for query, expected in {
        "": [("k", "p", 2), ("k", "q", None), ("l", "p", 3)],
        "categoryID=K": [("k", "p", 2), ("k", "q", None)],
        "productID=p": [("k", "p", 2), ("l", "p", 3)],
        "categoryID=l&productID=q": [],
    }.items():
        assert await rows(http, "c", query) == expected, query
    await put(http, "c", "k", "p")
    assert await rows(http, "c", "categoryID=k&productID=p") == [("k", "p", None)]
    await checked(http.delete("/v1/catalogs/c/categories/K/productassignments/P"), 204)
    await checked(http.delete("/v1/catalogs/c/categories/k/productassignments/p"), 404)
    await checked(http.patch("/v1/catalogs/c/categories/l", json={"ID": "m"}), 200)
    await checked(http.patch("/v1/products/p", json={"ID": "r"}), 200)
    await checked(http.patch("/v1/catalogs/c", json={"ID": "e"}), 200)
    assert await rows(http, "e") == [("k", "q", None), ("m", "r", 3)]
    await checked(http.delete("/v1/catalogs/e/categories/m"), 204)
    await checked(http.delete("/v1/products/q"), 204)
    assert await rows(http, "e") == []
    assert await rows(http, "d") == [("k", "r", None)]


async def test_the_catalog_comes_along(api: Api) -> None:
    """CTG-4: made if missing, once; leaving the last category does not take it back."""
    await filled(api)
    http = api.seller
    await put(http, "c", "k", "p")
    await put(http, "c", "l", "p")
    assert await catalog_rows(http) == ["c/p"]
    for category in ("k", "l"):
        await checked(http.delete(f"/v1/catalogs/c/categories/{category}/productassignments/p"), 204)
    assert await catalog_rows(http) == ["c/p"]


async def test_children(api: Api) -> None:
    """CTY-7: in the catalogs of the parent only, and no catalog row of its own."""
    await filled(api)
    http = api.seller
    refused = await put(http, "c", "k", "child", 400)
    assert codes(refused) == ["Category.CannotAssignChildProduct"]
    await put(http, "c", "k", "parent")
    await put(http, "c", "l", "child")
    assert codes(await put(http, "d", "k", "child", 400)) == ["Category.CannotAssignChildProduct"]
    assert await catalog_rows(http) == ["c/parent"]
    assert await rows(http, "c") == [("k", "parent", None), ("l", "child", None)]


@pytest.mark.parametrize(
    ("catalog", "category", "product", "kind", "missing"),
    [
        ("no", "k", "p", "Catalog", "no"),
        ("c", "no", "p", "Category", "no"),
        ("c", "k", "no", "Product", "no"),
    ],
)
async def test_missing(catalog: str, category: str, product: str, kind: str, missing: str, api: Api) -> None:
    """CONV-10"""
    await filled(api)
    await checked(api.seller.post("/v1/catalogs/d/categories", json={"ID": "only-d", "Name": "D"}), 201)
    http = api.seller
    data = {"ObjectType": kind, "ObjectID": missing}
    refused = await put(http, catalog, category, product, 404)
    assert refused.json()["Errors"][0]["Data"] == data
    path = f"/v1/catalogs/{catalog}/categories/{category}/productassignments/{product}"
    refused = await checked(http.delete(path), 404)
    assert refused.json()["Errors"][0]["Data"] == data
    await put(http, "c", "only-d", "p", 404)
    assert await catalog_rows(http) == []
    if catalog == "no":
        await checked(http.get(url(catalog)), 404)


async def test_whose(api: Api, other: Api) -> None:
    """ORG-4, CTG-3: suppliers fill their own catalogs with what they sell; buyers' users only read what they see (ORG-2)."""
    await filled(api)
    own = api.as_(await api.user(supplier="s1"), roles=["FullAccess"])
    await put(own, "c1", "k", "p1")
    assert codes(await put(own, "c1", "k", "open", 400)) == ["Catalog.CannotAssignProduct"]
    assert codes(await put(api.seller, "c1", "k", "p2", 400)) == ["Catalog.CannotAssignProduct"]
    await put(own, "c1", "k", "p2", 404)
    assert codes(await put(own, "c", "k", "p1", 403)) == ["Catalog.CannotEdit"]
    await put(own, "c2", "k", "p1", 404)
    await put(api.seller, "c", "k", "p1")
    await put(api.seller, "c", "k", "p2")
    assert await rows(own, "c") == [("k", "p1", None)]
    assert await rows(own, "c1") == [("k", "p1", None)]
    await checked(own.get(url("c2")), 404)
    assert await catalog_rows(own) == ["c/p1", "c1/p1"]
    for catalog, status in (("c", 403), ("c2", 404), ("c1", 204)):
        await checked(own.delete(f"/v1/catalogs/{catalog}/categories/k/productassignments/p1"), status)
    await put(other.seller, "c", "k", "p", 404)
    await checked(other.seller.get(url("c")), 404)
    buyers = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    await checked(buyers.get(url("c")), 404)
    await put(buyers, "c", "k", "p", 403)


async def test_entering_and_leaving_at_once(api: Api) -> None:
    """CTG-3, CTG-4: whoever is first, no product is in a category without being in its catalog."""
    await filled(api)
    http = api.seller
    for _ in range(8):
        await put(http, "c", "k", "p")
        leave = http.delete("/v1/catalogs/c/productassignments/p")
        _, left = await asyncio.gather(put(http, "c", "l", "p"), leave)
        assert left.status_code == 204
        placed = {category for category, *_ in await rows(http, "c")}
        assert (await catalog_rows(http), placed) in ((["c/p"], {"l"}), ([], set()))
