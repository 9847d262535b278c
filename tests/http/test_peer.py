"""Whose attempts are counted, before a proxy and behind one (security 11)."""

from __future__ import annotations

import pytest

from entrepot.engine.attempts import Peer
from entrepot.http.peer import networks, peer_of

PROXIES = "10.0.0.0/8, 127.0.0.1, fd00::/8"


@pytest.mark.parametrize(
    ("address", "forwarded", "trusted", "peer"),
    [
        ("8.8.8.8", None, "", Peer("8.8.8.8", "8.8.8.8/32")),
        ("2a00:1450:4001:81b::200e", None, "", Peer("2a00:1450:4001:81b::200e", "2a00:1450:4001:81b::/64")),
        # Whoever is trusted by nobody tells nothing.
        ("8.8.8.8", "9.9.9.9", "", Peer("8.8.8.8", "8.8.8.8/32")),
        ("8.8.8.8", "9.9.9.9", PROXIES, Peer("8.8.8.8", "8.8.8.8/32")),
        # A private address that nobody has named is likely a proxy's: all callers would be one.
        ("10.1.2.3", "9.9.9.9", "", Peer("10.1.2.3")),
        ("127.0.0.1", None, "", Peer("127.0.0.1")),
        ("127.0.0.1", None, PROXIES, Peer("127.0.0.1")),
        # Proxies append: what stands left of the first foreign address was sent by the caller.
        ("10.1.2.3", "9.9.9.9", PROXIES, Peer("9.9.9.9", "9.9.9.9/32")),
        ("10.1.2.3", "1.1.1.1, 9.9.9.9, 10.9.9.9", PROXIES, Peer("9.9.9.9", "9.9.9.9/32")),
        ("fd00::1", "192.168.7.7", PROXIES, Peer("192.168.7.7", "192.168.7.7/32")),
        ("::ffff:8.8.8.8", None, "", Peer("8.8.8.8", "8.8.8.8/32")),
        ("10.1.2.3", "nonsense", PROXIES, Peer()),
        ("10.1.2.3", "", PROXIES, Peer("10.1.2.3")),
        ("", None, "", Peer()),
    ],
)
def test_peers(address: str, forwarded: str | None, trusted: str, peer: Peer) -> None:
    assert peer_of(address, forwarded, networks(trusted)) == peer
