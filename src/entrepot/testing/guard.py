"""`python -m entrepot.testing.guard DIRECTORY COMMAND...`: runs a server until the run of tests whose directory it is has ended, and then
removes the directory (sharing.py).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

HELD, ENDED, LOG = "held", "ended", "serve.log"
"""Files of the directory: locked as long as the run goes on; that the server has ended; what it has printed."""


def main(directory: Path, command: list[str]) -> None:
    """Returns when all is gone."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with (directory / HELD).open() as held, (directory / LOG).open("wb") as log:
        try:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        except OSError as error:
            log.write(f"{command[0]}: {error.strerror}\n".encode())
            log.flush()
        else:
            threading.Thread(target=_end_after, args=(held.fileno(), server), daemon=True).start()
            server.wait()
        # Perhaps before its time: whoever waits for it is told, and reads the log.
        (directory / ENDED).touch()
        fcntl.flock(held, fcntl.LOCK_EX)
    shutil.rmtree(directory, ignore_errors=True)


def _end_after(held: int, server: subprocess.Popen[bytes]) -> None:
    fcntl.flock(held, fcntl.LOCK_EX)
    server.terminate()


if __name__ == "__main__" and not os.fork():
    # Nobody's child: the process that starts it may end before the run does.
    main(Path(sys.argv[1]), sys.argv[2:])
