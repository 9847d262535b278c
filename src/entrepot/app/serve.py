"""`entrepot serve`: socket, database, schema, demo marketplace, application; and the way back."""

import asyncio
import contextlib
import signal
import socket
from dataclasses import replace
from functools import partial
from types import FrameType

from entrepot.app.database import own_database, prepare
from entrepot.app.listen import listen
from entrepot.app.settings import Settings


def serve(settings: Settings) -> int:
    """Runs until SIGINT or SIGTERM and returns the exit code.

    Raises AddressError, and what `prepare` raises, before it serves.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    served = True
    with listen(settings.host, settings.port) as listener, contextlib.suppress(KeyboardInterrupt):
        served = _serve(settings.listening_on(listener.getsockname()[1]), listener)
    return 0 if served else 1


def _serve(settings: Settings, listener: socket.socket) -> bool:
    with own_database(settings) as url:
        try:
            settings, is_new = asyncio.run(_prepare(settings, url))
            return _run(replace(settings, database_url=url), listener, is_new=is_new)
        finally:
            # The database is about to stop; a second Ctrl-C must not cut that short.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


async def _prepare(settings: Settings, url: str) -> tuple[Settings, bool]:
    """The settings with their key; whether the demo marketplace was made just now."""
    is_new = False
    settings = await prepare(settings, url)
    if settings.demo:
        from entrepot.app.demo import ensure_demo
        from entrepot.storage.pool import open_pool

        async with await open_pool(url, min_size=1, max_size=2) as pool:
            is_new = await ensure_demo(pool, settings)
    return settings, is_new


def _run(settings: Settings, listener: socket.socket, *, is_new: bool) -> bool:
    from entrepot.app.announce import announce
    from entrepot.app.logging import configure_logging
    from entrepot.app.processes import run

    configure_logging(settings.log_level, settings.log_format)
    return run(settings, listener, partial(announce, settings, is_new=is_new))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
