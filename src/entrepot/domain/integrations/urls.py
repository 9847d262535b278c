"""Which URLs the server may be told to call (WH-12)."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_secure(url: str, *, loopback: bool = False) -> bool:
    """Whether `url` is a well-formed https URL; with `loopback`, also http to this very machine."""
    parts = _parts(url)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in LOOPBACK)


def _parts(url: str) -> SplitResult | None:
    # `urlsplit` would quietly drop control characters and take blanks for part of a host.
    if any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
