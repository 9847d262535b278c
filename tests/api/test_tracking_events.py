"""Tracking events (TRK-1)."""

from __future__ import annotations

from tests.api.marketplace import Api, codes

PATH = "/v1/integrations/trackingevents"
TYPES = ("UserLoggedIn", "LineItemAdded", "LineItemUpdated", "OrderSubmitted")


async def test_one_of_each_type_for_each_client(api: Api) -> None:
    http = api.seller
    delivery = {"Name": "D", "DeliveryTargets": {"SendEvent": {"SiteID": "s", "ServiceEndpoint": "e"}}}
    await http.put("/v1/integrations/deliveryconfig/d", json=delivery)
    second = await api.api_client()
    event = {"Name": "T", "DeliveryConfigID": "d"}
    for client in (api.client_id, second):
        for event_type in TYPES:
            body = {**event, "ClientID": client.lower(), "EventType": event_type}
            made = await http.post(PATH, json=body)
            assert (made.status_code, made.json().get("ClientID")) == (201, client)
            again = await http.post(PATH, json=body)
            assert codes(again) == ["TrackingEvent.CannotCreateMultipleEventsOfSameType"]
    assert (await http.delete(f"/v1/apiclients/{second}")).status_code == 204
    assert (await http.get(PATH)).json()["Meta"]["TotalCount"] == len(TYPES), "they go with their client"


async def test_what_is_fixed_and_what_must_exist(api: Api) -> None:
    http = api.seller
    targets = {"DeliveryTargets": {"SendEvent": {"SiteID": "s", "ServiceEndpoint": "e"}}}
    for delivery in ("d", "e"):
        await http.put(f"/v1/integrations/deliveryconfig/{delivery}", json={"Name": "D", **targets})
    other = await api.api_client()
    event = {"Name": "T", "EventType": "UserLoggedIn", "ClientID": api.client_id, "DeliveryConfigID": "d"}
    made = (await http.put(f"{PATH}/t", json=event)).json()
    for change, code in (
        ({"EventType": "LineItemAdded"}, "TrackingEvent.CannotUpdateProperty"),
        ({"ClientID": other}, "TrackingEvent.CannotUpdateProperty"),
        ({"ClientID": "nope"}, "TrackingEvent.InvalidClientID"),
        ({"DeliveryConfigID": "nope"}, "TrackingEvent.InvalidDeliveryConfigID"),
    ):
        for verb, body in (("PUT", {**event, **change}), ("PATCH", change)):
            assert codes(await http.request(verb, f"{PATH}/t", json=body)) == [code]
    assert (await http.get(f"{PATH}/t")).json() == made
    for code, body in (
        ("TrackingEvent.InvalidClientID", {**event, "ClientID": "nope"}),
        ("TrackingEvent.InvalidDeliveryConfigID", {**event, "ClientID": other, "DeliveryConfigID": "nope"}),
    ):
        assert codes(await http.post(PATH, json=body)) == [code]
    changed = {"ID": "t2", "Name": "N", "DeliveryConfigID": "E", "ClientID": api.client_id.lower()}
    expected = made | changed | {"DeliveryConfigID": "e", "ClientID": api.client_id}
    assert (await http.patch(f"{PATH}/t", json=changed)).json() == expected
