"""Users.GetAccessToken: impersonation (AUTH-75 to AUTH-77)."""

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, Server, User, claims_of, codes

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def roles_of(answer: httpx.Response) -> set[str]:
    role = claims_of(answer.json()["access_token"]).get("role", [])
    return {role} if isinstance(role, str) else set(role)


async def configure(api: Api, profile: str, roles: list[str], **config: Any) -> None:
    """A profile and a config that grants it on the client for everybody."""
    body: dict[str, Any] = {"ID": profile, "Name": profile, "Roles": roles, "CustomRoles": ["Helping"]}
    assert (await api.seller.post("/v1/securityprofiles", json=body)).status_code == 201
    body = {"ClientID": api.client_id, "SecurityProfileID": profile, **config}
    answer = await api.seller.post("/v1/impersonationconfig", json=body)
    assert answer.status_code == 201, answer.text


async def impersonate(api: Api, caller: User, target: User, **body: Any) -> httpx.Response:
    path = f"/v1/buyers/{target.company}/users/{target.id}/accesstoken"
    sent = {"ClientID": api.client_id, "Roles": [], **body}
    return await api.as_(caller, ["BuyerImpersonation"]).post(path, json=sent)


async def test_auth_77_the_token_is_the_buyers_own_and_names_the_impersonator(api: Api) -> None:
    target = await api.user(buyer=await api.buyer())
    await configure(api, "p", ["Shopper", "MeAdmin"], BuyerID=target.company)
    answer = await impersonate(api, api.admin, target)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["expires_in"] == 35999
    claims = claims_of(answer.json()["access_token"])
    assert (claims["usr"], claims["u"], claims["usrtype"]) == (target.username, str(target.key), "buyer")
    assert (claims["imp"], claims["cid"]) == (str(api.admin.key), api.client_id.lower())
    assert (await api.with_token(answer.json()["access_token"]).get("/v1/me")).json()["ID"] == target.id


@pytest.mark.parametrize(
    ("body", "granted"),
    [
        ({"Roles": []}, {"Shopper", "MeAdmin", "Helping"}),
        ({"Roles": None}, {"Shopper", "MeAdmin", "Helping"}),
        ({"Roles": ["shopper", "BuyerAdmin"]}, {"Shopper"}),
        ({"Roles": ["Shopper"], "CustomRoles": ["HELPING", "Other"]}, {"Shopper", "Helping"}),
        ({"Roles": ["BuyerAdmin"]}, set()),
    ],
)
async def test_auth_76_roles_of_the_profiles_not_of_the_user(
    api: Api, body: dict[str, Any], granted: set[str]
) -> None:
    target = await api.user(buyer=await api.buyer(), roles=["MeXpAdmin"])
    await configure(api, "one", ["Shopper"])
    await configure(api, "two", ["MeAdmin"], BuyerID=target.company, UserID=target.id)
    answer = await impersonate(api, api.admin, target, **body)
    assert answer.status_code == 200, answer.text
    assert roles_of(answer) == granted


async def test_auth_76_roles_left_out_are_all(api: Api) -> None:
    target = await api.user(buyer=await api.buyer())
    await configure(api, "p", ["Shopper"])
    path = f"/v1/buyers/{target.company}/users/{target.id}/accesstoken"
    answer = await api.seller.post(path, json={"clientid": api.client_id.lower()})
    assert roles_of(answer) == {"Shopper", "Helping"}


async def test_auth_75_refusals_in_order(api: Api, other: Api) -> None:
    target = await api.user(buyer=await api.buyer())
    path = f"/v1/buyers/{target.company}/users/{target.id}/accesstoken"
    for wrong, object_type in (
        (f"/v1/buyers/nobody/users/{target.id}/accesstoken", "Buyer"),
        (f"/v1/buyers/{target.company}/users/nobody/accesstoken", "User"),
    ):
        answer = await api.seller.post(wrong, json={})
        assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (404, object_type)
    answer = await api.seller.post(path, json={})
    assert (answer.status_code, codes(answer)) == (400, ["ValidationFailure"])
    assert answer.json()["Errors"][0]["Data"]["Property"] == "ClientID"
    for_buyers, for_sellers = (
        await api.api_client(allow_any_buyer=True),
        await api.api_client(allow_seller=True),
    )
    for client, code in (
        (UNKNOWN, "Impersonation.ClientIDNotFound"),
        ("no guid", "Impersonation.ClientIDNotFound"),
        (other.client_id, "Impersonation.ClientIDNotFound"),
        (for_buyers, "Impersonation.ClientIDNotFound"),
        (for_sellers, "Impersonation.BuyerNotAssigned"),
        (api.client_id, "Impersonation.ConfigError"),
    ):
        answer = await impersonate(api, api.admin, target, ClientID=client)
        assert (answer.status_code, codes(answer)) == (400, [code]), client


async def test_auth_75_who_may_is_a_matter_of_role_and_config(api: Api) -> None:
    helper, target = await api.user(buyer=await api.buyer()), await api.user(buyer=await api.buyer())
    supplier = await api.user(supplier=await api.supplier())
    await configure(api, "p", ["Shopper"], ImpersonationBuyerID=helper.company, BuyerID=target.company)
    assert roles_of(await impersonate(api, helper, target)) == {"Shopper", "Helping"}
    for caller in (api.admin, supplier):
        assert codes(await impersonate(api, caller, target)) == ["Impersonation.ConfigError"]
    assert codes(await impersonate(api, target, helper)) == ["Impersonation.ConfigError"]
    path = f"/v1/buyers/{target.company}/users/{target.id}/accesstoken"
    answer = await api.as_(helper, ["BuyerUserAdmin"]).post(path, json={"ClientID": api.client_id})
    assert (answer.status_code, codes(answer)) == (403, ["Auth.InsufficientRoles"])
    guest = api.as_(helper, ["BuyerImpersonation"], order_id="q" * 22)
    assert codes(await guest.post(path, json={})) == ["Auth.AnonUserProhibited"]


async def test_auth_74_narrowed_to_a_group(api: Api) -> None:
    target = await api.user(buyer=await api.buyer())
    seller, groups = api.seller, f"/v1/buyers/{target.company}/usergroups"
    await seller.post(groups, json={"ID": "group", "Name": "G"})
    await configure(api, "p", ["Shopper"], BuyerID=target.company, GroupID="group")
    assert codes(await impersonate(api, api.admin, target)) == ["Impersonation.ConfigError"]
    member = {"UserGroupID": "group", "UserID": target.id}
    assert (await seller.post(f"{groups}/assignments", json=member)).status_code == 204
    assert (await impersonate(api, api.admin, target)).status_code == 200


@pytest.mark.parametrize("who", ["target", "impersonator"])
async def test_auth_26_ends_with_either_party(api: Api, who: str) -> None:
    target, helper = await api.user(buyer=await api.buyer()), await api.user()
    await configure(api, "p", ["Shopper"])
    token = (await impersonate(api, helper, target)).json()["access_token"]
    caller = api.with_token(token)
    assert (await caller.get("/v1/me")).status_code == 200
    if who == "target":
        path = f"/v1/buyers/{target.company}/users/{target.id}/tokens"
        assert (await api.seller.delete(path)).status_code == 204
    else:
        path = f"/v1/adminusers/{helper.id}"
        assert (await api.seller.patch(path, json={"Active": False})).status_code == 200
    ended = await caller.get("/v1/me")
    assert (ended.status_code, codes(ended)) == (401, ["Auth.TokenRevoked"])


IMPERSONATION_ENDS: dict[str, tuple[str, str, Any]] = {
    "the agent's tokens are revoked": ("DELETE", "/v1/adminusers/agent/tokens", None),
    "the agent is switched off": ("PATCH", "/v1/adminusers/agent", {"Active": False}),
    "the agent is deleted": ("DELETE", "/v1/adminusers/agent", None),
    "the config is deleted": ("DELETE", "/v1/impersonationconfig/first", None),
    "the config is for somebody else": (
        "PATCH",
        "/v1/impersonationconfig/first",
        {"BuyerID": "b", "UserID": "other"},
    ),
    "the config is another profile's": (
        "PATCH",
        "/v1/impersonationconfig/first",
        {"SecurityProfileID": "second"},
    ),
    "a second impersonation's config is deleted": ("DELETE", "/v1/impersonationconfig/second", None),
}


@pytest.mark.parametrize("ending", IMPERSONATION_ENDS)
async def test_impersonation_ends_with_who_and_what_allowed_it(api: Api, twin: Server, ending: str) -> None:
    """Security 18: with the impersonator's sessions and the config, in every process; also where the impersonated user has
    impersonated another one, who then acts for the agent.
    """
    await api.buyer("b")
    agent = await api.user(id="agent")
    helper, target = await api.user(buyer="b", id="helper"), await api.user(buyer="b", id="target")
    await api.user(buyer="b", id="other")
    await configure(api, "first", ["BuyerImpersonation"], ID="first", BuyerID="b", UserID="helper")
    await configure(
        api, "second", ["Shopper"], ID="second", ImpersonationBuyerID="b", BuyerID="b", UserID="target"
    )
    helping = (await impersonate(api, agent, helper)).json()["access_token"]
    url = f"/v1/buyers/b/users/{target.id}/accesstoken"
    answer = await api.with_token(helping).post(url, json={"ClientID": api.client_id, "Roles": []})
    acting = answer.json()["access_token"]
    assert claims_of(acting)["imp"] == str(helper.key)
    bystander = (await impersonate(api, api.admin, helper)).json()["access_token"]
    verb, path, body = IMPERSONATION_ENDS[ending]
    tokens = {helping: "second" not in ending, acting: True, bystander: "the config" in ending}
    for token in tokens:
        assert (await api.with_token(token).get("/v1/me")).status_code == 200
        assert (await api.with_token(token, twin).get("/v1/me")).status_code == 200
    assert (await api.seller.request(verb, path, json=body)).status_code in (200, 204)
    for token, ends in tokens.items():
        for server in (api.server, twin):
            after = await api.with_token(token, server).get("/v1/me")
            assert (after.status_code == 401) is ends, (ending, claims_of(token)["usr"])
            assert not ends or codes(after) == ["Auth.TokenRevoked"]
