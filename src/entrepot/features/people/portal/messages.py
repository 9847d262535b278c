"""Mail to accounts: written in the unit of what it tells, sent beside requests, or kept where no server takes mail."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.mail.mail import rendering
from entrepot.features.people.mail.posted import Posted
from entrepot.features.people.mail.rendering import Renderer
from entrepot.features.people.services import Services, services
from entrepot.kernel.ids import new_id

INTERVAL = 2.0
"""Seconds between two rounds of the post."""
BATCH = 20
LEASE = timedelta(minutes=5)
"""After which another process takes up what one has begun to send."""
MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)
SHOP = "portal"
"""What stands for a marketplace where templates are looked for."""
KEEP = """
INSERT INTO portal_messages (id, message_type, recipient, content, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
CLAIM = f"""
WITH due AS (
    SELECT id FROM portal_messages WHERE due_at <= $1 ORDER BY due_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
UPDATE portal_messages m SET due_at = $2, attempts = attempts + 1 FROM due d WHERE m.id = d.id
RETURNING m.id, m.message_type, m.content, m.attempts, m.created_at
"""
SENT = "DELETE FROM portal_messages WHERE id = $1"
AGAIN = "UPDATE portal_messages SET due_at = $2 WHERE id = $1"
LATEST = """
SELECT id, message_type, recipient, content, created_at FROM portal_messages
WHERE $1::citext IS NULL OR recipient = $1::citext ORDER BY created_at DESC, id LIMIT $2
"""
SEALED = "SELECT id, content FROM portal_messages FOR UPDATE"
SEAL = "UPDATE portal_messages SET content = $2 WHERE id = $1"

log = structlog.get_logger("entrepot.portal")


class PortalMessage(enum.StrEnum):
    """The types of mail that the portal writes; their words stand with those of all mail."""

    SIGN_UP = "PortalSignUp"
    KNOWN = "PortalAccountKnown"
    PASSWORD = "PortalPassword"  # noqa: S105 (no password)
    UNLOCK = "PortalUnlock"
    EMAIL = "PortalEmail"
    EMAIL_CHANGED = "PortalEmailChanged"
    LINKED = "PortalLinked"
    DELETE = "PortalDelete"
    TRANSFER = "PortalTransfer"
    INVITATION = "PortalInvitation"


PAGES = {
    PortalMessage.SIGN_UP: "sign-up",
    PortalMessage.PASSWORD: "new-password",
    PortalMessage.UNLOCK: "unlock",
    PortalMessage.EMAIL: "confirm",
    PortalMessage.LINKED: "account",
    PortalMessage.DELETE: "confirm",
    PortalMessage.TRANSFER: "confirm",
    PortalMessage.INVITATION: "invitations",
}
"""Where in the console an account does what it is told of; elsewhere it signs in."""


async def tell(
    call: Call,
    db: Database,
    kind: PortalMessage,
    to: str,
    *,
    username: str = "",
    code: str = "",
    **facts: Any,
) -> None:
    """One statement. What it says is sealed."""
    own, now, message_id = services(call), call.clock(), new_id()
    # Behind the `#`: a browser sends neither address nor code to any server.
    page = f"{PAGES.get(kind, '')}?{urlencode({'email': to} | ({'code': code} if code else {}))}"
    event = {
        "Username": username or None,
        "PasswordRenewalVerificationCode": code or None,
        "ConsoleUrl": f"{call.base_url}/#/{page}",
        **facts,
    }
    body: dict[str, Any] = {
        "MessageType": kind.value,
        "Recipient": {"Email": to, "Username": username},
        "CCList": [],
        "EventBody": event,
    }
    sealed = own.box.seal(encode(body), _place(message_id))
    await db.execute(KEEP, message_id, kind.value, to, sealed, now, now if own.mail else None)
    if own.mail is None:
        log.info("message to an account kept", type=kind.value, shown_by="entrepot portal messages")


async def post_due(backend: Backend) -> int:
    """Send what is due; how many the mail server took. Without one nothing is ever due."""
    own: Services = backend.services
    if own.mail is None:
        return 0
    now, taken = backend.clock(), 0
    for row in await backend.pool.fetch(CLAIM, now, now + LEASE):
        body = load(own.box.open(row["content"], _place(row["id"])).decode())
        posted = await own.mail.send(SHOP, body, delivery_id=row["id"], date=row["created_at"])
        if posted.taken:
            taken += 1
            await backend.pool.execute(SENT, row["id"])
            continue
        log.warning("message to an account not sent", type=row["message_type"], error=posted.text)
        await backend.pool.execute(AGAIN, row["id"], _next(posted, row["attempts"], now))
    return taken


def _next(posted: Posted, attempts: int, now: datetime) -> datetime | None:
    """When it is tried again; None for never."""
    if posted.lasting or attempts >= MOST_ATTEMPTS:
        return None
    return now + FIRST_WAIT * (1 << (attempts - 1))


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that has not been sent, as a person reads it."""

    recipient: str
    subject: str
    text: str
    created_at: datetime


async def latest(
    db: Database, box: SecretBox, renderer: Renderer, recipient: str | None, most: int
) -> list[Kept]:
    """The newest first; one statement."""
    found = []
    for row in await db.fetch(LATEST, recipient, most):
        body = load(box.open(row["content"], _place(row["id"])).decode())
        said = await rendering(renderer, SHOP, "", body)
        found.append(Kept(row["recipient"], said.subject, said.text, row["created_at"]))
    return found


async def reseal(connection: Any, box: SecretBox) -> int:
    """Within one transaction: what messages say, sealed anew with the current secret key; how many there were."""
    rows = await connection.fetch(SEALED)
    for row in rows:
        where = _place(row["id"])
        await connection.execute(SEAL, row["id"], box.seal(box.open(row["content"], where), where))
    return len(rows)


def _place(message_id: str) -> tuple[str, ...]:
    return ("portal_messages", "content", message_id)
