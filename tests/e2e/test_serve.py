"""`entrepot serve` as a person runs it: it comes up, tells how to use it, and goes away without a trace."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from entrepot.storage.embedded import running_url

PATIENCE = 60.0  # seconds before a server that says nothing counts as failed


@dataclass
class Server:
    """One run of the command, in a session of its own as at a terminal."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text()

    def await_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None, self.output
            try:
                assert httpx.get(f"{self.url}/healthz", timeout=PATIENCE).status_code == 200
            except httpx.TransportError:
                assert time.monotonic() < deadline, self.output
                time.sleep(0.02)
            else:
                return

    def end(self, order: signal.Signals, *, whole_session: bool = False) -> int:
        (os.killpg if whole_session else os.kill)(self.process.pid, order)
        return self.process.wait(PATIENCE)


Serve = Callable[..., Server]


@pytest.fixture
def home() -> Iterator[Path]:
    # Under /tmp, where PostgreSQL's account may come when root runs the tests.
    directory = Path(tempfile.mkdtemp(prefix="entrepot-serve-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def serve(home: Path) -> Iterator[Serve]:
    """Starts the command with a data directory's name and further flags; ends what a test leaves running."""
    started: list[Server] = []

    def start(name: str = "data", *flags: str, port: int | None = None) -> Server:
        port = port or free_port()
        log = home / f"{name}-{len(started)}.log"
        command = [
            sys.executable,
            "-m",
            "entrepot",
            "serve",
            "--port",
            str(port),
            "--data-dir",
            str(home / name),
        ]
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [*command, *flags], stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, start_new_session=True
            )
        started.append(Server(process, port, home / name, log))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def assert_gone(server: Server) -> None:
    assert running_url(server.data_dir) is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("order", "whole_session"), [(signal.SIGINT, True), (signal.SIGTERM, False)], ids=["ctrl-c", "terminate"]
)
def test_stops_in_order(serve: Serve, workers: str, order: signal.Signals, whole_session: bool) -> None:
    server = serve("data", "--workers", workers)
    server.await_ready()
    assert server.end(order, whole_session=whole_session) == 0, server.output
    assert_gone(server)
    assert "Traceback" not in server.output
    assert "shut down" in (server.data_dir / "postgres.log").read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_server_does_not_block_the_next(serve: Serve, workers: str) -> None:
    first = serve("data", "--workers", workers)
    first.await_ready()
    before = demo_of(first)
    first.end(signal.SIGKILL)
    second = serve("data", port=free_port())
    second.await_ready()
    assert demo_of(second)["marketplaceID"] == before["marketplaceID"]
    assert (second.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600


def test_children_of_a_killed_server_give_the_port_back(serve: Serve) -> None:
    first = serve("data", "--workers", "2")
    first.await_ready()
    first.end(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", first.port)).close()
        except ConnectionRefusedError:
            break
        time.sleep(0.02)
    second = serve("data", port=first.port)
    second.await_ready()


def test_two_servers_side_by_side(serve: Serve) -> None:
    servers = [serve("one"), serve("two")]
    for server in servers:
        server.await_ready()
    assert servers[0].end(signal.SIGINT) == 0
    assert_gone(servers[0])
    assert httpx.get(f"{servers[1].url}/healthz").status_code == 200
    assert demo_of(servers[1])["baseUrl"] == f"http://localhost:{servers[1].port}"


def test_taken_port_is_told_in_one_line_and_nothing_is_made(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = serve(port=other.getsockname()[1])
        assert server.process.wait(PATIENCE) == 1
    assert server.output.count("\n") == 1
    assert str(server.port) in server.output
    assert not server.data_dir.exists()


def test_data_directory_in_use_is_told_in_one_line(serve: Serve) -> None:
    first = serve()
    first.await_ready()
    second = serve()
    assert second.process.wait(PATIENCE) == 1
    assert second.output.count("\n") == 1
    assert "--data-dir" in second.output
    assert httpx.get(f"{first.url}/healthz").status_code == 200


def test_first_request_works_as_printed(serve: Serve) -> None:
    server = serve()
    server.await_ready()
    line = next(
        line for line in server.output.splitlines() if line.startswith("curl") and "/oauth/token" in line
    )
    words = shlex.split(line)
    form = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "--data-urlencode")
    # As `localhost`, the name that is printed.
    answer = httpx.post(words[1], data=form)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert httpx.get(f"{server.url}/v1/me", headers=bearer).json()["Username"] == form["username"]
    assert demo_of(server)["baseUrl"] == f"http://localhost:{server.port}"


def demo_of(server: Server) -> dict[str, str]:
    read: dict[str, str] = json.loads((server.data_dir / "demo.json").read_text())
    return read
