"""Settings of which a marketplace has one, at a path without an ID (INT-2)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from tests.api.marketplace import Api, codes

from entrepot.app.registry import registry
from entrepot.features.people.integrations.resources import ALL_SINGLETONS
from entrepot.kernel.user_types import UserType

ENTITY = {"DeliveryConfigID": "d", "SyncEntityChanged": True, "SyncEntityDeleted": False}
PRODUCT = {"DeliveryConfigID": "d", "SyncProductChanged": True, "SyncProductDeleted": True}
HEADER = {"CustomAuthHeaderName": "X-A", "CustomAuthHeaderValue": "hidden"}
SUBSCRIPTION = {"HashKey": "k", "NotificationDays": 3, "Active": True, "ElevatedRoles": ["OrderAdmin"]}
# path -> what a PUT requires, what can be added
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ErrorConfig": ({"DeliveryConfigID": "d"}, {}),
    "productsync": (PRODUCT, {"ConfigData": {"a": 1}, "Paused": True, "ExcludePriceSchedules": True}),
    "OrderSync": ({"DeliveryConfigID": "d"}, {"ConfigData": {"a": 1}}),
    "inventory": ({"DeliveryConfigID": "d"}, {"LimitNotifications": True}),
    "promotion": ({"HashKey": "k"}, {"Url": "https://example.com", **HEADER}),
    "subscription": (SUBSCRIPTION, {"Url": "https://example.com", "xp": {"a": 1}, **HEADER}),
    **{
        f"entitysync/{path}": (ENTITY, {"Paused": True})
        for path in (
            "adminusers", "buyers", "buyers/users", "buyers/usergroups", "catalogs", "categories",
            "products/inventoryrecords", "suppliers", "suppliers/users",
        )
    },
}  # fmt: skip
DEFAULTS = {"Paused": False, "ExcludePriceSchedules": False, "LimitNotifications": False}
HIDDEN = {"CustomAuthHeaderValue": None}


def url(path: str) -> str:
    return f"/v1/integrations/{path}"


async def world(api: Api, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A delivery config `d`, and a client with a context user where one is needed."""
    await api.seller.put("/v1/integrations/deliveryconfig/d", json={"Name": "D", "DeliveryTargets": {}})
    least, more = CASES[path]
    return (await subscription(api) if path == "subscription" else least), more


async def subscription(api: Api, **client: Any) -> dict[str, Any]:
    user = await api.user(buyer=await api.buyer())
    facts = {"AppName": "A", "AccessTokenDuration": 60, "DefaultContextUserName": user.username, **client}
    made = await api.seller.post("/v1/apiclients", json=facts)
    assert made.status_code == 201, made.text
    return {**SUBSCRIPTION, "ApiClientID": made.json()["ID"]}


def test_these_are_all() -> None:
    assert {url(path).lower() for path in CASES} == {f"/v1{each.path}".lower() for each in ALL_SINGLETONS}
    assert len(CASES) == 15


@pytest.mark.parametrize("path", list(CASES))
async def test_life(path: str, api: Api, other: Api) -> None:
    """INT-2, CONV-2, CONV-4: missing, made, replaced, patched, deleted; and another marketplace has its own."""
    http, here = api.seller, url(path)
    least, more = await world(api, path)
    full = {**least, **more}
    for verb in ("GET", "PATCH", "DELETE"):
        refused = await http.request(verb, here, json={})
        assert (refused.status_code, codes(refused)) == (404, ["NotFound"])
        assert refused.json()["Errors"][0]["Data"].keys() == {"ObjectType", "ObjectID"}
    made = await http.put(here, json=full)
    assert made.status_code == 200, made.text
    shown = full | (HIDDEN if "CustomAuthHeaderValue" in full else {})
    assert made.json() == shown
    model = registry().operations[operation_id(path, "PUT")].body
    assert model is not None
    assert list(made.json()) == list(model.model.__columns__)
    assert (await http.get(here.upper().replace("/V1", "/v1"))).json() == shown
    assert (await http.patch(here, json={})).json() == shown
    assert (await http.put(here, json=made.json())).json() == shown, "what GET showed can be put back"
    bare = await http.put(here, json=least)
    assert bare.json() == {**dict.fromkeys(shown), **least} | {n: DEFAULTS[n] for n in DEFAULTS if n in more}
    for name, value in more.items():
        if name not in HEADER:
            assert (await http.patch(here, json={name: value})).json()[name] == value
    for name in least:
        if name not in ("NotificationDays", "Active", "ElevatedRoles"):
            assert (await http.patch(here, json={name: None})).status_code == 400
            lacking = {each: value for each, value in least.items() if each != name}
            assert (await http.put(here, json=lacking)).status_code == 400
    assert (await other.seller.get(here)).status_code == 404
    assert (await http.delete(here)).status_code == 204
    assert (await http.get(here)).status_code == 404
    assert (await http.delete(here)).status_code == 404


def operation_id(path: str, verb: str) -> str:
    wanted = f"/integrations/{path}".lower()
    return next(o.id for o in registry().operations.values() if o.path.lower() == wanted and o.verb == verb)


@pytest.mark.parametrize("path", list(CASES))
async def test_sellers_only(path: str, api: Api) -> None:
    """INT-1: whatever their roles."""
    for company in ({"buyer": await api.buyer()}, {"supplier": await api.supplier()}):
        http = api.as_(await api.user(**company), roles=["FullAccess"])
        for verb in ("GET", "PUT", "PATCH", "DELETE"):
            refused = await http.request(verb, url(path), json={})
            assert (refused.status_code, codes(refused)) == (403, ["Auth.UserNotAuthorizedToAdmin"])
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        assert registry().operations[operation_id(path, verb)].user_types == {UserType.SELLER}


async def test_settings_of_entities_are_apart(api: Api) -> None:
    """SYNC-2: each kind has its own."""
    paths = [path for path in CASES if path.startswith("entitysync/")]
    await world(api, paths[0])
    for path in paths:
        assert (await api.seller.put(url(path), json=ENTITY)).status_code == 200
    await api.seller.patch(url("entitysync/buyers"), json={"Paused": True})
    await api.seller.delete(url("entitysync/suppliers"))
    for path in paths:
        answer = await api.seller.get(url(path))
        if path == "entitysync/suppliers":
            assert answer.status_code == 404
        else:
            assert answer.json() == {**ENTITY, "Paused": path == "entitysync/buyers"}


@pytest.mark.parametrize("path", ["productsync", "OrderSync", "entitysync/buyers", "promotion"])
async def test_concurrent_puts(path: str, api: Api) -> None:
    """INT-2: each creates or replaces, and there is one row in the end."""
    least, _ = await world(api, path)
    answers = await asyncio.gather(*(api.seller.put(url(path), json=least) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 5}, [a.text for a in answers]
    table = registry().operations[operation_id(path, "PUT")].table
    assert await api.value(f"SELECT count(*) FROM {table} WHERE marketplace_id = $1") == 1


def test_one_config_is_what_a_second_row_is_refused_with() -> None:
    """INT-2: the codes, where the contract has them."""
    refusals = {each.resource.name: each.taken and each.taken.code for each in ALL_SINGLETONS}
    assert {name: code for name, code in refusals.items() if code} == {
        "ProductSynchronization": "ProductSyncConfig.OnlyOneConfigPerMarketplace",
        "OrderSynchronization": "OrderSyncConfig.OnlyOneConfigPerMarketplace",
        "EntitySynchronization": "EntitySyncConfig.OnlyOneConfigPerMarketplace",
    }


@pytest.mark.parametrize("path", ["promotion", "subscription"])
async def test_secrets(path: str, api: Api) -> None:
    """INT-4, SIG-5: sealed at rest, the key shown and the header's value not; a PATCH beside them keeps them."""
    least, _ = await world(api, path)
    here, http, table = url(path), api.seller, f"{path}_integrations"
    await http.put(here, json={**least, "HashKey": "a-signing-key", **HEADER})
    (before,) = await api.rows(f"SELECT * FROM {table} WHERE marketplace_id = $1")
    assert "hidden" not in str(dict(before))
    assert "a-signing-key" not in str(dict(before))
    patched = await http.patch(here, json={"Url": "https://example.com"})
    assert (patched.json()["HashKey"], "hidden" in patched.text) == ("a-signing-key", False)
    (after,) = await api.rows(f"SELECT * FROM {table} WHERE marketplace_id = $1")
    assert dict(after) == dict(before) | {"Url": "https://example.com"}
    for change, code in (
        ({"CustomAuthHeaderValue": None}, "Integration.CustomAuthHeaderValueRequired"),
        ({**HEADER, "CustomAuthHeaderName": None}, "Integration.CustomAuthHeaderNameRequired"),
    ):
        assert codes(await http.patch(here, json=change)) == [code]


@pytest.mark.parametrize("config", [None, "", "absent"])
async def test_inventory_needs_a_delivery_config(config: str | None, api: Api) -> None:
    """INV-1"""
    await world(api, "inventory")
    body = {} if config == "absent" else {"DeliveryConfigID": config}
    code = ["InventoryIntegration.DeliveryConfigIDRequired"]
    assert codes(await api.seller.put(url("inventory"), json=body)) == code
    await api.seller.put(url("inventory"), json={"DeliveryConfigID": "d"})
    if config != "absent":
        assert codes(await api.seller.patch(url("inventory"), json=body)) == code


async def test_client_of_subscriptions(api: Api) -> None:
    """SUB-1"""
    http, here = api.seller, url("subscription")
    event = {"ID": "e", "Name": "E", "CustomImplementationUrl": "https://example.com", "HashKey": "k"}
    await http.post("/v1/integrationevents", json=event)
    checkout = await subscription(api, OrderCheckoutIntegrationEventID="e")
    userless = await subscription(api, DefaultContextUserName=None)
    good = await subscription(api)
    for body, code in (
        (checkout, "SubscriptionIntegration.CannotUseApiClient"),
        (userless, "SubscriptionIntegration.DefaultContextUser"),
        ({**good, "ApiClientID": "nope"}, "NotFound"),
    ):
        assert codes(await http.put(here, json=body)) == [code]
    assert (await http.put(here, json=good)).status_code == 200
    for body in (checkout, userless):
        assert (await http.patch(here, json={"ApiClientID": body["ApiClientID"]})).status_code == 400
    assert codes(await http.delete(f"/v1/apiclients/{good['ApiClientID']}")) == [
        "ApiClient.UsedByIntegration"
    ]
    for days, status in ((0, 400), (-1, 400), (1, 200), (None, 200)):
        answer = await http.patch(here, json={"NotificationDays": days})
        assert answer.status_code == status
        if status == 400:
            assert answer.json()["Errors"][0]["Data"] == {"Property": "NotificationDays", "Minimum": 1}
    await http.delete(here)
    assert (await http.delete(f"/v1/apiclients/{good['ApiClientID']}")).status_code == 204
