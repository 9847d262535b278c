"""Who reaches what: parents, marketplaces, parties (CONV-9, CONV-10, AUTH-30, AUTH-52, ORG-2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User
from tests.api.uniform.subjects import LISTED, PATCHABLE, RESOURCES, Subject, checked, for_each, subject

from entrepot.declare.resource import Resource, Verb
from entrepot.declare.roles import Right
from entrepot.kernel.user_types import UserType

FORBIDDEN = {
    "Errors": [
        {
            "ErrorCode": "Auth.UserNotAuthorizedToAdmin",
            "Message": "User is not authorized to administer this resource.",
            "Data": None,
        }
    ]
}


def missing(object_type: str, object_id: str) -> dict[str, Any]:
    data = {"ObjectType": object_type, "ObjectID": object_id}
    return {"Errors": [{"ErrorCode": "NotFound", "Message": "Object not found.", "Data": data}]}


def calls(resource: Resource) -> list[tuple[Verb, str, bool]]:
    """Verb, HTTP verb, whether it names one object; the uniform operations that the resource has."""
    known = [
        (Verb.LIST, "GET", False),
        (Verb.GET, "GET", True),
        (Verb.CREATE, "POST", False),
        (Verb.SAVE, "PUT", True),
        (Verb.PATCH, "PATCH", True),
        (Verb.DELETE, "DELETE", True),
    ]
    return [call for call in known if call[0] in resource.verbs]


@for_each(sorted(name for name, resource in RESOURCES.items() if resource.within))
async def test_missing_parent(name: str, api: Api) -> None:
    """CONV-9: 404 names the outermost missing parent, before the body is looked at."""
    made = await subject(name, api)
    (within,) = made.resource.within
    things = Subject(name, api, {within.parameter: "nope"}, made.http)
    for _, verb, is_item in calls(things.resource):
        url = things.url("x") if is_item else things.path
        refused = await checked(things.http.request(verb, url, content=b"{broken"), 404)
        assert refused.json() == missing(within.resource.entity.object_type, "nope")


@for_each(PATCHABLE)
async def test_other_marketplace(name: str, api: Api, other: Api) -> None:
    """Objects of another marketplace do not exist, nor do their parents; both may use the same IDs."""
    mine = await subject(name, api)
    made = await mine.make()
    stranger = Subject(name, other, mine.parents, other.seller)
    object_type = mine.resource.entity.object_type
    expected = missing(object_type, made["ID"])
    if mine.parents:
        (within,) = mine.resource.within
        expected = missing(within.resource.entity.object_type, mine.parents[within.parameter])
    for verb in mine.resource.verbs & {Verb.GET, Verb.PATCH, Verb.DELETE}:
        refused = await checked(stranger.http.request(verb.upper(), stranger.url(made["ID"]), json={}), 404)
        assert refused.json() == expected
    listed = await stranger.http.get(stranger.path)
    if mine.parents:
        assert listed.status_code == 404
    else:
        assert made["ID"] not in [item["ID"] for item in listed.json()["Items"]]
        if Verb.CREATE in mine.resource.verbs and name != "ApiClients":
            twin = await stranger.make(ID=made["ID"])
            await checked(stranger.http.patch(stranger.url(made["ID"]), json={"ID": "moved"}), 200)
            await checked(stranger.http.delete(stranger.url("moved")), 204)
            assert twin["ID"] == made["ID"]
    assert (await checked(mine.http.get(mine.url(made["ID"])), 200)).json() == made


async def visitor(api: Api, kind: UserType, company: str | None = None) -> tuple[User, httpx.AsyncClient]:
    """A user of a company of its own, holding FullAccess: only its kind limits it."""
    match kind:
        case UserType.BUYER:
            user = await api.user(buyer=company or await api.buyer())
        case UserType.SUPPLIER:
            user = await api.user(supplier=company or await api.supplier())
        case _:
            user = await api.user()
    return user, api.as_(user, roles=["FullAccess"])


@for_each(sorted(RESOURCES))
@pytest.mark.parametrize("kind", [UserType.BUYER, UserType.SUPPLIER])
async def test_kinds_of_users(name: str, kind: UserType, api: Api) -> None:
    """ORG-2, AUTH-52, AUTH-53: by the declared access; a refusal for the kind comes before any look-up."""
    things = await subject(name, api)
    _, http = await visitor(api, kind)
    resource = things.resource
    right = resource.access.of(kind)
    # To a stranger neither companies nor, for buyers, anything of the marketplace is visible.
    foreign = any(
        within.resource.limits(kind) and (within.resource.company or kind is UserType.BUYER)
        for within in resource.within
    )
    for uniform, verb, is_item in calls(resource):
        reads = uniform in (Verb.LIST, Verb.GET)
        partly = uniform in (Verb.SAVE, Verb.PATCH) and resource.changed_by_owners
        needed = Right.READ if reads else Right.OWN if partly else Right.WRITE
        # What may be empty, a PUT creates.
        wanted = "made" if uniform is Verb.SAVE and not resource.company else "nope"
        answer = await http.request(verb, things.url(wanted) if is_item else things.path, json={})
        if right < needed:
            assert (answer.status_code, answer.json()) == (403, FORBIDDEN), (uniform, answer.text)
        elif foreign:
            (within,) = resource.within
            parent = things.parents[within.parameter]
            assert answer.status_code == 404, (uniform, answer.text)
            assert answer.json() == missing(within.resource.entity.object_type, parent)
        elif uniform is Verb.LIST:
            assert answer.status_code == 200, answer.text
        elif is_item and (uniform is not Verb.SAVE or resource.company):
            assert answer.json() == missing(resource.entity.object_type, "nope"), (uniform, answer.text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Buyers", UserType.BUYER), ("Suppliers", UserType.SUPPLIER)],
    ids=["buyer", "supplier"],
)
async def test_own_company(name: str, kind: UserType, api: Api) -> None:
    """ORG-2: read and write the own one, never create or delete; others do not exist."""
    things = await subject(name, api)
    foreign, own = await things.make(Active=True), await things.make(Active=True)
    _, http = await visitor(api, kind, own["ID"])
    for spelled in (own["ID"], own["ID"].swapcase()):
        assert (await checked(http.get(things.url(spelled)), 200)).json() == own
    page = (await checked(http.get(things.path), 200)).json()
    assert page["Items"] == [own]
    assert page["Meta"]["TotalCount"] == 1
    assert (await checked(http.get(f"{things.path}?search={foreign['Name']}"), 200)).json()["Items"] == []
    patched = (await checked(http.patch(things.url(own["ID"]), json={"Name": "Mine"}), 200)).json()
    assert patched == own | {"Name": "Mine"}
    assert (await checked(http.put(things.url(own["ID"]), json=own), 200)).json() == own
    expected = missing(things.resource.entity.object_type, foreign["ID"])
    for verb in ("GET", "PATCH", "PUT"):
        refused = await checked(http.request(verb, things.url(foreign["ID"]), json=foreign), 404)
        assert refused.json() == expected
    for verb, url in (("POST", things.path), ("DELETE", things.url(own["ID"]))):
        assert (await checked(http.request(verb, url, json=own), 403)).json() == FORBIDDEN


@for_each(
    [
        "Users",
        "UserGroups",
        "SupplierUsers",
        "SupplierUserGroups",
        "Addresses",
        "SupplierAddresses",
        "CreditCards",
    ],
)
async def test_inside_the_own_company(name: str, api: Api) -> None:
    """ORG-2: a company's users manage what is inside it."""
    things = await subject(name, api)
    (company,) = things.parents.values()
    kind = UserType.BUYER if "buyerID" in things.parents else UserType.SUPPLIER
    _, things.http = await visitor(api, kind, company)
    made = await things.make()
    await checked(things.http.patch(things.url(made["ID"]), json={"ID": "mine"}), 200)
    await checked(things.http.put(things.url("mine"), json=await things.body()), 200)
    page = (await checked(things.http.get(things.path), 200)).json()
    assert "mine" in [item["ID"] for item in page["Items"]]
    await checked(things.http.delete(things.url("mine")), 204)


@for_each(LISTED)
async def test_lists_show_this_parent_alone(name: str, api: Api, other: Api) -> None:
    """Rows of other parents and other marketplaces neither show nor count."""
    things = await subject(name, api)
    made = [await things.make() for _ in range(2)]
    await (await subject(name, other)).make()
    if things.parents:
        await (await subject(name, api)).make()
    page = (await checked(things.http.get(things.path), 200)).json()
    key = things.resource.entity.id_column
    shown = [item[key] for item in page["Items"]]
    assert {item[key] for item in made} <= set(shown)
    table = things.resource.entity.table
    conditions = "".join(f' AND "{within.column}" = $2::citext' for within in things.resource.within)
    named = {within.column for within in things.resource.within}
    conditions += "".join(
        f' AND "{owner.stored}" IS NULL'
        for owner in things.resource.entity.owners
        if owner.column not in named
    )
    rows = await api.rows(
        f'SELECT "{key}" FROM {table} WHERE marketplace_id = $1{conditions}', *things.parents.values()
    )
    assert sorted(shown) == sorted(row[0] for row in rows)
    assert page["Meta"]["TotalCount"] == len(rows)
