"""The mail that the portal of a running server keeps, for Node programs: the command that shows it takes a second of a core each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import asyncpg
from tests.api.receiver import Received, receiving
from tests.conformance.running import Shop

from entrepot.app.database import run_on_database
from entrepot.app.portal import unsent
from entrepot.app.settings import Settings, read_settings


@contextmanager
def reading_mail(shop: Shop) -> Iterator[str]:
    """A URL below which the newest mail to each address can be read, as by `entrepot portal messages`."""
    with receiving() as server:
        server.otherwise = partial(_newest, shop.demo_file.parent)
        yield server.url


def _newest(data: Path, request: Received) -> bytes:
    address = unquote(request.path.removeprefix("/"))

    async def read(settings: Settings, pool: asyncpg.Pool) -> bytes:
        return "\n".join(each.text for each in await unsent(pool, settings, address, 1)).encode()

    return run_on_database(read_settings({}, data_dir=data), read)
