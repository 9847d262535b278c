"""`entrepot record`: begins a recording, waits, ends it and writes what it holds."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta

from asyncpg.exceptions import PostgresError

from entrepot import __version__
from entrepot.app.database import prepare
from entrepot.app.settings import Settings
from entrepot.domain.recordings.formats import FORMATS
from entrepot.domain.recordings.scenario import read_entry
from entrepot.features.people.recordings import store
from entrepot.features.people.recordings.recorder import FLUSH_INTERVAL
from entrepot.features.seeding.comparing.marketplaces import FIND
from entrepot.kernel.clock import utc_now
from entrepot.kernel.errors import ApiError
from entrepot.kernel.ids import new_id
from entrepot.storage.pool import open_pool
from entrepot.storage.ready_pool import ReadyPool

LATE = 2 * FLUSH_INTERVAL
"""Seconds after the last request after which every process has written what it has answered."""


class RecordingError(Exception):
    """Nothing can be recorded."""


async def record_to(
    settings: Settings, url: str, marketplace: str, kind: str, seconds: float | None, name: str
) -> tuple[str, int]:
    """Record until Ctrl-C or for some seconds; the text of a file, and how many requests are in it. Raises RecordingError."""
    settings = await prepare(settings, url)
    async with await open_pool(url, min_size=1, max_size=2) as pool:
        found = await pool.fetchrow(FIND, marketplace)
        if found is None:
            raise RecordingError(f"there is no marketplace {marketplace}")
        key, recording = found["marketplace_id"], new_id()
        await _start(pool, key, recording, name, seconds)
        try:
            print(f"Recording {marketplace}. Ctrl-C ends it.", flush=True)
            await _until_told(seconds)
            await asyncio.sleep(LATE)
            texts = await store.entries(pool, key, recording)
        finally:
            await _end(pool, key, recording)
    entries = [read_entry(text) for text in texts]
    return FORMATS[kind](entries, name, settings.base_url, __version__), len(entries)


async def _start(pool: ReadyPool, key: int, recording: str, name: str, seconds: float | None) -> None:
    lasts = store.LONGEST if seconds is None else timedelta(seconds=seconds + 2 * LATE)
    try:
        async with pool.unit(key) as unit:
            await store.start(unit, key, recording, name[:100], utc_now(), min(lasts, store.LONGEST))
    except ApiError as refusal:
        raise RecordingError(refusal.items()[0].message) from refusal


async def _end(pool: ReadyPool, key: int, recording: str) -> None:
    """It stays nowhere but in the file."""
    with suppress(PostgresError):
        async with pool.unit(key) as unit:
            await store.remove(unit, key, recording)


async def _until_told(seconds: float | None) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, told.set)
    with suppress(TimeoutError):
        await asyncio.wait_for(told.wait(), seconds)
