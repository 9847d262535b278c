"""Bundles, what they hold, and who sees them (BND-1 to BND-3, PRD-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import XP, checked

pytestmark = pytest.mark.usefixtures("truly")

BUNDLES = "/v1/bundles"
PARTS = f"{BUNDLES}/productassignments"


async def put(http: httpx.AsyncClient, url: str, **body: Any) -> dict[str, Any]:
    sent = {"Name": url, "Active": True, **body}
    return dict((await checked(http.put(f"/v1/{url}", json=sent), 200)).json())


async def hold(http: httpx.AsyncClient, bundle: str, *products: str, **body: Any) -> None:
    for product in products:
        row = {"BundleID": bundle, "ProductID": product, "Required": True, **body}
        saved = await checked(http.post(PARTS, json=row), 204)
        assert saved.content == b""


async def test_a_bundle_is_a_product(api: Api) -> None:
    """BND-1: of the same ID, following its properties, in lists and by ID; deleting one deletes both."""
    http = api.seller
    body = {"ID": "b", "Name": "B", "Description": "D", "Active": True, "xp": XP}
    answer = await checked(http.post(BUNDLES, json=body), 201)
    assert answer.headers["Location"].endswith(f"{BUNDLES}/b")
    assert answer.json() == {"ID": "b", "OwnerID": api.marketplace, **{k: body[k] for k in list(body)[1:]}}
    product = (await checked(http.get("/v1/products/b"), 200)).json()
    assert product == product | answer.json() | {"IsBundle": True, "QuantityMultiplier": 1}
    assert product["DateCreated"] is not None
    await put(http, "products/p")
    change = {"ID": "new", "Name": "New", "Active": False, "xp": {"a": None}}
    changed = (await checked(http.patch(f"{BUNDLES}/b", json=change), 200)).json()
    product = (await checked(http.get("/v1/products/new"), 200)).json()
    assert product == product | changed
    await checked(http.patch("/v1/products/new", json={"Description": "Of the product"}), 200)
    shown = (await checked(http.get(f"{BUNDLES}/new"), 200)).json()
    assert shown == changed | {"Description": "Of the product"}
    for url, expected in (
        ("/v1/products", ["p", "new"]),
        ("/v1/products?IsBundle=false", ["p"]),
        ("/v1/products?IsBundle=true", ["new"]),
        (BUNDLES, ["new"]),
        (f"{BUNDLES}?search=product&Active=false", ["new"]),
        (f"{BUNDLES}?search=products", ["new"]),
    ):
        assert sorted(await ids(http, url)) == sorted(expected), url
    # A product that is no bundle is none; and one ID is one product's.
    for verb in ("GET", "PATCH", "DELETE"):
        refused = await checked(http.request(verb, f"{BUNDLES}/p", json={}), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Bundle", "ObjectID": "p"}
    for verb, url in (
        ("POST", BUNDLES),
        ("PUT", f"{BUNDLES}/p"),
        ("POST", "/v1/products"),
        ("PATCH", f"{BUNDLES}/new"),
    ):
        taken = "new" if url == "/v1/products" else "p"
        await checked(http.request(verb, url, json={"ID": taken, "Name": "X"}), 409)
    await checked(http.delete(f"{BUNDLES}/new"), 204)
    await checked(http.get("/v1/products/new"), 404)
    await put(http, "bundles/again")
    await checked(http.delete("/v1/products/again"), 204)
    await checked(http.get(f"{BUNDLES}/again"), 404)


async def test_list(api: Api) -> None:
    """PRD-3 and FAC-1 for bundles: by catalog, category and supplier, with facets over the bundles alone."""
    http = api.seller
    await api.supplier("s")
    await checked(http.post("/v1/productfacets", json={"ID": "Color", "Name": "Color"}), 201)
    await put(http, "products/p", xp={"Color": "green"})
    await put(http, "catalogs/k")
    await put(http, "catalogs/k/categories/top")
    for name, color, owner in (("b1", "red", None), ("b2", "blue", None), ("b3", "red", "s")):
        await put(http, f"bundles/{name}", xp={"Color": color}, OwnerID=owner)
    await checked(http.post("/v1/catalogs/bundleassignments", json={"CatalogID": "k", "BundleID": "b1"}), 204)
    for name, place in (("b2", 2), ("b3", 1)):
        row = {"CategoryID": "top", "BundleID": name, "ListOrder": place}
        await checked(http.post("/v1/catalogs/k/categories/bundleassignments", json=row), 204)
    for query, expected in (
        ("", ["b1", "b2", "b3"]),
        ("catalogID=k", ["b1", "b2", "b3"]),
        ("catalogID=!k", []),
        ("catalogID=k&categoryID=top", ["b3", "b2"]),
        ("supplierID=s", ["b3"]),
        ("xp.Color=red&sortBy=!ID", ["b3", "b1"]),
    ):
        assert await ids(http, f"{BUNDLES}?{query}") == expected, query
    refused = await checked(http.get(f"{BUNDLES}?categoryID=top"), 400)
    assert codes(refused) == ["Product.CategoryFilterRequiresCatalogID"]
    (facet,) = (await checked(http.get(f"{BUNDLES}?pageSize=1"), 200)).json()["Meta"]["Facets"]
    assert facet["Values"] == [{"Value": "red", "Count": 2}, {"Value": "blue", "Count": 1}]


async def test_what_a_bundle_holds(api: Api) -> None:
    """BND-3: rows by bundle and product; owners match; a parent or its children, not both; and PRD-4 for the parts."""
    http = api.seller
    await api.supplier("s")
    products: dict[str, dict[str, Any]] = {
        "p": {},
        "parent": {"IsParent": True},
        "other": {"IsParent": True},
        "theirs": {"OwnerID": "s"},
    }
    for name, more in products.items():
        await put(http, f"products/{name}", **more)
    for name, parent in (("kid", "parent"), ("kin", "other")):
        await put(http, f"products/{name}", ParentID=parent)
    for name in ("b", "b2"):
        await put(http, f"bundles/{name}")
    await hold(http, "B", "P", DefaultQuantity=2)
    await hold(http, "b", "p", Required=False)
    await hold(http, "b", "parent", "kin")
    await hold(http, "b2", "kid")
    row = {"ProductID": "p", "BundleID": "b", "Required": False, "DefaultQuantity": None}
    page = (await checked(http.get(f"{PARTS}?bundleID=b&productID=p"), 200)).json()
    assert (page["Items"], page["Meta"]["TotalCount"]) == ([row], 1)
    everything = (await checked(http.get(PARTS), 200)).json()["Items"]
    found = [(each["BundleID"], each["ProductID"]) for each in everything]
    assert sorted(found) == [("b", "kin"), ("b", "p"), ("b", "parent"), ("b2", "kid")]
    for filtered, expected in (("BundleID=b", ["kin", "p", "parent"]), ("BundleID=b2", ["kid"])):
        assert sorted(await ids(http, f"/v1/products?{filtered}")) == expected
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"ProductID": "theirs"}, 400, "Bundle.OwnerIDMustMatch"),
        ({"ProductID": "kid"}, 400, "Bundle.ParentProductAssigned"),
        ({"ProductID": "other"}, 400, "Bundle.ChildProductsAssigned"),
        ({"ProductID": "b2"}, 400, "ValidationFailure"),
        ({"ProductID": "b"}, 400, "ValidationFailure"),
        ({"ProductID": "nope"}, 404, "NotFound"),
        ({"ProductID": "p", "BundleID": "nope"}, 404, "NotFound"),
        ({"ProductID": "b", "BundleID": "p"}, 404, "NotFound"),
        ({"ProductID": "p", "Required": None}, 400, "ValidationFailure"),
    ]
    for body, status, code in refusals:
        sent = {"BundleID": "b", "Required": True, **body}
        assert codes(await checked(http.post(PARTS, json=sent), status)) == [code], body
    refused = await checked(http.delete("/v1/products/p"), 400)
    assert codes(refused) == ["Product.CannotDeleteProductAssingedToBundle"]
    # Both ends follow their new IDs.
    await checked(http.patch("/v1/products/p", json={"ID": "q"}), 200)
    await checked(http.patch(f"{BUNDLES}/b", json={"ID": "c"}), 200)
    url = f"{BUNDLES}/c/productassignments"
    await checked(http.delete(f"{url}/q"), 204)
    await checked(http.delete(f"{url}/q"), 404)
    await checked(http.delete("/v1/products/q"), 204)
    await checked(http.delete(f"{BUNDLES}/c"), 204)
    left = (await checked(http.get(PARTS), 200)).json()["Items"]
    assert [each["BundleID"] for each in left] == ["b2"]


async def test_suppliers(api: Api) -> None:
    """ORG-3, ORG-4: a supplier makes bundles of its own products; others' do not exist to it."""
    for name in ("s", "t"):
        await api.supplier(name)
    supplier = api.as_(await api.user(supplier="s"), roles=["FullAccess"])
    made = await put(supplier, "bundles/own", OwnerID="t")
    assert made["OwnerID"] == "s"
    await put(supplier, "products/p")
    for name, owner in (("sellers", api.marketplace), ("theirs", "t")):
        await put(api.seller, f"bundles/{name}", OwnerID=owner)
        await put(api.seller, f"products/p-{name}", OwnerID=owner)
        await hold(api.seller, name, f"p-{name}")
        for verb in ("GET", "PATCH", "DELETE"):
            await checked(supplier.request(verb, f"{BUNDLES}/{name}", json={}), 404)
        row = {"BundleID": name, "ProductID": "p", "Required": True}
        await checked(supplier.post(PARTS, json=row), 404)
        await checked(supplier.delete(f"{BUNDLES}/{name}/productassignments/p-{name}"), 404)
    await hold(supplier, "own", "p")
    assert await ids(supplier, BUNDLES) == ["own"]
    rows = (await checked(supplier.get(PARTS), 200)).json()["Items"]
    assert [row["BundleID"] for row in rows] == ["own"]
    await checked(supplier.delete(f"{BUNDLES}/own/productassignments/p"), 204)
    buyer = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    assert await ids(buyer, BUNDLES) == []
    await checked(buyer.get(f"{BUNDLES}/own"), 404)


async def test_places(api: Api) -> None:
    """BND-2, CTG-3, CTG-4: bundles in catalogs and categories, as products are; lists show the bundles alone."""
    http = api.seller
    for url in ("catalogs/k", "catalogs/k/categories/top", "products/p", "bundles/b1", "bundles/b2"):
        await put(http, url)
    in_catalog, in_category = "/v1/catalogs/bundleassignments", "/v1/catalogs/k/categories/bundleassignments"
    for url, thing in (
        ("/v1/catalogs/productassignments", {"CatalogID": "k"}),
        ("/v1/catalogs/k/categories/productassignments", {"CategoryID": "top"}),
    ):
        await checked(http.post(url, json={**thing, "ProductID": "p"}), 204)
    await checked(http.post(in_catalog, json={"CatalogID": "K", "BundleID": "B1"}), 204)
    for order in (1, 4):
        row = {"CategoryID": "Top", "BundleID": "b2", "ListOrder": order}
        await checked(http.post(in_category, json=row), 204)
    rows = (await checked(http.get(in_catalog), 200)).json()["Items"]
    assert rows == [{"CatalogID": "k", "BundleID": "b1"}, {"CatalogID": "k", "BundleID": "b2"}]
    assert (await http.get(f"{in_catalog}?bundleID=b2&catalogID=k")).json()["Items"] == rows[1:]
    rows = (await checked(http.get(f"{in_category}?categoryID=top"), 200)).json()["Items"]
    assert rows == [{"CategoryID": "top", "BundleID": "b2", "ListOrder": 4}]
    for url, thing in ((in_catalog, {"CatalogID": "k"}), (in_category, {"CategoryID": "top"})):
        for name in ("p", "nope"):
            refused = await checked(http.post(url, json={**thing, "BundleID": name}), 404)
            assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Bundle", "ObjectID": name}
    in_top = "/v1/catalogs/k/categories/top/bundleassignments"
    for url in (f"{in_top}/p", "/v1/catalogs/k/bundleassignments/p", f"{in_top}/b1"):
        await checked(http.delete(url), 404)
    await checked(http.delete(f"{in_top}/b2"), 204)
    assert (await http.get(in_category)).json()["Items"] == []
    await checked(http.delete("/v1/catalogs/k/bundleassignments/b1"), 204)
    assert [row["BundleID"] for row in (await http.get(in_catalog)).json()["Items"]] == ["b2"]


async def test_parties(api: Api) -> None:
    """BND-2, PAS-1 to PAS-3 without a price: rows by bundle, party and seller."""
    http = api.seller
    await api.supplier("s")
    for buyer in ("b", "c"):
        await api.buyer(buyer)
    await put(http, "buyers/b/usergroups/g")
    for url in ("catalogs/k", "bundles/x", "products/p"):
        await put(http, url)
    row = {"CatalogID": "k", "BuyerID": "b"}
    await checked(http.post("/v1/catalogs/assignments", json=row), 204)
    await checked(http.post("/v1/catalogs/bundleassignments", json={"CatalogID": "k", "BundleID": "x"}), 204)
    await checked(
        http.post("/v1/catalogs/productassignments", json={"CatalogID": "k", "ProductID": "p"}), 204
    )
    await checked(http.post("/v1/products/assignments", json={"ProductID": "p", "BuyerID": "b"}), 204)
    url = f"{BUNDLES}/assignments"
    bodies: list[dict[str, Any]] = [
        {"BundleID": "X", "BuyerID": "B"},
        {"BundleID": "x", "BuyerID": "b", "SellerID": "S"},
        {"BundleID": "x", "BuyerID": "b", "UserGroupID": "g"},
    ]
    for body in (*bodies, bodies[0]):
        await checked(http.post(url, json=body), 204)
    rows = (await checked(http.get(url), 200)).json()["Items"]
    seen = sorted((each["SellerID"], each["UserGroupID"] or "") for each in rows)
    assert seen == sorted([(api.marketplace, ""), ("s", ""), (api.marketplace, "g")])
    assert all(list(each) == ["SellerID", "BundleID", "BuyerID", "UserGroupID"] for each in rows)
    for query, count in (("bundleID=x", 3), ("level=Group", 1), ("userGroupID=g", 1), ("buyerID=c", 0)):
        assert (await http.get(f"{url}?{query}")).json()["Meta"]["TotalCount"] == count
    for sent, status, code in (
        ({"BundleID": "p", "BuyerID": "b"}, 404, "NotFound"),
        ({"BundleID": "x", "BuyerID": "c"}, 400, "Product.CannotAssignNotInBuyerCatalog"),
        ({"BundleID": "x"}, 400, "ValidationFailure"),
        ({"BundleID": "x", "BuyerID": "b", "UserID": "u"}, 400, "PartyAssignment.UserLevelNotAllowed"),
        ({"BundleID": "x", "BuyerID": "b", "SellerID": "nope"}, 404, "NotFound"),
    ):
        assert codes(await checked(http.post(url, json=sent), status)) == [code]
    one = f"{BUNDLES}/x/assignments/b"
    assert codes(await checked(http.delete(f"{one}?userID=u"), 400)) == [
        "PartyAssignment.UserLevelNotAllowed"
    ]
    for query in ("", "?sellerID=s", "?userGroupID=g"):
        await checked(http.delete(f"{one}{query}"), 204)
        await checked(http.delete(f"{one}{query}"), 404)
    await checked(http.delete(f"{BUNDLES}/p/assignments/b"), 404)
    assert (await http.get(url)).json()["Items"] == []


async def test_shoppers_see_whole_bundles(api: Api) -> None:
    """BND-2: a bundle that the rules for products show, if they show all of its products too."""
    http = api.seller
    await api.buyer("b")
    shopper = api.as_(await api.user(buyer="b"), roles=["Shopper"])
    for catalog in ("k", "l"):
        await put(http, f"catalogs/{catalog}")
        row = {"CatalogID": catalog, "BuyerID": "b", "ViewAllProducts": catalog == "k"}
        await checked(http.post("/v1/catalogs/assignments", json=row), 204)
    for name in ("p", "q"):
        await put(http, f"products/{name}")
    await put(http, "bundles/x")
    await hold(http, "x", "p", "q")

    async def shown() -> list[str]:
        listed = await ids(shopper, "/v1/me/products")
        await checked(shopper.get("/v1/me/products/x"), 200 if "x" in listed else 404)
        return listed

    async def place(kind: str, name: str, catalog: str = "k") -> None:
        row = {"CatalogID": catalog, f"{kind}ID": name}
        await checked(http.post(f"/v1/catalogs/{kind.lower()}assignments", json=row), 204)

    await place("Bundle", "x")
    assert await shown() == []
    await place("Product", "p")
    assert await shown() == ["p"]
    # The last part in another catalog: what is visible anywhere is visible.
    await place("Product", "q", "l")
    assert await shown() == ["p"]
    await checked(http.post("/v1/products/assignments", json={"ProductID": "q", "BuyerID": "b"}), 204)
    assert await shown() == ["x", "p", "q"]
    assert await ids(shopper, "/v1/me/products?catalogID=k") == ["x", "p"]
    item = (await checked(shopper.get("/v1/me/products/x"), 200)).json()
    assert (item["IsBundle"], item["PriceSchedule"]) == (True, None)
    for change, back in (
        (http.patch("/v1/products/q", json={"Active": False}), {"Active": True}),
        (http.patch("/v1/products/p", json={"Active": False}), {"Active": True}),
    ):
        changed = await checked(change, 200)
        assert "x" not in await shown()
        await checked(http.patch(f"/v1/products/{changed.json()['ID']}", json=back), 200)
        assert "x" in await shown()
    await checked(http.patch(f"{BUNDLES}/x", json={"Active": False}), 200)
    assert await shown() == ["p", "q"]
    await checked(http.patch(f"{BUNDLES}/x", json={"Active": True}), 200)
    await put(http, "products/r")
    await hold(http, "x", "r")
    assert await shown() == ["p", "q"]
    await checked(http.delete(f"{BUNDLES}/x/productassignments/r"), 204)
    assert await shown() == ["x", "p", "q"]
