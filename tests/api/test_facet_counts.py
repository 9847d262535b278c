"""Facets of the product list (FAC-1 to FAC-5): the worked example over HTTP, and whose facets and products they count."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api

PRODUCTS = "/v1/products"
CLOTHES = (("P1", "red", "S"), ("P2", "red", "M"), ("P3", "purple", "M"), ("P4", "purple", "L"))


@pytest.fixture
async def clothes(api: Api) -> Api:
    http = api.seller
    for place, name in enumerate(("Color", "Size")):
        facet = {"Name": name, "XpPath": f"Facets.{name}", "ListOrder": place, "xp": {"ui": place}}
        assert (await http.put(f"/v1/productfacets/{name}", json=facet)).status_code == 200
    for id_, color, size in CLOTHES:
        body = {"Name": id_, "xp": {"Facets": {"Color": [color], "Size": size}}}
        assert (await http.put(f"{PRODUCTS}/{id_}", json=body)).status_code == 200
    return api


async def listed(http: httpx.AsyncClient, query: str) -> tuple[list[str], dict[str, dict[str, int]]]:
    """The IDs; the facets with their counts, in order."""
    answer = await http.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    facets = {
        facet["Name"]: {value["Value"]: value["Count"] for value in facet["Values"]}
        for facet in page["Meta"]["Facets"]
    }
    return [item["ID"] for item in page["Items"]], facets


async def test_shape(clothes: Api) -> None:
    """FAC-3: every property, in the documented shape."""
    page: dict[str, Any] = (await clothes.seller.get(f"{PRODUCTS}?ID=P1&pageSize=1")).json()
    assert page["Meta"]["Facets"] == [
        {
            "Name": "Color",
            "XpPath": "Facets.Color",
            "Values": [{"Value": "red", "Count": 1}],
            "xp": {"ui": 0},
        },
        {"Name": "Size", "XpPath": "Facets.Size", "Values": [{"Value": "S", "Count": 1}], "xp": {"ui": 1}},
    ]


async def test_worked_example(clothes: Api) -> None:
    """FAC-4, FAC-5."""
    http, color = clothes.seller, {"purple": 2, "red": 2}
    assert await listed(http, "") == (
        ["P1", "P2", "P3", "P4"],
        {"Color": color, "Size": {"M": 2, "L": 1, "S": 1}},
    )
    red = (["P1", "P2"], {"Color": color, "Size": {"M": 1, "S": 1}})
    assert await listed(http, "xp.Facets.Color=red") == red
    assert await listed(http, "xp.Facets.Color=red|purple&xp.Facets.Size=M") == (
        ["P2", "P3"],
        {"Color": {"purple": 1, "red": 1}, "Size": {"M": 2, "L": 1, "S": 1}},
    )
    assert await listed(http, "search=p3") == (["P3"], {"Color": {"purple": 1}, "Size": {"M": 1}})
    await http.patch("/v1/productfacets/Size", json={"MinCount": 0})
    assert await listed(http, "xp.Facets.Color=red") == (
        red[0],
        {"Color": color, "Size": {"M": 1, "S": 1, "L": 0}},
    )


async def test_what_counts(clothes: Api, other: Api) -> None:
    """FAC-5: category and visibility; a change of a facet or a product counts at once; marketplaces are apart."""
    http = clothes.seller
    await http.put("/v1/suppliers/s", json={"Name": "S", "Active": True})
    body = {"Name": "Own", "OwnerID": "s", "xp": {"Facets": {"Color": "red", "Size": ["M", "XL"]}}}
    await http.put(f"{PRODUCTS}/own", json=body)
    supplier = clothes.as_(await clothes.user(supplier="s"), roles=["ProductReader"])
    assert await listed(supplier, "") == (["own"], {"Color": {"red": 1}, "Size": {"M": 1, "XL": 1}})
    await http.put("/v1/catalogs/c", json={"Name": "C", "Active": True})
    await http.put("/v1/catalogs/c/categories/k", json={"Name": "K", "Active": True})
    for product in ("P1", "own"):
        link = {"CatalogID": "c", "CategoryID": "k", "ProductID": product}
        assert (await http.post("/v1/catalogs/productassignments", json=link)).status_code == 204
        assert (await http.post("/v1/catalogs/c/categories/productassignments", json=link)).status_code == 204
    in_category = "catalogID=c&categoryID=k"
    assert await listed(http, in_category) == (
        ["own", "P1"],
        {"Color": {"red": 2}, "Size": {"M": 1, "S": 1, "XL": 1}},
    )
    await http.patch("/v1/productfacets/Size", json={"XpPath": "Other"})
    await http.patch(f"{PRODUCTS}/P1", json={"xp": {"Other": True}})
    assert (await listed(http, in_category))[1] == {"Color": {"red": 2}, "Size": {"true": 1}}
    await other.seller.put(
        f"{PRODUCTS}/x", json={"Name": "X", "xp": {"Other": 1, "Facets": {"Color": "red"}}}
    )
    assert await listed(other.seller, "") == (["x"], {})
