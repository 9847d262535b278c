"""PATCH: only what is present changes (CONV-4, CONV-5)."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.api.test_submit import counted
from tests.api.uniform.subjects import CREATABLE, OWNED, PATCHABLE, checked, for_each, shown, subject

RULED = {
    *(
        (name, f"CustomAuthHeader{part}")
        for name in ("IntegrationEvents", "Webhooks")
        for part in ("Name", "Value")
    ),
    *((name, "DeliveryConfigID") for name in ("MessageSenders", "Webhooks")),
    ("Faults", "Status"),
    ("IntegrationEvents", "EventType"),
    ("TrackingEvents", "ClientID"),
    ("Products", "ParentID"),
    *(
        ("Promotions", name)
        for name in ("LineItemLevel", "Code", "ValueExpression", "ItemLimitPerOrder", "ItemSortBy")
    ),
    ("ApiClients", "IsAnonBuyer"),
    ("ApiClients", "DefaultContextUserName"),
    *OWNED,
    *(
        ("ImpersonationConfigs", name)
        for name in ("ImpersonationBuyerID", "ImpersonationGroupID", "ImpersonationUserID")
    ),
    *(("ImpersonationConfigs", name) for name in ("BuyerID", "GroupID", "UserID")),
}
"""Properties that rules of their own tie to others."""


@for_each(PATCHABLE)
async def test_empty_patch_changes_nothing(name: str, api: Api) -> None:
    """CONV-4"""
    things = await subject(name, api)
    made = await things.make()
    unknown = [] if things.resource.entity.model.is_closed else [{"Nope": 1}]
    for body in ({}, *unknown, {"ID": None}, {"ID": ""}):
        assert (await checked(things.http.patch(things.url(made["ID"]), json=body), 200)).json() == made


@for_each(CREATABLE)
async def test_patch_of_each_property_alone(name: str, api: Api) -> None:
    """CONV-4: the others keep their values."""
    things = await subject(name, api)
    current = await things.make()
    for key, value in (await things.full()).items():
        if (name, key) in RULED or things.columns[key].type.kind == "password":
            continue
        if name == "ImpersonationConfigs" and not key.startswith(
            ("Buyer", "ImpersonationBuyer", "Sec", "Client")
        ):
            continue
        patched = (await checked(things.http.patch(things.url(current["ID"]), json={key: value}), 200)).json()
        followers = {name: patched[name] for name in patched if things.follows(name)}
        assert patched == current | followers | shown(things, {key: value}), key
        current = patched


@for_each(CREATABLE)
async def test_null_clears_what_may_be_empty(name: str, api: Api) -> None:
    """CONV-4: null, or the default where a property is never null; 400 for a required one."""
    things = await subject(name, api)
    made = (await checked(things.http.post(things.path, json=await things.full()), 201)).json()
    url = things.url(made["ID"])
    for column in (each for each in things.columns.values() if each.writable and each.name != "ID"):
        if column.required:
            for value in (None, ""):
                refused = await checked(things.http.patch(url, json={column.name: value}), 400)
                assert refused.json() == {
                    "Errors": [
                        {
                            "ErrorCode": "ValidationFailure",
                            "Message": f"{column.name} is required.",
                            "Data": {"Property": column.name},
                        }
                    ]
                }
        elif column.type.kind != "password" and (name, column.name) not in RULED:
            patched = (await checked(things.http.patch(url, json={column.name: None}), 200)).json()
            assert patched[column.name] == (None if column.nullable else column.empty), column.name


@for_each(CREATABLE)
async def test_change_of_letter_case_is_stored(name: str, api: Api) -> None:
    """CONV-4; also of the ID itself."""
    things = await subject(name, api)
    made = await things.make(**({} if name == "ApiClients" else {"ID": "abc"}))
    url = things.url(made["ID"])
    for column in (each for each in things.columns.values() if each.required and each.type.kind == "string"):
        changed = made[column.name].swapcase()
        patched = (await checked(things.http.patch(url, json={column.name: changed}), 200)).json()
        assert patched[column.name] == changed
    if name != "ApiClients":
        assert (await checked(things.http.patch(url, json={"ID": "aBC"}), 200)).json()["ID"] == "aBC"


@for_each(PATCHABLE)
async def test_patch_never_creates(name: str, api: Api) -> None:
    """CONV-4; the body is not even looked at (CONV-9)."""
    things = await subject(name, api)
    for body in (b"{}", b"broken"):
        refused = await checked(things.http.patch(things.url("nope"), content=body), 404)
        data = {"ObjectType": things.resource.entity.object_type, "ObjectID": "nope"}
        assert refused.json() == {
            "Errors": [{"ErrorCode": "NotFound", "Message": "Object not found.", "Data": data}]
        }


async def test_a_change_takes_no_statement_too_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One locks, reads and confirms the caller; one writes, and gives what it wrote. (BEGIN and COMMIT are not counted.)"""
    buyer = await api.buyer()
    user = (await api.user(buyer=buyer)).id
    made = await api.seller.post("/v1/products", json={"ID": "counted", "Name": "N", "xp": {"a": 1}})
    assert made.status_code == 201
    await api.seller.get("/v1/products/counted")
    for path, body in (
        (f"/v1/buyers/{buyer}/users/{user}", {"Phone": "1"}),
        (f"/v1/buyers/{buyer}/users/{user}", {"xp": {"b": 2}}),
        ("/v1/products/counted", {"Description": "D"}),
        ("/v1/products/counted", {"xp": {"b": 2}}),
    ):
        with counted(monkeypatch) as sent:
            changed = await api.seller.patch(path, json=body)
        assert changed.status_code == 200, changed.text
        assert changed.json() == (await api.seller.get(path)).json()
        assert len(sent) == 2, sent
