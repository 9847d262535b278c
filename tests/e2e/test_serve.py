"""`entrepot serve` as a person runs it: it comes up, tells how to use it, and goes away without a trace."""

import shlex
import signal
import socket
import time
from typing import Any

import httpx
import pytest
from tests.e2e.command import Serve, Server, demo_of
from tests.prepared import PATIENCE

from entrepot.storage.embedded import running_url

MAILBOX = "/entrepot/v1/mailbox"


def assert_gone(server: Server) -> None:
    assert running_url(server.data_dir) is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("order", "whole_session"),
    [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGHUP, False), (signal.SIGQUIT, False)],
    ids=["ctrl-c", "terminate", "hang up", "quit"],
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
    second = serve("data")
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
    assert httpx.get(f"{servers[1].url}/healthz", timeout=PATIENCE).status_code == 200
    assert demo_of(servers[1])["baseUrl"] == f"http://localhost:{servers[1].port}"


def test_taken_port_is_told_in_one_line_and_nothing_is_made(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = serve(port=other.getsockname()[1], fresh=True)
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
    assert httpx.get(f"{first.url}/healthz", timeout=PATIENCE).status_code == 200


def test_messages_are_in_the_mailbox_and_codes_in_no_log(serve: Serve) -> None:
    """Security 10: the demo's codes are found where the start says, and neither they nor paths with them are logged."""
    server = serve()
    server.await_ready()
    assert f"http://localhost:{server.port}/#/deliveries/mailbox" in server.output
    demo = demo_of(server)
    body = {"ClientID": demo["clientID"], "Username": "buyer01"}
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as http:
        http.headers["Authorization"] = f"Bearer {login(http, demo, 'admin01')}"
        assert http.post("/v1/password/reset", json=body).status_code == 204
        deadline = time.monotonic() + PATIENCE
        while not (listed := http.get(MAILBOX).json()["Items"]):
            assert time.monotonic() < deadline, server.output
            time.sleep(0.05)
        letter = http.get(f"{MAILBOX}/{listed[0]['ID']}").json()
        code = letter["EventBody"]["PasswordRenewalVerificationCode"]
        for password, status in (("short", 400), ("Brand-new-passw0rd", 204)):
            answer = http.put(f"/v1/password/reset/{code}", json={**body, "Password": password})
            assert answer.status_code == status, answer.text
    assert server.end(signal.SIGINT) == 0
    assert "/v1/password/reset/***" in server.output
    for secret in (code, letter["EventBody"]["PasswordRenewalAccessToken"], letter["Recipient"]):
        assert secret not in server.output


def login(http: httpx.Client, demo: dict[str, Any], user: str) -> str:
    """A token of a demo user."""
    form = {"grant_type": "password", "client_id": demo["clientID"], "username": user}
    answer = http.post("/oauth/token", data=form | {"password": demo["users"][user]["password"]})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def test_first_request_works_as_printed(serve: Serve) -> None:
    server = serve(fresh=True)
    server.await_ready()
    line = next(
        line for line in server.output.splitlines() if line.startswith("curl") and "/oauth/token" in line
    )
    words = shlex.split(line)
    form = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "--data-urlencode")
    # As `localhost`, the name that is printed.
    answer = httpx.post(words[1], data=form, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = httpx.get(f"{server.url}/v1/me", headers=bearer, timeout=PATIENCE)
    assert me.json()["Username"] == form["username"]
    assert demo_of(server)["baseUrl"] == f"http://localhost:{server.port}"


def test_security_32_passwords_are_told_once_where_logs_are_kept(serve: Serve) -> None:
    """Later starts name the file that has them, unless they are at a terminal."""
    first = serve(fresh=True)
    first.await_ready()
    password = demo_of(first)["users"]["admin01"]["password"]
    assert first.end(signal.SIGTERM) == 0
    assert password in first.output
    second = serve()
    second.await_ready()
    assert second.end(signal.SIGTERM) == 0
    assert password not in second.output
    assert str(second.data_dir / "demo.json") in second.output
