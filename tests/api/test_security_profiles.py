"""Security profiles and their assignments (AUTH-47 to AUTH-50, AUTH-55, AUTH-56)."""

from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, codes

PROFILES, ASSIGNMENTS = "/v1/securityprofiles", "/v1/securityprofiles/assignments"
UNSET = {
    "LimitPasswordReuse": None,
    "MaxConsecutiveDupeChars": None,
    "MaximumPasswordAge": None,
    "MinimumPasswordAge": None,
    "AllowedFailedAttempts": None,
    "LockoutDuration": None,
    "UpperCaseRequired": False,
    "LowerCaseRequired": False,
    "SpecialCharacterRequired": False,
    "NumericRequired": False,
    "MinimumCharacterCount": None,
}


async def test_profile(api: Api) -> None:
    """AUTH-20, AUTH-47: roles are written canonically, custom ones as they come; each once."""
    body = {
        "ID": "p",
        "Name": "P",
        "Roles": ["shopper", "MEADMIN", "Shopper"],
        "CustomRoles": ["Foo", "foo", "Foo"],
        "IsExternalRoleGroup": True,
        "PasswordConfig": {"MinimumCharacterCount": 12},
    }
    made = await api.seller.post(PROFILES, json=body)
    assert made.status_code == 201, made.text
    assert made.json() == {
        "ID": "p",
        "Name": "P",
        "Roles": ["Shopper", "MeAdmin"],
        "CustomRoles": ["Foo", "foo"],
        "PasswordConfig": {**UNSET, "MinimumCharacterCount": 12},
        "IsExternalRoleGroup": False,
    }
    patched = await api.seller.patch(f"{PROFILES}/p", json={"PasswordConfig": {"LockoutDuration": 5}})
    merged = {**UNSET, "MinimumCharacterCount": 12, "LockoutDuration": 5}
    assert patched.json()["PasswordConfig"] == merged
    saved = await api.seller.put(f"{PROFILES}/P", json={"Name": "Q"})
    assert saved.json() == {
        "ID": "p",
        "Name": "Q",
        "Roles": [],
        "CustomRoles": [],
        "PasswordConfig": None,
        "IsExternalRoleGroup": False,
    }
    assert (await api.seller.delete(f"{PROFILES}/p")).status_code == 204


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        ({"Roles": ["Nope"]}, ["Roles[0]"]),
        ({"CustomRoles": ["Fine", "fullaccess"]}, ["CustomRoles[1]"]),
        ({"CustomRoles": [" "]}, ["CustomRoles[0]"]),
        ({"PasswordConfig": {"LimitPasswordReuse": 25}}, ["PasswordConfig.LimitPasswordReuse"]),
        ({"PasswordConfig": {"MaxConsecutiveDupeChars": 0}}, ["PasswordConfig.MaxConsecutiveDupeChars"]),
        ({"PasswordConfig": {"MaximumPasswordAge": 366}}, ["PasswordConfig.MaximumPasswordAge"]),
        ({"PasswordConfig": {"MinimumPasswordAge": 61}}, ["PasswordConfig.MinimumPasswordAge"]),
        ({"PasswordConfig": {"AllowedFailedAttempts": 11}}, ["PasswordConfig.AllowedFailedAttempts"]),
        ({"PasswordConfig": {"LockoutDuration": 1}}, ["PasswordConfig.LockoutDuration"]),
        ({"PasswordConfig": {"LockoutDuration": 1441}}, ["PasswordConfig.LockoutDuration"]),
        (
            {"PasswordConfig": {"MaximumPasswordAge": 0, "AllowedFailedAttempts": 0}},
            ["PasswordConfig.MaximumPasswordAge", "PasswordConfig.AllowedFailedAttempts"],
        ),
    ],
)
async def test_refused_values(api: Api, body: dict[str, Any], properties: list[str]) -> None:
    """AUTH-47, AUTH-56: every bad property is named; nothing is stored."""
    refused = await api.seller.put(f"{PROFILES}/p", json={"Name": "P", **body})
    assert refused.status_code == 400, refused.text
    assert [error["Data"]["Property"] for error in refused.json()["Errors"]] == properties
    assert set(codes(refused)) == {"ValidationFailure"}
    assert (await api.seller.get(f"{PROFILES}/p")).status_code == 404


async def test_too_weak_rules(api: Api) -> None:
    """AUTH-55, AUTH-56."""
    config = {"MinimumCharacterCount": 9}
    for refused in (
        await api.seller.post(PROFILES, json={"Name": "P", "PasswordConfig": config}),
        await api.seller.patch(f"{PROFILES}/full", json={"PasswordConfig": config}),
    ):
        assert refused.status_code == 400
        assert codes(refused) == ["SecurityProfile.InvalidPasswordConfiguration"]
    assert (await api.seller.get(f"{PROFILES}/full")).json()["PasswordConfig"] is None


@pytest.mark.parametrize("names", [("NumericRequired",), ("UpperCaseRequired", "SpecialCharacterRequired")])
async def test_a_part_of_the_rules(api: Api, names: tuple[str, ...]) -> None:
    """AUTH-55, behaviour D20: what is not set falls back to the platform's minimum."""
    config = dict.fromkeys(names, True)
    made = await api.seller.post(PROFILES, json={"Name": "P", "PasswordConfig": config})
    assert made.status_code == 201, made.text
    assert made.json()["PasswordConfig"].items() >= config.items()


async def test_external_role_groups_are_read_only(api: Api) -> None:
    """AUTH-47."""
    await api.execute(
        'UPDATE security_profiles SET "IsExternalRoleGroup" = true WHERE marketplace_id = $1 AND "ID" = \'full\''
    )
    path = f"{PROFILES}/full"
    for refused in (
        await api.seller.put(path, json={"Name": "x"}),
        await api.seller.patch(path, json={"Name": "x"}),
        await api.seller.delete(path),
    ):
        assert (refused.status_code, codes(refused)) == (400, ["SecurityProfile.ExternalRoleGroupReadOnly"])
    profile = (await api.seller.get(path)).json()
    assert (profile["Name"], profile["IsExternalRoleGroup"]) == ("Full", True)


async def test_profile_of_an_impersonation_config_stays(api: Api) -> None:
    """AUTH-50: refused while in use; otherwise its assignments go with it."""
    config = {"ID": "c", "ClientID": api.client_id, "SecurityProfileID": "full"}
    assert (await api.seller.post("/v1/impersonationconfig", json=config)).status_code == 201
    refused = await api.seller.delete(f"{PROFILES}/full")
    assert (refused.status_code, codes(refused)) == (400, ["Impersonation.CannotDeleteSecurityProfile"])
    assert (await api.seller.delete("/v1/impersonationconfig/c")).status_code == 204
    assert (await api.seller.delete(f"{PROFILES}/full")).status_code == 204
    assert (await api.seller.get(ASSIGNMENTS)).json()["Items"] == []
    assert (await api.seller.get("/v1/me")).json()["AvailableRoles"] == []


async def test_rename_carries_assignments_along(api: Api) -> None:
    """CONV-3."""
    assert (await api.seller.patch(f"{PROFILES}/full", json={"ID": "renamed"})).status_code == 200
    listed = (await api.seller.get(ASSIGNMENTS)).json()["Items"]
    assert [item["SecurityProfileID"] for item in listed] == ["renamed"]
    assert (await api.seller.get("/v1/me")).json()["AvailableRoles"] == ["FullAccess"]


async def test_change_takes_effect_with_the_next_token(api: Api) -> None:
    """AUTH-29."""
    user = await api.user(roles=["BuyerReader"], password=PASSWORD)
    token = (await api.login(user)).json()["access_token"]
    changed = await api.seller.patch(f"{PROFILES}/profile-{user.key}", json={"Roles": ["CatalogReader"]})
    assert changed.status_code == 200
    assert (await api.with_token(token).get("/v1/buyers")).status_code == 200
    later = (await api.login(user)).json()["access_token"]
    assert (await api.with_token(later).get("/v1/buyers")).status_code == 403


async def world(api: Api) -> dict[str, str]:
    """A buyer with a user and a group, a supplier, an admin user and group, and a profile `p` at every level."""
    buyer, supplier = await api.buyer("B"), await api.supplier("S")
    user, vendor, admin = (
        await api.user(buyer=buyer, id="u"),
        await api.user(supplier=supplier, id="v"),
        await api.user(id="a"),
    )
    await api.seller.put("/v1/buyers/B/usergroups/g", json={"Name": "g"})
    await api.seller.put("/v1/usergroups/g", json={"Name": "g"})
    await api.seller.post(PROFILES, json={"ID": "p", "Name": "p"})
    return {"user": user.id, "vendor": vendor.id, "admin": admin.id}


PARTIES: tuple[dict[str, str], ...] = (
    {},
    {"UserID": "a"},
    {"UserGroupID": "g"},
    {"BuyerID": "B"},
    {"BuyerID": "B", "UserID": "u"},
    {"BuyerID": "B", "UserGroupID": "g"},
    {"SupplierID": "S"},
    {"SupplierID": "S", "UserID": "v"},
)


async def test_assignment_levels(api: Api) -> None:
    """AUTH-48: every level, repeated without effect; a delete removes exactly its own."""
    await world(api)
    for party in PARTIES:
        for _ in range(2):
            saved = await api.seller.post(ASSIGNMENTS, json={"SecurityProfileID": "P", **party})
            assert saved.status_code == 204, saved.text
    listed = (await api.seller.get(f"{ASSIGNMENTS}?securityProfileID=p")).json()
    assert listed["Meta"]["TotalCount"] == len(PARTIES)
    empty = {
        "SecurityProfileID": "p",
        "BuyerID": None,
        "SupplierID": None,
        "UserID": None,
        "UserGroupID": None,
    }
    for party in PARTIES:
        assert {**empty, **party} in listed["Items"]
    for count, party in enumerate(PARTIES, 1):
        query = {name[0].lower() + name[1:]: value for name, value in party.items()}
        deleted = await api.seller.delete(f"{PROFILES}/p/assignments", params=query)
        assert deleted.status_code == 204, party
        assert (await api.seller.delete(f"{PROFILES}/p/assignments", params=query)).status_code == 404
        left = (await api.seller.get(f"{ASSIGNMENTS}?securityProfileID=p")).json()
        assert left["Meta"]["TotalCount"] == len(PARTIES) - count


@pytest.mark.parametrize(
    ("party", "status", "code"),
    [
        ({"BuyerID": "B", "SupplierID": "S"}, 400, "PartyAssignment.CannotProvideBuyerAndSupplier"),
        (
            {"BuyerID": "B", "UserID": "u", "UserGroupID": "g"},
            400,
            "PartyAssignment.CannotSpecifyGroupAndUser",
        ),
        ({"BuyerID": "none"}, 404, "NotFound"),
        ({"UserID": "u"}, 404, "NotFound"),
        ({"BuyerID": "B", "UserID": "a"}, 404, "NotFound"),
        ({"SupplierID": "S", "UserGroupID": "g"}, 404, "NotFound"),
        ({"SecurityProfileID": "none"}, 404, "NotFound"),
        ({"SecurityProfileID": None}, 400, "ValidationFailure"),
    ],
)
async def test_refused_assignments(api: Api, party: dict[str, Any], status: int, code: str) -> None:
    """AUTH-48."""
    await world(api)
    refused = await api.seller.post(ASSIGNMENTS, json={"SecurityProfileID": "p", **party})
    assert (refused.status_code, codes(refused)) == (status, [code])
    assert (await api.seller.get(f"{ASSIGNMENTS}?securityProfileID=p")).json()["Items"] == []


async def test_list_filters(api: Api) -> None:
    """AUTH-49."""
    await world(api)
    for party in PARTIES:
        await api.seller.post(ASSIGNMENTS, json={"SecurityProfileID": "p", **party})
    for query, count in (
        ("level=Company", 3),
        ("level=Group", 2),
        ("level=User", 3),
        ("commerceRole=Buyer", 3),
        ("commerceRole=supplier", 2),
        ("commerceRole=Seller", 3),
        ("commerceRole=Seller&level=User", 1),
        ("commerceRole=Buyer&buyerID=b", 3),
        ("buyerID=B", 3),
        ("supplierID=S&level=Company", 1),
        ("userID=u", 1),
        ("userGroupID=g&level=Group", 2),
    ):
        listed = await api.seller.get(f"{ASSIGNMENTS}?securityProfileID=p&{query}")
        assert listed.json()["Meta"]["TotalCount"] == count, query
    for query, code in (
        ("commerceRole=Seller&buyerID=B", "SecurityProfile.CannotProvideBuyerID"),
        ("commerceRole=Supplier&buyerID=B", "SecurityProfile.CannotProvideBuyerID"),
        ("commerceRole=Buyer&supplierID=S", "SecurityProfile.CannotProvideSupplierID"),
        ("commerceRole=Nobody", "List.InvalidType"),
        ("level=Company&userID=u", "PartyAssignment.InvalidUserLevel"),
        ("level=User&userGroupID=g", "PartyAssignment.InvalidGroupLevel"),
        ("userID=u&userGroupID=g", "PartyAssignment.CannotSpecifyGroupAndUser"),
    ):
        refused = await api.seller.get(f"{ASSIGNMENTS}?{query}")
        assert (refused.status_code, codes(refused)) == (400, [code]), query


async def test_who_may(api: Api, other: Api) -> None:
    """AUTH-50, AUTH-53: sellers alone; readers get and list, but not the assignments; this marketplace alone."""
    for role, profiles, assignments, write in (
        ("SecurityProfileReader", 200, 403, 403),
        ("SetSecurityProfile", 200, 200, 200),
        ("SecurityProfileAdmin", 200, 200, 200),
        ("BuyerAdmin", 403, 403, 403),
    ):
        caller = api.as_(api.admin, roles=[role])
        assert (await caller.get(PROFILES)).status_code == profiles
        assert (await caller.get(ASSIGNMENTS)).status_code == assignments
        assert (await caller.patch(f"{PROFILES}/full", json={})).status_code == write
    for user in (await api.user(buyer=await api.buyer()), await api.user(supplier=await api.supplier())):
        refused = await api.as_(user, roles=["FullAccess"]).get(PROFILES)
        assert (refused.status_code, codes(refused)) == (403, ["Auth.UserNotAuthorizedToAdmin"])
    await api.seller.post(PROFILES, json={"ID": "mine", "Name": "mine"})
    assert (await other.seller.get(f"{PROFILES}/mine")).status_code == 404
    assert (await other.seller.post(ASSIGNMENTS, json={"SecurityProfileID": "mine"})).status_code == 404
