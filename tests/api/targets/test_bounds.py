"""What targets refuse: addresses of this machine, certificates, answers and messages without measure."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.api.targets.cluster import Cluster
from tests.api.targets.sendings import sending

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.targets.table import TARGETS
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.services import services
from entrepot.kernel.ids import new_id

KEY = "c2VjcmV0"
LETTER = {"ProductID": "p", "Recipient": {"Email": "a@example.com"}, "MessageType": "T", "EventBody": {}}


def settings(name: str, port: int, host: str = "127.0.0.1") -> dict[str, Any]:
    """Of a target, to reach a port by TLS."""
    url = f"https://{host}:{port}"
    everything = {
        "Endpoint": url,
        "ServiceEndpoint": url,
        "BootstrapServers": f"{host}:{port}",
        "SaslUsername": "u",
        "SaslPassword": "p",
        "EventHubName": "t",
        "Topic": "t",
        **dict.fromkeys(
            ("Secret", "ApiKey", "Domain", "Source", "Entity", "SiteID", "ClientID", "TargetSchemaName"), "s"
        ),
    }
    strings = {
        "EventHub": f"Endpoint=sb://{host}:{port}/;SharedAccessKeyName=n;SharedAccessKey={KEY}",
        "AzureBlob": f"BlobEndpoint={url};AccountName=a;AccountKey={KEY}",
        "AzureTable": f"TableEndpoint={url};AccountName=a;AccountKey={KEY}",
        "CosmosDb": f"AccountEndpoint={url}/;AccountKey={KEY}",
    }
    return everything | {"ConnectionString": strings.get(name)}


KINDS = {"SendEvent", "DiscoverEvent"}
ELSEWHERE = {"Mailchimp"}
"""Whose address is no setting."""
NETWORKED = sorted(set(TARGETS) - ELSEWHERE - {"Mail", "Mailbox"})


def kind_of(name: str) -> str:
    return (
        "sitecore.backbone.messages.orders.submitted"
        if name in KINDS
        else "sitecore.ordercloud.messages.product.updated"
    )


@asynccontextmanager
async def listening(
    context: ssl.SSLContext | None = None, greeting: bytes = b""
) -> AsyncIterator[tuple[int, list[int]]]:
    """A port, and the sizes of what came in there."""
    came: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            came.append(len(await reader.read(1)))
            writer.write(greeting)
            await writer.drain()
            await reader.read()
        except OSError:
            """Whoever came is gone."""
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()


@pytest.mark.parametrize("name", NETWORKED)
async def test_private_targets_can_be_forbidden(name: str, call: Call) -> None:
    """ENTREPOT_PRIVATE_TARGETS=false: of every kind of target, by name and by number; nothing arrives, no secret is told."""
    careful = Outgoing(private=False)
    backend = dataclasses.replace(
        call.backend, services=dataclasses.replace(services(call), outgoing=careful)
    )
    refused = Call.of_server(call.operation, backend, call.principal)
    target = TARGETS[name]()
    try:
        async with listening() as (port, came):
            for host in ("127.0.0.1", "localhost"):
                one = sending(refused, settings(name, port, host), LETTER, type=kind_of(name))
                answer = await target.deliver(one)
                assert (answer.succeeded, answer.status) == (False, None)
                assert "is not a public address" in answer.text
                assert KEY not in answer.text
            assert came == []
    finally:
        await target.close()
        await careful.close()


def certificate(folder: Path) -> ssl.SSLContext:
    """Of a server whose certificate nobody has signed but itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pem").write_bytes(private + made.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "pem")
    return context


@pytest.mark.parametrize("name", NETWORKED)
async def test_int_7_certificates_are_verified(name: str, call: Call, tmp_path: Path) -> None:
    """INT-7: nothing is sent to a server whose certificate no authority has signed."""
    target = TARGETS[name]()
    try:
        async with listening(certificate(tmp_path)) as (port, came):
            one = sending(call, settings(name, port, "localhost"), LETTER, type=kind_of(name))
            answer = await target.deliver(one)
            assert (answer.succeeded, answer.status) == (False, None)
            assert "certificate" in answer.text.lower()
            assert came == []
    finally:
        await target.close()


async def test_a_broker_that_answers_without_measure(call: Call) -> None:
    """An answer that says it has two gigabytes is not waited for, nor what is no answer at all."""
    target = TARGETS["Kafka"]()
    for greeting in (
        b"\x7f\xff\xff\xff" + b"x" * 1000,
        b"\0\0\0\x04\xff\xff\xff\xff",
        b"HTTP/1.1 400 Bad\r\n\r\n",
    ):
        async with listening(greeting=greeting) as (port, came):
            config = settings("Kafka", port) | {"BootstrapServers": f"PLAINTEXT://127.0.0.1:{port}"}
            answer = await target.deliver(sending(call, config, LETTER))
            assert (answer.succeeded, answer.lasting) == (False, False)
            assert came == [1]
    await target.close()


async def test_bootstrap_servers_that_are_none(call: Call) -> None:
    """Said once, not four times."""
    target = TARGETS["Kafka"]()
    answer = await target.deliver(sending(call, settings("Kafka", 1) | {"BootstrapServers": "a b"}, LETTER))
    assert (answer.succeeded, answer.lasting, "BootstrapServers" in answer.text) == (False, True, True)


DEEP = b"[" * 100_000 + b"]" * 100_000
POISON = {
    "nul": b'{"Headers":{},"Payload":{"ProductID":"p\\u0000","Name":"\\u0000"}}',
    "large": b'{"Headers":{},"Payload":{"ProductID":"p","Name":"' + b"x" * 10_000_000 + b'"}}',
    "deep": b'{"Headers":{},"Payload":{"ProductID":"p","xp":{"a":' + DEEP + b"}}}",
    "deep letter": b'{"Headers":{},"Payload":' + DEEP + b"}",
    "number": b'{"Headers":{},"Payload":{"ProductID":"p","Name":1e999999}}',
    "surrogate": b'{"Headers":{},"Payload":{"ProductID":"p","Name":"\\ud800"}}',
    "bytes": b"\xff\xfe",
    "nothing": b"",
    "list": b"[]",
}


HTTP = sorted(set(TARGETS) - {"Mail", "Mailbox", "Kafka", "EventHub", "Mailchimp"})


@pytest.mark.parametrize("name", HTTP)
async def test_poisoned_messages_do_no_harm(name: str, call: Call) -> None:
    """An answer comes of every message, whatever it holds; none of them is an error that nobody foresaw."""
    target = TARGETS[name]()
    try:
        async with refusing() as port:
            config = settings(name, port) | {"Endpoint": f"http://127.0.0.1:{port}"}
            config["ServiceEndpoint"] = config["Endpoint"]
            config["ConnectionString"] = str(config["ConnectionString"]).replace("https", "http")
            for poison in POISON.values():
                answer = await target.deliver(sending(call, config, None, type=kind_of(name), body=poison))
                assert not answer.succeeded
                assert answer.lasting or answer.status == 400, (answer.text, poison[:100])
    finally:
        await target.close()


@asynccontextmanager
async def refusing() -> AsyncIterator[int]:
    """A server that reads everything and refuses it, in HTTP."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await reader.readexactly(int(line.split(b":")[1]))
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            """That was no HTTP."""
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_poisoned_messages_reach_kafka(call: Call, cluster: Cluster) -> None:
    """Whatever it holds arrives as it is: nobody looks into it. (Of ten megabytes the mock cluster keeps nothing.)"""
    topics = [f"t-{new_id()}", f"t-{new_id()}"]
    target = TARGETS["Kafka"]()
    for poison in POISON.values():
        large = len(poison) > 2**20
        cluster.make_topic(topics[large])
        config = settings("Kafka", 1) | {
            "BootstrapServers": f"PLAINTEXT://{cluster.place}",
            "Topic": topics[large],
        }
        answer = await target.deliver(sending(call, config, None, body=poison))
        assert answer.succeeded, answer.text
    await target.close()
    small = [each for each in POISON.values() if len(each) <= 2**20]
    assert [value or b"" for _, value, _ in cluster.read(topics[0], len(small))] == small
