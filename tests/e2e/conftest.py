import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.directories import server_directory
from tests.e2e.command import Serve, Server
from tests.ports import free_port
from tests.strict import CHECKED_SERVER, ROOT

OWN = "data"
"""The directory of a server in the directory of those that were made beforehand."""


@pytest.fixture
def serve(home: Path, prepared: Path) -> Iterator[Serve]:
    """Starts the command with a data directory's name and further flags; ends what a test leaves running.

    fresh: whether a data directory that is not there is left to the server to make. Else it gets one that another server has
    made and left in order, which takes a third of the time.
    """
    started: list[Server] = []

    def start(name: str = "data", *flags: str, port: int | None = None, fresh: bool = False) -> Server:
        data = home / name
        if not (fresh or data.exists() or "--database-url" in flags):
            subprocess.run(["cp", "-a", str(prepared), str(data)], check=True)
        started.append(launched(data, home / f"{name}-{len(started)}.log", port or free_port(), *flags))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """What a first start makes: a database with the demo marketplace, its key and its passwords."""
    with server_directory() as directory:
        server = launched(directory / OWN, directory / "first.log", free_port())
        server.await_ready()
        assert server.end(signal.SIGTERM) == 0, server.output
        yield server.data_dir


def launched(data: Path, log: Path, port: int, *flags: str) -> Server:
    """The command as it is run in a session of its own."""
    command = [*CHECKED_SERVER, "serve", "--port", str(port), "--data-dir", str(data), *flags]
    # Tests that run under nohup would hand on that a hang-up is ignored.
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=ROOT,
            )
    finally:
        signal.signal(signal.SIGHUP, inherited)
    return Server(process, port, data, log)
