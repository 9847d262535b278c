"""Who gets a message, through which senders, with which copies (MS-1, MS-3, MS-5 to MS-8)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, User, claims_of
from tests.api.outbox import Sent, taken
from tests.api.test_messages import CROWD
from tests.api.uniform.subjects import checked

from entrepot.engine import totals
from entrepot.features.people.deliveries.targets.mail import MAIL, MAILBOX
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.messages.reaching import MOST_COPIES

RETRIEVE = "/v1/username/retrieve"
TYPE = "ForgottenUsername"


class World:
    """Buyers B and C, supplier S, the seller, each with a group that has one of two users: `B.in`, `B.out` ..."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.users: dict[str, User] = {}

    async def fill(self) -> World:
        for company, path in (
            ("B", "buyers/B/"),
            ("C", "buyers/C/"),
            ("S", "suppliers/S/"),
            ("", ""),
        ):
            if company:
                await self.put(path.rstrip("/"))
            await self.put(f"{path}usergroups/G{company}")
            owner = {"supplier": "S"} if company == "S" else {"buyer": company} if company else {}
            for place in ("in", "out"):
                name = f"{company or 'seller'}.{place}"
                self.users[name] = await self.api.user(**owner, id=name.replace(".", "-"))
                if place == "in":
                    row = {"UserGroupID": f"G{company}", "UserID": self.users[name].id}
                    await self.post(f"{path}usergroups/assignments", **row)
        return self

    async def put(self, path: str, **body: Any) -> None:
        named = {"Name": path.rpartition("/")[2], "Active": True, **body}
        await checked(self.api.seller.put(f"/v1/{path}", json=named), 200)

    async def post(self, path: str, **row: Any) -> None:
        await checked(self.api.seller.post(f"/v1/{path}", json=row), 204)

    async def sender(self, name: str, *assigned: dict[str, str], **values: Any) -> None:
        """A sender of the one type, and its assignments."""
        usual = {"MessageTypes": [TYPE], "URL": f"https://{name}.test/{{messagetype}}", "SharedKey": "k"}
        await self.put(f"messagesenders/{name}", **{**usual, **values})
        for each in assigned:
            await self.post("messagesenders/assignments", MessageSenderID=name, **each)

    async def forget(self, name: str) -> list[Sent]:
        """What is sent when a user asks for its username."""
        await self.ask(name)
        return await taken(self.api)

    async def reached(self) -> dict[str, list[str]]:
        """The senders of each user's message; none where it is mailed."""
        await asyncio.gather(*map(self.ask, self.users))
        found: dict[str, list[str]] = {name: [] for name in self.users}
        for each in await taken(self.api):
            found[each.recipient.partition("@")[0].replace("-", ".")].append(each.sender)
        return found

    async def ask(self, name: str) -> None:
        """A user asks for its username."""
        params = {"clientID": self.api.client_id, "email": f"{self.users[name].id}@example.com"}
        await checked(self.api.http.post(RETRIEVE, params=params), 200)


BUYER, SUPPLIER = {"BuyerID": "B"}, {"SupplierID": "S"}
SELLER: dict[str, str] = {}
CASES: tuple[tuple[tuple[dict[str, str], ...], dict[str, Any], set[str]], ...] = (
    ((BUYER,), {}, {"B.in", "B.out"}),
    (({**BUYER, "UserGroupID": "GB"},), {}, {"B.in"}),
    ((SUPPLIER,), {}, {"S.in", "S.out"}),
    (({**SUPPLIER, "UserGroupID": "GS"},), {}, {"S.in"}),
    ((SELLER,), {}, {"seller.in", "seller.out"}),
    (({"UserGroupID": "G"},), {}, {"seller.in"}),
    ((), {"AllowAllBuyers": True}, {"B.in", "B.out", "C.in", "C.out"}),
    ((BUYER, {**BUYER, "UserGroupID": "GB"}), {"AllowAllBuyers": True}, {"B.in", "B.out", "C.in", "C.out"}),
    ((BUYER,), {"MessageTypes": ["OrderSubmitted"]}, set()),
    ((), {}, set()),
)


async def test_ms_6_ms_7_whom_a_sender_reaches(api: Api) -> None:
    """By the company, by a group, or as a buyer's user by AllowAllBuyers; each once, and everybody else by mail."""
    world = await World(api).fill()
    for assigned, values, expected in CASES:
        await world.sender("one", *assigned, **values)
        found = await world.reached()
        assert {name for name, senders in found.items() if senders == ["one"]} == expected, assigned
        assert {name for name, senders in found.items() if senders == [""]} == set(found) - expected, assigned
        await checked(api.seller.delete("/v1/messagesenders/one"), 204)


async def test_ms_7_each_sender_sends_once(api: Api) -> None:
    """Two that reach a user both send, in the order of their IDs; one whose delivery configuration is disabled does not."""
    world = await World(api).fill()
    targets = {name: {"Endpoint": "https://x.test", "Secret": "s"} for name in ("Http", "MessageSender")}
    for name, enabled in (("on", True), ("off", False)):
        config = {"Name": name, "Enabled": enabled, "DeliveryTargets": targets}
        await checked(api.seller.put(f"/v1/integrations/deliveryconfig/{name}", json=config), 200)
    await world.sender("b", BUYER)
    await world.sender("a", BUYER, DeliveryConfigID="on", URL=None, SharedKey=None)
    await world.sender("c", BUYER, DeliveryConfigID="off", URL=None, SharedKey=None)
    found = await world.forget("B.in")
    assert [(each.sender, each.target) for each in found] == [
        ("a", "Http"),
        ("a", "MessageSender"),
        ("b", "Url"),
    ]
    assert found[0].envelope == {
        "type": "sitecore.ordercloud.messages.messagesender.forgottenusername",
        "marketplace": api.marketplace,
        "tenantid": api.marketplace,
    }
    assert found[2].envelope is None
    await world.sender("c", URL="https://c.test", SharedKey="k", DeliveryConfigID=None)
    assert [each.sender for each in await world.forget("B.in")] == ["a", "a", "b", "c"]


@pytest.mark.parametrize("ended", ["user", "company"])
async def test_ms_3_whoever_is_not_active_gets_none(api: Api, ended: str) -> None:
    """Neither as a recipient nor as a copy, nor does anybody of a company that is not active."""
    world = await World(api).fill()
    await world.sender("one", SELLER)
    await listen(world, "one", BuyerID="B", UserID="B-in")
    await listen(world, "one", SupplierID="S", UserID="S-in")
    path, user = ("buyers/B/users/B-in", "B.in") if ended == "user" else ("buyers/B", "B.out")
    await checked(api.seller.patch(f"/v1/{path}", json={"Active": False}), 200)
    assert await world.forget(user) == []
    (sent,) = await world.forget("seller.out")
    assert sent.whole["CCList"] == ["S-in@example.com"]


async def listen(world: World, sender: str, to: dict[str, str] | None = None, **party: str) -> None:
    """A CC listener to the assignment `to`, by default that to the seller."""
    assignment = {"MessageSenderID": sender, **(to or {})}
    row = {"MessageSenderAssignment": assignment, "MessageType": TYPE, **party}
    await world.post("messagesenders/CCListenerAssignments", **row)


COPIES: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({"BuyerID": "B", "UserID": "B-in"}, ["B-in"]),
    ({"BuyerID": "B", "UserGroupID": "GB"}, ["B-in"]),
    ({"BuyerID": "B"}, ["B-in", "B-out"]),
    ({"SupplierID": "S"}, ["S-in", "S-out"]),
    ({"UserID": "seller-in"}, ["seller-in"]),
    ({"UserGroupID": "G"}, ["seller-in"]),
    ({}, ["admin", "seller-in", "seller-out"]),
)


async def test_ms_8_copies(api: Api) -> None:
    """Those who listen to the assignment by which the recipient is reached, and to the type: users, groups, companies. Of
    several assignments each address once, and never the recipient's own.
    """
    world = await World(api).fill()
    for party, expected in COPIES:
        await world.sender("one", {"BuyerID": "C"}, SELLER)
        await listen(world, "one", {"BuyerID": "C"}, **party)
        (sent,) = await world.forget("C.in")
        assert [each.partition("@")[0] for each in sent.whole["CCList"]] == expected, party
        (other,) = await world.forget("seller.out")
        assert other.whole["CCList"] == [], "reached by another assignment"
        await checked(api.seller.delete("/v1/messagesenders/one"), 204)
    group = {"BuyerID": "B", "UserGroupID": "GB"}
    await world.sender("one", BUYER, group, AllowAllBuyers=True)
    await listen(world, "one", BUYER, BuyerID="B")
    await listen(world, "one", group, BuyerID="B", UserID="B-out")
    await listen(world, "one", group, BuyerID="C", UserID="C-in")
    (sent,) = await world.forget("B.in")
    assert sent.whole["CCList"] == ["B-out@example.com", "C-in@example.com"]
    (sent,) = await world.forget("C.out")
    assert sent.whole["CCList"] == [], "by AllowAllBuyers"


async def test_ms_5_the_token(api: Api) -> None:
    """Of the recipient, with its own roles and those that the sender elevates, until the sender elevates them no more."""
    world = await World(api).fill()
    world.users["own"] = await api.user(buyer="B", id="own", roles=["MeAdmin"])
    await world.sender("one", AllowAllBuyers=True, ElevatedRoles=["OrderReader"])
    (sent,) = await world.forget("own")
    token = sent.whole["UserToken"]
    claims = claims_of(token)
    assert (claims["usr"], claims["usrtype"], sorted(claims["role"])) == (
        world.users["own"].username,
        "buyer",
        ["MeAdmin", "OrderReader"],
    )
    assert claims["cid"] == api.client_id.lower()
    assert claims["exp"] - claims["iat"] <= 1800
    caller = api.with_token(token)
    assert (await caller.get("/v1/me")).json()["ID"] == "own"
    assert (await caller.get("/v1/orders/Outgoing")).status_code == 200
    await checked(api.seller.patch("/v1/messagesenders/one", json={"ElevatedRoles": []}), 200)
    assert (await caller.get("/v1/me")).status_code == 401
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json={"AllowAnyBuyer": False}), 200)
    second = await api.api_client(allow_seller=True)
    params = {"clientID": second, "email": "seller-in@example.com"}
    await world.sender("one", SELLER)
    await checked(api.http.post(RETRIEVE, params=params), 200)
    (sent,) = await taken(api)
    assert claims_of(sent.whole["UserToken"])["cid"] == second.lower(), "of the client that was used"


async def test_ms_8_a_company_of_thousands_is_no_load(api: Api) -> None:
    """The CC list has so many addresses and no more."""
    world = await World(api).fill()
    await world.sender("one", SELLER)
    await listen(world, "one", BuyerID="B")
    await api.execute(CROWD, MOST_COPIES + 20)
    await totals.settle(api.server.database, api.marketplace_id, USER)
    (sent,) = await world.forget("seller.out")
    assert len(set(sent.whole["CCList"])) == MOST_COPIES


async def test_what_no_sender_takes_is_mailed(api: Api) -> None:
    """By mail of our own where a server takes it, else it goes into the mailbox. It has no token: nobody needs one."""
    world = await World(api).fill()
    for mail, target in ((None, MAILBOX), (object(), MAIL)):
        await world.ask("B.in")
        (sent,) = await taken(api, mail=mail)
        assert (sent.sender, sent.target, sent.whole["UserToken"]) == ("", target, None)
        assert sent.whole["Recipient"]["ID"] == "B-in"
