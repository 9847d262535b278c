"""The single lines with curl in docs/guide work as they stand, beside a server with its demo marketplace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conformance.running import Shop
from tests.prepared import PATIENCE

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
LINE = re.compile(r"^    (curl .*\$TOKEN\".*)$", re.MULTILINE)
LINES = [
    (page.name, line) for page in sorted(GUIDE.glob("*.md")) for line in LINE.findall(page.read_text("utf-8"))
]
BASE = "http://localhost:8080"


@pytest.fixture(scope="module")
def admin(shop: Shop) -> Iterator[httpx.Client]:
    """The demo marketplace's administrator."""
    demo = shop.demo
    form = {
        "grant_type": "password",
        "client_id": demo["clientID"],
        "username": "admin01",
        "password": demo["users"]["admin01"]["password"],
    }
    with httpx.Client(base_url=shop.url, trust_env=False) as http:
        token = http.post("/oauth/token", data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


@pytest.fixture(scope="module")
def ids(admin: httpx.Client) -> dict[str, str]:
    """A message in the mailbox and the delivery that put it there, by the words that stand for them."""
    buyer = {"ID": "curl", "Name": "Curl", "Active": True}
    assert admin.put("/v1/buyers/curl", json=buyer).is_success
    user = {
        "Username": "curl-ann",
        "FirstName": "A",
        "LastName": "B",
        "Email": "ann@curl.example",
        "Active": True,
    }
    assert admin.put("/v1/buyers/curl/users/ann", json=user).is_success
    messages = _some(admin, "/entrepot/v1/mailbox?search=ann@curl.example")
    delivered = _some(admin, "/entrepot/v1/deliveries?Target=Mailbox&Status=Delivered")
    return {"MESSAGE_ID": messages["ID"], "DELIVERY_ID": delivered["ID"]}


def _some(admin: httpx.Client, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = admin.get(path)
        assert answer.status_code == 200, answer.text
        if items := answer.json()["Items"]:
            return dict(items[0])
        time.sleep(0.1)
    raise AssertionError(f"nothing there: {path}")


@pytest.mark.parametrize(("page", "line"), LINES)
def test_line(shop: Shop, admin: httpx.Client, ids: dict[str, str], page: str, line: str) -> None:
    assert BASE in line, page
    command = line.replace(BASE, shop.url).replace("curl ", "curl -sS --fail-with-body ", 1)
    endless = " -N " in line
    if endless:
        # A stream: as long as it takes to see that it is one.
        command = f"{command} --max-time 3 --write-out '%{{http_code}} %{{content_type}}'"
    for word, found in ids.items():
        command = command.replace(word, found)
    token = admin.headers["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        ["sh", "-c", command],
        env={**os.environ, "TOKEN": token, "no_proxy": "*"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == (28 if endless else 0), (page, line, done.stdout, done.stderr)
    if endless:
        assert "200 text/event-stream" in done.stdout, done.stdout
    elif done.stdout:
        json.loads(done.stdout)


def test_the_lines_are_found() -> None:
    assert {page for page, _ in LINES} >= {"mail.md", "deliveries.md"}
