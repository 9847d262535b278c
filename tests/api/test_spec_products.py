"""Specs of products: who may have which, with which defaults, and how many (SPC-3, SPC-4, PRD-6)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

ROWS = "/v1/specs/productassignments"
CHOICE = {"DefinesVariant": True, "Required": True}


async def stock(api: Api) -> None:
    """Products and specs of the seller and of supplier s1; spec `color` has options red and blue."""
    for supplier in ("s1", "s2"):
        await api.supplier(supplier)
    things: list[tuple[str, dict[str, Any]]] = [
        *(("products", {"ID": each}) for each in ("p", "q")),
        *(("products", {"ID": f"p{n}", "OwnerID": f"s{n}"}) for n in (1, 2)),
        ("products", {"ID": "open", "AllSuppliersCanSell": True}),
        ("products", {"ID": "parent", "IsParent": True}),
        ("products", {"ID": "child", "ParentID": "parent"}),
        ("specs", {"ID": "color", "ListOrder": 2, "DefaultValue": "any"}),
        ("specs", {"ID": "text", "ListOrder": 1, "AllowOpenText": True}),
        ("specs", {"ID": "empty"}),
        ("specs", {"ID": "size", **CHOICE}),
        ("specs", {"ID": "own", "OwnerID": "s1", "AllowOpenText": True}),
        ("specs", {"ID": "theirs", "OwnerID": "s2", "AllowOpenText": True}),
        *(("specs/color/options", {"ID": each, "Value": each, "ListOrder": 1}) for each in ("red", "blue")),
        ("specs/size/options", {"ID": "XL", "Value": "XL"}),
    ]
    for path, body in things:
        named = {"Name": body["ID"], **body}
        await checked(api.seller.post(f"/v1/{path}", json=named), 201)


async def put(
    http: httpx.AsyncClient, spec: str, product: str, status: int = 204, **more: Any
) -> httpx.Response:
    return await checked(http.post(ROWS, json={"SpecID": spec, "ProductID": product, **more}), status)


async def rows(http: httpx.AsyncClient, query: str = "") -> list[tuple[Any, ...]]:
    page = (await checked(http.get(f"{ROWS}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    names = ["SpecID", "ProductID", "DefaultValue", "DefaultOptionID"]
    assert all(list(row) == names for row in page["Items"])
    return [tuple(row.values()) for row in page["Items"]]


async def count(api: Api, product: str) -> int:
    found: int = (await checked(api.seller.get(f"/v1/products/{product}"), 200)).json()["SpecCount"]
    return found


async def test_rows(api: Api) -> None:
    """ASG-1, ASG-5, ASG-6: an upsert; unlike others this list has search, sort and filters."""
    await stock(api)
    http = api.seller
    await put(http, "COLOR", "P", DefaultOptionID="RED")
    await put(http, "text", "p", DefaultValue="hello")
    await put(http, "text", "q", DefaultValue="x")
    await put(http, "text", "q")
    color, text, bare = ("color", "p", None, "red"), ("text", "p", "hello", None), ("text", "q", None, None)
    for query, expected in {
        "": [color, text, bare],
        "SpecID=text": [text, bare],
        "ProductID=P&SpecID=!text": [color],
        "DefaultValue=hel*": [text],
        "DefaultOptionID=!*": [text, bare],
        "search=OLO": [color],
        "search=q&searchOn=ProductID": [bare],
        "sortBy=!ProductID,SpecID": [bare, color, text],
        "sortBy=DefaultValue,ProductID": [color, bare, text],
    }.items():
        assert await rows(http, query) == expected, query
    paged = (await checked(http.get(f"{ROWS}?pageSize=1&page=2"), 200)).json()
    assert (paged["Meta"]["TotalCount"], paged["Items"][0]["SpecID"]) == (3, "text")
    assert codes(await checked(http.get(f"{ROWS}?Nope=1"), 400)) == ["List.InvalidProperty"]
    await checked(http.delete("/v1/specs/TEXT/productassignments/P"), 204)
    missing = await checked(http.delete("/v1/specs/text/productassignments/p"), 404)
    data = {"ObjectType": "SpecProductAssignment", "ObjectID": "text/p"}
    assert missing.json()["Errors"][0]["Data"] == data
    assert await rows(http) == [color, bare]
    await checked(http.patch("/v1/specs/color/options/red", json={"ID": "ruby"}), 200)
    await checked(http.patch("/v1/specs/color", json={"ID": "hue"}), 200)
    await checked(http.patch("/v1/products/p", json={"ID": "r"}), 200)
    assert await rows(http) == [("hue", "r", None, "ruby"), bare]
    await checked(http.delete("/v1/specs/hue/options/ruby"), 204)
    assert await rows(http) == [("hue", "r", None, None), bare]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"SpecID": "no", "ProductID": "p"}, 404, {"ObjectType": "Spec", "ObjectID": "no"}),
        ({"SpecID": "text", "ProductID": "no"}, 404, {"ObjectType": "Product", "ObjectID": "no"}),
        ({"SpecID": "text"}, 400, {"Property": "ProductID"}),
        ({"SpecID": "empty", "ProductID": "p"}, 400, "Spec.InvalidSpecConfiguration"),
        ({"SpecID": "empty", "ProductID": "p", "DefaultValue": "x"}, 204, None),
        ({"SpecID": "text", "ProductID": "p"}, 204, None),
        ({"SpecID": "color", "ProductID": "p", "DefaultOptionID": "XL"}, 400, "Spec.OptionNotFound"),
        ({"SpecID": "text", "ProductID": "p1"}, 400, "Spec.CannotAssignProduct"),
        ({"SpecID": "own", "ProductID": "p"}, 400, "Spec.CannotAssignProduct"),
        ({"SpecID": "own", "ProductID": "p2"}, 400, "Spec.CannotAssignProduct"),
        ({"SpecID": "own", "ProductID": "p1"}, 204, None),
        ({"SpecID": "size", "ProductID": "p"}, 204, None),
        (
            {"SpecID": "size", "ProductID": "parent"},
            400,
            "ProductAssigment.ParentChildProductCannotBeAssignedToVariantSpec",
        ),
        (
            {"SpecID": "size", "ProductID": "child"},
            400,
            "ProductAssigment.ParentChildProductCannotBeAssignedToVariantSpec",
        ),
        (
            {"SpecID": "size", "ProductID": "bundle"},
            400,
            "ProductAssigment.BundleProductCannotBeAssignedToVariantSpec",
        ),
        ({"SpecID": "color", "ProductID": "parent"}, 204, None),
    ],
)
async def test_what_may_be_given(body: dict[str, str], status: int, expected: Any, api: Api) -> None:
    """SPC-3, and 404 for what does not exist; what is refused changes no count."""
    await stock(api)
    await checked(api.seller.post("/v1/products", json={"ID": "bundle", "Name": "B"}), 201)
    await api.execute(
        """UPDATE products SET "IsBundle" = true WHERE marketplace_id = $1 AND "ID" = 'bundle'"""
    )
    answer = await checked(api.seller.post(ROWS, json=body), status)
    if isinstance(expected, str):
        assert codes(answer) == [expected]
    elif expected:
        assert answer.json()["Errors"][0]["Data"] == expected
    if status != 204:
        assert await rows(api.seller) == []


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("parent", "ProductAssigment.ParentChildProductCannotBeAssignedToVariantSpec"),
        ("child", "ProductAssigment.ParentChildProductCannotBeAssignedToVariantSpec"),
        ("p", None),
    ],
)
async def test_defining_variants_later(product: str, code: str | None, api: Api) -> None:
    """SPC-3: neither by the other door, through the spec."""
    await stock(api)
    await put(api.seller, "color", product)
    answer = await api.seller.patch("/v1/specs/color", json=CHOICE)
    assert answer.status_code == (400 if code else 200)
    if code:
        assert codes(answer) == [code]


async def test_counts(api: Api) -> None:
    """SpecCount: a child's is its parent's and its own, each spec once; exact after whatever takes a spec away."""
    await stock(api)
    http = api.seller
    steps: list[tuple[Any, dict[str, int]]] = [
        (put(http, "color", "p"), {"p": 1}),
        (put(http, "color", "p", DefaultValue="x"), {"p": 1}),
        (put(http, "text", "p"), {"p": 2}),
        (put(http, "color", "parent"), {"p": 2, "parent": 1, "child": 1}),
        (put(http, "text", "child"), {"p": 2, "parent": 1, "child": 2}),
        (put(http, "color", "child"), {"p": 2, "parent": 1, "child": 2}),
        (put(http, "empty", "parent", DefaultValue="e"), {"p": 2, "parent": 2, "child": 3}),
        (http.patch("/v1/products/child", json={"ParentID": None}), {"p": 2, "parent": 2, "child": 2}),
        (http.patch("/v1/products/child", json={"ParentID": "parent"}), {"p": 2, "parent": 2, "child": 3}),
        (http.delete("/v1/specs/color/productassignments/parent"), {"p": 2, "parent": 1, "child": 3}),
        (http.delete("/v1/specs/color"), {"p": 1, "parent": 1, "child": 2}),
        (http.put("/v1/products/p", json={"Name": "P"}), {"p": 1, "parent": 1, "child": 2}),
        (http.delete("/v1/specs/text/productassignments/p"), {"parent": 1, "child": 2}),
    ]
    for step, expected in steps:
        answer = await step
        assert answer.is_success, answer.text
        for product in ("p", "q", "parent", "child"):
            assert await count(api, product) == expected.get(product, 0), (answer.request.url, product)


async def test_specs_of_a_product(api: Api) -> None:
    """SPC-4, SPC-5, PRD-6: defaults in effect, options embedded, the order of specs; a child's own rows come first."""
    await stock(api)
    http = api.seller
    await checked(http.patch("/v1/specs/color", json={"DefaultOptionID": "blue", "xp": {"a": 1}}), 200)
    await put(http, "color", "p", DefaultOptionID="red")
    await put(http, "text", "p", DefaultValue="mine")
    await put(http, "color", "parent", DefaultValue="parent's")
    await put(http, "text", "parent", DefaultValue="parent's")
    await put(http, "text", "child", DefaultValue="child's")
    await put(http, "empty", "child", DefaultValue="e")

    async def shown(product: str, query: str = "") -> list[tuple[Any, ...]]:
        page = (await checked(http.get(f"/v1/products/{product}/specs?{query}"), 200)).json()
        assert page["Meta"]["TotalCount"] == len(page["Items"])
        return [(each["ID"], each["DefaultValue"], each["DefaultOptionID"]) for each in page["Items"]]

    color, text = ("color", "any", "red"), ("text", "mine", None)
    for query, expected in {
        "": [text, color],
        "sortBy=Name": [color, text],
        "search=COL": [color],
        "DefaultOptionID=red": [color],
        "DefaultOptionID=blue": [],
        "xp.a=1": [color],
        "Options.Value=blue": [color],
        "OptionCount=0": [text],
    }.items():
        assert await shown("P", query) == expected, query
    assert await shown("parent") == [("text", "parent's", None), ("color", "parent's", "blue")]
    assert await shown("child") == [
        ("empty", "e", None),
        ("text", "child's", None),
        ("color", "parent's", "blue"),
    ]
    assert await shown("q") == []
    item = (await http.get("/v1/products/p/specs?ID=color")).json()["Items"][0]
    assert item == (await http.get("/v1/specs/color")).json() | {"DefaultOptionID": "red"}
    assert [option["ID"] for option in item["Options"]] == ["blue", "red"]
    missing = await checked(http.get("/v1/products/nope/specs"), 404)
    assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "Product", "ObjectID": "nope"}


async def test_whose(api: Api, other: Api) -> None:
    """ORG-4: a supplier gives its own specs to its own products; others' it does not know, the seller's it leaves."""
    await stock(api)
    own = api.as_(await api.user(supplier="s1"), roles=["FullAccess"])
    await put(own, "own", "p1")
    for spec, product, status, code in (
        ("text", "p1", 400, "Spec.CannotAssignProduct"),
        ("text", "open", 403, "Product.CannotModify"),
        ("text", "p", 404, "NotFound"),
        ("own", "p2", 404, "NotFound"),
        ("theirs", "p1", 404, "NotFound"),
    ):
        assert codes(await put(own, spec, product, status)) == [code], (spec, product)
    await put(api.seller, "text", "open")
    await put(api.seller, "text", "p")
    await put(api.seller, "theirs", "p2")
    assert await rows(own) == [("own", "p1", None, None)]
    for product, shown in (("p1", ["own"]), ("open", ["text"])):
        page = (await checked(own.get(f"/v1/products/{product}/specs"), 200)).json()
        assert [each["ID"] for each in page["Items"]] == shown
    for product in ("p", "p2"):
        await checked(own.get(f"/v1/products/{product}/specs"), 404)
    for spec, product, status in (("text", "open", 403), ("theirs", "p2", 404), ("own", "p1", 204)):
        await checked(own.delete(f"/v1/specs/{spec}/productassignments/{product}"), status)
    await put(other.seller, "text", "p", 404)
    assert await rows(other.seller) == []
    await checked(other.seller.get("/v1/products/p/specs"), 404)
    buyers = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    assert (await checked(buyers.get(ROWS), 200)).json()["Items"] == []
    await checked(buyers.get("/v1/products/p/specs"), 404)
