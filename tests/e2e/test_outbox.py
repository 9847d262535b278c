"""Processes that deliver and are killed: a server beside a worker on a PostgreSQL of their own, a server amid a full synchronization."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.api.receiver import Receiver, receiving
from tests.e2e.command import Serve, Server, demo_of
from tests.e2e.conftest import launched
from tests.prepared import PATIENCE

from entrepot.features.trade.synchronization.runs import MOST_DUE
from entrepot.storage.embedded import EmbeddedPostgres, running_url
from entrepot.storage.migrate import migrate

USERS = MOST_DUE + 300
"""More than are told before some have arrived: a run that is broken off then has not come to its end."""
SOME = 50
CROWD = """
INSERT INTO users (marketplace_id, "ID", "Username", "FirstName", "LastName", "Email", "Active", "BuyerID")
SELECT b.marketplace_id, 'crowd' || n, 'crowd' || n, 'U', 'N', 'u' || n || '@x.test', true, b."ID"
FROM generate_series(1, $1::int) n CROSS JOIN buyers b WHERE b."ID" = 'demo-buyer'
"""


def seller_of(server: Server) -> httpx.Client:
    """The demo's administrator."""
    demo = demo_of(server)
    user = demo["users"]["admin01"]
    form = {
        "grant_type": "password",
        "client_id": demo["clientID"],
        "username": user["username"],
        "password": user["password"],
        "scope": "FullAccess",
    }
    token = done(httpx.post(f"{server.url}/oauth/token", data=form))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=60)


def done(answer: httpx.Response) -> Any:
    """Of a request that succeeds."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def until(happened: Callable[[], bool]) -> None:
    """Wait for a condition, for as long as a loaded machine may need."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def test_a_worker_delivers_what_a_killed_server_has_left(
    serve: Serve, external: EmbeddedPostgres, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the same ID and with the same body, although nobody but the worker lives on: what was tried, and what has only been told."""
    monkeypatch.setenv("ENTREPOT_SECRET_KEY", "a key of the tests, long enough to be one")
    monkeypatch.setenv("ENTREPOT_PRIVATE_TARGETS", "true")
    asyncio.run(migrate(external.url))
    server = serve("data", "--database-url", external.url, "--demo")
    server.await_ready()
    until((server.data_dir / "demo.json").exists)
    log = home / "worker.log"
    working = launched(log, "worker", "--database-url", external.url, "--base-url", server.url, fresh=False)
    try:
        with receiving() as receiver, seller_of(server) as seller:
            receiver.answers["/hook"] = (500, {})
            hook = {
                "Name": "H",
                "Url": f"{receiver.url}/hook",
                "HashKey": "my-secret",
                "ApiClientIDs": [demo_of(server)["clientID"]],
                "WebhookRoutes": [{"Route": "v1/buyers/{buyerID}", "Verb": "PUT"}],
            }
            done(seller.put("/v1/webhooks/h", json=hook))
            for number in range(5):
                done(seller.put(f"/v1/buyers/left{number}", json={"Name": "B", "Active": True}))
            until(lambda: bool(receiver.received))
            server.end(signal.SIGKILL, whole_session=True)
            refused = len(receiver.received)
            receiver.answers["/hook"] = {}
            wanted = {f"left{number}" for number in range(5)}
            until(
                lambda: (
                    wanted <= {each.body["RouteParams"]["buyerID"] for each in receiver.received[refused:]}
                )
            )
            sent = {(each.headers["x-request-id"], each.raw) for each in receiver.received}
            assert len(sent) == len({request_id for request_id, _ in sent}) == 5
            assert all(each.is_signed for each in receiver.received)
    finally:
        working.send_signal(signal.SIGTERM)
        assert working.wait(PATIENCE) == 0, log.read_text()


def test_a_full_synchronization_goes_on_after_its_server_was_killed(serve: Serve) -> None:
    """SYNC-7: each of the users is sent at least once, and the run tells of each once."""
    server = serve("data")
    server.await_ready()
    asyncio.run(_fill(running_url(server.data_dir)))
    with receiving() as receiver:
        receiver.answers["/sync"] = {}
        with seller_of(server) as seller:
            run = begun(seller, receiver)
        server.end(signal.SIGKILL, whole_session=True)
        before = len({each.body["Payload"]["ID"] for each in receiver.received})
        assert before < USERS, "the kill came in the middle"
        again = serve("data")
        again.await_ready()
        with seller_of(again) as seller:

            def state() -> Any:
                return done(seller.get(f"/entrepot/v1/synchronize/runs/{run['ID']}"))

            until(lambda: state()["Status"] == "Completed")
            assert state()["Done"] == run["Total"]
            everybody = {f"crowd{number}" for number in range(1, USERS + 1)}
            until(lambda: everybody <= {each.body["Payload"]["ID"] for each in tuple(receiver.received)})


def test_a_lone_worker_carries_on_a_full_synchronization(
    serve: Serve, external: EmbeddedPostgres, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SYNC-7: a run goes on where there is somebody who delivers, although no server lives."""
    monkeypatch.setenv("ENTREPOT_SECRET_KEY", "a key of the tests, long enough to be one")
    monkeypatch.setenv("ENTREPOT_PRIVATE_TARGETS", "true")
    asyncio.run(migrate(external.url))
    server = serve("data", "--database-url", external.url, "--demo")
    server.await_ready()
    until((server.data_dir / "demo.json").exists)
    asyncio.run(_fill(external.url))
    with receiving() as receiver:
        receiver.answers["/sync"] = {}
        with seller_of(server) as seller:
            run = begun(seller, receiver)
        server.end(signal.SIGKILL, whole_session=True)
        assert asyncio.run(_state(external.url, run["ID"])) == "Running", "the kill came in the middle"
        log = home / "worker.log"
        arguments = ("worker", "--database-url", external.url, "--base-url", server.url)
        working = launched(log, *arguments, fresh=False)
        try:
            until(lambda: asyncio.run(_state(external.url, run["ID"])) == "Completed")
            everybody = {f"crowd{number}" for number in range(1, USERS + 1)}
            until(lambda: everybody <= {each.body["Payload"]["ID"] for each in tuple(receiver.received)})
        finally:
            working.send_signal(signal.SIGTERM)
            assert working.wait(PATIENCE) == 0, log.read_text()


def begun(seller: httpx.Client, receiver: Receiver) -> Any:
    """A full synchronization of the buyers' users, of which some have arrived."""
    target = {"Endpoint": f"{receiver.url}/sync", "Secret": "my-secret"}
    config = {"Name": "C", "Enabled": True, "DeliveryTargets": {"Http": target}}
    done(seller.put("/v1/integrations/deliveryconfig/c", json=config))
    sync = {"SyncEntityChanged": True, "SyncEntityDeleted": True, "DeliveryConfigID": "c"}
    done(seller.put("/v1/integrations/entitysync/buyers/users", json=sync))
    run = done(seller.post("/entrepot/v1/synchronize/buyerusers"))
    assert run["Total"] > USERS
    until(lambda: len(receiver.received) > SOME)
    return run


async def _state(url: str, run_id: str) -> Any:
    database = await asyncpg.connect(url)
    try:
        return await database.fetchval('SELECT status FROM sync_runs WHERE "ID" = $1', run_id)
    finally:
        await database.close()


async def _fill(url: str | None) -> None:
    database = await asyncpg.connect(url)
    try:
        await database.execute(CROWD, USERS)
    finally:
        await database.close()
