"""The whole server in this process, on a real database; every test has a new marketplace in it.

async def test_x(api):
    made = await api.seller.post("/v1/buyers", json={"Name": "B", "Active": True})
    buyer = await api.buyer()
    shopper = api.as_(await api.user(buyer=buyer), roles=["Shopper"])
    assert (await shopper.get("/v1/me")).status_code == 200
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from tests.api.marketplace import Api, Server, ShiftedClock, run_server
from tests.api.portal import Portal, portal_of
from tests.api.receiver import Receiver, receiving
from tests.api.sources import Clouds
from tests.api.truly import assert_gifts_truly, assert_kept_truly, assert_remembered_truly
from tests.api.world import World

from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.storage.embedded import database_url_of
from entrepot.storage.pool import open_pool
from entrepot.storage.ready_pool import ReadyPool

SETTINGS = Settings(
    base_url="http://entrepot.test",
    data_dir=Path("unused"),
    demo=False,
    # The receivers of tests.
    private_targets=True,
    sign_up="open",
    catchers=True,
    mcp=True,
    secret_key="a key of the tests, long enough to be one",
    pool_min_size=1,
    pool_max_size=8,
    # Twelve times what is usual: a loaded machine is slow, and no database that is away. What tests of these limits need they set.
    lock_timeout=60,
    database_silence=120,
    # The cheapest argon2id there is.
    argon2_memory_kib=8,
    argon2_passes=1,
)


@pytest.fixture(scope="session")
async def settings(postgres: str, template_database: str) -> Settings:
    """Settings of a server on a database that all tests of this process share."""
    admin = await asyncpg.connect(postgres)
    try:
        await admin.execute(f"CREATE DATABASE api TEMPLATE {template_database} STRATEGY FILE_COPY")
    finally:
        await admin.close()
    return replace(SETTINGS, database_url=database_url_of(postgres, "api"))


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[ReadyPool]:
    """Connections of the tests' own to the server's database."""
    assert settings.database_url is not None
    pool = await open_pool(settings.database_url, min_size=1, max_size=4)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def server(settings: Settings, database: ReadyPool) -> AsyncIterator[Server]:
    """The server, between its start and its stop. `server.clock` goes forward as a test lets it."""
    async with run_server(settings, database, ShiftedClock()) as running:
        yield running


@pytest.fixture(autouse=True)
def _begin(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock of the server that tests share goes to the present moment, and stands still; and back there, before anybody makes
    what a whole file shares, with tokens that would be of the future.
    """
    if "server" not in request.fixturenames:
        yield
        return
    clock = request.getfixturevalue("server").clock
    clock.reset()
    yield
    clock.reset()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """A new marketplace on the server."""
    async with Api.create(server) as made:
        yield made


@pytest.fixture
async def world(api: Api) -> World:
    """One object of every resource in that marketplace."""
    return await World.create(api)


@pytest.fixture
async def clouds(
    server: Server, settings: Settings, database: ReadyPool, tmp_path: Path
) -> AsyncIterator[Clouds]:
    """Makes marketplaces that play the cloud."""
    async with seeder(settings, database) as made, database.acquire() as connection:
        yield Clouds(server, made, connection, tmp_path)


@pytest.fixture
async def truly(api: Api) -> AsyncIterator[None]:
    """After the test, what rows keep and what the processes remember of its marketplace is what would be computed now."""
    yield
    await assert_kept_truly(api)
    await assert_remembered_truly(api)
    await assert_gifts_truly(api)


@pytest.fixture
async def other(server: Server) -> AsyncIterator[Api]:
    """A second marketplace on the same server, for what must not be seen from the first."""
    async with Api.create(server) as made:
        yield made


@pytest.fixture
async def portal(server: Server) -> AsyncIterator[Portal]:
    """The portal of the server."""
    async with portal_of(server) as made:
        yield made
    server.clock.reset()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An integrator's server."""
    with receiving() as made:
        yield made


@pytest.fixture
async def twin(server: Server) -> AsyncIterator[Server]:
    """A second server process in all but name: another application with its own memory, on the same database."""
    async with run_server(server.settings, server.database, server.clock) as running:
        yield running
