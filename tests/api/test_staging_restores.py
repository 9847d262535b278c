"""Staging marketplaces are made anew of production's, every Sunday or when asked (PORT-9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from tests.api.dispatching import opened
from tests.api.marketplace import PASSWORD, Api, codes
from tests.api.portal import ROOT, Portal, Someone, owner_of
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.domain.portal.restoring import next_restore
from entrepot.features.people.copies import Copies, copies_of
from entrepot.features.people.portal import restoring
from entrepot.features.people.portal.organizations import DEFAULT_REGION, Organization, add

HOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("integrationEvents/checkout", {"Name": "C", "EventType": "OrderCheckout", "HashKey": HASH_KEY}),
    (
        "webhooks/hook",
        {"Name": "H", "HashKey": HASH_KEY, "WebhookRoutes": [{"Route": "v1/buyers", "Verb": "POST"}]},
    ),
    ("messagesenders/mailer", {"Name": "M", "MessageTypes": ["OrderSubmitted"], "SharedKey": HASH_KEY}),
)


@cache
def _copies() -> Copies:
    return copies_of(registry(), restoring.CHANGES, restoring.WITHOUT)


async def copies() -> Copies:
    return _copies()


@dataclass(frozen=True)
class Pair:
    """A production marketplace and the staging one that is made anew of it, both of `owner`; `path` is of the latter."""

    live: Api
    staging: Api
    owner: Someone
    path: str

    async def restored(self) -> dict[str, Any]:
        """After a round."""
        async with opened(self.staging) as backend:
            await restoring.restore_due(backend, copies)
        return dict((await checked(self.owner.http.get(self.path), 200)).json())

    async def run(self) -> dict[str, Any]:
        """Asked for, and done."""
        await checked(self.owner.http.post(f"{self.path}/run"), 202)
        return await self.restored()


@pytest.fixture
async def pair(api: Api, other: Api, portal: Portal) -> Pair:
    owner = await owner_of(api, portal, "Staging")
    production = Organization(
        marketplace_id=other.marketplace_id,
        id=other.marketplace,
        name="Live",
        environment="Production",
        region=DEFAULT_REGION,
        owner=owner.key,
    )
    await add(other.server.database, production, other.server.clock())
    path = f"{ROOT}/organizations/{api.marketplace}/stagingrestore"
    return Pair(other, api, owner, path)


async def connected(pair: Pair, *, weekly: bool = False) -> dict[str, Any]:
    body = {"ProductionID": pair.live.marketplace, "Weekly": weekly}
    return dict((await checked(pair.owner.http.put(pair.path, json=body), 200)).json())


@asynccontextmanager
async def calls_of(pair: Pair, client_id: str) -> AsyncIterator[Any]:
    """As the production's user in the staging marketplace, at its client there."""
    answer = await pair.staging.login("boss", client_id=client_id)
    assert answer.status_code == 200, answer.text
    async with pair.staging.server.client(answer.json()["access_token"]) as http:
        yield http


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-02-01T02:59:59", "2026-02-01T03:00:00"),
        ("2026-02-01T03:00:00", "2026-02-08T03:00:00"),
        ("2026-02-02T00:00:00", "2026-02-08T03:00:00"),
        ("2026-02-28T23:00:00", "2026-03-01T03:00:00"),
    ],
)
def test_port_9_sundays_at_three(now: str, then: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_restore(moment) == datetime.fromisoformat(then).replace(tzinfo=UTC)


async def test_port_9_a_staging_marketplace_becomes_what_production_is(pair: Pair) -> None:
    """What it held is gone, what production holds is there, with passwords and keys; production stays as it is."""
    live, staging = pair.live, pair.staging
    for api, name in ((live, "of-production"), (staging, "of-staging")):
        await checked(api.seller.put(f"/v1/products/{name}", json={"Name": name, "Active": True}), 200)
    await live.user(id="boss", roles=["FullAccess"], password=PASSWORD)
    await live.execute("UPDATE users SET \"Username\" = 'boss' WHERE marketplace_id = $1 AND \"ID\" = 'boss'")
    told = await connected(pair)
    assert (told["Status"], told["DateDue"], told["ProductionID"]) == ("Waiting", None, live.marketplace)
    done = await pair.run()
    assert (done["Status"], done["Step"], done["Failure"], done["DateDue"]) == ("Completed", None, None, None)
    assert done["DateStarted"] <= done["DateEnded"]
    # Who had a token of before has none now.
    assert (await staging.seller.get("/v1/me")).status_code == 401
    client = await staging.value('SELECT "ID" FROM api_clients WHERE marketplace_id = $1')
    assert client.lower() != live.client_id.lower()
    async with calls_of(pair, client) as http:
        products = (await checked(http.get("/v1/products"), 200)).json()["Items"]
        assert [(each["ID"], each["OwnerID"]) for each in products] == [
            ("of-production", staging.marketplace)
        ]
        assert (await http.get("/v1/me")).json()["Seller"]["ID"] == staging.marketplace
        # What is written in one is not in the other.
        await checked(http.patch("/v1/products/of-production", json={"Name": "tried"}), 200)
    assert (await live.seller.get("/v1/products/of-production")).json()["Name"] == "of-production"
    again = await pair.run()
    assert again["Status"] == "Completed"
    assert await staging.value('SELECT "ID" FROM api_clients WHERE marketplace_id = $1') == client
    name = await staging.value('SELECT "Name" FROM products WHERE marketplace_id = $1')
    assert name == "of-production"


async def test_port_9_tokens_end_with_a_restore(pair: Pair) -> None:
    """Also those of users who are the same before and after: nothing that was ended comes back with the rows of production."""
    await pair.live.user(id="boss", roles=["FullAccess"], password=PASSWORD)
    await pair.live.execute(
        "UPDATE users SET \"Username\" = 'boss' WHERE marketplace_id = $1 AND \"ID\" = 'boss'"
    )
    await connected(pair)
    await pair.run()
    client = await pair.staging.value('SELECT "ID" FROM api_clients WHERE marketplace_id = $1')
    async with calls_of(pair, client) as http:
        assert (await http.get("/v1/me")).status_code == 200
        await pair.run()
        assert (await http.get("/v1/me")).status_code == 401


async def test_port_9_nothing_of_a_copy_reaches_anybody(pair: Pair) -> None:
    """Addresses are gone, senders have no assignments, webhooks no clients, clients no integrations, deliveries are off."""
    live, staging = pair.live, pair.staging
    for path, body in HOOKS:
        url = {"integrationEvents": "CustomImplementationUrl", "webhooks": "Url", "messagesenders": "URL"}
        more: dict[str, Any] = {url[path.split("/")[0]]: "https://live.example.com/it"}
        if path.startswith("webhooks"):
            more["ApiClientIDs"] = [live.client_id]
        await checked(live.seller.put(f"/v1/{path}", json={**body, **more}), 200)
    given = {"OrderCheckoutIntegrationEventID": "checkout"}
    await checked(live.seller.patch(f"/v1/apiclients/{live.client_id}", json=given), 200)
    buyer = await live.buyer()
    row = {"MessageSenderID": "mailer", "BuyerID": buyer}
    await checked(live.seller.post("/v1/messagesenders/assignments", json=row), 204)
    await connected(pair)
    await pair.run()
    for sql in (
        'SELECT "URL" FROM message_senders WHERE marketplace_id = $1',
        'SELECT "Url" FROM webhooks WHERE marketplace_id = $1',
        'SELECT "OrderCheckoutIntegrationEventID" FROM api_clients WHERE marketplace_id = $1',
    ):
        assert [row[0] for row in await staging.rows(sql)] == [None]
    assert await staging.value('SELECT "ApiClientIDs" FROM webhooks WHERE marketplace_id = $1') == []
    event = await staging.value(
        'SELECT "CustomImplementationUrl" FROM integration_events WHERE marketplace_id = $1'
    )
    assert event == ""
    assert await staging.rows("SELECT 1 FROM message_sender_assignments WHERE marketplace_id = $1") == []
    assert (
        await live.value('SELECT "Url" FROM webhooks WHERE marketplace_id = $1')
        == "https://live.example.com/it"
    )


async def test_port_9_the_webhook_hears_of_it(pair: Pair, receiver: Receiver) -> None:
    """Once it is done, signed; and again where it did not answer with success."""
    await connected(pair)
    hook = {"URL": f"{receiver.url}/restored", "HashKey": HASH_KEY}
    path = pair.path.replace("stagingrestore", "stagingrestorewebhook")
    await checked(pair.owner.http.put(path, json=hook), 200)
    receiver.answers["/restored"] = (503, {})
    await pair.run()
    [request] = receiver.received
    assert request.is_signed
    assert (request.body["MarketplaceID"], request.body["Test"]) == (pair.staging.marketplace, False)
    receiver.answers["/restored"] = {}
    for _ in range(2):
        await pair.restored()
    assert len(receiver.received) == 2
    # What it is told to is set anew by whoever hears it: the webhook itself is the staging marketplace's.
    assert (await checked(pair.owner.http.get(path), 200)).json() == hook


async def test_port_9_every_week_by_itself(pair: Pair) -> None:
    clock = pair.staging.server.clock
    told = await connected(pair, weekly=True)
    due = datetime.fromisoformat(told["DateDue"])
    assert (due.weekday(), due.hour, due > clock()) == (6, 3, True)
    assert (await pair.restored())["Status"] == "Waiting"
    clock.advance(seconds=(due - clock()).total_seconds() + 1)
    async with opened(pair.staging) as backend:
        await restoring.restore_due(backend, copies)
    row = await pair.staging.rows("SELECT * FROM portal_restores WHERE marketplace_id = $1")
    assert row[0]["Status"] == "Completed"
    assert (row[0]["DateDue"] - due).days == 7


async def test_port_9_all_or_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in the middle leaves everything as it was, is told, and can be asked for again."""
    staging = pair.staging
    await checked(staging.seller.put("/v1/products/kept", json={"Name": "K", "Active": True}), 200)
    await connected(pair)

    async def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("entrepot.features.people.copies.reseal_copy", broken)
        failed = await pair.run()
    assert (failed["Status"], failed["Step"], failed["DateDue"]) == ("Failed", None, None)
    assert failed["Failure"] == restoring.FAILED
    assert (await staging.seller.get("/v1/products/kept")).status_code == 200
    assert (await pair.run())["Status"] == "Completed"
    assert (await staging.value("SELECT count(*) FROM products WHERE marketplace_id = $1")) == 0


async def test_port_9_how_far_it_is_and_who_goes_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is under way it says so, and readers see what was there; where its process ends, another one begins anew."""
    staging = pair.staging
    await checked(staging.seller.put("/v1/products/kept", json={"Name": "K", "Active": True}), 200)
    await connected(pair)
    await checked(pair.owner.http.post(f"{pair.path}/run"), 202)

    async def hanging(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async with opened(staging) as backend:
        with monkeypatch.context() as patched:
            patched.setattr("entrepot.features.people.copies.reseal_copy", hanging)
            working = asyncio.create_task(restoring.restore_due(backend, copies))
            async with asyncio.timeout(60):
                while (told := (await pair.owner.http.get(pair.path)).json())["Step"] != "Copying":
                    assert not working.done()
                    await asyncio.sleep(0.02)
            assert (told["Status"], told["DateEnded"]) == ("Running", None)
            assert (await staging.seller.get("/v1/products/kept")).status_code == 200
            # Another process sees that somebody is at it.
            assert await restoring.restore_due(backend, copies) == 0
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        assert (await staging.seller.get("/v1/products/kept")).status_code == 200
        assert (await pair.owner.http.get(pair.path)).json()["Status"] == "Running"
        assert await restoring.restore_due(backend, copies) == 1
    assert (await pair.owner.http.get(pair.path)).json()["Status"] == "Completed"
    assert await staging.value("SELECT count(*) FROM products WHERE marketplace_id = $1") == 0


async def test_port_9_what_is_written_meanwhile_waits(pair: Pair) -> None:
    """In the staging marketplace, whose rows are in the way; nobody else waits, and its readers see what was there."""
    live, staging = pair.live, pair.staging
    await connected(pair)
    backend_copies = _copies()
    database = staging.server.database
    async with database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await backend_copies.clear(connection, staging.marketplace_id)
        writing = asyncio.create_task(staging.seller.post("/v1/buyers", json={"ID": "late", "Name": "L"}))
        assert (await staging.seller.get("/v1/me")).status_code == 200
        assert (await live.seller.post("/v1/buyers", json={"ID": "other", "Name": "O"})).status_code == 201
        assert not writing.done()
        await transaction.rollback()
    assert (await writing).status_code == 201


async def test_port_9_one_process_restores(pair: Pair) -> None:
    """Two that look at once: one does it, and the other does not do it again."""
    await connected(pair)
    await checked(pair.owner.http.post(f"{pair.path}/run"), 202)
    async with opened(pair.staging) as one, opened(pair.staging) as another:
        done = await asyncio.gather(*(restoring.restore_due(each, copies) for each in (one, another)))
    assert sum(done) == 1


async def test_port_9_who_lost_access_restores_nothing(pair: Pair, portal: Portal) -> None:
    """Of the weekly ones, too: who said so has to administer both marketplaces when it is done."""
    await connected(pair)
    await checked(pair.owner.http.post(f"{pair.path}/run"), 202)
    heir = await portal.someone()
    await pair.live.execute(
        "UPDATE portal_organizations SET owner_key = $2 WHERE marketplace_id = $1", heir.key
    )
    told = await pair.restored()
    assert (told["Status"], told["Failure"]) == ("Failed", restoring.LOST)
    refused = await pair.owner.http.post(f"{pair.path}/run")
    assert (refused.status_code, codes(refused)) == (404, ["NotFound"])


async def test_port_9_only_of_ones_own_production(pair: Pair, api: Api, portal: Portal) -> None:
    """Another's is as none; one of another environment is refused, and a restore that nobody has set up is not found."""
    for verb in ("GET", "POST"):
        path = pair.path if verb == "GET" else f"{pair.path}/run"
        assert codes(await pair.owner.http.request(verb, path)) == ["NotFound"]
    stranger = await portal.someone()
    refused = await stranger.http.put(pair.path, json={"ProductionID": pair.live.marketplace})
    assert (refused.status_code, codes(refused)) == (404, ["NotFound"])
    async with Api.create(api.server) as theirs:
        await owner_of(theirs, portal, "Production")
        refused = await pair.owner.http.put(pair.path, json={"ProductionID": theirs.marketplace})
        assert (refused.status_code, codes(refused)) == (404, ["NotFound"])
    refused = await pair.owner.http.put(pair.path, json={"ProductionID": api.marketplace})
    assert (refused.status_code, codes(refused)) == (400, ["Portal.NotProduction"])
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"ProductionID": {}},
        {"ProductionID": pair.live.marketplace, "Weekly": "no"},
    )
    for body in bodies:
        assert (await pair.owner.http.put(pair.path, json=body)).status_code == 400
    of_production = f"{ROOT}/organizations/{pair.live.marketplace}/stagingrestore"
    assert codes(await pair.owner.http.get(of_production)) == ["Portal.NotStaging"]


async def test_port_9_by_the_newer_path_and_not_too_often(pair: Pair) -> None:
    await connected(pair)
    newer = f"/api/v2/stagingrestore?marketplaceID={pair.staging.marketplace}"
    assert (await checked(pair.owner.http.get(newer), 200)).json()["ProductionID"] == pair.live.marketplace
    run = f"/api/v2/stagingrestore/run?marketplaceID={pair.staging.marketplace}"
    for _ in range(4):
        await checked(pair.owner.http.post(run), 202)
    refused = await pair.owner.http.post(run)
    assert (refused.status_code, codes(refused)) == (400, ["Portal.StagingRestoresExceeded"])
    await checked(pair.owner.http.delete(newer), 204)
    assert codes(await pair.owner.http.get(newer)) == ["NotFound"]
