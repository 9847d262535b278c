"""Handing mail to the server that takes it (ENTREPOT_SMTP_URL)."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import certifi

from entrepot.domain.mail.headers import one_line
from entrepot.domain.mail.server import MailServer
from entrepot.features.people.mail.posted import Posted

TIME_LIMIT = 20.0
"""Seconds for each step of talking to the server."""
MOST_CONNECTIONS = 4
"""At a time, of one process; who comes then waits for a turn."""
IDLE_SECONDS = 10.0
"""For which a connection is kept between two mails."""


@dataclass(slots=True)
class _Idle:
    client: aiosmtplib.SMTP
    since: float


class PostOffice:
    """The connections of one process to its mail server. authorities: a file of certificates that it is checked with."""

    def __init__(self, server: MailServer, authorities: Path | None = None) -> None:
        self._server = server
        self._authorities = authorities
        self._tls: ssl.SSLContext | None = None
        self._turns = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle: deque[_Idle] = deque()

    async def post(self, mail: EmailMessage, sender: str, recipients: list[str]) -> Posted:
        """Never raises for what the server does. What becomes of the first recipient is what became of the mail."""
        async with self._turns:
            try:
                client = self._kept() or await self._connected()
                try:
                    refused, text = await client.send_message(mail, sender=sender, recipients=recipients)
                except BaseException:
                    client.close()
                    raise
            except aiosmtplib.SMTPRecipientsRefused as error:
                return _refused(error.recipients[0])
            except aiosmtplib.SMTPResponseException as error:
                return _refused(error)
            except aiosmtplib.SMTPNotSupported as error:
                # The server lacks what the mail needs: STARTTLS, a login, letters beyond ASCII.
                return Posted(None, one_line(str(error)), lasting=True)
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                return Posted(None, f"The mail server failed: {one_line(str(error) or type(error).__name__)}")
            self._idle.append(_Idle(client, time.monotonic()))
            if recipients[0] in refused:
                code, reason = refused[recipients[0]]
                return _refused(aiosmtplib.SMTPResponseException(code, reason))
            return Posted(250, one_line(text))

    async def close(self) -> None:
        """Part from the server."""
        while self._idle:
            client = self._idle.pop().client
            try:
                await client.quit(timeout=1.0)
            except (aiosmtplib.SMTPException, OSError):
                """It is gone already."""
            finally:
                client.close()

    def _kept(self) -> aiosmtplib.SMTP | None:
        """A connection that was used a moment ago. One that the server has closed meanwhile fails, which the next attempt mends."""
        while self._idle:
            idle = self._idle.pop()
            if idle.client.is_connected and time.monotonic() - idle.since < IDLE_SECONDS:
                return idle.client
            idle.client.close()
        return None

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._tls is None:
            self._tls = await asyncio.to_thread(_authorities, self._authorities)
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.implicit_tls,
            # None: where it is offered.
            start_tls=False if server.implicit_tls else server.needs_starttls or None,
            tls_context=self._tls,
            timeout=TIME_LIMIT,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client


def _refused(error: aiosmtplib.SMTPResponseException) -> Posted:
    return Posted(error.code, f"{error.code} {one_line(error.message)}", lasting=500 <= error.code < 600)


def _authorities(file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if file is not None:
        context.load_verify_locations(file)
    return context
