"""What somebody has recorded is run again by the tools that the files are for, against a marketplace that has seen none of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conformance.running import NODE, Shop, node

from entrepot.domain.recordings.formats import FORMATS
from entrepot.domain.recordings.scenario import Entry, read_entry

RECORDINGS = "/entrepot/v1/recordings"


@dataclass(frozen=True)
class Recorded:
    """A shopper's session in one marketplace, and what has to be known to take it in another."""

    entries: list[Entry]
    given: dict[str, str]

    def write(self, kind: str, path: Path, url: str) -> Path:
        path.write_text(FORMATS[kind](self.entries, "A shopper's order", url, "0"), "utf-8")
        return path


@pytest.fixture(scope="module")
def recorded(shop: Shop) -> Recorded:
    first, second = _fresh(shop), _fresh(shop)
    name, person = next(
        (name, each)
        for name, each in shop.demo["users"].items()
        if not name.startswith(("admin", "supplier"))
    )
    with _client(shop, first["AccessToken"]) as admin:
        recording = _checked(admin.post(RECORDINGS, json={}), 201)["ID"]
        _shop(shop, _own_client(shop, first), person)
        _checked(admin.post(f"{RECORDINGS}/{recording}/stop"), 204)
        listed = _checked(admin.get(f"{RECORDINGS}/{recording}/requests?pageSize=100"), 200)["Items"]
    entries = [read_entry(json.dumps(each["Entry"])) for each in listed]
    assert [entry.status for entry in entries] == [200, 200, 201, 201, 200, 200, 204], name
    assert person["password"] not in json.dumps(listed)
    (secret,) = [each for each in _given(entries) if each.startswith("password")]
    return Recorded(
        entries, {"client_id": _own_client(shop, second), secret: person["password"], "base_url": shop.url}
    )


@pytest.mark.usefixtures("node_packages")
def test_a_collection_runs_in_newman(shop: Shop, recorded: Recorded, tmp_path: Path) -> None:
    file = recorded.write("postman", tmp_path / "c.json", shop.url)
    given = (f"{name}={value}" for name, value in recorded.given.items())
    done = node("recordings.cjs", "postman", str(file), *given, shop=shop)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"requests": 7, "assertions": 7, "failures": []}


@pytest.mark.usefixtures("node_packages")
def test_an_archive_is_one(shop: Shop, recorded: Recorded, tmp_path: Path) -> None:
    done = node("recordings.cjs", "har", str(recorded.write("har", tmp_path / "a.har", shop.url)), shop=shop)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"entries": 7}


def test_a_test_in_python_passes(shop: Shop, recorded: Recorded, tmp_path: Path) -> None:
    file = recorded.write("py", tmp_path / "test_recorded.py", "http://localhost:1")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(file)]
    assert "1 passed" in _run(command, recorded).stdout
    wrong = _run(command, Recorded([], {**recorded.given, "base_url": shop.url, "client_id": "none"}))
    assert wrong.returncode == 1, wrong.stdout


def test_a_test_in_javascript_passes(shop: Shop, recorded: Recorded, tmp_path: Path) -> None:
    file = recorded.write("js", tmp_path / "recorded.test.mjs", "http://localhost:1")
    program = shutil.which("node")
    assert program is not None
    command = [program, "--test", str(file)]
    done = _run(command, recorded)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = _run(command, Recorded([], {**recorded.given, "client_id": "none"}))
    assert wrong.returncode == 1, wrong.stdout


def _run(command: list[str], recorded: Recorded) -> subprocess.CompletedProcess[str]:
    given = {name.upper(): value for name, value in recorded.given.items()}
    return subprocess.run(
        command,
        env={**os.environ, **given},
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _shop(shop: Shop, client_id: str, person: dict[str, Any]) -> None:
    """What an application sends for somebody who looks for something and orders it, and thinks better of it."""
    form = {
        "grant_type": "password",
        "client_id": client_id,
        "username": person["username"],
        "password": person["password"],
    }
    token = _checked(httpx.post(f"{shop.url}/oauth/token", data=form), 200)["access_token"]
    with _client(shop, token) as http:
        products = _checked(http.get("/v1/me/products?pageSize=5"), 200)["Items"]
        order = _checked(http.post("/v1/orders/Outgoing", json={"Comments": 'It\'s "one" {{thing}}'}), 201)[
            "ID"
        ]
        line = {"ProductID": products[0]["ID"], "Quantity": products[0]["PriceSchedule"]["MinQuantity"] or 1}
        lines = f"/v1/orders/Outgoing/{order}/lineitems"
        line_id = _checked(http.post(lines, json={**line, "Specs": []}), 201)["ID"]
        _checked(http.get(f"{lines}/{line_id}"), 200)
        _checked(http.patch(f"/v1/orders/Outgoing/{order}", json={"xp": {"line": line_id}}), 200)
        _checked(http.delete(f"/v1/orders/Outgoing/{order}"), 204)


def _fresh(shop: Shop) -> dict[str, Any]:
    """A copy of the demo marketplace."""
    user = shop.demo["users"]["admin01"]
    form = {"grant_type": "password", "client_id": shop.demo["clientID"]}
    form |= {"username": user["username"], "password": user["password"]}
    token = _checked(httpx.post(f"{shop.url}/oauth/token", data=form), 200)["access_token"]
    with _client(shop, token) as admin:
        made: dict[str, Any] = _checked(
            admin.post("/entrepot/v1/marketplaces", json={"Name": "Recorded"}), 201
        )
    return made


def _own_client(shop: Shop, made: dict[str, Any]) -> str:
    (client,) = [each["ID"] for each in made["Clients"] if each["CopyOf"] == shop.demo["clientID"]]
    return str(client)


@contextmanager
def _client(shop: Shop, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=shop.url, timeout=60, headers=headers) as client:
        yield client


def _checked(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, f"{answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


def _given(entries: list[Entry]) -> list[str]:
    from entrepot.domain.recordings.scenario import scenario

    return [name for name, value in scenario(entries).given.items() if not value]
