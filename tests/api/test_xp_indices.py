"""Xp indices (XP-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked


async def listed(api: Api, query: str = "") -> list[tuple[str, str]]:
    page = (await checked(api.seller.get(f"/v1/xpindices?{query}"), 200)).json()
    return [(item["ThingType"], item["Key"]) for item in page["Items"]]


async def test_put_list_delete(api: Api, other: Api) -> None:
    """PUT 204 and idempotent; the type in any case or by position, the key exactly."""
    for body in (
        {"ThingType": "User", "Key": "Data.VendorLevel"},
        {"ThingType": "user", "Key": "Data.VendorLevel"},
        {"ThingType": "User", "Key": "data.vendorlevel"},
        {"ThingType": 11, "Key": "Region"},
        {"thingtype": "COMPANY", "KEY": "Region"},
        {"ThingType": "Address", "Key": "x", "Nope": 1},
    ):
        answer = await checked(api.seller.put("/v1/xpindices", json=body), 204)
        assert answer.content == b""
    found = await listed(api)
    assert [key.lower() for _, key in found] == ["x", "region", "data.vendorlevel", "data.vendorlevel"]
    assert [thing_type for thing_type, _ in found] == ["Address", "Company", "User", "User"], (
        "in declared order"
    )
    assert {key for _, key in found} >= {"Data.VendorLevel", "data.vendorlevel"}
    assert await listed(other) == []
    assert await listed(api, "ThingType=user&Key=data*&sortBy=Key&pageSize=1&page=2") == found[3:]
    assert await listed(api, "search=regi") == [("Company", "Region")]
    assert await listed(api, "ThingType=Company") == [("Company", "Region")]
    await checked(api.seller.delete("/v1/xpindices/USER/data.vendorlevel"), 204)
    assert ("User", "Data.VendorLevel") in await listed(api)
    for path in ("user/data.vendorlevel", "Address/X", "Nope/x", "Product/x", "5/x"):
        refused = await checked(api.seller.delete(f"/v1/xpindices/{path}"), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "XpIndex", "ObjectID": path}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["ThingType", "Key"]),
        ({"ThingType": "User"}, ["Key"]),
        ({"ThingType": "User", "Key": ""}, ["Key"]),
        ({"Key": "a"}, ["ThingType"]),
        ({"ThingType": "Product", "Key": "a"}, ["ThingType"]),
        ({"ThingType": 29, "Key": "a"}, ["ThingType"]),
        ({"ThingType": "User", "Key": "\N{OX}" * 501}, ["Key"]),
        ({"ThingType": "User", "Key": {"a": 1}}, ["Key"]),
    ],
)
async def test_refused(body: dict[str, Any], names: list[str], api: Api) -> None:
    """Products need no index (RN 156): the type is none of the names."""
    refused = await checked(api.seller.put("/v1/xpindices", json=body), 400)
    found = [(error["ErrorCode"], error["Data"]["Property"]) for error in refused.json()["Errors"]]
    assert found == [("ValidationFailure", name) for name in names]
    assert await listed(api) == []


async def test_newest_names(api: Api) -> None:
    """Behaviour A3: names that scripts of current marketplaces use, wherever these enumerations are read."""
    for thing_type in ("BuyerGroup", "Discount"):
        await checked(api.seller.put("/v1/xpindices", json={"ThingType": thing_type, "Key": "Region"}), 204)
    roles = ["OrderEditAfterSubmit", "BulkReader"]
    made = await checked(api.seller.post("/v1/securityprofiles", json={"Name": "x", "Roles": roles}), 201)
    assert sorted(made.json()["Roles"]) == sorted(roles)
    client = {"AppName": "x", "AccessTokenDuration": 600, "MaximumGrantedRoles": roles}
    await checked(api.seller.post("/v1/apiclients", json=client), 201)
    for path in ("discounts", "promotions", "products"):
        page = await checked(api.seller.get(f"/v1/{path}/assignments?level=BuyerGroup"), 200)
        assert page.json()["Items"] == []


async def test_longest_key(api: Api) -> None:
    """What is accepted can be stored and found."""
    key = "\N{OX}" * 500
    await checked(api.seller.put("/v1/xpindices", json={"ThingType": "User", "Key": key}), 204)
    assert await listed(api) == [("User", key)]


async def test_sellers_only(api: Api) -> None:
    """RN 185"""
    http = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    for verb, url in (("GET", ""), ("PUT", ""), ("DELETE", "/User/a")):
        refused = await checked(http.request(verb, f"/v1/xpindices{url}", json={}), 403)
        assert refused.json()["Errors"][0]["ErrorCode"] == "Auth.UserNotAuthorizedToAdmin"
