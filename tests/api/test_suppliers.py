"""Suppliers and their relationships with buyers (ORG-1, SUP-1, SUP-2)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")


async def test_only_the_seller_opens_a_supplier_to_all_buyers(api: Api) -> None:
    """SUP-1: silently ignored from others."""
    body = {"ID": "s", "Name": "S", "Active": True, "AllBuyersCanOrder": True}
    assert (await checked(api.seller.post("/v1/suppliers", json=body), 201)).json()[
        "AllBuyersCanOrder"
    ] is True
    own = api.as_(await api.user(supplier="s"), roles=["SupplierAdmin"])
    for value in (False, True):
        await api.seller.patch("/v1/suppliers/s", json={"AllBuyersCanOrder": value})
        for verb in ("PATCH", "PUT"):
            sent = {**body, "Name": "Mine", "AllBuyersCanOrder": not value}
            changed = (await checked(own.request(verb, "/v1/suppliers/s", json=sent), 200)).json()
            assert (changed["Name"], changed["AllBuyersCanOrder"]) == ("Mine", value)
    assert (await checked(own.put("/v1/suppliers/s", json={"Name": "N", "Active": True}), 200)).json()[
        "AllBuyersCanOrder"
    ] is True


@pytest.mark.parametrize(("path", "object_type"), [("buyers", "Buyer"), ("suppliers", "Supplier")])
async def test_companies_cannot_take_the_marketplaces_id(api: Api, path: str, object_type: str) -> None:
    """ORG-1, security 3: whoever had it would pass for the seller. Nor can a company's own administrator."""
    taken = api.marketplace.swapcase()
    refused = {
        "ErrorCode": "IdExists",
        "Message": "Object already exists.",
        "Data": {"ObjectType": object_type, "ObjectID": taken},
    }
    await checked(api.seller.post(f"/v1/{path}", json={"ID": "c", "Name": "C", "Active": True}), 201)
    own = api.as_(await api.user(**{object_type.lower(): "c"}), roles=[f"{object_type}Admin"])
    for http, verb, url in (
        (api.seller, "POST", ""),
        (api.seller, "PUT", f"/{taken}"),
        (api.seller, "PATCH", "/c"),
        (api.seller, "PUT", "/c"),
        (own, "PATCH", "/c"),
        (own, "PUT", "/c"),
    ):
        answer = http.request(verb, f"/v1/{path}{url}", json={"ID": taken, "Name": "S"})
        assert (await checked(answer, 409)).json() == {"Errors": [refused]}
    other = "suppliers" if path == "buyers" else "buyers"
    await checked(api.seller.post(f"/v1/{other}", json={"ID": "C", "Name": "Of one ID"}), 201)


async def test_relationships(api: Api, other: Api) -> None:
    """SUP-2: 204, idempotent; the list has search, sort and filters; deleting either side ends them."""
    for supplier in ("s", "s2"):
        await api.supplier(supplier)
        await other.supplier(supplier)
    for buyer in ("b1", "b2", "b3"):
        await api.buyer(buyer)
        await other.buyer(buyer)
        await checked(api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": f"Name {buyer[::-1]}"}), 200)
    for _ in range(2):
        for buyer in ("B2", "b1"):
            answer = await checked(api.seller.put(f"/v1/suppliers/S/buyers/{buyer}"), 204)
            assert answer.content == b""
    page = (await checked(api.seller.get("/v1/suppliers/S/buyers"), 200)).json()
    assert page["Items"] == [{"ID": "b1", "Name": "Name 1b"}, {"ID": "b2", "Name": "Name 2b"}]
    assert page["Meta"]["TotalCount"] == 2
    for query, ids in {
        "search=2B": ["b2"],
        "sortBy=!ID": ["b2", "b1"],
        "Name=*1*": ["b1"],
        "ID=>b1": ["b2"],
    }.items():
        found = (await checked(api.seller.get(f"/v1/suppliers/s/buyers?{query}"), 200)).json()
        assert [item["ID"] for item in found["Items"]] == ids, query
    assert (await checked(api.seller.get("/v1/suppliers/s2/buyers"), 200)).json()["Items"] == []
    assert (await checked(other.seller.get("/v1/suppliers/s/buyers"), 200)).json()["Items"] == []
    await checked(api.seller.delete("/v1/suppliers/S/buyers/B1"), 204)
    refused = await checked(api.seller.delete("/v1/suppliers/s/buyers/b1"), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "SupplierBuyer", "ObjectID": "s/b1"}
    for verb in ("PUT", "DELETE"):
        for url, object_type in (("nope/buyers/b1", "Supplier"), ("s/buyers/nope", "Buyer")):
            refused = await checked(api.seller.request(verb, f"/v1/suppliers/{url}"), 404)
            assert refused.json()["Errors"][0]["Data"] == {"ObjectType": object_type, "ObjectID": "nope"}
    await checked(api.seller.delete("/v1/buyers/b2"), 204)
    assert (await checked(api.seller.get("/v1/suppliers/s/buyers"), 200)).json()["Items"] == []


async def test_who_keeps_relationships(api: Api) -> None:
    """SUP-2: the marketplace owner; a supplier sees its own."""
    for supplier in ("s", "s2"):
        await api.supplier(supplier)
    await api.buyer("b")
    own = api.as_(await api.user(supplier="s"), roles=["FullAccess"])
    shopper = api.as_(await api.user(buyer="b"), roles=["FullAccess"])
    await checked(own.get("/v1/suppliers/s/buyers"), 200)
    await checked(own.get("/v1/suppliers/s2/buyers"), 404)
    for http, verb in ((own, "PUT"), (own, "DELETE"), (shopper, "PUT"), (shopper, "DELETE")):
        refused = await checked(http.request(verb, "/v1/suppliers/s/buyers/b"), 403)
        assert refused.json()["Errors"][0]["ErrorCode"] == "Auth.UserNotAuthorizedToAdmin"
    await checked(shopper.get("/v1/suppliers/s/buyers"), 403)


async def test_what_a_deleted_supplier_owned_becomes_the_sellers(api: Api) -> None:
    """ORG-3: no owner is ever missing; and a renamed supplier stays the owner."""
    await api.supplier("s")
    locale = {"ID": "l", "Currency": "EUR", "OwnerID": "S"}
    assert (await checked(api.seller.post("/v1/locales", json=locale), 201)).json()["OwnerID"] == "s"
    await checked(api.seller.patch("/v1/suppliers/s", json={"ID": "t"}), 200)
    assert (await checked(api.seller.get("/v1/locales/l"), 200)).json()["OwnerID"] == "t"
    await checked(api.seller.delete("/v1/suppliers/t"), 204)
    assert (await checked(api.seller.get("/v1/locales/l"), 200)).json()["OwnerID"] == api.marketplace


async def test_my_sellers(api: Api) -> None:
    """BUY-6: the marketplace owner, and active suppliers that are open to all buyers or to the caller's."""
    for supplier, active, everyone in (
        ("open", True, True),
        ("asleep", False, True),
        ("mine", True, False),
        ("theirs", True, False),
    ):
        body = {"ID": supplier, "Name": supplier, "Active": active, "AllBuyersCanOrder": everyone}
        await checked(api.seller.post("/v1/suppliers", json=body), 201)
    for supplier, buyer in (("mine", "b"), ("theirs", "b2")):
        await api.buyer(buyer)
        await checked(api.seller.put(f"/v1/suppliers/{supplier}/buyers/{buyer}"), 204)
    for user, expected in (
        (await api.user(buyer="b"), {api.marketplace, "open", "mine"}),
        (await api.user(buyer="b2"), {api.marketplace, "open", "theirs"}),
        (await api.user(supplier="mine"), {api.marketplace, "open"}),
        (await api.user(), {api.marketplace, "open"}),
    ):
        http = api.as_(user, roles=["Shopper"])
        page = (await checked(http.get("/v1/me/sellers"), 200)).json()
        assert {item["ID"] for item in page["Items"]} == expected
        found = (await checked(http.get("/v1/me/sellers?search=OPE&sortBy=!Name"), 200)).json()
        assert found["Items"] == [{"ID": "open", "Name": "open"}]
