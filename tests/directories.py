"""Directories of servers that tests start."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server_directory() -> Iterator[Path]:
    """A directory for a server's data while the block runs.

    It lies under /tmp, where PostgreSQL's account may come when root runs the tests; pytest's own are closed to it.
    """
    with tempfile.TemporaryDirectory(prefix="entrepot-tests-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        directory.chmod(0o711)
        yield directory
