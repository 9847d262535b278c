"""Assignments of addresses, cards, accounts and cost centers within a buyer (ASG-1 to ASG-7), and what /me makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.company import ADDRESS, Company, company
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import checked

THINGS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "addresses": ("AddressID", ADDRESS, {"IsShipping": True, "IsBilling": False}),
    "creditcards": ("CreditCardID", {}, {}),
    "spendingaccounts": ("SpendingAccountID", {"Name": "S", "Balance": 1}, {"AllowExceed": False}),
    "costcenters": ("CostCenterID", {"Name": "C"}, {}),
}
"""Path -> the property that names the thing, a body, an assignment's settings."""
USERS_TOO = [things for things in THINGS if things != "costcenters"]


async def filled(api: Api, things: str) -> Company:
    """Things t1 to t4, with the same IDs in the other buyer."""
    made = await company(api)
    for buyer in ("b", "b2"):
        await made.make(things, "t1", "t2", "t3", "t4", buyer=buyer, **THINGS[things][1])
    return made


@pytest.mark.parametrize("things", THINGS)
async def test_rows(things: str, api: Api) -> None:
    """ASG-1, ASG-4 to ASG-6: explicit rows by thing, user and group; filters; the delete takes exactly one."""
    b = await filled(api, things)
    thing, _, settings = THINGS[things]
    users = things in USERS_TOO
    for party in (
        {"UserGroupID": "G2"},
        {"UserGroupID": "g1"},
        {},
        *([{"UserID": "BOB"}] if users else []),
        {"UserGroupID": "g1"},
    ):
        await b.assign(things, **{thing: "T1"}, **settings, **party)
    await b.assign(things, **{thing: "t2"}, **settings)
    await b.assign(things, buyer="b2", **{thing: "t1"}, **settings)

    def row(thing_id: str, user: str | None, group: str | None) -> dict[str, Any]:
        return {thing: thing_id, **({"UserID": user} if users else {}), "UserGroupID": group, **settings}

    company_row, of_g1, of_g2, second = (
        row("t1", None, None),
        row("t1", None, "g1"),
        row("t1", None, "g2"),
        row("t2", None, None),
    )
    of_bob = [row("t1", "bob", None)] if users else []
    url = f"/v1/buyers/B/{things}/assignments"
    name = thing[0].lower() + thing[1:]
    for query, expected in {
        "": [company_row, of_g1, of_g2, *of_bob, second],
        f"{name}=T2": [second],
        "level=Company": [company_row, second],
        "level=Group": [of_g1, of_g2],
        "level=Group&userGroupID=G2": [of_g2],
        **({"level=User": of_bob, "userID=bob": of_bob, "userID=ann": []} if users else {}),
        "pageSize=1&page=2": [of_g1],
    }.items():
        page = (await checked(b.seller.get(f"{url}?{query}"), 200)).json()
        assert page["Items"] == expected, query
    assert (await checked(b.seller.get("/v1/buyers/b2/" + things + "/assignments"), 200)).json()["Items"] == [
        company_row
    ]

    one = f"/v1/buyers/b/{things}/T1/assignments"
    await checked(b.seller.delete(one), 204)
    refused = await checked(b.seller.delete(one), 404)
    model = f"{thing.removesuffix('ID')}Assignment"
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": model, "ObjectID": "T1"}
    await checked(b.seller.delete(f"{one}?userGroupID=g2"), 204)
    if users:
        await checked(b.seller.delete(f"{one}?userID=bob"), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == [of_g1, second]
    # A renamed thing keeps its rows; a deleted thing, group or buyer takes them along (ASG-8).
    await checked(b.seller.patch(f"/v1/buyers/b/{things}/t1", json={"ID": "renamed"}), 200)
    await checked(b.seller.patch("/v1/buyers/b", json={"ID": "c"}), 200)
    url = f"/v1/buyers/c/{things}/assignments"
    renamed = {**of_g1, thing: "renamed"}
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == [renamed, second]
    await checked(b.seller.delete(f"/v1/buyers/c/{things}/t2"), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == [renamed]
    await checked(b.seller.delete("/v1/buyers/c/usergroups/g1"), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == []


@pytest.mark.parametrize("things", THINGS)
async def test_refusals(things: str, api: Api) -> None:
    """ASG-2, ASG-3, CONV-10: levels, and things and parties of other companies; nothing is written."""
    b = await filled(api, things)
    await b.make(things, "mine", **THINGS[things][1])
    await b.make(things, "theirs", buyer="b2", **THINGS[things][1])
    thing, _, settings = THINGS[things]
    kind = thing.removesuffix("ID")
    url = f"/v1/buyers/b/{things}/assignments"
    for named, status, expected in (
        ({thing: "theirs"}, 404, {"ObjectType": kind, "ObjectID": "theirs"}),
        ({thing: "t1", "UserGroupID": "no"}, 404, {"ObjectType": "UserGroup", "ObjectID": "no"}),
    ):
        refused = await checked(b.seller.post(url, json={**settings, **named}), status)
        assert refused.json()["Errors"][0]["Data"] == expected
    refused = await checked(b.seller.post(url, json=settings), 400)
    assert codes(refused) == ["ValidationFailure"]
    assert refused.json()["Errors"][0]["Data"] == {"Property": thing}
    one = f"/v1/buyers/b/{things}/t1/assignments"
    if things in USERS_TOO:
        refused = await checked(b.seller.post(url, json={thing: "t1", "UserID": "cid", **settings}), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "User", "ObjectID": "cid"}
        both = {thing: "t1", "UserID": "ann", "UserGroupID": "g1", **settings}
        refused = await checked(b.seller.post(url, json=both), 400)
        assert codes(refused) == ["PartyAssignment.CannotSpecifyGroupAndUser"]
        for query, code in {
            "level=Company&userID=ann": "PartyAssignment.InvalidUserLevel",
            "level=User&userGroupID=g1": "PartyAssignment.InvalidGroupLevel",
        }.items():
            assert codes(await checked(b.seller.get(f"{url}?{query}"), 400)) == [code]
    else:
        refused = await checked(b.seller.delete(f"{one}?userID=ann"), 400)
        assert codes(refused) == ["PartyAssignment.UserLevelNotAllowed"]
        refused = await checked(b.seller.post(url, json={thing: "t1", "UserID": "ann"}), 400)
        assert codes(refused) == ["PartyAssignment.UserLevelNotAllowed"]
    for verb, path in (("GET", url), ("POST", url), ("DELETE", one)):
        missing = path.replace("/b/", "/nope/")
        refused = await checked(b.seller.request(verb, missing, content=b"{broken"), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Buyer", "ObjectID": "nope"}
    refused = await checked(b.seller.delete(one.replace("t1", "theirs")), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": "theirs"}
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == []


@pytest.mark.parametrize("things", THINGS)
async def test_whose_rows(things: str, api: Api, other: Api) -> None:
    """ORG-2: buyers keep their own, suppliers that serve them look, other companies and marketplaces do not exist."""
    b = await filled(api, things)
    thing, _, settings = THINGS[things]
    await b.assign(things, **{thing: "t1"}, **settings)
    own = api.as_(b.ann, roles=["FullAccess"])
    supplier = api.as_(await api.user(supplier=await api.supplier("s")), roles=["FullAccess"])
    url, one = f"/v1/buyers/b/{things}/assignments", f"/v1/buyers/b/{things}/t1/assignments"
    body = {thing: "t2", **settings}
    await checked(supplier.get(url), 404)
    await checked(api.seller.put("/v1/suppliers/s/buyers/b"), 204)
    for verb, path, sent, as_supplier in (
        ("GET", url, None, 200),
        ("POST", url, body, 403),
        ("DELETE", one, None, 403),
    ):
        await checked(supplier.request(verb, path, json=sent), as_supplier)
        await checked(own.request(verb, path.replace("/b/", "/b2/"), json=sent), 404)
        await checked(other.seller.request(verb, path, json=sent), 404)
        await checked(own.request(verb, path, json=sent), 200 if verb == "GET" else 204)
    assert [row[thing] for row in (await own.get(url)).json()["Items"]] == ["t2"]


ME = {things: f"/v1/me/{things}" for things in THINGS}


@pytest.mark.parametrize("things", THINGS)
async def test_what_reaches_a_user(things: str, api: Api, other: Api) -> None:
    """ASG-7: the union over company, groups and self, each thing once; not the things of other users or buyers."""
    b = await filled(api, things)
    thing, _, settings = THINGS[things]
    ann, bob = b.me(b.ann), b.me(b.bob)
    assert await ids(ann, ME[things]) == []
    await b.assign(things, **{thing: "t1"}, **settings)
    await b.assign(things, **{thing: "t1"}, UserGroupID="g1", **settings)
    await b.assign(things, **{thing: "t2"}, UserGroupID="g1", **settings)
    await b.assign(things, **{thing: "t3"}, UserGroupID="g2", **settings)
    await b.assign(things, buyer="b2", **{thing: "t4"}, **settings)
    of_ann, of_bob = ["t1", "t2"], ["t1", "t3"]
    if things in USERS_TOO:
        await b.assign(things, **{thing: "t4"}, UserID="bob", **settings)
        await b.assign(things, **{thing: "t3"}, UserID="bob", **settings)
        of_bob = ["t1", "t3", "t4"]
    assert await ids(ann, f"{ME[things]}?sortBy=ID") == of_ann
    assert await ids(bob, f"{ME[things]}?sortBy=!ID") == of_bob[::-1]
    for query, expected in {"search=T2": ["t2"], "ID=t2|t3": ["t2"], "xp.a=1": [], "search=zz": []}.items():
        assert await ids(ann, f"{ME[things]}?{query}") == expected, query
    strangers = other.as_(await other.user(buyer=await other.buyer("b")), roles=["Shopper"])
    assert await ids(strangers, ME[things]) == []
    if things != "costcenters":
        for url, http, shown in (
            ("T1", ann, True),
            ("t3", ann, False),
            ("t3", bob, True),
            ("nope", bob, False),
        ):
            answer = await checked(http.get(f"{ME[things]}/{url}"), 200 if shown else 404)
            if shown:
                assert answer.json()["ID"] == url.lower()
            else:
                data = {"ObjectType": thing.removesuffix("ID"), "ObjectID": url}
                assert answer.json()["Errors"][0]["Data"] == data
    await checked(b.seller.delete("/v1/buyers/b/usergroups/g1/assignments/ann"), 204)
    assert await ids(ann, ME[things]) == ["t1"]


@pytest.mark.parametrize("things", THINGS)
async def test_who_asks(things: str, api: Api) -> None:
    """AUTH-54: buyer users only."""
    for user in (await api.user(), await api.user(supplier=await api.supplier())):
        refused = await checked(api.as_(user, roles=["FullAccess"]).get(ME[things]), 403)
        assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"]
