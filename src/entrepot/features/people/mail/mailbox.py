"""The mailbox of a marketplace: messages to people that nothing sends, kept for whoever develops an application."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from entrepot.domain.mail.headers import one_line
from entrepot.engine.call import Database
from entrepot.engine.wire.json import encode
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.mail.letters import Rendered, RenderingError
from entrepot.features.people.mail.mail import rendering
from entrepot.features.people.mail.rendering import Renderer

TABLE = "mailbox"
MOST_EVENT_BODY = 256 * 1024
"""Bytes of an event body that is kept; of a longer one the mailbox has what the mail says."""
LONGEST = 400
INSERT = """
INSERT INTO mailbox (marketplace_id, "ID", "MessageType", "Recipient", "Username", "Subject", "DateCreated", content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (marketplace_id, "ID") DO NOTHING
"""
# So many at most; what somebody else holds is for the next round.
DELETE_OLD = """
WITH oldest AS (
    SELECT "ID" FROM mailbox WHERE marketplace_id = $1 AND "DateCreated" <= $3
    ORDER BY "DateCreated" LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM mailbox m USING oldest o WHERE m.marketplace_id = $1 AND m."ID" = o."ID"
"""
BATCH = 1000
"""Messages that one statement removes."""
FIRST_AFTER = 'SELECT min("DateCreated") FROM mailbox WHERE marketplace_id = $1 AND "DateCreated" > $2'
HOUR = timedelta(hours=1)
MOST_BEYOND = 50
"""Messages, about, that are there beyond those that are kept, of many: to find them takes going past all that are kept."""
# All that came before the last one that is kept, a few at a time.
DELETE_SURPLUS = """
DELETE FROM mailbox WHERE marketplace_id = $1 AND "ID" IN (
    SELECT "ID" FROM mailbox WHERE marketplace_id = $1 ORDER BY "DateCreated" DESC, "ID" DESC OFFSET $2 LIMIT 100)
"""
SEALED = 'SELECT marketplace_id, "ID", content FROM mailbox FOR UPDATE'
SEAL = 'UPDATE mailbox SET content = $3 WHERE marketplace_id = $1 AND "ID" = $2'


@dataclass(frozen=True, slots=True)
class Mailbox:
    """most: messages that a marketplace keeps, and some dozens more of many; kept: for how long. 0 is without limit."""

    renderer: Renderer = field(default_factory=lambda: Renderer(link_hosts=None))
    most: int = 1_000
    kept: timedelta = timedelta(days=14)

    async def keep(
        self,
        db: Database,
        box: SecretBox,
        marketplace_id: int,
        marketplace: str,
        body: Mapping[str, Any],
        *,
        delivery_id: str,
        now: datetime,
    ) -> None:
        """Put a message (MS-5) there, with what a mail would say; the same delivery once. What it says is sealed."""
        recipient = body.get("Recipient")
        recipient = recipient if isinstance(recipient, dict) else {}
        rendered = await self._rendered(marketplace, body)
        await db.execute(
            INSERT,
            marketplace_id,
            delivery_id,
            one_line(str(body.get("MessageType") or "")),
            one_line(str(recipient.get("Email") or ""), LONGEST),
            one_line(str(recipient.get("Username") or ""), LONGEST),
            rendered.subject,
            now,
            box.seal(encode(_content(body, rendered)), place(marketplace_id)),
        )
        if self.most and _is_turn(min(MOST_BEYOND, self.most // 20)):
            await db.execute(DELETE_SURPLUS, marketplace_id, self.most)

    async def delete_old(self, db: Database, marketplace_id: int, now: datetime) -> int:
        """Of one marketplace, by its own time; how many there were."""
        count, deleted = 0, BATCH if self.kept else 0
        while deleted == BATCH:
            status = await db.execute(DELETE_OLD, marketplace_id, BATCH, now - self.kept)
            deleted = int(status.rpartition(" ")[2])
            count += deleted
        return count

    async def next_old(self, db: Database, marketplace_id: int, after: datetime) -> datetime | None:
        """The first full hour after this moment at which there is something to delete: as often as it is looked for."""
        first = await db.fetchval(FIRST_AFTER, marketplace_id, after - self.kept) if self.kept else None
        if first is None:
            return None
        due: datetime = first + self.kept
        begun = due.replace(minute=0, second=0, microsecond=0)
        return due if due == begun else begun + HOUR

    async def _rendered(self, marketplace: str, body: Mapping[str, Any]) -> Rendered:
        try:
            return await rendering(self.renderer, marketplace, "", body)
        except RenderingError as error:
            # Whoever writes templates finds here what is wrong with them.
            return Rendered(
                f"{one_line(str(body.get('MessageType') or ''))} could not be written", str(error), ""
            )


def _is_turn(of: int) -> bool:
    """Once in so many times, in whatever process."""
    return of <= 1 or random.randrange(of) == 0  # noqa: S311 (spreads work, no secret)


def place(marketplace_id: int) -> tuple[str, ...]:
    """Where what messages say is sealed."""
    return (TABLE, "content", str(marketplace_id))


async def reseal(connection: asyncpg.Connection, box: SecretBox) -> int:
    """Within one transaction: what messages say, sealed anew with the current secret key; how many there were."""
    count = 0
    async for row in connection.cursor(SEALED):
        where = place(row["marketplace_id"])
        sealed = box.seal(box.open(row["content"], where), where)
        await connection.execute(SEAL, row["marketplace_id"], row["ID"], sealed)
        count += 1
    return count


def _content(body: Mapping[str, Any], rendered: Rendered) -> dict[str, Any]:
    event, listed = body.get("EventBody"), body.get("CCList")
    return {
        "CCList": [one_line(str(each), LONGEST) for each in listed[:50]] if isinstance(listed, list) else [],
        "Text": rendered.text,
        "Html": rendered.html,
        "EventBody": event if isinstance(event, dict) and len(encode(event)) <= MOST_EVENT_BODY else None,
    }
