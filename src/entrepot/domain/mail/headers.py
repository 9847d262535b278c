"""Texts that stand in the head of a mail: one line, and addresses that are addresses. Nothing can begin a header of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

LONGEST_LINE = 200
"""Characters of a subject or a name."""
LONGEST_ADDRESS = 254
_LOCAL = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0()<>@,;:\\\"\[\].]+(?:\.[^\s\x00-\x20\x7f-\xa0()<>@,;:\\\"\[\].]+)*"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A name for people, and `shop@example.com`, whose domain is in ASCII."""

    name: str
    address: str


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """The text in one line, without what is no character to be seen; cut where it is too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def mail_address(address: str, name: str = "") -> MailAddress:
    """An address and a name for it. Raises ValueError for what is none."""
    local, _, domain = address.strip().rpartition("@")
    if (
        len(address) > LONGEST_ADDRESS
        or not address.isprintable()
        or not 0 < len(local) <= 64
        or _LOCAL.fullmatch(local) is None
    ):
        raise ValueError(f"{one_line(address, 80)!r} is no mail address")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError(f"{one_line(address, 80)!r} is no mail address") from None
    if not all(_LABEL.fullmatch(label) for label in ascii_domain.split(".")):
        raise ValueError(f"{one_line(address, 80)!r} is no mail address")
    return MailAddress(one_line(name), f"{local}@{ascii_domain}")


def sender_address(text: str) -> MailAddress:
    """Of `shop@example.com` or `Shop <shop@example.com>`. Raises ValueError."""
    name, address = parseaddr(text)
    return mail_address(address, name)
