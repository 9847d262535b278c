"""The listening socket, taken before anything else is started."""

import errno
import socket


class AddressError(RuntimeError):
    """The address cannot be listened on; the message says why in one line."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address, and on no other process's. Port 0 takes a free one.

    Raises AddressError.
    """
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
                reason = f"Port {port} is taken by another program: stop it, or choose another with --port."
            case errno.EACCES:
                reason = f"Port {port} is reserved for root: choose one above 1023 with --port."
            case _:
                reason = f"Cannot listen on {host}:{port}: {error.strerror}."
        raise AddressError(reason) from None
    return listener
