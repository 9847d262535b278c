import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.command import Serve, Server
from tests.ports import free_port
from tests.strict import CHECKED_SERVER, ROOT


@pytest.fixture
def serve(home: Path) -> Iterator[Serve]:
    """Starts the command with a data directory's name and further flags; ends what a test leaves running."""
    started: list[Server] = []

    def start(name: str = "data", *flags: str, port: int | None = None) -> Server:
        port = port or free_port()
        log = home / f"{name}-{len(started)}.log"
        command = [
            *CHECKED_SERVER,
            "serve",
            "--port",
            str(port),
            "--data-dir",
            str(home / name),
        ]
        # Tests that run under nohup would hand on that a hang-up is ignored.
        inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        try:
            with log.open("wb") as sink:
                process = subprocess.Popen(
                    [*command, *flags],
                    stdout=sink,
                    stderr=sink,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd=ROOT,
                )
        finally:
            signal.signal(signal.SIGHUP, inherited)
        started.append(Server(process, port, home / name, log))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)
