"""Webhooks: what may be stored (WH-12, WH-13, SIG-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes

PATH = "/v1/webhooks"
HOOK = {"Name": "H", "Url": "https://example.com/hook", "HashKey": "k"}
TARGET = {"Name": "D", "DeliveryTargets": {"Http": {"Endpoint": "https://example.com", "Secret": "s"}}}
SCHEME, CONFIG, KEY = "Webhook.UrlSchemeHttps", "Webhook.InvalidDeliveryConfig", "Webhook.MissingHashKey"
INVALID = "ValidationFailure"
NAME, VALUE = "Integration.CustomAuthHeaderNameRequired", "Integration.CustomAuthHeaderValueRequired"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"Url": "http://127.0.0.1:9/hook"}, None),
        ({"Url": None, "HashKey": None, "DeliveryConfigID": "d"}, None),
        ({"DeliveryConfigID": "d"}, None),
        ({"BeforeProcessRequest": True}, None),
        ({"CustomAuthHeaderName": "X-A", "CustomAuthHeaderValue": "v"}, None),
        ({"Url": "http://example.com/hook"}, SCHEME),
        ({"Url": "example.com"}, SCHEME),
        ({"Url": None}, SCHEME),
        ({"Url": ""}, SCHEME),
        ({"HashKey": None}, KEY),
        ({"HashKey": ""}, KEY),
        ({"BeforeProcessRequest": True, "DeliveryConfigID": "d"}, CONFIG),
        ({"DeliveryConfigID": "nope"}, "NotFound"),
        ({"ApiClientIDs": ["nope"]}, "NotFound"),
        ({"CustomAuthHeaderName": "X-A"}, VALUE),
        ({"CustomAuthHeaderName": "X-A", "CustomAuthHeaderValue": ""}, VALUE),
        ({"CustomAuthHeaderValue": "v"}, NAME),
        ({"CustomAuthHeaderName": "Content-Length", "CustomAuthHeaderValue": "v"}, INVALID),
        ({"CustomAuthHeaderName": "x-OC-hash", "CustomAuthHeaderValue": "v"}, INVALID),
        ({"CustomAuthHeaderName": "X-A", "CustomAuthHeaderValue": "x\r\ny"}, INVALID),
    ],
)
async def test_what_may_be_stored(changes: dict[str, Any], refusal: str | None, api: Api) -> None:
    """WH-12, SIG-5; by POST, PUT and PATCH alike, and nothing is written by what is refused."""
    http = api.seller
    assert (await http.put("/v1/integrations/deliveryconfig/d", json=TARGET)).status_code == 200
    before = (await http.put(f"{PATH}/old", json=HOOK)).json()
    wanted = {"POST": 201, "PUT": 200, "PATCH": 200}
    for verb, path, body in (
        ("POST", PATH, {**HOOK, **changes, "ID": "posted"}),
        ("PUT", f"{PATH}/put", {**HOOK, **changes}),
        ("PATCH", f"{PATH}/old", changes),
    ):
        answer = await http.request(verb, path, json=body)
        if refusal is None:
            assert answer.status_code == wanted[verb], answer.text
            hidden = {"CustomAuthHeaderValue": None} if "CustomAuthHeaderValue" in changes else {}
            assert {**body, **hidden, "ID": answer.json()["ID"]}.items() <= answer.json().items()
        else:
            assert codes(answer) == [refusal]
    if refusal is not None:
        assert (await http.get(f"{PATH}/old")).json() == before
        assert (await http.get(PATH)).json()["Meta"]["TotalCount"] == 1


async def test_clients(api: Api) -> None:
    """WH-2, WH-13: IDs as they are stored, each once; a deleted client is taken out of all lists."""
    http = api.seller
    first, second = await api.api_client(), await api.api_client()
    sent = {**HOOK, "ApiClientIDs": [second.lower(), first, second]}
    assert (await http.put(f"{PATH}/a", json=sent)).json()["ApiClientIDs"] == [second, first]
    await http.put(f"{PATH}/b", json={**HOOK, "ApiClientIDs": [first]})
    assert (await http.delete(f"/v1/apiclients/{second.lower()}")).status_code == 204
    items = (await http.get(PATH)).json()["Items"]
    assert [(item["ID"], item["ApiClientIDs"]) for item in items] == [("a", [first]), ("b", [first])]


async def test_header_goes_with_its_name(api: Api) -> None:
    """CONV-2, SIG-5: a PUT without the header removes it; one with the name alone keeps the value."""
    http, header = api.seller, {"CustomAuthHeaderName": "X-A", "CustomAuthHeaderValue": "v"}
    stored = 'SELECT "CustomAuthHeaderValue" FROM webhooks WHERE marketplace_id = $1'
    await http.put(f"{PATH}/a", json={**HOOK, **header})
    kept = await api.value(stored)
    renamed = {**HOOK, "CustomAuthHeaderName": "X-B", "CustomAuthHeaderValue": None}
    assert (await http.put(f"{PATH}/a", json=renamed)).json()["CustomAuthHeaderName"] == "X-B"
    assert await api.value(stored) == kept
    assert codes(await http.patch(f"{PATH}/a", json={"CustomAuthHeaderValue": None})) == [VALUE]
    assert (await http.put(f"{PATH}/a", json=HOOK)).json()["CustomAuthHeaderName"] is None
    assert await api.value(stored) is None
    await http.patch(f"{PATH}/a", json=header)
    assert (await http.patch(f"{PATH}/a", json={"CustomAuthHeaderName": None})).status_code == 200
    assert await api.value(stored) is None


async def test_key_is_kept_by_patch_and_dropped_by_put(api: Api) -> None:
    """HashKey is readable (INT-4), so a PUT without it clears it as any other property (CONV-2)."""
    http = api.seller
    await http.put(f"{PATH}/a", json=HOOK)
    assert (await http.patch(f"{PATH}/a", json={"Name": "N"})).json()["HashKey"] == "k"
    assert (await http.patch(f"{PATH}/a", json={"HashKey": "new"})).json()["HashKey"] == "new"
    assert codes(await http.put(f"{PATH}/a", json={"Name": "N", "Url": HOOK["Url"]})) == [KEY]
    assert (await http.get(f"{PATH}/a")).json()["HashKey"] == "new"
