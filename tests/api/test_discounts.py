"""Discounts and their assignments (DSC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.company import company
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

PATH = "/v1/discounts"
TEN = {"Quantity": 1, "Amount": 10}
LEAST = {"DiscountBreaks": [TEN]}

# Changes to LEAST, and the properties that are refused.
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"DiscountBreaks": []}, ["DiscountBreaks"]),
    ({"DiscountBreaks": None}, ["DiscountBreaks"]),
    ({"DiscountBreaks": [{"Quantity": 0, "Amount": 5}]}, ["DiscountBreaks[0].Quantity"]),
    ({"DiscountBreaks": [{"Quantity": 1, "Amount": 0}]}, ["DiscountBreaks[0].Amount"]),
    ({"DiscountBreaks": [TEN, {"Quantity": 2, "Amount": 100.01}]}, ["DiscountBreaks[1].Amount"]),
    ({"DiscountBreaks": [{}]}, ["DiscountBreaks[0].Quantity", "DiscountBreaks[0].Amount"]),
    ({"DiscountBreaks": [TEN, {"Quantity": 1, "Amount": 5}]}, ["DiscountBreaks[1].Quantity"]),
    ({"ProductFilter": "Name=x"}, ["ProductFilter"]),
    ({"ProductFilter": "page=2"}, ["ProductFilter"]),
    ({"ProductFilter": "&".join(["xp.a=1"] * 101)}, ["ProductFilter"]),
]


@pytest.mark.parametrize(("changes", "properties"), REFUSED)
async def test_refused(changes: dict[str, Any], properties: list[str], api: Api) -> None:
    """DSC-1: by every verb, and nothing is saved."""
    http = api.seller
    await catalog(api)
    made = (await checked(http.put(f"{PATH}/d", json=LEAST), 200)).json()
    for verb, url in (("POST", ""), ("PUT", "/new"), ("PUT", "/d"), ("PATCH", "/d")):
        refused = await checked(http.request(verb, PATH + url, json={**LEAST, **changes}), 400)
        assert codes(refused) == ["ValidationFailure"] * len(properties)
        assert [error["Data"]["Property"] for error in refused.json()["Errors"]] == properties
    assert (await checked(http.get(f"{PATH}/d"), 200)).json() == made
    await checked(http.get(f"{PATH}/new"), 404)


async def catalog(api: Api) -> None:
    """Category c in the catalogs k and l, which are two, and product p."""
    for name in ("k", "l"):
        await checked(api.seller.put(f"/v1/catalogs/{name}", json={"Name": name}), 200)
        await checked(api.seller.put(f"/v1/catalogs/{name}/categories/c", json={"Name": "C"}), 200)
    await checked(api.seller.put("/v1/products/p", json={"Name": "P"}), 200)


async def test_scope(api: Api) -> None:
    """DSC-1: a catalog, a category of it, a product, or everything; it follows new IDs and ends with its scope."""
    await catalog(api)
    http = api.seller
    scopes: dict[str, dict[str, str | None]] = {
        "everything": {"CatalogID": None, "CategoryID": None, "ProductID": None},
        "catalog": {"CatalogID": "k"},
        "category": {"CatalogID": "k", "CategoryID": "c"},
        "other": {"CatalogID": "l", "CategoryID": "c"},
        "product": {"ProductID": "p"},
    }
    for name, scope in scopes.items():
        made = await checked(http.put(f"{PATH}/{name}", json={**LEAST, **scope}), 200)
        assert {column: made.json()[column] for column in scope} == scope
    for bad, kind in (
        ({"CatalogID": "nope"}, "Catalog"),
        ({"CatalogID": "k", "CategoryID": "nope"}, "Category"),
        ({"CategoryID": "nope"}, "Category"),
        ({"ProductID": "nope"}, "Product"),
    ):
        refused = await checked(http.post(PATH, json={**LEAST, **bad}), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": "nope"}
    lost = await checked(http.patch(f"{PATH}/category", json={"CatalogID": None}), 400)
    assert lost.json()["Errors"][0]["Data"] == {"Property": "CatalogID"}
    await checked(http.put("/v1/catalogs/empty", json={"Name": "E"}), 200)
    await checked(http.patch(f"{PATH}/category", json={"CatalogID": "empty"}), 404)
    for home in ("l", "k"):
        moved = await checked(http.patch(f"{PATH}/category", json={"CatalogID": home}), 200)
        assert moved.json()["CatalogID"] == home
    await checked(http.patch("/v1/catalogs/k/categories/c", json={"ID": "d"}), 200)
    await checked(http.patch("/v1/catalogs/k", json={"ID": "m"}), 200)
    shown = (await checked(http.get(f"{PATH}/category"), 200)).json()
    assert (shown["CatalogID"], shown["CategoryID"]) == ("m", "d")
    assert (await checked(http.get(f"{PATH}/other"), 200)).json()["CategoryID"] == "c"
    for url in ("/v1/catalogs/m/categories/d", "/v1/products/p"):
        await checked(http.delete(url), 204)
    items = (await checked(http.get(f"{PATH}?sortBy=ID"), 200)).json()["Items"]
    assert [item["ID"] for item in items] == ["catalog", "everything", "other"]


async def test_breaks_and_filters(api: Api) -> None:
    """Tiers in ascending order, amounts as they are; a discount without a priority has none."""
    breaks = [{"Quantity": 20, "Amount": 100}, {"Quantity": 10, "Amount": 12.5}]
    made = (
        await checked(
            api.seller.post(PATH, json={"DiscountBreaks": breaks, "ProductFilter": "xp.color=red|blue"}), 201
        )
    ).json()
    assert made["DiscountBreaks"] == breaks[::-1]
    assert made["Priority"] is None
    assert made["ProductFilter"] == "xp.color=red|blue"
    first = (await checked(api.seller.post(PATH, json={**LEAST, "Priority": 1}), 201)).json()
    items = (await checked(api.seller.get(f"{PATH}?sortBy=!Priority&DiscountBreaks.Amount=>5"), 200)).json()
    assert [item["ID"] for item in items["Items"]] == [first["ID"], made["ID"]]


async def test_assignments(api: Api) -> None:
    """DSC-1: to a buyer, a group of it, or a group of buyers, which excludes the others."""
    b = await company(api)
    await checked(b.seller.put(f"{PATH}/d", json=LEAST), 200)
    await checked(b.seller.put("/v1/buyergroups/bg", json={"Name": "BG"}), 200)
    url = f"{PATH}/assignments"
    rows = [
        {"DiscountID": "d", "BuyerGroupID": "bg", "BuyerID": None, "UserGroupID": None},
        {"DiscountID": "d", "BuyerGroupID": None, "BuyerID": "b", "UserGroupID": None},
        {"DiscountID": "d", "BuyerGroupID": None, "BuyerID": "b", "UserGroupID": "g1"},
    ]
    for row in (*rows, *rows):
        await checked(b.seller.post(url, json=row), 204)
    for query, found in (
        ("", rows),
        ("?level=Group", rows[2:]),
        ("?level=Company", rows[1:2]),
        ("?level=BuyerGroup", rows[:1]),
        ("?buyerGroupID=BG", rows[:1]),
        ("?buyerID=b&userGroupID=g1", rows[2:]),
        ("?discountID=other", []),
    ):
        assert (await checked(b.seller.get(url + query), 200)).json()["Items"] == found
    for party, code in (
        ({}, "PartyAssignment.RequiresBuyer"),
        ({"UserGroupID": "g1"}, "PartyAssignment.RequiresBuyer"),
        ({"BuyerGroupID": "bg", "BuyerID": "b"}, "ValidationFailure"),
        ({"BuyerGroupID": "bg", "UserGroupID": "g1"}, "ValidationFailure"),
    ):
        assert codes(await checked(b.seller.post(url, json={"DiscountID": "d", **party}), 400)) == [code]
    for party, kind in (({"BuyerID": "nope"}, "Buyer"), ({"BuyerGroupID": "nope"}, "BuyerGroup")):
        refused = await checked(b.seller.post(url, json={"DiscountID": "d", **party}), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": "nope"}
    for query, left in (("buyerID=b", [rows[0], rows[2]]), ("buyerGroupID=bg", rows[2:])):
        await checked(b.seller.delete(f"{PATH}/d/assignments?{query}"), 204)
        await checked(b.seller.delete(f"{PATH}/d/assignments?{query}"), 404)
        assert (await checked(b.seller.get(url), 200)).json()["Items"] == left


async def test_sellers_only(api: Api) -> None:
    """Suppliers and buyers have nothing to do with discounts."""
    for user in (await api.user(supplier=await api.supplier()), await api.user(buyer=await api.buyer())):
        http = api.as_(user, ["FullAccess"])
        for verb, url in (("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/assignments")):
            assert (await http.request(verb, url, json=LEAST)).status_code == 403
