"""Keeps a process that has imported the server, and forks it for each command: `python -m tests.forks DOOR` with a socket for input.

What tests/forking.py asks for comes in one message each: the command as JSON, and four descriptors: a socket that is told the
process's number, and later how it has ended; then its standard input, output and error. Others send theirs over connections to the
socket with the number DOOR (tests/forked.py).
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
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
    with (
        socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked,
        socket.socket(fileno=int(sys.argv[1])) as door,
    ):
        while True:
            message, descriptors = _next(asked, door)
            if not message:
                _forget_ended()
                return
            if os.fork() == 0:
                break
            _forget_ended()
            for each in descriptors:
                os.close(each)
    _become(json.loads(message), descriptors)


def _next(asked: socket.socket, door: socket.socket) -> tuple[bytes, list[int]]:
    """What is asked for, by whomever; nothing once the tests have ended."""
    ready, _, _ = select.select([asked, door], [], [])
    if asked in ready:
        return socket.recv_fds(asked, LARGEST, 4)[:2]
    other, _ = door.accept()
    with other:
        return socket.recv_fds(other, LARGEST, 4)[:2]


def _forget_ended() -> None:
    """Let go of those that have waited for a command to its end."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(command: dict[str, Any], descriptors: list[int]) -> None:
    with socket.socket(fileno=descriptors[0]) as told:
        pid = os.fork()
        if pid:
            for each in descriptors[1:]:
                os.close(each)
            told.sendall(b"%d\n" % pid)
            told.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os._exit(0)
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
    runpy.run_module(command["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
