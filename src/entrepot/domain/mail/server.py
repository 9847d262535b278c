"""The server that takes mail, as its address says."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes. `implicit_tls`: from the first byte (smtps). `needs_starttls`: a login never goes over an open line, but
    to this machine; without one, TLS is begun where the server offers it.
    """

    host: str
    port: int
    implicit_tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def needs_starttls(self) -> bool:
        return not self.implicit_tls and self.username is not None and self.host not in _LOOPBACK


def mail_server(url: str) -> MailServer:
    """The server of `smtp://user:password@host:port` or `smtps://`; user and password percent-encoded. Raises ValueError, which
    does not repeat the address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("this is no address") from None
    if parts.scheme not in _PORTS:
        raise ValueError("it has to start with smtp:// or smtps://")
    if not host or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("a host is needed, a port if it is another than the usual, and nothing else")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("a login has a user and a password")
    user, password = (None if each is None else unquote(each) for each in (parts.username, parts.password))
    return MailServer(host, port or _PORTS[parts.scheme], parts.scheme == "smtps", user or None, password)
