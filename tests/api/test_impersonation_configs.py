"""Impersonation configs: whose parties stand in them, and who relies on them (AUTH-74, USR-6)."""

from typing import Any

import pytest
from tests.api.marketplace import Api, codes

from entrepot.kernel.ids import new_guid

PATH = "/v1/impersonationconfig"
NOBODY = {
    "ImpersonationBuyerID": None,
    "ImpersonationGroupID": None,
    "ImpersonationUserID": None,
    "BuyerID": None,
    "GroupID": None,
    "UserID": None,
}


async def world(api: Api) -> None:
    """Buyers B and C; in both and with the seller a user `u` and a group `g`; in B alone a user `only`."""
    for company in ({"buyer": await api.buyer("B")}, {"buyer": await api.buyer("C")}, {}):
        await api.user(**company, id="u")
        path = f"/v1/buyers/{company['buyer']}" if company else "/v1"
        assert (await api.seller.put(f"{path}/usergroups/g", json={"Name": "g"})).status_code == 200
    await api.user(buyer="B", id="only")


def body(api: Api, **parties: str | None) -> dict[str, Any]:
    return {"ClientID": api.client_id, "SecurityProfileID": "full", **parties}


@pytest.mark.parametrize(
    "parties",
    [
        {},
        {"ImpersonationGroupID": "g"},
        {"ImpersonationUserID": "u"},
        {"ImpersonationBuyerID": "B"},
        {"ImpersonationBuyerID": "B", "ImpersonationGroupID": "g", "BuyerID": "C"},
        {"ImpersonationBuyerID": "B", "ImpersonationUserID": "u", "BuyerID": "B", "GroupID": "g"},
        {"BuyerID": "C", "UserID": "u"},
    ],
)
async def test_parties(api: Api, parties: dict[str, str]) -> None:
    """AUTH-74: each party within its company; what is asked for comes back, by every verb."""
    await world(api)
    sent = body(api, **{name: value.swapcase() for name, value in parties.items()})
    made = await api.seller.post(PATH, json={**sent, "ID": "c"})
    assert made.status_code == 201, made.text
    expected = {**NOBODY, **parties, "ID": "c", "SecurityProfileID": "full", "ClientID": api.client_id}
    assert {name: value and value.lower() for name, value in made.json().items()} == {
        name: value and value.lower() for name, value in expected.items()
    }
    assert (await api.seller.get(f"{PATH}/c")).json() == made.json()
    assert (await api.seller.get(PATH)).json()["Items"] == [made.json()]
    assert (await api.seller.patch(f"{PATH}/c", json={})).json() == made.json()
    assert (await api.seller.put(f"{PATH}/c", json=made.json())).json() == made.json()
    emptied = (await api.seller.put(f"{PATH}/c", json=body(api))).json()
    assert {name: emptied[name] for name in NOBODY} == NOBODY


@pytest.mark.parametrize(
    ("parties", "status", "code", "object_type"),
    [
        ({"ImpersonationUserID": "only"}, 404, "NotFound", "User"),
        ({"ImpersonationGroupID": "none"}, 404, "NotFound", "UserGroup"),
        ({"ImpersonationBuyerID": "C", "ImpersonationUserID": "only"}, 404, "NotFound", "User"),
        ({"ImpersonationBuyerID": "none"}, 404, "NotFound", "Buyer"),
        ({"BuyerID": "none"}, 404, "NotFound", "Buyer"),
        ({"BuyerID": "C", "UserID": "only"}, 404, "NotFound", "User"),
        ({"BuyerID": "C", "GroupID": "none"}, 404, "NotFound", "UserGroup"),
        ({"SecurityProfileID": "none"}, 404, "NotFound", "SecurityProfile"),
        ({"ClientID": new_guid()}, 404, "NotFound", "ApiClient"),
        ({"SecurityProfileID": None}, 400, "ValidationFailure", None),
        ({"ClientID": ""}, 400, "ValidationFailure", None),
        (
            {"ImpersonationGroupID": "g", "ImpersonationUserID": "u"},
            400,
            "PartyAssignment.CannotSpecifyGroupAndUser",
            None,
        ),
        (
            {"BuyerID": "B", "GroupID": "g", "UserID": "u"},
            400,
            "PartyAssignment.CannotSpecifyGroupAndUser",
            None,
        ),
        ({"UserID": "u"}, 400, "PartyAssignment.RequiresBuyer", None),
        ({"GroupID": "g"}, 400, "PartyAssignment.RequiresBuyer", None),
    ],
)
async def test_refused_parties(
    api: Api, parties: dict[str, Any], status: int, code: str, object_type: str | None
) -> None:
    """AUTH-74: 404 for unknown parties, at most one of group and user, no impersonatee without its buyer."""
    await world(api)
    for refused in (
        await api.seller.post(PATH, json=body(api, **parties)),
        await api.seller.put(f"{PATH}/c", json=body(api, **parties)),
    ):
        assert (refused.status_code, codes(refused)) == (status, [code]), refused.text
        if object_type is not None:
            assert refused.json()["Errors"][0]["Data"]["ObjectType"] == object_type
    assert (await api.seller.get(PATH)).json()["Items"] == []


async def test_patch_of_one_party(api: Api) -> None:
    """CONV-4: what a PATCH does not name stays, and is looked for in the buyer that it names."""
    await world(api)
    for config, parties in (("c", {"UserID": "u"}), ("d", {"UserID": "only"}), ("e", {"GroupID": "g"})):
        made = await api.seller.put(f"{PATH}/{config}", json=body(api, BuyerID="B", **parties))
        assert made.status_code == 200, made.text
    moved = await api.seller.patch(f"{PATH}/c", json={"BuyerID": "C"})
    assert (moved.json()["BuyerID"], moved.json()["UserID"]) == ("C", "u")
    keys = await api.rows(
        'SELECT u."BuyerID" FROM impersonation_configs c JOIN users u ON u.marketplace_id = $1 AND u.key = c.user_key '
        "WHERE c.marketplace_id = $1 AND c.\"ID\" = 'c'"
    )
    assert [row["BuyerID"] for row in keys] == ["C"]
    refused = await api.seller.patch(f"{PATH}/d", json={"BuyerID": "C"})
    assert (refused.status_code, codes(refused)) == (404, ["NotFound"])
    for change, code in (
        ({"GroupID": "g"}, "PartyAssignment.CannotSpecifyGroupAndUser"),
        ({"BuyerID": None}, "PartyAssignment.RequiresBuyer"),
    ):
        refused = await api.seller.patch(f"{PATH}/d", json=change)
        assert (refused.status_code, codes(refused)) == (400, [code])
    assert (await api.seller.get(f"{PATH}/d")).json()["UserID"] == "only"
    swapped = await api.seller.patch(f"{PATH}/d", json={"UserID": None, "ImpersonationGroupID": "g"})
    assert (swapped.json()["UserID"], swapped.json()["ImpersonationGroupID"]) == (None, "g")


async def test_same_combination_twice(api: Api) -> None:
    """AUTH-74: client and both parties, whatever the profile; nulls count as equal."""
    await world(api)
    another = await api.api_client(allow_any_buyer=True)
    await api.seller.post("/v1/securityprofiles", json={"ID": "other", "Name": "other"})
    for parties in ({}, {"BuyerID": "B", "UserID": "u"}, {"ImpersonationBuyerID": "B"}):
        assert (await api.seller.post(PATH, json=body(api, **parties))).status_code == 201
        for repeated in (body(api, **parties), {**body(api, **parties), "SecurityProfileID": "other"}):
            refused = await api.seller.post(PATH, json=repeated)
            assert refused.status_code == 409
            assert codes(refused) == ["ImpersonationConfig.ConflictingImpersonationConfigExists"]
        assert (
            await api.seller.post(PATH, json={**body(api, **parties), "ClientID": another})
        ).status_code == 201
    changed = await api.seller.put(f"{PATH}/new", json=body(api, BuyerID="C"))
    assert changed.status_code == 200
    refused = await api.seller.patch(f"{PATH}/new", json={"BuyerID": None})
    assert codes(refused) == ["ImpersonationConfig.ConflictingImpersonationConfigExists"]


async def test_parties_in_use_are_not_deleted(api: Api) -> None:
    """AUTH-45, AUTH-50, AUTH-73, USR-6: users, groups, buyers, profiles and clients, on either side."""
    await world(api)
    client = await api.api_client(allow_any_buyer=True)
    await api.seller.post("/v1/securityprofiles", json={"ID": "p", "Name": "p"})
    base = {"ClientID": client, "SecurityProfileID": "p"}
    for number, parties in enumerate(
        (
            {"ImpersonationUserID": "u", "BuyerID": "B", "UserID": "u"},
            {"ImpersonationGroupID": "g", "BuyerID": "B", "GroupID": "g"},
            {"ImpersonationBuyerID": "C"},
        )
    ):
        made = await api.seller.put(f"{PATH}/c{number}", json={**base, **parties})
        assert made.status_code == 200, made.text
    party = "Impersonation.CannotDeleteImpersonateeParty"
    in_use = {
        "/v1/adminusers/u": party,
        "/v1/usergroups/g": party,
        "/v1/buyers/B/users/u": party,
        "/v1/buyers/B/usergroups/g": party,
        "/v1/buyers/B": party,
        "/v1/buyers/C": party,
        "/v1/securityprofiles/p": "Impersonation.CannotDeleteSecurityProfile",
        f"/v1/apiclients/{client}": "ApiClient.UsedByImpersonationConfig",
    }
    for path, code in in_use.items():
        refused = await api.seller.delete(path)
        assert (refused.status_code, codes(refused)) == (400, [code]), path
    for number in range(3):
        assert (await api.seller.delete(f"{PATH}/c{number}")).status_code == 204
    for path in in_use:
        assert (await api.seller.delete(path)).status_code == 204, path


async def test_renames_are_followed(api: Api) -> None:
    """CONV-3: users and groups by key, buyers, profiles and clients by reference; one config may name a buyer twice."""
    await world(api)
    parties = {"ImpersonationBuyerID": "B", "ImpersonationGroupID": "g", "BuyerID": "B", "UserID": "u"}
    assert (await api.seller.put(f"{PATH}/c", json=body(api, **parties))).status_code == 200
    for path in ("users/u", "usergroups/g"):
        renamed = await api.seller.patch(f"/v1/buyers/B/{path}", json={"ID": f"new-{path[-1]}"})
        assert renamed.status_code == 200
    assert (await api.seller.patch("/v1/buyers/B", json={"ID": "new-B"})).status_code == 200
    assert (await api.seller.patch("/v1/securityprofiles/full", json={"ID": "new-p"})).status_code == 200
    config = (await api.seller.get(f"{PATH}/c")).json()
    assert config == {
        "ID": "c",
        "ImpersonationBuyerID": "new-B",
        "ImpersonationGroupID": "new-g",
        "ImpersonationUserID": None,
        "BuyerID": "new-B",
        "GroupID": None,
        "UserID": "new-u",
        "SecurityProfileID": "new-p",
        "ClientID": api.client_id,
    }


async def test_list_by_party(api: Api) -> None:
    """FLT-1, SRCH-1: filters, sort and search reach the parties' IDs."""
    await world(api)
    for config, parties in (
        ("a", {"BuyerID": "B", "UserID": "only"}),
        ("b", {"BuyerID": "C", "UserID": "u"}),
    ):
        made = await api.seller.put(f"{PATH}/{config}", json=body(api, **parties))
        assert made.status_code == 200
    for query, expected in (
        ("UserID=ONLY", ["a"]),
        ("BuyerID=C", ["b"]),
        ("GroupID=!*", ["a", "b"]),
        ("sortBy=!UserID", ["b", "a"]),
        ("search=only", ["a"]),
    ):
        listed = (await api.seller.get(f"{PATH}?{query}")).json()["Items"]
        assert [item["ID"] for item in listed] == expected, query


async def test_who_may(api: Api, other: Api) -> None:
    """AUTH-53: sellers alone, with SetSecurityProfile, in their own marketplace."""
    assert (await api.seller.put(f"{PATH}/c", json=body(api))).status_code == 200
    for role, status in (
        ("SetSecurityProfile", 200),
        ("SecurityProfileAdmin", 403),
        ("BuyerImpersonation", 403),
    ):
        assert (await api.as_(api.admin, roles=[role]).get(PATH)).status_code == status
    for user in (await api.user(buyer=await api.buyer()), await api.user(supplier=await api.supplier())):
        assert (await api.as_(user, roles=["FullAccess"]).get(PATH)).status_code == 403
    assert (await other.seller.get(f"{PATH}/c")).status_code == 404
    refused = await other.seller.post(PATH, json=body(api))
    assert (refused.status_code, refused.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "ApiClient")
