"""Guests who register, and the hand-over of their order (AUTH-37, AUTH-38)."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, User, claims_of, codes
from tests.api.outbox import messages

NEW = {"Username": "newcomer", "FirstName": "N", "LastName": "C", "Email": "n@example.com", "Active": True}


@dataclass
class Shop:
    """A storefront with guests."""

    api: Api
    template: User
    client: str

    async def guest(self, scope: str = "") -> str:
        answer = await self.api.grant(grant_type="client_credentials", client_id=self.client, scope=scope)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def register(self, guest: str, token: str | None = None, **body: Any) -> httpx.Response:
        caller = self.api.with_token(guest)
        params = {"anonUserToken": guest if token is None else token}
        return await caller.put("/v1/me/register", params=params, json={**NEW, **body})


@pytest.fixture
async def shop(api: Api) -> Shop:
    template = await api.user(buyer=await api.buyer(), roles=["Shopper", "MeAdmin", "MeXpAdmin"])
    client = await api.api_client(
        allow_any_buyer=True, is_anonymous=True, default_context_user=template.key, access_duration=30
    )
    return Shop(api, template, client)


async def test_xp_takes_its_role(shop: Shop) -> None:
    """Security 34: as in PATCH /me; an empty one is none."""
    refused = await shop.register(await shop.guest("Shopper"), xp={"a": 1})
    assert (refused.status_code, codes(refused)) == (403, ["User.XPNotAllowed"])
    assert (await shop.register(await shop.guest("Shopper"), xp={})).status_code == 200


async def test_auth_37_register(shop: Shop) -> None:
    api, groups = shop.api, f"/v1/buyers/{shop.template.company}/usergroups"
    for group in ("one", "two", "three"):
        await api.seller.post(groups, json={"ID": group, "Name": group})
        if group != "three":
            member = {"UserGroupID": group, "UserID": shop.template.id}
            await api.seller.post(f"{groups}/assignments", json=member)
    answer = await shop.register(
        await shop.guest("Shopper MeXpAdmin"),
        ID="new-1",
        Password=PASSWORD,
        xp={"a": 1},
        Phone="7",
        DateCreated=None,
    )
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["access_token"]
    claims = claims_of(answer.json()["access_token"])
    assert (claims["usr"], claims["usrtype"]) == ("newcomer", "buyer")
    assert sorted(claims["role"]) == ["MeXpAdmin", "Shopper"]
    assert claims["exp"] - claims["iat"] == 1800
    assert "orderid" not in claims
    me = (await api.with_token(answer.json()["access_token"]).get("/v1/me")).json()
    assert (me["ID"], me["CompanyID"], me["Username"]) == ("new-1", shop.template.company, "newcomer")
    assert (me["xp"], me["Phone"], me["Password"]) == ({"a": 1}, "7", None)
    assert me["DateCreated"] == me["PasswordLastSetDate"] is not None
    assert me["AvailableRoles"] == []
    listed = await api.seller.get(f"{groups}/assignments", params={"userID": "new-1"})
    assert [item["UserGroupID"] for item in listed.json()["Items"]] == ["one", "two"]
    assert (await api.login("newcomer")).status_code == 200
    (sent,) = await messages(api)
    assert (sent.message_type, sent.recipient) == ("NewUserInvitation", "n@example.com")


async def test_auth_37_without_id_and_password_the_invitation_sets_one(shop: Shop) -> None:
    api = shop.api
    answer = await shop.register(await shop.guest())
    assert answer.status_code == 200, answer.text
    me = (await api.with_token(answer.json()["access_token"]).get("/v1/me")).json()
    assert len(me["ID"]) == 22
    assert me["PasswordLastSetDate"] is None
    assert (await api.login("newcomer", "")).status_code == 400
    (sent,) = await messages(api)
    code = sent.body["PasswordRenewalVerificationCode"]
    reset = await api.http.put(
        f"/v1/password/reset/{code}",
        json={"ClientID": shop.client, "Username": "newcomer", "Password": PASSWORD},
    )
    assert reset.status_code == 204, reset.text
    assert (await api.login("newcomer")).status_code == 200


async def test_auth_37_refusals(shop: Shop, other: Api) -> None:
    api, guest = shop.api, await shop.guest()
    seller, shopper = api.admin, await api.user(buyer=shop.template.company)
    assert codes(await shop.register(api.token(seller, ["FullAccess"]), guest)) == [
        "Auth.UserNotAuthorizedToAdmin"
    ]
    assert codes(await shop.register(api.token(shopper, ["Shopper"]), guest)) == ["User.IsNotTemp"]
    assert codes(await shop.register(api.token(shop.template, ["MeAdmin"], order_id="q" * 22), guest)) == [
        "Auth.InsufficientRoles"
    ]
    elsewhere = other.token(other.admin, ["Shopper"], order_id="q" * 22)
    for token in ("", "x", api.token(shopper, ["Shopper"]), elsewhere):
        answer = await shop.register(guest, token)
        assert (answer.status_code, codes(answer)) == (400, ["Auth.MustPassAnonUserToken"])
    missing = await shop.register(guest, Username=None, Email="")
    assert [e["Data"]["Property"] for e in missing.json()["Errors"]] == ["Username", "Email"]
    taken = await shop.register(guest, Username=shop.template.username.upper())
    assert (taken.status_code, codes(taken)) == (409, ["User.UsernameMustBeUnique"])
    same_id = await shop.register(guest, ID=shop.template.id)
    assert (same_id.status_code, codes(same_id)) == (409, ["IdExists"])
    weak = await shop.register(guest, Password="short")
    assert (weak.status_code, codes(weak)) == (400, ["PasswordReset.InsecurePassword"])
    # Nothing was made on the way.
    users = await api.value("SELECT count(*) FROM users WHERE marketplace_id = $1")
    assert users == 3
    assert await messages(api) == []


async def test_auth_59_company_rules_hold_at_registration(shop: Shop) -> None:
    api = shop.api
    rules = {"MinimumCharacterCount": 20}
    body = {"ID": "rules", "Name": "rules", "Roles": [], "PasswordConfig": rules}
    await api.seller.post("/v1/securityprofiles", json=body)
    await api.seller.post(
        "/v1/securityprofiles/assignments",
        json={"SecurityProfileID": "rules", "BuyerID": shop.template.company},
    )
    weak = await shop.register(await shop.guest(), Password=PASSWORD)
    assert codes(weak) == ["PasswordReset.InsecurePassword"]
    assert weak.json()["Errors"][0]["Data"]["MinimumCharacterCount"] == 20


async def test_auth_38_transfer(shop: Shop) -> None:
    """Without orders it checks the tokens and does nothing."""
    api, guest = shop.api, await shop.guest()
    shopper = await api.user(buyer=shop.template.company)
    caller = api.as_(shopper, ["Shopper"])
    assert (await caller.put("/v1/me/orders", params={"anonUserToken": guest})).status_code == 204
    for token in ("", "x", api.token(shopper, ["Shopper"])):
        answer = await caller.put("/v1/me/orders", params={"anonUserToken": token})
        assert (answer.status_code, codes(answer)) == (400, ["Auth.MustPassAnonUserToken"])
    as_guest = await api.with_token(guest).put("/v1/me/orders", params={"anonUserToken": guest})
    assert (as_guest.status_code, codes(as_guest)) == (403, ["Auth.AnonUserProhibited"])
    api.server.clock.advance(days=8)
    late = await api.as_(shopper, ["Shopper"]).put("/v1/me/orders", params={"anonUserToken": guest})
    assert codes(late) == ["Auth.MustPassAnonUserToken"]


ENDINGS = {
    "template revoked": ("DELETE", "/v1/buyers/{buyer}/users/{user}/tokens"),
    "template switched off": ("PATCH", "/v1/buyers/{buyer}/users/{user}"),
    "buyer switched off": ("PATCH", "/v1/buyers/{buyer}"),
    "client switched off": ("PATCH", "/v1/apiclients/{client}"),
    "client deleted": ("DELETE", "/v1/apiclients/{client}"),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_ends_a_guests_token_ends_it_as_an_argument(shop: Shop, ending: str) -> None:
    """Security 17: a token that would not open the API opens nothing by being named in the query either."""
    api, token = shop.api, await shop.guest()
    template = await api.user(buyer=await api.buyer(), roles=["Shopper"])
    client = await api.api_client(allow_any_buyer=True, is_anonymous=True, default_context_user=template.key)
    another = (await api.grant(grant_type="client_credentials", client_id=client)).json()["access_token"]
    shopper = api.as_(await api.user(buyer=template.company), ["Shopper"])
    verb, path = ENDINGS[ending]
    url = path.format(buyer=shop.template.company, user=shop.template.id, client=shop.client)
    ended = await api.seller.request(verb, url, json={"Active": False} if verb == "PATCH" else None)
    assert ended.status_code in (200, 204), ended.text
    assert (await api.with_token(token).get("/v1/me")).status_code == 401
    taken = await shopper.put("/v1/me/orders", params={"anonUserToken": token})
    registered = await shop.register(another, token)
    for answer in (taken, registered):
        assert (answer.status_code, codes(answer)) == (400, ["Auth.MustPassAnonUserToken"])
    assert await messages(api) == []
    assert (await shop.register(another)).status_code == 200
