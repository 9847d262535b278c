"""The big catalog in the database under load: written as a seed file and loaded by `entrepot seed`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import asyncpg

from benchmarks import catalog_marketplace
from benchmarks.catalog_marketplace import ADMIN, CLIENT, PASSWORD, Size, username
from benchmarks.client import bearer, send
from benchmarks.load import Request
from benchmarks.servers import Server
from entrepot.app.settings import Settings

SEED_TARGET = 60.0
"""Seconds in which `entrepot seed` loads the catalog at scale 1."""
SHOPPERS = 100
"""Buyers whose users shop, every second of which sees the whole catalog but for some categories."""
STRANGERS = 20
LEAST_INDEXED = 2_000
"""Products of which enough are seen for an index to be worth it."""
INDEX_SECONDS = 120.0
"""How long the index may take to be built."""
_CLIENT_ID = re.compile(rf"^API client\s+(\S+) \({CLIENT} in the file\)$", re.MULTILINE)


class SeedError(RuntimeError):
    """`entrepot seed` refused the file, or did not say what it made."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What was loaded: its size, the ID of the client for everybody, and the seconds that `entrepot seed` took."""

    size: Size
    client_id: str
    seconds: float

    def shoppers(self, base_url: str) -> tuple[str, ...]:
        """The Authorization headers of users of SHOPPERS buyers, spread over all; logs each of them in once."""
        count = min(SHOPPERS, self.size.buyers)
        # Of both kinds: with an even step all would be buyers that see everything.
        numbers = [place * self.size.buyers // count // 2 * 2 + place % 2 for place in range(count)]
        return tuple(
            bearer(base_url, self._form(username(min(number, self.size.buyers - 1)))) for number in numbers
        )

    def strangers(self, base_url: str) -> tuple[str, ...]:
        """The same of users of other buyers, who list nothing before they are measured."""
        taken = min(SHOPPERS, self.size.buyers)
        # Those whose numbers `shoppers` leaves out, of both kinds.
        numbers = [place * self.size.buyers // taken // 2 * 2 + 2 + place % 2 for place in range(STRANGERS)]
        return tuple(
            bearer(base_url, self._form(username(min(number, self.size.buyers - 1)))) for number in numbers
        )

    def admin(self, base_url: str) -> str:
        """The Authorization header of the administrator of the marketplace."""
        return bearer(base_url, self._form(ADMIN))

    def _form(self, name: str) -> str:
        fields = {"grant_type": "password", "client_id": self.client_id}
        return urlencode(fields | {"username": name, "password": PASSWORD})


def seed(home: Path, settings: Settings, scale: float) -> Catalog:
    """Load the catalog at this scale beside what the database holds. Raises SeedError."""
    file = home / "catalog.yml"
    size = catalog_marketplace.write(file, scale)
    environment = {
        "ENTREPOT_DATABASE_URL": str(settings.database_url),
        "ENTREPOT_SECRET_KEY": settings.secret_key,
    }
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "entrepot", "seed", str(file), "--id", "benchmark-catalog"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begun
    client = _CLIENT_ID.search(done.stdout)
    if done.returncode or client is None:
        raise SeedError(f"entrepot seed ended with {done.returncode}:\n{done.stdout}")
    file.unlink()
    return Catalog(size, client[1], seconds)


def wait_for_index(server: Server, catalog: Catalog, shopper: str) -> None:
    """Until the server answers this shopper, who sees most products, from its index; not at all where none is worth it."""
    deadline = time.monotonic() + INDEX_SECONDS
    while catalog.size.products >= LEAST_INDEXED and time.monotonic() < deadline:
        before = server.lists()["index"]
        send(server.base_url, Request("GET", "/v1/me/products?pageSize=20", shopper))
        if server.lists()["index"] > before:
            break
        time.sleep(0.2)


async def settle(url: str) -> None:
    """What the database's own upkeep does in the minutes after a seed."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
