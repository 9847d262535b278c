"""`forked.py SOCKET SEEN -m entrepot COMMAND ...` in place of Python's interpreter, for programs that run command after command.

The first of each name is a process from the ground up, as the program means it: it imports what it needs, in its own order. Those
that follow are forks (tests/forks.py), which saves two seconds of a core each. Whatever else is asked of it Python is asked.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path


def main(where: str, seen: Path, arguments: list[str]) -> None:
    if arguments[:2] != ["-m", "entrepot"] or _first(seen / arguments[2]):
        os.execv(sys.executable, [sys.executable, *arguments])
    command = {
        "module": arguments[1],
        "arguments": arguments[2:],
        "environment": dict(os.environ),
        "directory": str(Path.cwd()),
        "session": False,
    }
    ours, theirs = socket.socketpair()
    with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked:
        asked.connect(where)
        socket.send_fds(asked, [json.dumps(command).encode()], [theirs.fileno(), 0, 1, 2])
    with ours.makefile() as told:
        _, ended = map(int, told)
    if ended < 0:
        signal.signal(-ended, signal.SIG_DFL)
        os.kill(os.getpid(), -ended)
    sys.exit(ended)


def _first(name: Path) -> bool:
    try:
        name.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
