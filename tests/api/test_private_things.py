"""Private addresses and credit cards under /me (ADR-2, ADR-3, CRD-1, AUTH-35, USR-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.company import ADDRESS, Company, company
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import MOMENT, checked

BODIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "addresses": ("Address", {**ADDRESS, "Shipping": True}, {"Phone": "1", "Billing": True}),
    "creditcards": ("CreditCard", {"CardType": "Visa"}, {"Token": "1", "ExpirationDate": MOMENT}),
}
"""Path -> kind, the least body, values that are not in it."""


async def private(http: httpx.AsyncClient, things: str, **changes: Any) -> dict[str, Any]:
    body = {**BODIES[things][1], **changes}
    return dict((await checked(http.post(f"/v1/me/{things}", json=body), 201)).json())


@pytest.mark.parametrize("things", BODIES)
async def test_life(things: str, api: Api) -> None:
    """ADR-2, CONV-2, CONV-4: a generated ID, editable; PUT replaces; PATCH answers 204 and keeps the rest."""
    b = await company(api)
    ann, (kind, least, more) = b.me(b.ann), BODIES[things]
    url = f"/v1/me/{things}"
    xp = {"a": {"b": 1}}
    answer = await checked(
        ann.post(url, json={**least, **more, "ID": "mine", "xp": xp, "Editable": False}), 201
    )
    made = answer.json()
    assert len(made["ID"]) == 22
    assert answer.headers["Location"].endswith(f"{url}/{made['ID']}")
    assert made["Editable"] is True
    assert made["DateCreated"]
    assert {name: made[name] for name in more} == more
    one = f"{url}/{made['ID']}"
    assert (await checked(ann.get(one), 200)).json() == made
    assert (await checked(ann.get(f"{url}?Editable=true&xp.a.b=1"), 200)).json()["Items"] == [made]

    patched = await checked(ann.patch(one, json={"ID": "other", "xp": {"a": {"c": 2}}}), 204)
    assert patched.content == b""
    shown = (await checked(ann.get(one), 200)).json()
    assert shown == made | {"xp": {"a": {"b": 1, "c": 2}}}

    replaced = (await checked(ann.put(one, json={**least, "ID": "other"}), 200)).json()
    empty = {name: False if name == "Billing" else None for name in more}
    assert replaced == made | empty | {"xp": None}
    assert (await checked(ann.get(one), 200)).json() == replaced

    assert (await checked(ann.delete(one), 204)).content == b""
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        refused = await checked(ann.request(verb, one, json=least), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": made["ID"]}
    assert await ids(ann, url) == []


@pytest.mark.parametrize("things", BODIES)
async def test_nobody_else_sees_them(things: str, api: Api) -> None:
    """ADR-3: no administrator of any company, no colleague; nor can they be assigned."""
    b = await company(api)
    ann, (kind, least, _) = b.me(b.ann), BODIES[things]
    made = await private(ann, things)
    colleague, admin = b.me(b.bob), api.as_(b.bob, roles=["FullAccess"])
    lists = [f"/v1/buyers/b/{things}", *(["/v1/addresses"] if things == "addresses" else [])]
    for http, of_seller in ((admin, 403), (api.seller, 404)):
        for url in lists:
            assert await ids(http, url) == []
            write = of_seller if url == "/v1/addresses" else 404
            for verb, status in (("GET", 404), ("PATCH", write), ("DELETE", write)):
                await checked(http.request(verb, f"{url}/{made['ID']}", json={}), status)
        body = {f"{kind}ID": made["ID"], "IsShipping": True}
        await checked(http.post(f"/v1/buyers/b/{things}/assignments", json=body), 404)
    assert await ids(colleague, f"/v1/me/{things}") == []
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        await checked(colleague.request(verb, f"/v1/me/{things}/{made['ID']}", json=least), 404)
    assert await ids(ann, f"/v1/me/{things}") == [made["ID"]]


@pytest.mark.parametrize("things", BODIES)
async def test_assigned_ones_are_not_editable(things: str, api: Api) -> None:
    """ADR-2: refused through /me, while what does not reach the caller does not exist."""
    b = await company(api)
    ann, (kind, least, _) = b.me(b.ann), BODIES[things]
    await b.make(things, "t1", "t2", **least)
    await b.assign(things, **{f"{kind}ID": "t1"}, IsShipping=True)
    for verb in ("PUT", "PATCH", "DELETE"):
        refused = await checked(ann.request(verb, f"/v1/me/{things}/t1", json=least), 400)
        assert codes(refused) == [f"{kind}.CannotEditPublic"]
        await checked(ann.request(verb, f"/v1/me/{things}/t2", json=least), 404)
    own = await private(ann, things)
    page = (await checked(ann.get(f"/v1/me/{things}"), 200)).json()
    assert {item["ID"]: item["Editable"] for item in page["Items"]} == {"t1": False, own["ID"]: True}
    assert await ids(ann, f"/v1/me/{things}?Editable=false") == ["t1"]


@pytest.mark.parametrize("things", BODIES)
async def test_they_go_with_their_user(things: str, api: Api) -> None:
    """USR-4: to another buyer, where assignments to the user do not follow; and away with the user."""
    b = await company(api)
    kind = BODIES[things][0]
    await b.make(things, "t1", **BODIES[things][1])
    await b.assign(things, **{f"{kind}ID": "t1"}, UserID="ann", IsShipping=True)
    made = await private(b.me(b.ann), things)
    await checked(api.seller.post("/v1/buyers/b/users/ann/moveto/b2?orders=None"), 201)
    ann = b.me(b.ann)
    ann.headers["Authorization"] = f"Bearer {api.token(b.ann, roles=['Shopper'], generation=1)}"
    assert await ids(ann, f"/v1/me/{things}") == [made["ID"]]
    rows = (await checked(api.seller.get(f"/v1/buyers/b/{things}/assignments"), 200)).json()["Items"]
    assert rows == []
    await checked(api.seller.delete("/v1/buyers/b2/users/ann"), 204)
    table = {"addresses": "addresses", "creditcards": "credit_cards"}[things]
    assert await api.value(f"SELECT count(*) FROM {table} WHERE marketplace_id = $1") == 1


@pytest.mark.parametrize("things", BODIES)
async def test_guests_look_only(things: str, api: Api) -> None:
    """AUTH-35"""
    b = await company(api)
    guest = api.as_(b.ann, roles=["FullAccess"], order_id="q" * 22)
    await checked(guest.get(f"/v1/me/{things}"), 200)
    for verb, url in (("POST", ""), ("PUT", "/x"), ("PATCH", "/x"), ("DELETE", "/x")):
        refused = await checked(guest.request(verb, f"/v1/me/{things}{url}", json={}), 403)
        assert codes(refused) == ["Auth.AnonUserProhibited"]


async def test_what_an_address_is_for(api: Api) -> None:
    """ADR-2: a private one by its own flags, of which one must be set; an assigned one by the union of its rows."""
    b = await company(api)
    ann, bob = b.me(b.ann), b.me(b.bob)

    async def uses(http: httpx.AsyncClient, query: str = "") -> dict[str, tuple[bool, bool]]:
        page = (await checked(http.get(f"/v1/me/addresses?{query}"), 200)).json()
        for item in page["Items"]:
            assert (await http.get(f"/v1/me/addresses/{item['ID']}")).json() == item
        return {item["ID"]: (item["Shipping"], item["Billing"]) for item in page["Items"]}

    for flags in ({}, {"Shipping": False, "Billing": None}):
        refused = await checked(ann.post("/v1/me/addresses", json={**ADDRESS, **flags}), 400)
        assert codes(refused) == ["BuyerAddress.MustBeBillingOrShipping"]
    own = (await private(ann, "addresses"))["ID"]
    writes: tuple[tuple[str, dict[str, Any]], ...] = (("PUT", ADDRESS), ("PATCH", {"Shipping": False}))
    for verb, body in writes:
        refused = await checked(ann.request(verb, f"/v1/me/addresses/{own}", json=body), 400)
        assert codes(refused) == ["BuyerAddress.MustBeBillingOrShipping"]
    await checked(ann.patch(f"/v1/me/addresses/{own}", json={"Shipping": False, "Billing": True}), 204)
    await checked(ann.patch(f"/v1/me/addresses/{own}", json={"Phone": "2"}), 204)
    assert await uses(ann) == {own: (False, True)}
    for changes, named in (
        ({"Country": "US"}, ["State", "Zip"]),
        ({"City": None, "AddressName": "x" * 101}, ["City", "AddressName"]),
        ({"xp": {"a": "x" * 8000}}, ["xp"]),
    ):
        refused = await checked(ann.patch(f"/v1/me/addresses/{own}", json=changes), 400)
        assert [error["Data"]["Property"] for error in refused.json()["Errors"]] == named

    await b.make("addresses", "a1", "a2", **ADDRESS)
    await b.assign("addresses", AddressID="a1", IsShipping=True)
    await b.assign("addresses", AddressID="a1", UserGroupID="g1", IsBilling=True)
    await b.assign("addresses", AddressID="a2", UserID="bob", IsBilling=True)
    assert await uses(ann) == {"a1": (True, True), own: (False, True)}
    assert await uses(bob) == {"a1": (True, False), "a2": (False, True)}
    assert await uses(bob, "Billing=true") == {"a2": (False, True)}
    assert await uses(ann, "Shipping=true&Billing=true") == {"a1": (True, True)}


@pytest.mark.parametrize("name", ["CardType", "CardholderName"])
async def test_long_texts_of_cards(name: str, api: Api) -> None:
    """No limit is known; ours keeps them sortable, in both places."""
    b: Company = await company(api)
    for http, url in ((api.seller, "/v1/buyers/b/creditcards"), (b.me(b.ann), "/v1/me/creditcards")):
        longest = "\N{GRINNING FACE}" * 500
        assert (await checked(http.post(url, json={name: longest}), 201)).json()[name] == longest
        refused = await checked(http.post(url, json={name: longest + "x"}), 400)
        assert refused.json()["Errors"][0]["Data"] == {"Property": name, "MaxLength": 500}
