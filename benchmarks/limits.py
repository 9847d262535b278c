"""The limits: ASGI applications that do next to nothing, served as Entrepot is.

`bare` answers a constant; `one_select` fetches one row of JSON text by its primary key for each request. Nothing
that speaks HTTP and asks the database can be faster than the second.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

DATABASE_VARIABLE = "BENCHMARK_DATABASE_URL"
ROWS = 100_000
SELECT = "SELECT body FROM benchmark_rows WHERE id = $1"

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

_BODY = b'{"ID":"buyer-user-000001","Username":"isabel.ashford.1","Active":true}'


async def bare(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """A constant JSON object."""
    await _answer(send, _BODY)


class OneSelect:
    """A JSON object by primary key. The pool leaves connections as they are, as Entrepot's does."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._ids = itertools.cycle(range(1, ROWS + 1, 7))

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if self._pool is None:
            await self._lifespan(receive, send)
            return
        row = await self._pool.fetchrow(SELECT, next(self._ids))
        await _answer(send, row["body"].encode())

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            os.environ[DATABASE_VARIABLE],
            min_size=2,
            max_size=16,
            max_inactive_connection_lifetime=0,
            reset=_keep,
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _keep(_connection: asyncpg.Connection) -> None:
    """In place of the default reset, which is a round trip of its own."""


async def _answer(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


one_select = OneSelect()
