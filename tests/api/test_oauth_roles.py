"""Roles in tokens, and the grants without a password (AUTH-8, AUTH-9, AUTH-15 to AUTH-20, AUTH-33)."""

import re
from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, User, claims_of, codes


def roles_of(token: str) -> set[str]:
    role = claims_of(token).get("role", [])
    return {role} if isinstance(role, str) else set(role)


async def test_auth_17_roles_of_company_group_and_user_together(api: Api) -> None:
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, roles=["MeAdmin"], custom_roles=["Own"], password=PASSWORD)
    seller = api.seller
    for profile, roles, custom in (("c", ["Shopper"], ["Company"]), ("g", ["MeXpAdmin"], [])):
        body = {"ID": profile, "Name": profile, "Roles": roles, "CustomRoles": custom}
        assert (await seller.post("/v1/securityprofiles", json=body)).status_code == 201
    await seller.post(f"/v1/buyers/{buyer}/usergroups", json={"ID": "group", "Name": "G"})
    await seller.post(
        f"/v1/buyers/{buyer}/usergroups/assignments", json={"UserGroupID": "group", "UserID": user.id}
    )
    for given in (
        {"SecurityProfileID": "c", "BuyerID": buyer},
        {"SecurityProfileID": "g", "BuyerID": buyer, "UserGroupID": "group"},
    ):
        assert (await seller.post("/v1/securityprofiles/assignments", json=given)).status_code == 204
    # AUTH-16: no scope asks for all, custom ones included; so does a blank one.
    for scope in ({}, {"scope": ""}, {"scope": "  "}):
        token = (await api.login(user, **scope)).json()["access_token"]
        assert roles_of(token) == {"MeAdmin", "Own", "Shopper", "Company", "MeXpAdmin"}
    # AUTH-15, AUTH-20: the rest is dropped, case does not matter, the canonical spelling is given.
    token = (await api.login(user, scope="SHOPPER undefined own BuyerAdmin")).json()["access_token"]
    assert roles_of(token) == {"Shopper", "Own"}


async def test_auth_17_full_access_reaches_every_api_role(api: Api) -> None:
    user = await api.user(roles=["FullAccess"], password=PASSWORD)
    token = (await api.login(user, scope="ProductAdmin InventoryAdmin Custom")).json()["access_token"]
    assert roles_of(token) == {"ProductAdmin"}
    assert claims_of(token)["role"] == "ProductAdmin"


async def test_auth_17_a_custom_role_is_no_api_role(api: Api) -> None:
    user = await api.user(custom_roles=["fullaccess", "Foo"], password=PASSWORD)
    assert roles_of((await api.login(user)).json()["access_token"]) == {"Foo"}


async def test_auth_18_worked_example(api: Api) -> None:
    user = await api.user(
        buyer=await api.buyer(), roles=["Shopper", "MeAdmin"], custom_roles=["FooRole"], password=PASSWORD
    )
    client = await api.api_client(allow_any_buyer=True)
    await api.seller.patch(f"/v1/apiclients/{client}", json={"MaximumGrantedRoles": ["Shopper"]})
    assert roles_of((await api.login(user, client_id=client)).json()["access_token"]) == {
        "Shopper",
        "FooRole",
    }
    await api.seller.patch(f"/v1/apiclients/{client}", json={"MaximumGrantedCustomRoles": ["Bar"]})
    assert roles_of((await api.login(user, client_id=client)).json()["access_token"]) == {"Shopper"}


async def test_auth_19_a_token_without_roles_opens_me(api: Api) -> None:
    user = await api.user(buyer=await api.buyer(), password=PASSWORD)
    token = (await api.login(user)).json()["access_token"]
    assert "role" not in claims_of(token)
    caller = api.with_token(token)
    assert (await caller.get("/v1/me")).status_code == 200
    refused = await caller.get("/v1/buyers")
    assert (refused.status_code, codes(refused)) == (403, ["Auth.InsufficientRoles"])
    assert refused.json()["Errors"][0]["Data"] == {
        "SufficientRoles": ["FullAccess", "BuyerAdmin", "BuyerReader"],
        "AssignedRoles": [],
    }


# --- refresh ------------------------------------------------------------------------------------------------


async def session(api: Api, **facts: Any) -> tuple[User, str]:
    user = await api.user(buyer=await api.buyer(), roles=["Shopper", "MeAdmin"], password=PASSWORD, **facts)
    return user, (await api.login(user)).json()["refresh_token"]


async def refresh(api: Api, token: str, **form: str) -> Any:
    return await api.grant(grant_type="refresh_token", refresh_token=token, **form)


async def test_auth_8_the_refresh_token_stays_valid_until_it_ends(api: Api) -> None:
    _, token = await session(api)
    for minutes in (0, 700, 700):
        api.server.clock.advance(minutes=minutes)
        answer = await refresh(api, token)
        assert answer.status_code == 200
        assert answer.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
        assert answer.json()["refresh_token"] == token
        assert (await api.with_token(answer.json()["access_token"]).get("/v1/me")).status_code == 200
    api.server.clock.advance(minutes=41)
    answer = await refresh(api, token)
    assert (answer.status_code, codes(answer)) == (400, ["InvalidGrant", "Auth.OauthError"])


async def test_auth_8_of_another_client_or_marketplace(api: Api, other: Api) -> None:
    _, token = await session(api)
    client = await api.api_client(allow_any_buyer=True)
    for answer in (await refresh(api, token, client_id=client), await refresh(other, token)):
        assert (answer.status_code, codes(answer)) == (400, ["InvalidGrant", "Auth.OauthError"])
    assert (await refresh(api, token.upper())).status_code == 400
    assert (await refresh(api, token)).status_code == 200


async def test_auth_8_roles_are_cut_to_what_is_held_now_and_narrowed_by_a_scope(api: Api) -> None:
    user, _ = await session(api)
    token = (await api.login(user, scope="Shopper MeAdmin")).json()["refresh_token"]
    profile = f"/v1/securityprofiles/profile-{user.key}"
    await api.seller.patch(profile, json={"Roles": ["Shopper", "MeXpAdmin", "MeAdmin"]})
    assert roles_of((await refresh(api, token)).json()["access_token"]) == {"Shopper", "MeAdmin"}
    narrowed = await refresh(api, token, scope="Shopper MeXpAdmin")
    assert roles_of(narrowed.json()["access_token"]) == {"Shopper"}
    await api.seller.patch(profile, json={"Roles": ["MeAdmin"]})
    assert roles_of((await refresh(api, token)).json()["access_token"]) == {"MeAdmin"}


@pytest.mark.parametrize("change", ["revoked", "deactivated", "company", "deleted"])
async def test_auth_26_refresh_after_the_end_of_the_session(api: Api, change: str) -> None:
    user, token = await session(api)
    path = f"/v1/buyers/{user.company}/users/{user.id}"
    match change:
        case "revoked":
            done, expected = await api.seller.delete(f"{path}/tokens"), ["InvalidGrant", "Auth.OauthError"]
        case "deactivated":
            done = await api.seller.patch(path, json={"Active": False})
            await api.seller.patch(path, json={"Active": True})
            expected = ["InvalidGrant", "Auth.OauthError"]
        case "company":
            done = await api.seller.patch(f"/v1/buyers/{user.company}", json={"Active": False})
            expected = ["Auth.CompanyNotActive"]
        case _:
            done, expected = await api.seller.delete(path), ["InvalidGrant", "Auth.OauthError"]
    assert done.status_code in (200, 204), done.text
    answer = await refresh(api, token)
    assert (answer.status_code, codes(answer)) == (400, expected)


# --- client credentials -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["seller", "buyer", "supplier"])
async def test_auth_9_default_context_user(api: Api, kind: str) -> None:
    company = {
        "seller": {},
        "buyer": {"buyer": await api.buyer()},
        "supplier": {"supplier": await api.supplier()},
    }[kind]
    user = await api.user(**company, roles=["MeAdmin", "PasswordReset"])
    client = await api.api_client(
        allow_seller=True,
        allow_any_buyer=True,
        allow_any_supplier=True,
        default_context_user=user.key,
        refresh_duration=60,
    )
    answer = await api.grant(grant_type="client_credentials", client_id=client, scope="MeAdmin Shopper")
    assert answer.status_code == 200, answer.text
    assert answer.json()["refresh_token"]
    token = answer.json()["access_token"]
    assert (roles_of(token), claims_of(token)["usr"]) == ({"MeAdmin"}, user.username)
    assert (await api.with_token(token).get("/v1/me")).json()["ID"] == user.id
    again = await refresh(api, answer.json()["refresh_token"], client_id=client)
    assert roles_of(again.json()["access_token"]) == {"MeAdmin"}


async def test_auth_9_without_default_user(api: Api) -> None:
    answer = await api.grant(grant_type="client_credentials")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert answer.json()["error_description"] == "Default context user required for client credentials grant"
    assert codes(answer) == ["Auth.OauthError"]


async def test_auth_40_the_default_user_must_itself_be_admitted(api: Api) -> None:
    client = await api.api_client(allow_any_buyer=True, default_context_user=api.admin.key)
    answer = await api.grant(grant_type="client_credentials", client_id=client)
    assert (answer.status_code, codes(answer)) == (401, ["InvalidGrant", "Auth.OauthError"])


async def test_auth_33_guest(api: Api) -> None:
    """A copy of the template: its name and roles, an order ID of its own each time, no refresh token, a week."""
    template = await api.user(buyer=await api.buyer(), roles=["Shopper", "MeAdmin"])
    client = await api.api_client(
        allow_any_buyer=True, is_anonymous=True, default_context_user=template.key, refresh_duration=60
    )
    form = {"grant_type": "client_credentials", "client_id": client, "scope": "Shopper MeAddressAdmin"}
    first, second = await api.grant(**form), await api.grant(**form, anonuserid="visitor-7")
    assert first.json().keys() == {"access_token", "token_type", "expires_in"}
    assert first.json()["expires_in"] == 604799
    claims = claims_of(first.json()["access_token"])
    assert (claims["usr"], claims["role"], claims["usrtype"]) == (template.username, "Shopper", "buyer")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", claims["orderid"])
    assert "anonuserid" not in claims
    others = claims_of(second.json()["access_token"])
    assert others["anonuserid"] == "visitor-7"
    assert others["orderid"] != claims["orderid"]
    # AUTH-35: /me is the template's, and guests write nothing.
    guest = api.with_token(first.json()["access_token"])
    assert (await guest.get("/v1/me")).json()["ID"] == template.id
    refused = await api.with_token(api.token(template, ["MeAdmin"], order_id="q" * 22)).patch(
        "/v1/me", json={"FirstName": "x"}
    )
    assert (refused.status_code, codes(refused)) == (403, ["Auth.AnonUserProhibited"])
    long = await api.grant(**form, anonuserid="x" * 201)
    assert (long.status_code, long.json()["error"]) == (400, "invalid_request")


async def test_auth_25_guests_have_their_own_duration(api: Api) -> None:
    template = await api.user(buyer=await api.buyer(), roles=["Shopper"])
    client = await api.api_client(
        allow_any_buyer=True, is_anonymous=True, default_context_user=template.key, access_duration=10
    )
    await api.seller.patch(f"/v1/apiclients/{client}", json={"AnonymousTokenDuration": 86400})
    answer = await api.grant(grant_type="client_credentials", client_id=client)
    assert answer.json()["expires_in"] == 86400 * 60 - 1
    api.server.clock.advance(days=59)
    assert (await api.with_token(answer.json()["access_token"]).get("/v1/me")).status_code == 200
    api.server.clock.advance(days=1)
    assert (await api.with_token(answer.json()["access_token"]).get("/v1/me")).status_code == 401
