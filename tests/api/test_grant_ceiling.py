"""The ceiling of grants (security 21): off as in the original; on, nobody hands out what he does not hold, by whatever way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, Server, codes, run_server
from tests.api.uniform.subjects import RESOURCES, checked, subject

from entrepot.declare.resource import Verb

ROLE_LISTS = sorted(
    (name, column.name)
    for name, resource in RESOURCES.items()
    for column in resource.entity.model.__columns__.values()
    if column.grants is not None and column.grants.roles is None and Verb.CREATE in resource.verbs
)


@pytest.fixture
async def bounded(api: Api) -> AsyncIterator[Server]:
    """The same server with the ceiling on."""
    settings = replace(api.server.settings, grant_ceiling=True)
    async with run_server(settings, api.server.database, api.server.clock) as server:
        yield server


async def callers(api: Api, bounded: Server, *roles: str) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """The calls of a seller user with exactly these roles: under the ceiling, and without one."""
    token = api.token(await api.user(), roles)
    return api.with_token(token, bounded), api.with_token(token)


async def refused(sent: Any, *roles: str) -> None:
    answer = await checked(sent, 403)
    assert codes(answer) == ["Auth.GrantCeiling"]
    assert answer.json()["Errors"][0]["Data"] == {"Roles": list(roles)}


@pytest.mark.parametrize(("name", "column"), ROLE_LISTS)
async def test_lists_of_roles(name: str, column: str, api: Api, bounded: Server) -> None:
    """Every property that holds roles for somebody: by POST, PUT and PATCH; what stands there already may stay."""
    things = await subject(name, api)
    own = [role for role in things.resource.roles.write if role != "FullAccess"]
    low, free = await callers(api, bounded, *own, "Custom")
    beyond, held = (["Extra"], ["Custom"]) if "Custom" in column else (["FullAccess"], own[:1])
    body = await things.body(**{column: beyond})
    made = await things.make()
    url = things.url(made["ID"])
    await refused(low.post(things.path, json=body), *beyond)
    await refused(low.put(url, json=things.like(made, body)), *beyond)
    await refused(low.patch(url, json={column: beyond}), *beyond)
    await checked(low.patch(url, json={column: held}), 200)
    await checked(free.patch(url, json={column: [*held, *beyond]}), 200)
    await checked(low.patch(url, json={column: [*beyond, *held]}), 200)


async def test_profiles(api: Api, bounded: Server) -> None:
    """Assigned to a party, carried by an impersonation, and given by joining a group."""
    low, free = await callers(api, bounded, "SetSecurityProfile", "AdminUserGroupAdmin", "Shopper")
    for profile, role in (("small", "Shopper"), ("big", "OrderAdmin")):
        body = {"ID": profile, "Name": profile, "Roles": [role], "CustomRoles": []}
        await checked(api.seller.post("/v1/securityprofiles", json=body), 201)
    await checked(api.seller.put("/v1/usergroups/g", json={"Name": "G"}), 200)
    user, buyer = await api.user(), await api.buyer()
    row = {"SecurityProfileID": "big", "UserID": user.id}
    await refused(low.post("/v1/securityprofiles/assignments", json=row), "OrderAdmin")
    await checked(
        low.post("/v1/securityprofiles/assignments", json={**row, "SecurityProfileID": "small"}), 204
    )
    await checked(free.post("/v1/securityprofiles/assignments", json=row), 204)
    config = {"ClientID": api.client_id, "BuyerID": buyer, "ImpersonationBuyerID": buyer}
    config |= {"SecurityProfileID": "big"}
    await refused(low.put("/v1/impersonationconfig/i", json=config), "OrderAdmin")
    await checked(low.put("/v1/impersonationconfig/i", json=config | {"SecurityProfileID": "small"}), 200)
    of_group = {"SecurityProfileID": "big", "UserGroupID": "g"}
    await checked(api.seller.post("/v1/securityprofiles/assignments", json=of_group), 204)
    membership = {"UserID": user.id, "UserGroupID": "g"}
    await refused(low.post("/v1/usergroups/assignments", json=membership), "OrderAdmin")
    await checked(free.post("/v1/usergroups/assignments", json=membership), 204)


async def test_taking_over(api: Api, bounded: Server) -> None:
    """By another's password or e-mail address, and by a client that acts as him; one's own and weaker users' are free."""
    buyer = await api.buyer()
    strong = await api.user(buyer=buyer, roles=["OrderAdmin"], custom_roles=["Chief"])
    weak = await api.user(buyer=buyer, roles=["Shopper"])
    low, free = await callers(api, bounded, "BuyerUserAdmin", "ApiClientAdmin", "Shopper")
    users = f"/v1/buyers/{buyer}/users"
    for change in ({"Password": "Another-Passw0rd"}, {"Email": "mine@example.com"}):
        await refused(low.patch(f"{users}/{strong.id}", json=change), "Chief", "OrderAdmin")
        await checked(low.patch(f"{users}/{weak.id}", json=change), 200)
        await checked(free.patch(f"{users}/{strong.id}", json=change), 200)
    await checked(low.patch(f"{users}/{strong.id}", json={"FirstName": "New"}), 200)
    client = f"/v1/apiclients/{api.client_id}"
    acting = {"DefaultContextUserName": strong.username}
    await refused(low.patch(client, json=acting), "Chief", "OrderAdmin")
    await checked(low.patch(client, json={"DefaultContextUserName": weak.username}), 200)
    await checked(free.patch(client, json=acting), 200)
    await refused(low.post(f"{client}/secrets", json={"Name": "S"}), "Chief", "OrderAdmin")
    await refused(low.patch(client, json={"ClientSecret": "x" * 40}), "Chief", "OrderAdmin")
    await checked(free.post(f"{client}/secrets", json={"Name": "S"}), 201)
    own = await api.user(buyer=buyer, roles=["OrderAdmin"])
    http = api.with_token(api.token(own, ["BuyerUserAdmin"]), bounded)
    await checked(http.patch(f"{users}/{own.id}", json={"Email": "own@example.com"}), 200)


async def test_the_integration_of_subscriptions(api: Api, bounded: Server) -> None:
    """What a marketplace has one of is written by other operations than what it has many of."""
    client = {"DefaultContextUserName": "admin"}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=client), 200)
    low, free = await callers(api, bounded, "IntegrationEventAdmin")
    body: dict[str, Any] = {"ApiClientID": api.client_id, "Url": "https://example.com/x", "HashKey": "a-key"}
    body["ElevatedRoles"] = ["OrderAdmin"]
    await refused(low.put("/v1/integrations/subscription", json=body), "OrderAdmin")
    await checked(free.put("/v1/integrations/subscription", json=body), 200)


async def test_full_access_has_no_ceiling(api: Api, bounded: Server) -> None:
    """Whoever holds everything gives everything."""
    http = api.with_token(api.token(api.admin, ["FullAccess"]), bounded)
    body = {"Name": "All", "Roles": ["FullAccess"], "CustomRoles": ["Any"]}
    await checked(http.post("/v1/securityprofiles", json=body), 201)
