"""The mail server's address, and texts for the head of a mail, in which nothing begins a header of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.mail.headers import LONGEST_LINE, MailAddress, mail_address, one_line, sender_address
from entrepot.domain.mail.server import MailServer, mail_server


@pytest.mark.parametrize(
    ("url", "server", "needs_starttls"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, False), False),
        ("smtps://mail.example/", MailServer("mail.example", 465, True), False),
        ("smtp://u%40x:p%2F:@mail.example:2525", MailServer("mail.example", 2525, False, "u@x", "p/:"), True),
        ("smtps://u:p@mail.example", MailServer("mail.example", 465, True, "u", "p"), False),
        ("smtp://u:p@localhost:1025", MailServer("localhost", 1025, False, "u", "p"), False),
        ("smtp://[::1]:25", MailServer("::1", 25, False), False),
    ],
)
def test_servers(url: str, server: MailServer, needs_starttls: bool) -> None:
    assert mail_server(url) == server
    assert mail_server(url).needs_starttls is needs_starttls
    assert "p/:" not in repr(mail_server(url))


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://:25", "smtp://host:x", "smtp://host:99999",
     "smtp://user@host", "smtp://host/path", "smtp://host?x=1", "smtp://[::1"],
)  # fmt: skip
def test_no_servers(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mail_server(url)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("shop@example.com", MailAddress("", "shop@example.com")),
        ("My Shop <shop@EXAMPLE.com>", MailAddress("My Shop", "shop@example.com")),
        ('"Shop, Inc." <a.b+c@sub.example.com>', MailAddress("Shop, Inc.", "a.b+c@sub.example.com")),
        ("jürgen@bücher.example", MailAddress("", "jürgen@xn--bcher-kva.example")),
    ],
)
def test_addresses(text: str, address: MailAddress) -> None:
    assert sender_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "x", "@example.com", "a@", "a b@example.com", "a@b@example.com", "a@exa mple.com", "a,b@example.com",
     "a@example.com\r\nBcc: x@example.com", "a\r\nBcc:x@example.com", "<a@example.com>", "a@-x.example", "a@x..example",
     "a@example.com>", f"{'a' * 65}@example.com", f"a@{'b.' * 130}example", ".a@example.com", "a\u2028b@example.com"],
)  # fmt: skip
def test_no_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="no mail address"):
        mail_address(text)


@given(st.text(max_size=400))
def test_one_line(text: str) -> None:
    line = one_line(text)
    assert line == line.strip()
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert len(line) <= LONGEST_LINE
    assert one_line(line) == line


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_whatever_passes_for_an_address_has_no_line(local: str, domain: str, name: str) -> None:
    try:
        found = mail_address(f"{local}@{domain}", name)
    except ValueError:
        return
    assert (found.name + found.address).isprintable()
    assert not set(found.address) & set(' \t,;<>"')
