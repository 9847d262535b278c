"""The Python SDK (PyPI ordercloud-python) walks the same way: log in, Me, a buyer with users and groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from ordercloud import AuthenticationError, OrderCloudClient, OrderCloudError, paginate
from ordercloud.models.assignments import UserGroupAssignment
from ordercloud.models.buyer import Buyer
from ordercloud.models.user import User
from ordercloud.models.user_group import UserGroup
from tests.conformance.running import Shop


def fresh(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


@asynccontextmanager
async def person(shop: Shop, name: str, *scopes: str, password: str = "") -> AsyncIterator[OrderCloudClient]:
    """A client on which a demo user has logged in with the password grant."""
    user = shop.demo["users"][name]
    client = OrderCloudClient.create(
        client_id=shop.demo["clientID"],
        client_secret="",
        base_url=f"{shop.url}/v1",
        auth_url=f"{shop.url}/oauth/token",
        scopes=list(scopes),
    )
    async with client:
        await client._token_manager.authenticate_password(
            client._http._client, user["username"], password or user["password"]
        )
        yield client


@asynccontextmanager
async def program(shop: Shop) -> AsyncIterator[OrderCloudClient]:
    """A client that logs in with the client credentials grant when it is first used."""
    async with OrderCloudClient.create(
        client_id=shop.demo["integrationClientID"],
        client_secret=shop.demo["integrationClientSecret"],
        base_url=f"{shop.url}/v1",
        auth_url=f"{shop.url}/oauth/token",
    ) as client:
        yield client


@pytest.mark.parametrize("name", ["admin01", "buyer01", "supplier01"])
async def test_me(shop: Shop, name: str) -> None:
    async with person(shop, name, "FullAccess", "MeAdmin") as client:
        me = await client.me.get()
        assert me.username == shop.demo["users"][name]["username"]
        assert me.password is None
        assert me.seller is not None
        assert me.seller.id == shop.demo["marketplaceID"]
        assert (me.buyer is not None, me.supplier is not None) == (name == "buyer01", name == "supplier01")


async def test_me_patch_and_save(shop: Shop) -> None:
    async with person(shop, "admin01", "FullAccess") as client:
        before = await client.me.get()
        patched = await client.me.patch({"FirstName": "Jo", "xp": {"python": {"a": 1}}})
        assert patched.first_name == "Jo"
        assert patched.xp is not None
        assert patched.xp["python"] == {"a": 1}
        saved = await client.me.save(before)
        assert saved.first_name == before.first_name


async def test_program_logs_in_and_runs_through_pages(shop: Shop) -> None:
    async with program(shop) as client:
        assert (await client.me.get()).username == shop.demo["users"]["admin01"]["username"]
        buyer = await client.buyers.create(
            Buyer(id=fresh("python"), name="Python", active=True, xp={"a": [1]})
        )
        assert buyer.id is not None
        assert (buyer.active, buyer.xp) == (True, {"a": [1]})

        suffix = fresh("")
        for letter in "DBAC":
            user: User[dict[str, object]] = User(
                id=letter,
                username=f"{letter}{suffix}",
                first_name=letter,
                last_name="Snake",
                email=f"{letter}@example.com",
                active=letter != "D",
            )
            assert (await client.users.create(buyer.id, user)).company_id == buyer.id
        found = [user.id async for user in paginate(client.users.list, buyer.id, page_size=3, sort_by="!ID")]
        assert found == ["D", "C", "B", "A"]

        page = await client.users.list(
            buyer.id, page=2, page_size=1, sort_by="ID", filters={"Active": True, "ID": ["!B", "!D"]}
        )
        assert [user.id for user in page.items] == ["C"]
        assert (page.meta.page, page.meta.page_size, page.meta.total_count) == (2, 1, 2)
        assert (page.meta.total_pages, page.meta.item_range) == (2, [2, 2])

        group = await client.user_groups.create(buyer.id, UserGroup(id="team", name="Team"))
        assert group.id is not None
        assignment = UserGroupAssignment(user_group_id=group.id, user_id="A")
        await client.user_groups.save_user_assignment(buyer.id, assignment)
        assigned = await client.user_groups.list_user_assignments(buyer.id, user_group_id=group.id)
        assert [row.user_id for row in assigned.items] == ["A"]
        members = await client.users.list(buyer.id, user_group_id=group.id)
        assert [user.id for user in members.items] == ["A"]

        renamed = await client.buyers.patch(buyer.id, {"ID": fresh("renamed"), "xp": {"b": 2}})
        assert renamed.xp == {"a": [1], "b": 2}
        assert renamed.id is not None
        assert (await client.users.get(renamed.id, "A")).first_name == "A"
        await client.buyers.delete(renamed.id)
        with pytest.raises(OrderCloudError) as gone:
            await client.buyers.get(renamed.id)
        assert (gone.value.status_code, gone.value.errors[0].error_code) == (404, "NotFound")
        assert gone.value.errors[0].data == {"ObjectType": "Buyer", "ObjectID": renamed.id}


async def test_refusals(shop: Shop) -> None:
    async with person(shop, "buyer01", "Shopper") as client:
        with pytest.raises(AuthenticationError) as refused:
            await client.buyers.list()
        assert (refused.value.status_code, refused.value.errors[0].error_code) == (
            403,
            "Auth.InsufficientRoles",
        )
    with pytest.raises(httpx.HTTPStatusError) as wrong:
        async with person(shop, "buyer01", password="Wrong-Password-1"):
            pass
    assert wrong.value.response.status_code == 400
    assert wrong.value.response.json()["Errors"][0]["ErrorCode"] == "InvalidCredentials"
