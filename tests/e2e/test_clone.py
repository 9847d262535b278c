"""`entrepot clone` between two servers: one that fails on purpose, and one that is killed in the middle and comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.command import Serve, Server, demo_of
from tests.e2e.test_faults import until
from tests.forking import run

from entrepot.features.seeding.reading import read_records

SECRET = "the-source's-secret-0123456789"
FAULTS = (
    {"Path": "/v1/buyers*", "Cut": True, "Remaining": 2},
    {"OperationID": "Products.*", "Status": 503, "ErrorCode": "Api.Busy", "Remaining": 2},
    {"OperationID": "PriceSchedules.List", "Status": 429, "RetryAfter": 1, "Remaining": 1},
    {"OperationID": "Tokens.*", "Status": 503, "Remaining": 1},
    {"OperationID": "Catalogs.*", "Moment": "After", "Cut": True, "Remaining": 1},
    {"OperationID": "Categories.*", "Delay": 200, "Remaining": 3},
)


def seller(server: Server) -> httpx.Client:
    """The demo's administrator."""
    demo = demo_of(server)
    user = demo["users"]["admin01"]
    login = {
        "grant_type": "password",
        "client_id": demo["clientID"],
        "username": user["username"],
        "password": user["password"],
    }
    answer = httpx.post(f"{server.url}/oauth/token", data=login, trust_env=False, timeout=60)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=60)


def reading_client(http: httpx.Client) -> str:
    body = {
        "AppName": "Clone",
        "ClientSecret": SECRET,
        "AccessTokenDuration": 600,
        "Active": True,
        "AllowSeller": True,
        "DefaultContextUserName": "admin01",
    }
    made: dict[str, str] = http.post("/v1/apiclients", json=body).raise_for_status().json()
    return made["ID"]


def entrepot(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
    return run("entrepot", *arguments, environment={**own, **variables}, timeout=240)


def clone(server: Server, client: str, directory: Path, *wishes: str) -> subprocess.CompletedProcess[str]:
    """Into the source's own database, beside it."""
    source = ["--from", server.url, "--client-id", client, "--rate", "1000", "--state", str(directory)]
    where = ["--data-dir", str(server.data_dir)]
    # A proxy that leads nowhere, which nobody is to ask.
    variables = {
        "CLONE_CLIENT_SECRET": SECRET,
        "http_proxy": "http://127.0.0.1:9",
        "all_proxy": "http://127.0.0.1:9",
    }
    return entrepot("clone", *source, *where, *wishes, **variables)


def records(server: Server, marketplace: str, file: Path, clients: Mapping[str, str]) -> list[str]:
    done = entrepot("download", marketplace, str(file), "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stderr

    def named(value: Any) -> str:
        text = repr(value)
        for here, there in clients.items():
            text = text.replace(here, there)
        return re.sub(r"'QuantityAvailable': \d+", "", text)

    return sorted(f"{each.kind} {named(each.value)}" for each in read_records(file))


def clients_of(told: str) -> dict[str, str]:
    found = re.findall(r"^API client +(\S+) \((\S+) there\)$", told, re.MULTILINE)
    return {here: there.upper() for here, there in found}


def test_a_clone_of_a_server_that_fails_and_dies(serve: Serve, tmp_path: Path) -> None:
    server = serve("data")
    server.await_ready()
    marketplace = demo_of(server)["marketplaceID"]
    with seller(server) as http:
        client = reading_client(http)
        faults = [
            http.post("/entrepot/v1/faults", json=each).raise_for_status().json()["ID"] for each in FAULTS
        ]
        done = clone(server, client, tmp_path / "first", "--marketplace", "failing")
        assert done.returncode == 0, done.stderr
        met = [http.get(f"/entrepot/v1/faults/{each}").json()["Met"] for each in faults]
        assert met == [each["Remaining"] for each in FAULTS], "each of them was borne"
        for each in faults:
            http.delete(f"/entrepot/v1/faults/{each}").raise_for_status()
    there = records(server, marketplace, tmp_path / "there.yml", {})
    assert records(server, "failing", tmp_path / "here.yml", clients_of(done.stdout)) == there

    # The source is gone in the middle, from one moment to the other.
    target = serve("target")
    target.await_ready()
    journal = tmp_path / "state" / "journal.jsonl"
    source = ["clone", "--from", server.url, "--client-id", client, "--client-secret", SECRET]
    where = ["--state", str(journal.parent), "--data-dir", str(target.data_dir), "--marketplace", "again"]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(entrepot, *source, *where, "--rate", "10", "--attempts", "2")
        until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 20, server)
        server.end(signal.SIGKILL, whole_session=True)
        lost = running.result()
    assert lost.returncode == 1
    assert re.search(r"did not answer 2 times in a row; the last time: ", lost.stderr)
    assert "Traceback" not in lost.stderr
    none = entrepot("download", "again", str(tmp_path / "none.yml"), "--data-dir", str(target.data_dir))
    assert "there is no marketplace again" in none.stderr

    serve("data", port=server.port).await_ready()
    kept = journal.read_bytes()
    done = entrepot(*source, *where, "--rate", "1000", "--keep")
    assert done.returncode == 0, done.stderr
    assert journal.read_bytes().startswith(kept), "it has gone on"
    assert SECRET not in done.stdout + done.stderr
    assert records(target, "again", tmp_path / "again.yml", clients_of(done.stdout)) == there


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "http://shop.example.com"], "would send the secret without TLS"),
        (["--from", "nowhere"], "is no URL of the web"),
    ],
)
def test_what_is_refused_before_anything_is_asked(arguments: list[str], told: str, tmp_path: Path) -> None:
    where = ["--data-dir", str(tmp_path / "data"), "--client-id", "x", "--client-secret", "y"]
    done = entrepot("clone", *arguments, *where)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
