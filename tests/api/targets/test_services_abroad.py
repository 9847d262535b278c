"""Targets that translate: content in languages, deletions, what has no place there (DC-1, DC-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.receiver import Receiver
from tests.api.targets.sendings import PRODUCT, sending

from entrepot.engine.call import Call
from entrepot.features.people.deliveries.targets.content_hub import ContentHubTarget
from entrepot.features.people.deliveries.targets.mailchimp import MailchimpTarget
from entrepot.features.people.deliveries.targets.search_ingestion import SearchIngestionTarget
from entrepot.features.people.deliveries.targets.table import TARGETS

DOCUMENT = "/ingestion/v1/domains/d/sources/s/entities/product/documents/p"
LETTER = {"Recipient": {"Email": "a@example.com"}, "MessageType": "OrderSubmitted", "EventBody": {}}


def search(receiver: Receiver, *locales: str) -> dict[str, Any]:
    http = {
        "Endpoint": f"{receiver.url}/cms/",
        "CustomAuthHeaderName": "X-A",
        "CustomAuthHeaderValue": "hush",
    }
    return {
        "Endpoint": f"{receiver.url}/ingestion/v1",
        "Domain": "d",
        "Source": "s",
        "Entity": "product",
        "ApiKey": "key",
        "Content": {"Locales": list(locales), "Http": http},
    }


async def test_dc_5_content_of_every_language(call: Call, receiver: Receiver) -> None:
    """DC-5: a document per locale, merged with what GET <endpoint>/{entity}/{ID} tells; reserved attributes stay."""
    said = {"Title": "Chaise", "Inventory": 0, "ID": "other", "specs": [], "Name": "Nom"}
    receiver.answers |= {
        "/cms/product/p?locale=fr_fr": said,
        "/cms/product/p?locale=de_de": {"de_de": {"Title": "Stuhl"}, "fr_fr": {"Title": "Chaise"}},
        "/cms/product/p?locale=en_us": (404, {}),
    }
    locales = ("fr_fr", "de_de", "en_us")
    receiver.answers |= {f"{DOCUMENT}?locale={each}": {} for each in locales}
    payload = {
        "ProductID": "p",
        "Name": "N",
        "Inventory": {"Enabled": True},
        "xp": {"A": {"B": 1}, "List": [{}]},
    }
    target = SearchIngestionTarget()
    answer = await target.deliver(sending(call, search(receiver, *locales), payload))
    assert answer.succeeded, answer.text
    own = {"productid": "p", "name": "N", "inventory": {"Enabled": True}, "xp_a_b": 1, "xp_list": [{}]}
    asked = [(each.method, each.path) for each in receiver.received]
    assert asked == [
        step
        for each in locales
        for step in (("GET", f"/cms/product/p?locale={each}"), ("PUT", f"{DOCUMENT}?locale={each}"))
    ]
    assert [each.headers.get("x-a") for each in receiver.received] == ["hush", None] * 3
    assert [each.body["document"]["fields"] for each in receiver.received[1::2]] == [
        own | {"title": "Chaise", "name": "Nom"},
        own | {"title": "Stuhl"},
        own,
    ]
    receiver.received.clear()
    receiver.answers["/cms/product/p?locale=fr_fr"] = (503, "hush")
    failed = await target.deliver(sending(call, search(receiver, *locales), payload))
    assert (failed.status, failed.lasting, failed.text) == (503, False, '"***"')
    assert len(receiver.received) == 1, "nothing is ingested without its content"


async def test_sync_2_deletions(call: Call, receiver: Receiver) -> None:
    """SYNC-2: a deleted product's document goes, in every language; that it is gone already is as well. The hub keeps it."""
    kind = PRODUCT.replace("updated", "deleted")
    receiver.answers |= {f"{DOCUMENT}?locale=fr_fr": {}, f"{DOCUMENT}?locale=en_us": (404, {})}
    config = search(receiver, "fr_fr", "en_us")
    gone = sending(call, config, {"ProductID": "p", "UserContext": None}, type=kind)
    assert (await SearchIngestionTarget().deliver(gone)).succeeded
    assert [each.method for each in receiver.received] == ["DELETE", "DELETE"]
    hub = {"Endpoint": receiver.url, "ApiKey": "k", "TargetSchemaName": "M.P"}
    assert (await ContentHubTarget().deliver(sending(call, hub, {"ProductID": "p"}, type=kind))).succeeded
    assert len(receiver.received) == 2


async def test_dc_1_a_new_product_in_the_hub(call: Call, receiver: Receiver) -> None:
    """DC-1: without a mapping, properties of the same names; an entity of the schema where there is none yet."""
    hub = {"Endpoint": f"{receiver.url}/", "ApiKey": "k", "TargetSchemaName": "M.P", "ConfigData": None}
    receiver.answers["/api/entities"] = (201, {"id": 1})
    payload = {"ProductID": "p", "Name": "N", "Description": "D"}
    assert (await ContentHubTarget().deliver(sending(call, hub, payload))).succeeded
    looked, made = receiver.received
    assert (looked.method, looked.path) == ("GET", "/api/entities/identifier/M.P.p")
    assert looked.headers["x-auth-token"] == made.headers["x-auth-token"] == "k"
    assert made.body == {
        "entitydefinition": {"href": f"{receiver.url}/api/entitydefinitions/M.P"},
        "identifier": "M.P.p",
        "properties": {"ID": "p", "Name": "N", "Description": "D"},
    }


@pytest.mark.parametrize(
    ("told", "succeeded", "lasting", "text"),
    [
        ((200, [{"status": "queued"}, {"status": "rejected"}]), True, False, ""),
        ((200, [{"status": "rejected", "reject_reason": "hard-bounce"}]), False, True, "hard-bounce"),
        ((200, [{"status": "invalid"}]), False, True, "invalid"),
        ((500, {"status": "error", "name": "Invalid_Key", "message": "secret"}), False, True, "Invalid_Key"),
        ((500, {"status": "error", "name": "Unknown_Template"}), False, True, "Unknown_Template"),
        ((500, {"status": "error", "name": "GeneralError"}), False, False, "GeneralError"),
        ((502, b"<html>"), False, False, "<html>"),
    ],
)
async def test_what_mailchimp_means(
    told: Any, succeeded: bool, lasting: bool, text: str, call: Call, receiver: Receiver
) -> None:
    """MS-9: its errors have names, whatever the status; a letter may be refused though the call succeeded."""
    receiver.answers["/messages/send-template"] = told
    letter = sending(
        call, {"ApiKey": "an-api-key"}, LETTER, type="OrderSubmitted", integration="MessageSender"
    )
    answer = await MailchimpTarget(receiver.url).deliver(letter)
    assert (answer.succeeded, answer.lasting) == (succeeded, lasting)
    assert text in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("SearchIngestion", {"UserContext": None}),
        ("ContentHub", {"ID": "buyer"}),
        ("SendEvent", {"ID": "buyer"}),
        ("DiscoverEvent", {"ID": "buyer"}),
        ("Mailchimp", {"ID": "buyer"}),
    ],
)
async def test_dc_1_known_targets_take_what_they_know(
    name: str, payload: Any, call: Call, receiver: Receiver
) -> None:
    """DC-1: a message that a known service has no place for fails, says so, and is not repeated."""
    names = (
        "Endpoint",
        "ServiceEndpoint",
        "ApiKey",
        "Domain",
        "Source",
        "Entity",
        "SiteID",
        "ClientID",
        "TargetSchemaName",
    )
    config = dict.fromkeys(names, receiver.url)
    kind = "sitecore.ordercloud.messages.entitysync.buyer.updated"
    answer = await TARGETS[name]().deliver(
        sending(call, config, payload, type=kind, integration="EntitySync")
    )
    assert (answer.succeeded, answer.lasting) == (False, True)
    assert "only" in answer.text
    assert receiver.received == []


async def test_others_than_messages_to_people_keep_their_envelope(call: Call, receiver: Receiver) -> None:
    """MS-2, DC-3: {messagetype} is any message's; what is no message to people comes as other targets get it."""
    receiver.otherwise = lambda _: {}
    config = {"Endpoint": f"{receiver.url}/{{messagetype}}", "Secret": "s"}
    one = sending(call, config, {"ProductID": "p"})
    assert (await TARGETS["MessageSender"]().deliver(one)).succeeded
    assert [(each.path, each.raw) for each in receiver.received] == [(f"/{PRODUCT}", one.body)]
