"""The public side of catchers: whatever comes to their addresses is kept and answered, within bounds.

It is no operation: any method and any kind of body is taken, and nobody has to prove who he is. What is kept belongs to the
marketplace whose user has made the catcher.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence

from asyncpg.exceptions import ForeignKeyViolationError

from entrepot.domain.deliveries.masking import mask
from entrepot.engine.call import Backend
from entrepot.engine.wire.json import encode, parse
from entrepot.features.people.catchers.making import marketplace_of
from entrepot.features.people.catchers.places import place
from entrepot.features.people.services import Services
from entrepot.kernel.buckets import Buckets, Rate
from entrepot.kernel.errors import ApiError, TooManyAttemptsError
from entrepot.kernel.ids import new_id

MOST_KEPT = 100
"""Requests of one catcher that are kept."""
MOST_OF_BODY = 64 * 1024
"""Bytes of a body that are kept."""
MOST_HEADERS, LONGEST_HEADER, LONGEST_PATH, LONGEST_QUERY = 100, 8_000, 500, 8_000
RATE = Rate(600)
"""Requests of all catchers of a marketplace in a minute."""
MOST_WAITING = 100
"""Of them those that may wait for a late answer at once, in one process."""
NO_CONTENT = frozenset({204, 205, 304})
JSON, TEXT = "application/json; charset=utf-8", "text/plain; charset=utf-8"

FIND = """
SELECT c."ID", c."Status", c."Body", c."DelayMilliseconds" FROM catchers c
JOIN marketplaces m ON m.marketplace_id = $1 AND m."Active" WHERE c.marketplace_id = $1 AND c.address = $2
"""
INSERT = """
INSERT INTO caught_requests (marketplace_id, "CatcherID", "ID", "DateCreated", "Method", "Path", "ContentType", "Size", "Answered",
    content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# All that came before the last one that is kept, a few at a time.
DELETE_SURPLUS = f"""
DELETE FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2 AND "ID" IN (
    SELECT "ID" FROM caught_requests WHERE marketplace_id = $1 AND "CatcherID" = $2
    ORDER BY "DateCreated" DESC, "ID" DESC OFFSET {MOST_KEPT} LIMIT 100)
"""

Headers = Sequence[tuple[str, str]]


class Catching:
    """What one process catches. `clock` is any that never goes back, in seconds."""

    def __init__(self, rate: Rate = RATE, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(rate)
        self._clock = clock
        self._waiting: Counter[int] = Counter()

    async def catch(
        self,
        backend: Backend,
        address: str,
        method: str,
        path: str,
        query: str,
        headers: Headers,
        body: bytes,
    ) -> tuple[int, str, str] | None:
        """Status, content type and text of the answer, once it is due; None where nobody has such an address. Three statements.

        Raises TooManyAttemptsError for more than a marketplace may receive.
        """
        marketplace_id = marketplace_of(address)
        if marketplace_id is None:
            return None
        catcher = await backend.pool.fetchrow(FIND, marketplace_id, address)
        if catcher is None:
            return None
        wait = self._buckets.take(marketplace_id, self._clock())
        delay = catcher["DelayMilliseconds"] / 1000
        if wait or (delay and self._waiting[marketplace_id] >= MOST_WAITING):
            raise TooManyAttemptsError(wait or delay)
        services: Services = backend.services
        try:
            await backend.pool.execute(
                INSERT,
                marketplace_id,
                catcher["ID"],
                new_id(),
                backend.clock(),
                method,
                mask(_storable(path[:LONGEST_PATH])),
                _content_type(headers),
                len(body),
                catcher["Status"],
                services.box.seal(_content(query, headers, body), place(marketplace_id)),
            )
        except ForeignKeyViolationError:
            return None
        await backend.pool.execute(DELETE_SURPLUS, marketplace_id, catcher["ID"])
        await self._wait(marketplace_id, delay)
        text = "" if catcher["Status"] in NO_CONTENT else catcher["Body"]
        return catcher["Status"], _type_of(text), text

    async def _wait(self, marketplace_id: int, seconds: float) -> None:
        if not seconds:
            return
        self._waiting[marketplace_id] += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting[marketplace_id] -= 1
            if not self._waiting[marketplace_id]:
                del self._waiting[marketplace_id]


def _content(query: str, headers: Headers, body: bytes) -> bytes:
    return encode(
        {
            "Query": _storable(query[:LONGEST_QUERY]),
            "Headers": [[name, _storable(value[:LONGEST_HEADER])] for name, value in headers[:MOST_HEADERS]],
            "Body": _storable(body[:MOST_OF_BODY].decode("utf-8", "replace")),
            "IsCut": len(body) > MOST_OF_BODY,
        }
    )


def _content_type(headers: Headers) -> str | None:
    return next((_storable(value[:200]) for name, value in headers if name == "content-type"), None)


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _type_of(text: str) -> str:
    """JSON, or text: never what a browser would run as a page of this server."""
    try:
        parse(text.encode())
    except ApiError:
        return TEXT
    return JSON
