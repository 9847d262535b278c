"""A real SMTP server in the test's own event loop."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Postbox:
    """What arrives. answers: what is said to a recipient or to the content, in the order of asking, before all is well again."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_content: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def handle_RCPT(  # noqa: N802 (its name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient:
            answer = self.to_recipient.pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name)
        if self.to_content:
            return self.to_content.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        self.recipients.append(list(envelope.rcpt_tos))
        self.senders.append(envelope.mail_from or "")
        self.secured.append(session.ssl is not None)
        self.logins.append(session.auth_data)
        return "250 Taken"


def part(mail: EmailMessage, kind: str) -> str:
    """The text of a mail's part, `plain` or `html`."""
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


@asynccontextmanager
async def postbox(*, tls: ssl.SSLContext | None = None, **server: Any) -> AsyncIterator[Postbox]:
    """A server on 127.0.0.1. tls: from the first byte; `server` are arguments of aiosmtpd's SMTP."""
    box = Postbox()

    def protocol() -> SMTP:
        box.connections += 1
        with warnings.catch_warnings(action="ignore"):
            # It warns of logins without STARTTLS, although TLS began before.
            return SMTP(box, hostname="127.0.0.1", enable_SMTPUTF8=True, **server)

    listening = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    box.port = listening.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listening.close()


def logging_in(user: str, password: str) -> dict[str, Any]:
    """The arguments of a server that takes mail of this user alone."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=user)

    return {"authenticator": check, "auth_required": True}
