"""Commands of the server as processes of their own that have their modules from the first moment.

To import them takes a second of a core, and to make the document that answers are compared with half of one more: two hundred
times in a run. So a process that has done both is kept, and forked (tests/forks.py). Servers that start on nothing are
processes from the ground up (tests/e2e), as are those of which a test asks what they import (tests/app/test_loaded.py), and the
first of each command that a guide runs (tests/forked.py).
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[1]


class Process(Protocol):
    """What tests ask of a process, by subprocess.Popen's names."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...


class Forked:
    """A process that another one has forked, and tells of over a socket."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told.makefile("rb", buffering=0)
        told.close()
        self.pid = int(self._told.readline())
        self._ended: int | None = None

    def poll(self) -> int | None:
        """The exit code, less than nothing for a signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if self._ended is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self._ended = int(self._told.readline())
            self._told.close()
        return self._ended

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


def fork(
    module: str,
    *arguments: str,
    stdout: int,
    stderr: int,
    environment: Mapping[str, str] | None = None,
    session: bool = False,
) -> Forked:
    """`python -m module arguments`, or `python module arguments` of a file. session: whether it leads a session of its own, as at a
    terminal.
    """
    command = {
        "module": module,
        "arguments": arguments,
        "environment": dict(os.environ if environment is None else environment),
        "directory": str(ROOT),
        "session": session,
    }
    ours, theirs = socket.socketpair()
    with theirs, Path(os.devnull).open("rb") as nothing:
        descriptors = [theirs.fileno(), nothing.fileno(), stdout, stderr]
        socket.send_fds(_kept(), [json.dumps(command).encode()], descriptors)
    return Forked(ours)


def run(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """`fork` to its end, and what it has printed. Raises subprocess.TimeoutExpired, and then ends it."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = fork(
            module, *arguments, stdout=stdout.fileno(), stderr=stderr.fileno(), environment=environment
        )
        try:
            code = process.wait(timeout)
        finally:
            process.send_signal(signal.SIGKILL)
        stdout.seek(0)
        stderr.seek(0)
        said, complained = stdout.read().decode(), stderr.read().decode()
    return subprocess.CompletedProcess(arguments, code, said, complained)


def interpreter(place: Path) -> Path:
    """What a program that starts `python -m entrepot` again and again takes for Python, made in a folder of the program's own."""
    _kept()
    seen, made = place / "seen", place / "python"
    seen.mkdir()
    line = [sys.executable, "-IS", str(ROOT / "tests/forked.py"), str(_door()), str(seen)]
    made.write_text(f'#!/bin/sh\nexec {shlex.join(line)} "$@"\n')
    made.chmod(0o755)
    return made


@functools.cache
def _door() -> Path:
    """Where others of this machine ask the process that forks."""
    return Path(tempfile.mkdtemp(prefix="entrepot-forks-")) / "door"


@functools.cache
def _kept() -> socket.socket:
    """Where the process that forks takes commands; it ends with this one, or when that is killed: the socket is closed then."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(str(_door()))
        door.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", str(door.fileno())],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            pass_fds=[door.fileno()],
            cwd=ROOT,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()
        shutil.rmtree(_door().parent)

    atexit.register(end)
    return ours
