"""Processes of other programs that tests stop, and find."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def children(pid: int, named: str = "") -> list[int]:
    """The processes that a process has started, whose command holds these words."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [int(row[0]) for row in rows if int(row[1]) == pid and named in row[2]]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process and its children stand still while the block runs."""
    # The parent first, so that it makes no more of them.
    os.kill(pid, signal.SIGSTOP)
    family = [pid, *children(pid)]
    for each in family[1:]:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)
