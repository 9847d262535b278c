"""Why a request is refused: what is explained is what happens, at every operation, for users of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, User, claims_of
from tests.api.test_three_strangers import BUILT, Victim
from tests.api.world import KNOWN

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation, Unit
from entrepot.http.routing import leading, mounted

PATH = "/entrepot/v1/explain/requests"
READS = [each for each in BUILT if each.verb == "GET" and not each.public]
WRITES = [
    each for each in BUILT if each.verb != "GET" and not each.public and not each.path.startswith("/oauth")
]
FEW = (
    "Shopper",
    "MeAdmin",
    "OrderReader",
    "ProductReader",
    "BuyerUserReader",
    "UserGroupReader",
    "CatalogReader",
)
SKIPPED = {"Me.RevokeTokens", "Buyers.Delete", "Suppliers.Delete"}
"""Ends the token that the others are asked with, or who asks them."""


@pytest.fixture(scope="module")
async def victim(server: Server) -> AsyncIterator[Victim]:
    async with Api.create(server) as api:
        yield await Victim.create(api)


async def people(api: Api) -> dict[str, User]:
    """Of each kind one who may everything, and one who may little; of buyers also one that the things belong to."""
    stranger, supplier = await api.buyer(), await api.supplier()
    return {
        "of the buyer": await api.user(buyer=KNOWN, roles=FEW),
        "of its supplier": await api.user(supplier=KNOWN, roles=("FullAccess",)),
        "of another buyer": await api.user(buyer=stranger, roles=("FullAccess",)),
        "of another supplier": await api.user(supplier=supplier, roles=FEW),
        "of the seller": await api.user(roles=FEW),
        "of the seller, all": await api.user(roles=("FullAccess",)),
    }


async def why(api: Api, user: User, verb: str, path: str, **query: str) -> dict[str, Any]:
    asked = {"username": user.username, "verb": verb, "path": path, **query}
    answer = await api.seller.get(PATH, params=asked)
    assert answer.status_code == 200, (verb, path, answer.text)
    found: dict[str, Any] = answer.json()
    assert found["IsRefused"] is (found["ErrorCode"] is not None)
    assert found["Reason"] in [each["Message"] for each in found["Steps"] if each["Decides"]]
    return found


def deciding(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """The last step that decides, with the rows that do."""
    (step,) = [each for each in found["Steps"] if each["Message"] == found["Reason"]]
    return step["Step"], [(row["Type"], row["ID"]) for row in step["Rows"] if row["Decides"]]


class Asking:
    """Requests of users, each with one token for the same roles: to sign one takes as long as to refuse a request."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._calls: dict[tuple[int, tuple[str, ...]], httpx.AsyncClient] = {}

    async def __call__(self, user: User, roles: list[str], verb: str, path: str) -> tuple[int, str | None]:
        whose = user.key, tuple(roles)
        if whose not in self._calls:
            self._calls[whose] = self._api.as_(user, roles=roles)
        body: dict[str, Any] | None = {} if verb in ("POST", "PUT", "PATCH") else None
        answer = await self._calls[whose].request(verb, path, json=body)
        code = None if answer.is_success else answer.json()["Errors"][0]["ErrorCode"]
        return answer.status_code, code


def nowhere(operation: Operation) -> str:
    return "/".join(
        "nope" if part.startswith("{") and part != "{direction}" else part.replace("{direction}", "All")
        for part in mounted(operation.path).split("/")
    )


async def test_reads_are_answered_as_explained(victim: Victim) -> None:
    """Every read, with what is there and with what is not, for users of each kind: the same status and the same code."""
    api = victim.api
    somebody, ask = list((await people(api)).values()), Asking(api)
    wrong = []
    for index, each in enumerate(READS):
        for path in (victim.urls[each.id].partition("?")[0], nowhere(each)):
            for user in (somebody[index % 6], somebody[(index + 2) % 6]):
                found = await why(api, user, "GET", path)
                happened = await ask(user, found["Roles"], "GET", path)
                told = found["Status"], found["ErrorCode"]
                is_done = each.unit is Unit.READ and each.tag != "Explanations" and not each.streams
                if found["OperationID"] != each.id or (
                    told != happened and (is_done or told != (None, None))
                ):
                    wrong.append((each.id, path, user.username, told, happened))
    assert not wrong, wrong[:20]


async def test_writes_are_refused_as_explained(victim: Victim) -> None:
    """Every write, done after it was asked about: what is explained to be refused is. A body that says nothing may be refused before what
    the path names is looked at.
    """
    api = victim.api
    somebody, ask = list((await people(api)).values()), Asking(api)
    wrong = []
    for index, each in enumerate(WRITES):
        if each.id in SKIPPED:
            continue
        for path in (nowhere(each), victim.urls[each.id].partition("?")[0]):
            for user in (somebody[index % 6], somebody[(index + 2) % 6]):
                found = await why(api, user, each.verb, path)
                status, code = await ask(user, found["Roles"], each.verb, path)
                told, why_not = found["Status"], found["ErrorCode"]
                agrees = (
                    told is None
                    or (told, why_not) == (status, code)
                    or (told == 404 and status in (400, 403))
                )
                if found["OperationID"] != each.id or not agrees:
                    wrong.append((each.id, path, user.username, told, why_not, status, code))
    assert not wrong, wrong[:20]


def test_paths_lead_where_the_server_leads_them() -> None:
    """Each operation's own path, in any letter case, leads to it; what is encoded belongs to its segment."""
    lead = leading(registry().operations.values())
    for each in registry().operations.values():
        found = lead(each.verb, nowhere(each).upper().replace("ALL/", "All/"))
        assert found is not None
        assert found.operation is each, each.id
        assert set(found.parameters) == set(each.path_parameters)
    found = lead("GET", "/v1/products/a%2Fb%20c")
    assert found is not None
    assert found.parameters == {"productID": "a/b c"}
    assert lead("GET", "/v1/products/a%00b") is None
    assert lead("GET", "/v1//products") is None


async def test_roles_are_told_by_the_profiles_that_give_them(api: Api) -> None:
    """AUTH-17, AUTH-18, AUTH-30: user, group and company level, the client's maximum, what was not asked for, what would help."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, roles=("MeAdmin",), password=PASSWORD)
    seller = api.seller
    await seller.put(f"/v1/buyers/{buyer}/usergroups/g", json={"Name": "g"})
    row = {"UserID": user.id, "UserGroupID": "g"}
    await seller.post(f"/v1/buyers/{buyer}/usergroups/assignments", json=row)
    for name, roles in (("shop", ["Shopper"]), ("cats", ["CatalogReader"]), ("prods", ["ProductReader"])):
        await seller.put(f"/v1/securityprofiles/{name}", json={"Name": name, "Roles": roles})
    of_buyer = {"SecurityProfileID": "shop", "BuyerID": buyer}
    assert (await seller.post("/v1/securityprofiles/assignments", json=of_buyer)).is_success
    of_group = {"SecurityProfileID": "cats", "BuyerID": buyer, "UserGroupID": "g"}
    assert (await seller.post("/v1/securityprofiles/assignments", json=of_group)).is_success

    found = await why(api, user, "GET", "/v1/me/products")
    assert (found["Status"], found["Roles"]) == (200, ["CatalogReader", "MeAdmin", "Shopper"])
    (roles,) = [each for each in found["Steps"] if each["Step"] == "Roles"]
    assert {row["ID"]: row["Decides"] for row in roles["Rows"]} == {
        f"profile-{user.key}/{buyer}": False,
        f"shop/{buyer}": True,
        f"cats/{buyer}/g": False,
    }
    for row in roles["Rows"]:
        shown = await seller.get(row["Path"])
        assert shown.status_code == 200
        assert shown.json()["Items"], row["Path"]
    token = (await api.login(user)).json()["access_token"]
    assert claims_of(token)["role"] == found["Roles"]

    found = await why(api, user, "GET", "/v1/products")
    assert (found["Status"], found["ErrorCode"]) == (403, "Auth.InsufficientRoles")
    assert "ProductReader" in found["SufficientRoles"]
    (roles,) = [each for each in found["Steps"] if each["Decides"]]
    assert [row["ID"] for row in roles["Rows"] if row["Type"] == "SecurityProfile"] == ["full", "prods"]

    found = await why(api, user, "GET", "/v1/me/products", scope="MeAdmin")
    assert (found["Status"], found["Roles"]) == (403, ["MeAdmin"])
    assert "was not asked for" in found["Reason"]

    narrow = {"AppName": "narrow", "AccessTokenDuration": 60, "Active": True, "AllowAnyBuyer": True}
    narrow |= {"MaximumGrantedRoles": ["MeAdmin"]}
    client = (await seller.post("/v1/apiclients", json=narrow)).json()["ID"]
    found = await why(api, user, "GET", "/v1/me/products", clientID=client)
    assert (found["Status"], deciding(found)) == (403, ("Roles", [("ApiClient", client)]))
    assert "the API client does not grant it" in found["Reason"]


async def test_who_cannot_log_in_is_told_why(api: Api) -> None:
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, roles=("Shopper",))
    seller = api.seller
    closed = {"AppName": "closed", "AccessTokenDuration": 60, "Active": True, "AllowSeller": True}
    client = (await seller.post("/v1/apiclients", json=closed)).json()["ID"]
    found = await why(api, user, "GET", "/v1/me", clientID=client)
    assert (found["Status"], deciding(found)[0]) == (401, "Login")
    token = api.token(user, roles=["Shopper"])
    await seller.patch(f"/v1/buyers/{buyer}/users/{user.id}", json={"Active": False})
    found = await why(api, user, "GET", "/v1/me")
    assert (found["Status"], deciding(found)) == (401, ("Login", [("User", user.id)]))
    assert (await api.with_token(token).get("/v1/me")).status_code == 401


async def test_walls_are_named(api: Api) -> None:
    """404 of what is not there, and of what is: the company's wall, what is assigned, and where to ask on."""
    one, other = await api.buyer(), await api.buyer()
    user = await api.user(buyer=one, roles=("FullAccess",))
    path = f"/v1/buyers/{other}"
    found = await why(api, user, "GET", path)
    assert (found["Status"], deciding(found)) == (404, ("Things", [("Buyer", other)]))
    assert f"its own company, {one}, and no other" in found["Reason"]
    found = await why(api, user, "PATCH", path)
    assert (found["Status"], found["ErrorCode"]) == (404, "NotFound")
    found = await why(api, user, "GET", "/v1/buyers/nope")
    assert found["Reason"] == "There is no Buyer nope here"
    await api.seller.put("/v1/products/hidden", json={"Name": "hidden", "Active": True})
    found = await why(api, user, "GET", "/v1/me/products/hidden?sellerID=")
    assert (found["Status"], deciding(found)) == (404, ("Things", [("Product", "hidden")]))
    (row,) = [row for each in found["Steps"] if each["Step"] == "Things" for row in each["Rows"]]
    answer = await api.seller.get(row["Path"])
    assert (answer.status_code, answer.json()["Visible"]) == (200, False)
    found = await why(api, user, "GET", "/v1/nowhere")
    assert (found["Status"], deciding(found)[0]) == (404, "Operation")
    found = await why(api, user, "PATCH", "/v1/me/products")
    assert (found["Status"], found["ErrorCode"]) == (405, "MethodNotAllowed")
    found = await why(api, user, "POST", "/oauth/token")
    assert (found["Status"], found["IsRefused"]) == (None, False)
    found = await why(api, user, "DELETE", f"/v1/buyers/{one}")
    assert (found["Status"], found["ErrorCode"]) == (403, "Auth.UserNotAuthorizedToAdmin")
    assert deciding(found)[0] == "UserType"


async def test_nothing_is_written_and_nobody_else_is_told(api: Api, server: Server) -> None:
    user = await api.user(buyer=await api.buyer(), roles=("FullAccess",))
    asked = {
        "username": user.username,
        "verb": "DELETE",
        "path": f"/v1/buyers/{user.company}/users/{user.id}",
    }
    async with Api.create(server) as other:
        answer = await other.seller.get(PATH, params=asked)
        assert (answer.status_code, answer.json()["Errors"][0]["ErrorCode"]) == (404, "NotFound")
        theirs = (
            await other.seller.post("/v1/apiclients", json={"AppName": "x", "AccessTokenDuration": 60})
        ).json()
        answer = await api.seller.get(PATH, params=asked | {"clientID": theirs["ID"]})
        assert answer.json()["Errors"][0]["Data"]["ObjectType"] == "ApiClient"
    admin = api.admin
    found = await why(api, admin, "DELETE", asked["path"])
    assert (found["Status"], found["IsRefused"]) == (None, False)
    assert (await api.seller.get(asked["path"])).status_code == 200
    assert (await api.as_(admin, roles=["BuyerUserAdmin"]).get(PATH, params=asked)).status_code == 403
    assert (await api.as_(user, roles=["FullAccess"]).get(PATH, params=asked)).status_code == 403
    for missing in ("username", "verb", "path"):
        rest = {name: value for name, value in asked.items() if name != missing}
        assert (await api.seller.get(PATH, params=rest)).status_code == 400
