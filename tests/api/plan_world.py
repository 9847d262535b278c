"""Marketplaces that files are planned for and applied to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import pytest

from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.features.people.oauth import bootstrap
from entrepot.features.seeding.download import download
from entrepot.features.seeding.planning.plan import Plan
from entrepot.features.seeding.planning.planner import Planner
from entrepot.features.seeding.planning.texts import plan_lines
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.features.seeding.seeding import Seeder
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_id
from entrepot.storage.ready_pool import ReadyPool

EVERYTHING = Path(__file__).with_name("seeds") / "everything.yml"


class World:
    """A planner on the server's database, with clients and memories that are not the server's."""

    def __init__(self, planner: Planner, seeder: Seeder, directory: Path) -> None:
        self.planner = planner
        self.seeder = seeder
        self.directory = directory

    def file(self, text: str) -> Path:
        path = self.directory / f"{new_id()}.yml"
        path.write_text(text, "utf-8")
        return path

    async def plan(self, file: Path | str, marketplace: str, *, prune: bool = False) -> Plan:
        path = self.file(file) if isinstance(file, str) else file
        return await self.planner.plan(path, marketplace, prune=prune)

    async def apply(self, file: Path | str, marketplace: str, *, prune: bool = False) -> Plan:
        """What was done; given again it is nothing."""
        path = self.file(file) if isinstance(file, str) else file
        planned = [line.text for line in plan_lines(await self.planner.plan(path, marketplace, prune=prune))]
        done = (await self.planner.apply(path, marketplace, prune=prune)).plan
        assert [line.text for line in plan_lines(done)] == planned
        assert (await self.planner.plan(path, marketplace, prune=prune)).steps == []
        assert (await self.planner.apply(path, marketplace, prune=prune)).plan.steps == []
        return done

    async def refusal(self, text: str, marketplace: str, *, prune: bool = False) -> list[str]:
        """The problems of a file, which must change nothing."""
        before = await self.download(marketplace)
        with pytest.raises(SeedRefusedError) as refused:
            await self.planner.apply(self.file(text), marketplace, prune=prune)
        assert (await self.download(marketplace)).read_text() == before.read_text()
        return [str(problem) for problem in refused.value.problems]

    async def download(self, marketplace: str) -> Path:
        text = StringIO()
        async with self.planner.pool.acquire() as connection:
            await download(connection, self.planner.registry, self.planner.services, marketplace, text)
        return self.file(text.getvalue())

    async def marketplace(self) -> str:
        """A new one with nothing in it."""
        marketplace = new_id()
        async with self.planner.pool.acquire() as connection, connection.transaction():
            await bootstrap.add_marketplace(connection, marketplace, "Empty", utc_now())
        return marketplace

    async def seeded(self) -> str:
        """A new one with a record of every kind."""
        marketplace = new_id()
        async with self.planner.pool.acquire() as connection:
            await self.seeder.seed(connection, EVERYTHING, marketplace, "Seeded")
        return marketplace

    async def seed(self, text: str) -> str:
        """A new marketplace of a file."""
        marketplace = new_id()
        async with self.planner.pool.acquire() as connection:
            await self.seeder.seed(connection, self.file(text), marketplace, "Seeded")
        return marketplace

    async def applied(self, text: str) -> str:
        """The same, made of an empty one."""
        marketplace = await self.marketplace()
        await self.apply(text, marketplace)
        return marketplace

    async def seed_refusal(self, text: str) -> list[str]:
        """The problems of a file that cannot be seeded."""
        with pytest.raises(SeedRefusedError) as refused:
            await self.seed(text)
        return [str(problem) for problem in refused.value.problems]


@asynccontextmanager
async def planning(settings: Settings, database: ReadyPool, directory: Path) -> AsyncIterator[World]:
    """The world of one server's database."""
    async with seeder(settings, database) as made:
        planner = Planner(
            registry=made.registry, services=made.services, pool=database, base_url=settings.base_url
        )
        yield World(planner, made, directory)
