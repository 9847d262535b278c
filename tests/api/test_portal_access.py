"""Access to marketplaces of others: given, accepted, changed and taken (PORT-4, PORT-10)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, claims_of, codes
from tests.api.portal import ROOT, Portal, Someone, owner_of, waiting
from tests.api.uniform.subjects import checked
from tests.plans import nodes_of

from entrepot.app.portal import give_to
from entrepot.domain.listing.request import read_list_request
from entrepot.features.people.portal import grantees, people
from entrepot.storage.listing.compile import compile_list

READER = {"Roles": ["BuyerReader", "productreader"], "ImpersonateBuyer": True}


def users(api: Api, username: str = "") -> str:
    return f"{ROOT}/organizations/{api.marketplace}/access/users" + (f"/{username}" if username else "")


async def invited(api: Api, owner: Someone, whom: Someone, **access: Any) -> None:
    answer = await owner.http.put(users(api, whom.username), json=access or READER)
    assert (answer.status_code, answer.json()["Accepted"]) == (200, False)


async def accepted(api: Api, owner: Someone, whom: Someone, **access: Any) -> None:
    await invited(api, owner, whom, **access)
    path = f"{ROOT}/me/orginvites/{api.marketplace}"
    assert (await whom.http.post(f"{path}/accept")).status_code == 204


async def test_port_10_access_begins_with_an_invitation(api: Api, portal: Portal) -> None:
    """Until it is accepted nothing is seen, neither the marketplace nor the address of who is invited."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    marketplace = f"{ROOT}/organizations/{api.marketplace}"
    await invited(api, ann, bob)
    (mail,) = await portal.mail(bob.email)
    assert mail.subject == f"{ann.username} invites you to the marketplace Test"
    assert (await bob.http.get(marketplace)).status_code == 404
    (listed,) = (await ann.http.get(users(api))).json()["Items"]
    assert listed == {
        "User": {"Username": bob.username, "Name": bob.username.title(), "Email": None},
        "Roles": ["BuyerReader", "ProductReader"],
        "IsAdmin": False,
        "ImpersonateSeller": False,
        "ImpersonateSupplier": False,
        "ImpersonateBuyer": True,
        "Accepted": False,
    }
    (invite,) = (await bob.http.get(f"{ROOT}/me/orginvites")).json()["Items"]
    assert (invite["Org"]["Id"], invite["Org"]["Owner"]) == (
        api.marketplace,
        {"Username": ann.username, "Name": ann.username.title(), "Email": None},
    )
    assert (await bob.http.post(f"{ROOT}/me/orginvites/{api.marketplace}/accept")).status_code == 204
    assert (await bob.http.get(f"{ROOT}/me/orginvites")).json()["Items"] == []
    assert (await bob.http.get(marketplace)).json()["Owner"]["Username"] == ann.username
    assert [each["Id"] for each in (await bob.http.get(f"{ROOT}/organizations")).json()["Items"]] == [
        api.marketplace
    ]
    (listed,) = (await ann.http.get(users(api))).json()["Items"]
    assert (listed["User"]["Email"], listed["Accepted"]) == (bob.email, True)


async def test_port_10_an_invitation_is_declined(api: Api, portal: Portal) -> None:
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    await invited(api, ann, bob)
    path = f"{ROOT}/me/orginvites/{api.marketplace}"
    assert codes(await eve.http.post(f"{path}/accept")) == ["NotFound"]
    assert (await bob.http.post(f"{path}/decline")).status_code == 204
    assert codes(await bob.http.post(f"{path}/accept")) == ["NotFound"]
    assert (await ann.http.get(users(api))).json()["Items"] == []


async def test_port_12_tokens_have_the_roles_that_were_given(api: Api, portal: Portal) -> None:
    """And end when other ones are, or none."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    await accepted(api, ann, bob)

    async def token() -> str:
        answer = await bob.http.get(f"{ROOT}/organizations/{api.marketplace}/token")
        return str(answer.json()["access_token"])

    first = await token()
    assert claims_of(first)["role"] == ["BuyerReader", "ProductReader"]
    client = await portal.calls(first)
    assert (await client.get("/v1/buyers")).status_code == 200
    assert (await client.post("/v1/buyers", json={"Name": "B"})).status_code == 403
    changed = await ann.http.put(users(api, bob.username), json={"Roles": ["BuyerAdmin"]})
    assert (changed.status_code, changed.json()["Accepted"]) == (200, True)
    assert codes(await client.get("/v1/buyers")) == ["Auth.TokenRevoked"]
    second = await portal.calls(await token())
    assert (await second.post("/v1/buyers", json={"Name": "B"})).status_code == 201
    assert (await ann.http.delete(users(api, bob.username))).status_code == 204
    assert (await second.get("/v1/buyers")).status_code == 401
    assert (await bob.http.get(f"{ROOT}/organizations/{api.marketplace}")).status_code == 404


async def test_port_10_administrators_give_access_and_rename_but_own_nothing(
    api: Api, portal: Portal
) -> None:
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    await accepted(api, ann, bob, Roles=[], IsAdmin=True)
    await accepted(api, bob, eve)
    marketplace = f"{ROOT}/organizations/{api.marketplace}"
    assert (await bob.http.put(marketplace, json={"Name": "Renamed"})).status_code == 200
    assert codes(await bob.http.delete(marketplace)) == ["Portal.NotOwner"]
    assert codes(await bob.http.post(f"{marketplace}/transfer", json={"Username": bob.username})) == [
        "Portal.NotOwner"
    ]
    assert codes(await bob.http.put(users(api, ann.username), json=READER)) == ["Portal.OwnerHasAccess"]
    for refused in (
        await eve.http.put(marketplace, json={"Name": "Mine"}),
        await eve.http.put(users(api, eve.username), json={"IsAdmin": True}),
        await eve.http.delete(users(api, bob.username)),
    ):
        assert (refused.status_code, codes(refused)) == (403, ["Portal.NotAdministrator"])
    # Whoever has access may leave.
    assert (await eve.http.delete(users(api, eve.username))).status_code == 204
    assert codes(await bob.http.delete(users(api, eve.username))) == ["NotFound"]


@pytest.mark.parametrize("roles", [["NoRole"], ["BuyerReader", ""], [{}]])
async def test_only_roles_of_the_api_are_given(api: Api, portal: Portal, roles: list[Any]) -> None:
    ann, bob = await owner_of(api, portal), await portal.someone()
    answer = await ann.http.put(users(api, bob.username), json={"Roles": roles})
    assert answer.status_code == 400
    assert answer.json()["Errors"][0]["Data"]["Property"].startswith("Roles")
    nobody = await ann.http.put(users(api, "nobody-at-all"), json=READER)
    assert (nobody.status_code, codes(nobody)) == (404, ["NotFound"])


async def test_access_of_one_marketplace_is_bounded(
    api: Api, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grantees, "MOST", 1)
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    await invited(api, ann, bob)
    answer = await ann.http.put(users(api, eve.username), json=READER)
    assert codes(answer) == ["Portal.TooManyContributors"]
    assert (await ann.http.put(users(api, bob.username), json=READER)).status_code == 200


async def test_port_4_accounts_are_found_by_name_and_never_by_address(portal: Portal) -> None:
    ann, bob = await portal.someone(), await portal.someone()
    path = f"{ROOT}/portalusers"
    found = (await ann.http.get(path, params={"search": bob.username})).json()["Items"]
    assert {"Username": bob.username, "Name": bob.username.title()} in found
    assert (await ann.http.get(path, params={"search": bob.email})).json()["Items"] == []
    one = await ann.http.get(f"{path}/{bob.username.upper()}")
    assert one.json() == {"Username": bob.username, "Name": bob.username.title()}
    assert codes(await ann.http.get(f"{path}/nobody-at-all")) == ["NotFound"]
    assert (await ann.http.get(path, params={"Email": "x"})).status_code == 400


async def test_port_10_contributors_are_who_has_accepted(api: Api, portal: Portal) -> None:
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    await accepted(api, ann, bob)
    await invited(api, ann, eve)
    path = f"{ROOT}/organizations/{api.marketplace}/contributors"
    (one,) = (await bob.http.get(path)).json()["Items"]
    assert one == {
        "IsAdmin": False,
        "ImpersonateSeller": False,
        "ImpersonateSupplier": False,
        "ImpersonateBuyer": True,
        "InheritedRoles": ["BuyerReader", "ProductReader"],
        "User": {"Username": bob.username, "Name": bob.username.title(), "Email": bob.email},
    }
    assert (await ann.http.get(f"{path}/{bob.username}")).json() == one
    for username in (eve.username, "nobody-at-all"):
        assert codes(await ann.http.get(f"{path}/{username}")) == ["NotFound"]


async def test_port_14_search_indexes_are_always_ready(api: Api, portal: Portal) -> None:
    """Building one anew is for administrators, ten times an hour in a sandbox."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    await accepted(api, ann, bob)
    path = f"{ROOT}/organizations/{api.marketplace}/searchindexes"
    indexes = (await bob.http.get(path)).json()["SearchIndexes"]
    assert [(each["IndexID"], each["Type"], each["Status"]) for each in indexes] == [
        (1, "Products", "Ready"),
        (2, "Orders", "Ready"),
    ]
    assert (await bob.http.get(path, params={"type": "orders"})).json() == {"SearchIndexes": [indexes[1]]}
    assert (await bob.http.get(f"{path}/1/errors")).json() == {"SearchIndexErrors": []}
    assert codes(await bob.http.get(f"{path}/3/errors")) == ["NotFound"]
    assert codes(await bob.http.post(f"{path}/Products/rebuild")) == ["Portal.NotAdministrator"]
    assert codes(await ann.http.post(f"{path}/Users/rebuild")) == ["NotFound"]
    for _ in range(10):
        assert (await ann.http.post(f"{path}/Products/rebuild", json={})).status_code == 204
    assert codes(await ann.http.post(f"{path}/Orders/rebuild")) == ["Portal.SearchRebuildsExceeded"]


async def team_of(api: Api, owner: Someone, admin: Someone, member: Someone) -> str:
    """A team with a member, which has accepted access to the marketplace."""
    team, http = f"team-{admin.username}", admin.http
    await checked(http.put(f"{ROOT}/teams/{team}", json={"Name": "Team"}), 201)
    await checked(http.post(f"{ROOT}/teams/{team}/members", json={"Username": member.username}), 201)
    await checked(member.http.post(f"{ROOT}/me/teaminvites/{team}/accept"), 204)
    given = f"{ROOT}/organizations/{api.marketplace}/access/teams/{team}"
    await checked(owner.http.put(given, json=READER), 200)
    await checked(http.post(f"{ROOT}/teams/{team}/orginvites/{api.marketplace}/accept"), 204)
    return team


@pytest.mark.parametrize("way", ["account", "team's access", "member", "team"])
async def test_port_10_no_token_is_given_while_access_is_taken(api: Api, portal: Portal, way: str) -> None:
    """The first one of an account, which nobody knew to end: whoever asks waits for what has begun, and is refused."""
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    if way == "account":
        await accepted(api, ann, bob)
        taker, path = ann, users(api, bob.username)
    else:
        team = await team_of(api, ann, eve, bob)
        taker, path = {
            "team's access": (ann, f"{ROOT}/organizations/{api.marketplace}/access/teams/{team}"),
            "member": (eve, f"{ROOT}/teams/{team}/members/{bob.username}"),
            "team": (eve, f"{ROOT}/teams/{team}"),
        }[way]
    async with api.server.database.unit(api.marketplace_id) as connection:
        # The last but one thing before the commit waits.
        await connection.execute(
            "SELECT 1 FROM security_epochs WHERE marketplace_id = $1 FOR UPDATE", api.marketplace_id
        )
        taking = asyncio.create_task(taker.http.delete(path))
        await waiting(portal, 1)
        asked = asyncio.create_task(bob.http.get(f"{ROOT}/organizations/{api.marketplace}/token"))
        await waiting(portal, 2, or_done=asked)
    assert (await taking).status_code == 204
    answer = await asked
    assert answer.status_code in (401, 404), answer.text


async def test_what_is_given_by_who_runs_the_server_is_the_former_owners_no_more(
    api: Api, portal: Portal
) -> None:
    """`entrepot portal give`: tokens of before end at once; giving to the owner changes nothing."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    path = f"{ROOT}/organizations/{api.marketplace}/token"
    before = api.with_token((await checked(ann.http.get(path), 200)).json()["access_token"])
    for new, status in ((ann, 200), (bob, 401)):
        await give_to(api.server.database, api.server.settings, api.marketplace, new.username)
        assert (await before.get("/v1/me")).status_code == status
    assert (await ann.http.get(path)).status_code == 404
    after = api.with_token((await checked(bob.http.get(path), 200)).json()["access_token"])
    assert (await after.get("/v1/me")).status_code == 200


async def test_port_10_access_is_the_accounts_not_the_names(api: Api, portal: Portal) -> None:
    """Given by username, it stays with the account that was meant, and whoever takes the name later has nothing of it: access, what
    is not answered yet, teams, tokens.
    """
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    await accepted(api, ann, bob)
    marketplace = f"{ROOT}/organizations/{api.marketplace}"
    token = (await bob.http.get(f"{marketplace}/token")).json()["access_token"]
    async with Api.create(api.server) as second:
        await owner_of(second, portal)
        await second.execute(
            "UPDATE portal_organizations SET owner_key = $2 WHERE marketplace_id = $1", ann.key
        )
        await invited(second, ann, bob)
        team = f"{ROOT}/teams/of-{ann.username}"
        await checked(ann.http.put(team, json={"Name": "Team"}), 201)
        await checked(ann.http.post(f"{team}/members", json={"Username": bob.username}), 201)
        taken = bob.username
        for who, name in ((bob, f"{taken}-now"), (eve, taken)):
            await checked(who.http.put(f"{ROOT}/me", json={"Username": name, "Name": name}), 200)
        for path in (marketplace, f"{marketplace}/token"):
            assert (await eve.http.get(path)).status_code == 404
        for path in ("orginvites", "teaminvites"):
            assert (await eve.http.get(f"{ROOT}/me/{path}")).json()["Items"] == []
            assert len((await bob.http.get(f"{ROOT}/me/{path}")).json()["Items"]) == 1
        assert (await bob.http.get(marketplace)).status_code == 200
        shown = (await checked(ann.http.get(users(api)), 200)).json()["Items"]
        assert [each["User"]["Username"] for each in shown] == [f"{taken}-now"]
        # By the name it is taken from nobody else's account, either.
        gone = await ann.http.delete(users(api, taken))
        assert (gone.status_code, codes(gone)) == (404, ["NotFound"])
        async with api.server.client(token) as still:
            assert (await still.get("/v1/me")).status_code == 200
        # Who signs in by the name is who has it now.
        signed_in = (await portal.sign_in(taken)).json()["access_token"]
        assert (await (await portal.calls(signed_in)).get(f"{ROOT}/me")).json()["Email"] == eve.email


async def test_port_4_accounts_are_found_by_their_trigrams(api: Api, portal: Portal) -> None:
    """However many there are: the search reads an index."""
    statement, arguments = compile_list(
        people._people._source, read_list_request("search=erso", people._people._shape), {}
    ).count
    async with api.server.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments)
    assert {node.get("Index Name") for node in nodes_of(explained)} == {None, "ix_portal_accounts_search"}


async def test_newer_paths_of_access_and_teams(api: Api, portal: Portal) -> None:
    """The same operations, which name the marketplace in the query string; strangers see as little."""
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    newer, about = "/api/v2", f"?marketplaceID={api.marketplace}"
    team = f"{newer}/teams/newer-{ann.username}"
    await checked(ann.http.put(f"{newer}/access/users/{bob.username}{about}", json=READER), 200)
    for stranger in (bob, eve):
        for path in ("access/users", "access/teams", "contributors"):
            assert (await stranger.http.get(f"{newer}/{path}{about}")).status_code == 404
    assert (await ann.http.get(f"{newer}/access/users")).status_code == 400
    await checked(bob.http.post(f"{newer}/me/orginvites/{api.marketplace}/accept"), 204)
    assert (await checked(bob.http.get(f"{newer}/contributors{about}"), 200)).json()["Meta"][
        "TotalCount"
    ] == 1
    await checked(bob.http.put(team, json={"Name": "Newer"}), 201)
    assert (await eve.http.get(team)).status_code == 404
    await checked(ann.http.put(f"{newer}/access/teams/newer-{ann.username}{about}", json={"Roles": []}), 200)
    await checked(bob.http.post(f"{team}/orginvites/{api.marketplace}/accept"), 204)
    [given] = (await checked(ann.http.get(f"{newer}/access/teams{about}"), 200)).json()["Items"]
    assert (given["Team"]["Name"], given["Accepted"]) == ("Newer", True)
    await checked(bob.http.post(f"{team}/members", json={"Username": eve.username}), 201)
    await checked(eve.http.post(f"{newer}/me/teaminvites/newer-{ann.username}/accept"), 204)
    assert (await checked(eve.http.get(f"{newer}/marketplace{about}"), 200)).json()["Id"] == api.marketplace
    await checked(ann.http.delete(f"{newer}/access/teams/newer-{ann.username}{about}"), 204)
    assert (await eve.http.get(f"{newer}/marketplace{about}")).status_code == 404
