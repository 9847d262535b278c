"""Faults that a server meets in its life, and that it comes out of by itself (reliability F2, F4, F14, F17)."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from tests.e2e.command import Serve, Server, demo_of
from tests.prepared import PATIENCE
from tests.stopping import children

from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.migrate import migrate

WORKER = "spawn_main"
ENDED = '"event":"database ended"'
BIG_ENOUGH = 64 * 1024  # bytes: for the server's own notes, not for PostgreSQL's log of changes


def until(true: Callable[[], bool], server: Server) -> None:
    """Wait until something is so, as long as the server lives."""
    deadline = time.monotonic() + 2 * PATIENCE
    while not true():
        assert server.process.poll() is None, server.output
        assert time.monotonic() < deadline, server.output
        time.sleep(0.05)


def status(server: Server, path: str, **fields: str) -> int:
    """The status of a GET, or of a POST of these fields."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE) as http:
        return (http.post(path, data=fields) if fields else http.get(path)).status_code


def login(server: Server) -> int:
    """The status of a login as the demo's administrator: it reads and writes."""
    demo = demo_of(server)
    admin = demo["users"]["admin01"]
    return status(
        server,
        "/oauth/token",
        grant_type="password",
        client_id=demo["clientID"],
        username=admin["username"],
        password=admin["password"],
        scope="FullAccess",
    )


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def limit_files(server: Server, size: int) -> None:
    """What the server starts from now on can write no longer files: to PostgreSQL that is a full disk."""
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    soft = most if size == resource.RLIM_INFINITY else size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (soft, most))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_database_comes_back(serve: Serve, workers: str) -> None:
    """Reliability F2, R1"""
    server = serve("data", "--workers", workers)
    server.await_ready()
    assert login(server) == 200
    for times in (1, 2):
        os.kill(postmaster(server.data_dir), signal.SIGKILL)
        until(lambda: server.output.count(ENDED) == times, server)  # noqa: B023 (called at once)
        until(lambda: server.output.count('"event":"database runs again"') == times, server)  # noqa: B023
        until(lambda: status(server, "/readyz") == 200, server)
        until(lambda: login(server) == 200, server)
    assert server.end(signal.SIGTERM) == 0, server.output
    assert "Traceback" not in server.output


def test_a_full_disk_is_survived(serve: Serve) -> None:
    """Reliability F2: the database ends and cannot start; the server says so, lives, and goes on when there is room."""
    server = serve()
    server.await_ready()
    assert login(server) == 200
    limit_files(server, BIG_ENOUGH)
    os.kill(postmaster(server.data_dir), signal.SIGKILL)
    until(lambda: server.output.count(ENDED) >= 3, server)
    assert "File too large" in (server.data_dir / "postgres.log").read_text(), "which stands for a full disk"
    assert [status(server, path) for path in ("/healthz", "/readyz")] == [200, 503]
    assert login(server) == 503
    limit_files(server, resource.RLIM_INFINITY)
    until(lambda: status(server, "/readyz") == 200, server)
    until(lambda: login(server) == 200, server)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_away_ends_no_server(
    serve: Serve, external: EmbeddedPostgres, workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reliability F4: a process that starts meanwhile waits, and answers 503 until the database is back."""
    asyncio.run(migrate(external.url))
    monkeypatch.setenv("ENTREPOT_SECRET_KEY", "a key of the tests, long enough to be one")
    server = serve("data", "--workers", workers, "--database-url", external.url)
    until_listening(server)
    until(lambda: status(server, "/readyz") == 200, server)
    external.stop()
    until(lambda: status(server, "/readyz") == 503, server)
    for pid in children(server.process.pid, WORKER):
        os.kill(pid, signal.SIGKILL)
    if workers != "1":
        until(lambda: server.output.count('"event":"database away"') >= int(workers), server)
    until_listening(server)
    assert stranger(server) == 503
    external.start()
    until(lambda: status(server, "/readyz") == 200, server)
    until(lambda: stranger(server) == 400, server)
    assert server.end(signal.SIGTERM) == 0, server.output


def until_listening(server: Server) -> None:
    def listening() -> bool:
        try:
            return status(server, "/healthz") == 200
        except httpx.TransportError:
            return False

    until(listening, server)


def stranger(server: Server) -> int:
    """The status of a login that reads the database and is refused."""
    return status(server, "/oauth/token", grant_type="client_credentials", client_id=str(UUID(int=7)))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stopping_server_takes_no_connections(serve: Serve, workers: str) -> None:
    """Reliability F14: what comes while it finishes what it has is refused, not accepted and cut."""
    server = serve("data", "--workers", workers)
    server.await_ready()
    head = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as held:
        held.sendall(head + b"grant")
        assert held.recv(100).startswith(b"HTTP/1.1 100"), "its body is being read"
        os.kill(server.process.pid, signal.SIGTERM)

        def refused() -> bool:
            try:
                socket.create_connection(("127.0.0.1", server.port)).close()
            except ConnectionRefusedError:
                return True
            return False

        until(refused, server)
        held.sendall(b"_type")
        assert held.recv(100).startswith(b"HTTP/1.1 4"), "what had begun is answered"
    assert server.process.wait(PATIENCE) == 0, server.output


def test_a_killed_servers_figures_go_with_the_next_start(serve: Serve) -> None:
    """Reliability F17"""
    first = serve("data", "--workers", "2")
    first.await_ready()
    (place,) = (first.data_dir / "metrics").iterdir()
    assert list(place.iterdir())
    (place / "left").touch()
    first.end(signal.SIGKILL)
    second = serve("data", "--workers", "2", port=first.port)
    second.await_ready()
    assert list((second.data_dir / "metrics").iterdir()) == [place]
    assert not (place / "left").exists()
    assert second.end(signal.SIGTERM) == 0
    assert list((second.data_dir / "metrics").iterdir()) == []
