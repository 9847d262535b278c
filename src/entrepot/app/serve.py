"""`entrepot serve`: socket, database, schema, demo marketplace, application; and the way back."""

import asyncio
import contextlib
import signal
import socket
from dataclasses import replace
from types import FrameType

from entrepot.app.database import ensure_schema, own_database
from entrepot.app.listen import listen
from entrepot.app.settings import Settings


def serve(settings: Settings) -> int:
    """Runs until SIGINT or SIGTERM and returns the exit code.

    Raises AddressError, SettingsError, PostgresUnavailableError and OutdatedSchemaError before it serves.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    served = True
    with listen(settings.host, settings.port) as listener, contextlib.suppress(KeyboardInterrupt):
        served = _serve(settings.listening_on(listener.getsockname()[1]).with_secret_key(), listener)
    return 0 if served else 1


def _serve(settings: Settings, listener: socket.socket) -> bool:
    embedded = settings.embedded
    with own_database(settings) as url:
        try:
            settings = replace(settings, database_url=url)
            asyncio.run(_prepare(settings, upgrade=embedded))
            return _run(settings, listener)
        finally:
            # The database is about to stop; a second Ctrl-C must not cut that short.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


async def _prepare(settings: Settings, *, upgrade: bool) -> None:
    url = settings.database_url
    assert url is not None
    await ensure_schema(url, upgrade=upgrade)
    if settings.demo:
        from entrepot.app.demo import ensure_demo
        from entrepot.storage.pool import open_pool

        async with await open_pool(url, min_size=1, max_size=2) as pool:
            await ensure_demo(pool, settings)


def _run(settings: Settings, listener: socket.socket) -> bool:
    from entrepot.app.announce import announce
    from entrepot.app.logging import configure_logging
    from entrepot.app.processes import run

    configure_logging(settings.log_level, settings.log_format)
    announce(settings)
    return run(settings, listener)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
