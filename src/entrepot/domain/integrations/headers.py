"""Which header an integration may have the server's calls carry besides those of the server (SIG-5)."""

from __future__ import annotations

import re

SIGNATURE = "X-oc-hash"
"""Says whose the call is (SIG-1)."""
DELIVERY = "X-Request-ID"
"""Names a delivery: one that had to be repeated after a crash has the same."""
RESERVED = frozenset(
    {
        # Of one connection (RFC 9110, 7.6.1), of the message's frame, of what may come back.
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "expect",
        "accept-encoding",
        SIGNATURE.lower(),
        DELIVERY.lower(),
    }
)
RESERVED_BEGINNINGS = ("content-", "proxy-")

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[!-~](?:[ -~\t]*[!-~])?")


def is_custom(name: str) -> bool:
    """Whether a header of this name is left to integrations."""
    folded = name.lower()
    return (
        _NAME.fullmatch(name) is not None
        and folded not in RESERVED
        and not folded.startswith(RESERVED_BEGINNINGS)
    )


def is_value(value: str) -> bool:
    """Whether a header can have this value: ASCII, no line break, no blank at its ends."""
    return _VALUE.fullmatch(value) is not None
