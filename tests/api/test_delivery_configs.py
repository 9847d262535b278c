"""Delivery configurations: secrets within targets, both names of Mailchimp, deletion (DC-1, DC-2, DC-4, INT-4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.api.marketplace import Api, codes

from entrepot.app.registry import registry
from entrepot.engine.references import ReferenceGraph
from entrepot.features.people.credentials.secrets import SecretBoxError
from entrepot.features.people.integrations import deliveries, events, extras
from entrepot.features.people.integrations.deliveries import DeliveryConfig
from entrepot.features.people.integrations.in_use import Uses
from entrepot.features.people.integrations.sealing import open_secrets
from entrepot.features.people.integrations.targets import DeliveryTargets

PATH = "/v1/integrations/deliveryconfig"
SECRETS = {"SaslPassword", "Secret", "CustomAuthHeaderValue", "ApiKey", "ConnectionString"}
CONTENT = {
    "Locales": ["en"],
    "Http": {
        "Endpoint": "https://example.com",
        "CustomAuthHeaderName": "X-A",
        "CustomAuthHeaderValue": "secret-11",
    },
}
TARGETS: dict[str, Any] = {
    "Kafka": {"BootstrapServers": "b", "SaslUsername": "u", "SaslPassword": "secret-1", "Topic": "t"},
    "Http": {
        "Endpoint": "https://example.com",
        "Secret": "secret-2",
        "CustomAuthHeaderName": "X-A",
        "CustomAuthHeaderValue": "secret-3",
    },
    "SearchIngestion": {
        "Domain": "d",
        "Source": "s",
        "Endpoint": "e",
        "Entity": "product",
        "ApiKey": "secret-4",
        "Content": CONTENT,
    },
    "SendEvent": {"SiteID": "s", "ServiceEndpoint": "e"},
    "DiscoverEvent": {"ClientID": "c", "ApiKey": "secret-5", "ServiceEndpoint": "e"},
    "EventHub": {
        "EventHubName": "h",
        "ConnectionString": "Endpoint=sb://h.example/;SharedAccessKeyName=n;SharedAccessKey=secret-6",
    },
    "AzureBlob": {
        "ConnectionString": "AccountName=secret-7;AccountKey=c2VjcmV0",
        "OverrideContainerName": None,
    },
    "AzureTable": {
        "ConnectionString": "AccountName=a;SharedAccessSignature=secret-8",
        "OverrideTableName": "t",
    },
    "CosmosDb": {
        "ConnectionString": "AccountEndpoint=https://secret-9.example/;AccountKey=c2VjcmV0",
        "OverrideDatabaseName": None,
    },
    "Mandrill": {"ApiKey": "secret-10"},
    "MessageSender": {"Secret": "secret-12", "Endpoint": "https://example.com/{messagetype}"},
    "ContentHub": {"ApiKey": "secret-13", "Endpoint": "e", "TargetSchemaName": "s", "ConfigData": {"a": "b"}},
    "Mailchimp": {"ApiKey": "secret-10"},
}
STORED = 'SELECT "DeliveryTargets"::text FROM delivery_configs WHERE marketplace_id = $1 AND "ID" = \'d\''


def without_secrets(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: None if name in SECRETS else without_secrets(inner) for name, inner in value.items()}


async def opened(api: Api) -> dict[str, Any]:
    """The stored targets in clear."""
    stored = {"DeliveryTargets": json.loads(await api.value(STORED))}
    box, model = api.server.box, DeliveryConfig
    targets: dict[str, Any] = open_secrets(box, "delivery_configs", api.marketplace_id, model, stored)[
        "DeliveryTargets"
    ]
    return targets


async def made(api: Api, targets: dict[str, Any]) -> dict[str, Any]:
    answer = await api.seller.put(f"{PATH}/d", json={"Name": "D", "DeliveryTargets": targets})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_targets_here_are_all() -> None:
    assert list(TARGETS) == list(DeliveryTargets.__columns__)


async def test_secrets_are_sealed_kept_and_never_shown(api: Api) -> None:
    """INT-4, CONV-2, CONV-5: at any depth; a PUT of what GET showed and a PATCH beside them keep them."""
    http, url = api.seller, f"{PATH}/d"
    shown = await made(api, TARGETS)
    assert shown["DeliveryTargets"] == without_secrets(TARGETS)
    stored = await api.value(STORED)
    assert "secret-" not in stored
    assert await opened(api) == TARGETS
    for answer in (await http.get(url), await http.get(PATH), await http.patch(url, json={"Name": "N"})):
        assert "secret-" not in answer.text
    assert (await http.put(url, json={**shown, "Name": "N"})).json() == shown | {"Name": "N"}
    assert await api.value(STORED) == stored, "what is not sent is not even sealed anew"
    change = {"Kafka": {"Topic": "t2"}, "Http": {"Secret": "new"}, "EventHub": None}
    patched = (await http.patch(url, json={"DeliveryTargets": change})).json()["DeliveryTargets"]
    expected: dict[str, Any] = {
        **TARGETS,
        "Kafka": {**TARGETS["Kafka"], "Topic": "t2"},
        "Http": {**TARGETS["Http"], "Secret": "new"},
        "EventHub": None,
    }
    assert patched == without_secrets(expected)
    assert await opened(api) == expected


async def test_sealed_values_belong_to_their_marketplace(api: Api, other: Api) -> None:
    await made(api, TARGETS)
    await other.seller.put(f"{PATH}/d", json={"Name": "D", "DeliveryTargets": {}})
    copied = await api.value(STORED)
    await other.execute(
        'UPDATE delivery_configs SET "DeliveryTargets" = $2::json WHERE marketplace_id = $1', copied
    )
    with pytest.raises(SecretBoxError, match="altered or belongs elsewhere"):
        await opened(other)


@pytest.mark.parametrize("verb", ["POST", "PUT new", "PUT", "PATCH"])
async def test_required_secrets(verb: str, api: Api) -> None:
    """BODY-8: of a target that comes into being, whichever way; the paths name it."""
    await made(api, {"SendEvent": TARGETS["SendEvent"], "Kafka": TARGETS["Kafka"]})
    targets = {
        "Kafka": {"BootstrapServers": "b", "SaslUsername": "u", "Topic": "t"},
        "AzureBlob": {"OverrideContainerName": "c"},
        "CosmosDb": {"OverrideDatabaseName": "d"},
    }
    method, _, new = verb.partition(" ")
    url = PATH if method == "POST" else f"{PATH}/new" if new else f"{PATH}/d"
    refused = await api.seller.request(method, url, json={"Name": "D", "DeliveryTargets": targets})
    assert refused.status_code == 400
    lacking = ["AzureBlob.ConnectionString", "CosmosDb.ConnectionString"]
    lacking = [*(["Kafka.SaslPassword"] if url != f"{PATH}/d" else []), *lacking]
    assert [(e["ErrorCode"], e["Data"]) for e in refused.json()["Errors"]] == [
        ("ValidationFailure", {"Property": f"DeliveryTargets.{path}"}) for path in lacking
    ]
    kept = {"SendEvent": TARGETS["SendEvent"], "Kafka": TARGETS["Kafka"]}
    assert {name: value for name, value in (await opened(api)).items() if value} == kept


async def test_both_names_of_mailchimp(api: Api) -> None:
    """DC-2: each is accepted and both are answered; the newer one counts where both are sent and differ."""
    url, shown = f"{PATH}/d", {"ApiKey": None}

    async def send(verb: str, **targets: Any) -> tuple[Any, Any]:
        body = {"DeliveryTargets": targets} if verb == "PATCH" else {"Name": "D", "DeliveryTargets": targets}
        answer = await api.seller.request(verb, url, json=body)
        assert answer.status_code == 200, answer.text
        found, clear = answer.json()["DeliveryTargets"], await opened(api)
        assert found["Mandrill"] == found["Mailchimp"] == (shown if clear["Mailchimp"] else None)
        keys = tuple((clear[name] or {}).get("ApiKey") for name in ("Mailchimp", "Mandrill"))
        return keys[0], keys[1]

    def key(value: str | None) -> dict[str, str | None]:
        return {"ApiKey": value}

    assert await send("PUT", Mandrill=key("a")) == ("a", "a")
    assert await send("PUT", Mailchimp=key("b")) == ("b", "b")
    assert await send("PUT", Mailchimp=key("c"), Mandrill=key("d")) == ("c", "c")
    assert await send("PUT", Mailchimp=shown, Mandrill=shown) == ("c", "c")
    assert await send("PUT", Mandrill=shown) == ("c", "c")
    assert await send("PUT", Mailchimp=shown, Mandrill=key("e")) == ("e", "e")
    assert await send("PATCH", Kafka=TARGETS["Kafka"]) == ("e", "e")
    assert await send("PATCH", Mandrill=key("f")) == ("f", "f")
    assert await send("PATCH", Mailchimp=key("g")) == ("g", "g")
    assert await send("PATCH", Mandrill=None) == (None, None)
    assert await send("PATCH", Mailchimp=key("h")) == ("h", "h")
    assert await send("PUT") == (None, None)


@pytest.mark.parametrize("path", [("Http",), ("SearchIngestion", "Content", "Http")])
async def test_headers_of_targets(path: tuple[str, ...], api: Api) -> None:
    """SIG-5"""

    def within(value: Any) -> dict[str, Any]:
        for name in reversed(path):
            value = {name: value}
        return {"DeliveryTargets": value}

    await made(api, TARGETS)
    for change, code in (
        ({"CustomAuthHeaderValue": None}, "Integration.CustomAuthHeaderValueRequired"),
        (
            {"CustomAuthHeaderName": None, "CustomAuthHeaderValue": "v"},
            "Integration.CustomAuthHeaderNameRequired",
        ),
    ):
        assert codes(await api.seller.patch(f"{PATH}/d", json=within(change))) == [code]
    answer = await api.seller.patch(f"{PATH}/d", json=within({"CustomAuthHeaderName": None}))
    assert answer.status_code == 200
    target: Any = await opened(api)
    for name in path:
        target = target[name]
    assert (target["CustomAuthHeaderName"], target["CustomAuthHeaderValue"]) == (None, None)


@pytest.mark.parametrize(
    "field", ["Http.Secret", "Kafka.SaslPassword", "SearchIngestion.Content.Http.CustomAuthHeaderValue"]
)
async def test_nested_secrets_are_no_filters(field: str, api: Api) -> None:
    """FLT-4"""
    await made(api, TARGETS)
    for query in (
        f"DeliveryTargets.{field}=*",
        f"DeliveryTargets.{field}=!*",
        f"sortBy=DeliveryTargets.{field}",
    ):
        assert codes(await api.seller.get(f"{PATH}?{query}")) == ["List.InvalidProperty"]
    found = await api.seller.get(f"{PATH}?DeliveryTargets.Kafka.Topic=t")
    assert found.json()["Meta"]["TotalCount"] == 1


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
async def test_connection_strings_are_looked_at_when_they_are_set(verb: str, api: Api) -> None:
    """DC-1: one that says neither where to nor with which key is refused, which names its property and quotes nothing of it; what
    was kept before is not looked at.
    """
    await made(api, {"AzureBlob": TARGETS["AzureBlob"]})
    wrong = {
        "EventHub": "Endpoint=https://hush.example/;SharedAccessKeyName=n;SharedAccessKey=hush",
        "AzureBlob": "AccountName=hush;AccountKey=no-Base64",
        "AzureTable": "hush",
        "CosmosDb": "AccountEndpoint=hush;AccountKey=c2VjcmV0",
    }
    targets = {name: {**TARGETS[name], "ConnectionString": text} for name, text in wrong.items()}
    url = PATH if verb == "POST" else f"{PATH}/d"
    refused = await api.seller.request(verb, url, json={"Name": "D", "DeliveryTargets": targets})
    assert (refused.status_code, "hush" in refused.text) == (400, False)
    assert [each["Data"] for each in refused.json()["Errors"]] == [
        {"Property": f"DeliveryTargets.{name}.ConnectionString"} for name in wrong
    ]
    assert (await api.seller.patch(f"{PATH}/d", json={"Name": "E"})).status_code == 200


async def test_targets_that_are_not_installed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """DC-1: a target whose optional package is missing is refused when it is set or changed, whichever way; others are not."""
    await made(api, {"AzureBlob": TARGETS["AzureBlob"]})
    for name in extras.NEEDS:
        monkeypatch.setitem(extras.NEEDS, name, "a-package-that-nobody-has")
    azure = {name: TARGETS[name] for name in ("AzureTable", "CosmosDb")}
    body = {"Name": "D", "DeliveryTargets": {**azure, "SendEvent": TARGETS["SendEvent"]}}
    for verb, url in (("POST", PATH), ("PUT", f"{PATH}/new"), ("PUT", f"{PATH}/d"), ("PATCH", f"{PATH}/d")):
        refused = await api.seller.request(verb, url, json=body)
        assert refused.status_code == 400
        assert [(each["ErrorCode"], each["Data"]) for each in refused.json()["Errors"]] == [
            ("ValidationFailure", {"Property": f"DeliveryTargets.{name}"}) for name in azure
        ]
        assert "install entrepot[azure]" in refused.text
    changed = {"DeliveryTargets": {"AzureBlob": {"OverrideContainerName": "c"}}}
    assert (await api.seller.patch(f"{PATH}/d", json=changed)).status_code == 400
    kept = {"Name": "N", "DeliveryTargets": {"SendEvent": TARGETS["SendEvent"]}}
    assert (await api.seller.patch(f"{PATH}/d", json=kept)).status_code == 200


USERS: dict[str, dict[str, Any]] = {
    "/v1/webhooks/x": {"Name": "W"},
    "/v1/messagesenders/x": {"Name": "M", "MessageTypes": ["OrderSubmitted"]},
    "/v1/integrations/trackingevents/x": {"Name": "T", "EventType": "UserLoggedIn"},
    "/v1/integrations/errorconfig": {},
    "/v1/integrations/productsync": {"SyncProductChanged": True, "SyncProductDeleted": True},
    "/v1/integrations/ordersync": {},
    "/v1/integrations/entitysync/buyers": {"SyncEntityChanged": True, "SyncEntityDeleted": True},
    "/v1/integrations/inventory": {},
}


@pytest.mark.parametrize("url", list(USERS))
async def test_in_use(url: str, api: Api) -> None:
    """DC-4: refused while anything delivers through it; a rename is followed."""
    http = api.seller
    await made(api, {})
    body = {**USERS[url], "DeliveryConfigID": "D", "ClientID": api.client_id}
    assert (await http.put(url, json=body)).json()["DeliveryConfigID"] == "d"
    assert codes(await http.delete(f"{PATH}/d")) == ["DeliveryConfig.CannotDeleteConfigInUse"]
    await http.patch(f"{PATH}/d", json={"ID": "renamed"})
    assert (await http.get(url)).json()["DeliveryConfigID"] == "renamed"
    assert (await http.delete(url)).status_code == 204
    assert (await http.delete(f"{PATH}/renamed")).status_code == 204


@pytest.mark.parametrize("uses", [deliveries.USES, events.USES], ids=lambda uses: uses.table)
def test_every_user_is_looked_at(uses: Uses) -> None:
    """DC-4, IE-2: each reference that forbids a deletion is among those that are checked before it."""
    referrers = ReferenceGraph.of(registry()).referrers[uses.table]
    assert {(each.table, each.column) for each in referrers} == set(uses.columns)
    assert {each.on_delete for each in referrers} == {"refuse"}
