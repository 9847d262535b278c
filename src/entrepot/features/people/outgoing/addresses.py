"""Which IP addresses are of the open Internet, by what is good rather than by what is bad."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that has been given out of IPv6 (RFC 4291, 2.4)."""
EXCEPT = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # IETF protocols, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
"""How hosts without IPv4 reach it (RFC 6052): the last 32 bits are the address that is meant."""
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The third quarter of addresses whose last one is an IPv4 address (RFC 5214)."""
EXCEPT_4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""IETF protocols and former relays of 6to4, where the standard library's answer depends on its version."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet; of one within another, the inner one has to be."""
    parsed = ip_address(address.partition("%")[0])
    return _is_public_6(parsed) if isinstance(parsed, IPv6Address) else _is_public_4(parsed)


def _is_public_4(address: IPv4Address) -> bool:
    return (
        address.is_global and not address.is_multicast and not any(address in network for network in EXCEPT_4)
    )


def _is_public_6(address: IPv6Address) -> bool:
    inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped is not None or address in NAT64:
        return _is_public_4(inner)
    if address not in GLOBAL_UNICAST or any(address in network for network in EXCEPT):
        return False
    return (int(address) >> 32) & 0xFFFF_FFFF not in ISATAP or _is_public_4(inner)
