"""Integration events, and who refers to them (IE-2)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api, codes

PATH = "/v1/integrationevents"
EVENT = {"Name": "E", "CustomImplementationUrl": "https://example.com", "HashKey": "k"}
CLIENT = {"AppName": "A", "AccessTokenDuration": 60}
CONNECT = {
    "ConnectClientID": "c",
    "ConnectClientSecret": "s",
    "AppStartUrl": "https://example.com/?t={0}",
    "AuthorizationEndpoint": "https://idp.example.com/auth",
    "TokenEndpoint": "https://idp.example.com/token",
}
TYPES = ("OrderCheckout", "OpenIDConnect", "OrderReturn", "AddToCart")
IN_USE, INCOMPATIBLE = "IntegrationEvent.CannotDeleteInUse", "IntegrationEvent.IncompatibleEventType"


async def events(api: Api) -> None:
    """One of each type, whose ID is the type's name."""
    for event_type in TYPES:
        made = await api.seller.post(PATH, json={**EVENT, "ID": event_type, "EventType": event_type})
        assert made.status_code == 201, made.text


async def test_type_is_fixed(api: Api) -> None:
    """IE-2; absent, it is the first one on creation and stays what it is later."""
    http = api.seller
    assert (await http.put(f"{PATH}/e", json=EVENT)).json()["EventType"] == "OrderCheckout"
    await http.put(f"{PATH}/r", json={**EVENT, "EventType": "OrderReturn"})
    for body in ({**EVENT}, {**EVENT, "EventType": "orderreturn"}, {**EVENT, "EventType": None}):
        assert (await http.put(f"{PATH}/r", json=body)).json()["EventType"] == "OrderReturn"
    for verb, body in (("PUT", {**EVENT, "EventType": "AddToCart"}), ("PATCH", {"EventType": "AddToCart"})):
        assert codes(await http.request(verb, f"{PATH}/r", json=body)) == ["IntegrationEvent.CannotEditType"]
    assert (await http.patch(f"{PATH}/r", json={"EventType": "OrderReturn"})).status_code == 200


@pytest.mark.parametrize("event_type", TYPES)
@pytest.mark.parametrize("needed", ["OrderCheckout", "OrderReturn", "AddToCart"])
async def test_types_of_references_of_clients(needed: str, event_type: str, api: Api) -> None:
    """IE-1, IE-2: each property takes its own type only; the name is shown, a rename and a clearing followed."""
    http, name = api.seller, f"{needed}IntegrationEventID"
    await events(api)
    client = (await http.post("/v1/apiclients", json=CLIENT)).json()
    url = f"/v1/apiclients/{client['ID']}"
    answers = [
        await http.post("/v1/apiclients", json={**CLIENT, name: event_type}),
        await http.put(url, json={**CLIENT, name: event_type}),
        await http.patch(url, json={name: event_type.lower()}),
    ]
    if event_type != needed:
        assert [codes(answer) for answer in answers] == [[INCOMPATIBLE]] * 3
        assert (await http.get(url)).json() == client
        return
    for answer in answers:
        assert (answer.json()[name], answer.json()[f"{needed}IntegrationEventName"]) == (event_type, "E")
    assert codes(await http.delete(f"{PATH}/{event_type}")) == [IN_USE]
    await http.patch(f"{PATH}/{event_type}", json={"ID": "new", "Name": "N"})
    shown = (await http.get(url)).json()
    assert (shown[name], shown[f"{needed}IntegrationEventName"]) == ("new", "N")
    listed = (await http.get(f"/v1/apiclients?{needed}IntegrationEventName=n")).json()
    assert listed["Meta"]["TotalCount"] == 2
    for item in listed["Items"]:
        cleared = (await http.patch(f"/v1/apiclients/{item['ID']}", json={name: None})).json()
        assert (cleared[name], cleared[f"{needed}IntegrationEventName"]) == (None, None)
    assert (await http.delete(f"{PATH}/new")).status_code == 204


async def test_references_of_open_id_connects(api: Api) -> None:
    """IE-2, OIDC-5: optional, of its own type, and in use."""
    http, path = api.seller, "/v1/openidconnects"
    await events(api)
    body = {**CONNECT, "OrderCloudApiClientID": api.client_id}
    assert (await http.put(f"{path}/o", json=body)).json()["IntegrationEventName"] is None
    assert codes(await http.patch(f"{path}/o", json={"IntegrationEventID": "AddToCart"})) == [INCOMPATIBLE]
    put = (await http.put(f"{path}/o", json={**body, "IntegrationEventID": "openidconnect"})).json()
    assert (put["IntegrationEventID"], put["IntegrationEventName"]) == ("OpenIDConnect", "E")
    assert codes(await http.delete(f"{PATH}/OpenIDConnect")) == [IN_USE]
    assert (await http.delete(f"{path}/o")).status_code == 204
    assert (await http.delete(f"{PATH}/OpenIDConnect")).status_code == 204


async def test_open_id_connects_go_with_their_client(api: Api) -> None:
    """ASG-8"""
    client = await api.api_client()
    body = {**CONNECT, "OrderCloudApiClientID": client}
    assert (await api.seller.put("/v1/openidconnects/o", json=body)).status_code == 200
    assert (await api.seller.delete(f"/v1/apiclients/{client}")).status_code == 204
    assert (await api.seller.get("/v1/openidconnects/o")).status_code == 404
