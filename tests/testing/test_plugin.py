"""The pytest plugin of the wheel, in an environment and in projects of others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.conformance.running import BENCH_KEY, Shop
from tests.prepared import PATIENCE
from tests.testing.guides import GUIDE, README, blocks
from tests.testing.left import await_left_nothing, left

CAPABILITIES = ("marketplace.", "clock.", "mailbox.", "marketplace.fault(", "Idempotency-Key")
ONE_SERVER = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(4))
def test_where(entrepot_server, worker_id, number):
    with open(pathlib.Path(__file__).with_name("seen"), "a") as seen:
        print(entrepot_server.url, worker_id, file=seen)
"""
WAITING = """
import pathlib, time

def test_that_takes_its_time(marketplace):
    pathlib.Path(__file__).with_name("seen").write_text(marketplace.url)
    time.sleep(600)
"""
SEED = """
Objects:
  Buyers: [{ID: acme, Name: Acme, Active: true}]
  ApiClients: [{ID: storefront, AppName: Storefront, Active: true, AllowAnyBuyer: true, AccessTokenDuration: 60}]
  Users: [{BuyerID: acme, ID: ada, Username: ada, Password: a-Word-1-of-ada, FirstName: A, LastName: D, Email: a@b.example, Active: true}]
"""
SEEDED = """
def test_of_a_seed(marketplace):
    assert [each["ID"] for each in marketplace.api.get("/v1/buyers").json()["Items"]] == ["acme"]
    assert marketplace.login("ada", "a-Word-1-of-ada", client="storefront").get("/v1/me").json()["ID"] == "ada"
"""
WHERE = "def test_where(entrepot_server): assert entrepot_server.url == {!r}"


def run(
    installed: Path, project: Path, *arguments: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Pytest in a project of its own."""
    return subprocess.run(
        [installed / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(project), *arguments, str(project)],
        cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip


def assert_ended(url: str, temporary: Path) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/readyz")
    assert left(temporary) == []


def test_what_readme_and_guide_show(
    tmp_path: Path, installed: Path, temporary: Path, environment: dict[str, str]
) -> None:
    """In two processes, which share one server: the wheel's own, from nothing, ended with them."""
    readme = blocks(README, "python")
    shown = {**blocks(GUIDE, "python"), **readme, "test_one_server": ONE_SERVER}
    assert len(shown) == 4
    for name, text in shown.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    done = run(installed, tmp_path, "-n", "2", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
    seen = [line.split() for line in (tmp_path / "seen").read_text().splitlines()]
    ((url,), workers) = {url for url, _ in seen}, {worker for _, worker in seen}
    assert workers == {"gw0", "gw1"}
    assert_ended(url, temporary)


def test_readme_shows_a_test_of_ten_lines() -> None:
    """That uses more than three things which no cloud has."""
    ((_, text),) = blocks(README, "python").items()
    assert len(text.splitlines()) == 10
    assert [each for each in CAPABILITIES if each in text] == list(CAPABILITIES)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_server_ends_with_the_run(
    tmp_path: Path,
    installed: Path,
    command: str,
    temporary: Path,
    environment: dict[str, str],
    ending: signal.Signals,
) -> None:
    """After Ctrl-C before pytest itself has ended; and where that could do nothing any more."""
    (tmp_path / "test_waiting.py").write_text(WAITING)
    process = subprocess.Popen(
        [installed / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir",
         tmp_path, tmp_path],
        env={**environment, "ENTREPOT_COMMAND": command}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        # A terminal tells the whole group, where the guard is none of.
        start_new_session=True,
    )  # fmt: skip
    seen = tmp_path / "seen"
    deadline = time.monotonic() + PATIENCE
    while not (seen.exists() and seen.read_text()) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    url = seen.read_text()
    os.killpg(process.pid, ending)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == (2 if ending == signal.SIGINT else -signal.SIGKILL), said
    if ending == signal.SIGKILL:
        await_left_nothing(temporary)
    assert_ended(url, temporary)


@pytest.mark.parametrize("said", ["flag", "variable", "ini"])
def test_a_server_that_runs(
    tmp_path: Path, installed: Path, shop: Shop, temporary: Path, environment: dict[str, str], said: str
) -> None:
    """Is used, and stays."""
    (tmp_path / "test_where.py").write_text(WHERE.format(shop.url))
    arguments: list[str] = []
    environment |= {"ENTREPOT_TEST_BENCH_KEY": BENCH_KEY}
    if said == "flag":
        arguments += ["--entrepot-url", f"{shop.url}/"]
    elif said == "variable":
        environment |= {"ENTREPOT_URL": shop.url}
    else:
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nentrepot_url={shop.url}\n")
    done = run(installed, tmp_path, *arguments, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert left(temporary) == []
    assert httpx.get(f"{shop.url}/readyz").status_code == 200


@pytest.mark.parametrize("said", ["flag", "variable", "ini"])
def test_a_seed_of_ones_own(
    tmp_path: Path, installed: Path, shop: Shop, environment: dict[str, str], said: str
) -> None:
    """A file of the project, wherever its tests are begun."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/shop.yml").write_text(SEED)
    (tmp_path / "test_seed.py").write_text(SEEDED)
    environment |= {"ENTREPOT_URL": shop.url, "ENTREPOT_TEST_BENCH_KEY": BENCH_KEY}
    ini, arguments = "[pytest]\n", []
    if said == "flag":
        arguments = ["--entrepot-seed", "seeds/shop.yml"]
    elif said == "variable":
        environment |= {"ENTREPOT_SEED": "seeds/shop.yml"}
    else:
        ini += "entrepot_seed=seeds/shop.yml\n"
    (tmp_path / "pytest.ini").write_text(ini)
    done = run(installed, tmp_path, *arguments, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ENTREPOT_COMMAND": "/nowhere/entrepot"}, "/nowhere/entrepot: No such file or directory"),
        ({"ENTREPOT_COMMAND": f"{sys.executable} -c exit('not_today')"}, "not_today"),
        ({"ENTREPOT_URL": "http://127.0.0.1:9"}, "ENTREPOT_TEST_BENCH_KEY has to be the key"),
    ],
    ids=["no command", "a command that fails", "no key"],
)
def test_no_server(
    tmp_path: Path,
    installed: Path,
    temporary: Path,
    environment: dict[str, str],
    variables: dict[str, str],
    told: str,
) -> None:
    """Every test that needs one says why, and at once."""
    (tmp_path / "test_where.py").write_text(WHERE.format("") + "\n\ndef test_other(): pass\n")
    done = run(installed, tmp_path, environment=environment | variables)
    assert done.returncode == 1
    assert told in done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert left(temporary) == []


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ENTREPOT_TEST_BENCH_KEY": "k" * 40}, "refuses the key"),
        ({"ENTREPOT_URL": "http://127.0.0.1:9"}, "No server answers at http://127.0.0.1:9 ("),
        ({"ENTREPOT_SEED": "none.yml"}, "none.yml cannot be read (No such file or directory)"),
        ({"ENTREPOT_SEED": "bad.yml"}, "bad.yml; correct it:\nline 2: Buyers.acme.Name"),
    ],
    ids=["another key", "nobody there", "no seed", "a bad seed"],
)
def test_what_is_wrong_is_told_in_a_sentence(
    tmp_path: Path,
    installed: Path,
    shop: Shop,
    environment: dict[str, str],
    variables: dict[str, str],
    told: str,
) -> None:
    """And not by a trace of what the plugin is made of."""
    (tmp_path / "bad.yml").write_text("Objects:\n  Buyers: [{ID: acme, Nam: Acme}]\n")
    (tmp_path / "test_it.py").write_text("def test_it(marketplace): pass\n")
    environment |= {"ENTREPOT_URL": shop.url, "ENTREPOT_TEST_BENCH_KEY": BENCH_KEY} | variables
    done = run(installed, tmp_path, environment=environment)
    assert done.returncode == 1
    assert told in done.stdout
    assert "1 error" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert ".py:" not in done.stdout.replace("test_it.py::", "")
