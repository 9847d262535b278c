"""Where a Kafka cluster is found: `host:port,host:port`, each with a protocol before it if it is not the usual one."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_SERVERS = 20
PORT = 9092

_SERVER = re.compile(
    r"(?:(?P<protocol>[A-Za-z_]+)://)?(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)
_TLS = {"SASL_SSL": True, "SASL_PLAINTEXT": False, "SSL": True, "PLAINTEXT": False}
_SASL = {"SASL_SSL": True, "SASL_PLAINTEXT": True, "SSL": False, "PLAINTEXT": False}


class BootstrapServersError(ValueError):
    """What cannot be understood as bootstrap servers."""


@dataclass(frozen=True, slots=True)
class BootstrapServers:
    """Hosts and ports, and how they are spoken with."""

    places: tuple[tuple[str, int], ...]
    tls: bool = True
    sasl: bool = True


def bootstrap_servers(text: str) -> BootstrapServers:
    """The servers of BootstrapServers: SASL over TLS, unless a protocol says otherwise. Raises BootstrapServersError."""
    found = [each.strip() for each in text.split(",", MOST_SERVERS) if each.strip()]
    matches = [_SERVER.fullmatch(each) for each in found]
    places: list[tuple[str, int]] = []
    protocols = set()
    for match in matches:
        if match is None:
            raise BootstrapServersError(
                "BootstrapServers has to be a list of host:port with commas between them."
            )
        port = int(match["port"] or PORT)
        if not 0 < port < 2**16:
            raise BootstrapServersError("BootstrapServers has a port that does not exist.")
        places.append((match["six"] or match["host"], port))
        protocols.add((match["protocol"] or "SASL_SSL").upper())
    if not places:
        raise BootstrapServersError("BootstrapServers names no server.")
    protocol = protocols.pop()
    if protocols or protocol not in _TLS:
        raise BootstrapServersError(f"BootstrapServers have to be of one protocol of {', '.join(_TLS)}.")
    return BootstrapServers(tuple(places), _TLS[protocol], _SASL[protocol])
