"""Message senders, whom they serve, and who gets copies (MS-1, MS-6, MS-8)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes

PATH = "/v1/messagesenders"
ROWS = f"{PATH}/assignments"
LISTENERS = f"{PATH}/CCListenerAssignments"
SENDER = {"Name": "S", "Description": "About S", "MessageTypes": ["OrderSubmitted", "ShipmentCreated"]}
LEGACY = {"URL": "https://example.com/{messagetype}", "SharedKey": "a-shared-key"}
NOBODY = {"BuyerID": None, "SupplierID": None, "UserGroupID": None}


async def world(api: Api) -> None:
    """Sender `s`; buyer `b` and supplier `p`, both with user `u` and group `g`, as the seller has."""
    http = api.seller
    assert (await http.put(f"{PATH}/s", json={**SENDER, **LEGACY})).status_code == 200
    for path, company in (
        ("/v1/buyers/b", {"buyer": await api.buyer("b")}),
        ("/v1/suppliers/p", {"supplier": await api.supplier("p")}),
        ("/v1", {}),
    ):
        await api.user(**company, id="u")
        assert (await http.put(f"{path}/usergroups/g", json={"Name": "g"})).status_code == 200


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (LEGACY, None),
        ({"DeliveryConfigID": "d"}, None),
        ({"DeliveryConfigID": "d", **LEGACY}, None),
        ({}, "MessageSenders.UrlRequired"),
        ({"SharedKey": "a-shared-key"}, "MessageSenders.UrlRequired"),
        ({"URL": LEGACY["URL"]}, "MessageSenders.SharedKeyRequired"),
        ({"DeliveryConfigID": "nope"}, "NotFound"),
    ],
)
async def test_both_forms(changes: dict[str, Any], refusal: str | None, api: Api) -> None:
    """MS-1"""
    http = api.seller
    await http.put("/v1/integrations/deliveryconfig/d", json={"Name": "D", "DeliveryTargets": {}})
    cleared = {"URL": None, "SharedKey": None, "DeliveryConfigID": None}
    await http.put(f"{PATH}/old", json={**SENDER, **LEGACY})
    for verb, url, body in (
        ("POST", PATH, {**SENDER, **changes}),
        ("PUT", f"{PATH}/new", {**SENDER, **changes}),
        ("PATCH", f"{PATH}/old", cleared | changes),
    ):
        answer = await http.request(verb, url, json=body)
        if refusal is None:
            assert (cleared | changes).items() <= answer.json().items()
        else:
            assert codes(answer) == [refusal]
    for row in await api.rows("SELECT * FROM message_senders WHERE marketplace_id = $1"):
        assert "a-shared-key" not in str(dict(row)), "sealed at rest"


async def test_assignments(api: Api) -> None:
    """MS-6, MS-7: companies and groups of every kind, never users; repeating one is 204; the list tells the sender."""
    http = api.seller
    await world(api)
    parties: list[dict[str, Any]] = [
        {},
        {"UserGroupID": "G"},
        {"BuyerID": "B"},
        {"BuyerID": "b", "UserGroupID": "g"},
        {"SupplierID": "p"},
        {"SupplierID": "P", "UserGroupID": "g"},
    ]
    for _ in range(2):
        for party in parties:
            assert (await http.post(ROWS, json={"MessageSenderID": "S", **party})).status_code == 204
    items = (await http.get(ROWS)).json()["Items"]
    sender = {"MessageSenderID": "s", "MessageConfigName": "S", "MessageConfigDescription": "About S"}
    lower = [{name: value.lower() for name, value in party.items()} for party in parties]
    assert len(items) == len(parties)
    assert all({**sender, **NOBODY, **party} in items for party in lower), items
    assert list(items[0]) == [
        "MessageSenderID", "BuyerID", "SupplierID", "UserGroupID", "MessageConfigName", "MessageConfigDescription",
    ]  # fmt: skip
    for query, count in (
        ("buyerID=b", 2), ("supplierID=p", 2), ("level=Group", 3), ("level=Company", 3), ("level=User", 0),
        ("messageSenderID=nope", 0), ("userGroupID=g&buyerID=b", 1),
    ):  # fmt: skip
        assert (await http.get(f"{ROWS}?{query}")).json()["Meta"]["TotalCount"] == count, query
    both = {"MessageSenderID": "s", "BuyerID": "b", "SupplierID": "p"}
    assert codes(await http.post(ROWS, json=both)) == ["PartyAssignment.CannotProvideBuyerAndSupplier"]
    refused = await http.delete(f"{PATH}/s/assignments?buyerID=b&userID=u")
    assert codes(refused) == ["PartyAssignment.UserLevelNotAllowed"]
    for query in ("", "?userGroupID=g", "?buyerID=b", "?buyerID=b&userGroupID=g", "?supplierID=p"):
        assert (await http.delete(f"{PATH}/s/assignments{query}")).status_code == 204
        assert (await http.delete(f"{PATH}/s/assignments{query}")).status_code == 404
    assert len((await http.get(ROWS)).json()["Items"]) == 1


async def test_listeners(api: Api) -> None:
    """MS-8, ASG-1: of users, groups and companies, whatever they are of; a repeated one is the same."""
    http = api.seller
    await world(api)
    served = {"MessageSenderID": "s", "BuyerID": "b", "UserGroupID": "g"}
    for row in (served, {"MessageSenderID": "s"}):
        assert (await http.post(ROWS, json=row)).status_code == 204
    parties: list[dict[str, Any]] = [
        {},
        {"UserID": "u"},
        {"UserGroupID": "g"},
        {"BuyerID": "b", "UserID": "u"},
        {"SupplierID": "p", "UserGroupID": "g"},
        {"SupplierID": "p"},
    ]
    for _ in range(2):
        for party in parties:
            body = {"MessageSenderAssignment": served, "MessageType": "ordersubmitted", **party}
            assert (await http.post(LISTENERS, json=body)).status_code == 204
    second = {"MessageSenderAssignment": {"MessageSenderID": "S"}, "MessageType": "ShipmentCreated"}
    assert (await http.post(LISTENERS, json=second)).status_code == 204
    page = (await http.get(LISTENERS)).json()
    assert page["Meta"]["TotalCount"] == len(parties) + 1
    shown = {
        "MessageSenderAssignment": {
            **NOBODY,
            **served,
            "MessageConfigName": "S",
            "MessageConfigDescription": "About S",
        },
        "MessageConfigName": "S",
        "MessageConfigDescription": "About S",
        "MessageType": "OrderSubmitted",
        **NOBODY,
        "UserID": None,
    }
    for party in parties:
        assert shown | party in page["Items"]
    assert list(page["Items"][0]) == list(shown)
    for query, count in (
        ("BuyerID=b", 1), ("search=u&searchOn=UserID", 2), ("MessageType=ShipmentCreated", 1),
        ("MessageSenderAssignment.BuyerID=b", 6), ("UserGroupID=!*", 5), ("MessageConfigName=s", 7),
    ):  # fmt: skip
        assert (await http.get(f"{LISTENERS}?{query}")).json()["Meta"]["TotalCount"] == count, query
    paged = [(await http.get(f"{LISTENERS}?pageSize=2&page={n}")).json()["Items"] for n in (1, 2, 3, 4)]
    assert [item for items in paged for item in items] == page["Items"]
    backwards = (await http.get(f"{LISTENERS}?sortBy=!SupplierID")).json()["Items"]
    assert [item["SupplierID"] for item in backwards] == ["p", "p", *[None] * 5]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"MessageSenderAssignment": {"MessageSenderID": "nope"}}, "NotFound"),
        ({"MessageSenderAssignment": {"MessageSenderID": "s", "BuyerID": "b"}}, "NotFound"),
        ({"MessageSenderAssignment": {}}, "ValidationFailure"),
        ({"MessageType": "Nope"}, "ValidationFailure"),
        ({"BuyerID": "nope"}, "NotFound"),
        ({"BuyerID": "b", "UserID": "nope"}, "NotFound"),
        ({"BuyerID": "b", "UserID": "u", "UserGroupID": "g"}, "PartyAssignment.CannotSpecifyGroupAndUser"),
        ({"BuyerID": "b", "SupplierID": "p"}, "PartyAssignment.CannotProvideBuyerAndSupplier"),
    ],
)
async def test_refused_listeners(changes: dict[str, Any], refusal: str, api: Api) -> None:
    """MS-8: the assignment listened to exists, and so does whoever listens."""
    await world(api)
    await api.seller.post(ROWS, json={"MessageSenderID": "s"})
    body = {"MessageSenderAssignment": {"MessageSenderID": "s"}, "MessageType": "OrderSubmitted", **changes}
    assert codes(await api.seller.post(LISTENERS, json=body)) == [refusal]
    assert (await api.seller.get(LISTENERS)).json()["Meta"]["TotalCount"] == 0


@pytest.mark.parametrize(
    ("url", "left"),
    [
        (f"{PATH}/s/assignments?buyerID=b&userGroupID=g", 1),
        (f"{PATH}/s/assignments?buyerID=b", 2),
        (f"{PATH}/s", 0),
        ("/v1/buyers/b", 1),
        ("/v1/buyers/b/usergroups/g", 1),
        ("/v1/suppliers/p/users/u", 1),
    ],
)
async def test_listeners_go_with_what_they_hang_on(url: str, left: int, api: Api) -> None:
    """ASG-8; and they follow a rename."""
    http = api.seller
    await world(api)
    for row in ({"BuyerID": "b", "UserGroupID": "g"}, {"BuyerID": "b"}, {}):
        await http.post(ROWS, json={"MessageSenderID": "s", **row})
    for served, party in (
        ({"BuyerID": "b", "UserGroupID": "g"}, {}),
        ({}, {"SupplierID": "p", "UserID": "u"}),
    ):
        body = {
            "MessageSenderAssignment": {"MessageSenderID": "s", **served},
            "MessageType": "OrderSubmitted",
            **party,
        }
        assert (await http.post(LISTENERS, json=body)).status_code == 204
    for kept, new in (("/v1/messagesenders/s", "S"), ("/v1/suppliers/p", "P"), ("/v1/buyers/b", "B")):
        assert (await http.patch(kept, json={"ID": new})).status_code == 200
    items = (await http.get(LISTENERS)).json()["Items"]
    assert {item["SupplierID"] for item in items} == {None, "P"}
    assert {item["MessageSenderAssignment"]["BuyerID"] for item in items} == {None, "B"}
    assert {item["MessageSenderAssignment"]["MessageSenderID"] for item in items} == {"S"}
    assert (await http.delete(url)).status_code == 204
    assert (await http.get(LISTENERS)).json()["Meta"]["TotalCount"] == left
