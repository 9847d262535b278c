"""`entrepot serve`: socket, database, schema, demo marketplace, application; and the way back."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import FrameType

from entrepot.app.database import prepare
from entrepot.app.listen import listen
from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.keeper import Keeper

STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Beside SIGINT: told to end, the terminal closed, Ctrl-\\."""

Look = Callable[[], None]
"""Looks after the database, now and then, from the main thread. Raises what shall end the server."""


def serve(settings: Settings) -> int:
    """Runs until SIGINT, SIGTERM, SIGHUP or SIGQUIT and returns the exit code.

    Raises AddressError, and what `prepare` raises, before it serves.
    """
    for number in STOP_SIGNALS:
        # Whoever started it by nohup wants it to stay.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    served = True
    with (
        contextlib.suppress(KeyboardInterrupt),
        listen(settings.host, settings.port, settings.data_dir) as listener,
    ):
        served = _serve(settings.listening_on(listener.getsockname()[1]), listener)
    return 0 if served else 1


def _serve(settings: Settings, listener: socket.socket) -> bool:
    with _database(settings) as (url, look):
        try:
            settings, is_new = asyncio.run(_prepare(settings, url))
            return _run(replace(settings, database_url=url), listener, look, is_new=is_new)
        finally:
            # The database is about to stop; a second Ctrl-C must not cut that short.
            for number in (signal.SIGINT, *STOP_SIGNALS):
                signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, Look]]:
    """The database's URL, and what looks after it: about one of its own its owner does."""
    if settings.database_url is not None:
        yield settings.database_url, lambda: None
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        yield server.url, Keeper(server).look


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


def _run(settings: Settings, listener: socket.socket, look: Look, *, is_new: bool) -> bool:
    from entrepot.app.announce import announce
    from entrepot.app.logging import configure_logging
    from entrepot.app.processes import run

    configure_logging(settings.log_level, settings.log_format)
    return run(settings, listener, partial(announce, settings, is_new=is_new), look)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
