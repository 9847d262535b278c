"""Who acts in a marketplace as none of its users: an account of the portal (PORT-13, WH-2, AUTH-83, CAT-1)."""

from __future__ import annotations

import base64
import json
from itertools import count

import httpx
import pytest
from tests.api.hooking import PATCH_BUYER, at, put_hook
from tests.api.marketplace import Api, Server, User, claims_of, codes
from tests.api.receiver import Receiver
from tests.api.test_catalog_plans import recorded
from tests.api.test_me import MEMBERS
from tests.api.test_three_strangers import BUILT, ORDER, Victim
from tests.api.uniform.subjects import checked

from entrepot.features.people.credentials import default_users
from entrepot.features.people.credentials.authenticator import STANDING, STANDING_OF_DEFAULT_USER
from entrepot.features.people.credentials.default_users import NO_CLIENT, DefaultUser
from entrepot.features.people.identity.me_record import OF_ANYBODY
from entrepot.kernel.user_types import UserType

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RAISE = "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1"
_accounts = count(1)


class Somebody:
    """An account in a marketplace, and its calls with FullAccess."""

    def __init__(self, api: Api, account: int, made: DefaultUser) -> None:
        self.api, self.account, self.made = api, account, made
        self.user = User(made.key, made.id, made.id, UserType.SELLER, api.marketplace)
        self.token = api.token(self.user, ["FullAccess"], client_id=NO_CLIENT, generation=made.generation)
        self.http = api.with_token(self.token)

    @classmethod
    async def of(cls, api: Api, account: int | None = None) -> Somebody:
        account = account or next(_accounts)
        db, now = api.server.database, api.server.clock()
        return cls(api, account, await default_users.default_user(db, api.marketplace_id, account, now))


async def test_port_13_the_token(api: Api) -> None:
    """No kid and no u, so that whoever checks it asks GET /v1/me; a cid that is no client's."""
    somebody = await Somebody.of(api)
    header = json.loads(base64.urlsafe_b64decode(somebody.token.split(".")[0] + "=="))
    assert header == {"alg": "RS256", "typ": "JWT"}
    claims = claims_of(somebody.token)
    assert claims["uid"].isdigit()
    assert "u" not in claims
    assert (claims["usr"], claims["usrtype"], claims["role"]) == (somebody.made.id, "admin", "FullAccess")
    listed = (await api.seller.get("/v1/apiclients?pageSize=100")).json()["Items"]
    assert claims["cid"] not in [each["ID"].lower() for each in listed]
    # The same account is the same user each time; another one is another.
    assert (await Somebody.of(api, somebody.account)).made == somebody.made
    assert (await Somebody.of(api)).made.id != somebody.made.id


async def test_port_13_the_record(api: Api) -> None:
    """GET /v1/me and the identity token, and no record that anybody could write."""
    somebody = await Somebody.of(api)
    me = (await somebody.http.get("/v1/me")).json()
    assert list(me) == MEMBERS
    assert me == {
        **dict.fromkeys(MEMBERS),
        "Seller": {"ID": api.marketplace},
        "ID": somebody.made.id,
        "CompanyID": api.marketplace,
        "Username": somebody.made.id,
        "FirstName": "Default",
        "LastName": "User",
        "Active": True,
        "AvailableRoles": [],
    }
    identity = (await somebody.http.get("/oauth/userinfo")).json()["identity_token"]
    told = claims_of(identity)
    assert (told["sub"], told["groups"], told["availableroles"]) == (somebody.made.id, [], [])
    whole = {"Username": "x", "FirstName": "F", "LastName": "L", "Email": "e@example.com", "Active": True}
    for verb, path, body in (
        ("PUT", "/v1/me", whole),
        ("PATCH", "/v1/me", {"FirstName": "F"}),
        ("POST", "/v1/me/password", {"NewPassword": "Another-Passw0rd"}),
    ):
        answer = await somebody.http.request(verb, path, json=body)
        assert (answer.status_code, codes(answer)) == (403, ["Auth.UserNotAuthorizedToAdmin"]), path


async def test_port_13_nobody_lists_it(api: Api) -> None:
    """Nor finds it by its ID, nor gives it anything."""
    somebody = await Somebody.of(api)
    await checked(somebody.http.put("/v1/buyers/b", json={"Name": "B", "Active": True}), 200)
    for path in ("/v1/adminusers", "/v1/buyers/b/users", f"/v1/adminusers?search={somebody.made.id}"):
        listed = (await somebody.http.get(path)).json()
        assert somebody.made.id not in json.dumps(listed)
        assert listed["Meta"]["TotalCount"] == (1 if path == "/v1/adminusers" else 0)
    assert (await somebody.http.get(f"/v1/adminusers/{somebody.made.id}")).status_code == 404
    profile = {"SecurityProfileID": "full", "UserID": somebody.made.id}
    answer = await somebody.http.post("/v1/securityprofiles/assignments", json=profile)
    assert answer.status_code == 404


async def test_orders_are_from_users(api: Api) -> None:
    """An order is not from a default user; on behalf of a buyer's user it makes one."""
    somebody = await Somebody.of(api)
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    answer = await somebody.http.post("/v1/orders/outgoing", json={"ToCompanyID": await api.supplier()})
    assert (answer.status_code, codes(answer)) == (403, ["Auth.UserNotAuthorizedToAdmin"])
    body = {"FromCompanyID": buyer, "FromUserID": user.id}
    made = await checked(somebody.http.post("/v1/orders/incoming", json=body), 201)
    assert made.json()["FromUser"]["ID"] == user.id


@pytest.mark.parametrize("before", [True, False])
async def test_wh_2_fires_nothing(api: Api, receiver: Receiver, before: bool) -> None:
    """A webhook names API clients; a token of none is heard by none."""
    somebody = await Somebody.of(api)
    await put_hook(api, receiver, "hook", BeforeProcessRequest=before)
    body = {"Name": "x", "ApiClientIDs": [NO_CLIENT], "Url": receiver.url, "WebhookRoutes": [PATCH_BUYER]}
    answer = await api.seller.put("/v1/webhooks/all", json={**body, "HashKey": "k"})
    assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
    buyer = await api.buyer()
    await checked(somebody.http.patch(f"/v1/buyers/{buyer}", json={"Name": "New"}), 200)
    kept = await api.rows("SELECT 1 FROM outbox_events WHERE marketplace_id = $1 AND kind = 'Webhook'")
    assert (kept, at(receiver, "hook")) == ([], [])
    assert (await api.seller.patch(f"/v1/buyers/{buyer}", json={"Name": "Newer"})).is_success is not before


async def test_tokens_end_with_access(api: Api, other: Api) -> None:
    """At once, and only those of the account in the marketplace."""
    mine, theirs = await Somebody.of(api), await Somebody.of(api)
    elsewhere = await Somebody.of(other, mine.account)
    calls = {"mine": mine.http, "theirs": theirs.http, "elsewhere": elsewhere.http}

    async def answers() -> dict[str, tuple[int, list[str]]]:
        got = {name: await http.get("/v1/me") for name, http in calls.items()}
        return {
            name: (each.status_code, [] if each.is_success else codes(each)) for name, each in got.items()
        }

    assert await answers() == dict.fromkeys(calls, (200, []))
    db = api.server.database
    await default_users.end_tokens(db, api.marketplace_id, [mine.account])
    await api.execute(RAISE)
    good: dict[str, tuple[int, list[str]]] = {"theirs": (200, []), "elsewhere": (200, [])}
    assert await answers() == {"mine": (401, ["Auth.TokenRevoked"]), **good}
    # Access that is given again begins anew, as the same user.
    again = await Somebody.of(api, mine.account)
    assert again.made.id == mine.made.id
    assert (await again.http.get("/v1/me")).is_success
    await default_users.forget(db, api.marketplace_id, [mine.account])
    await api.execute(RAISE)
    calls["again"] = again.http
    gone = (401, ["Auth.UserNotFound"])
    assert await answers() == {"mine": gone, "again": gone, **good}


async def test_auth_26_it_ends_its_own_sessions(api: Api) -> None:
    mine, theirs = await Somebody.of(api), await Somebody.of(api)
    await checked(mine.http.delete("/v1/me/tokens"), 204)
    assert codes(await mine.http.get("/v1/me")) == ["Auth.TokenRevoked"]
    assert (await theirs.http.get("/v1/me")).is_success
    again = await Somebody.of(api, mine.account)
    assert (await again.http.get("/v1/me")).is_success


async def test_port_12_whom_it_acts_as_ends_with_it(api: Api) -> None:
    """A token for a buyer user that it has asked for, by an impersonation config of all administrators."""
    somebody = await Somebody.of(api)
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    await checked(api.seller.put("/v1/securityprofiles/p", json={"Name": "P", "Roles": ["Shopper"]}), 200)
    config = {"ClientID": api.client_id, "SecurityProfileID": "p", "BuyerID": buyer}
    await checked(api.seller.put("/v1/impersonationconfig/c", json=config), 200)
    body = {"ClientID": api.client_id, "Roles": ["Shopper"]}
    path = f"/v1/buyers/{buyer}/users/{user.id}/accesstoken"
    given = (await checked(somebody.http.post(path, json=body), 200)).json()["access_token"]
    assert claims_of(given)["imp"] == str(somebody.made.key)
    acting = api.with_token(given)
    assert (await acting.get("/v1/me")).json()["ID"] == user.id
    await checked(somebody.http.delete("/v1/me/tokens"), 204)
    assert codes(await acting.get("/v1/me")) == ["Auth.TokenRevoked"]


async def test_ordinary_tokens_cost_what_they_did(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """GET /v1/me of a user: its standing once, its record each time, and nothing of default users in either."""
    user = await api.user(roles=["MeAdmin"])
    ordinary, default = api.as_(user), (await Somebody.of(api)).http

    async def statements(http: httpx.AsyncClient) -> list[str]:
        with recorded(monkeypatch) as seen:
            assert (await http.get("/v1/me")).is_success
        return [query for query, _ in seen]

    await statements(api.seller)
    assert await statements(ordinary) == [STANDING, OF_ANYBODY]
    assert await statements(ordinary) == [OF_ANYBODY]
    assert not [text for text in (STANDING, OF_ANYBODY) if "default_users" in text]
    first, second = await statements(default), await statements(default)
    assert (first[0], len(first), len(second)) == (STANDING_OF_DEFAULT_USER, 2, 1)


async def test_port_13_every_operation(server: Server) -> None:
    """With whole bodies, on one object of everything: nothing fails for want of a user, and its token goes on."""
    async with Api.create(server) as api:
        victim = await Victim.create(api)
        somebody = await Somebody.of(api)
        for operation in sorted(BUILT, key=lambda each: ORDER[each.verb]):
            if operation.path == "/me/tokens":
                continue
            answer = await somebody.http.request(
                operation.verb, victim.urls[operation.id], json=victim.bodies.get(operation.id)
            )
            assert answer.status_code < 500, (operation.id, answer.text)
            assert answer.status_code != 401, (operation.id, answer.text)
        assert (await somebody.http.get("/v1/me")).is_success
