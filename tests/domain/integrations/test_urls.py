"""Which URLs the server may be told to call (WH-12)."""

from __future__ import annotations

import pytest

from entrepot.domain.integrations.urls import is_secure


@pytest.mark.parametrize(
    ("url", "secure", "locally"),
    [
        ("https://example.com", True, True),
        ("HTTPS://example.com:8443/a?b=c#d", True, True),
        ("https://[2001:db8::1]/hook", True, True),
        ("http://example.com", False, False),
        ("http://127.0.0.1:8000/hook", False, True),
        ("http://LocalHost/hook", False, True),
        ("http://[::1]:99/", False, True),
        ("http://127.0.0.1.example.com/", False, False),
        ("http://localhost@example.com/", False, False),
        ("ftp://localhost/", False, False),
        ("https://", False, False),
        ("https:///path", False, False),
        ("https:example.com", False, False),
        ("//example.com", False, False),
        ("example.com", False, False),
        ("https://example.com:port", False, False),
        ("https://example.com:99999", False, False),
        ("https://[::1", False, False),
        ("https://exam ple.com", False, False),
        ("https://example.com\n", False, False),
        (" https://example.com", False, False),
        ("", False, False),
    ],
)
def test_urls(url: str, secure: bool, locally: bool) -> None:
    assert (is_secure(url), is_secure(url, loopback=True)) == (secure, locally)
