"""Who is at the other end of a connection: its address, or what a trusted proxy says of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from entrepot.engine.attempts import NOBODY, Peer

Network = IPv4Network | IPv6Network
IPV6_SITE = 64
"""Bits of the prefix that one customer has."""


def networks(text: str) -> tuple[Network, ...]:
    """The networks and addresses of a list with commas. Raises ValueError."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


PeerOf = Callable[[str, str | None], Peer]
"""Of an address and an X-Forwarded-For."""


def peers(trusted: tuple[Network, ...]) -> PeerOf:
    """`peer_of` with these trusted proxies, which remembers whom it has seen: the same peers send many requests."""
    return lru_cache(4096)(partial(peer_of, trusted=trusted))


def peer_of(address: str, forwarded: str | None, trusted: tuple[Network, ...]) -> Peer:
    """The peer of a connection from `address` with this X-Forwarded-For.

    Of the header counts what trusted proxies have added: from the right, up to the first address that is none of theirs.
    Attempts are counted by addresses that tell callers apart: those that a trusted proxy tells, and public ones. A private
    one is likely a proxy's that nobody has named.
    """
    told = False
    hops = forwarded.split(",") if forwarded and trusted else []
    while hops and _is_among(address, trusted):
        address, told = hops.pop().strip(), True
    try:
        parsed = ip_address(address)
    except ValueError:
        return NOBODY
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if not (told or parsed.is_global):
        return Peer(str(parsed))
    site = ip_network((parsed, IPV6_SITE if parsed.version == 6 else 32), strict=False)
    return Peer(str(parsed), str(site))


def _is_among(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted if network.version == parsed.version)
