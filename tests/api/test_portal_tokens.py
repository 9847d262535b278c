"""Tokens of a marketplace that the portal gives: as whom, with which roles, until when (PORT-12, PORT-13)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, claims_of, codes
from tests.api.portal import ROOT, Portal, Someone, owner_of, waiting
from tests.api.uniform.subjects import checked

from entrepot.domain.identity.roles import NO_ROLES, RoleSet, shared
from entrepot.features.people.credentials import default_users

RAISE = "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1"


async def token(someone: Someone, api: Api, **whom: str) -> dict[str, Any]:
    answer = await checked(
        someone.http.get(f"{ROOT}/organizations/{api.marketplace}/token", params=whom), 200
    )
    found: dict[str, Any] = answer.json()
    return found


async def test_port_13_the_owner_as_the_default_user(api: Api, portal: Portal) -> None:
    """FullAccess for eight hours, by which the marketplace can be looked after; the newer path gives the same."""
    owner = await owner_of(api, portal)
    given = await token(owner, api)
    assert (given["token_type"], given["expires_in"]) == ("bearer", 8 * 3600 - 1)
    assert (given["coreuser_roles"], given["portaluser_roles"], given["granted_roles"]) == ([], ["FullAccess"], ["FullAccess"])  # fmt: skip
    http = api.with_token(given["access_token"])
    me = (await http.get("/v1/me")).json()
    assert (me["FirstName"], me["LastName"], me["Email"], me["Seller"]["ID"]) == ("Default", "User", None, api.marketplace)  # fmt: skip
    await checked(http.put("/v1/buyers/b", json={"Name": "B", "Active": True}), 200)
    params = {"marketplaceID": api.marketplace.lower()}
    newer = (await checked(owner.http.get("/api/v2/marketplace/token", params=params), 200)).json()
    assert list(newer) == list(given)
    assert claims_of(newer["access_token"])["uid"] == claims_of(given["access_token"])["uid"]
    missing = await owner.http.get("/api/v2/marketplace/token")
    assert (missing.status_code, codes(missing)) == (400, ["ValidationFailure"])


async def test_it_is_new_in_a_marketplace_whose_clock_is_ahead(api: Api, portal: Portal) -> None:
    """Where tokens age by that clock, which the portal knows nothing of."""
    owner = await owner_of(api, portal)
    before = api.with_token((await token(owner, api))["access_token"])
    setting = {"Mode": "Frozen", "Moment": "2099-01-01", "Tokens": True}
    await checked(before.put("/entrepot/v1/clock", json=setting), 200)
    assert codes(await before.get("/v1/me")) == ["InvalidToken"]
    user = await api.user(roles=["MeReader"])
    for whom in ({}, {"clientid": api.client_id, "username": user.username}):
        http = api.with_token((await token(owner, api, **whom))["access_token"])
        assert (await http.get("/v1/me")).status_code == 200


async def test_port_7_nobody_else_gets_one(api: Api, other: Api, portal: Portal) -> None:
    """Neither another account, nor for a marketplace that there is not, nor without an owner."""
    owner, stranger = await owner_of(api, portal), await portal.someone()
    for someone, marketplace in (
        (stranger, api.marketplace),
        (owner, other.marketplace),
        (owner, "nothing"),
        (owner, "a b"),
    ):
        answer = await someone.http.get(f"{ROOT}/organizations/{marketplace}/token")
        assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
        assert answer.json()["Errors"][0]["Data"]["ObjectType"] == "Organization"
    kept = await other.rows("SELECT 1 FROM default_users WHERE marketplace_id = $1")
    assert kept == []


@pytest.mark.parametrize("kind", ["buyer", "supplier", "seller"])
async def test_port_12_as_one_of_its_users(api: Api, portal: Portal, kind: str) -> None:
    """The user's own roles, custom ones too, since the owner has all; `imp` names the account's default user."""
    owner = await owner_of(api, portal)
    company = {"buyer": {"buyer": await api.buyer()}, "supplier": {"supplier": await api.supplier()}}
    user = await api.user(**company.get(kind, {}), roles=["MeAdmin", "Shopper"], custom_roles=["Custom"])
    given = await token(owner, api, clientid=api.client_id, username=user.username.upper())
    assert given["coreuser_roles"] == given["granted_roles"] == ["MeAdmin", "Shopper", "Custom"]
    claims = claims_of(given["access_token"])
    assert (claims["usr"], claims["cid"], claims["u"]) == (
        user.username,
        api.client_id.lower(),
        str(user.key),
    )
    own = claims_of((await token(owner, api))["access_token"])
    assert claims["imp"] == f"-{own['uid']}"
    assert claims["exp"] - claims["iat"] == 8 * 3600
    http = api.with_token(given["access_token"])
    assert (await http.get("/v1/me")).json()["ID"] == user.id
    await checked(http.patch("/v1/me", json={"FirstName": "New"}), 200)


async def test_port_12_no_more_than_the_client_gives(api: Api, portal: Portal) -> None:
    owner = await owner_of(api, portal)
    user = await api.user(buyer=await api.buyer(), roles=["MeAdmin", "Shopper"])
    limits = {"MaximumGrantedRoles": ["Shopper"]}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=limits), 200)
    given = await token(owner, api, clientid=api.client_id, username=user.username)
    assert (given["coreuser_roles"], given["granted_roles"]) == (["MeAdmin", "Shopper"], ["Shopper"])


async def test_port_12_refusals(api: Api, other: Api, portal: Portal) -> None:
    """A client and a user of this marketplace, both active, the user one of those whom the client admits."""
    owner = await owner_of(api, portal)
    user, gone = [await api.user(buyer=await api.buyer()) for _ in range(2)]
    closed = await api.api_client(allow_seller=True)
    await checked(api.seller.patch(f"/v1/buyers/{gone.company}/users/{gone.id}", json={"Active": False}), 200)
    shut = await api.user(buyer=await api.buyer(active=False))

    async def refusal(**whom: str) -> tuple[int, list[str]]:
        answer = await owner.http.get(f"{ROOT}/organizations/{api.marketplace}/token", params=whom)
        return answer.status_code, codes(answer)

    assert await refusal(username=user.username) == (400, ["ValidationFailure"])
    for client in (other.client_id, "no-guid", "x" * 300):
        assert await refusal(clientid=client, username=user.username) == (404, ["NotFound"])
    for username in ("nobody", "x" * 300):
        assert await refusal(clientid=api.client_id, username=username) == (404, ["NotFound"])
    assert await refusal(clientid=closed, username=user.username) == (404, ["NotFound"])
    assert (await refusal(clientid=api.client_id, username=gone.username))[1][0] == "Auth.UserNotActive"
    assert (await refusal(clientid=api.client_id, username=shut.username))[1][0] == "Auth.CompanyNotActive"
    await checked(api.seller.patch(f"/v1/apiclients/{closed}", json={"Active": False, "AllowAnyBuyer": True}), 200)  # fmt: skip
    assert (await refusal(clientid=closed, username=user.username))[1][-1] == "Auth.ClientNotActive"


async def test_tokens_end_with_what_gives_them(api: Api, portal: Portal) -> None:
    """All that the account has of the marketplace, also what it asked for in a user's name; and the user's revocation ends that."""
    owner = await owner_of(api, portal)
    user = await api.user(buyer=await api.buyer(), roles=["Shopper"])

    async def both() -> list[httpx.AsyncClient]:
        as_user = await token(owner, api, clientid=api.client_id, username=user.username)
        return [
            api.with_token((await token(owner, api))["access_token"]),
            api.with_token(as_user["access_token"]),
        ]

    async def states(clients: list[httpx.AsyncClient]) -> list[int]:
        return [(await each.get("/v1/me")).status_code for each in clients]

    first = await both()
    assert await states(first) == [200, 200]
    await checked(api.seller.delete(f"/v1/buyers/{user.company}/users/{user.id}/tokens"), 204)
    assert await states(first) == [200, 401]
    second = await both()
    await default_users.end_tokens(api.server.database, api.marketplace_id, [owner.key])
    await api.execute(RAISE)
    assert await states(second) == [401, 401]
    third = await both()
    assert await states(third) == [200, 200]
    change = {"CurrentPassword": PASSWORD, "NewPassword": "An0ther-passw0rd"}
    await checked(owner.http.put(f"{ROOT}/me/password", json=change), 200)
    assert await states(third) == [401, 401]
    assert await states(await both()) == [200, 200]


async def test_no_token_is_given_by_a_session_that_has_just_ended(api: Api, portal: Portal) -> None:
    """The password changes while a token is made: what ends with the former one was there before the default user was."""
    owner = await owner_of(api, portal)
    signed_in = (await portal.sign_in(owner.username)).json()["access_token"]
    making = """
    INSERT INTO default_users (marketplace_id, "ID", account_key, "DateCreated") VALUES ($1, 'x', $2, now())
    """
    with suppress(InterruptedError):
        async with api.server.database.unit(api.marketplace_id) as connection:
            await connection.execute(making, api.marketplace_id, owner.key)
            asked = asyncio.create_task(owner.http.get(f"{ROOT}/organizations/{api.marketplace}/token"))
            await waiting(portal, 1)
            change = {"CurrentPassword": PASSWORD, "NewPassword": "An0ther-passw0rd"}
            await checked((await portal.calls(signed_in)).put(f"{ROOT}/me/password", json=change), 200)
            raise InterruptedError
    refused = await asked
    assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])


async def test_no_token_is_given_while_the_password_changes(api: Api, portal: Portal) -> None:
    """Who asks by a session that is being ended waits for its end."""
    owner = await owner_of(api, portal)
    await token(owner, api)
    signed_in = (await portal.sign_in(owner.username)).json()["access_token"]
    change = {"CurrentPassword": PASSWORD, "NewPassword": "An0ther-passw0rd"}
    async with api.server.database.unit(api.marketplace_id) as connection:
        await connection.execute("LOCK TABLE default_users IN SHARE MODE")
        http = await portal.calls(signed_in)
        changing = asyncio.create_task(http.put(f"{ROOT}/me/password", json=change))
        await waiting(portal, 1)
        asked = asyncio.create_task(owner.http.get(f"{ROOT}/organizations/{api.marketplace}/token"))
        await waiting(portal, 2, or_done=asked)
    assert (await changing).status_code == 200
    refused = await asked
    assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])


async def test_tokens_end_with_a_forgotten_password(api: Api, portal: Portal) -> None:
    """Whoever knew it may have asked for them."""
    owner, stranger = await owner_of(api, portal), await portal.someone()
    http = api.with_token((await token(owner, api))["access_token"])
    for someone, after in ((stranger, 200), (owner, 401)):
        await checked(portal.http.post(f"{ROOT}/forgotpassword", json={"Email": someone.email}), 204)
        body = {"Email": someone.email, "Code": await portal.code(someone.email), "Password": "An0ther-pass"}
        await checked(portal.http.post(f"{ROOT}/resetpassword", json=body), 200)
        assert (await http.get("/v1/me")).status_code == after


def test_port_12_roles_that_both_have() -> None:
    """FullAccess of one side is no limit to the other."""
    full, some = RoleSet.of(["FullAccess"]), RoleSet.of(["Shopper", "MeAdmin"], ["A", "b"])
    other = RoleSet.of(["MeAdmin", "OrderAdmin"], ["B", "C"])
    assert shared(full, some) == shared(some, full) == some
    assert shared(full, full) == full
    assert shared(some, other) == RoleSet.of(["MeAdmin"], ["b"])
    assert shared(some, NO_ROLES) == NO_ROLES
