"""Every kind of target: what arrives, what may pass, what lasts, and that no secret comes back (DC-1, DC-3, INT-4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data import tables
from azure.data.tables import TableClient
from azure.storage import blob
from azure.storage.blob import ContainerClient
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.targets.azurite import ACCOUNT, KEY, Azurite
from tests.api.targets.cluster import Cluster, gate
from tests.api.targets.cosmos import Cosmos
from tests.api.targets.sendings import PRODUCT, sending
from tests.ports import free_port

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.fanning import envelope
from entrepot.features.people.deliveries.targets import mailchimp
from entrepot.features.people.deliveries.targets.mailchimp import MailchimpTarget
from entrepot.features.people.deliveries.targets.table import TARGETS
from entrepot.features.people.deliveries.targets.target import Target
from entrepot.features.people.integrations.targets import DeliveryTargets
from entrepot.features.people.outgoing.answers import Answer
from entrepot.kernel.ids import new_id

SECRET = "c2VjcmV0LXRoYXQtbXVzdC1ub3QtbGVhaw=="
"""Base64, as keys of Azure are."""
PAYLOAD = {
    "UserContext": None,
    "ProductID": "p/1",
    "Name": "N",
    "xp": {"Color": {"Name": "red"}, "Sizes": [1, 2]},
}
LETTER = {
    "Recipient": {"Email": "a@example.com", "FirstName": "A", "LastName": "B"},
    "CCList": ["c@example.com"],
    "MessageType": "ForgottenPassword",
    "EventBody": {"Username": "u", "PasswordRenewalVerificationCode": "v"},
}
TRACKED = {
    "UserContext": {"ID": "u", "AnonymousID": "anonymous"},
    "User": {"ID": "u", "Email": "a@example.com", "FirstName": "A", "LastName": "B"},
    "Order": {"ID": "O", "Total": 5},
    "LineItems": [{"ID": "l", "ProductID": "p", "Quantity": 2, "UnitPrice": 2.5, "LineTotal": 5}],
    "Products": [{"ID": "p", "Name": "N"}],
}
SUBMITTED = "sitecore.backbone.messages.orders.submitted"


@dataclass
class World:
    """Where targets deliver to. Those that speak HTTP all reach `receiver`."""

    call: Call
    receiver: Receiver
    cluster: Cluster
    azurite: Azurite
    cosmos: Cosmos


@pytest.fixture
def world(call: Call, receiver: Receiver, cluster: Cluster, azurite: Azurite) -> World:
    return World(call, receiver, cluster, azurite, Cosmos(receiver, SECRET))


@asynccontextmanager
async def target(name: str, world: World) -> AsyncIterator[Target]:
    """A target as the dispatcher opens it, Mailchimp's address apart, which is no setting."""
    made = MailchimpTarget(world.receiver.url) if name == "Mailchimp" else TARGETS[name]()
    try:
        yield made
    finally:
        await made.close()


async def attempt(name: str, world: World, config: dict[str, Any], **facts: Any) -> Answer:
    async with target(name, world) as made:
        return await made.deliver(sending(world.call, config, facts.pop("payload", PAYLOAD), **facts))


@dataclass(frozen=True)
class Spoken:
    """A target that speaks HTTP: its settings for a URL, what it delivers, and what arrives where."""

    config: Callable[[str], dict[str, Any]]
    arrives: str
    """Verb and path."""
    facts: dict[str, Any]
    body: Any
    """None where another test looks closer."""
    answer: Any = None


LETTERS = {"payload": LETTER, "integration": "MessageSender", "type": "ForgottenPassword"}
ENVELOPE = object()
SPOKEN = {
    "Url": Spoken(
        lambda url: {"Endpoint": f"{url}/x", "Secret": SECRET}, "POST /x", {"body": b'{"a":1}'}, {"a": 1}
    ),
    "Http": Spoken(
        lambda url: {
            "Endpoint": f"{url}/x",
            "Secret": SECRET,
            "CustomAuthHeaderName": "X-A",
            "CustomAuthHeaderValue": SECRET,
        },
        "POST /x",
        {},
        ENVELOPE,
    ),
    "MessageSender": Spoken(
        lambda url: {"Endpoint": f"{url}/to/{{MessageType}}", "Secret": SECRET},
        "POST /to/forgottenpassword",
        LETTERS,
        LETTER,
    ),
    "SearchIngestion": Spoken(
        lambda url: {"Endpoint": f"{url}/", "Domain": "d", "Source": "s", "Entity": "e", "ApiKey": SECRET},
        "PUT /ingestion/v1/domains/d/sources/s/entities/e/documents/p%2F1",
        {},
        {
            "document": {
                "id": "p/1",
                "fields": {"productid": "p/1", "name": "N", "xp_color_name": "red", "xp_sizes": [1, 2]},
            }
        },
    ),
    "ContentHub": Spoken(
        lambda url: {
            "Endpoint": url,
            "ApiKey": SECRET,
            "TargetSchemaName": "M.P",
            "ConfigData": {"Mapper": {"Name": {"Property": "Title", "DefaultCulture": "en-US"}}},
        },
        "PUT /api/entities/identifier/M.P.p%2F1",
        {},
        {
            "identifier": "M.P.p/1",
            "properties": {"ID": "p/1", "Title": {"en-US": "N"}, "Description": None},
        },
    ),
    "SendEvent": Spoken(
        lambda url: {"SiteID": "site", "ServiceEndpoint": url},
        "POST /track",
        {"payload": TRACKED, "type": SUBMITTED},
        {
            "ContactId": "anonymous",
            "ContactEmailAddress": "a@example.com",
            "ContactName": "A B",
            "actionType": "ORDER_COMPLETED",
            "siteId": "site",
            "properties": [
                {
                    "products": [
                        {
                            "itemCode": "p",
                            "itemName": "N",
                            "itemPrice": 2.5,
                            "itemQuantity": 2,
                            "itemTotalPrice": 5,
                        }
                    ],
                    "totalPrice": 5,
                }
            ],
        },
    ),
    "DiscoverEvent": Spoken(
        lambda url: {"ClientID": "1-2", "ApiKey": SECRET, "ServiceEndpoint": url},
        "POST /event/1-2/v4/publish",
        {"payload": TRACKED, "type": SUBMITTED},
        None,
    ),
    "Mailchimp": Spoken(
        lambda _: {"ApiKey": SECRET},
        "POST /messages/send-template",
        LETTERS,
        {
            "key": SECRET,
            "template_name": "ForgottenPassword",
            "template_content": [],
            "message": {
                "to": [
                    {"email": "a@example.com", "name": "A B", "type": "to"},
                    {"email": "c@example.com", "type": "cc"},
                ],
                "merge": True,
                "merge_language": "handlebars",
                "global_merge_vars": [
                    {"name": "username", "content": "u"},
                    {"name": "passwordverification", "content": "v"},
                ],
                "metadata": {"delivery": "d-1"},
            },
        },
        answer=[{"email": "a@example.com", "status": "sent"}],
    ),
}


def told(receiver: Receiver, verb_and_path: str, answer: Any) -> None:
    receiver.answers[verb_and_path.partition(" ")[2]] = answer


@pytest.mark.parametrize("name", list(SPOKEN))
async def test_targets_that_speak_http(name: str, world: World) -> None:
    """DC-1, MS-2, MS-9, DC-5: what arrives where; 503 may pass, 401 lasts, and neither says what was sent in confidence."""
    it, receiver = SPOKEN[name], world.receiver
    config = it.config(receiver.url)
    told(receiver, it.arrives, it.answer or {})
    answer = await attempt(name, world, config, **it.facts)
    assert (answer.succeeded, answer.text) == (True, answer.text)
    arrived = receiver.received[-1]
    assert f"{arrived.method} {arrived.path}" == it.arrives
    assert arrived.headers["x-request-id"] == "d-1"
    if it.body is ENVELOPE:
        assert arrived.raw == envelope(world.call.principal.marketplace, PRODUCT, PAYLOAD)
    elif it.body is not None:
        assert arrived.body == it.body
    told(receiver, it.arrives, lambda request: (503, f"no {SECRET} {request.headers}".encode()))
    passing = await attempt(name, world, config, **it.facts)
    told(receiver, it.arrives, lambda request: (401, f"no {SECRET} {request.headers}".encode()))
    lasting = await attempt(name, world, config, **it.facts)
    assert (passing.status, passing.lasting) == (503, False)
    assert lasting.status == 401
    unreached = await attempt(name, world, it.config("http://127.0.0.1:1"), **it.facts)
    if name != "Mailchimp":
        assert (unreached.status, unreached.lasting) == (None, False)
    if SECRET in str(config):
        assert all(SECRET not in each.text for each in (answer, passing, lasting, unreached))


@pytest.mark.parametrize("name", ["Url", "Http", "MessageSender"])
async def test_sig_3_signed_with_the_targets_secret(name: str, world: World) -> None:
    """SIG-1, SIG-3: the very bytes that are sent, with the secret of the target; other headers of its own beside."""
    it, receiver = SPOKEN[name], world.receiver
    told(receiver, it.arrives, {})
    config = it.config(receiver.url) | {"Secret": HASH_KEY}
    assert (await attempt(name, world, config, **it.facts)).succeeded
    assert receiver.received[-1].is_signed
    assert receiver.received[-1].headers.get("x-a") == config.get("CustomAuthHeaderValue")


@asynccontextmanager
async def kafka(world: World, password: str, topic: str) -> AsyncIterator[dict[str, Any]]:
    async with gate(world.cluster, "user", SECRET) as made:
        yield {
            "BootstrapServers": f"SASL_PLAINTEXT://127.0.0.1:{made.port}",
            "SaslUsername": "user",
            "SaslPassword": password,
            "Topic": topic,
        }


def hub(port: int, password: str, topic: str) -> dict[str, Any]:
    return {
        "EventHubName": topic,
        "ConnectionString": f"Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=n;SharedAccessKey={password};"
        "UseDevelopmentEmulator=true",
    }


@asynccontextmanager
async def event_hub(world: World, password: str, topic: str) -> AsyncIterator[dict[str, Any]]:
    known = hub(0, SECRET, topic)["ConnectionString"]
    async with gate(world.cluster, "$ConnectionString", "") as made:
        made.password = known.replace("127.0.0.1:0", f"127.0.0.1:{made.port}")
        yield hub(made.port, password, topic)


@pytest.mark.parametrize("way", [kafka, event_hub], ids=["Kafka", "EventHub"])
async def test_kafka_and_event_hub(way: Any, world: World) -> None:
    """DC-1: confirmed messages with what the order is kept of as their key. Unknown topics and refused credentials last, a
    broker that is not there may come.
    """
    name, topic = {kafka: "Kafka", event_hub: "EventHub"}[way], f"t-{new_id()}"
    world.cluster.make_topic(topic)
    async with way(world, SECRET, topic) as config, target(name, world) as made:
        for place in range(5):
            one = sending(
                world.call,
                config,
                {"Place": place},
                delivery_id=f"d-{place}",
                aggregate=f"product/{place % 2}",
            )
            answer = await made.deliver(one)
            assert answer.succeeded, answer.text
    found = world.cluster.read(topic, 5)
    for aggregate, places in ((b"product/0", [0, 2, 4]), (b"product/1", [1, 3])):
        mine = [
            (json.loads(value)["Payload"]["Place"], headers)
            for key, value, headers in found
            if key == aggregate
        ]
        assert mine == [(place, {"X-Request-ID": f"d-{place}".encode()}) for place in places]
    async with way(world, SECRET, "nowhere") as config:
        unknown = await attempt(name, world, config)
    async with way(world, "wrong-password", topic) as config:
        wrong = await attempt(name, world, config)
    gone = await attempt(name, world, config)
    assert (unknown.lasting, unknown.text) == (True, "The topic is unknown.")
    assert (wrong.lasting, wrong.text) == (True, "The credentials are refused.")
    assert (gone.status, gone.lasting) == (None, False)
    assert all(
        each not in str(answer) for each in (SECRET, "wrong-password") for answer in (unknown, wrong, gone)
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_logins_of_kafka(mechanism: str, world: World) -> None:
    """A cluster that takes one mechanism alone is entered by that, and a wrong password is one by each of them."""
    topic = f"t-{new_id()}"
    world.cluster.make_topic(topic)
    async with gate(world.cluster, "user", SECRET, (mechanism,)) as made:
        config = {"BootstrapServers": f"SASL_PLAINTEXT://127.0.0.1:{made.port}", "SaslUsername": "user"}
        config |= {"SaslPassword": SECRET, "Topic": topic}
        answer = await attempt("Kafka", world, config)
        wrong = await attempt("Kafka", world, config | {"SaslPassword": "wrong"})
    assert (answer.succeeded, made.logins) == (True, [mechanism])
    assert (wrong.lasting, wrong.text) == (True, "The credentials are refused.")


async def test_azure_by_shared_access_signatures(world: World) -> None:
    """A connection string may have a signature in place of the account's key; what it does not allow is refused."""
    name = f"s{new_id().lower().replace('_', '').replace('-', '')}"
    whole = world.azurite.connection_string()
    until = datetime.now(UTC) + timedelta(hours=1)
    signatures = {
        "AzureBlob": partial(
            blob.generate_account_sas, ACCOUNT, KEY, blob.ResourceTypes(container=True, object=True)
        ),
        "AzureTable": partial(
            tables.generate_account_sas,
            AzureNamedKeyCredential(ACCOUNT, KEY),
            tables.ResourceTypes(service=True, object=True),
        ),
    }
    allowed = {
        "AzureBlob": blob.AccountSasPermissions(write=True, create=True, add=True),
        "AzureTable": tables.AccountSasPermissions(write=True, create=True, add=True, update=True),
    }
    nothing = {
        "AzureBlob": blob.AccountSasPermissions(list=True),
        "AzureTable": tables.AccountSasPermissions(list=True),
    }
    for kind, signed in signatures.items():
        names = {"OverrideContainerName": name, "OverrideTableName": name}
        assert (await attempt(kind, world, {"ConnectionString": whole, **names})).succeeded
        for permission, succeeds in ((allowed[kind], True), (nothing[kind], False)):
            signature = signed(permission=permission, expiry=until)
            text = whole.replace(f"AccountKey={KEY}", f"SharedAccessSignature={signature}")
            answer = await attempt(kind, world, {"ConnectionString": text, **names})
            assert (answer.succeeded, answer.lasting) == (succeeds, not succeeds), answer.text
            assert "sig=" not in answer.text


async def test_azure_blob(world: World) -> None:
    """DC-6: one document per message in a container that is made; sent again it is the same one."""
    name = f"c-{token_hex(8)}"
    config = {"ConnectionString": world.azurite.connection_string(), "OverrideContainerName": name}
    async with target("AzureBlob", world) as made:
        for delivery in ("d-1", "d-1", "d-2"):
            answer = await made.deliver(sending(world.call, config, PAYLOAD, delivery_id=delivery))
            assert answer.succeeded, answer.text
    blobs = await asyncio.to_thread(blobs_of, config["ConnectionString"], name)
    assert sorted(blobs) == [f"{PRODUCT}/d-1.json", f"{PRODUCT}/d-2.json"]
    assert set(blobs.values()) == {envelope(world.call.principal.marketplace, PRODUCT, PAYLOAD)}
    await fails("AzureBlob", world, config, "BlobEndpoint")


def blobs_of(connection_string: str, container: str) -> dict[str, bytes]:
    with ContainerClient.from_connection_string(connection_string, container) as client:
        return {each.name: client.download_blob(each.name).readall() for each in client.list_blobs()}


async def test_azure_table(world: World) -> None:
    """DC-6: one entity per message, below its type, in a table that is made; a large document is in several columns."""
    table = f"t{new_id().lower().replace('_', '').replace('-', '')}"
    config = {"ConnectionString": world.azurite.connection_string(), "OverrideTableName": table}
    large = {**PAYLOAD, "Description": "ü" * 70_000}
    async with target("AzureTable", world) as made:
        for delivery, payload in (("d-1", PAYLOAD), ("d-1", PAYLOAD), ("d-2", large)):
            answer = await made.deliver(sending(world.call, config, payload, delivery_id=delivery))
            assert answer.succeeded, answer.text
        huge = await made.deliver(sending(world.call, config, {"Description": "x" * 1_000_000}))
        assert huge.lasting
    rows = await asyncio.to_thread(rows_of, config["ConnectionString"], table)
    assert sorted(rows) == ["d-1", "d-2"]
    assert {each["PartitionKey"] for each in rows.values()} == {PRODUCT}
    for row, payload in ((rows["d-1"], PAYLOAD), (rows["d-2"], large)):
        text = "".join(row[name] for name in ("Document", "Document2", "Document3") if name in row)
        assert text.encode() == envelope(world.call.principal.marketplace, PRODUCT, payload)
    await fails("AzureTable", world, config, "TableEndpoint")


def rows_of(connection_string: str, table: str) -> dict[str, dict[str, Any]]:
    with TableClient.from_connection_string(connection_string, table) as client:
        return {each["RowKey"]: dict(each) for each in client.list_entities()}


async def test_cosmos_db(world: World) -> None:
    """DC-6: one item per message, by the protocol of Cosmos DB; against a double that checks the signature."""
    config = {"ConnectionString": f"AccountEndpoint={world.receiver.url}/;AccountKey={SECRET};"}
    async with target("CosmosDb", world) as made:
        for delivery in ("d-1", "d-1", "d-2"):
            answer = await made.deliver(sending(world.call, config, PAYLOAD, delivery_id=delivery))
            assert answer.succeeded, answer.text
    items = world.cosmos.items["ordercloud", "messages"]
    body = json.loads(envelope(world.call.principal.marketplace, PRODUCT, PAYLOAD))
    assert items == {each: {"id": each, "type": PRODUCT, **body} for each in ("d-1", "d-2")}
    await fails("CosmosDb", world, config, "AccountEndpoint")


async def fails(name: str, world: World, config: dict[str, Any], endpoint: str) -> None:
    """A wrong key and nonsense last; what cannot be reached may be, later."""
    text = config["ConnectionString"]
    key = dict(each.split("=", 1) for each in text.strip(";").split(";"))["AccountKey"]
    wrong = await attempt(name, world, config | {"ConnectionString": text.replace(key, "d3Jvbmcta2V5")})
    assert (wrong.status in {401, 403}, wrong.lasting) == (True, True)
    away = ";".join(
        f"{endpoint}=http://127.0.0.1:{free_port()}/devstoreaccount1" if each.startswith(endpoint) else each
        for each in text.split(";")
    )
    gone = await attempt(name, world, config | {"ConnectionString": away})
    assert (gone.status, gone.lasting) == (None, False), gone.text
    for nonsense in (
        "x",
        "A=b",
        f"{endpoint}=nowhere;AccountName=a;AccountKey={key}",
        text.replace(key, "%%%"),
    ):
        refused = await attempt(name, world, config | {"ConnectionString": nonsense})
        assert (refused.lasting, refused.succeeded) == (True, False), nonsense
    for answer in (wrong, gone, refused):
        assert all(each not in str(answer) for each in (key, "d3Jvbmcta2V5", "SharedKey"))


def test_dc_1_every_target_has_one_that_delivers() -> None:
    """DC-1: all properties of DeliveryTargets, but for the former name of one of them (DC-2)."""
    assert set(DeliveryTargets.__columns__) - {"Mandrill"} <= set(TARGETS)
    assert mailchimp.API.startswith("https://")
