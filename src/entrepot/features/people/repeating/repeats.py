"""What requests with an Idempotency-Key were answered with.

A row has the key of one caller, the digest of the request, and the answer, sealed, since answers hold tokens and secrets. It is written in
the unit of the write: there is one exactly where the write was done. What was refused has done nothing, leaves no row, and may be tried
again under the same key. Another request with the key waits for the row, by the lock of its index.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import asyncpg

from entrepot.declare.operation import Created, Reply
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.json import encode, load
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries.leases import renewed
from entrepot.features.people.services import services
from entrepot.kernel.errors import OtherRequestError, StillRunningError

KEPT = timedelta(hours=24)
HELD = timedelta(minutes=2)
"""How long an operation with units of its own has the key without a sign of life before it counts as one whose process has died."""
WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
"""Seconds between two looks whether it has been answered."""
REPLAYED = ("Idempotent-Replayed", "true")

_ROW = 'WHERE marketplace_id = $1 AND caller = $2 AND "key" = $3'
FIND = f"SELECT digest, answer FROM repeats {_ROW} AND created_at > $4"
BEGIN = """
INSERT INTO repeats AS r (marketplace_id, caller, "key", digest, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id, caller, "key") DO UPDATE SET digest = $4, created_at = $5, answer = NULL
WHERE r.created_at <= $6 OR (r.answer IS NULL AND r.created_at <= $7)
RETURNING true
"""
END = f"UPDATE repeats SET answer = $4 {_ROW}"
RENEW = f"UPDATE repeats SET created_at = $5 {_ROW} AND answer IS NULL AND digest = $4"
LEAVE = f"DELETE FROM repeats {_ROW} AND answer IS NULL AND digest = $4"
SEALED = 'SELECT marketplace_id, caller, "key", answer FROM repeats WHERE answer IS NOT NULL FOR UPDATE'
DELETE_OLD = """
WITH old AS (
    SELECT caller, "key" FROM repeats WHERE marketplace_id = $1 AND created_at <= $3
    ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM repeats r USING old o WHERE r.marketplace_id = $1 AND r.caller = o.caller AND r."key" = o."key"
"""


@dataclass(frozen=True, slots=True)
class KeptRepeat:
    """A request with a key; implements http.repeating.Repeat."""

    key: str
    digest: bytes

    async def known(self, call: Call) -> Reply | None:
        """Two statements: nobody whose token has ended is told what he was answered."""
        await confirm_standing(call)
        return await self._answered(call)

    async def begin(self, call: Call) -> Reply | None:
        """One statement where the key is new; it waits for a unit that has the key."""
        whose, now = self._whose(call), call.server_clock()
        if await call.db.fetchval(BEGIN, *whose, self._digest(call), now, now - KEPT, now - HELD):
            return None
        answered = await self._answered(call)
        if answered is None:
            raise StillRunningError
        return answered

    async def end(self, call: Call, reply: Reply) -> None:
        """One statement."""
        await call.db.execute(END, *self._whose(call), self._sealed(call, reply))

    async def take(self, call: Call) -> Reply | None:
        for wait in (0.0, *WAITS):
            await asyncio.sleep(wait)
            try:
                return await self.begin(call)
            except StillRunningError:
                continue
        raise StillRunningError

    def kept(self, call: Call) -> AbstractAsyncContextManager[None]:
        whose, digest = self._whose(call), self._digest(call)
        return renewed(lambda: call.pool.execute(RENEW, *whose, digest, call.server_clock()))

    async def leave(self, call: Call) -> None:
        await call.pool.execute(LEAVE, *self._whose(call), self._digest(call))

    async def _answered(self, call: Call) -> Reply | None:
        """None where there is no answer, yet or any more. Raises OtherRequestError."""
        row = await call.db.fetchrow(FIND, *self._whose(call), call.server_clock() - KEPT)
        if row is None:
            return None
        if row["digest"] != self._digest(call):
            raise OtherRequestError
        return None if row["answer"] is None else self._opened(call, row["answer"])

    def _whose(self, call: Call) -> tuple[int, str, str]:
        """Not the user's alone: whoever was invited to somebody's order stands for him, whoever acts as him does, and each client counts
        its keys for itself.
        """
        caller = call.principal
        asked = ",".join(str(each.user_key) for each in caller.ties.sessions)
        parts = (
            caller.user_key,
            caller.guest_order_id,
            caller.client_id.lower(),
            caller.invitation_id,
            asked,
        )
        return caller.marketplace_id, "/".join(str(each or "") for each in parts), self.key

    def _digest(self, call: Call) -> bytes:
        """With the roles of the token: what was answered to more of them is not for fewer."""
        return hashlib.sha256(self.digest + "\0".join(sorted(call.principal.roles)).encode()).digest()

    def _sealed(self, call: Call, reply: Reply) -> bytes:
        created = reply.created
        head = {
            "status": reply.status,
            "headers": list(reply.headers),
            "created": None if created is None else [created.id, dict(created.parents), created.below],
        }
        body = reply.body if isinstance(reply.body, bytes) else encode(reply.body)
        return services(call).box.seal(encode(head) + b"\n" + body, _place(*self._whose(call)))

    def _opened(self, call: Call, sealed: bytes) -> Reply:
        text = services(call).box.open(sealed, _place(*self._whose(call)))
        head_text, _, body = text.partition(b"\n")
        head: dict[str, Any] = load(head_text.decode())
        headers = tuple((name, value) for name, value in head["headers"])
        return Reply(
            None if body == b"null" else body,
            headers=(*headers, REPLAYED),
            status=head["status"],
            created=_created(head["created"]),
        )


def _created(told: list[Any] | None) -> Created | None:
    if told is None:
        return None
    created_id, parents, below = told
    return Created(created_id, cast(Mapping[str, str], parents), below)


def _place(marketplace_id: int, caller: str, key: str) -> tuple[str, ...]:
    return ("repeats", "answer", str(marketplace_id), caller, key)


async def reseal(connection: asyncpg.Connection, box: SecretBox) -> int:
    """Within one transaction: the answers, sealed anew with the current secret key; how many there were."""
    count = 0
    async for row in connection.cursor(SEALED):
        whose = (row["marketplace_id"], row["caller"], row["key"])
        await connection.execute(
            END, *whose, box.seal(box.open(row["answer"], _place(*whose)), _place(*whose))
        )
        count += 1
    return count
