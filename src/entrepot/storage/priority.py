"""Work that can wait has the processor after what somebody waits for, on the machine where both are done."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from entrepot.storage.embedded import CLUSTER
from entrepot.storage.postmaster import server_pid

PROCESS = 10
"""Niceness of our own process: a tenth of the share that another one has, where both want all of it."""
SESSION = 5
"""Of a session of the database: a third. It may hold what others wait for in the moment in which it is put off."""


def give_way() -> None:
    """Let this process, and what it starts from now on, have the processor after others."""
    _be_nice(0, PROCESS)


def give_way_in_database(data_dir: Path, session: int) -> None:
    """The same for a session (its process ID) of the embedded database of a directory; nothing where it is none of its."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        parent = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()[1]
        if int(parent) == server_pid(data_dir.absolute() / CLUSTER):
            _be_nice(session, SESSION)


def _be_nice(pid: int, niceness: int) -> None:
    # Where the system does not let us, or knows no such thing, all are equal.
    with contextlib.suppress(OSError, AttributeError):
        if os.getpriority(os.PRIO_PROCESS, pid) < niceness:
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
