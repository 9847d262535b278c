"""The password grant: who may log in, with which password, how often (AUTH-11 to AUTH-14, AUTH-40, AUTH-59, AUTH-62)."""

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, User, claims_of, codes

from entrepot.features.people.credentials.one_time_passwords import one_time_password_digest
from entrepot.features.people.credentials.passwords import Argon2Parameters, PasswordHasher

LOCKOUT = 10


async def test_auth_11_e6_is_byte_identical_and_costs_the_same(api: Api, monkeypatch: Any) -> None:
    """Unknown name, wrong password and no password at all: one body, one slow hash, the same statements."""
    known, without = await api.shopper(), await api.shopper(password=None)
    hashes: list[bool] = []
    verify = PasswordHasher._verify

    def counted(self: PasswordHasher, stored: str | None, password: str) -> bool:
        hashes.append(stored is not None)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "_verify", counted)
    names = ["nobody", known.username, without.username, "x" * 5000, "nul\0", "%00", "ü"]
    answers = [await api.login(name, "wrong password") for name in names]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {400}
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
    assert len(hashes) == len(names)


@pytest.mark.parametrize("table", ["users", "buyers", "suppliers", "marketplaces"])
async def test_auth_10_e9_inactive(api: Api, table: str) -> None:
    company = {"supplier": await api.supplier()} if table == "suppliers" else {"buyer": await api.buyer()}
    user = await api.user(**company, password=PASSWORD)
    if table == "users":
        await api.deactivate(user.key)
    else:
        named = api.marketplace if table == "marketplaces" else user.company
        await api.execute(
            f'UPDATE {table} SET "Active" = false WHERE marketplace_id = $1 AND "ID" = $2', named
        )
    answer = await api.login(user)
    code = {"users": "Auth.UserNotActive", "marketplaces": "Auth.SellerNotActive"}.get(
        table, "Auth.CompanyNotActive"
    )
    assert answer.status_code == 400
    assert codes(answer) == [code]
    if table != "marketplaces":
        # Only the right password learns of it.
        assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials"


async def test_auth_40_e7_whom_a_client_admits(api: Api) -> None:
    buyer, supplier = await api.buyer(), await api.supplier()
    users = {
        "seller": await api.user(password=PASSWORD),
        "buyer": await api.user(buyer=buyer, password=PASSWORD),
        "supplier": await api.user(supplier=supplier, password=PASSWORD),
    }
    client = await api.api_client()
    for admitted, who in (
        ({}, set()),
        ({"AllowSeller": True}, {"seller"}),
        ({"AllowAnyBuyer": True}, {"buyer"}),
        ({"AllowAnySupplier": True, "AllowSeller": True}, {"supplier", "seller"}),
    ):
        switches = {"AllowSeller": False, "AllowAnyBuyer": False, "AllowAnySupplier": False, **admitted}
        await api.seller.patch(f"/v1/apiclients/{client}", json=switches)
        for name, user in users.items():
            answer = await api.login(user, client_id=client)
            assert answer.status_code == (200 if name in who else 401), (admitted, name)
            if name not in who:
                assert codes(answer) == ["InvalidGrant", "Auth.OauthError"]
                assert answer.json()["error"] == "invalid_grant"
    # An assignment opens it to one company.
    switches = {"AllowSeller": False, "AllowAnyBuyer": False, "AllowAnySupplier": False}
    await api.seller.patch(f"/v1/apiclients/{client}", json=switches)
    for assigned in ({"BuyerID": buyer}, {"SupplierID": supplier}):
        body = {"ApiClientID": client, **assigned}
        assert (await api.seller.post("/v1/apiclients/assignments", json=body)).status_code == 204
    assert (await api.login(users["buyer"], client_id=client)).status_code == 200
    assert (await api.login(users["supplier"], client_id=client)).status_code == 200
    stranger = await api.user(buyer=await api.buyer(), password=PASSWORD)
    assert (await api.login(stranger, client_id=client)).status_code == 401


async def with_policy(api: Api, user: User, **config: Any) -> None:
    """A profile of the user's own that holds nothing but password rules."""
    profile = await api.seller.post(
        "/v1/securityprofiles", json={"Name": "rules", "Roles": [], "PasswordConfig": config}
    )
    assert profile.status_code == 201, profile.text
    body = {"SecurityProfileID": profile.json()["ID"], "UserID": user.id, "BuyerID": user.company}
    assert (await api.seller.post("/v1/securityprofiles/assignments", json=body)).status_code == 204


async def test_auth_59_e10_password_too_old(api: Api) -> None:
    user = await api.shopper()
    await with_policy(api, user, MaximumPasswordAge=30)
    api.server.clock.advance(days=29)
    assert (await api.login(user)).status_code == 200
    api.server.clock.advance(days=2)
    answer = await api.login(user)
    assert (answer.status_code, codes(answer)) == (400, ["Auth.PasswordExpired"])


async def test_auth_59_e11_password_no_longer_secure(api: Api) -> None:
    user = await api.shopper(password="abcdefGHI1")
    assert (await api.login(user, "abcdefGHI1")).status_code == 200
    await with_policy(
        api,
        user,
        MinimumCharacterCount=12,
        UpperCaseRequired=True,
        SpecialCharacterRequired=True,
        NumericRequired=True,
    )
    answer = await api.login(user, "abcdefGHI1")
    assert answer.status_code == 400
    assert codes(answer) == ["Auth.InsecurePassword"]
    assert answer.json()["Errors"][0]["Data"] == {
        "MinimumCharacterCount": 12,
        "UpperCaseRequired": True,
        "SpecialCharacterRequired": True,
        "NumericRequired": True,
    }


async def test_auth_18_e12_minimum_roles(api: Api) -> None:
    user = await api.shopper()
    client = await api.api_client(allow_any_buyer=True)
    path = f"/v1/apiclients/{client}"
    await api.seller.patch(path, json={"MinimumRequiredRoles": ["Shopper", "MeAddressAdmin"]})
    answer = await api.login(user, client_id=client)
    assert (answer.status_code, codes(answer)) == (400, ["Auth.InsufficientRoles"])
    await api.seller.patch(path, json={"MinimumRequiredRoles": ["MeAdmin", "Shopper"]})
    assert (await api.login(user, client_id=client)).status_code == 200


async def test_auth_62_lockout_worked_example(api: Api) -> None:
    """Attempts 1 to 9 E6, the 10th E6 and locks, then E8 for two minutes, then the right password works."""
    user = await api.shopper()
    for attempt in range(1, LOCKOUT + 1):
        assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials", attempt
        shown = (await api.seller.get(f"/v1/buyers/{user.company}/users/{user.id}")).json()
        assert shown["FailedLoginAttempts"] == attempt
    for password in (PASSWORD, "wrong"):
        answer = await api.login(user, password)
        assert (answer.status_code, codes(answer)) == (400, ["Auth.LockedOut"])
    api.server.clock.advance(seconds=121)
    assert codes(await api.login(user, "wrong"))[0] == "InvalidCredentials"
    assert (await api.login(user)).status_code == 200
    stored = (
        await api.rows(
            'SELECT "FailedLoginAttempts", locked_until FROM users WHERE marketplace_id = $1 AND key = $2',
            user.key,
        )
    )[0]
    assert tuple(stored) == (0, None)


async def test_names_that_nobody_has_lock_alike(
    api: Api, other: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security 23: the same answers in the same order, at once and one by one, in any spelling; a hash before each of them;
    not for other marketplaces; and whoever then gets the name is not locked.
    """
    user = await api.shopper()
    hashed: list[str] = []
    verify = PasswordHasher.verify

    async def counted(self: PasswordHasher, stored: str | None, password: str, **more: Any) -> bool:
        hashed.append(password)
        return await verify(self, stored, password, **more)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in (user.username, "nobody@nowhere"):
        answers = [await api.login(name if n % 2 else name.upper(), "wrong") for n in range(LOCKOUT + 3)]
        assert [(answer.status_code, codes(answer)[-1]) for answer in answers] == [
            *[(400, "Auth.InvalidUsernameOrPassword")] * LOCKOUT,
            *[(400, "Auth.LockedOut")] * 3,
        ], name
        assert len({answer.content for answer in answers[LOCKOUT:]}) == 1
        assert len(hashed) == LOCKOUT + 3, name
        hashed.clear()
    assert codes(await other.login("nobody@nowhere", "wrong"))[-1] == "Auth.InvalidUsernameOrPassword"
    at_once = await asyncio.gather(*(api.login("no-one@nowhere", "wrong") for _ in range(25)))
    assert [codes(answer)[-1] for answer in at_once].count("Auth.LockedOut") == 25 - LOCKOUT
    api.server.clock.advance(seconds=121)
    assert codes(await api.login("nobody@nowhere", "wrong"))[-1] == "Auth.InvalidUsernameOrPassword"
    stored = str(await api.rows("SELECT * FROM refused_names WHERE marketplace_id = $1"))
    assert "nowhere" not in stored
    new = await api.user(password=PASSWORD, id="no-one")
    await api.execute(
        "UPDATE users SET \"Username\" = 'no-one@nowhere' WHERE marketplace_id = $1 AND key = $2", new.key
    )
    assert (await api.login("no-one@nowhere")).status_code == 200


async def test_auth_62_lock_without_end_until_unlocked(api: Api) -> None:
    user = await api.shopper()
    await with_policy(api, user, AllowedFailedAttempts=2, LockoutDuration=0)
    for _ in range(2):
        await api.login(user, "wrong")
    api.server.clock.advance(days=400)
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    unlocked = await api.seller.post(f"/v1/buyers/{user.company}/users/{user.id}/unlock")
    assert unlocked.status_code == 204
    assert (await api.login(user)).status_code == 200


async def test_auth_62_guesses_sent_at_once_are_all_counted(api: Api) -> None:
    """Not one more than the limit is judged, however many come before the first is answered."""
    user = await api.shopper()
    answers = await asyncio.gather(*(api.login(user, "wrong") for _ in range(25)))
    refused = [codes(answer)[0] for answer in answers]
    assert refused.count("InvalidCredentials") == LOCKOUT
    assert refused.count("Auth.LockedOut") == 25 - LOCKOUT
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    failed = await api.value(
        'SELECT "FailedLoginAttempts" FROM users WHERE marketplace_id = $1 AND key = $2', user.key
    )
    assert failed == LOCKOUT


async def give_one_time_password(api: Api, user: User, value: str, minutes: int = 10) -> None:
    digest = one_time_password_digest(
        api.server.box, api.marketplace_id, user.key, api.client_id.lower(), value
    )
    await api.execute(
        'INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at) '
        "VALUES ($1, $2, 'one_time_password', $3, $4, now() + make_interval(mins => $5))",
        user.key,
        api.client_id,
        digest,
        minutes,
    )


async def test_auth_68_one_time_password(api: Api) -> None:
    """Good once, beside the normal password, whatever the rules say about passwords; not on another client."""
    user = await api.shopper(password="abcdefGHI1")
    await with_policy(api, user, MinimumCharacterCount=30)
    await give_one_time_password(api, user, "ABCDE23456")
    other = await api.api_client(allow_any_buyer=True)
    assert codes(await api.login(user, "ABCDE23456", client_id=other))[0] == "InvalidCredentials"
    both = await asyncio.gather(*(api.login(user, "ABCDE23456") for _ in range(4)))
    assert sorted(answer.status_code for answer in both) == [200, 400, 400, 400]
    assert codes(await api.login(user, "ABCDE23456"))[0] == "InvalidCredentials"
    assert codes(await api.login(user, "abcdefGHI1")) == ["Auth.InsecurePassword"]


async def test_auth_68_one_time_password_of_a_user_without_password_ends(api: Api) -> None:
    user = await api.shopper(password=None)
    await give_one_time_password(api, user, "ABCDE23456")
    api.server.clock.advance(minutes=11)
    assert codes(await api.login(user, "ABCDE23456"))[0] == "InvalidCredentials"


async def test_auth_13_success_sets_last_active_and_renews_the_hash(api: Api) -> None:
    user = await api.shopper()
    stronger = PasswordHasher(Argon2Parameters(memory_kib=16, passes=2), threads=1)
    old = await stronger.hash(PASSWORD)
    stronger.close()
    await api.execute(
        "UPDATE users SET password_hash = $3 WHERE marketplace_id = $1 AND key = $2", user.key, old
    )
    assert (await api.login(user)).status_code == 200
    row = (
        await api.rows(
            'SELECT password_hash, "LastActive" FROM users WHERE marketplace_id = $1 AND key = $2', user.key
        )
    )[0]
    assert row["password_hash"] != old
    assert "m=8,t=1" in row["password_hash"]
    assert row["LastActive"] is not None
    assert (await api.login(user)).status_code == 200


async def test_passwords_and_refresh_tokens_are_not_in_the_database(api: Api) -> None:
    user = await api.shopper()
    token = (await api.login(user)).json()["refresh_token"]
    stored = await api.rows("SELECT u::text FROM users u WHERE marketplace_id = $1")
    stored += await api.rows("SELECT t::text FROM refresh_tokens t WHERE marketplace_id = $1")
    text = "".join(row[0] for row in stored)
    assert "$argon2id$" in text
    for secret in (PASSWORD, token, token.encode().hex()):
        assert secret not in text


async def test_two_marketplaces_may_have_the_same_username(api: Api, other: Api) -> None:
    """The client says whose users are meant."""
    here, there = (
        await api.user(id="same", password=PASSWORD),
        await other.user(id="same", password="Other1234567"),
    )
    assert here.username == there.username
    assert (await api.login("same@seller")).status_code == 200
    assert codes(await other.login("same@seller"))[0] == "InvalidCredentials"
    claims = claims_of((await other.login("same@seller", "Other1234567")).json()["access_token"])
    assert (claims["u"], claims["mid"]) == (str(there.key), str(other.marketplace_id))
