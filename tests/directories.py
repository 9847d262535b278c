"""Directories of servers that tests start."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes that must be free there: several times what the servers of two workers ever hold."""


@contextmanager
def server_directory() -> Iterator[Path]:
    """A directory for a server's data while the block runs.

    It lies in memory where that has room: a new database is 2,500 files, which a disk takes 0.6 s of a core to copy and memory
    0.03 s. Else it lies under /tmp. PostgreSQL's account may come to either when root runs the tests; pytest's own are closed
    to it.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    parent = MEMORY if roomy else None
    with tempfile.TemporaryDirectory(
        prefix="entrepot-tests-", dir=parent, ignore_cleanup_errors=True
    ) as name:
        directory = Path(name)
        directory.chmod(0o711)
        yield directory
