"""`entrepot diff`: what differs between two marketplaces, wherever they are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.text import Text

from entrepot.app.database import prepare, reachable_database
from entrepot.app.registry import registry
from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.comparing.comparing import Compared, Comparison
from entrepot.features.seeding.comparing.files import read_file
from entrepot.features.seeding.comparing.marketplaces import FIND, MarketplaceSide
from entrepot.features.seeding.comparing.remotes import read_remote
from entrepot.features.seeding.comparing.sides import Kept, Side, UnreadableRecordError, kept
from entrepot.features.seeding.comparing.texts import difference_lines, difference_value, summary
from entrepot.features.seeding.kinds import kinds_of
from entrepot.features.seeding.problems import Problems, SeedRefusedError
from entrepot.features.seeding.remote.errors import RemoteError
from entrepot.features.seeding.remote.reader import open_reader
from entrepot.features.seeding.remote.source import Access
from entrepot.features.seeding.remote.transport import base_url
from entrepot.storage.pool import open_pool

__all__ = ["Doors", "Output", "SideError", "compare", "compare_now"]
STYLES = {"+": "green", "-": "red", "~": "yellow"}


class SideError(Exception):
    """One of what is to be compared cannot be read."""


@dataclass(frozen=True, slots=True)
class Doors:
    """How other servers are read. clients: IDs and secrets of API clients, of the first server that is named, and of the second, if
    that has another. allow_http: whether the secret may be sent without TLS.
    """

    clients: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    allow_http: bool = False


NO_DOORS = Doors()


@dataclass(slots=True)
class Output:
    """What is printed: lines in colour on a terminal, or one JSON value at the end."""

    as_json: bool
    console: Console

    @classmethod
    def standard(cls, *, as_json: bool) -> Output:
        """On standard output."""
        return cls(as_json, Console(highlight=False, soft_wrap=True))

    def line(self, text: str, mark: str = "") -> None:
        """One line for people."""
        if not self.as_json:
            self.console.print(Text(text, style=STYLES.get(mark, "")))

    def value(self, value: Any) -> None:
        """For programs."""
        if self.as_json:
            self.console.print(dump(value), markup=False)


async def compare(
    settings: Settings, sides: tuple[str, str], output: Output, doors: Doors = NO_DOORS
) -> bool:
    """Print what differs; whether the sides are equal. Raises SideError and what opening a database raises."""
    found: list[dict[str, Any]] = []
    marks = Counter[str]()
    kinds = kinds_of(registry())
    async with AsyncExitStack() as opened:
        places = _Places(settings, opened, doors)
        try:
            first, second = [await places.side(each) for each in sides]
            keeping = first if isinstance(first, Kept) else await kept(first, kinds)
            async for each in Comparison(keeping, second, kinds).run():
                marks[_print(each, output)] += 1
                if output.as_json:
                    found.append(difference_value(each))
        except (UnreadableRecordError, RemoteError) as error:
            raise SideError(str(error)) from error
    output.line(summary(marks))
    output.value({"Equal": not marks, "Differences": found})
    return not marks


def _print(found: Compared, output: Output) -> str:
    lines = list(difference_lines(found))
    for line in lines:
        output.line(line.text, line.mark)
    return lines[0].mark


class _Places:
    """Opens what sides are read from: the server of a URL, a file of that name, else a marketplace of that ID. `opened` closes it."""

    def __init__(self, settings: Settings, opened: AsyncExitStack, doors: Doors) -> None:
        self._settings = settings
        self._doors = doors
        self._clients = iter(doors.clients)
        self._opened = opened
        self._seeder: Any = None
        self._pool: asyncpg.Pool | None = None

    async def side(self, named: str) -> Side:
        """Raises SideError and RemoteError."""
        if named.startswith(("http://", "https://")):
            return await self._remote(named)
        file = _file(named)
        if file is not None:
            return file
        if self._pool is None:
            url = self._opened.enter_context(reachable_database(self._settings))
            settings = await prepare(self._settings, url)
            self._pool = await self._opened.enter_async_context(await open_pool(url, min_size=1, max_size=3))
            self._seeder = await self._opened.enter_async_context(seeder(settings, self._pool))
        connection = await self._opened.enter_async_context(_moment(self._pool))
        found = await connection.fetchrow(FIND, named)
        if found is None:
            raise SideError(f"there is no file and no marketplace {named}")
        return MarketplaceSide.of(connection, registry(), self._seeder.services, found)

    async def _remote(self, url: str) -> Kept:
        client = next(self._clients, self._doors.clients[0] if self._doors.clients else None)
        if client is None:
            raise SideError(f"{url} is read by an API client: --client-id and --client-secret name it")
        access = Access(base_url(url, plain=self._doors.allow_http), *client)
        async with open_reader(registry(), access) as reader:
            return await read_remote(registry(), reader)


def _file(named: str) -> Kept | None:
    path = Path(named)
    if not path.is_file():
        return None
    problems = Problems(path)
    try:
        records = read_file(registry(), path, problems)
        problems.refuse()
    except SeedRefusedError as refused:
        told = "\n".join(map(str, refused.problems))
        raise SideError(f"{path} cannot be compared:\n{told}") from refused
    return records.kept


@asynccontextmanager
async def _moment(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees one moment of the database."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


def compare_now(settings: Settings, sides: tuple[str, str], output: Output, doors: Doors) -> bool:
    """`compare`, where no loop runs."""
    return asyncio.run(compare(settings, sides, output, doors))
