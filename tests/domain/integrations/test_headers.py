"""Custom headers of integrations (SIG-5)."""

import pytest

from entrepot.domain.integrations.headers import is_custom, is_value


@pytest.mark.parametrize(
    ("name", "custom"),
    [
        ("Authorization", True),
        ("X-A", True),
        ("x!#$%&'*+.^_`|~-9", True),
        ("Cookie", True),
        ("Content-Length", False),
        ("content-type", False),
        ("CONTENT-ENCODING", False),
        ("Transfer-Encoding", False),
        ("Connection", False),
        ("Keep-Alive", False),
        ("TE", False),
        ("Trailer", False),
        ("Upgrade", False),
        ("Proxy-Authorization", False),
        ("Host", False),
        ("Expect", False),
        ("Accept-Encoding", False),
        ("X-OC-Hash", False),
        ("x-request-id", False),
        ("bad name", False),
        ("X-A:", False),
        ("X-A\r\nHost", False),
        ("X-\u212a", False),
        ("", False),
    ],
)
def test_names(name: str, custom: bool) -> None:
    """Security 25: hop-by-hop, Host, Content-*, ours, and what is no name, are refused."""
    assert is_custom(name) is custom


@pytest.mark.parametrize(
    ("value", "sendable"),
    [
        ("Bearer abc", True),
        ("v", True),
        ("a\tb", True),
        ("", False),
        (" v", False),
        ("v ", False),
        ("a\r\nb", False),
        ("\u00fc", False),
        ("\x00", False),
    ],
)
def test_values(value: str, sendable: bool) -> None:
    """Security 25"""
    assert is_value(value) is sendable
