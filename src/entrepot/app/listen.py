"""The listening socket, taken before anything else is started."""

import errno
import socket
import time
from pathlib import Path


class AddressError(RuntimeError):
    """The address cannot be listened on; the message says why in one line."""


PATIENCE = 10
"""Seconds in which the processes of a killed server end: one that was being started knows nothing of it until it has its modules."""


def metrics_place(data_dir: Path, host: str, port: int) -> Path:
    """Where several processes of one server put their figures. It is there while they run, and after they were killed.

    The address tells servers apart that have a data directory in common.
    """
    return data_dir / "metrics" / f"{host}-{port}".replace("/", "_")


def listen(host: str, port: int, data_dir: Path) -> socket.socket:
    """A socket that listens on the address, and on no other process's. Port 0 takes a free one.

    Waits for what a killed server of the same data directory may have left running. Raises AddressError.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return _listen(host, port)
        except _TakenError:
            if time.monotonic() > deadline or not metrics_place(data_dir, host, port).exists():
                raise
            time.sleep(0.1)


class _TakenError(AddressError):
    pass


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise AddressError(f"{host} is no address of this machine.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Only lets us have a port whose connections of an earlier run are still closing.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        match error.errno:
            case errno.EADDRINUSE:
                raise _TakenError(
                    f"Port {port} is taken by another program: stop it, or choose another with --port."
                ) from None
            case errno.EACCES:
                reason = f"Port {port} is reserved for root: choose one above 1023 with --port."
            case _:
                reason = f"Cannot listen on {host}:{port}: {error.strerror}."
        raise AddressError(reason) from None
    return listener
