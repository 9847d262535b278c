"""What tracking events tell: logins, lines, submits (TRK-2, TRK-3), and the try of the error configuration (ERR-1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.api.dispatching import Post, posting
from tests.api.marketplace import Api, codes
from tests.api.receiver import Receiver
from tests.api.shop import line_of, open_shop, order_of
from tests.api.test_catalog_plans import recorded
from tests.api.uniform.subjects import checked

NAMESPACE = "sitecore.backbone.messages."
TYPES = ("UserLoggedIn", "LineItemAdded", "LineItemUpdated", "OrderSubmitted")


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


async def set_delivery(api: Api, receiver: Receiver, **facts: Any) -> None:
    targets = {"Http": {"Endpoint": f"{receiver.url}/tracked", "Secret": "s"}}
    receiver.answers["/tracked"] = {}
    config = {"Name": "D", "Enabled": True, "DeliveryTargets": targets, **facts}
    await checked(api.seller.put("/v1/integrations/deliveryconfig/d", json=config), 200)


async def set_tracking(api: Api, receiver: Receiver, *types: str) -> None:
    await set_delivery(api, receiver)
    for kind in types or TYPES:
        event = {"Name": kind, "EventType": kind, "ClientID": api.client_id, "DeliveryConfigID": "d", "ConfigData": {"k": kind}}  # fmt: skip
        await checked(api.seller.put(f"/v1/integrations/trackingEvents/{kind}", json=event), 200)


async def told(post: Post, receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    """Names and payloads of what has come since the last look."""
    receiver.received.clear()
    await post.settle()
    assert {row["status"] for row in await post.rows()} <= {"Delivered"}
    bodies = [each.body for each in receiver.received]
    assert all(body["Headers"]["marketplace"] == post.api.marketplace for body in bodies)
    return [(body["Headers"]["type"].removeprefix(NAMESPACE), body["Payload"]) for body in bodies]


async def test_trk_2_a_shoppers_way_from_login_to_submit(api: Api, post: Post, receiver: Receiver) -> None:
    await set_tracking(api, receiver)
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "A", 2, ID="L1")
    ((name, added),) = await told(post, receiver)
    assert name == "orders.lines.added"
    assert added["UserContext"] == {"ID": user.id, "AnonymousID": None}
    assert (added["ClientID"], added["ConfigData"]) == (api.client_id, {"k": "LineItemAdded"})
    assert (added["User"]["ID"], added["User"]["Username"]) == (user.id, user.username)
    assert (added["Order"]["ID"], added["Order"]["Total"]) == ("O", 10)
    assert [line["ID"] for line in added["LineItems"]] == ["L1"]
    assert (added["LineItem"]["ID"], added["LineItem"]["Quantity"]) == ("L1", 2)
    assert [product["ID"] for product in added["Products"]] == ["A"]
    line = "/v1/orders/Outgoing/O/lineitems/L1"
    await checked(http.patch(line, json={"Quantity": 2}), 200)
    assert await told(post, receiver) == [], "nothing has changed"
    await checked(http.patch(line, json={"Quantity": 3}), 200)
    await checked(http.post("/v1/orders/Outgoing/O/submit"), 201)
    (_, updated), (name, submitted) = await told(post, receiver)
    assert (updated["LineItem"]["Quantity"], name) == (3, "orders.submitted")
    assert (submitted["Order"]["Status"], submitted["Order"]["Total"], len(submitted["LineItems"])) == (
        "Open",
        15,
        1,
    )
    assert "LineItem" not in submitted


async def test_trk_2_logins(api: Api, post: Post, receiver: Receiver) -> None:
    """AUTH-13: with a password and as a program; a session that goes on is none, nor is a login that fails."""
    await set_tracking(api, receiver, "UserLoggedIn")
    shopper = await api.shopper()
    first = (await api.login(shopper, anonuserid="browser-7")).json()
    await api.login(shopper, "Wrong1234567")
    await api.grant(grant_type="refresh_token", refresh_token=first["refresh_token"])
    ((name, payload),) = await told(post, receiver)
    assert name == "sessions.identified"
    assert payload["UserContext"] == {"ID": shopper.id, "AnonymousID": "browser-7"}
    shown = await api.seller.get(f"/v1/buyers/{shopper.company}/users/{shopper.id}")
    assert payload["User"] == shown.json()


async def test_trk_3_a_guests_name_lives_on_and_is_linked_to_who_takes_over(
    api: Api, post: Post, receiver: Receiver
) -> None:
    await set_tracking(api, receiver)
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    user, http = await shop.shopper()
    template = await api.user(buyer="B", roles=("Shopper",))
    patch = {"IsAnonBuyer": True, "DefaultContextUserName": template.username}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=patch), 200)
    answer = await api.grant(grant_type="client_credentials", anonuserid="browser-7", scope="Shopper")
    token = answer.json()["access_token"]
    guest = api.with_token(token)
    order = (await checked(guest.post("/v1/orders/Outgoing", json={}), 201)).json()["ID"]
    await line_of(guest, order, "A", 1)
    ((_, added),) = await told(post, receiver)
    assert added["UserContext"] == {"ID": None, "AnonymousID": "browser-7"}
    assert added["User"] is None
    await checked(http.put(f"/v1/me/orders?anonUserToken={token}"), 204)
    ((name, identified),) = await told(post, receiver)
    assert (name, identified["UserContext"]) == (
        "sessions.identified",
        {"ID": user.id, "AnonymousID": "browser-7"},
    )


async def test_where_nothing_listens_no_statement_more_is_sent(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a client without tracking events, whoever else has some: neither of a login nor of a line, once it is known."""
    other = await api.api_client(allow_any_buyer=True)
    await set_delivery(api, receiver)
    for kind in TYPES:
        event = {"Name": "T", "EventType": kind, "ClientID": other, "DeliveryConfigID": "d"}
        await checked(api.seller.put(f"/v1/integrations/trackingEvents/{kind}", json=event), 200)
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    someone = await api.shopper()
    await line_of(http, "O", "A", 2, ID="L1")
    await api.login(someone)
    with recorded(monkeypatch) as sent:
        await line_of(http, "O", "A", 2, ID="L2")
        await api.login(someone)
    assert sent
    assert [text for text, *_ in sent if "outbox_events" in text or "tracking_events" in text] == []


async def test_a_line_that_is_gone_by_then_is_seen_as_a_failure(
    api: Api, post: Post, receiver: Receiver
) -> None:
    await set_tracking(api, receiver, "LineItemAdded")
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "A", 2, ID="L1")
    await line_of(http, "O", "A", 1, ID="L2")
    await checked(http.delete("/v1/orders/Outgoing/O/lineitems/L1"), 204)
    await post.settle()
    assert sorted(row["status"] for row in await post.rows()) == ["Delivered", "Failed"]


async def test_err_1_the_error_configuration_is_tried(api: Api, post: Post, receiver: Receiver) -> None:
    path = "/v1/integrations/ErrorConfig"
    assert codes(await api.seller.post(f"{path}/validate")) == ["NotFound"]
    await set_delivery(api, receiver, Enabled=False)
    await checked(api.seller.put(path, json={"DeliveryConfigID": "d"}), 200)
    assert codes(await api.seller.post(f"{path}/validate")) == ["ErrorConfig.DeliveryConfigDisabled"]
    await set_delivery(api, receiver)
    await checked(api.seller.post(f"{path}/validate"), 204)
    await post.settle()
    (sent,) = receiver.received
    assert sent.body["Headers"]["type"] == "sitecore.ordercloud.messages.error"
    payload = sent.body["Payload"]
    assert (payload["Source"], payload["DeliveryConfigID"], payload["Attempts"]) == ("ErrorConfig", "d", 0)
    assert payload["Original"] == {"Test": True, "Username": "admin"}
