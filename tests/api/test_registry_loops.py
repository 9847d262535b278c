"""Every operation of the registry, in one way at a time: who is refused, and what a route answers besides its verb.

A test tries all operations, or paths, of one area in its way, and tells of all that fail (tests/rows.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.api.company import ADDRESS
from tests.api.marketplace import Api, Server, User
from tests.api.world import wing
from tests.http.driver import Answer, ask
from tests.rows import by, tabled

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.domain.identity.ties import Ties
from entrepot.http.routing import mounted

OPERATIONS = registry().operations
GUARDED = sorted(name for name, operation in OPERATIONS.items() if not operation.public)
WITH_ROLES = sorted(name for name, operation in OPERATIONS.items() if operation.roles)


def _wing(name: str) -> str:
    return wing(OPERATIONS[name])


def _branch(path: str) -> str:
    return "/".join(path.split("/")[1:3])


INVALID_TOKEN = {
    "Errors": [
        {
            "ErrorCode": "InvalidToken",
            "Message": "Access token is invalid or expired.",
            "Data": None,
        }
    ]
}
NO_TOKEN_NEEDED = {
    "Tokens.Create",
    "Certs.List",
    "Certs.Get",
    "ForgottenCredentials.SendVerificationCode",
    "ForgottenCredentials.ResetPasswordByVerificationCode",
    "ForgottenCredentials.SendOneTimePassword",
    "ForgottenCredentials.RetrieveUsername",
    "OpenIdConnects.Login",
    "OpenIdConnects.TakeCode",
    "OpenIdConnects.TakeCodeForm",
}
NO_ROLE_NEEDED = {
    "Batches.Create",  # each of its requests needs those of its operation
    "Me.Get",
    "Me.ListUserGroups",
    "Me.RevokeTokens",
    "UserInfo.Get",
    "UserInfo.Post",
}


def url(operation: Operation) -> str:
    """The operation's path with an ID that nothing has in every place."""
    return "/".join("nope" if part.startswith("{") else part for part in mounted(operation.path).split("/"))


def test_what_is_open() -> None:
    """AUTH-27: nothing else may be called without a token, or without a role."""
    assert set(OPERATIONS) - set(GUARDED) == NO_TOKEN_NEEDED
    assert set(GUARDED) - set(WITH_ROLES) == NO_ROLE_NEEDED


class Shop:
    """One marketplace for all of this module: what is asked here is refused, or asked of nothing."""

    def __init__(self, api: Api, people: tuple[User, ...]) -> None:
        self.api = api
        self.people = people
        """Of the seller, of a buyer."""
        self._tokens: dict[tuple[int, tuple[str, ...]], str] = {}

    def token(self, user: User, *roles: str) -> str:
        """The same one each time."""
        known = self._tokens.get((user.key, roles))
        return known or self._tokens.setdefault((user.key, roles), self.api.token(user, roles))

    @property
    def admin(self) -> str:
        return self.token(self.api.admin, "FullAccess")

    async def ask(
        self, verb: str, path: str, token: str | None = None, *, body: bytes | None = None, **headers: str
    ) -> Answer:
        return await ask(
            self.api.server.app, verb, path, token=token, body=body, headers=tuple(headers.items())
        )


@pytest.fixture(scope="module")
async def shop(server: Server) -> AsyncIterator[Shop]:
    async with Api.create(server) as api:
        yield Shop(api, (await api.user(), await api.user(buyer=await api.buyer())))


@tabled(by(_wing, GUARDED))
async def test_no_token(name: str, shop: Shop) -> None:
    """AUTH-27, AUTH-28: no header, an empty bearer, no JWT: the same 401, whatever else is wrong."""
    operation = OPERATIONS[name]
    for header in (None, "Bearer ", "Bearer nonsense", "Bearer a.b.c", "Basic eDp5"):
        headers = {} if header is None else {"Authorization": header}
        refused = await shop.ask(operation.verb, url(operation), body=b"{broken", **headers)
        assert (refused.status, refused.json) == (401, INVALID_TOKEN), header
        assert refused.headers["www-authenticate"].startswith("Bearer")


@tabled(by(_wing, WITH_ROLES))
async def test_wrong_role(name: str, shop: Shop) -> None:
    """AUTH-30: any one of the sufficient roles opens, any other does not; also to those whose kind is refused."""
    operation = OPERATIONS[name]
    assert operation.roles[0] == "FullAccess"
    for user in shop.people:
        for roles in ((), ("GrantForBundles", "Custom")):
            token = shop.token(user, *roles)
            refused = await shop.ask(operation.verb, url(operation), token, body=b"{broken")
            assert (refused.status, refused.json) == (
                403,
                {
                    "Errors": [
                        {
                            "ErrorCode": "Auth.InsufficientRoles",
                            "Message": "User does not have role(s) required to perform this action.",
                            "Data": {
                                "SufficientRoles": list(operation.roles),
                                "AssignedRoles": sorted(roles, key=str.lower),
                            },
                        }
                    ]
                },
            )


@tabled(by(_branch, sorted({url(OPERATIONS[name]) for name in GUARDED if OPERATIONS[name].verb == "GET"})))
async def test_the_deactivated_are_told_nothing(path: str, shop: Shop) -> None:
    """ADR 0004: not even that there is nothing, by whichever refusal a read ends, nor what is wrong with the question."""
    api, company = shop.api, shop.people[1].company
    for kind, owner in (("adminusers", None), (f"buyers/{company}/users", company)):
        for asked in (path, f"{path}?page=nonsense"):
            user = await api.user(buyer=owner)
            token = api.token(user, roles=["FullAccess", "Shopper"])
            if (await shop.ask("GET", asked, token)).status == 403:
                # What no user of this kind is told has been refused before anything was read.
                continue
            ended = await shop.ask("PATCH", f"/v1/{kind}/{user.id}", shop.admin, body=b'{"Active":false}')
            assert ended.status == 200
            assert (await shop.ask("GET", asked, token)).status == 401


@tabled(by(_wing, WITH_ROLES))
async def test_each_sufficient_role(name: str, shop: Shop) -> None:
    """AUTH-30: each of them alone passes the role check."""
    operation = OPERATIONS[name]
    for role in operation.roles:
        token = shop.token(shop.people[0], role)
        answer = await shop.ask(operation.verb, url(operation), token, body=b"{}")
        assert answer.status < 500, answer.body
        assert answer.status != 401 or operation.renews, "nobody has ended this user's tokens"
        assert answer.status < 400 or "Auth.InsufficientRoles" not in answer.codes


PATHS = sorted({url(operation) for operation in OPERATIONS.values()})


@tabled(by(_branch, PATHS))
async def test_other_methods(path: str, shop: Shop) -> None:
    """CONV-11: 405 with Allow for a verb that the path does not have; OPTIONS tells the same; HEAD goes with GET."""
    # Somebody who may end the own access.
    token = shop.api.token(await shop.api.user(), roles=["FullAccess"])
    options = await shop.ask("OPTIONS", path)
    assert options.status == 204
    allowed = options.headers["allow"].split(", ")
    assert "OPTIONS" in allowed
    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        answer = await shop.ask(verb, path, token, body=b"")
        if verb in allowed:
            assert answer.status != 405
            continue
        assert answer.status == 405, (verb, answer.body)
        assert answer.headers["allow"] == options.headers["allow"]
        assert answer.json["Errors"] == [
            {"ErrorCode": "MethodNotAllowed", "Message": f"Method {verb} not allowed.", "Data": None}
        ]
    assert ("HEAD" in allowed) == ("GET" in allowed)


@tabled(by(_wing, sorted(n for n, o in OPERATIONS.items() if o.verb == "GET")))
async def test_head(name: str, shop: Shop) -> None:
    """The headers of GET without its body."""
    path = url(OPERATIONS[name])
    got, head = await shop.ask("GET", path, shop.admin), await shop.ask("HEAD", path, shop.admin)
    assert head.status == got.status
    assert head.body == b""
    assert head.headers.get("content-type") == got.headers.get("content-type")


CLOCK = "/entrepot/v1/clock"
"""Whose answer is another at each moment."""


@tabled(by(_branch, PATHS))
async def test_spelling_of_paths(path: str, shop: Shop) -> None:
    """CONV-8, INT-3: literals in any case, one trailing slash; IDs keep theirs."""
    usual = await shop.ask("GET", path, shop.admin)
    for spelled in (path.upper().replace("NOPE", "nope"), path + "/"):
        other = await shop.ask("GET", spelled, shop.admin)
        if path == CLOCK:
            assert (other.status, other.json.keys()) == (usual.status, usual.json.keys())
            continue
        assert (other.status, other.body) == (usual.status, usual.body)
    refused = await shop.ask("GET", f"{path}//", shop.admin)
    assert refused.status == 404
    assert refused.json["Errors"][0]["Data"]["ObjectType"] == "Route"


WITH_IDS = sorted(
    name for name in GUARDED if any(each.endswith("ID") for each in OPERATIONS[name].path_parameters)
)


async def test_no_letter_beyond_ascii_spells_an_id(api: Api) -> None:
    """Security 26, ID-1: U+212A, which is k in lower case, and U+0130 find nothing and make nothing below what is found;
    the error names them as they were sent. An operation of every kind of path.
    """
    await api.buyer("bk")
    for name in WITH_IDS:
        operation = OPERATIONS[name]
        for letter in ("%E2%84%AA", "%C4%B0"):
            path = "/".join(
                f"b{letter}" if part.startswith("{") and part.endswith("ID}") else part
                for part in mounted(operation.path).replace("{direction}", "all").split("/")
            )
            body: dict[str, str] | None = {} if operation.verb in {"POST", "PUT", "PATCH"} else None
            answer = await api.seller.request(operation.verb, path, json=body)
            assert answer.status_code < 500, f"{name}: {answer.text}"
            assert not (answer.is_success and operation.verb == "POST"), name
            assert "location" not in answer.headers
            if answer.status_code == 404 and operation.verb == "GET":
                assert f"b{letter}" in answer.text, name
    made = await api.seller.post("/v1/BUYERS/BK/addresses", json={"ID": "a-1", **ADDRESS})
    where = f"{api.server.settings.base_url}/v1/buyers/bk/addresses/a-1"
    assert (made.status_code, made.headers["Location"]) == (201, where)


async def test_what_the_token_of_a_forgotten_password_opens(api: Api) -> None:
    """Security 9, AUTH-64: of all operations one; there it is refused as invalid once its code has gone."""
    user = await api.user(buyer=await api.buyer(), roles=["FullAccess"])
    ties = Ties(reset_code="ab" * 32)
    caller = api.as_(user, roles=["PasswordReset", "FullAccess", "Shopper"], ties=ties)
    opened = set()
    for name in GUARDED:
        operation = OPERATIONS[name]
        answer = await caller.request(operation.verb, url(operation))
        if (answer.status_code, answer.json()["Errors"][0]["ErrorCode"]) not in {
            (403, "Auth.InsufficientRoles"),
            (403, "Auth.UserNotAuthorizedToAdmin"),
        }:
            opened.add(name)
            assert answer.json() == INVALID_TOKEN
    assert opened == {"Me.ResetPasswordByToken"}
