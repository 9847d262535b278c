"""Keeps a process that has imported the server, and forks it for each command: `python -m tests.forks DOOR` with a socket for input.

What tests/forking.py asks for comes in one message each: the command as JSON, and four descriptors: a socket that is told the
process's number, and later how it has ended; then its standard input, output and error. Others send theirs over connections to the
socket with the number DOOR (tests/forked.py).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

LARGEST = 2**20
PRELOADED = (
    "entrepot.app.backup",
    "entrepot.app.cli",
    "entrepot.app.demo",
    "entrepot.app.portal",
    "entrepot.app.processes",
    "entrepot.app.resealing",
    "entrepot.app.seeding",
    "entrepot.app.asgi",
    "entrepot.app.announce",
    "tests.strict.application",
    # What only some commands import, and then for a third of a second: the clients of the portal, migrations, and the loop of servers.
    "alembic.command",
    "httpx",
    "sqlalchemy.ext.asyncio",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
)
"""Not the modules that are run: these must be new."""


def main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    from tests.strict.answers import answers

    from entrepot.app.registry import portal_registry, registry

    answers()
    registry()
    portal_registry()
    gc.collect()
    gc.freeze()
    _serve()


def _serve() -> None:
    running: dict[int, socket.socket] = {}
    """Whom it is told how each command ends."""
    woken, wakes = socket.socketpair()
    with (
        socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked,
        socket.socket(fileno=int(sys.argv[1])) as door,
        woken,
        wakes,
    ):
        woken.setblocking(False)
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([asked, door, woken], [], [])
            if woken in ready:
                woken.recv(LARGEST)
                _tell_ended(running)
                continue
            message, descriptors = _received(asked) if asked in ready else _received_by(door)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                break
            running[pid] = _tell_begun(pid, descriptors)
    for each in running.values():
        each.close()
    _become(json.loads(message), descriptors)


def _received(asked: socket.socket) -> tuple[bytes, list[int]]:
    """What is asked for; nothing once the tests have ended."""
    return socket.recv_fds(asked, LARGEST, 4)[:2]


def _received_by(door: socket.socket) -> tuple[bytes, list[int]]:
    other, _ = door.accept()
    with other:
        return _received(other)


def _tell_begun(pid: int, descriptors: list[int]) -> socket.socket:
    for each in descriptors[1:]:
        os.close(each)
    told = socket.socket(fileno=descriptors[0])
    with suppress(OSError):
        told.sendall(b"%d\n" % pid)
    return told


def _tell_ended(running: dict[int, socket.socket]) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            # Who asked may have ended before.
            with running.pop(pid) as told, suppress(OSError):
                told.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(command: dict[str, Any], descriptors: list[int]) -> None:
    os.close(descriptors[0])
    if command["session"]:
        os.setsid()
    for number, each in enumerate(descriptors[1:]):
        os.dup2(each, number)
        os.close(each)
    # Tests that run under nohup would hand on that a hang-up is ignored.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(command["environment"])
    time.tzset()
    os.chdir(command["directory"])
    sys.argv[1:] = command["arguments"]
    code: object = None
    try:
        if command["module"].endswith(".py"):
            runpy.run_path(command["module"], run_name="__main__")
        else:
            runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    _end(code)


def _end(code: object) -> None:
    """As Python ends, but for taking apart what has been imported: each page of it would be copied for this, 0.1 s of a core."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for each in (sys.stdout, sys.stderr):
        each.flush()
    os._exit((code or 0) & 0xFF)


if __name__ == "__main__":
    main()
