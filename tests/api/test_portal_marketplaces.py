"""Marketplaces in the portal: made, renamed, given away, deleted; and nothing of others (PORT-5 to PORT-8, PORT-10)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.api.marketplace import Api, Server, ShiftedClock, codes, run_server
from tests.api.portal import ROOT, Portal, Someone, owner_of, portal_of

from entrepot.domain.portal.places import REGIONS
from entrepot.features.people.portal import giving_up, marketplaces
from entrepot.kernel.ids import new_id

NEW = {"Name": "Shop", "Environment": "Sandbox", "Region": {"Id": "usw"}}
PATH = f"{ROOT}/organizations"


async def made(owner: Someone, **changes: Any) -> str:
    marketplace = new_id()
    answer = await owner.http.put(f"{PATH}/{marketplace}", json=NEW | changes)
    assert answer.status_code == 201, answer.text
    return marketplace


async def test_port_5_put_makes_a_marketplace_and_renames_it(portal: Portal) -> None:
    """Its API answers at once, to the token that the portal gives."""
    owner = await portal.someone()
    marketplace = new_id()
    path = f"{PATH}/{marketplace}"
    answer = await owner.http.put(path, json=NEW | {"Id": marketplace})
    shown = {
        "Id": marketplace,
        "Name": "Shop",
        "CoreApiUrl": portal.server.settings.base_url,
        "Environment": "Sandbox",
        "Region": {"Id": "usw", "Name": "US West", "AzureRegion": "westus"},
        "Owner": {"Username": owner.username, "Name": owner.username.title(), "Email": owner.email},
        "SCOrgId": None,
        "SCSpaceId": None,
    }
    assert (answer.status_code, answer.json()) == (201, shown)
    renamed = await owner.http.put(path, json={"Name": "Other", "Region": {"Id": "usw"}})
    assert (renamed.status_code, renamed.json()) == (200, shown | {"Name": "Other"})
    assert (await owner.http.get(path.upper().replace("API", "api"))).json() == shown | {"Name": "Other"}
    listed = (await owner.http.get(PATH)).json()
    assert (listed["Items"], listed["Meta"]["TotalCount"]) == ([shown | {"Name": "Other"}], 1)
    token = (await owner.http.get(f"{path}/token")).json()["access_token"]
    me = (await (await portal.calls(token)).get("/v1/me")).json()
    assert me["Seller"] == {"ID": marketplace}
    newer = await owner.http.get("/api/v2/marketplace", params={"marketplaceID": marketplace})
    assert newer.json() == shown | {"Name": "Other"}
    roles = await owner.http.get("/api/v2/marketplace/roles", params={"marketplaceID": marketplace})
    assert roles.json() == ["FullAccess"]


@pytest.mark.parametrize(
    ("marketplace", "body", "named"),
    [
        ("has.dot", NEW, "Id"),
        ("shop", NEW | {"Id": "other"}, "Id"),
        ("shop", {"Name": "Shop"}, "Region.Id"),
        ("shop", NEW | {"Region": {"Id": "mars"}}, "Region.Id"),
        ("shop", NEW | {"Region": {"Id": "eur"}}, "Region.Id"),
        ("shop", NEW | {"Name": " "}, "Name"),
        ("shop", NEW | {"Name": "x" * 101}, "Name"),
        ("shop", NEW | {"Environment": "Moon"}, "Environment"),
    ],
)
async def test_port_5_what_a_marketplace_has_to_be(
    portal: Portal, marketplace: str, body: dict[str, Any], named: str
) -> None:
    """The region is required, and one that the server offers."""
    owner = await portal.someone()
    answer = await owner.http.put(f"{PATH}/{marketplace}", json=body)
    assert (answer.status_code, answer.json()["Errors"][0]["Data"]["Property"]) == (400, named)


async def test_port_5_environment_and_region_stay(portal: Portal) -> None:
    owner = await portal.someone()
    path = f"{PATH}/{await made(owner)}"
    for change, named in (
        ({"Environment": "Staging"}, "Environment"),
        ({"Region": {"Id": "est"}}, "Region.Id"),
    ):
        answer = await owner.http.put(path, json=NEW | change)
        assert (answer.status_code, answer.json()["Errors"][0]["Data"]["Property"]) == (400, named)


async def test_port_5_only_who_runs_the_server_makes_other_environments(portal: Portal) -> None:
    user, operator = await portal.someone(), await portal.someone(operates=True)
    for environment in ("Production", "Staging", "Qa"):
        refused = await user.http.put(f"{PATH}/{new_id()}", json=NEW | {"Environment": environment})
        assert (refused.status_code, codes(refused)) == (403, ["Portal.EnvironmentNotAllowed"])
        await made(operator, Environment=environment)
    listed = await operator.http.get(PATH, params={"Environment": "Qa|Staging", "sortBy": "!Name"})
    assert {each["Environment"] for each in listed.json()["Items"]} == {"Qa", "Staging"}


async def test_port_6_regions_of_the_server(server: Server, portal: Portal) -> None:
    user = await portal.someone()
    answer = (await user.http.get(f"{ROOT}/me/regions")).json()
    sandbox = {"CanCreateQa": False, "CanCreateProduction": False, "CanCreateSandbox": True}
    assert answer["Items"] == [{"Region": REGIONS["usw"].wire(), **sandbox}]
    wide = replace(server.settings, regions=("eur", "usw"))
    async with run_server(wide, server.database, ShiftedClock()) as other, portal_of(other) as there:
        operator = await there.someone(operates=True)
        listed = (await operator.http.get(f"{ROOT}/me/regions", params={"pageSize": 1, "page": 2})).json()
        assert listed["Items"] == [{"Region": REGIONS["usw"].wire(), **dict.fromkeys(sandbox, True)}]
        assert listed["Meta"]["TotalCount"] == 2
        await made(operator, Region={"Id": "eur"})


async def test_port_7_nothing_of_a_marketplace_of_others_is_seen(api: Api, portal: Portal) -> None:
    """An ID is taken once on the server, whoever has it."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    path = f"{PATH}/{api.marketplace}"
    assert (await ann.http.get(path)).status_code == 200
    for url in (path, f"{PATH}/nowhere"):
        answer = await bob.http.get(url)
        assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
        assert answer.json()["Errors"][0]["Data"]["ObjectType"] == "Organization"
    assert (await bob.http.get(PATH)).json()["Items"] == []
    taken = await bob.http.put(path, json=NEW)
    assert (taken.status_code, codes(taken)) == (409, ["IdExists"])
    hidden = new_id()
    await api.execute("INSERT INTO marketplace_directory (kind, name, marketplace_id) VALUES ('marketplace', $2, $1)", hidden)  # fmt: skip
    assert (await bob.http.put(f"{PATH}/{hidden}", json=NEW)).status_code == 409


async def test_marketplaces_of_one_account_are_bounded(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marketplaces, "MOST", 2)
    user = await portal.someone()
    await made(user)
    await made(user)
    answer = await user.http.put(f"{PATH}/{new_id()}", json=NEW)
    assert (answer.status_code, codes(answer)) == (400, ["Portal.TooManyMarketplaces"])


async def test_lists_are_searched_sorted_and_filtered(portal: Portal) -> None:
    """By the names that the SDK has."""
    owner = await portal.someone()
    for name in ("Apples", "Bread", "Cheese"):
        await made(owner, Name=name)
    asked: list[tuple[dict[str, str | int], list[str]]] = [
        ({"sortBy": "!Name"}, ["Cheese", "Bread", "Apples"]),
        ({"search": "rea", "searchOn": "Name"}, ["Bread"]),
        (
            {"search": owner.username, "searchOn": "Owner.Username", "sortBy": "Name"},
            ["Apples", "Bread", "Cheese"],
        ),
        ({"Name": "A*|C*", "sortBy": "Name"}, ["Apples", "Cheese"]),
        ({"Owner.Username": f"!{owner.username}"}, []),
        ({"sortBy": "Name", "pageSize": 1, "page": 2}, ["Bread"]),
    ]
    for query, names in asked:
        answer = await owner.http.get(PATH, params=query)
        assert [each["Name"] for each in answer.json()["Items"]] == names, query


async def test_port_10_a_marketplace_is_deleted_by_its_owner_with_a_code(api: Api, portal: Portal) -> None:
    """Tokens end with it, at once; its rows go by and by. Another marketplace's stay."""
    owner = await owner_of(api, portal)
    await api.shopper()
    assert (await owner.http.delete(f"{PATH}/{api.marketplace}")).status_code == 204
    assert (await owner.http.get(f"{PATH}/{api.marketplace}")).status_code == 200
    (mail,) = await portal.mail(owner.email, 1)
    assert api.marketplace in mail.text
    code = {"Code": await portal.code(owner.email)}
    assert (await api.seller.get("/v1/me")).status_code == 200
    assert (await owner.http.post(f"{ROOT}/confirmation", json=code)).status_code == 204
    assert codes(await api.seller.get("/v1/me")) == ["Auth.SellerNotActive"]
    assert (await owner.http.get(f"{PATH}/{api.marketplace}")).status_code == 404
    assert (await api.grant(grant_type="client_credentials")).status_code == 400
    assert await api.value("SELECT count(*) FROM users WHERE marketplace_id = $1") > 0
    kept = await made(owner)
    assert await giving_up.delete_rows(portal.server.database, portal.server.clock) > 5
    for table in ("users", "marketplaces", "buyers", "security_epochs", "api_clients"):
        assert await api.value(f"SELECT count(*) FROM {table} WHERE marketplace_id = $1") == 0, table
    assert (await owner.http.get(f"{PATH}/{kept}")).status_code == 200
    # The ID is free again.
    assert (await owner.http.put(f"{PATH}/{api.marketplace}", json=NEW)).status_code == 201


async def test_port_10_a_marketplace_is_given_to_another_who_wants_it(api: Api, portal: Portal) -> None:
    """With a mailed code it is offered, and is the other's once accepted. Who had it goes on administering it, with new tokens."""
    ann, bob = await owner_of(api, portal), await portal.someone()
    path = f"{PATH}/{api.marketplace}"
    nobody = await ann.http.post(f"{path}/transfer", json={"Username": "nobody-at-all"})
    assert (nobody.status_code, codes(nobody)) == (404, ["NotFound"])
    assert (await ann.http.post(f"{path}/transfer", json={"Username": bob.username})).status_code == 204
    assert (await bob.http.get(path)).status_code == 404
    code = {"Code": await portal.code(ann.email)}
    assert (await bob.http.post(f"{ROOT}/confirmation", json=code)).status_code == 400
    assert (await ann.http.post(f"{ROOT}/confirmation", json=code)).status_code == 204
    # Nobody comes to own what he has not asked for.
    assert (await bob.http.get(path)).status_code == 404
    assert (await ann.http.get(path)).json()["Owner"]["Username"] == ann.username
    (mail,) = await portal.mail(bob.email, 1)
    assert "own the marketplace Test" in mail.text
    invites = f"{ROOT}/me/orginvites"
    [offered] = (await bob.http.get(invites)).json()["Items"]
    assert (offered["Org"]["Id"], offered["IsOwner"], offered["IsAdmin"]) == (api.marketplace, True, True)
    assert (offered["Roles"], offered["Org"]["Owner"]["Email"]) == (["FullAccess"], None)
    eve = await portal.someone()
    assert (await eve.http.get(invites)).json()["Items"] == []
    for stranger in (eve, ann):
        assert (await stranger.http.post(f"{invites}/{api.marketplace}/accept")).status_code == 404
    token = (await ann.http.get(f"{path}/token")).json()["access_token"]
    assert (await bob.http.post(f"{invites}/{api.marketplace}/accept")).status_code == 204
    assert (await bob.http.get(path)).json()["Owner"]["Username"] == bob.username
    assert (await bob.http.get(invites)).json()["Items"] == []
    assert (await (await portal.calls(token)).get("/v1/me")).status_code == 401
    renamed = await ann.http.put(path, json={"Name": "Still administered"})
    assert (renamed.status_code, (await ann.http.delete(path)).status_code) == (200, 403)


async def test_port_10_an_offer_is_declined_taken_back_or_made_to_another(api: Api, portal: Portal) -> None:
    """Of a marketplace there is one, which holds as long as its owner has not changed."""
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    path, invites = f"{PATH}/{api.marketplace}", f"{ROOT}/me/orginvites"

    async def offered(to: Someone) -> None:
        assert (await ann.http.post(f"{path}/transfer", json={"Username": to.username})).status_code == 204
        code = {"Code": await portal.code(ann.email)}
        assert (await ann.http.post(f"{ROOT}/confirmation", json=code)).status_code == 204

    async def answered(by: Someone, verb: str) -> int:
        return (await by.http.post(f"{invites}/{api.marketplace}/{verb}")).status_code

    await offered(bob)
    assert (await answered(bob, "decline"), await answered(bob, "accept")) == (204, 404)
    await offered(bob)
    await offered(eve)
    assert (await answered(bob, "accept")) == 404
    await offered(ann)
    assert (await answered(eve, "accept")) == 404
    # Who runs the server has given it to somebody else meanwhile.
    await offered(eve)
    await api.execute("UPDATE portal_organizations SET owner_key = $2 WHERE marketplace_id = $1", bob.key)
    assert (await eve.http.get(invites)).json()["Items"] == []
    assert (await answered(eve, "accept")) == 404
    assert (await bob.http.get(path)).json()["Owner"]["Username"] == bob.username


async def test_port_10_two_who_are_offered_at_once_do_not_both_own(api: Api, portal: Portal) -> None:
    """Accepting and being offered to another: one of the two, whichever is first."""
    ann, bob, eve = await owner_of(api, portal), await portal.someone(), await portal.someone()
    path, invites = f"{PATH}/{api.marketplace}", f"{ROOT}/me/orginvites"
    assert (await ann.http.post(f"{path}/transfer", json={"Username": bob.username})).status_code == 204
    code = {"Code": await portal.code(ann.email)}
    assert (await ann.http.post(f"{ROOT}/confirmation", json=code)).status_code == 204
    assert (await ann.http.post(f"{path}/transfer", json={"Username": eve.username})).status_code == 204
    code = {"Code": await portal.code(ann.email)}
    accepted, confirmed = await asyncio.gather(
        bob.http.post(f"{invites}/{api.marketplace}/accept"), ann.http.post(f"{ROOT}/confirmation", json=code)
    )
    assert (accepted.status_code, confirmed.status_code) in {(204, 404), (404, 204)}
    owner = await api.value("SELECT owner_key FROM portal_organizations WHERE marketplace_id = $1")
    offers = await api.value("SELECT count(*) FROM portal_offers WHERE marketplace_id = $1")
    assert (owner, offers) == ((bob.key, 0) if accepted.status_code == 204 else (ann.key, 1))
