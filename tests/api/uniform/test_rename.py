"""A new ID by PUT or PATCH: everything that hangs on the object comes along (CONV-3)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import NAMED, RESOURCES, Subject, checked, for_each, subject

from entrepot.app.registry import registry
from entrepot.engine.references import ReferenceGraph


@for_each(NAMED)
@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
async def test_rename(name: str, verb: str, api: Api) -> None:
    """The new URL answers, the old one is gone, the rest stays; and the old ID is free."""
    things = await subject(name, api)
    body = await things.full()
    made = (await checked(things.http.post(things.path, json={**body, "ID": "old"}), 201)).json()
    sent = {**made, "ID": "new"} if verb == "PUT" else {"ID": "new"}
    renamed = (await checked(things.http.request(verb, things.url("OLD"), json=sent), 200)).json()
    assert renamed == made | {"ID": "new"}
    assert (await checked(things.http.get(things.url("new")), 200)).json() == renamed
    await checked(things.http.get(things.url("old")), 404)
    if name != "Buyers":  # whose default catalog keeps the name (BUY-2)
        await things.make(ID="old")


@for_each(NAMED)
@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
async def test_rename_onto_a_taken_id(name: str, verb: str, api: Api) -> None:
    """409, and nothing has changed."""
    things = await subject(name, api)
    first, second = await things.make(ID="first"), await things.make(ID="second")
    sent = {**first, "ID": "SECOND"} if verb == "PUT" else {"ID": "SECOND"}
    refused = await checked(things.http.request(verb, things.url("first"), json=sent), 409)
    data = {"ObjectType": things.resource.entity.object_type, "ObjectID": "SECOND"}
    assert refused.json() == {
        "Errors": [{"ErrorCode": "IdExists", "Message": "Object already exists.", "Data": data}]
    }
    for made in (first, second):
        assert (await checked(things.http.get(things.url(made["ID"])), 200)).json() == made


@for_each([name for name in NAMED if RESOURCES[name].within])
async def test_same_id_elsewhere_is_another_object(name: str, api: Api) -> None:
    """ID-5: IDs are unique per parent; renaming one leaves its namesake alone."""
    here = await subject(name, api)
    there = await subject(name, api)
    mine, namesake = await here.make(ID="same"), await there.make(ID="same")
    await checked(here.http.patch(here.url("same"), json={"ID": "other"}), 200)
    assert (await checked(there.http.get(there.url("same")), 200)).json() == namesake
    assert (await checked(here.http.get(here.url("other")), 200)).json() == mine | {"ID": "other"}


CHILDREN = sorted(
    (within.resource.name, name)
    for name, resource in RESOURCES.items()
    for within in resource.within
    if within.resource.name in NAMED
)


@pytest.mark.parametrize(("parent", "child"), CHILDREN)
async def test_children_follow(parent: str, child: str, api: Api) -> None:
    """Child routes of the new URL show them, those of the old one are gone with it; deleting takes them along."""
    inner = await subject(child, api)
    made = await inner.make()
    (within,) = inner.resource.within
    outer = Subject(parent, api, {}, inner.http)
    old = inner.parents[within.parameter]
    await checked(outer.http.patch(outer.url(old), json={"ID": "Moved"}), 200)
    refused = await checked(inner.http.get(inner.url(made["ID"])), 404)
    assert refused.json()["Errors"][0]["Data"]["ObjectID"] == old
    moved = Subject(child, api, {within.parameter: "Moved"}, inner.http)
    shown = (await checked(moved.http.get(moved.url(made["ID"])), 200)).json()
    assert shown == made | ({"CompanyID": "Moved"} if "CompanyID" in made else {})
    await checked(outer.http.delete(outer.url("moved")), 204)
    table = inner.resource.entity.table
    left = f'SELECT count(*) FROM {table} WHERE marketplace_id = $1 AND "ID" = $2::citext'
    assert await api.value(left, made["ID"]) == 0


REFERRERS = sorted(
    (column.references.table, name, column.name)
    for name, resource in RESOURCES.items()
    if name in NAMED
    for column in resource.entity.model.__columns__.values()
    if column.references is not None and not registry().entities[column.references.table].parents
)
"""But what lives under another object, as a category does: it has tests of its own."""
RENAMED_AT = {
    "buyers": "Buyers",
    "suppliers": "Suppliers",
    "buyer_groups": "BuyerGroups",
    "security_profiles": "SecurityProfiles",
    "delivery_configs": "DeliveryConfigurations",
    "integration_events": "IntegrationEvents",
    "price_schedules": "PriceSchedules",
    "products": "Products",
}


@pytest.mark.parametrize(("table", "name", "column"), REFERRERS)
async def test_references_follow(table: str, name: str, column: str, api: Api) -> None:
    """And they are spelled as the object they name, however they were sent (ID-4)."""
    things = await subject(name, api)
    body = await things.full()
    referred = body[column]
    made = await things.make(**body | {column: referred.swapcase()})
    assert made[column] == referred
    if table not in RENAMED_AT:
        return
    other = Subject(RENAMED_AT[table], api, {}, things.http)
    await checked(other.http.patch(other.url(referred), json={"ID": "Renamed"}), 200)
    shown = (await checked(things.http.get(things.url(made["ID"])), 200)).json()
    assert shown == made | {each: "Renamed" for each, value in made.items() if value == referred}


@pytest.mark.parametrize(("table", "name", "column"), REFERRERS)
async def test_reference_to_nothing(table: str, name: str, column: str, api: Api) -> None:
    """CONV-10: 404 for a reference to a missing object; so for one in another marketplace."""
    things = await subject(name, api)
    body = await things.full() | {column: "nope"}
    if name == "ImpersonationConfigs":
        body = await things.body() | {column: "nope"}
    reference = things.columns[column].references
    if reference is not None and reference.missing is not None:
        refused = await checked(things.http.post(things.path, json=body), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == reference.missing.code
        return
    refused = await checked(things.http.post(things.path, json=body), 404)
    object_type = ReferenceGraph.of(registry()).object_types[table]
    data = {"ObjectType": object_type, "ObjectID": "nope"}
    assert refused.json() == {
        "Errors": [{"ErrorCode": "NotFound", "Message": "Object not found.", "Data": data}]
    }


async def test_assignments_follow(api: Api) -> None:
    """Things and parties of every assignment, and memberships."""
    http = api.seller
    buyer, supplier = await api.buyer("b"), await api.supplier("s")
    user = await api.user(buyer=buyer, id="u")
    await checked(http.post("/v1/buyers/b/usergroups", json={"ID": "g", "Name": "G"}), 201)
    await checked(http.post("/v1/securityprofiles", json={"ID": "p", "Name": "P"}), 201)
    await checked(http.post("/v1/locales", json={"ID": "l", "Currency": "USD"}), 201)
    rows: list[tuple[str, dict[str, Any]]] = [
        ("/v1/locales/assignments", {"LocaleID": "l", "BuyerID": "b", "UserGroupID": "g"}),
        ("/v1/securityprofiles/assignments", {"SecurityProfileID": "p", "BuyerID": "b", "UserID": "u"}),
        ("/v1/securityprofiles/assignments", {"SecurityProfileID": "p", "SupplierID": "s"}),
        ("/v1/apiclients/assignments", {"ApiClientID": api.client_id, "BuyerID": "b"}),
        ("/v1/buyers/b/usergroups/assignments", {"UserGroupID": "g", "UserID": "u"}),
    ]
    for path, row in rows:
        await checked(http.post(path, json=row), 204)
    await checked(http.put("/v1/suppliers/s/buyers/b"), 204)
    names = {"b": "B2", "s": "S2", "u": "U2", "g": "G2", "p": "P2", "l": "L2"}
    for path in (
        "locales/l",
        "securityprofiles/p",
        "buyers/b/usergroups/g",
        "buyers/b/users/u",
        "suppliers/s",
    ):
        new = names[path.rsplit("/", 1)[1]]
        await checked(http.patch(f"/v1/{path}", json={"ID": new}), 200)
    await checked(http.patch("/v1/buyers/b", json={"ID": "B2"}), 200)
    for path, row in rows:
        renamed = {name: names.get(value, value) for name, value in row.items()}
        items = (await checked(http.get(path.replace("/b/", "/B2/")), 200)).json()["Items"]
        assert any(renamed.items() <= item.items() for item in items), (path, items)
    related = (await checked(http.get("/v1/suppliers/S2/buyers"), 200)).json()
    assert [item["ID"] for item in related["Items"]] == ["B2"]
    assert user.company == buyer
    assert supplier == "s"
