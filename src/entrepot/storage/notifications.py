"""Notifications of the database, by a connection of its own, as long as a process wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from entrepot.kernel.errors import BusyError
from entrepot.storage.reach import LOST

AGAIN = 2.0
"""Seconds before another try to listen, after the connection was lost."""
CONNECT_LIMIT = 10.0

log = structlog.get_logger("entrepot.storage")


async def hear(
    url: str,
    channel: str,
    name: str,
    *,
    told: Callable[[str], None],
    begun: Callable[[], Awaitable[None]],
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Call `told` with each notification of a channel, until this task is cancelled. begun: called as soon as they come, and again after
    the connection was lost, for what nobody has heard meanwhile; ended: whenever they come no more. name: of the connection.
    """

    def heard(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        told(str(payload))

    while True:
        try:
            connection = await asyncpg.connect(
                url, timeout=CONNECT_LIMIT, server_settings={"application_name": name}
            )
            try:
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
                await connection.add_listener(channel, heard)
                await begun()
                await lost.wait()
            finally:
                ended()
                connection.terminate()
        except (*LOST, BusyError) as error:
            log.warning("nobody listens", channel=channel, error=repr(error))
        except Exception:  # whatever it is, the next try may go well
            log.exception("nobody listens", channel=channel)
        await asyncio.sleep(AGAIN)
