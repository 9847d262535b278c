"""Users of all three kinds (AUTH-26, AUTH-62, AUTH-63, AUTH-70, AUTH-73; USR-1 to USR-5)."""

import asyncio

import pytest
from tests.api.marketplace import PASSWORD, Api, Server, codes

pytestmark = pytest.mark.usefixtures("truly")

KINDS = ("buyer", "supplier", "seller")
BODY = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}


async def place(api: Api, kind: str) -> tuple[str, dict[str, str]]:
    """A company of a kind: the path of its users, and what `api.user` calls it."""
    if kind == "buyer":
        buyer = await api.buyer()
        return f"/v1/buyers/{buyer}/users", {"buyer": buyer}
    if kind == "supplier":
        supplier = await api.supplier()
        return f"/v1/suppliers/{supplier}/users", {"supplier": supplier}
    return "/v1/adminusers", {}


async def group_of(api: Api, buyer: str, group: str, *members: str) -> None:
    made = await api.seller.put(f"/v1/buyers/{buyer}/usergroups/{group}", json={"Name": group})
    assert made.status_code == 200, made.text
    for member in members:
        body = {"UserID": member, "UserGroupID": group}
        saved = await api.seller.post(f"/v1/buyers/{buyer}/usergroups/assignments", json=body)
        assert saved.status_code == 204, saved.text


@pytest.mark.parametrize("kind", KINDS)
async def test_life_of_a_user(api: Api, kind: str) -> None:
    """AUTH-61, CONV-2: the password is write-only, and a PUT without one keeps it."""
    path, company = await place(api, kind)
    name = f"Person-{kind}"
    made = await api.seller.post(path, json={**BODY, "ID": "p", "Username": name, "Password": PASSWORD})
    assert made.status_code == 201, made.text
    user = made.json()
    assert made.headers["Location"].endswith(f"{path}/p")
    assert user["Password"] is None
    assert user["CompanyID"] == next(iter(company.values()), api.marketplace)
    assert user["PasswordLastSetDate"] is not None
    assert (await api.login(name.upper())).status_code == 200

    saved = await api.seller.put(f"{path}/p", json={**BODY, "Username": name, "Password": None})
    assert saved.status_code == 200, saved.text
    kept = saved.json()
    assert (kept["PasswordLastSetDate"], kept["DateCreated"]) == (
        user["PasswordLastSetDate"],
        user["DateCreated"],
    )
    assert (await api.login(name)).status_code == 200

    changed = await api.seller.patch(f"{path}/P", json={"password": "Another-passw0rd"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["PasswordLastSetDate"] > user["PasswordLastSetDate"]
    assert (await api.login(name)).status_code == 400
    login = await api.login(name, "Another-passw0rd")
    assert login.status_code == 200

    assert (await api.seller.delete(f"{path}/p")).status_code == 204
    assert (await api.seller.get(f"{path}/p")).status_code == 404
    gone = await api.with_token(login.json()["access_token"]).get("/v1/me")
    assert (gone.status_code, codes(gone)) == (401, ["Auth.UserNotFound"])


async def test_stored_password_is_a_hash(api: Api) -> None:
    made = await api.seller.post("/v1/adminusers", json={**BODY, "Username": "h", "Password": PASSWORD})
    assert made.status_code == 201
    stored = await api.value(
        "SELECT password_hash FROM users WHERE marketplace_id = $1 AND \"Username\" = 'h'"
    )
    assert stored.startswith("$argon2id$")


async def test_user_without_password_cannot_log_in(api: Api) -> None:
    """AUTH-61."""
    for password in ({}, {"Password": None}, {"Password": ""}):
        name = f"nobody-{len(str(password))}"
        made = await api.seller.post("/v1/adminusers", json={**BODY, "Username": name, **password})
        assert (made.status_code, made.json()["PasswordLastSetDate"]) == (201, None)
        refused = await api.login(name)
        assert (refused.status_code, codes(refused)[0]) == (400, "InvalidCredentials")


@pytest.mark.parametrize("first", KINDS)
async def test_usernames_are_unique_in_the_marketplace(api: Api, other: Api, first: str) -> None:
    """AUTH-70, USR-1: over all kinds of users, in any case; IDs are unique per company alone."""
    path, _ = await place(api, first)
    assert (await api.seller.post(path, json={**BODY, "ID": "same", "Username": "Taken"})).status_code == 201
    for kind in KINDS:
        another, _ = await place(api, kind)
        refused = await api.seller.post(another, json={**BODY, "ID": f"x-{kind}", "Username": "tAKEN"})
        assert (refused.status_code, codes(refused)) == (409, ["User.UsernameMustBeUnique"])
        if another != path:
            same_id = await api.seller.post(another, json={**BODY, "ID": "same", "Username": f"free-{kind}"})
            assert same_id.status_code == 201, same_id.text
            renamed = await api.seller.patch(f"{another}/same", json={"Username": "TAKEN"})
            assert (renamed.status_code, codes(renamed)) == (409, ["User.UsernameMustBeUnique"])
    again = await api.seller.post(path, json={**BODY, "ID": "SAME", "Username": "third"})
    assert (again.status_code, codes(again)) == (409, ["IdExists"])
    assert (await other.seller.post("/v1/adminusers", json={**BODY, "Username": "Taken"})).status_code == 201


async def test_deleted_buyer_frees_usernames(api: Api) -> None:
    """AUTH-70."""
    path, company = await place(api, "buyer")
    assert (await api.seller.post(path, json={**BODY, "Username": "freed"})).status_code == 201
    assert (await api.seller.delete(f"/v1/buyers/{company['buyer']}")).status_code == 204
    assert (await api.seller.post("/v1/adminusers", json={**BODY, "Username": "freed"})).status_code == 201


async def test_rename_carries_groups_along(api: Api) -> None:
    """CONV-3: memberships follow, the caller's token goes on."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    await group_of(api, buyer, "g", user.id)
    caller = api.as_(user)
    assert (await caller.get("/v1/me")).status_code == 200
    path = f"/v1/buyers/{buyer}/users"
    renamed = await api.seller.patch(f"{path}/{user.id}", json={"ID": "Renamed"})
    assert (renamed.status_code, renamed.json()["ID"]) == (200, "Renamed")
    assert (await api.seller.get(f"{path}/{user.id}")).status_code == 404
    members = await api.seller.get(f"{path}?userGroupID=g")
    assert [item["ID"] for item in members.json()["Items"]] == ["Renamed"]
    assert (await caller.get("/v1/me")).json()["ID"] == "Renamed"


@pytest.mark.parametrize("kind", KINDS)
async def test_deactivation_ends_sessions(api: Api, twin: Server, kind: str) -> None:
    """AUTH-28, AUTH-73: at once and in every process; old tokens stay void after a later activation."""
    path, company = await place(api, kind)
    user = await api.user(**company, password=PASSWORD)
    login = (await api.login(user)).json()
    callers = [
        api.with_token(login["access_token"]),
        api.with_token(login["access_token"], twin),
    ]
    for caller in callers:
        assert (await caller.get("/v1/me")).status_code == 200
    assert (await api.seller.patch(f"{path}/{user.id}", json={"Active": False})).status_code == 200
    for caller in callers:
        refused = await caller.get("/v1/me")
        assert (refused.status_code, codes(refused)) == (401, ["Auth.UserNotActive"])
    assert codes(await api.login(user)) == ["Auth.UserNotActive"]

    assert (await api.seller.patch(f"{path}/{user.id}", json={"Active": True})).status_code == 200
    for caller in callers:
        refused = await caller.get("/v1/me")
        assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])
    refreshed = await api.grant(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert refreshed.status_code == 400
    assert (await api.login(user)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_revoked_tokens(api: Api, twin: Server, kind: str) -> None:
    """AUTH-26: access and refresh tokens up to now, in every process; later ones work."""
    path, company = await place(api, kind)
    user, bystander = await api.user(**company, password=PASSWORD), await api.user(**company)
    login = (await api.login(user)).json()
    callers = [api.with_token(login["access_token"]), api.with_token(login["access_token"], twin)]
    for caller in callers:
        assert (await caller.get("/v1/me")).status_code == 200
    revoked = await api.seller.delete(f"{path}/{user.id}/tokens")
    assert (revoked.status_code, revoked.content) == (204, b"")
    for caller in callers:
        refused = await caller.get("/v1/me")
        assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])
    refreshed = await api.grant(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert (refreshed.status_code, codes(refreshed)[0]) == (400, "InvalidGrant")
    assert (await api.as_(bystander).get("/v1/me")).status_code == 200
    later = (await api.login(user)).json()["access_token"]
    assert (await api.with_token(later).get("/v1/me")).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_lockout_and_unlock(api: Api, kind: str) -> None:
    """AUTH-62 worked, AUTH-63: nine wrong passwords, the tenth locks for two minutes; unlocking is idempotent."""
    path, company = await place(api, kind)
    user = await api.user(**company, password=PASSWORD)

    async def attempts() -> int:
        return int((await api.seller.get(f"{path}/{user.id}")).json()["FailedLoginAttempts"])

    for attempt in range(1, 11):
        refused = await api.login(user, "wrong")
        assert (refused.status_code, codes(refused)[0]) == (400, "InvalidCredentials")
        assert await attempts() == attempt
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    api.server.clock.advance(minutes=2)
    assert await attempts() == 0
    assert (await api.login(user)).status_code == 200

    for _ in range(10):
        await api.login(user, "wrong")
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    for _ in range(2):
        unlocked = await api.seller.post(f"{path}/{user.id}/unlock")
        assert (unlocked.status_code, unlocked.content) == (204, b"")
    assert await attempts() == 0
    assert (await api.login(user)).status_code == 200


async def test_lock_without_end(api: Api) -> None:
    """AUTH-56: LockoutDuration 0 lasts until somebody unlocks."""
    profile = {
        "ID": "strict",
        "Name": "s",
        "PasswordConfig": {"LockoutDuration": 0, "AllowedFailedAttempts": 1},
    }
    made = await api.seller.post("/v1/securityprofiles", json=profile)
    assert (made.status_code, made.json()["PasswordConfig"]["LockoutDuration"]) == (201, 0)
    user = await api.user(password=PASSWORD)
    assigned = {"SecurityProfileID": "strict", "UserID": user.id}
    assert (await api.seller.post("/v1/securityprofiles/assignments", json=assigned)).status_code == 204
    await api.login(user, "wrong")
    api.server.clock.advance(days=300)
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    assert (await api.seller.post(f"/v1/adminusers/{user.id}/unlock")).status_code == 204
    assert (await api.login(user)).status_code == 200


async def test_deletion_is_refused_while_something_relies_on_the_user(api: Api) -> None:
    """AUTH-73, USR-3."""
    buyer = await api.buyer()
    context, party = await api.user(buyer=buyer), await api.user(buyer=buyer)
    client_id = await api.api_client(allow_any_buyer=True, default_context_user=context.key)
    config = {"ClientID": client_id, "SecurityProfileID": "full", "BuyerID": buyer, "UserID": party.id}
    made = await api.seller.post("/v1/impersonationconfig", json={**config, "ID": "c"})
    assert made.status_code == 201, made.text
    for user, status, code in (
        (context, 409, "User.CannotDeleteDefaultContextUser"),
        (party, 400, "Impersonation.CannotDeleteImpersonateeParty"),
    ):
        refused = await api.seller.delete(f"/v1/buyers/{buyer}/users/{user.id}")
        assert (refused.status_code, codes(refused)) == (status, [code])
        assert (await api.as_(user).get("/v1/me")).status_code == 200
    assert (await api.seller.delete("/v1/impersonationconfig/c")).status_code == 204
    assert (await api.seller.delete(f"/v1/buyers/{buyer}/users/{party.id}")).status_code == 204


async def test_move(api: Api) -> None:
    """USR-4: 201 with the user; memberships and user-level assignments stay behind; sessions end."""
    old, new = await api.buyer(), await api.buyer()
    user = await api.user(buyer=old, roles=["Shopper"], password=PASSWORD)
    await group_of(api, old, "g", user.id)
    caller = api.as_(user, roles=["Shopper"])
    assert (await caller.get("/v1/me")).status_code == 200
    path = f"/v1/buyers/{old}/users/{user.id}/moveto/{new}"
    for query, code in (("", "ValidationFailure"), ("?orders=Some", "List.InvalidType")):
        refused = await api.seller.post(path + query)
        assert (refused.status_code, codes(refused)) == (400, [code])
    moved = await api.seller.post(f"{path.upper().replace('V1', 'v1')}?orders=all")
    assert moved.status_code == 201, moved.text
    assert (moved.json()["CompanyID"], moved.json()["AvailableRoles"]) == (new, [])
    assert codes(await caller.get("/v1/me")) == ["Auth.TokenRevoked"]
    assert (await api.seller.get(f"/v1/buyers/{old}/users/{user.id}")).status_code == 404
    members = await api.value(
        "SELECT count(*) FROM user_group_members WHERE marketplace_id = $1 AND user_key = $2", user.key
    )
    assert members == 0
    token = (await api.login(user)).json()["access_token"]
    assert (await api.with_token(token).get("/v1/me")).json()["Buyer"]["ID"] == new


async def test_move_is_refused(api: Api) -> None:
    """USR-4, AUTH-73; a refused move changes nothing."""
    old, new = await api.buyer(), await api.buyer()
    context, party, twin = [await api.user(buyer=old) for _ in range(3)]
    await api.user(buyer=new, id=twin.id)
    client_id = await api.api_client(allow_any_buyer=True, default_context_user=context.key)
    config = {"ClientID": client_id, "SecurityProfileID": "full", "BuyerID": old, "UserID": party.id}
    assert (await api.seller.post("/v1/impersonationconfig", json=config)).status_code == 201
    for user, target, status, code in (
        (context.id, new, 400, "User.CannotMoveDefaultContextUser"),
        (party.id, new, 400, "User.CannotMoveDevImpersonationUser"),
        (twin.id, new, 409, "IdExists"),
        (twin.id, "nowhere", 404, "NotFound"),
        ("nobody", new, 404, "NotFound"),
    ):
        refused = await api.seller.post(f"/v1/buyers/{old}/users/{user}/moveto/{target}?orders=None")
        assert (refused.status_code, codes(refused)) == (status, [code])
    assert (await api.as_(twin).get("/v1/me")).json()["Buyer"]["ID"] == old


async def test_move_to_the_same_buyer_keeps_everything(api: Api) -> None:
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, roles=["Shopper"])
    moved = await api.seller.post(f"/v1/buyers/{buyer}/users/{user.id}/moveto/{buyer}?orders=None")
    assert (moved.status_code, moved.json()["AvailableRoles"]) == (201, ["Shopper"])
    assert (await api.as_(user).get("/v1/me")).status_code == 200


async def test_users_across_buyers(api: Api, other: Api) -> None:
    """USR-5: buyers' users alone, with the usual list options."""
    first, second = await api.buyer(), await api.buyer()
    for company in ({"buyer": first}, {"buyer": second}, {"supplier": await api.supplier()}, {}):
        await api.user(**company)
    await other.user(buyer=await other.buyer())
    listed = (await api.seller.get("/v1/buyerusers")).json()
    assert sorted(item["CompanyID"] for item in listed["Items"]) == sorted([first, second])
    assert listed["Meta"]["TotalCount"] == 2
    narrowed = (await api.seller.get(f"/v1/buyerusers?CompanyID={second}&sortBy=!Username")).json()
    assert [item["CompanyID"] for item in narrowed["Items"]] == [second]
    assert (await api.seller.get("/v1/buyerusers?LastName=nobody")).json()["Items"] == []


async def test_members_of_a_group(api: Api) -> None:
    """USR-5."""
    buyer = await api.buyer()
    member, _ = await api.user(buyer=buyer), await api.user(buyer=buyer)
    await group_of(api, buyer, "g", member.id)
    await group_of(api, buyer, "empty")
    for query, expected in (
        ("userGroupID=G", [member.id]),
        ("usergroupid=empty", []),
        ("userGroupID=no", []),
    ):
        listed = await api.seller.get(f"/v1/buyers/{buyer}/users?{query}")
        assert [item["ID"] for item in listed.json()["Items"]] == expected, query


async def test_who_may_administer_whom(api: Api, other: Api) -> None:
    """AUTH-52: own company only, the right kind of user only, this marketplace only."""
    buyer, foreign, supplier = await api.buyer(), await api.buyer(), await api.supplier()
    target, stranger = await api.user(buyer=buyer), await api.user(buyer=foreign)
    vendor, admin = await api.user(supplier=supplier), await api.user()
    buyers = api.as_(await api.user(buyer=buyer), roles=["FullAccess"])
    suppliers = api.as_(await api.user(supplier=supplier), roles=["FullAccess"])
    paths = {
        "own": f"/v1/buyers/{buyer}/users/{target.id}",
        "other buyer": f"/v1/buyers/{foreign}/users/{stranger.id}",
        "supplier": f"/v1/suppliers/{supplier}/users/{vendor.id}",
        "admin": f"/v1/adminusers/{admin.id}",
    }
    expected = {
        buyers: {"own": 204, "other buyer": 404, "supplier": 403, "admin": 403},
        suppliers: {"own": 403, "other buyer": 403, "supplier": 204, "admin": 403},
        other.seller: dict.fromkeys(paths, 404),
        api.seller: dict.fromkeys(paths, 204),
    }
    for caller, results in expected.items():
        for name, status in results.items():
            unlocked = await caller.post(f"{paths[name]}/unlock")
            revoked = await caller.delete(f"{paths[name]}/tokens")
            assert (unlocked.status_code, revoked.status_code) == (status, status), name
    for caller in (buyers, suppliers):
        assert (await caller.get("/v1/buyerusers")).status_code == 403
        assert (await caller.post(f"{paths['own']}/moveto/{foreign}?orders=None")).status_code == 403
    assert (await buyers.get(f"/v1/buyers/{foreign}/users")).status_code == 404
    for role, status in (("BuyerUserReader", 403), ("BuyerUserAdmin", 204)):
        caller = api.as_(admin, roles=[role], generation=1)
        assert (await caller.post(f"{paths['own']}/unlock")).status_code == status


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
async def test_missing_users_and_companies(api: Api, verb: str) -> None:
    """CONV-9: the outermost missing part of the path is named."""
    buyer = await api.buyer()
    suffix = "unlock" if verb == "POST" else "tokens"
    for path, missing in (
        (f"/v1/buyers/none/users/none/{suffix}", "Buyer"),
        (f"/v1/buyers/{buyer}/users/none/{suffix}", "User"),
        (f"/v1/suppliers/none/users/none/{suffix}", "Supplier"),
        (f"/v1/adminusers/none/{suffix}", "User"),
    ):
        refused = await api.seller.request(verb, path)
        assert refused.status_code == 404
        assert refused.json()["Errors"][0]["Data"]["ObjectType"] == missing


async def test_one_username_taken_at_once(api: Api) -> None:
    """HTTP-4: of concurrent creates one wins, the others are told why."""
    path = "/v1/adminusers"
    answers = await asyncio.gather(
        *(api.seller.post(path, json={**BODY, "ID": f"u{n}", "Username": "wanted"}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = [codes(answer) for answer in answers if answer.status_code == 409]
    assert refused == [["User.UsernameMustBeUnique"]] * 3
