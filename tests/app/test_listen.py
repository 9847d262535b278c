"""The address of a server that was killed a moment ago."""

import socket
import threading
from pathlib import Path

import pytest
from tests.ports import free_port

from entrepot.app.listen import AddressError, listen, metrics_place


def test_the_next_server_waits_for_what_a_killed_one_has_left_running(tmp_path: Path) -> None:
    """Reliability F17: a process that was being started holds the port until it has its modules."""
    port = free_port()
    metrics_place(tmp_path, "127.0.0.1", port).mkdir(parents=True)
    left = socket.create_server(("127.0.0.1", port))
    ending = threading.Timer(0.3, left.close)
    ending.start()
    with listen("127.0.0.1", port, tmp_path) as listener:
        assert left.fileno() == -1
        assert listener.getsockname() == ("127.0.0.1", port)
    ending.join()


def test_a_port_of_another_program_is_told_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        metrics_place(tmp_path, "127.0.0.1", port + 1).mkdir(parents=True)
        with pytest.raises(AddressError, match=f"Port {port} is taken by another program"):
            listen("127.0.0.1", port, tmp_path)
