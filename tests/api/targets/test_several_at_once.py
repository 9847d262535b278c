"""From the write to what arrives: every target of a delivery configuration gets the message (DC-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.api.dispatching import posting
from tests.api.marketplace import Api
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.targets.cluster import Cluster, gate
from tests.api.uniform.subjects import checked

from entrepot.kernel.ids import new_id

PREFIX = "sitecore.ordercloud.messages."


async def configure(api: Api, **targets: dict[str, Any]) -> None:
    config = {"Name": "C", "Enabled": True, "DeliveryTargets": targets}
    await checked(api.seller.put("/v1/integrations/deliveryconfig/c", json=config), 200)


async def test_dc_1_products(api: Api, receiver: Receiver, cluster: Cluster) -> None:
    """DC-1, SYNC-1: Kafka with a login, a URL and a search service hear of a product; a wrong password stops the one alone, and
    once it is right what failed can be sent anew.
    """
    topic = f"t-{new_id()}"
    cluster.make_topic(topic)
    document = "/ingestion/v1/domains/d/sources/s/entities/product/documents/p"
    receiver.answers |= {"/http": {}, document: {}}
    http = {"Endpoint": f"{receiver.url}/http", "Secret": HASH_KEY}
    search = {
        "Endpoint": receiver.url,
        "Domain": "d",
        "Source": "s",
        "Entity": "product",
        "ApiKey": "an-api-key",
    }
    async with gate(cluster, "user", "the-password") as made, posting(api) as post:
        kafka = {
            "BootstrapServers": f"SASL_PLAINTEXT://127.0.0.1:{made.port}",
            "SaslUsername": "user",
            "SaslPassword": "wrong-password",
            "Topic": topic,
        }
        await configure(api, Kafka=kafka, Http=http, SearchIngestion=search)
        sync = {"SyncProductChanged": True, "SyncProductDeleted": True, "DeliveryConfigID": "c"}
        await checked(api.seller.put("/v1/integrations/productsync", json=sync), 200)
        await checked(api.seller.put("/v1/products/p", json={"Name": "N", "xp": {"Size": {"EU": 38}}}), 200)
        await post.settle()
        assert {row["target"]: row["status"] for row in await post.rows()} == {
            "Kafka": "Failed",
            "Http": "Delivered",
            "SearchIngestion": "Delivered",
        }
        log = str(await post.rows("log"))
        assert "The credentials are refused." in log
        assert "wrong-password" not in log
        await configure(
            api, Kafka=kafka | {"SaslPassword": "the-password"}, Http=http, SearchIngestion=search
        )
        (failed,) = [row["ID"] for row in await post.rows() if row["status"] == "Failed"]
        await checked(api.seller.post(f"/entrepot/v1/deliveries/{failed}/replay"), 204)
        await post.settle()
        assert [row["status"] for row in await post.rows()] == ["Delivered"] * 3
        assert made.logins == ["PLAIN"]
    by_path = {request.path: request for request in receiver.received}
    assert by_path["/http"].is_signed
    fields = by_path[document].body["document"]["fields"]
    assert (fields["productid"], fields["name"], fields["xp_size_eu"]) == ("p", "N", 38)
    ((_, value, headers),) = cluster.read(topic, 1)
    assert value == by_path["/http"].raw
    assert headers == {"X-Request-ID": failed.encode()}
    told = json.loads(value)
    assert told["Headers"] == {
        "type": f"{PREFIX}product.updated",
        "marketplace": api.marketplace,
        "tenantid": api.marketplace,
    }


@pytest.mark.parametrize(
    ("target", "path"), [("MessageSender", "{messagetype}"), ("Http", "forgottenusername")]
)
async def test_ms_2_messages_to_people(target: str, path: str, api: Api, receiver: Receiver) -> None:
    """MS-2, MS-5, SIG-3: MessageSender gets the message itself, at an address of its type; other targets its envelope."""
    receiver.otherwise = lambda _: {}
    async with posting(api) as post:
        await configure(api, **{target: {"Endpoint": f"{receiver.url}/to/{path}", "Secret": HASH_KEY}})
        sender = {"Name": "S", "MessageTypes": ["ForgottenUsername"], "DeliveryConfigID": "c"}
        await checked(api.seller.put("/v1/messagesenders/s", json=sender), 200)
        await checked(api.seller.post("/v1/messagesenders/assignments", json={"MessageSenderID": "s"}), 204)
        asked = {"clientID": api.client_id, "email": "admin@example.com"}
        await checked(api.http.post("/v1/username/retrieve", params=asked), 200)
        await post.settle()
        rows = [(row["target"], row["status"]) for row in await post.rows()]
    assert rows == [(target, "Delivered")]
    (request,) = receiver.received
    assert request.is_signed
    assert request.path == "/to/forgottenusername"
    message = request.body if target == "MessageSender" else request.body["Payload"]
    assert (message["MessageType"], message["Recipient"]["Email"]) == (
        "ForgottenUsername",
        "admin@example.com",
    )
    assert message["EventBody"] == {"Username": "admin"}
