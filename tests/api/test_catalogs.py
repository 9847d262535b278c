"""Catalogs: owners, buyers' own catalogs, default catalogs, assignments (ORG-3 to ORG-6, CTG-1, CTG-2, BUY-7)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

OWNED = {
    "/v1/catalogs": ("Catalog.CannotEdit", {"Name": "N"}),
    "/v1/priceschedules": ("PriceSchedule.CannotModify", {"Name": "N"}),
    "/v1/specs": ("Auth.UserNotAuthorizedToAdmin", {"Name": "N"}),
}


async def caller(api: Api, **company: str) -> httpx.AsyncClient:
    """A user of a company with every role: only its kind limits it."""
    return api.as_(await api.user(**company), roles=["FullAccess"])


@pytest.mark.parametrize("path", list(OWNED))
async def test_owner(path: str, api: Api) -> None:
    """ORG-3: the seller's choice on creation, forced for suppliers, the same ever after."""
    supplier, other = await api.supplier("Sup"), await api.supplier("Other")
    body = OWNED[path][1]
    sellers: list[tuple[dict[str, Any], str]] = [
        ({}, api.marketplace),
        ({"OwnerID": None}, api.marketplace),
        ({"OwnerID": api.marketplace.swapcase()}, api.marketplace),
        ({"OwnerID": "sUP"}, supplier),
    ]
    suppliers = [(given, supplier) for given in ({}, {"OwnerID": other}, {"OwnerID": "nope"})]
    number = 0
    for http, cases in ((api.seller, sellers), (await caller(api, supplier=supplier), suppliers)):
        for given, owner in cases:
            number += 1
            posted = await checked(http.post(path, json={**body, **given}), 201)
            put = await checked(http.put(f"{path}/x{number}", json={**body, **given}), 200)
            assert (posted.json()["OwnerID"], put.json()["OwnerID"]) == (owner, owner)
            for verb in ("PUT", "PATCH"):
                change = {**body, "Name": verb, "OwnerID": other}
                changed = await checked(http.request(verb, f"{path}/x{number}", json=change), 200)
                assert (changed.json()["OwnerID"], changed.json()["Name"]) == (owner, verb)
    refused = await checked(api.seller.post(path, json={**body, "OwnerID": "nope"}), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Supplier", "ObjectID": "nope"}


@pytest.mark.parametrize("path", list(OWNED))
async def test_suppliers_see_and_change(path: str, api: Api) -> None:
    """ORG-4: a supplier reads its own and the seller's, and writes its own; other suppliers' do not exist.

    IDs are unique whoever the owner is (ORG-5). The owner follows the supplier's ID, and the seller inherits.
    """
    refusal, body = OWNED[path]
    mine, other = await api.supplier("Mine"), await api.supplier("Other")
    for name, owner in (("own", mine), ("theirs", other), ("sellers", api.marketplace)):
        await checked(api.seller.post(path, json={**body, "ID": name, "OwnerID": owner}), 201)
    http = await caller(api, supplier=mine)
    listed = (await checked(http.get(path), 200)).json()
    assert sorted(item["ID"] for item in listed["Items"]) == ["own", "sellers"]
    assert listed["Meta"]["TotalCount"] == 2
    filtered = (await checked(http.get(f"{path}?OwnerID={mine}&search=own"), 200)).json()
    assert [item["ID"] for item in filtered["Items"]] == ["own"]
    for name, reads, writes in (("own", 200, 200), ("sellers", 200, 403), ("theirs", 404, 404)):
        await checked(http.get(f"{path}/{name}"), reads)
        for answer in (
            await checked(http.patch(f"{path}/{name}", json={"Name": "X"}), writes),
            await checked(http.request("DELETE", f"{path}/{name}"), 204 if writes == 200 else writes),
        ):
            if writes == 403:
                assert codes(answer) == [refusal]
    await checked(http.put(f"{path}/sellers", json=body), 403)
    await checked(http.put(f"{path}/theirs", json=body), 409)
    await checked(http.post(path, json={**body, "ID": "theirs"}), 409)
    await checked(api.seller.patch("/v1/suppliers/Other", json={"ID": "Renamed"}), 200)
    assert (await api.seller.get(f"{path}/theirs")).json()["OwnerID"] == "Renamed"
    await checked(api.seller.delete("/v1/suppliers/Renamed"), 204)
    assert (await api.seller.get(f"{path}/theirs")).json()["OwnerID"] == api.marketplace


async def test_buyers_see_their_catalogs(api: Api) -> None:
    """ORG-6: those assigned to the buyer or to its group are read and changed, none is made or deleted."""
    seller = api.seller
    await checked(seller.post("/v1/buyergroups", json={"ID": "G", "Name": "G"}), 201)
    for catalog in ("mine", "groups", "others"):
        await checked(seller.post("/v1/catalogs", json={"ID": catalog, "Name": catalog}), 201)
    for buyer in ("B", "C"):
        await api.buyer(buyer)
    await checked(seller.patch("/v1/buyers/B", json={"GroupID": "G"}), 200)
    for row in (
        {"CatalogID": "mine", "BuyerID": "B"},
        {"CatalogID": "groups", "BuyerGroupID": "G"},
        {"CatalogID": "others", "BuyerID": "C"},
    ):
        await checked(seller.post("/v1/catalogs/assignments", json=row), 204)
    shared = {"CatalogID": "shared", "ViewAllProducts": True}
    await checked(seller.put("/v1/catalogs/shared", json={"Name": "Shared", "Active": True}), 200)
    for buyer in ("B", "C"):
        await checked(seller.post("/v1/catalogs/assignments", json={**shared, "BuyerID": buyer}), 204)
    http = await caller(api, buyer="B")
    listed = (await checked(http.get("/v1/catalogs"), 200)).json()["Items"]
    assert [item["ID"] for item in listed] == ["groups", "mine", "shared"]
    for verb, url, status in (
        ("GET", "groups", 200),
        ("GET", "others", 404),
        ("PATCH", "mine", 200),
        ("PUT", "mine", 200),
        ("PATCH", "others", 404),
        ("PATCH", "shared", 403),
        ("PUT", "shared", 403),
        ("PATCH", "groups", 403),
        ("PUT", "new", 404),
        ("DELETE", "mine", 403),
    ):
        await checked(http.request(verb, f"/v1/catalogs/{url}", json={"Name": "New"}), status)
    await checked(http.post("/v1/catalogs", json={"Name": "New"}), 403)
    rows = (await checked(http.get("/v1/catalogs/assignments"), 200)).json()["Items"]
    assert [row["CatalogID"] for row in rows] == ["mine", "shared"]
    saves: list[tuple[dict[str, Any], int]] = [
        ({"CatalogID": "mine", "BuyerID": "B", "ViewAllProducts": True}, 204),
        ({"CatalogID": "groups", "BuyerID": "B"}, 403),
        ({"CatalogID": "shared", "BuyerID": "B"}, 403),
        ({"CatalogID": "others", "BuyerID": "B"}, 404),
        ({"CatalogID": "mine", "BuyerID": "C"}, 404),
        ({"CatalogID": "mine", "BuyerGroupID": "G"}, 403),
    ]
    for saved, status in saves:
        await checked(http.post("/v1/catalogs/assignments", json=saved), status)
    await checked(http.delete("/v1/catalogs/mine/assignments?buyerID=B"), 403)
    rows = (await checked(seller.get("/v1/catalogs/assignments?catalogID=mine"), 200)).json()["Items"]
    assert [(row["BuyerID"], row["ViewAllCategories"], row["ViewAllProducts"]) for row in rows] == [
        ("B", False, False)
    ]


async def test_what_buyers_change_of_their_catalogs(api: Api) -> None:
    """ORG-6, security 14: name, description and xp; never the ID, nor whether it is active."""
    await api.buyer("B")
    catalog = {"Name": "Mine", "Active": True}
    await checked(api.seller.put("/v1/catalogs/mine", json=catalog), 200)
    row = {"CatalogID": "mine", "BuyerID": "B"}
    await checked(api.seller.post("/v1/catalogs/assignments", json=row), 204)
    http = await caller(api, buyer="B")
    changes = {"Name": "New", "Description": "D", "xp": {"a": 1}}
    for verb, body in (("PATCH", changes | {"Active": False}), ("PUT", changes)):
        changed = (await checked(http.request(verb, "/v1/catalogs/mine", json=body), 200)).json()
        assert {name: changed[name] for name in (*changes, "Active", "ID")} == changes | {
            "Active": True,
            "ID": "mine",
        }
    for verb in ("PATCH", "PUT"):
        answer = http.request(verb, "/v1/catalogs/mine", json={"Name": "N", "ID": "taken"})
        assert codes(await checked(answer, 403)) == ["Catalog.CannotEdit"]


async def test_default_catalog_stays(api: Api) -> None:
    """CTG-1: refused with the buyers; a catalog takes categories and assignments along, and clears group defaults."""
    http = api.seller
    for buyer in ("b2", "B1"):
        await checked(http.post("/v1/buyers", json={"ID": buyer, "Name": "B", "DefaultCatalogID": None}), 201)
    await checked(http.patch("/v1/buyers/b2", json={"DefaultCatalogID": "B1"}), 200)
    refused = await checked(http.delete("/v1/catalogs/b1"), 400)
    assert codes(refused) == ["Catalog.CannotDelete"]
    assert refused.json()["Errors"][0]["Data"] == {"BuyerIDs": ["B1", "b2"]}
    group = {"ID": "G", "Name": "G", "DefaultCatalogID": "B1"}
    await checked(http.post("/v1/buyergroups", json=group), 201)
    await checked(http.post("/v1/catalogs/B1/categories", json={"Name": "K"}), 201)
    await checked(http.patch("/v1/catalogs/B1", json={"ID": "Renamed"}), 200)
    assert (await http.get("/v1/buyers/b2")).json()["DefaultCatalogID"] == "Renamed"
    for buyer in ("B1", "b2"):
        await checked(http.patch(f"/v1/buyers/{buyer}", json={"DefaultCatalogID": None}), 200)
    await checked(http.delete("/v1/catalogs/Renamed"), 204)
    assert (await http.get("/v1/buyergroups/G")).json()["DefaultCatalogID"] is None
    for table in ("categories", "catalog_assignments"):
        left = f'SELECT count(*) FROM {table} WHERE marketplace_id = $1 AND "CatalogID" = $2::citext'
        assert await api.value(left, "Renamed") == 0


async def test_assignments(api: Api) -> None:
    """ASG-1 to ASG-6, BUY-7: a row of a buyer and one of a group are two; flags that are left out are false."""
    http = api.seller
    for buyer in ("b1", "b2"):
        await api.buyer(buyer)
    for group in ("g1", "g2"):
        await checked(http.post("/v1/buyergroups", json={"ID": group, "Name": "G"}), 201)
    for catalog in ("c1", "c2"):
        await checked(http.post("/v1/catalogs", json={"ID": catalog, "Name": "C"}), 201)

    def row(catalog: str, buyer: str | None, group: str | None, *flags: bool) -> dict[str, Any]:
        names = ("CatalogID", "BuyerID", "ViewAllCategories", "ViewAllProducts", "BuyerGroupID")
        return dict(zip(names, (catalog, buyer, *flags, group), strict=True))

    rows = [
        row("c1", None, "g1", False, True),
        row("c1", None, "g2", False, False),
        row("c1", "b1", None, True, False),
        row("c1", "b2", None, False, False),
        row("c2", "b1", None, True, True),
    ]
    for sent in (*({**each, "ViewAllCategories": True} for each in rows), *rows):
        shouted = {name: value.upper() if isinstance(value, str) else value for name, value in sent.items()}
        await checked(http.post("/v1/catalogs/assignments", json=shouted), 204)

    async def listed(query: str = "") -> list[dict[str, Any]]:
        page = await checked(http.get(f"/v1/catalogs/assignments?{query}"), 200)
        items: list[dict[str, Any]] = page.json()["Items"]
        return items

    assert await listed() == rows
    assert await listed("catalogID=C2") == rows[4:]
    assert await listed("buyerID=b1") == [rows[2], rows[4]]
    assert await listed("buyerGroupID=g2") == [rows[1]]
    for body, status, code in (
        ({"BuyerID": "b1"}, 400, "ValidationFailure"),
        ({"CatalogID": "c1", "BuyerID": "b1", "UserID": "u"}, 400, "PartyAssignment.UserLevelNotAllowed"),
        (
            {"CatalogID": "c1", "BuyerID": "b1", "UserGroupID": "g"},
            400,
            "PartyAssignment.GroupLevelNotAllowed",
        ),
        ({"CatalogID": "c1"}, 400, "PartyAssignment.RequiresBuyer"),
        ({"CatalogID": "c1", "BuyerID": "b1", "BuyerGroupID": "g1"}, 400, "ValidationFailure"),
        ({"CatalogID": "x", "BuyerID": "b1"}, 404, "NotFound"),
        ({"CatalogID": "c1", "BuyerID": "x"}, 404, "NotFound"),
        ({"CatalogID": "c1", "BuyerGroupID": "x"}, 404, "NotFound"),
    ):
        assert codes(await checked(http.post("/v1/catalogs/assignments", json=body), status)) == [code]
    for query, status in (
        ("buyerGroupID=G1", 204),
        ("buyerGroupID=g1", 404),
        ("buyerID=b2", 204),
        ("buyerID=b2", 404),
        ("", 400),
    ):
        await checked(http.delete(f"/v1/catalogs/c1/assignments?{query}"), status)
    assert await listed() == [rows[1], rows[2], rows[4]]
    await checked(http.patch("/v1/buyergroups/g2", json={"ID": "G3"}), 200)
    assert await listed("buyerGroupID=g3") == [rows[1] | {"BuyerGroupID": "G3"}]
    await checked(http.delete("/v1/buyergroups/g3"), 204)
    await checked(http.delete("/v1/catalogs/c2"), 204)
    assert await listed() == [rows[2]]


async def test_suppliers_assign_their_catalogs(api: Api) -> None:
    """CTG-2: to buyers that may order from them; others' catalogs are refused, and their rows not listed."""
    supplier, other = await api.supplier("S"), await api.supplier("T")
    for catalog, owner in (("own", supplier), ("theirs", other), ("sellers", api.marketplace)):
        body = {"ID": catalog, "Name": "C", "OwnerID": owner}
        await checked(api.seller.post("/v1/catalogs", json=body), 201)
        for buyer in ("related", "stranger"):
            if catalog == "own":
                await api.buyer(buyer)
            row = {"CatalogID": catalog, "BuyerID": buyer}
            await checked(api.seller.post("/v1/catalogs/assignments", json=row), 204)
    await checked(api.seller.put("/v1/suppliers/S/buyers/related"), 204)
    await checked(api.seller.post("/v1/buyergroups", json={"ID": "G", "Name": "G"}), 201)
    http = await caller(api, supplier=supplier)

    async def assigned(status: int, catalog: str, **party: str) -> list[str]:
        answer = await checked(
            http.post("/v1/catalogs/assignments", json={"CatalogID": catalog, **party}), status
        )
        return [] if status == 204 else codes(answer)

    await assigned(204, "own", BuyerID="related")
    assert await assigned(403, "own", BuyerID="stranger") == ["Auth.UserNotAuthorizedToAdmin"]
    assert await assigned(403, "own", BuyerGroupID="G") == ["Auth.UserNotAuthorizedToAdmin"]
    assert await assigned(403, "sellers", BuyerID="related") == ["Catalog.CannotEdit"]
    assert await assigned(404, "theirs", BuyerID="related") == ["NotFound"]
    await checked(api.seller.patch("/v1/suppliers/S", json={"AllBuyersCanOrder": True}), 200)
    await assigned(204, "own", BuyerID="stranger")
    rows = (await checked(http.get("/v1/catalogs/assignments"), 200)).json()["Items"]
    assert [(row["CatalogID"], row["BuyerID"]) for row in rows] == [("own", "related"), ("own", "stranger")]
    for catalog, status in (("own", 204), ("sellers", 403), ("theirs", 404)):
        await checked(http.delete(f"/v1/catalogs/{catalog}/assignments?buyerID=related"), status)
