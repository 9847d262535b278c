"""What targets make of messages and of their settings (DC-1, DC-5, DC-6, TRK-2)."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.domain.deliveries import tracked
from entrepot.domain.deliveries.bootstrap_servers import (
    BootstrapServers,
    BootstrapServersError,
    bootstrap_servers,
)
from entrepot.domain.deliveries.connection_strings import (
    DEVELOPMENT,
    ConnectionStringError,
    event_hub_place,
    parts,
    required,
    storage_endpoint,
)
from entrepot.domain.deliveries.content_hub import hub_properties
from entrepot.domain.deliveries.search_documents import (
    MOST_ATTRIBUTES,
    RESERVED,
    attributes,
    flattened,
    identity,
    merged,
)
from entrepot.domain.deliveries.tracked import ADDED, LOGIN, SUBMITTED, UPDATED, discover_event, send_event


def test_dc_5_attributes() -> None:
    payload = {
        "UserContext": {"ID": "u"},
        "ID": "b",
        "Active": True,
        "Specs": [{"ID": "s"}],
        "xp": {"Color": {"Name": "red", "Tags": ["a", {"B": 1}]}, "Empty": {}, "None": None},
    }
    assert attributes(payload) == {
        "id": "b",
        "active": True,
        "specs": [{"ID": "s"}],
        "xp_color_name": "red",
        "xp_color_tags": ["a", {"B": 1}],
        "xp_none": None,
    }
    assert (identity(payload), identity({"ProductID": "p"}), identity({"ID": 1}), identity({})) == (
        "b",
        "p",
        None,
        None,
    )
    assert flattened(None) == flattened([1]) == flattened("x") == {}
    assert len(flattened({str(n): n for n in range(2 * MOST_ATTRIBUTES)})) == MOST_ATTRIBUTES


def test_dc_5_reserved_attributes_stay() -> None:
    document = dict.fromkeys(RESERVED, "ours") | {"id": "ours", "name": "N"}
    said = {name.upper(): "theirs" for name in document} | {"Title": "T"}
    assert merged(document, said) == document | {"name": "theirs", "title": "T"}
    assert merged(document, ["x"]) == merged(document, None) == document


def test_hub_properties() -> None:
    product = {"ProductID": "p", "Name": "N", "Description": "D", "xp": {}}
    assert hub_properties(product, None) == {"ID": "p", "Name": "N", "Description": "D"}
    mapper: dict[str, Any] = {
        "ID": {"Property": "Key"},
        "Name": {"Property": None, "DefaultCulture": "en-US"},
        "Description": 1,
    }
    assert hub_properties(product, {"Mapper": mapper}) == {
        "Key": "p",
        "Name": {"en-US": "N"},
        "Description": "D",
    }
    assert (
        hub_properties(product, {"Mapper": 1}) == hub_properties(product, "x") == hub_properties(product, {})
    )


LINE = {"ID": "l1", "ProductID": "p", "Quantity": 1, "UnitPrice": 2, "LineTotal": 2}
PAYLOAD: dict[str, Any] = {
    "UserContext": {"ID": "u", "AnonymousID": None},
    "User": {"ID": "u", "Email": "e", "FirstName": "F", "LastName": None},
    "Order": {"ID": "O", "Total": 3, "Subtotal": 2},
    "LineItem": LINE,
    "LineItems": [LINE, {"ID": "l2", "ProductID": "q", "Quantity": 5}],
    "Products": [{"ID": "p", "Name": "N"}],
}


@pytest.mark.parametrize(
    ("kind", "action", "event", "lines"),
    [
        (LOGIN, "IDENTIFY", ("user", "login"), (0, 0)),
        (ADDED, "ADDED_TO_ORDER", ("product", "add"), (1, 1)),
        (UPDATED, "ADDED_TO_ORDER", ("status", "cart"), (1, 2)),
        (SUBMITTED, "ORDER_COMPLETED", ("order", "confirm"), (2, 2)),
    ],
)
def test_trk_2_tracked(kind: str, action: str, event: tuple[str, str], lines: tuple[int, int]) -> None:
    """TRK-2: the four kinds of events, in two services' words."""
    sent = send_event(kind, PAYLOAD, "site")
    told = discover_event(kind, PAYLOAD, 1)
    assert sent is not None
    assert told is not None
    assert (sent["actionType"], sent["siteId"], sent["ContactName"]) == (action, "site", "F")
    assert (sent["ContactId"], sent["ContactEmailAddress"]) == ("u", "e")
    properties = sent.get("properties", [])
    products = properties[0]["products"] if kind == SUBMITTED else properties
    assert (len(products), len(told["value"].get("products", []))) == lines
    assert ((told["name"], told["action"]), told["uuid"]) == (event, "u")
    assert ("order" in told["value"]) is (kind == SUBMITTED)
    assert send_event("else", PAYLOAD, "site") is discover_event("else", PAYLOAD, 1) is None
    assert set(tracked.ACTIONS) == set(tracked.EVENTS)


def test_connection_strings() -> None:
    found = parts(
        " DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k==;EndpointSuffix=core.example; "
    )
    assert required(found, "AccountName", "AccountKey") == ("a", "k==")
    assert storage_endpoint(found, "blob") == "https://a.blob.core.example"
    assert storage_endpoint(parts("AccountName=a"), "table") == "https://a.table.core.windows.net"
    assert storage_endpoint(parts("UseDevelopmentStorage=true"), "blob") == DEVELOPMENT["blobendpoint"]
    hub = "Endpoint=sb://ns.example/;SharedAccessKeyName=n;SharedAccessKey=k"
    assert event_hub_place(parts(hub)) == ("ns.example", 9093, True)
    assert event_hub_place(parts(f"{hub};UseDevelopmentEmulator=true")) == ("ns.example", 9092, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "=secret",
        "Endpoint=https://secret;SharedAccessKeyName=n;SharedAccessKey=k",
        "Endpoint=sb://;SharedAccessKeyName=n;SharedAccessKey=k",
        "Endpoint=sb://[secret;SharedAccessKeyName=n;SharedAccessKey=k",
        "Endpoint=sb://host;SharedAccessKeyName=secret",
        "BlobEndpoint=ftp://secret",
        "BlobEndpoint=https://se cret",
        "BlobEndpoint=https://secret:x",
    ],
)
def test_connection_strings_that_are_none(text: str) -> None:
    """The reason quotes nothing of it."""
    with pytest.raises(ConnectionStringError) as refused:
        (storage_endpoint if "Blob" in text else lambda found, _: event_hub_place(found))(parts(text), "blob")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("a:1, b.example", BootstrapServers((("a", 1), ("b.example", 9092)))),
        ("SASL_PLAINTEXT://[::1]:9", BootstrapServers((("::1", 9),), tls=False)),
        ("ssl://a:1,SSL://b:2", BootstrapServers((("a", 1), ("b", 2)), sasl=False)),
        ("PLAINTEXT://a", BootstrapServers((("a", 9092),), tls=False, sasl=False)),
    ],
)
def test_bootstrap_servers(text: str, servers: BootstrapServers) -> None:
    assert bootstrap_servers(text) == servers


@pytest.mark.parametrize(
    "text", ["", ",", "a b:1", "host:0", "host:99999", "HTTP://a:1", "SSL://a:1,b:1", "[::1"]
)
def test_bootstrap_servers_that_are_none(text: str) -> None:
    with pytest.raises(BootstrapServersError, match="BootstrapServers"):
        bootstrap_servers(text)
