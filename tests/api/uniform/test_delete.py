"""DELETE (CONV-6, ASG-8)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import NAMED, RESOURCES, Subject, checked, for_each, subject

from entrepot.declare.resource import Verb

DELETABLE = sorted(name for name, resource in RESOURCES.items() if Verb.DELETE in resource.verbs)


@for_each(DELETABLE)
async def test_delete(name: str, api: Api) -> None:
    """204 without body or content type, then 404; a body is ignored, and the ID is free again."""
    things = await subject(name, api)
    made, kept = await things.make(), await things.make()
    url = things.url(made["ID"].swapcase())
    answer = await checked(things.http.request("DELETE", url, content=b"{nonsense"), 204)
    assert (answer.content, "Content-Type" in answer.headers) == (b"", False)
    data = {"ObjectType": things.resource.entity.object_type, "ObjectID": made["ID"].swapcase()}
    expected = {"Errors": [{"ErrorCode": "NotFound", "Message": "Object not found.", "Data": data}]}
    for verb in ("DELETE", "GET", "PATCH"):
        assert (await checked(things.http.request(verb, url), 404)).json() == expected
    assert (await checked(things.http.get(things.url(kept["ID"])), 200)).json() == kept
    if name in NAMED and name != "Buyers":  # whose default catalog stays (BUY-5)
        await things.make(ID=made["ID"])


OF_TABLE = {resource.entity.table: name for name, resource in RESOURCES.items() if not resource.within}
CLEARED = sorted(
    (OF_TABLE[column.references.table], name, column.name)
    for name, resource in RESOURCES.items()
    for column in resource.entity.model.__columns__.values()
    if column.references is not None
    and column.references.on_delete == "clear"
    and column.references.table in OF_TABLE
)


@pytest.mark.parametrize(("referred", "name", "column"), CLEARED)
async def test_reference_is_cleared(referred: str, name: str, column: str, api: Api) -> None:
    """BUY-7: what may be empty becomes null."""
    things = await subject(name, api)
    body = await things.full()
    made = await things.make(**body)
    assert made[column] == body[column]
    other = Subject(referred, api, {}, things.http)
    await checked(other.http.delete(other.url(body[column])), 204)
    assert (await checked(things.http.get(things.url(made["ID"])), 200)).json() == made | {column: None}


async def test_assignments_go_with_things_and_parties(api: Api) -> None:
    """ASG-8"""
    http = api.seller
    for company in ("b1", "b2"):
        await api.buyer(company)
        await api.user(buyer=company, id="u")
        await checked(http.post(f"/v1/buyers/{company}/usergroups", json={"ID": "g", "Name": "G"}), 201)
        member = {"UserGroupID": "g", "UserID": "u"}
        await checked(http.post(f"/v1/buyers/{company}/usergroups/assignments", json=member), 204)
    await checked(http.post("/v1/securityprofiles", json={"ID": "p", "Name": "P"}), 201)
    for row in (
        {"BuyerID": "b1"},
        {"BuyerID": "b1", "UserID": "u"},
        {"BuyerID": "b1", "UserGroupID": "g"},
        {"BuyerID": "b2", "UserID": "u"},
    ):
        await checked(
            http.post("/v1/securityprofiles/assignments", json={"SecurityProfileID": "p", **row}), 204
        )

    async def left() -> int:
        page = await checked(http.get("/v1/securityprofiles/assignments?securityProfileID=p"), 200)
        return int(page.json()["Meta"]["TotalCount"])

    async def members(company: str) -> int:
        page = await checked(http.get(f"/v1/buyers/{company}/usergroups/assignments"), 200)
        return int(page.json()["Meta"]["TotalCount"])

    assert (await left(), await members("b1")) == (4, 1)
    await checked(http.delete("/v1/buyers/b1/usergroups/g"), 204)
    assert (await left(), await members("b1")) == (3, 0)
    await checked(http.delete("/v1/buyers/b1/users/u"), 204)
    assert await left() == 2
    await checked(http.delete("/v1/buyers/b1"), 204)
    assert (await left(), await members("b2")) == (1, 1)
    await checked(http.delete("/v1/securityprofiles/p"), 204)
    assert await left() == 0
