"""All messages to people, from what causes them to an integrator's server (MS-1 to MS-5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from tests.api.dispatching import Post, posting
from tests.api.marketplace import Api, User
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.shop import Shop, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

from entrepot.domain.messages.declared import ALL
from entrepot.domain.messages.types import MessageType
from entrepot.engine import totals
from entrepot.features.people.deliveries.expanding import Expander
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.messages import bodies, expanding
from entrepot.features.people.messages.expanding import PORTION, SLICE
from entrepot.features.trade.subscriptions import reminders
from entrepot.kernel.clock import format_datetime

MINE = "/v1/me/productcollections"
SHOPPER = ("Shopper", "MeAdmin", "MeSubscriptionAdmin")


class Stage:
    """A shop whose one sender takes every type for everybody: the receiver, by the type in its path."""

    def __init__(self, shop: Shop, receiver: Receiver, shopper: tuple[User, httpx.AsyncClient]) -> None:
        self.shop, self.api, self.seller = shop, shop.api, shop.seller
        self.receiver = receiver
        self.user, self.http = shopper

    @classmethod
    async def of(cls, api: Api, receiver: Receiver) -> Stage:
        shop = await open_shop(api)
        await shop.product("P", (1, 10), Returnable=True)
        for path in ("buyers/B/usergroups/G", "usergroups/G"):
            await shop.put(path)
        receiver.answers |= {f"/x/{each.lower()}": {} for each in MessageType}
        await shop.put(
            "messagesenders/M",
            MessageTypes=list(MessageType),
            URL=f"{receiver.url}/x/{{messagetype}}",
            SharedKey=HASH_KEY,
            AllowAllBuyers=True,
            ElevatedRoles=["OrderReader"],
            xp={"from": "shop"},
        )
        await shop.post("messagesenders/assignments", MessageSenderID="M")
        return cls(shop, receiver, await shop.shopper(roles=SHOPPER))

    async def order(self, name: str, quantity: int = 1) -> None:
        await order_of(self.http, ID=name)
        await line_of(self.http, name, "P", quantity, ID="L")
        await submitted(self.http, name)

    async def refund(self, name: str) -> None:
        made = {"ID": name, "OrderID": "open", "ItemsToReturn": [{"LineItemID": "L", "Quantity": 1}]}
        await checked(self.http.post("/v1/orderreturns", json=made), 201)

    async def do(self, path: str, http: httpx.AsyncClient | None = None, **body: Any) -> None:
        await checked((http or self.http).post(f"/v1/{path}", json=body), 201)

    # --- what causes them -------------------------------------------------------------------------------------

    async def accounts(self) -> set[str]:
        """Who is written to: the new user, and the shopper."""
        values = {"Username": "new", "FirstName": "N", "LastName": "N", "Email": "n@x.test", "Active": True}
        await checked(self.seller.put("/v1/buyers/B/users/new", json=values), 200)
        named = {"ClientID": self.api.client_id, "Username": self.user.username}
        url = {"URL": "https://shop.test/renew"}
        await checked(self.api.http.post("/v1/password/reset", json=named | url), 204)
        await checked(self.api.http.post("/v1/password/onetimepassword", json=named), 204)
        params = {"clientID": self.api.client_id, "email": f"{self.user.id}@example.com"}
        await checked(self.api.http.post("/v1/username/retrieve", params=params), 200)
        return {"new", self.user.id}

    async def orders(self) -> set[str]:
        """The shopper, and the approver of its group."""
        user, approver = await self.shop.shopper("G")
        await self.shop.put(
            "buyers/B/approvalrules/A", ApprovingGroupID="G", RuleExpression="order.Total > 100"
        )
        await self.order("open", 3)
        for name, answer in (("yes", "approve"), ("no", "decline")):
            await self.order(name, 20)
            await self.do(f"orders/Outgoing/{name}/{answer}", approver)
        await self.do("shipments", self.seller, ID="S", BuyerID="B")
        item = {"OrderID": "open", "LineItemID": "L", "QuantityShipped": 3}
        await checked(self.seller.post("/v1/shipments/S/items", json=item), 200)
        shipped = {"DateShipped": "2026-05-01T00:00:00Z"}
        await checked(self.seller.patch("/v1/shipments/S", json=shipped), 200)
        return {self.user.id, user.id}

    async def returns(self) -> set[str]:
        """The shopper, and the seller's approver."""
        user = await self.api.user()
        approver = self.api.as_(user, roles=["OrderAdmin"])
        await self.shop.post("usergroups/assignments", UserID=user.id, UserGroupID="G")
        await self.refund("at-once")
        await checked(self.seller.patch("/v1/orderreturns/at-once", json={"RefundAmount": 0}), 200)
        await self.do("orderreturns/at-once/submit")
        await self.do("orderreturns/at-once/complete", self.seller)
        rule = {"ApprovalType": "OrderReturn", "ApprovingGroupID": "G", "RuleExpression": "true"}
        await self.shop.put("approvalrules/R", **rule)
        for answer in ("decline", "approve"):
            await self.refund(answer)
            await self.do(f"orderreturns/{answer}/submit")
            await self.do(f"orderreturns/{answer}/{answer}", approver)
        return {self.user.id, user.id}

    async def subscription(self, post: Post) -> set[str]:
        """The shopper, when the next order is near."""
        client = {"DefaultContextUserName": "admin"}
        await checked(self.seller.patch(f"/v1/apiclients/{self.api.client_id}", json=client), 200)
        body = {"ApiClientID": self.api.client_id, "Url": "https://x.test", "HashKey": "k", "Active": True}
        await checked(
            self.seller.put("/v1/integrations/subscription", json=body | {"NotificationDays": 3}), 200
        )
        due = format_datetime(self.api.server.clock() + timedelta(days=3, hours=2))
        await self.do("me/subscriptions", ID="S", Frequency=2, Interval="Weeks", NextOrderDate=due)
        await self.do("me/subscriptions/S/items", ID="i", ProductID="P", Quantity=2)
        await reminders.remind_due(post.backend)
        return {self.user.id}

    async def collections(self) -> set[str]:
        """The owner, which the shopper is."""
        _, other = await self.shop.shopper()
        await self.do("me/productcollections", ID="c", Name="c")
        for answer in ("accept", "decline"):
            made = await checked(self.http.post(f"{MINE}/c/invitations", json={"Name": "I"}), 201)
            await checked(other.post(f"{MINE}/c/invitations/{answer}/{made.json()['ID']}"), 204)
        return {self.user.id}


async def test_ms_3_each_type_arrives_as_it_is_declared(api: Api, receiver: Receiver) -> None:
    """MS-2, MS-3, MS-5, SIG-1: all 23, caused through the API; the path, the signature, the recipients and the bodies."""
    stage = await Stage.of(api, receiver)
    async with posting(api) as post:
        told = {
            "Account": await stage.accounts(),
            "Order": await stage.orders(),
            "OrderReturn": await stage.returns(),
            "Subscription": await stage.subscription(post),
            "Collection": await stage.collections(),
        }
        told["Shipment"] = {stage.user.id}
        await post.settle()
        assert {row["status"] for row in await post.rows()} == {"Delivered"}
    arrived = {request.body["MessageType"]: request for request in receiver.received}
    for declared in ALL:
        request = arrived[declared.type]
        body = request.body
        assert (request.path, request.is_signed) == (f"/x/{declared.type.lower()}", True)
        assert tuple(body["EventBody"]) == declared.body, declared.type
        assert body["Recipient"]["ID"] in told[declared.subject.removesuffix("Message")], declared.type
        assert "Password" not in {name for name, value in body["Recipient"].items() if value}
        assert (body["ConfigData"], body["CCList"]) == ({"from": "shop"}, [])
        assert isinstance(body["EventBody"].get("Products", []), list)
        assert (body["BuyerID"] == "B") == (
            not declared.to.startswith("each") or "Return" not in declared.type
        )
        me = await api.with_token(body["UserToken"]).get("/v1/me")
        assert me.json()["ID"] == body["Recipient"]["ID"]
    assert len(arrived) == len(ALL)
    assert list(arrived["ForgottenUsername"].body) == [
        "OcLogIdHeader",
        "Environment",
        "BuyerID",
        "UserToken",
        "Recipient",
        "CCList",
        "MessageType",
        "ConfigData",
        "EventBody",
    ]
    reset = arrived["ForgottenPassword"].body["EventBody"]
    assert reset["PasswordRenewalUrl"] == "https://shop.test/renew"
    opened = api.with_token(reset["PasswordRenewalAccessToken"])
    assert (await opened.get("/v1/me")).status_code == 403, "its only role is PasswordReset"
    assert (await opened.post("/v1/me/password", json={"NewPassword": "Another-passw0rd"})).status_code == 204
    invited = arrived["NewUserInvitation"].body["EventBody"]
    code = {"ClientID": api.client_id, "Username": "new", "Password": "Another-passw0rd"}
    path = f"/v1/password/reset/{invited['PasswordRenewalVerificationCode']}"
    assert (await api.http.put(path, json=code)).status_code == 204


async def test_a_message_that_cannot_be_built_fails_visibly(api: Api, receiver: Receiver) -> None:
    """Its order has gone meanwhile, or has become too much to say: nothing is sent, nothing is stuck, and what is told later
    arrives.
    """
    stage = await Stage.of(api, receiver)
    await stage.order("gone")
    await checked(stage.seller.delete("/v1/orders/Incoming/gone"), 204)
    await stage.order("huge")
    await api.execute(HUGE)
    await stage.order("there")
    async with posting(api) as post:
        await post.settle()
        states = [(row["kind"], row["status"], row["failure"]) for row in await post.rows()]
    assert [state[:2] for state in states] == [
        ("OrderMessage", "Failed"),
        ("OrderMessage", "Failed"),
        ("OrderMessage", "Delivered"),
    ]
    assert states[0][2].startswith("GoneError: The order")
    assert "more than" in states[1][2]
    assert [request.body["EventBody"]["Order"]["ID"] for request in receiver.received] == ["there"]


HUGE = """
UPDATE orders SET xp = json_build_object('text', repeat('x', 3000000)) WHERE marketplace_id = $1 AND "ID" = 'huge'
"""
MANY = 1_000
CROWD = """
WITH made AS (
    INSERT INTO users (marketplace_id, "ID", "Username", "FirstName", "LastName", "Email", "Active", "BuyerID")
    SELECT $1, 'u' || n, 'u' || n, 'U', 'N', 'u' || n || '@x.test', true, 'B' FROM generate_series(1, $2::int) n
    RETURNING key)
INSERT INTO user_group_members (marketplace_id, group_key, user_key)
SELECT $1, (SELECT g.key FROM user_groups g WHERE g.marketplace_id = $1 AND g."BuyerID" = 'B' LIMIT 1), made.key FROM made
"""


async def test_thousands_of_recipients_come_in_portions(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is written to once and waits for no other one, whatever is told of the same order meanwhile comes behind, no portion holds them
    all, and between two of them others have their turn.
    """
    since, most, write = [0], [0], bodies.message_body

    def counted(*args: Any, **options: Any) -> Any:
        since[0] += 1
        most[0] = max(most[0], since[0])
        return write(*args, **options)

    async def others() -> None:
        while True:
            since[0] = 0
            await asyncio.sleep(0)

    monkeypatch.setattr(expanding, "message_body", counted)
    stage = await Stage.of(api, receiver)
    await checked(stage.seller.delete("/v1/messagesenders/M"), 204)
    await api.execute(CROWD, MANY)
    await totals.settle(api.server.database, api.marketplace_id, USER)
    await stage.shop.put("buyers/B/approvalrules/A", ApprovingGroupID="G", RuleExpression="true")
    await stage.order("O")
    await checked(stage.http.post("/v1/orders/Outgoing/O/cancel"), 201)
    async with posting(api) as post:
        expander, portions, beside = Expander(post.backend), [], asyncio.create_task(others())
        more = True
        while more:
            more = await expander.expand(api.marketplace_id)
            portions.append(len(await post.rows("key")))
        beside.cancel()
        rows = await post.rows("key, type, body, failure, due_at")
    largest = max(after - before for before, after in pairwise([0, *portions]))
    assert (len(rows), largest <= PORTION + SLICE, len(portions) >= MANY // (PORTION + SLICE)) == (
        MANY + 1,
        True,
        True,
    )
    assert 0 < most[0] <= 2
    assert all(row["due_at"] is not None for row in rows)
    assert Counter(row["type"] for row in rows) == {
        "OrderSubmittedForApproval": 1,
        "OrderSubmittedForYourApproval": MANY,
    }
    assert await api.value("SELECT count(*) FROM outbox_events WHERE marketplace_id = $1") == 0


async def test_ms_1_a_delivery_configuration_takes_messages(api: Api, receiver: Receiver) -> None:
    """DC-1, MS-2: each of its targets; MessageSender gets the message itself, by its type, and Http the envelope around it."""
    receiver.answers |= {"/http": {}, "/y/forgottenusername": {}}
    targets = {
        "Http": {"Endpoint": f"{receiver.url}/http", "Secret": HASH_KEY},
        "MessageSender": {"Endpoint": f"{receiver.url}/y/{{messagetype}}", "Secret": HASH_KEY},
    }
    config = {"Name": "D", "Enabled": True, "DeliveryTargets": targets}
    await checked(api.seller.put("/v1/integrations/deliveryconfig/D", json=config), 200)
    sender = {"Name": "M", "MessageTypes": ["ForgottenUsername"], "DeliveryConfigID": "D"}
    await checked(api.seller.put("/v1/messagesenders/M", json=sender), 200)
    await checked(api.seller.post("/v1/messagesenders/assignments", json={"MessageSenderID": "M"}), 204)
    user = await api.user()
    params = {"clientID": api.client_id, "email": f"{user.id}@example.com"}
    await checked(api.http.post("/v1/username/retrieve", params=params), 200)
    async with posting(api) as post:
        await post.settle()
    arrived = {request.path: request for request in receiver.received}
    assert arrived.keys() == {"/http", "/y/forgottenusername"}
    assert all(request.is_signed for request in receiver.received)
    assert arrived["/http"].body["Payload"] == arrived["/y/forgottenusername"].body
    assert arrived["/y/forgottenusername"].body["EventBody"] == {"Username": user.username}
