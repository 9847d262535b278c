"""Categories: the tree, its lists, its assignments (CTY-1 to CTY-4, CTG-1)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

CATEGORIES = "/v1/catalogs/c/categories"
TREE = [
    # ID, parent, name, list order
    ("women", None, "Women", 2),
    ("men", None, "Men", 1),
    ("sale", None, "sale", None),
    ("shoes", "men", "Shoes", 1),
    ("hats", "men", "Hats", 1),
    ("boots", "shoes", "Boots", 5),
    ("laces", "boots", "Laces", None),
    ("dresses", "women", "Dresses", 0),
]


async def plant(api: Api) -> None:
    """The tree in catalog c, and a namesake of each in catalog d."""
    for catalog in ("c", "d"):
        await checked(api.seller.post("/v1/catalogs", json={"ID": catalog, "Name": catalog}), 201)
        for category, parent, name, order in TREE:
            body = {"ID": category, "ParentID": parent, "Name": name, "ListOrder": order}
            await checked(api.seller.post(f"/v1/catalogs/{catalog}/categories", json=body), 201)


async def listed(api: Api, query: str = "", path: str = CATEGORIES) -> list[str]:
    page = (await checked(api.seller.get(f"{path}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def test_depth(api: Api) -> None:
    """CTY-3: relative to the filter on ParentID, else the root; in pre-order by ListOrder, Name, ID."""
    await plant(api)
    worked = {
        "": "sale men women",
        "depth=1": "sale men women",
        "depth=": "sale men women",
        "depth=2": "sale men hats shoes women dresses",
        "depth=3": "sale men hats shoes boots women dresses",
        "depth=all": "sale men hats shoes boots laces women dresses",
        "depth=ALL": "sale men hats shoes boots laces women dresses",
        "Depth[]=2": "sale men hats shoes women dresses",
        "depth=99999999999": "sale men hats shoes boots laces women dresses",
        "ParentID=MEN": "hats shoes",
        "depth=2&ParentID=men": "hats shoes boots",
        "depth=all&ParentID=shoes": "boots laces",
        "ParentID=men|women": "dresses hats shoes",
        "depth=all&ParentID=men|shoes": "hats shoes boots laces",
        "ParentID=nope": "",
        "ParentID=!*": "sale men women",
        "depth=all&ParentID=*": "hats shoes boots laces dresses",
        "depth=all&ParentID=!men": "sale men boots laces women dresses",
        "search=s": "sale",
        "depth=2&search=s": "sale hats shoes dresses",
        "depth=all&ParentID=men&Name=B*": "boots",
        "depth=all&ListOrder=>0&sortBy=!Name": "women shoes men hats boots",
        "depth=all&sortBy=Name": "boots dresses hats laces men sale shoes women",
        "depth=all&ChildCount=2": "men",
    }
    for query, expected in worked.items():
        found = await listed(api, query)
        if "search" in query:
            found, expected = sorted(found), " ".join(sorted(expected.split()))
        assert found == expected.split(), query
    everything = await listed(api, "depth=all")
    paged = [
        item["ID"]
        for page in range(1, 5)
        for item in (await api.seller.get(f"{CATEGORIES}?depth=all&pageSize=2&page={page}")).json()["Items"]
    ]
    assert paged == everything


@pytest.mark.parametrize("depth", ["0", "-1", "1.5", "two", "00", "+1", "\N{ARABIC-INDIC DIGIT ONE}"])
async def test_invalid_depth(depth: str, api: Api) -> None:
    """CTY-3; but a missing catalog comes first where there is nothing to list."""
    await checked(api.seller.post("/v1/catalogs", json={"ID": "c", "Name": "C"}), 201)
    refused = await checked(api.seller.get(CATEGORIES, params={"depth": depth}), 400)
    assert codes(refused) == ["Category.InvalidDepth"]
    missing = await checked(api.seller.get("/v1/catalogs/nope/categories"), 404)
    assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "Catalog", "ObjectID": "nope"}


async def test_counts_and_deletion(api: Api) -> None:
    """CTG-1: CategoryCount is of all levels; CTY-1: ChildCount of one, and a category takes its subtree along."""
    await plant(api)
    http = api.seller

    async def counts() -> tuple[int, int, int]:
        catalog = (await http.get("/v1/catalogs/c")).json()["CategoryCount"]
        men = (await http.get(f"{CATEGORIES}/men")).json()["ChildCount"]
        items = (await http.get("/v1/catalogs?ID=c")).json()["Items"]
        return catalog, men, items[0]["CategoryCount"]

    assert await counts() == (8, 2, 8)
    await checked(http.delete(f"{CATEGORIES}/SHOES"), 204)
    assert await counts() == (5, 1, 5)
    assert await listed(api, "depth=all") == ["sale", "men", "hats", "women", "dresses"]
    assert len(await listed(api, "depth=all", "/v1/catalogs/d/categories")) == len(TREE)


async def test_parents(api: Api) -> None:
    """CTY-1: a category of the same catalog, spelled as it is (ID-4), and no loop."""
    await plant(api)
    http = api.seller
    await checked(http.post("/v1/catalogs/d/categories", json={"ID": "only-d", "Name": "D"}), 201)
    for parent in ("nope", "only-d"):
        for verb, url in (("POST", ""), ("PUT", "/new"), ("PATCH", "/hats"), ("PUT", "/hats")):
            body = {"Name": "N", "ParentID": parent}
            refused = await checked(http.request(verb, f"{CATEGORIES}{url}", json=body), 404)
            assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Category", "ObjectID": parent}
    await checked(http.post(CATEGORIES, json={"ID": "self", "Name": "N", "ParentID": "self"}), 404)
    for parent in ("men", "MEN", "shoes", "laces"):
        for verb in ("PATCH", "PUT"):
            body = {"Name": "Men", "ParentID": parent}
            refused = await checked(http.request(verb, f"{CATEGORIES}/men", json=body), 400)
            assert codes(refused) == ["Category.CircularReference"]
    moved = await checked(http.patch(f"{CATEGORIES}/boots", json={"ParentID": "WOMEN"}), 200)
    assert moved.json()["ParentID"] == "women"
    await checked(http.patch(f"{CATEGORIES}/men", json={"ParentID": "laces"}), 200)
    moved = await checked(http.patch(f"{CATEGORIES}/boots", json={"ParentID": None}), 200)
    assert moved.json()["ParentID"] is None
    assert await listed(api, "ParentID=laces&depth=all") == ["men", "hats", "shoes"]


async def test_moves_that_meet(api: Api) -> None:
    """CTY-1: two moves, each right by itself, never close a loop together."""
    await plant(api)
    answers = await asyncio.gather(
        api.seller.patch(f"{CATEGORIES}/men", json={"ParentID": "women"}),
        api.seller.patch(f"{CATEGORIES}/women", json={"ParentID": "men"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert len(await listed(api, "depth=all")) == len(TREE)


async def test_adjusted_list_orders(api: Api) -> None:
    """CTY-2: the siblings at and behind the sent place make room, only when asked to."""
    http = api.seller
    await checked(http.post("/v1/catalogs", json={"ID": "c", "Name": "C"}), 201)
    for category, parent, order in (("A", None, 1), ("B", None, 2), ("C", None, 3), ("X", "A", 2)):
        body = {"ID": category, "Name": category, "ParentID": parent, "ListOrder": order}
        await checked(http.post(CATEGORIES, json=body), 201)

    async def orders() -> dict[str, int | None]:
        items = (await checked(http.get(f"{CATEGORIES}?depth=all"), 200)).json()["Items"]
        return {item["ID"]: item["ListOrder"] for item in items}

    adjust = "adjustListOrders=true"
    steps: list[tuple[str, str, dict[str, Any], dict[str, int | None]]] = [
        ("POST", f"?{adjust}", {"ID": "D", "ListOrder": 2}, {"A": 1, "X": 2, "D": 2, "B": 3, "C": 4}),
        ("POST", "", {"ID": "E", "ListOrder": 2}, {"A": 1, "X": 2, "D": 2, "E": 2, "B": 3, "C": 4}),
        ("PUT", f"/C?{adjust}", {"ListOrder": 3}, {"A": 1, "X": 2, "D": 2, "E": 2, "C": 3, "B": 4}),
        ("PATCH", f"/C?{adjust}", {"Name": "C"}, {"A": 1, "X": 2, "D": 2, "E": 2, "C": 3, "B": 4}),
        ("PATCH", f"/C?{adjust}", {"listOrder": 1}, {"C": 1, "A": 2, "X": 2, "D": 3, "E": 3, "B": 5}),
        ("PATCH", f"/B?{adjust}", {"ListOrder": None}, {"B": None, "C": 1, "A": 2, "X": 2, "D": 3, "E": 3}),
        (
            "PATCH",
            "/B?adjustListOrders=false",
            {"ListOrder": 1},
            {"B": 1, "C": 1, "A": 2, "X": 2, "D": 3, "E": 3},
        ),
    ]
    for verb, url, change, expected in steps:
        body = {"Name": change.get("ID", url[1:2]), **change}
        await checked(http.request(verb, f"{CATEGORIES}{url}", json=body), 201 if verb == "POST" else 200)
        assert await orders() == expected, (verb, url, change)
    refused = await checked(
        http.post(f"{CATEGORIES}?adjustListOrders=maybe", json={"Name": "N", "ListOrder": 1}), 400
    )
    assert codes(refused) == ["List.InvalidType"]


async def test_renames_go_down_the_chain(api: Api) -> None:
    """CONV-3, citus.md 3: a catalog's and a category's new ID reach children, assignments and nothing else."""
    await plant(api)
    http = api.seller
    await api.buyer("b")
    for catalog in ("c", "d"):
        for category in ("men", "shoes"):
            row = {"CategoryID": category, "BuyerID": "b", "Visible": True}
            await checked(http.post(f"/v1/catalogs/{catalog}/categories/assignments", json=row), 204)
    before = (await http.get("/v1/catalogs/d/categories?depth=all")).json()
    await checked(http.patch(f"{CATEGORIES}/men", json={"ID": "Herren", "ListOrder": 9}), 200)
    assert await listed(api, "ParentID=herren&depth=all") == ["hats", "shoes", "boots", "laces"]
    await checked(http.patch("/v1/catalogs/c", json={"ID": "Fashion"}), 200)
    path = "/v1/catalogs/fashion/categories"
    assert await listed(api, "ParentID=herren&depth=all", path) == ["hats", "shoes", "boots", "laces"]
    rows = (await checked(http.get(f"{path}/assignments"), 200)).json()["Items"]
    assert [row["CategoryID"] for row in rows] == ["Herren", "shoes"]
    assert (await http.get("/v1/catalogs/d/categories?depth=all")).json() == before
    rows = (await checked(http.get("/v1/catalogs/d/categories/assignments"), 200)).json()["Items"]
    assert [row["CategoryID"] for row in rows] == ["men", "shoes"]
    await checked(http.patch(f"{path}/herren", json={"ID": "SHOES"}), 409)
    await checked(http.delete(f"{path}/Herren"), 204)
    assert (await http.get(f"{path}/assignments")).json()["Items"] == []


async def test_assignments(api: Api) -> None:
    """CTY-4, ASG-1 to ASG-6: null stays null; only the path's catalog."""
    await plant(api)
    http = api.seller
    for buyer in ("b1", "b2"):
        await api.buyer(buyer)
        await checked(http.post(f"/v1/buyers/{buyer}/usergroups", json={"ID": "g", "Name": "G"}), 201)

    def row(category: str, buyer: str, group: str | None, *flags: bool | None) -> dict[str, Any]:
        names = ("CategoryID", "BuyerID", "UserGroupID", "Visible", "ViewAllProducts")
        return dict(zip(names, (category, buyer, group, *flags), strict=True))

    rows = [
        row("hats", "b1", None, True, None),
        row("hats", "b1", "g", None, False),
        row("hats", "b2", None, None, None),
        row("men", "b2", "g", False, True),
    ]
    for sent in (*({**each, "Visible": True} for each in rows), *rows):
        shouted = {name: value.upper() if isinstance(value, str) else value for name, value in sent.items()}
        await checked(http.post(f"{CATEGORIES}/assignments", json=shouted), 204)
    await checked(http.post("/v1/catalogs/d/categories/assignments", json=rows[0]), 204)

    async def found(query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (
            await checked(http.get(f"{CATEGORIES}/assignments?{query}"), 200)
        ).json()["Items"]
        return items

    assert await found() == rows
    for query, expected in (
        ("categoryID=HATS", rows[:3]),
        ("buyerID=b2", rows[2:]),
        ("userGroupID=g", [rows[1], rows[3]]),
        ("level=Group&buyerID=b1", [rows[1]]),
        ("level=Company", [rows[0], rows[2]]),
    ):
        assert await found(query) == expected
    for body, status, code in (
        ({"CategoryID": "men"}, 400, "ValidationFailure"),
        ({"CategoryID": "nope", "BuyerID": "b1"}, 404, "NotFound"),
        ({"CategoryID": "men", "BuyerID": "nope"}, 404, "NotFound"),
        ({"CategoryID": "men", "BuyerID": "b1", "UserGroupID": "nope"}, 404, "NotFound"),
    ):
        assert codes(await checked(http.post(f"{CATEGORIES}/assignments", json=body), status)) == [code]
    for verb, url in (
        ("GET", "assignments"),
        ("POST", "assignments"),
        ("DELETE", "men/assignments?buyerID=b2"),
    ):
        missing = await checked(http.request(verb, f"/v1/catalogs/nope/categories/{url}", json=rows[0]), 404)
        assert missing.json()["Errors"][0]["Data"]["ObjectType"] == "Catalog"
    for url, status in (
        ("men/assignments?buyerID=b2", 404),
        ("men/assignments?buyerID=b2&userID=u", 400),
        ("men/assignments?buyerID=b2&userGroupID=G", 204),
        ("hats/assignments?buyerID=b1", 204),
    ):
        await checked(http.delete(f"{CATEGORIES}/{url}"), status)
    assert await found() == rows[1:3]
    assert len((await http.get("/v1/catalogs/d/categories/assignments")).json()["Items"]) == 1


async def test_suppliers(api: Api) -> None:
    """ORG-4: a supplier reads the seller's trees and writes its own; what is another's does not exist."""
    await api.buyer("b")
    for catalog, owner in (
        ("own", await api.supplier("S")),
        ("theirs", await api.supplier("T")),
        ("sellers", None),
    ):
        body = {"ID": catalog, "Name": "C", "OwnerID": owner}
        await checked(api.seller.post("/v1/catalogs", json=body), 201)
        await checked(
            api.seller.post(f"/v1/catalogs/{catalog}/categories", json={"ID": "k", "Name": "K"}), 201
        )
    http = api.as_(await api.user(supplier="S"), roles=["CategoryAdmin"])
    row: dict[str, str | None] = {"CategoryID": "k", "BuyerID": "b"}
    for catalog, reads, writes in (("own", 200, 200), ("sellers", 200, 403), ("theirs", 404, 404)):
        path = f"/v1/catalogs/{catalog}/categories"
        for url in ("", "/k", "/assignments"):
            await checked(http.get(path + url), reads)
        for verb, url, sent, status in (
            ("POST", "", {"Name": "N"}, 201),
            ("PUT", "/new", {"Name": "N"}, 200),
            ("PATCH", "/k", {"Name": "N"}, 200),
            ("POST", "/assignments", row, 204),
            ("DELETE", "/k/assignments?buyerID=b", {}, 204),
            ("DELETE", "/k", {}, 204),
        ):
            answer = await checked(
                http.request(verb, path + url, json=sent), status if writes == 200 else writes
            )
            if writes == 403:
                assert codes(answer) == ["Catalog.CannotEdit"]
            elif writes == 404:
                assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "Catalog", "ObjectID": "theirs"}
