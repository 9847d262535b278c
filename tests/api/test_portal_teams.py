"""Teams of accounts, and what they are given (PORT-10, PORT-11)."""

from __future__ import annotations

import asyncio

import pytest
from tests.api.marketplace import Api, claims_of, codes
from tests.api.portal import ROOT, Portal, Someone, owner_of, waiting
from tests.api.uniform.subjects import checked

from entrepot.features.people.portal import members, teams
from entrepot.kernel.ids import new_id


async def team(owner: Someone, **more: object) -> str:
    team_id = new_id()
    answer = await owner.http.put(
        f"{ROOT}/teams/{team_id}", json={"Id": team_id, "Name": f"Team {team_id}", **more}
    )
    assert answer.status_code == 201, answer.text
    return team_id


async def joined(team_id: str, owner: Someone, whom: Someone) -> None:
    answer = await owner.http.post(f"{ROOT}/teams/{team_id}/members", json={"Username": whom.username})
    assert (answer.status_code, answer.json()["Accepted"]) == (201, False)
    assert (await whom.http.post(f"{ROOT}/me/teaminvites/{team_id}/accept")).status_code == 204


async def test_port_11_a_team_is_made_and_changed_by_its_owner(portal: Portal) -> None:
    ann, bob = await portal.someone(), await portal.someone()
    team_id = await team(ann)
    path = f"{ROOT}/teams/{team_id}"
    shown = {
        "Id": team_id,
        "Name": f"Team {team_id}",
        "ExcludeFromSearch": False,
        "Owner": {"Username": ann.username, "Name": ann.username.title(), "Email": None},
    }
    assert (await ann.http.get(path)).json() == shown
    assert (await ann.http.get(f"{ROOT}/teams")).json()["Items"] == [shown]
    found = await bob.http.get(f"{ROOT}/teams/globalsearch", params={"search": team_id})
    assert found.json()["Items"] == [shown]
    assert (await bob.http.get(f"{ROOT}/teams")).json()["Items"] == []
    hidden = await ann.http.put(path, json={"Name": "Hidden", "ExcludeFromSearch": True})
    assert (hidden.status_code, hidden.json()["Name"]) == (200, "Hidden")
    assert (await bob.http.get(f"{ROOT}/teams/globalsearch", params={"search": team_id})).json()[
        "Items"
    ] == []
    assert codes(await bob.http.put(path, json={"Name": "Mine"})) == ["IdExists"]
    assert (await ann.http.put(f"{ROOT}/teams/has.dot", json={"Name": "x"})).status_code == 400


async def test_port_11_members_are_invited_and_may_leave(portal: Portal) -> None:
    """Who is in a team is seen by its members alone."""
    ann, bob, eve = [await portal.someone() for _ in range(3)]
    team_id = await team(ann)
    path = f"{ROOT}/teams/{team_id}"
    await joined(team_id, ann, bob)
    assert codes(await eve.http.get(f"{path}/members")) == ["NotFound"]
    listed = (await bob.http.get(f"{path}/members", params={"sortBy": "User.Username"})).json()["Items"]
    assert {each["User"]["Username"]: (each["User"]["Email"], each["IsAdmin"]) for each in listed} == {
        ann.username: (ann.email, True),
        bob.username: (bob.email, False),
    }
    refused = await bob.http.post(f"{path}/members", json={"Username": eve.username})
    assert (refused.status_code, codes(refused)) == (403, ["Portal.NotTeamAdministrator"])
    assert (await ann.http.put(f"{path}/members/{bob.username}", json={"IsAdmin": True})).json()[
        "IsAdmin"
    ] is True
    assert (await bob.http.post(f"{path}/members", json={"Username": eve.username})).status_code == 201
    assert [each["Id"] for each in (await eve.http.get(f"{ROOT}/me/teaminvites")).json()["Items"]] == [
        team_id
    ]
    assert (await eve.http.post(f"{ROOT}/me/teaminvites/{team_id}/decline")).status_code == 204
    assert codes(await eve.http.post(f"{ROOT}/me/teaminvites/{team_id}/accept")) == ["NotFound"]
    assert codes(await ann.http.get(f"{path}/members/{eve.username}")) == ["NotFound"]
    assert codes(await bob.http.delete(f"{path}/members/{ann.username}")) == ["Portal.TeamOwnerLeaves"]
    assert (await bob.http.delete(f"{path}/members/{bob.username}")).status_code == 204
    assert (await bob.http.get(path)).status_code == 404


async def test_port_11_a_team_is_given_to_a_member(portal: Portal) -> None:
    ann, bob, eve = [await portal.someone() for _ in range(3)]
    team_id = await team(ann)
    path = f"{ROOT}/teams/{team_id}"
    await joined(team_id, ann, bob)
    assert codes(await bob.http.post(f"{path}/transfer", json={"Username": bob.username})) == [
        "Portal.NotOwner"
    ]
    assert codes(await ann.http.post(f"{path}/transfer", json={"Username": eve.username})) == [
        "Portal.NotMember"
    ]
    assert (await ann.http.post(f"{path}/transfer", json={"Username": bob.username})).status_code == 204
    assert (await ann.http.get(path)).json()["Owner"]["Username"] == bob.username
    assert codes(await ann.http.delete(path)) == ["Portal.NotOwner"]
    assert (await bob.http.delete(path)).status_code == 204
    assert (await bob.http.get(path)).status_code == 404


async def test_port_10_members_have_what_their_team_was_given(api: Api, portal: Portal) -> None:
    """With what they were given themselves; until they leave, or it is taken."""
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    team_id = await team(bob)
    await joined(team_id, bob, eve)
    marketplace = f"{ROOT}/organizations/{api.marketplace}"
    given = await ann.http.put(f"{marketplace}/access/teams/{team_id}", json={"Roles": ["BuyerReader"]})
    assert (given.status_code, given.json()["Accepted"], given.json()["Team"]["Id"]) == (200, False, team_id)
    assert (await eve.http.get(marketplace)).status_code == 404
    (invite,) = (await bob.http.get(f"{ROOT}/me/orgteaminvites")).json()["Items"]
    assert (invite["Org"]["Id"], invite["Team"]["Id"]) == (api.marketplace, team_id)
    assert (await eve.http.get(f"{ROOT}/me/orgteaminvites")).json()["Items"] == []
    accept = f"{ROOT}/teams/{team_id}/orginvites/{api.marketplace}/accept"
    assert codes(await eve.http.post(accept)) == ["Portal.NotTeamAdministrator"]
    assert (await bob.http.post(accept)).status_code == 204
    (of_team,) = (await eve.http.get(f"{ROOT}/teams/{team_id}/access")).json()["Items"]
    assert (of_team["Org"]["Id"], of_team["Roles"], of_team["Accepted"]) == (
        api.marketplace,
        ["BuyerReader"],
        True,
    )
    await ann.http.put(f"{marketplace}/access/users/{eve.username}", json={"Roles": ["ProductReader"]})
    assert (await eve.http.post(f"{ROOT}/me/orginvites/{api.marketplace}/accept")).status_code == 204
    token = (await eve.http.get(f"{marketplace}/token")).json()["access_token"]
    assert claims_of(token)["role"] == ["BuyerReader", "ProductReader"]
    one = (await ann.http.get(f"{marketplace}/contributors/{eve.username}")).json()
    assert one["InheritedRoles"] == ["BuyerReader", "ProductReader"]
    assert (await eve.http.delete(f"{ROOT}/teams/{team_id}/members/{eve.username}")).status_code == 204
    assert codes(await (await portal.calls(token)).get("/v1/buyers")) == ["Auth.TokenRevoked"]
    less = (await eve.http.get(f"{marketplace}/token")).json()
    assert less["granted_roles"] == ["ProductReader"]
    bobs = await portal.calls((await bob.http.get(f"{marketplace}/token")).json()["access_token"])
    assert (await bobs.get("/v1/buyers")).status_code == 200
    assert (await ann.http.delete(f"{marketplace}/access/teams/{team_id}")).status_code == 204
    assert (await bobs.get("/v1/buyers")).status_code == 401
    assert (await bob.http.get(marketplace)).status_code == 404


async def test_port_10_a_team_declines(api: Api, portal: Portal) -> None:
    ann, bob = await owner_of(api, portal), await portal.someone()
    team_id = await team(bob)
    path = f"{ROOT}/organizations/{api.marketplace}/access/teams"
    await ann.http.put(f"{path}/{team_id}", json={"IsAdmin": True})
    assert [each["Team"]["Id"] for each in (await ann.http.get(path)).json()["Items"]] == [team_id]
    invite = f"{ROOT}/teams/{team_id}/orginvites/{api.marketplace}"
    assert (await bob.http.post(f"{invite}/decline")).status_code == 204
    assert codes(await bob.http.post(f"{invite}/accept")) == ["NotFound"]
    assert (await ann.http.get(path)).json()["Items"] == []
    assert codes(await ann.http.put(f"{path}/no-team-at-all", json={})) == ["NotFound"]


async def test_teams_and_members_are_bounded(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "MOST", 1)
    monkeypatch.setattr(members, "MOST", 1)
    ann, bob = await portal.someone(), await portal.someone()
    team_id = await team(ann)
    assert codes(await ann.http.put(f"{ROOT}/teams/{new_id()}", json={"Name": "x"})) == [
        "Portal.TooManyTeams"
    ]
    full = await ann.http.post(f"{ROOT}/teams/{team_id}/members", json={"Username": bob.username})
    assert codes(full) == ["Portal.TooManyMembers"]


async def test_port_11_whoever_becomes_the_owner_is_not_removed_meanwhile(portal: Portal) -> None:
    """A team without its owner in it would be nobody's."""
    eve, bob, carl = [await portal.someone() for _ in range(3)]
    team_id = await team(eve)
    for member in (bob, carl):
        await joined(team_id, eve, member)
    path = f"{ROOT}/teams/{team_id}"
    await checked(eve.http.put(f"{path}/members/{carl.username}", json={"IsAdmin": True}), 200)
    async with portal.server.database.unit(None) as connection:
        hold = 'SELECT 1 FROM portal_teams WHERE "Id" = $1 FOR UPDATE'
        await connection.execute(hold, team_id)
        giving = asyncio.create_task(eve.http.post(f"{path}/transfer", json={"Username": bob.username}))
        await waiting(portal, 1)
        removing = asyncio.create_task(carl.http.delete(f"{path}/members/{bob.username}"))
        await waiting(portal, 2)
    assert ((await giving).status_code, (await removing).status_code) == (204, 400)
    owned = (await checked(bob.http.get(path), 200)).json()
    assert owned["Owner"]["Username"] == bob.username
