"""User groups of buyers, suppliers and the seller: membership and refusals (USR-5, USR-6)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.api.marketplace import Api, User
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

KINDS = ["buyer", "supplier", "seller"]


@dataclass
class Company:
    """A company of one kind: the URL of its groups, that of its users, and a way to make users."""

    api: Api
    kind: str
    id: str

    @property
    def groups(self) -> str:
        return "/v1/usergroups" if self.kind == "seller" else f"/v1/{self.kind}s/{self.id}/usergroups"

    async def group(self, group_id: str) -> None:
        await checked(self.api.seller.post(self.groups, json={"ID": group_id, "Name": group_id}), 201)

    async def user(self, user_id: str) -> User:
        owner = {} if self.kind == "seller" else {self.kind: self.id}
        return await self.api.user(id=user_id, **owner)

    async def members(self, query: str = "") -> list[tuple[str, str]]:
        page = (await checked(self.api.seller.get(f"{self.groups}/assignments?{query}"), 200)).json()
        assert page["Meta"]["TotalCount"] >= len(page["Items"])
        return [(item["UserGroupID"], item["UserID"]) for item in page["Items"]]


async def company(api: Api, kind: str) -> Company:
    match kind:
        case "buyer":
            return Company(api, kind, await api.buyer())
        case "supplier":
            return Company(api, kind, await api.supplier())
        case _:
            return Company(api, kind, api.marketplace)


@pytest.mark.parametrize("kind", KINDS)
async def test_membership(kind: str, api: Api) -> None:
    """ASG-1, ASG-5, ASG-6 for users and groups: upsert, explicit rows by group and user, delete."""
    here = await company(api, kind)
    for group in ("g1", "G2"):
        await here.group(group)
    for user in ("u1", "U2"):
        await here.user(user)
    for _ in range(2):
        for group, user in (("g2", "u1"), ("G1", "u2"), ("g1", "U1")):
            row = {"UserGroupID": group, "UserID": user}
            answer = await checked(api.seller.post(f"{here.groups}/assignments", json=row), 204)
            assert (answer.content, "Content-Type" in answer.headers) == (b"", False)
    assert await here.members() == [("g1", "u1"), ("g1", "U2"), ("G2", "u1")]
    assert await here.members("userGroupID=G1") == [("g1", "u1"), ("g1", "U2")]
    assert await here.members("userID=u1") == [("g1", "u1"), ("G2", "u1")]
    assert await here.members("USERID=u1&usergroupid=g2") == [("G2", "u1")]
    assert await here.members("userID=nope") == []
    assert await here.members("pageSize=1&page=2") == [("g1", "U2")]
    page = (await checked(api.seller.get(f"{here.groups}/assignments?pageSize=2&page=5"), 200)).json()
    assert page["Meta"]["TotalCount"] == 3
    assert page["Items"] == []
    await checked(api.seller.delete(f"{here.groups}/g1/assignments/u2"), 204)
    assert await here.members() == [("g1", "u1"), ("G2", "u1")]
    refused = await checked(api.seller.delete(f"{here.groups}/g1/assignments/u2"), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "UserGroupAssignment", "ObjectID": "g1/u2"}


@pytest.mark.parametrize("kind", KINDS)
async def test_both_in_the_same_company(kind: str, api: Api) -> None:
    """USR-6: else 404, for saving and deleting."""
    here = await company(api, kind)
    await here.group("g")
    await here.user("u")
    for other in [await company(api, each) for each in KINDS if each != kind]:
        await other.group("elsewhere")
        await other.user("stranger")
    for group, user, object_type, object_id in (
        ("g", "stranger", "User", "stranger"),
        ("elsewhere", "u", "UserGroup", "elsewhere"),
        ("nope", "nope", "UserGroup", "nope"),
    ):
        row = {"UserGroupID": group, "UserID": user}
        data = {"ObjectType": object_type, "ObjectID": object_id}
        refused = await checked(api.seller.post(f"{here.groups}/assignments", json=row), 404)
        assert refused.json()["Errors"][0]["Data"] == data
        refused = await checked(api.seller.delete(f"{here.groups}/{group}/assignments/{user}"), 404)
        assert refused.json()["Errors"][0]["Data"] == data
    refused = await checked(api.seller.post(f"{here.groups}/assignments", json={}), 400)
    assert [error["Data"]["Property"] for error in refused.json()["Errors"]] == ["UserGroupID", "UserID"]
    await checked(api.seller.post(f"{here.groups}/assignments", content=b"[]"), 400)


@pytest.mark.parametrize("kind", ["buyer", "supplier"])
async def test_missing_and_foreign_companies(kind: str, api: Api) -> None:
    """CONV-9, ORG-2"""
    here, foreign = await company(api, kind), await company(api, kind)
    await here.group("g")
    member = await here.user("u")
    own = api.as_(member, roles=["FullAccess"])
    row = {"UserGroupID": "g", "UserID": "u"}
    await checked(own.post(f"{here.groups}/assignments", json=row), 204)
    await checked(own.get(f"{here.groups}/assignments"), 200)
    await checked(own.delete(f"{here.groups}/g/assignments/u"), 204)
    nowhere = Company(api, kind, "nope")
    for http, there in ((own, foreign), (api.seller, nowhere)):
        for verb, below in (("GET", ""), ("POST", ""), ("DELETE", "")):
            url = f"{there.groups}/assignments" if verb != "DELETE" else f"{there.groups}/g/assignments/u"
            refused = await checked(http.request(verb, url + below, json=row), 404)
            data = {"ObjectType": kind.capitalize(), "ObjectID": there.id}
            assert refused.json()["Errors"][0]["Data"] == data


async def test_the_sellers_groups_are_its_own(api: Api) -> None:
    """Security 16: who works for the seller is nobody else's to read."""
    here = await company(api, "seller")
    await here.group("g")
    await here.user("u")
    for user in (await api.user(buyer=await api.buyer()), await api.user(supplier=await api.supplier())):
        http = api.as_(user, roles=["FullAccess"])
        for url in ("usergroups", "usergroups/g", "usergroups/assignments", "adminusers", "adminusers/u"):
            await checked(http.get(f"/v1/{url}"), 403)
        row = {"UserGroupID": "g", "UserID": "u"}
        await checked(http.post("/v1/usergroups/assignments", json=row), 403)
        await checked(http.delete("/v1/usergroups/g/assignments/u"), 403)


async def test_users_of_a_group(api: Api) -> None:
    """USR-5: user lists take userGroupID."""
    here = await company(api, "buyer")
    await here.group("g")
    for name in ("in", "out"):
        await here.user(name)
    await checked(
        api.seller.post(f"{here.groups}/assignments", json={"UserGroupID": "g", "UserID": "in"}), 204
    )
    page = (await checked(api.seller.get(f"/v1/buyers/{here.id}/users?userGroupID=G"), 200)).json()
    assert [item["ID"] for item in page["Items"]] == ["in"]


@pytest.mark.parametrize("side", ["Impersonation", ""])
async def test_group_of_an_impersonation_config_stays(side: str, api: Api) -> None:
    """USR-6"""
    here = await company(api, "buyer")
    for group in ("named", "free"):
        await here.group(group)
    await checked(api.seller.post("/v1/securityprofiles", json={"ID": "p", "Name": "P"}), 201)
    config = {
        "ClientID": api.client_id,
        "SecurityProfileID": "p",
        f"{side}BuyerID": here.id,
        f"{side}GroupID": "named",
    }
    await checked(api.seller.post("/v1/impersonationconfig", json=config), 201)
    refused = await checked(api.seller.delete(f"{here.groups}/named"), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Impersonation.CannotDeleteImpersonateeParty"
    await checked(api.seller.delete(f"{here.groups}/free"), 204)
