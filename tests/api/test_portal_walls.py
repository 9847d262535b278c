"""Every operation of the portal refuses strangers: nobody, a user of a marketplace, another account; and what is no request."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.portal import Portal, Someone, owner_of
from tests.rows import by, tabled

from entrepot.app.registry import portal_registry, registry
from entrepot.declare.operation import Operation
from entrepot.http.routing import mounted

PORTAL = portal_registry().operations
OPERATIONS = list(PORTAL.values())
PRIVATE = [each for each in OPERATIONS if not each.public]
WITH_BODIES = [each for each in OPERATIONS if each.body is not None]
ABOUT_MARKETPLACES = [
    each
    for each in PRIVATE
    if "{organizationID}" in each.path or any(one.name == "marketplaceID" for one in each.query)
]
PUBLIC = {
    "Portal.Token",
    "Portal.Revoke",
    "Portal.Register",
    "Portal.Verify",
    "Portal.ForgotPassword",
    "Portal.ResetPassword",
    "Portal.Unlock",
    "Portal.ListSignIns",
    "Portal.SignInElsewhere",
    "Portal.ReturnFromElsewhere",
}
"""What is open without a token: what somebody without one needs."""
SAMPLE = {"integer": 1, "boolean": True, "list": [], "object": {}}


def path_of(operation: Operation, **given: str) -> str:
    path = operation.path
    for name in operation.path_parameters:
        path = path.replace(f"{{{name}}}", given.get(name, "1"))
    return path


def body_of(operation: Operation) -> dict[str, Any]:
    """One whose required properties are there."""
    if operation.body is None:
        return {}
    columns = operation.body.model.__columns__.values()
    values = {each.name: SAMPLE.get(each.type.kind, "ann@example.com") for each in columns if each.required}
    return values | {name: "Abc123456789" for name in values if "Password" in name}


async def called(client: httpx.AsyncClient, operation: Operation, **given: str) -> httpx.Response:
    body = body_of(operation) if operation.verb in ("POST", "PUT") else None
    return await client.request(operation.verb, path_of(operation, **given), json=body)


def test_only_what_needs_no_token_is_open() -> None:
    assert {each.id for each in OPERATIONS if each.public} == PUBLIC


def test_the_portal_is_no_part_of_the_api() -> None:
    assert not {each.id for each in OPERATIONS} & registry().operations.keys()
    assert all(each.is_portal and not each.is_own for each in OPERATIONS)
    assert not any(each.is_portal for each in registry().operations.values())


@tabled(by(lambda name: PORTAL[name].tag, [each.id for each in PRIVATE]))
async def test_strangers_are_refused(name: str, api: Api, portal: Portal) -> None:
    """401 for nobody, for a token of the API with every right, for one that is none."""
    operation = PORTAL[name]
    for client in (portal.http, api.seller, await portal.calls("a.b.c")):
        answer = await called(client, operation, organizationID=api.marketplace)
        assert (answer.status_code, codes(answer)) == (401, ["InvalidToken"])
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.fixture
async def stranger(api: Api, portal: Portal) -> Someone:
    """Somebody to whom the marketplace, which is another's, is none."""
    await owner_of(api, portal)
    return await portal.someone()


@tabled(by(lambda name: PORTAL[name].tag, [each.id for each in ABOUT_MARKETPLACES]))
async def test_another_account_finds_no_marketplace(name: str, api: Api, stranger: Someone) -> None:
    """PORT-7: as if there was none. To make one of its ID is refused as well."""
    operation, answers = PORTAL[name], []
    for marketplace in (api.marketplace, f"nowhere-{name.replace('.', '-')}"):
        path = path_of(operation, organizationID=marketplace)
        body = body_of(operation) if operation.verb in ("POST", "PUT") else None
        if operation.id.endswith("SaveOrganization"):
            body = {"Name": "Mine", "Region": {"Id": "usw"}}
        answers.append(
            await stranger.http.request(
                operation.verb, path, params={"marketplaceID": marketplace}, json=body
            )
        )
    if operation.id.endswith("SaveOrganization"):
        assert codes(answers[0]) == ["IdExists"]
        return
    for answer in answers:
        assert (answer.status_code, codes(answer)) == (404, ["NotFound"])


async def test_port_10_who_was_given_nothing_changes_nothing(api: Api, portal: Portal) -> None:
    """403 for each operation that writes, and for what shows a key; an administrator is refused what is the owner's alone."""
    owner = await owner_of(api, portal)
    root, tried = f"/api/v1/organizations/{api.marketplace}", set[str]()
    for rights in ({}, {"IsAdmin": True}):
        helping = await portal.someone()
        given = await owner.http.put(f"{root}/access/users/{helping.username}", json=rights)
        accepted = await helping.http.post(f"/api/v1/me/orginvites/{api.marketplace}/accept")
        assert (given.status_code, accepted.status_code) == (200, 204)
        for operation in ABOUT_MARKETPLACES:
            is_owners = operation.id.endswith(("DeleteOrganization", "TransferOrganization"))
            writes = operation.verb != "GET" or operation.id.endswith("StagingRestoreWebhook")
            if not (is_owners if rights else writes):
                continue
            tried.add(operation.id)
            answer = await helping.http.request(
                operation.verb,
                path_of(operation, organizationID=api.marketplace, username=owner.username),
                params={"marketplaceID": api.marketplace},
                json=body_of(operation) if operation.verb in ("POST", "PUT") else None,
            )
            refusal = "Portal.NotOwner" if is_owners else "Portal.NotAdministrator"
            assert (answer.status_code, codes(answer)) == (403, [refusal]), operation.id
    assert len(tried) > 20


@pytest.mark.parametrize(
    "operation",
    [each for each in PRIVATE if each.path.startswith("/api/v1/teams/{")],
    ids=lambda each: each.id,
)
async def test_who_is_in_no_team_finds_none(portal: Portal, operation: Operation) -> None:
    """To make one of its ID is refused as well."""
    owner, stranger = await portal.someone(), await portal.someone()
    team = f"team-{owner.username}"
    assert (await owner.http.put(f"/api/v1/teams/{team}", json={"Name": "Ours"})).status_code == 201
    body = body_of(operation) if operation.verb in ("POST", "PUT") else None
    path = path_of(operation, teamID=team, username=owner.username)
    answer = await stranger.http.request(operation.verb, path, json=body)
    assert codes(answer) == (["IdExists"] if operation.id == "Portal.SaveTeam" else ["NotFound"])


async def test_the_portals_token_opens_nothing_of_the_api(portal: Portal) -> None:
    """Not even what a guest may."""
    someone = await portal.someone()
    for operation in registry().operations.values():
        if not operation.public:
            answer = await someone.http.request(operation.verb, mounted(path_of(operation)))
            assert (answer.status_code, codes(answer)) == (401, ["InvalidToken"]), operation.id


@pytest.mark.parametrize("operation", WITH_BODIES, ids=lambda each: each.id)
async def test_bad_bodies_are_refused(portal: Portal, operation: Operation) -> None:
    """400 for what is no object or holds what no property is, 413 for what is too large; never 5xx."""
    someone = await portal.someone()
    path = path_of(operation)
    assert operation.body is not None
    names = operation.body.model.__columns__
    bodies = [b"", b"null", b"[]", b"{", b'"x"', b"\xff\xfe", b'{"a":' * 200]
    for content in bodies:
        answer = await someone.http.request(operation.verb, path, content=content, headers={"Content-Type": "application/json"})  # fmt: skip
        assert 400 <= answer.status_code < 500, content
        assert answer.json()["Errors"]
    values: list[Any] = [{}, [1], "\0", "x" * 10_000, "\ud800", 10**30, True]
    for value in values:
        content = json.dumps(dict.fromkeys(names, value)).encode()
        answer = await someone.http.request(operation.verb, path, content=content, headers={"Content-Type": "application/json"})  # fmt: skip
        assert answer.status_code < 500, (value, answer.text)
    large = await someone.http.request(operation.verb, path, content=b" " * 2_000_000)
    assert (large.status_code, codes(large)) == (413, ["Request.BodyTooLarge"])


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"grant_type=password&username=%00&password=%00", b"grant_type=refresh_token"]
)
async def test_bad_forms_are_refused(portal: Portal, content: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await portal.http.post("/api/v1/oauth/token", content=content, headers=headers)
    assert (answer.status_code, "error" in answer.json()) == (400, True)
    assert (await portal.http.post("/api/v1/oauth/revoke", content=content, headers=headers)).status_code == 200  # fmt: skip
