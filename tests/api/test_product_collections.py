"""Product collections and invitations to them (COL-1 to COL-6, AUTH-35, USR-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User, codes
from tests.api.outbox import messages
from tests.api.shop import ids
from tests.api.uniform.subjects import XP, checked

from entrepot.kernel.clock import format_datetime, parse_datetime
from entrepot.kernel.ids import new_id

MINE = "/v1/me/productcollections"


class Company:
    """Buyer `b` with users ann and bob, and an anonymous shopper on bob's template; cid is of another buyer."""

    def __init__(self, api: Api, users: dict[str, User]) -> None:
        self.users = users
        self.http = {name: api.as_(user, roles=["Shopper"]) for name, user in users.items()}
        guest = api.token(users["bob"], roles=["Shopper"], order_id=new_id())
        self.http["guest"] = api.with_token(guest)
        self.ann, self.bob, self.cid = (self.http[name] for name in ("ann", "bob", "cid"))


@pytest.fixture
async def shop(api: Api) -> Company:
    users = {}
    for name, buyer in (("ann", "b"), ("bob", "b"), ("cid", "c")):
        if name != "bob":
            await api.buyer(buyer)
        users[name] = await api.user(buyer=buyer, id=name)
    return Company(api, users)


async def collection(http: httpx.AsyncClient, name: str, **body: Any) -> dict[str, Any]:
    return dict((await checked(http.post(MINE, json={"ID": name, "Name": name, **body}), 201)).json())


async def invitation(http: httpx.AsyncClient, name: str, **body: Any) -> dict[str, Any]:
    """An invitation of whoever owns the collection."""
    url = f"{MINE}/{name}/invitations"
    return dict((await checked(http.post(url, json={"Name": "I", **body}), 201)).json())


async def test_life(shop: Company) -> None:
    """COL-1, CONV-2 to CONV-5: private unless it says otherwise; a new ID is free to choose, unique in the buyer."""
    answer = await checked(shop.ann.post(MINE, json={"Name": "N", "xp": XP}), 201)
    made = answer.json()
    assert made == {"ID": made["ID"], "Name": "N", "xp": XP, "AccessLevel": "Private"}
    assert answer.headers["Location"].endswith(f"{MINE}/{made['ID']}")
    url = f"{MINE}/{made['ID']}"
    patched = (await checked(shop.ann.patch(url, json={"ID": "c", "AccessLevel": "Public"}), 200)).json()
    assert patched == made | {"ID": "c", "AccessLevel": "Public"}
    await checked(shop.ann.get(url), 404)
    put = (await checked(shop.ann.put(f"{MINE}/C", json={"Name": "Put"}), 200)).json()
    assert put == {"ID": "c", "Name": "Put", "xp": None, "AccessLevel": "Private"}
    created = (await checked(shop.ann.put(f"{MINE}/d", json={"Name": "D"}), 200)).json()
    assert created["ID"] == "d"
    assert await ids(shop.ann, f"{MINE}?search=d&sortBy=!Name") == ["d"]
    for verb, name, status in (("POST", "c", 409), ("PUT", "c", 409), ("PATCH", "d", 409)):
        target = MINE if verb == "POST" else f"{MINE}/{name}"
        http = shop.ann if verb == "PATCH" else shop.bob
        await checked(http.request(verb, target, json={"ID": "c", "Name": "X"}), status)
    # Another buyer's are its own.
    await collection(shop.cid, "c")
    await checked(shop.ann.delete(f"{MINE}/c"), 204)
    for verb in ("GET", "PATCH", "DELETE"):
        refused = await checked(shop.ann.request(verb, f"{MINE}/c", json={}), 404)
        data = {"ObjectType": "ProductCollection", "ObjectID": "c"}
        assert refused.json()["Errors"][0]["Data"] == data
    assert await ids(shop.cid, MINE) == ["c"]


async def test_access(shop: Company) -> None:
    """COL-2: by level, inside the buyer, anonymous shoppers included; changes are the owner's, 404 for the unseen."""
    for level in ("Private", "Public", "Shareable"):
        await collection(shop.ann, level, AccessLevel=level)
    await collection(shop.bob, "bobs")
    expected = {
        "ann": (["Private", "Public", "Shareable"], ["Private", "Public", "Shareable"]),
        "bob": (["bobs", "Public"], ["bobs", "Public", "Shareable"]),
        # Whoever is not known has none of its own: not even those of the user that stands for it.
        "guest": (["Public"], ["Public", "Shareable"]),
        "cid": ([], []),
    }
    for name, (listed, read) in expected.items():
        http = shop.http[name]
        assert await ids(http, MINE) == listed
        for each in ("Private", "Public", "Shareable", "bobs"):
            url = f"{MINE}/{each}"
            await checked(http.get(url), 200 if each in read else 404)
            if name == "guest":
                for verb in ("PUT", "PATCH", "DELETE"):
                    refused = await checked(http.request(verb, url, json={"Name": "X"}), 403)
                    assert codes(refused) == ["Auth.AnonUserProhibited"]
            elif name == "bob" and each != "bobs":
                for verb, missing in (("PUT", 409), ("PATCH", 404), ("DELETE", 404)):
                    status = 403 if each in read else missing
                    refused = await checked(http.request(verb, url, json={"Name": "X"}), status)
                    assert status != 403 or codes(refused) == ["ProductCollection.CannotModify"]
    guest = shop.http["guest"]
    assert codes(await checked(guest.post(MINE, json={"Name": "X"}), 403)) == ["Auth.AnonUserProhibited"]


async def test_invitations(api: Api, shop: Company) -> None:
    """COL-5: 30 days unless it says otherwise, a year at most; they are the owner's to see and to change."""
    await collection(shop.ann, "c", AccessLevel="Public")
    url = f"{MINE}/c/invitations"
    before = api.server.clock()
    answer = await checked(
        shop.ann.post(f"{MINE}/C/invitations", json={"Name": "I", "Accepted": True, "ID": "mine"}), 201
    )
    made = answer.json()
    assert answer.headers["Location"].endswith(f"{url}/{made['ID']}")
    assert list(made) == ["ID", "Name", "Admin", "Accepted", "ExpirationDate", "xp"]
    assert made == made | {"Name": "I", "Admin": False, "Accepted": False, "xp": None}
    assert len(made["ID"]) == 22
    lifetime = parse_datetime(made["ExpirationDate"]) - before
    assert timedelta(days=30) <= lifetime < timedelta(days=31)
    assert (await checked(shop.ann.get(f"{url}/{made['ID']}"), 200)).json() == made
    second = await invitation(shop.ann, "c", Name="A", Admin=True, xp=XP)
    assert await ids(shop.ann, url) == [second["ID"], made["ID"]]
    assert await ids(shop.ann, f"{url}?Admin=true&xp.a.y=true&sortBy=!Name") == [second["ID"]]
    end = format_datetime(before + timedelta(days=300))
    change = {"Name": "New", "ExpirationDate": end, "xp": {"a": {"b": 2}}}
    patched = (await checked(shop.ann.patch(f"{url}/{second['ID']}", json=change), 200)).json()
    assert patched == second | change | {"xp": {**XP, "a": {**XP["a"], "b": 2}}}
    for verb, target in (("POST", url), ("PATCH", f"{url}/{made['ID']}")):
        body = {"Name": "X", "ExpirationDate": format_datetime(before + timedelta(days=400))}
        refused = await checked(shop.ann.request(verb, target, json=body), 400)
        assert refused.json()["Errors"][0]["Data"]["Property"] == "ExpirationDate"
        await checked(shop.ann.request(verb, target, json={"Name": ""}), 400)
    for name, status in (("bob", 403), ("cid", 404)):
        http = shop.http[name]
        for verb in ("GET", "PATCH", "DELETE"):
            await checked(http.request(verb, f"{url}/{made['ID']}", json={}), status)
        await checked(http.get(url), status)
        await checked(http.post(url, json={"Name": "X"}), status)
    await checked(shop.ann.delete(f"{url}/{made['ID']}"), 204)
    for verb in ("GET", "PATCH", "DELETE"):
        await checked(shop.ann.request(verb, f"{url}/{made['ID']}", json={}), 404)


async def test_answers(api: Api, shop: Company) -> None:
    """COL-5, INT: accepting gives access, declining removes the invitation; the owner is told of both."""
    c = await collection(shop.ann, "c", xp=XP)
    first, second, third = [await invitation(shop.ann, "c") for _ in range(3)]
    url = f"{MINE}/c/invitations"
    await checked(shop.bob.get(f"{MINE}/c"), 404)

    async def refusal(http: httpx.AsyncClient, answer: str, made: dict[str, Any], status: int) -> list[str]:
        return codes(await checked(http.post(f"{url}/{answer}/{made['ID']}"), status))

    for answer in ("accept", "decline"):
        own = await refusal(shop.ann, answer, first, 400)
        assert own == ["ProductCollection.CannotAcceptOrDeclineOwnInvitation"]
        assert await refusal(shop.http["guest"], answer, first, 403) == ["Auth.AnonUserProhibited"]
        for http in (shop.cid, api.seller):
            assert await refusal(http, answer, first, 404) == ["NotFound"]
        assert await refusal(shop.bob, answer, {"ID": "nope"}, 404) == ["NotFound"]
    accepted = await checked(shop.bob.post(f"{url}/accept/{first['ID']}"), 204)
    assert accepted.content == b""
    for answer in ("accept", "decline"):
        again = await refusal(shop.bob, answer, first, 400)
        assert again == ["ProductCollection.AlreadyAcceptedInvitation"]
    assert await ids(shop.bob, MINE) == ["c"]
    assert (await checked(shop.bob.get(f"{MINE}/c"), 200)).json() == c
    await checked(shop.bob.patch(f"{MINE}/c", json={"Name": "X"}), 403)
    shown = (await checked(shop.ann.get(f"{url}/{first['ID']}"), 200)).json()
    assert shown == first | {"Accepted": True}
    await checked(shop.bob.post(f"{url}/decline/{second['ID']}"), 204)
    assert await ids(shop.ann, f"{url}?sortBy=ID") == sorted([first["ID"], third["ID"]], key=str.lower)
    over = {"ExpirationDate": format_datetime(api.server.clock())}
    for each in (first, third):
        await checked(shop.ann.patch(f"{url}/{each['ID']}", json=over), 200)
    assert await refusal(shop.bob, "accept", third, 404) == ["NotFound"]
    sent = await messages(api)
    for told, name, made in zip(sent, ("Accepted", "Declined"), (first, second), strict=True):
        assert told.message_type == f"ProductCollectionInvitation{name}"
        assert told.recipient == "ann@example.com"
        assert told.body == {"ProductCollection": c, "InvitationInteropID": made["ID"], "UserID": "bob"}
    # What has been joined stays joined after the end of the invitation, until the owner takes it back.
    assert await ids(shop.bob, MINE) == ["c"]
    await checked(shop.ann.delete(f"{url}/{first['ID']}"), 204)
    assert await ids(shop.bob, MINE) == []


async def test_moves_and_deletions_of_users(api: Api, shop: Company) -> None:
    """USR-4: what is a user's own goes along, what it has joined stays behind; an ID clash is a 409."""
    await collection(shop.ann, "anns")
    await collection(shop.bob, "bobs")
    made = await invitation(shop.bob, "bobs")
    await checked(shop.ann.post(f"{MINE}/bobs/invitations/accept/{made['ID']}"), 204)
    await collection(shop.cid, "ANNS")
    move = "/v1/buyers/b/users/ann/moveto/c?orders=None"
    refused = await checked(api.seller.post(move), 409)
    assert codes(refused) == ["IdExists"]
    await checked(shop.cid.delete(f"{MINE}/anns"), 204)
    await checked(api.seller.post(move), 201)
    ann = api.as_(shop.users["ann"], roles=["Shopper"], generation=1)
    assert await ids(ann, MINE) == ["anns"]
    assert await ids(shop.bob, f"{MINE}/bobs/invitations") == []
    await checked(api.seller.delete("/v1/buyers/c/users/ann"), 204)
    left = "SELECT count(*) FROM product_collections WHERE marketplace_id = $1"
    assert await api.value(left) == 1


async def test_administrators_read(api: Api, shop: Company) -> None:
    """COL-6: the seller all, a supplier those of buyers that it may sell to, a buyer's user those of its buyer."""
    for name in ("x", "y"):
        await collection(shop.ann, name)
    await api.supplier("s")
    supplier = api.as_(await api.user(supplier="s"), roles=["ProductCollectionReader"])
    reader, other = (api.as_(shop.users[name], roles=["ProductCollectionReader"]) for name in ("bob", "cid"))
    url = "/v1/buyers/b/productcollections"
    callers = ((api.seller, 200), (reader, 200), (other, 404), (supplier, 404))
    for http, status in callers:
        for target in (url, f"{url}/x"):
            await checked(http.get(target), status)
    await checked(api.seller.put("/v1/suppliers/s/buyers/b"), 204)
    for http in (api.seller, reader, supplier):
        assert await ids(http, f"{url}?search=x") == ["x"]
        assert (await checked(http.get(f"{url}/Y"), 200)).json()["Name"] == "y"
        await checked(http.get(f"{url}/nope"), 404)
    for target in ("/v1/buyers/nope/productcollections", "/v1/buyers/c/productcollections/x"):
        await checked(api.seller.get(target), 404)
    await checked(shop.bob.get(url), 403)


async def put(http: httpx.AsyncClient, url: str, **body: Any) -> None:
    await checked(http.put(f"/v1/{url}", json={"Name": url, "Active": True, **body}), 200)


async def stock(api: Api) -> None:
    """Products p1 to p3 in a catalog that buyer b sees whole; p4 nowhere, p5 of a supplier."""
    http = api.seller
    await api.supplier("s")
    await put(http, "catalogs/k")
    row = {"CatalogID": "k", "BuyerID": "b", "ViewAllProducts": True}
    await checked(http.post("/v1/catalogs/assignments", json=row), 204)
    breaks = [{"Quantity": 1, "Price": 5}]
    await checked(
        http.post("/v1/priceschedules", json={"ID": "ps", "Name": "PS", "PriceBreaks": breaks}), 201
    )
    for name in ("p1", "p2", "p3", "p4", "p5"):
        more: dict[str, Any] = {"OwnerID": "s"} if name == "p5" else {}
        await put(http, f"products/{name}", xp={"Color": name}, DefaultPriceScheduleID="ps", **more)
        if name != "p4":
            row = {"CatalogID": "k", "ProductID": name}
            await checked(http.post("/v1/catalogs/productassignments", json=row), 204)


async def test_entries(api: Api, shop: Company) -> None:
    """COL-3: visible products by PUT or POST; a repeat moves, and keeps DateAdded; only editors change them."""
    await stock(api)
    await collection(shop.ann, "c", AccessLevel="Public")
    url = f"{MINE}/c"
    for name in ("p3", "P1"):
        added = await checked(shop.ann.put(f"{url}/{name}"), 204)
        assert added.content == b""
    await checked(shop.ann.post(f"{url}/products", json={"ProductID": "p2", "ListOrder": 7}), 204)
    first = (await checked(shop.ann.get(f"{url}/products"), 200)).json()["Items"]
    # By ListOrder, those without one last, then as they were added.
    assert [(item["ID"], item["ListOrder"]) for item in first] == [("p2", 7), ("p3", None), ("p1", None)]
    api.server.clock.advance(minutes=1)
    await checked(shop.ann.post(f"{url}/products", json={"ProductID": "p1", "ListOrder": 1}), 204)
    await checked(shop.ann.put(f"{url}/p2"), 204)
    again = (await checked(shop.ann.get(f"{url}/products"), 200)).json()["Items"]
    assert [(item["ID"], item["ListOrder"]) for item in again] == [("p1", 1), ("p2", 7), ("p3", None)]
    assert {i["ID"]: i["DateAdded"] for i in again} == {i["ID"]: i["DateAdded"] for i in first}
    for name in ("p4", "nope"):
        await checked(shop.ann.put(f"{url}/{name}"), 404)
        await checked(shop.ann.post(f"{url}/products", json={"ProductID": name}), 404)
    await checked(shop.ann.post(f"{url}/products", json={}), 400)
    writes = (("PUT", f"{url}/p5"), ("POST", f"{url}/products"), ("DELETE", f"{url}/p1"))
    for name, status in (("bob", 403), ("guest", 403), ("cid", 404)):
        for verb, target in writes:
            refused = await checked(shop.http[name].request(verb, target, json={"ProductID": "p5"}), status)
            if name == "bob":
                assert codes(refused) == ["ProductCollection.CannotModify"]
    # COL-5: who has joined as an administrator edits entries, and nothing else.
    for admin, status in ((False, 403), (True, 204)):
        made = await invitation(shop.ann, "c", Admin=admin)
        await checked(shop.bob.post(f"{url}/invitations/accept/{made['ID']}"), 204)
        for verb, target in writes:
            await checked(shop.bob.request(verb, target, json={"ProductID": "p5"}), status)
    await checked(shop.bob.patch(url, json={"Name": "X"}), 403)
    assert await ids(shop.ann, f"{url}/products") == ["p2", "p3", "p5"]
    await checked(shop.ann.delete(f"{url}/p1"), 404)
    # Entries follow their products, and the collection its new ID.
    await checked(api.seller.patch("/v1/products/p2", json={"ID": "new"}), 200)
    await checked(shop.ann.patch(url, json={"ID": "d"}), 200)
    await checked(api.seller.delete("/v1/products/p3"), 204)
    assert await ids(shop.ann, f"{MINE}/d/products") == ["new", "p5"]
    await checked(shop.ann.delete(f"{MINE}/d"), 204)
    left = "SELECT count(*) FROM product_collection_entries WHERE marketplace_id = $1"
    assert await api.value(left) == 0


async def test_entries_are_the_readers(api: Api, shop: Company) -> None:
    """COL-2, COL-4: the same properties as in Me.ListProducts, filtered and priced for whoever reads."""
    await stock(api)
    http = api.seller
    await collection(shop.ann, "c", AccessLevel="Shareable")
    url = f"{MINE}/c/products"
    for name in ("p1", "p2", "p3"):
        await checked(shop.ann.put(f"{MINE}/c/{name}"), 204)
    await collection(shop.ann, "other")
    await checked(shop.ann.put(f"{MINE}/other/p2"), 204)
    products = (await checked(shop.ann.get("/v1/me/products?ID=p1|p2|p3"), 200)).json()["Items"]
    page = (await checked(shop.ann.get(url), 200)).json()
    assert page["Meta"]["Facets"] == []
    for item, product in zip(page["Items"], products, strict=True):
        assert list(item) == ["ListOrder", "DateAdded", *product]
        assert item == {"ListOrder": None, "DateAdded": item["DateAdded"], **product}
        assert item["PriceSchedule"]["PriceBreaks"][0]["Price"] == 5
    await checked(http.put("/v1/buyers/b/usergroups/g", json={"Name": "G"}), 200)
    member = {"UserGroupID": "g", "UserID": "bob"}
    await checked(http.post("/v1/buyers/b/usergroups/assignments", json=member), 204)
    breaks = [{"Quantity": 1, "Price": 3}]
    body = {"ID": "cheap", "Name": "Cheap", "PriceBreaks": breaks}
    await checked(http.post("/v1/priceschedules", json=body), 201)
    row = {"ProductID": "p1", "BuyerID": "b", "UserGroupID": "g", "PriceScheduleID": "cheap"}
    await checked(http.post("/v1/products/assignments", json=row), 204)
    for name, price in (("ann", 5), ("bob", 3), ("guest", 3)):
        item = (await checked(shop.http[name].get(f"{url}?ID=p1"), 200)).json()["Items"][0]
        assert item["PriceSchedule"]["PriceBreaks"][0]["Price"] == price, name
    await checked(shop.cid.get(url), 404)
    for query, expected in (
        ("search=p2", ["p2"]),
        ("xp.Color=p1|p3", ["p1", "p3"]),
        ("sortBy=!ID", ["p3", "p2", "p1"]),
        ("sortBy=!DateAdded&pageSize=1", ["p3"]),
        ("PriceSchedule.PriceBreaks.Price=<4", []),
    ):
        items = (await checked(shop.ann.get(f"{url}?{query}"), 200)).json()["Items"]
        assert [item["ID"] for item in items] == expected, query
    await checked(http.post("/v1/productfacets", json={"ID": "Color", "Name": "Color"}), 201)
    (facet,) = (await checked(shop.ann.get(f"{url}?pageSize=1"), 200)).json()["Meta"]["Facets"]
    assert [each["Value"] for each in facet["Values"]] == ["p1", "p2", "p3"]
    # What loses its visibility disappears, and comes back with it.
    for active, expected in ((False, ["p1", "p3"]), (True, ["p1", "p2", "p3"])):
        await checked(http.patch("/v1/products/p2", json={"Active": active}), 200)
        assert await ids(shop.ann, url) == expected


async def test_entries_for_administrators(api: Api, shop: Company) -> None:
    """COL-6: all for the seller, what a supplier owns or sells for it, what a buyer's user sees for it."""
    await stock(api)
    http = api.seller
    await collection(shop.ann, "c")
    for name in ("p1", "p2", "p3", "p5"):
        await checked(shop.ann.post(f"{MINE}/c/products", json={"ProductID": name, "ListOrder": 1}), 204)
    await checked(http.patch("/v1/products/p1", json={"Active": False}), 200)
    await checked(http.put("/v1/products/p2/suppliers/s"), 204)
    await checked(http.put("/v1/suppliers/s/buyers/b"), 204)
    supplier = api.as_(await api.user(supplier="s"), roles=["ProductCollectionReader"])
    colleague, stranger = (
        api.as_(shop.users[name], roles=["ProductCollectionReader"]) for name in ("bob", "cid")
    )
    url = "/v1/buyers/b/productcollections/c/products"
    for caller, expected in (
        (http, ["p1", "p2", "p3", "p5"]),
        (supplier, ["p2", "p5"]),
        (colleague, ["p2", "p3", "p5"]),
    ):
        assert await ids(caller, url) == expected
        page = (await checked(caller.get(f"{url}?search=p5&ListOrder=1"), 200)).json()
        assert page["Meta"]["Facets"] == []
        (item,) = page["Items"]
        product = (await checked(http.get("/v1/products/p5"), 200)).json()
        assert list(item) == ["ListOrder", "DateAdded", *product]
        assert item == {"ListOrder": 1, "DateAdded": item["DateAdded"], **product}
    await checked(stranger.get(url), 404)
    for target in (url.replace("/c/", "/nope/"), url.replace("/b/", "/nope/")):
        await checked(http.get(target), 404)


async def test_limit_of_entries(api: Api, shop: Company) -> None:
    """COL-1: 500, whatever the reader sees of them; moving one is no new entry."""
    await stock(api)
    await collection(shop.ann, "c")
    await checked(shop.ann.put(f"{MINE}/c/p1"), 204)
    key = await api.value("SELECT key FROM product_collections WHERE marketplace_id = $1")
    fill = """
        WITH made AS (
            INSERT INTO products (marketplace_id, "ID", "Name")
            SELECT $1, CAST('many' || n AS citext), 'Many' FROM generate_series(1, 498) n RETURNING "ID")
        INSERT INTO product_collection_entries (marketplace_id, collection_key, "ProductID", date_added)
        SELECT $1, $2, "ID", now() FROM made
    """
    await api.execute(fill, key)
    await checked(shop.ann.put(f"{MINE}/c/p2"), 204)
    refused = await checked(shop.ann.put(f"{MINE}/c/p3"), 400)
    assert codes(refused) == ["ProductCollection.ProductEntryLimit"]
    await checked(shop.ann.post(f"{MINE}/c/products", json={"ProductID": "p2", "ListOrder": 1}), 204)
    await checked(shop.ann.delete(f"{MINE}/c/p1"), 204)
    await checked(shop.ann.put(f"{MINE}/c/p3"), 204)
    assert await ids(shop.ann, f"{MINE}/c/products") == ["p2", "p3"]
