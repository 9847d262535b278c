import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.directories import server_directory
from tests.e2e.command import Serve, Server
from tests.forking import Process, fork
from tests.ports import free_port
from tests.prepared import copy
from tests.strict import CHECKED, CHECKED_SERVER, ROOT

from entrepot.storage.embedded import EmbeddedPostgres


@pytest.fixture
def serve(home: Path, prepared: Path) -> Iterator[Serve]:
    """Starts the command with a data directory's name and further flags; ends what a test leaves running.

    fresh: whether a data directory that is not there is left to the server to make, which then is a process from the ground up.
    Else it gets one that another server has made and left in order, and is a process that has its modules.
    """
    started: list[Server] = []

    def start(name: str = "data", *flags: str, port: int | None = None, fresh: bool = False) -> Server:
        data = home / name
        if not (fresh or data.exists() or "--database-url" in flags):
            copy(prepared, data)
        log, at = home / f"{name}-{len(started)}.log", port or free_port()
        process = launched(log, "serve", "--port", str(at), "--data-dir", str(data), *flags, fresh=fresh)
        started.append(Server(process, at, data, log))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


@pytest.fixture
def external() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that is not the server's own."""
    with server_directory() as directory:
        server = EmbeddedPostgres(directory, throwaway=True)
        server.start()
        yield server
        server.stop()


def launched(log: Path, *arguments: str, fresh: bool) -> Process:
    """The command as it is run in a session of its own."""
    # Tests that run under nohup would hand on that a hang-up is ignored.
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with log.open("wb") as sink:
            if not fresh:
                return fork(CHECKED, *arguments, stdout=sink.fileno(), stderr=sink.fileno(), session=True)
            return subprocess.Popen(
                [*CHECKED_SERVER, *arguments],
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=ROOT,
            )
    finally:
        signal.signal(signal.SIGHUP, inherited)
