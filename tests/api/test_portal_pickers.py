"""What a context is picked from: API clients, and the users that they admit (CON-1)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.portal import ROOT, Portal, owner_of
from tests.api.uniform.subjects import checked


async def test_clients(api: Api, other: Api, portal: Portal) -> None:
    """All of the marketplace's, by name, with what they admit and what hears of them, and without secrets."""
    owner = await owner_of(api, portal)
    buyer = await api.buyer()
    body = {"AppName": "A shop", "AccessTokenDuration": 60, "ClientSecret": "a very long secret indeed"}
    made = (await checked(api.seller.post("/v1/apiclients", json=body), 201)).json()["ID"]
    await checked(
        api.seller.post("/v1/apiclients/assignments", json={"ApiClientID": made, "BuyerID": buyer}), 204
    )
    hook = {
        "Name": "H",
        "Url": "https://x.example",
        "HashKey": "k",
        "ApiClientIDs": [made],
        "WebhookRoutes": [],
    }
    await checked(api.seller.post("/v1/webhooks", json=hook), 201)
    path = f"{ROOT}/organizations/{api.marketplace}/apiclients"
    page = (await checked(owner.http.get(path), 200)).json()
    assert page["Meta"]["TotalCount"] == 2
    assert [each["AppName"] for each in page["Items"]] == ["A shop", "Everybody's"]
    assert page["Items"][0] == {
        "Id": made,
        "AppName": "A shop",
        "Active": False,
        "AllowAnyBuyer": False,
        "AllowAnySupplier": False,
        "AllowSeller": False,
        "IsAnonBuyer": False,
        "AssignedBuyerCount": 1,
        "AssignedSupplierCount": 0,
        "AssignedWebhookCount": 1,
    }
    newer = f"/api/v2/ApiClients?marketplaceID={api.marketplace}"
    for query, names in (
        ("?search=shop", ["A shop"]),
        ("?Active=true", ["Everybody's"]),
        ("?sortBy=!AppName&pageSize=1", ["Everybody's"]),
        ("?page=2&pageSize=1", ["Everybody's"]),
    ):
        for url in (f"{path}{query}", f"{newer}&{query[1:]}"):
            items = (await checked(owner.http.get(url), 200)).json()["Items"]
            assert [each["AppName"] for each in items] == names, url
    for url in (f"{path}?pageSize=101", f"{path}?sortBy=Nothing"):
        assert (await owner.http.get(url)).status_code == 400


async def test_users_of_a_client(api: Api, other: Api, portal: Portal) -> None:
    """Those that may log in with it, of whatever company; of another client others."""
    owner = await owner_of(api, portal)
    buyer, supplier = await api.buyer("the-buyer"), await api.supplier("the-supplier")
    shopper = await api.user(buyer=buyer, id="shopper")
    await api.user(buyer=await api.buyer("elsewhere"), id="foreign")
    await api.user(supplier=supplier, id="vendor")
    client = await api.api_client(allow_any_supplier=True)
    row = {"ApiClientID": client, "BuyerID": buyer}
    await checked(api.seller.post("/v1/apiclients/assignments", json=row), 204)
    root = f"{ROOT}/organizations/{api.marketplace}/apiclients"

    async def users(client_id: str, query: str = "") -> list[dict[str, Any]]:
        answer = await checked(owner.http.get(f"{root}/{client_id}/users{query}"), 200)
        found: list[dict[str, Any]] = answer.json()["Items"]
        return found

    assert [each["UserId"] for each in await users(api.client_id)] == [
        "admin",
        "foreign",
        "shopper",
        "vendor",
    ]
    found = await users(client.lower())
    assert [each["UserId"] for each in found] == ["shopper", "vendor"]
    assert found[0] == {
        "Username": shopper.username,
        "UserId": "shopper",
        "FirstName": "First",
        "LastName": "Last",
        "Email": "shopper@example.com",
        "CommerceRole": "Buyer",
        "CompanyId": "the-buyer",
        "CompanyName": "the-buyer",
        "UserActive": True,
    }
    assert [each["UserId"] for each in await users(api.client_id, "?search=vendor")] == ["vendor"]
    assert [each["CommerceRole"] for each in await users(api.client_id, "?CommerceRole=Seller")] == ["Seller"]
    for unknown in ("x", other.client_id):
        answer = await owner.http.get(f"{root}/{unknown}/users")
        assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
    newer = f"/api/v2/ApiClients/{client}/users?marketplaceID={api.marketplace}&search=shopper"
    assert len((await checked(owner.http.get(newer), 200)).json()["Items"]) == 1


@pytest.mark.parametrize(
    ("rights", "seen"),
    [
        ({}, []),
        ({"IsAdmin": True, "Roles": ["FullAccess"]}, []),
        ({"ImpersonateBuyer": True}, ["shopper"]),
        ({"ImpersonateSupplier": True, "ImpersonateSeller": True}, ["admin", "vendor"]),
    ],
)
async def test_port_12_nobody_sees_users_as_whom_he_may_not_act(
    api: Api, portal: Portal, rights: dict[str, Any], seen: list[str]
) -> None:
    owner, helping = await owner_of(api, portal), await portal.someone()
    await api.user(buyer=await api.buyer(), id="shopper")
    await api.user(supplier=await api.supplier(), id="vendor")
    given = f"{ROOT}/organizations/{api.marketplace}/access/users/{helping.username}"
    await checked(owner.http.put(given, json=rights), 200)
    await checked(helping.http.post(f"{ROOT}/me/orginvites/{api.marketplace}/accept"), 204)
    path = f"{ROOT}/organizations/{api.marketplace}/apiclients/{api.client_id}/users"
    found = (await checked(helping.http.get(path), 200)).json()["Items"]
    assert sorted(each["UserId"] for each in found) == seen
