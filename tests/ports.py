"""Ports for servers that tests start as processes of their own."""

import random
import socket

# The system gives none of them to a socket that names no port, as all clients of the other test processes do. Were it
# one of those, it could be taken again before the server is up.
PORTS = range(20_000, 32_000)
_any = random.SystemRandom()  # the usual one begins alike in every test process


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    while True:
        port = _any.choice(PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
