"""What is made once for all processes of a run: first of all a data directory as a first start makes it, with the demo marketplace,
which servers that tests start get copies of. That takes a third of the time.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path

import httpx
import pytest
from tests.directories import server_directory
from tests.forking import Process
from tests.ports import free_port
from tests.strict import CHECKED_SERVER, ROOT

CHEAP_HASHES = {"ENTREPOT_ARGON2_MEMORY_KIB": "8", "ENTREPOT_ARGON2_PASSES": "1"}
"""The cheapest passwords there are, for servers that many log in to: one costs 40 ms of a core by what is set by default, which the
servers of tests/e2e have."""
PATIENCE = 120.0
"""Seconds before a server that says nothing counts as failed."""
_SHARED = "TESTS_SHARED_DIRECTORY"


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Generator[None, object, object]:
    """One directory for the process that the command line started and for those that it starts."""
    if _SHARED in os.environ:
        return (yield)
    with server_directory() as directory:
        os.environ[_SHARED] = str(directory)
        try:
            return (yield)
        finally:
            del os.environ[_SHARED]


@pytest.fixture(scope="session")
def prepared() -> Path:
    """What a first start makes: a database with the demo marketplace, its key and its passwords."""
    return made_once("data", _make)


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """What `make` puts at a place that is given to it; by whichever process of the run asks first, while the others wait."""
    shared = Path(os.environ[_SHARED])
    place, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made.exists():
            make(place)
            made.touch()
    return place


def copy(prepared: Path, data: Path) -> None:
    """A data directory of a server's own."""
    subprocess.run(["cp", "-a", str(prepared), str(data)], check=True)


def _make(data: Path) -> None:
    port, log = free_port(), data.with_suffix(".log")
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*CHECKED_SERVER, "serve", "--port", str(port), "--data-dir", str(data)],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True, cwd=ROOT,
            env={**os.environ, **CHEAP_HASHES},
        )  # fmt: skip
    await_answer(f"http://127.0.0.1:{port}/readyz", process, log)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, log.read_text("utf-8", "replace")


def await_answer(url: str, process: Process, log: Path) -> None:
    """Until a server that has been started answers 200."""
    deadline = time.monotonic() + PATIENCE
    # One client, and none that reads certificates: that takes as much of a core as the server has to start with.
    with httpx.Client(timeout=PATIENCE, trust_env=False, verify=False) as http:
        while True:
            assert process.poll() is None, log.read_text("utf-8", "replace")
            try:
                if http.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")
            time.sleep(0.02)
