"""A mail as it goes over the wire: text and HTML, addresses, and nothing in its head that anybody could have written there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from entrepot.domain.integrations.headers import DELIVERY
from entrepot.domain.mail.headers import MailAddress, mail_address
from entrepot.features.people.mail.letters import Rendered, Values

MOST_COPIES = 50


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail goes to."""

    to: MailAddress
    copies: tuple[MailAddress, ...] = ()

    @property
    def recipients(self) -> list[str]:
        return [each.address for each in (self.to, *self.copies)]


def envelope(body: Values) -> Envelope:
    """Of a message as senders get it (MS-5): its recipient, and those of its CCList that are addresses. Raises ValueError where
    the recipient has none.
    """
    recipient = body.get("Recipient")
    recipient = recipient if isinstance(recipient, dict) else {}
    name = " ".join(str(recipient.get(each) or "") for each in ("FirstName", "LastName"))
    to = mail_address(str(recipient.get("Email") or ""), name)
    listed = body.get("CCList")
    return Envelope(to, tuple(_copies(to, listed if isinstance(listed, list) else ())))


def _copies(to: MailAddress, listed: Sequence[Any]) -> list[MailAddress]:
    found: dict[str, MailAddress] = {}
    for each in listed[:MOST_COPIES]:
        try:
            copy = mail_address(str(each))
        except ValueError:
            continue
        if copy.address.lower() != to.address.lower():
            found.setdefault(copy.address.lower(), copy)
    return list(found.values())


def compose(
    rendered: Rendered, sender: MailAddress, addressed: Envelope, *, delivery_id: str, date: datetime
) -> EmailMessage:
    """The mail. Its Message-ID is the delivery's, so that whoever gets it twice can tell."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender)
    mail["To"] = _address(addressed.to)
    if addressed.copies:
        mail["Cc"] = tuple(map(_address, addressed.copies))
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = f"<{delivery_id}@{sender.address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail[DELIVERY] = delivery_id
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    return mail


def _address(address: MailAddress) -> Address:
    local, _, domain = address.address.rpartition("@")
    return Address(address.name, local, domain)
