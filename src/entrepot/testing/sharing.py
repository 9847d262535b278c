"""The server of a run: whichever of its processes first needs it starts it, and all use it."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from entrepot.testing.guard import ENDED, LOG
from entrepot.testing.run import GUARD
from entrepot.testing.server import NoServerError, Server

TURN, KEY, DATA = "turn", "key", "data"
"""In the directory: whose turn it is to start the server, what opens its test bench, and its data."""
READY = re.compile(rb"^Server +(http\S+) *$", re.MULTILINE)
"""What the server prints when it serves."""
START_SECONDS = 120.0
KEY_VARIABLE = "ENTREPOT_TEST_BENCH_KEY"
COMMAND = "ENTREPOT_COMMAND"
"""What runs the command, if not this Python: `docker compose exec ...`, another environment's `entrepot`."""
NOT_FOR_TESTS = ("ENTREPOT_DATABASE_URL", "ENTREPOT_SMTP_URL", "ENTREPOT_BASE_URL")
"""Settings of another server, whose database and mail no test may touch; all others are the tester's to set."""
FOR_TESTS = {"ENTREPOT_TEST_BENCH": "true", "ENTREPOT_CATCHERS": "true", "ENTREPOT_PRIVATE_TARGETS": "true"}


def shared_server(directory: Path, seed: str | Path, environment: Mapping[str, str] = os.environ) -> Server:
    """The server of the run that has the directory, started if no process of it has started one. Raises NoServerError."""
    with (directory / TURN).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (directory / GUARD).exists():
            _start(directory, environment)
            (directory / GUARD).touch()
    return Server(_address(directory), (directory / KEY).read_text(), seed)


def _start(directory: Path, environment: Mapping[str, str]) -> None:
    own = shlex.join([sys.executable, "-m", "entrepot"])
    command = shlex.split(environment.get(COMMAND) or own)
    key = secrets.token_urlsafe(32)
    (directory / KEY).touch(0o600)
    (directory / KEY).write_text(key)
    settings = {name: value for name, value in environment.items() if name not in NOT_FOR_TESTS}
    settings |= FOR_TESTS | {KEY_VARIABLE: key}
    serve = [
        *command,
        "serve",
        "--no-demo",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--data-dir",
        str(directory / DATA),
    ]
    subprocess.run(
        [sys.executable, "-m", "entrepot.testing.guard", str(directory), *serve],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=settings,
        # Ctrl-C is for the run, whose end the guard waits for.
        start_new_session=True, check=True,
    )  # fmt: skip


def _address(directory: Path) -> str:
    """Once it serves."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (directory / ENDED).exists():
            raise NoServerError(f"The server for tests did not start:\n{_said(directory)}")
        if found := READY.search(_log(directory)):
            return found[1].decode()
        time.sleep(0.05)
    raise NoServerError(f"The server for tests was not ready after {START_SECONDS} s:\n{_said(directory)}")


def _log(directory: Path) -> bytes:
    with suppress(FileNotFoundError):
        return (directory / LOG).read_bytes()
    return b""


def _said(directory: Path) -> str:
    return _log(directory)[-4000:].decode(errors="replace")
