"""Password rules through the API (AUTH-55 to AUTH-61, AUTH-69)."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, User, codes

BODY = {"FirstName": "F", "LastName": "L", "Email": "f@example.com", "Active": True}
MINIMUM = {
    "MinimumCharacterCount": 10,
    "UpperCaseRequired": True,
    "LowerCaseRequired": True,
    "NumericRequired": True,
}
ORDER_ID = "qXswHcgcmE-PRuaJrtuBkA"


async def profile(api: Api, config: dict[str, Any], **party: str) -> None:
    """A security profile with password rules alone, assigned to a party."""
    made = await api.seller.post("/v1/securityprofiles", json={"Name": "rules", "PasswordConfig": config})
    assert made.status_code == 201, made.text
    body = {"SecurityProfileID": made.json()["ID"], **party}
    assigned = await api.seller.post("/v1/securityprofiles/assignments", json=body)
    assert assigned.status_code == 204, assigned.text


async def by_token(api: Api, user: User, password: str) -> httpx.Response:
    return await api.as_(user, roles=["PasswordReset"]).post(
        "/v1/me/password", json={"NewPassword": password}
    )


async def by_patch(api: Api, user: User, password: str) -> httpx.Response:
    return await api.as_(user, roles=["MeAdmin"]).patch("/v1/me", json={"Password": password})


async def by_put(api: Api, user: User, password: str) -> httpx.Response:
    body = {**BODY, "Username": user.username, "Password": password}
    return await api.as_(user, roles=["MeAdmin"]).put("/v1/me", json=body)


Change = Callable[[Api, User, str], Awaitable[httpx.Response]]
OWN_CHANGES = pytest.mark.parametrize("change", [by_token, by_patch, by_put])


@pytest.mark.parametrize("password", ["Short1a", "alllowercase1", "ALLUPPERCASE1", "NoDigitsAtAll"])
async def test_insecure_password_creates_nobody(api: Api, password: str) -> None:
    """AUTH-55, AUTH-58, AUTH-59: all requirements in force are told, and nothing is written."""
    buyer = await api.buyer()
    path = f"/v1/buyers/{buyer}/users"
    for send in (
        api.seller.post(path, json={**BODY, "Username": "weak", "Password": password}),
        api.seller.put(f"{path}/weak", json={**BODY, "Username": "weak", "Password": password}),
    ):
        refused = await send
        assert refused.status_code == 400
        error = refused.json()["Errors"][0]
        assert (error["ErrorCode"], error["Data"]) == ("PasswordReset.InsecurePassword", MINIMUM)
    assert (await api.seller.get(path)).json()["Items"] == []


async def test_company_rules_alone_hold_at_creation_and_all_rules_later(api: Api) -> None:
    """AUTH-57, AUTH-59: a new user is in no group yet; a change is judged by every profile, the strictest value each."""
    buyer = await api.buyer()
    path = f"/v1/buyers/{buyer}"
    await profile(api, {"MinimumCharacterCount": 12}, BuyerID=buyer)
    refused = await api.seller.post(
        f"{path}/users", json={**BODY, "Username": "u", "Password": "Elevenchar1"}
    )
    assert refused.json()["Errors"][0]["Data"] == {**MINIMUM, "MinimumCharacterCount": 12}
    await api.seller.put(f"{path}/usergroups/g", json={"Name": "g"})
    await profile(api, {"MaxConsecutiveDupeChars": 2}, BuyerID=buyer, UserGroupID="g")
    made = await api.seller.post(
        f"{path}/users", json={**BODY, "ID": "u", "Username": "u", "Password": "Abcccd1234567"}
    )
    assert made.status_code == 201, made.text

    joined = await api.seller.post(f"{path}/usergroups/assignments", json={"UserID": "u", "UserGroupID": "g"})
    assert joined.status_code == 204
    login = await api.login("u", "Abcccd1234567")
    assert (login.status_code, codes(login)) == (400, ["Auth.InsecurePassword"])
    strictest = {**MINIMUM, "MinimumCharacterCount": 12, "MaxConsecutiveDupeChars": 2}
    assert login.json()["Errors"][0]["Data"] == strictest
    for password, status in (("Abcccd1234567", 400), ("Abccd123456", 400), ("Abccd1234567", 200)):
        changed = await api.seller.patch(f"{path}/users/u", json={"Password": password})
        assert changed.status_code == status, password
    assert (await api.login("u", "Abccd1234567")).status_code == 200


async def test_worked_example_of_two_profiles(api: Api) -> None:
    """AUTH-57 worked: P1 {10, dupes 1} + P2 {12, dupes 3} = {12, dupes 1}; ccc is two too many."""
    user = await api.user(password=PASSWORD)
    await profile(api, {"MinimumCharacterCount": 10, "MaxConsecutiveDupeChars": 1}, UserID=user.id)
    await profile(api, {"MinimumCharacterCount": 12, "MaxConsecutiveDupeChars": 3}, UserID=user.id)
    path = f"/v1/adminusers/{user.id}"
    refused = await api.seller.patch(path, json={"Password": "Abcccd12345"})
    expected = {**MINIMUM, "MinimumCharacterCount": 12, "MaxConsecutiveDupeChars": 1}
    assert refused.json()["Errors"][0]["Data"] == expected
    assert (await api.seller.patch(path, json={"Password": "Abcdef123456"})).status_code == 200


async def test_three_classes_of_own_choice(api: Api) -> None:
    """AUTH-57: {Upper, Numeric, Special} has three classes, so lower case is not demanded."""
    user = await api.user()
    classes = {"UpperCaseRequired": True, "NumericRequired": True, "SpecialCharacterRequired": True}
    await profile(api, classes, UserID=user.id)
    path = f"/v1/adminusers/{user.id}"
    assert (await api.seller.patch(path, json={"Password": "ABCDEF-12345"})).status_code == 200
    assert (await api.seller.patch(path, json={"Password": "Abcdef123456"})).status_code == 400


@OWN_CHANGES
async def test_own_password(api: Api, change: Change) -> None:
    """AUTH-69: the old password is not asked for, tokens stay valid, the rules hold."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, password=PASSWORD)
    token = (await api.login(user)).json()["access_token"]
    weak = await change(api, user, "weak")
    assert (weak.status_code, codes(weak)) == (400, ["PasswordReset.InsecurePassword"])
    assert weak.json()["Errors"][0]["Data"] == MINIMUM
    changed = await change(api, user, "My-own-passw0rd")
    assert changed.status_code in (200, 204), changed.text
    assert (await api.with_token(token).get("/v1/me")).status_code == 200
    assert (await api.login(user)).status_code == 400
    assert (await api.login(user, "My-own-passw0rd")).status_code == 200


@OWN_CHANGES
async def test_reuse(api: Api, change: Change) -> None:
    """AUTH-60: the last n passwords including the current one."""
    user = await api.user(password="Password-0")
    await profile(api, {"LimitPasswordReuse": 3}, UserID=user.id)
    for number in (1, 2, 3):
        assert (await change(api, user, f"Password-{number}")).status_code in (200, 204)
    for number in (1, 2, 3):
        refused = await change(api, user, f"Password-{number}")
        assert (refused.status_code, codes(refused)) == (400, ["PasswordReset.CannotReusePassword"])
    assert (await change(api, user, "Password-0")).status_code in (200, 204)
    refused = await change(api, user, "Password-2")
    assert codes(refused) == ["PasswordReset.CannotReusePassword"]
    assert (await change(api, user, "Password-1")).status_code in (200, 204)


@OWN_CHANGES
async def test_too_soon(api: Api, change: Change) -> None:
    """AUTH-60: MinimumPasswordAge in minutes, since the password was last set by whomever."""
    user = await api.user(password=PASSWORD)
    await profile(api, {"MinimumPasswordAge": 5}, UserID=user.id)
    for expected in (True, False):
        changed = await change(api, user, "Another-passw0rd")
        if expected:
            assert (changed.status_code, codes(changed)) == (400, ["PasswordReset.TooSoonToChange"])
            api.server.clock.advance(minutes=5)
        else:
            assert changed.status_code in (200, 204)
    again = await change(api, user, "A-third-passw0rd")
    assert codes(again) == ["PasswordReset.TooSoonToChange"]


async def test_administrators_are_held_to_strength_alone(api: Api) -> None:
    """AUTH-60: reuse and age are rules for users who change their own password."""
    user = await api.user(password=PASSWORD)
    await profile(api, {"MinimumPasswordAge": 60, "LimitPasswordReuse": 24}, UserID=user.id)
    for _ in range(2):
        changed = await api.seller.patch(f"/v1/adminusers/{user.id}", json={"Password": PASSWORD})
        assert changed.status_code == 200
    assert (await api.login(user)).status_code == 200


async def test_passwords_set_by_administrators_count_as_used(api: Api) -> None:
    """AUTH-60: the history is the user's, whoever set the password."""
    user = await api.user(password="Password-0")
    await profile(api, {"LimitPasswordReuse": 2}, UserID=user.id)
    await api.seller.patch(f"/v1/adminusers/{user.id}", json={"Password": "Password-1"})
    for number in (0, 1):
        assert codes(await by_token(api, user, f"Password-{number}")) == ["PasswordReset.CannotReusePassword"]
    assert (await by_token(api, user, "Password-2")).status_code == 204


async def test_history_is_bounded(api: Api) -> None:
    """No more than the largest LimitPasswordReuse is kept."""
    user = await api.user(password="Password-0")
    for number in range(1, 28):
        assert (await by_token(api, user, f"Password-{number}")).status_code == 204
    kept = await api.value(
        "SELECT count(*) FROM password_history WHERE marketplace_id = $1 AND user_key = $2", user.key
    )
    assert kept == 24


async def test_password_expires(api: Api) -> None:
    """AUTH-61, E10: after MaximumPasswordAge days; a new one begins anew."""
    user = await api.user(password=PASSWORD)
    await profile(api, {"MaximumPasswordAge": 30}, UserID=user.id)
    api.server.clock.advance(days=30, minutes=1)
    assert codes(await api.login(user)) == ["Auth.PasswordExpired"]
    assert (await by_token(api, user, "Another-passw0rd")).status_code == 204
    assert (await api.login(user, "Another-passw0rd")).status_code == 200


async def test_who_may_set_the_own_password(api: Api) -> None:
    """AUTH-35, AUTH-69: every kind of user with PasswordReset; no guest."""
    buyer, supplier = await api.buyer(), await api.supplier()
    users = [await api.user(buyer=buyer), await api.user(supplier=supplier), await api.user()]
    for user in users:
        refused = await api.as_(user, roles=["MeAdmin"]).post(
            "/v1/me/password", json={"NewPassword": PASSWORD}
        )
        assert (refused.status_code, codes(refused)) == (403, ["Auth.InsufficientRoles"])
        assert (await by_token(api, user, PASSWORD)).status_code == 204
        assert (await api.login(user)).status_code == 200
    guest = api.as_(users[0], roles=["PasswordReset"], order_id=ORDER_ID)
    refused = await guest.post("/v1/me/password", json={"NewPassword": PASSWORD})
    assert (refused.status_code, codes(refused)) == (403, ["Auth.AnonUserProhibited"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "Request.InvalidRequestBody"),
        (b"[]", "Request.InvalidRequestBody"),
        (b"{", "Request.InvalidRequestBody"),
        (b"{}", "ValidationFailure"),
        (b'{"NewPassword":null}', "ValidationFailure"),
        (b'{"NewPassword":{}}', "ValidationFailure"),
        (b'{"NewPassword":1234567890123}', "PasswordReset.InsecurePassword"),
    ],
)
async def test_bad_bodies(api: Api, body: bytes, code: str) -> None:
    caller = api.as_(await api.user(password=PASSWORD), roles=["PasswordReset"])
    refused = await caller.post("/v1/me/password", content=body)
    assert (refused.status_code, codes(refused)) == (400, [code])


@pytest.mark.parametrize("password", ["Password123", "Qwerty12345", "Aa1aaaaaaa", "{username}A1"])
async def test_passwords_that_are_guessed_first(api: Api, password: str) -> None:
    """Security 30: refused as too weak by whoever sets them, but never at a login that was good before."""
    user = await api.user(password=PASSWORD)
    own, path = api.as_(user, roles=["MeAdmin", "PasswordReset"]), f"/v1/adminusers/{user.id}"
    weak = password.format(username=user.username)
    answers = [
        await api.seller.patch(path, json={"Password": weak}),
        await own.patch("/v1/me", json={"Password": weak}),
        await own.post("/v1/me/password", json={"NewPassword": weak}),
    ]
    for answer in answers:
        assert (answer.status_code, codes(answer)) == (400, ["PasswordReset.InsecurePassword"]), answer.text
        assert answer.json()["Errors"][0]["Data"]["MinimumCharacterCount"] == 10
    old = await api.user(password=weak)
    assert (await api.login(old, weak)).status_code == 200
