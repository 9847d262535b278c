"""Snapshots of a marketplace, and marketplaces for an hour."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, Server
from tests.api.shop import Shop, open_shop
from tests.api.uniform.subjects import checked

from entrepot.features.people.portal import giving_up
from entrepot.features.people.snapshots import store

PATH = "/entrepot/v1/snapshots"
MARKETPLACES = "/entrepot/v1/marketplaces"
SECRET = "a secret of the client, long enough"


@pytest.fixture
async def shop(api: Api) -> Shop:
    """With a product, an order of a shopper, and something that is sealed."""
    shop = await open_shop(api)
    await shop.put("priceschedules/P", PriceBreaks=[{"Quantity": 1, "Price": 10}])
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    await shop.put("webhooks/w", Name="W", Url="https://hooks.example/w", HashKey="k" * 20, ApiClientIDs=[api.client_id], WebhookRoutes=[])  # fmt: skip
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json={"ClientSecret": SECRET}), 200)
    return shop


async def keep(api: Api, **body: Any) -> str:
    return str((await checked(api.seller.post(PATH, json=body), 201)).json()["ID"])


async def held(client: httpx.AsyncClient) -> dict[str, Any]:
    """What a marketplace shows of itself, API clients and numbers apart."""
    found = {}
    for path in (
        "buyers",
        "products",
        "priceschedules",
        "catalogs",
        "orders/Incoming",
        "webhooks",
        "adminUsers",
    ):
        found[path] = (await checked(client.get(f"/v1/{path}?pageSize=100"), 200)).json()["Items"]
    return found


async def test_a_restore_brings_everything_back(api: Api, shop: Shop, twin: Server) -> None:
    """In all processes; tokens of before and API clients stay those that they were, and secrets open."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    _, shopper = await shop.shopper()
    await checked(shopper.put("/v1/orders/Outgoing/o", json={}), 200)
    await checked(
        shopper.post("/v1/orders/Outgoing/o/lineitems", json={"ProductID": "P", "Quantity": 3}), 201
    )
    before, order = await held(api.seller), (await shopper.get("/v1/orders/Outgoing/o")).json()
    snapshot = await keep(api, ID="before", Name="Before")
    for path in ("products/P", "webhooks/w", "priceschedules/P"):
        await checked(api.seller.delete(f"/v1/{path}"), 204)
    await checked(shopper.delete("/v1/orders/Outgoing/o"), 204)
    await checked(api.seller.post("/v1/suppliers", json={"ID": "new", "Name": "New", "Active": True}), 201)
    assert (await elsewhere.get("/v1/products/P")).status_code == 404

    await checked(api.seller.post(f"{PATH}/{snapshot}/restore"), 204)
    for client in (api.seller, elsewhere):
        assert await held(client) == before
        assert (await client.get("/v1/suppliers/new")).status_code == 404
    assert (await shopper.get("/v1/orders/Outgoing/o")).json() == order
    assert (await checked(shopper.get("/v1/me/products"), 200)).json()["Meta"]["TotalCount"] == 1
    assert (await api.seller.get(f"/v1/apiclients/{api.client_id}")).json()["ClientSecret"] == SECRET
    assert (await checked(api.seller.get(PATH), 200)).json()["Meta"]["TotalCount"] == 1
    await checked(api.seller.post(f"{PATH}/{snapshot}/restore"), 204)
    assert await held(api.seller) == before


async def test_a_session_goes_on_over_a_restore(api: Api, shop: Shop) -> None:
    """Whoever has logged in with a refresh token renews it afterwards."""
    form = {"grant_type": "client_credentials", "client_id": api.client_id, "client_secret": SECRET, "scope": "FullAccess"}  # fmt: skip
    change = {"DefaultContextUserName": "admin", "RefreshTokenDuration": 600}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=change), 200)
    snapshot = await keep(api)
    session = (await checked(api.http.post("/oauth/token", data=form), 200)).json()["refresh_token"]
    await checked(api.seller.post(f"{PATH}/{snapshot}/restore"), 204)
    again = {**form, "grant_type": "refresh_token", "refresh_token": session}
    del again["scope"]
    assert (await checked(api.http.post("/oauth/token", data=again), 200)).json()["access_token"]


async def test_tokens_that_have_ended_do_not_begin_again(api: Api, shop: Shop) -> None:
    """AUTH-73, over a restore: of a user who was deactivated since, of one who was deleted and is back, and of one who was not active then;
    the others go on, also those that are younger than the snapshot.
    """
    users = {each: await api.user(roles=("FullAccess",), id=each) for each in ("off", "gone", "late", "on")}
    await checked(api.seller.patch("/v1/adminUsers/late", json={"Active": False}), 200)
    tokens = {each: api.with_token(api.token(users[each], ["FullAccess"])) for each in ("off", "gone", "on")}
    snapshot = await keep(api)
    for each in ("off", "late"):
        for active in (False, True):
            await checked(api.seller.patch(f"/v1/adminUsers/{each}", json={"Active": active}), 200)
    generation = "SELECT generation FROM users WHERE marketplace_id = $1 AND key = $2"
    for name, whose in (("late", users["late"]), ("fresh", users["off"])):
        known = await api.value(generation, whose.key)
        tokens[name] = api.with_token(api.token(whose, ["FullAccess"], generation=known))
    await checked(api.seller.delete("/v1/adminUsers/gone"), 204)
    wanted = {"off": 401, "gone": 401, "late": 200, "on": 200, "fresh": 200}
    assert {each: (await tokens[each].get("/v1/me")).status_code for each in wanted} == wanted

    await checked(api.seller.post(f"{PATH}/{snapshot}/restore"), 204)
    assert (await checked(api.seller.get("/v1/adminUsers/gone"), 200)).json()["Active"]
    assert not (await checked(api.seller.get("/v1/adminUsers/late"), 200)).json()["Active"]
    await checked(api.seller.patch("/v1/adminUsers/late", json={"Active": True}), 200)
    wanted["late"] = 401
    assert {each: (await tokens[each].get("/v1/me")).status_code for each in wanted} == wanted


async def test_a_restore_is_done_once_under_its_key(api: Api, shop: Shop) -> None:
    """Though it ends what was answered before: sent again, also meanwhile, it undoes nothing of what came after it."""
    snapshot, key = await keep(api), {"Idempotency-Key": "once"}
    asked = [api.seller.post(f"{PATH}/{snapshot}/restore", headers=key) for _ in range(3)]
    answers = await asyncio.gather(*asked)
    assert {each.status_code for each in answers} == {204}
    assert sum("Idempotent-Replayed" in each.headers for each in answers) == 2
    await checked(api.seller.delete("/v1/products/P"), 204)
    again = await checked(api.seller.post(f"{PATH}/{snapshot}/restore", headers=key), 204)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await api.seller.get("/v1/products/P")).status_code == 404


async def test_a_snapshot_stays_while_it_is_read(api: Api, shop: Shop) -> None:
    """Whoever deletes it waits: nobody gets a half of it."""
    snapshot = await keep(api)
    database = api.server.database
    async with database.acquire() as connection, connection.transaction():
        await connection.fetchval(store.FIND, api.marketplace_id, store.SNAPSHOT, snapshot)
        deleting = asyncio.create_task(api.seller.delete(f"{PATH}/{snapshot}"))
        waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.query = $1)"
        while not await database.fetchval(waiting, store.REMOVE):
            await asyncio.sleep(0.01)
        assert not deleting.done()
    assert (await deleting).status_code == 204


async def test_copies_of_copies_count_together(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store.MOST, store.TEMPORARY, 2)
    made = (await checked(api.seller.post(MARKETPLACES, json={}), 201)).json()
    copy = api.with_token(made["AccessToken"])
    nested = (await checked(copy.post(MARKETPLACES, json={}), 201)).json()
    for client in (api.seller, copy, api.with_token(nested["AccessToken"])):
        refused = await checked(client.post(MARKETPLACES, json={}), 409)
        assert refused.json()["Errors"][0]["ErrorCode"] == "Copies.TooMany"
    await checked(copy.delete(f"{MARKETPLACES}/{nested['ID']}"), 204)
    await checked(api.seller.post(MARKETPLACES, json={}), 201)


async def test_marketplaces_for_an_hour(api: Api, shop: Shop) -> None:
    """Each with all that the original holds, a token and clients of its own; what is done in one, no other sees."""
    made = [
        (await checked(api.seller.post(MARKETPLACES, json={"Name": f"T{n}"}), 201)).json() for n in range(2)
    ]
    assert made[0]["ID"] != made[1]["ID"]
    copies = [api.with_token(each["AccessToken"]) for each in made]
    for client in copies:
        assert [each["ID"] for each in (await held(client))["products"]] == ["P"]
        await checked(client.delete("/v1/products/P"), 204)
    assert (await api.seller.get("/v1/products/P")).status_code == 200
    (client,) = [each for each in made[0]["Clients"] if each["CopyOf"] == api.client_id]
    assert client["ID"] != api.client_id
    form = {"grant_type": "client_credentials", "client_id": client["ID"], "client_secret": SECRET, "scope": "FullAccess"}  # fmt: skip
    await checked(
        copies[0].patch(f"/v1/apiclients/{client['ID']}", json={"DefaultContextUserName": "admin"}), 200
    )
    token = (await checked(api.http.post("/oauth/token", data=form), 200)).json()["access_token"]
    assert (await api.with_token(token).get("/v1/products/P")).status_code == 404
    assert (await checked(api.seller.get(MARKETPLACES), 200)).json()["Meta"]["TotalCount"] == 2


async def test_many_at_once(api: Api, shop: Shop) -> None:
    answers = await asyncio.gather(*(api.seller.post(MARKETPLACES, json={}) for _ in range(12)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["ID"] for each in answers}) == 12


async def test_a_marketplace_of_a_snapshot(api: Api, shop: Shop) -> None:
    """Holds what that held."""
    snapshot = await keep(api)
    await checked(api.seller.delete("/v1/products/P"), 204)
    made = (await checked(api.seller.post(MARKETPLACES, json={"From": {"SnapshotID": snapshot}}), 201)).json()
    assert (await api.with_token(made["AccessToken"]).get("/v1/products/P")).status_code == 200


async def test_it_vanishes_when_its_time_is_over(api: Api, shop: Shop) -> None:
    """Or earlier, when it is deleted; nothing of it is left."""
    made = [
        (await checked(api.seller.post(MARKETPLACES, json={"TTL": "PT10M"}), 201)).json() for _ in range(2)
    ]
    clients = [api.with_token(each["AccessToken"]) for each in made]
    keys = [int(await api.server.database.fetchval('SELECT marketplace_id FROM marketplaces WHERE "ID" = $1', each["ID"])) for each in made]  # fmt: skip
    await checked(api.seller.delete(f"{MARKETPLACES}/{made[0]['ID']}"), 204)
    assert (await clients[0].get("/v1/me")).status_code == 401
    assert (await clients[1].get("/v1/me")).status_code == 200
    api.server.clock.advance(minutes=11)
    await store.remove_over(api.server.database, api.server.clock)
    assert (await clients[1].get("/v1/me")).status_code == 401
    assert (await api.seller.get(f"{MARKETPLACES}/{made[1]['ID']}")).status_code == 404
    for _ in range(20):
        await giving_up.delete_rows(api.server.database, api.server.clock)
        left = await api.server.database.fetchval("SELECT count(*) FROM marketplaces WHERE marketplace_id = ANY($1::bigint[])", keys)  # fmt: skip
        if not left:
            break
    assert left == 0


async def test_copies_go_with_their_marketplace(api: Api, shop: Shop) -> None:
    """Whichever rows go first: also those of copies of copies, of which nobody would know any more."""
    made = (await checked(api.seller.post(MARKETPLACES, json={}), 201)).json()
    copy = api.with_token(made["AccessToken"])
    nested = (await checked(copy.post(MARKETPLACES, json={}), 201)).json()
    await checked(copy.post(PATH, json={"ID": "s"}), 201)
    database, clock = api.server.database, api.server.clock
    own = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
    source = await database.fetchval(own, made["ID"])
    copies = "SELECT array_agg(copy_id) FROM marketplace_copies WHERE marketplace_id = $1"
    keys = await database.fetchval(copies, source)
    assert len(keys) == 2
    await checked(api.seller.delete(f"{MARKETPLACES}/{made['ID']}"), 204)
    left = "SELECT count(*) FROM marketplaces WHERE marketplace_id = ANY($1::bigint[])"
    while await database.fetchval(left, [source]):
        await giving_up.delete_rows(database, clock)
    assert await database.fetchval(copies, source) == keys
    while await database.fetchval(copies, source):
        await store.remove_over(database, clock)
    assert (await api.with_token(nested["AccessToken"]).get("/v1/me")).status_code == 401
    while await database.fetchval(left, keys):
        await giving_up.delete_rows(database, clock)


async def test_snapshots_are_their_marketplaces(api: Api, other: Api) -> None:
    """Nobody sees or restores another's, nor makes one with less than FullAccess."""
    snapshot = await keep(api, ID="s")
    for answer in (
        await other.seller.get(f"{PATH}/{snapshot}"),
        await other.seller.delete(f"{PATH}/{snapshot}"),
        await other.seller.post(f"{PATH}/{snapshot}/restore"),
        await other.seller.post(MARKETPLACES, json={"From": {"SnapshotID": snapshot}}),
    ):
        assert answer.status_code == 404
    assert (await other.seller.get(PATH)).json()["Items"] == []
    lesser = api.as_(api.admin, roles=["ProductAdmin", "OrderAdmin"])
    for path in (PATH, f"{PATH}/s/restore", MARKETPLACES):
        assert (await lesser.post(path, json={})).status_code == 403
    assert (await api.seller.post(PATH, json={"ID": "S"})).status_code == 409
    await checked(api.seller.delete(f"{PATH}/{snapshot}"), 204)
    assert (await api.seller.post(f"{PATH}/{snapshot}/restore")).status_code == 404


@pytest.mark.parametrize("ttl", ["P31D", "PT0S", "an hour", "-PT1H"])
async def test_durations_that_are_refused(api: Api, ttl: str) -> None:
    refused = await checked(api.seller.post(MARKETPLACES, json={"TTL": ttl}), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Copies.InvalidDuration"


async def test_what_an_origin_does_not_have_is_refused_by_name(api: Api) -> None:
    """A TTL that stands within it would be passed over, and the marketplace stay for an hour."""
    body = {"From": {"MarketplaceID": api.marketplace, "TTL": "PT1M"}}
    refused = await checked(api.seller.post(MARKETPLACES, json=body), 400)
    assert [each["Data"]["Property"] for each in refused.json()["Errors"]] == ["From.TTL"]


async def test_there_is_a_most_of_them(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store.MOST, store.SNAPSHOT, 2)
    for _ in range(2):
        await keep(api)
    refused = await checked(api.seller.post(PATH, json={}), 409)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Copies.TooMany"
