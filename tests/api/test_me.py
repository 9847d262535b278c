"""The caller's own record (AUTH-35, AUTH-71, AUTH-72; BUY-7; XP-6)."""

from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, Server, User, codes

BODY = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
MEMBERS = [
    "Buyer", "Supplier", "Seller", "ID", "CompanyID", "Username", "Password", "FirstName", "LastName", "Email",
    "Phone", "TermsAccepted", "Active", "xp", "AvailableRoles", "Locale", "DateCreated", "LastActive",
    "PasswordLastSetDate",
]  # fmt: skip
ORDER_ID = "qXswHcgcmE-PRuaJrtuBkA"


async def user_of(api: Api, kind: str) -> User:
    """A user with two roles and a password."""
    company = {
        "buyer": {"buyer": await api.buyer()},
        "supplier": {"supplier": await api.supplier()},
        "seller": {},
    }[kind]
    return await api.user(**company, roles=["Shopper", "MeAdmin"], password=PASSWORD)


@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller"])
async def test_shapes(api: Api, kind: str) -> None:
    """AUTH-71: each kind in its own shape; AvailableRoles are all assigned ones, not the token's."""
    user = await user_of(api, kind)
    me = (await api.as_(user).get("/v1/me")).json()
    assert list(me) == MEMBERS
    assert me["Seller"] == {"ID": api.marketplace}
    assert me["Buyer"] == ({"ID": user.company, "DefaultCatalogID": None} if kind == "buyer" else None)
    assert me["Supplier"] == ({"ID": user.company} if kind == "supplier" else None)
    assert (me["ID"], me["CompanyID"], me["Username"]) == (user.id, user.company, user.username)
    assert (me["Password"], me["Active"], me["xp"], me["Locale"]) == (None, True, None, None)
    assert me["AvailableRoles"] == ["MeAdmin", "Shopper"]
    assert me["PasswordLastSetDate"] is not None


async def test_roles_of_all_levels(api: Api, other: Api) -> None:
    """AUTH-17, ASG-7: company, groups and the user itself, each name once; nobody else's."""
    buyer, foreign = await api.buyer(), await api.buyer()
    user, colleague = await api.user(buyer=buyer, roles=["Shopper"]), await api.user(buyer=buyer)
    path = f"/v1/buyers/{buyer}/usergroups"
    for group in ("mine", "not-mine"):
        await api.seller.put(f"{path}/{group}", json={"Name": group})
    await api.seller.post(f"{path}/assignments", json={"UserID": user.id, "UserGroupID": "mine"})
    for role, party in (
        ("MeAdmin", {"BuyerID": buyer}),
        ("MeXpAdmin", {"BuyerID": buyer, "UserGroupID": "mine"}),
        ("Shopper", {"BuyerID": buyer, "UserGroupID": "mine"}),
        ("OrderAdmin", {"BuyerID": buyer, "UserGroupID": "not-mine"}),
        ("OrderReader", {"BuyerID": foreign}),
        ("BuyerAdmin", {}),
        ("BuyerReader", {"BuyerID": buyer, "UserID": colleague.id}),
    ):
        profile = {"Name": role, "Roles": [role], "CustomRoles": [f"custom-{role}"]}
        made = (await api.seller.post("/v1/securityprofiles", json=profile)).json()
        body = {"SecurityProfileID": made["ID"], **party}
        assert (await api.seller.post("/v1/securityprofiles/assignments", json=body)).status_code == 204
    me = (await api.as_(user).get("/v1/me")).json()
    held = ["MeAdmin", "MeXpAdmin", "Shopper", "custom-MeAdmin", "custom-MeXpAdmin", "custom-Shopper"]
    assert sorted(me["AvailableRoles"]) == held
    shown = (await api.seller.get(f"/v1/buyers/{buyer}/users/{user.id}")).json()
    assert shown["AvailableRoles"] == me["AvailableRoles"]
    assert "BuyerAdmin" in (await api.seller.get("/v1/me")).json()["AvailableRoles"]
    assert (await other.seller.get("/v1/me")).json()["AvailableRoles"] == ["FullAccess"]


async def test_effective_default_catalog(api: Api) -> None:
    """BUY-7: the buyer's own, else its group's."""
    made = await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "b", "Active": True})
    assert made.status_code == 201, made.text
    user = await api.user(buyer="b")
    assert (await api.as_(user).get("/v1/me")).json()["Buyer"] == {"ID": "b", "DefaultCatalogID": "b"}
    await api.seller.post("/v1/buyers", json={"ID": "lender", "Name": "l"})
    group = {"ID": "g", "Name": "g", "DefaultCatalogID": "lender"}
    assert (await api.seller.post("/v1/buyergroups", json=group)).status_code == 201
    patched = await api.seller.patch("/v1/buyers/b", json={"GroupID": "g", "DefaultCatalogID": None})
    assert patched.status_code == 200, patched.text
    assert (await api.as_(user).get("/v1/me")).json()["Buyer"]["DefaultCatalogID"] == "lender"


async def test_locale_of_the_group_before_the_buyers(api: Api) -> None:
    """LOC-3 and USR-2, as the record of Users shows it too."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    await api.seller.put(f"/v1/buyers/{buyer}/usergroups/g", json={"Name": "g"})
    await api.seller.post(
        f"/v1/buyers/{buyer}/usergroups/assignments", json={"UserID": user.id, "UserGroupID": "g"}
    )
    for locale, currency, party in (("eu", "EUR", {}), ("ch", "CHF", {"UserGroupID": "g"})):
        made = await api.seller.post("/v1/locales", json={"ID": locale, "Currency": currency})
        assert made.status_code == 201, made.text
        body = {"LocaleID": locale, "BuyerID": buyer, **party}
        assert (await api.seller.post("/v1/locales/assignments", json=body)).status_code == 204
        shown = (await api.as_(user).get("/v1/me")).json()["Locale"]
        assert (shown["ID"], shown["Currency"]) == (locale, currency)
    users = (await api.seller.get(f"/v1/buyers/{buyer}/users/{user.id}")).json()
    assert users["Locale"] == shown


@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller"])
async def test_put_and_patch(api: Api, kind: str) -> None:
    """AUTH-72: own record; the username may change; read-only members are ignored; PUT sets defaults."""
    user = await user_of(api, kind)
    caller = api.as_(user, roles=["MeAdmin"])
    before = (await caller.get("/v1/me")).json()
    patched = await caller.patch(
        "/v1/me", json={"Phone": "1", "AvailableRoles": ["FullAccess"], "CompanyID": "x"}
    )
    assert patched.status_code == 200, patched.text
    assert patched.json() == {**before, "Phone": "1"}
    saved = await caller.put(
        "/v1/me", json={**patched.json(), "Phone": None, "Username": "new-name", "ID": None}
    )
    assert saved.status_code == 200, saved.text
    assert saved.json() == {**before, "Username": "new-name"}
    again = await caller.put("/v1/me", json={**BODY, "ID": "new-id", "Username": "new-name"})
    assert (again.json()["ID"], again.json()["FirstName"]) == ("new-id", "F")
    assert (await caller.get("/v1/me")).json() == again.json()
    assert (await caller.patch("/v1/me", json={})).json() == again.json()
    assert (await api.login("NEW-NAME")).status_code == 200


async def test_taken_names(api: Api) -> None:
    """AUTH-72: 409, and nothing is written."""
    buyer = await api.buyer()
    user, colleague = await api.user(buyer=buyer), await api.user(buyer=buyer)
    caller = api.as_(user, roles=["MeAdmin"])
    before = (await caller.get("/v1/me")).json()
    for change, code in (
        ({"Username": "ADMIN"}, "User.UsernameMustBeUnique"),
        ({"ID": colleague.id.upper()}, "IdExists"),
    ):
        refused = await caller.patch("/v1/me", json={"Phone": "1", **change})
        assert (refused.status_code, codes(refused)) == (409, [code])
    assert (await caller.get("/v1/me")).json() == before


async def test_all_errors_at_once(api: Api) -> None:
    """ERR-5."""
    refused = await api.seller.put("/v1/me", json={"FirstName": "x" * 101, "Active": "perhaps"})
    bad = [error["Data"]["Property"] for error in refused.json()["Errors"]]
    assert (refused.status_code, bad) == (400, ["Username", "FirstName", "LastName", "Email", "Active"])


async def xp_of(api: Api, roles: list[str], stored: Any, verb: str, xp: Any) -> tuple[int, Any]:
    """The status of a write of xp, and the xp after it."""
    user = await api.user(buyer=await api.buyer())
    await api.as_(user, roles=["FullAccess"]).patch("/v1/me", json={"xp": stored})
    body = {**BODY, "Username": user.username} if verb == "PUT" else {}
    caller = api.as_(user, roles=roles)
    sent = await caller.request(verb, "/v1/me", json=body if xp is ABSENT else {**body, "xp": xp})
    if sent.status_code == 403:
        assert codes(sent) == ["User.XPNotAllowed"]
    return sent.status_code, (await caller.get("/v1/me")).json()["xp"]


ABSENT = object()
A, B = {"a": {"b": 1}}, {"a": {"b": 2}}


@pytest.mark.parametrize(
    ("stored", "verb", "xp", "without_right", "with_right"),
    [
        (A, "PUT", ABSENT, (200, A), (200, None)),
        (A, "PUT", None, (200, A), (200, None)),
        (A, "PUT", {}, (200, A), (200, {})),
        (A, "PUT", A, (200, A), (200, A)),
        (A, "PUT", B, (403, A), (200, B)),
        (None, "PUT", {}, (200, None), (200, {})),
        (None, "PUT", A, (403, None), (200, A)),
        (A, "PATCH", ABSENT, (200, A), (200, A)),
        (A, "PATCH", {}, (200, A), (200, A)),
        (A, "PATCH", {"a": {"c": 2}}, (403, A), (200, {"a": {"b": 1, "c": 2}})),
        (A, "PATCH", None, (403, A), (200, None)),
    ],
)
async def test_own_xp(
    api: Api, stored: Any, verb: str, xp: Any, without_right: tuple[int, Any], with_right: tuple[int, Any]
) -> None:
    """XP-6: writing it takes MeXpAdmin or FullAccess; what leaves it as it is, is no writing."""
    assert await xp_of(api, ["MeAdmin"], stored, verb, xp) == without_right
    assert await xp_of(api, ["MeAdmin", "MeXpAdmin"], stored, verb, xp) == with_right
    assert await xp_of(api, ["FullAccess"], stored, verb, xp) == with_right


async def test_own_deactivation(api: Api) -> None:
    """AUTH-28: it is the last that this token does."""
    user = await api.user()
    caller = api.as_(user, roles=["MeAdmin"])
    assert (await caller.patch("/v1/me", json={"Active": False})).json()["Active"] is False
    assert codes(await caller.get("/v1/me")) == ["Auth.UserNotActive"]


async def test_guests(api: Api) -> None:
    """AUTH-35: they see the template's record and write nothing."""
    user = await api.user(buyer=await api.buyer())
    guest = api.as_(user, roles=["FullAccess"], order_id=ORDER_ID)
    assert (await guest.get("/v1/me")).json()["ID"] == user.id
    for verb, path in (("PUT", ""), ("PATCH", ""), ("POST", "/password"), ("DELETE", "/tokens")):
        refused = await guest.request(verb, f"/v1/me{path}", json={"FirstName": "x", "NewPassword": PASSWORD})
        assert (refused.status_code, codes(refused)) == (403, ["Auth.AnonUserProhibited"]), path
    assert (await api.as_(user).get("/v1/me")).json()["FirstName"] == "First"


async def test_roles_needed(api: Api) -> None:
    """AUTH-27: reading takes a token alone, writing MeAdmin; without a token 401."""
    caller = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    for verb, path, status in (
        ("GET", "", 200),
        ("GET", "/usergroups", 200),
        ("PUT", "", 403),
        ("PATCH", "", 403),
        ("POST", "/password", 403),
        ("DELETE", "/tokens", 204),
    ):
        assert (await caller.request(verb, f"/v1/me{path}")).status_code == status, (verb, path)
        assert (await api.http.request(verb, f"/v1/me{path}")).status_code == 401


async def test_own_tokens(api: Api, twin: Server) -> None:
    """AUTH-26: the very token that asked is void too, in every process."""
    user = await api.user(buyer=await api.buyer(), password=PASSWORD)
    login = (await api.login(user)).json()
    here, there = (api.with_token(login["access_token"], server) for server in (api.server, twin))
    assert (await there.get("/v1/me")).status_code == 200
    revoked = await here.delete("/v1/me/tokens")
    assert (revoked.status_code, revoked.content) == (204, b"")
    for caller in (here, there):
        refused = await caller.get("/v1/me")
        assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])
    refreshed = await api.grant(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert refreshed.status_code == 400
    assert (await api.login(user)).status_code == 200


async def test_own_groups(api: Api) -> None:
    """AUTH-54, ORG: groups that the caller belongs to, with search, sort and filters; buyer users alone."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    path = f"/v1/buyers/{buyer}/usergroups"
    for group, name in (("g1", "Zebra"), ("g2", "Ape"), ("g3", "Not mine")):
        body = {"Name": name, "xp": {"size": len(name)}}
        assert (await api.seller.put(f"{path}/{group}", json=body)).status_code == 200
        if group != "g3":
            await api.seller.post(f"{path}/assignments", json={"UserID": user.id, "UserGroupID": group})
    caller = api.as_(user)
    for query, expected in (
        ("", ["g2", "g1"]),
        ("sortBy=!Name", ["g1", "g2"]),
        ("search=zeb", ["g1"]),
        ("Name=a*", ["g2"]),
        ("xp.size=>3", ["g1"]),
        ("ID=g3", []),
        ("pageSize=1&page=2", ["g1"]),
    ):
        listed = await caller.get(f"/v1/me/usergroups?{query}")
        assert [item["ID"] for item in listed.json()["Items"]] == expected, query
    assert codes(await caller.get("/v1/me/usergroups?Nope=1")) == ["List.InvalidProperty"]
    for stranger in (await api.user(), await api.user(supplier=await api.supplier())):
        refused = await api.as_(stranger, roles=["FullAccess"]).get("/v1/me/usergroups")
        assert (refused.status_code, codes(refused)) == (403, ["Auth.UserNotAuthorizedToAdmin"])
