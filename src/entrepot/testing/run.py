"""A run of tests, with the server that ends with it, however it ends.

It has a directory, and its first process holds a lock on a file there. Whichever process first needs the server starts the guard
(guard.py), which runs it with its data in that directory, waits for the lock, and then ends the server and removes the directory: the
system takes the locks of a process that has been killed, too.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from pathlib import Path

from entrepot.testing.guard import HELD

GUARD = "guard"
"""A file of the directory: that the guard has been started."""
END_SECONDS = 60.0


class Run:
    """What the first process of a run keeps: the directory, and the lock."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="entrepot-testing-"))
        # Where root runs the tests, PostgreSQL's account has to pass through.
        self.directory.chmod(0o711)
        self._held = (self.directory / HELD).open("w")
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def end(self) -> None:
        """Have the server end, and wait for it."""
        # Said, and not left to the closing: a process that a test has forked may have the file open.
        fcntl.flock(self._held, fcntl.LOCK_UN)
        self._held.close()
        deadline = time.monotonic() + END_SECONDS
        while (self.directory / GUARD).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        shutil.rmtree(self.directory, ignore_errors=True)
