"""A real PostgreSQL for the tests: one server per test process, one fresh database per test that asks for one."""

import gc
from collections.abc import AsyncIterator, Generator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from structlog.typing import EventDict
from tests.directories import server_directory

from entrepot.storage.embedded import EmbeddedPostgres, database_url_of
from entrepot.storage.migrate import migrate
from entrepot.storage.pool import open_pool

pytest_plugins = [
    "tests.hanging",
    "tests.longest",
    "tests.prepared",
    "tests.packed",
    "tests.rewriting",
    "tests.unsteady",
]


def _line(_logger: object, _name: str, event: EventDict) -> str:
    """What is logged, for whoever reads why a test has failed. structlog's own way to print it takes a tenth of all requests'
    time, and seconds of a core for a traceback, in which it shows the local variables.
    """
    exception = event.pop("exception", "")
    return "\n".join(filter(None, (" ".join(f"{name}={value}" for name, value in event.items()), exception)))


structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.processors.format_exc_info,
        structlog.processors.TimeStamper(fmt="%H:%M:%S"),
        _line,
    ]
)

_TEMPLATE = "entrepot_template"
_numbers = count(1)
GARBAGE = (20_000, 20, 20)
"""How seldom the collector looks, as in servers (entrepot.app.processes)."""


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Nobody looks for garbage among twelve thousand tests: not while they are found, which took a third longer, nor later. Among
    what comes then it is looked for as in a server, which else takes a twelfth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        gc.enable()


# No property fails for a slow machine, nor for what a fixture keeps between its examples.
settings.register_profile(
    "tests",
    deadline=None,
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
settings.load_profile("tests")


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of the test's own, for the data of a server that it starts."""
    with server_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of the maintenance database of a server that lives as long as the test process."""
    with server_directory() as directory, EmbeddedPostgres(directory, throwaway=True) as server:
        yield database_url_of(server.admin_url, "postgres")


@pytest.fixture(scope="session")
async def template_database(postgres: str) -> str:
    """The name of a database with the newest schema and no rows, to be cloned; nobody may stay connected to it."""
    admin = await asyncpg.connect(postgres)
    try:
        await admin.execute(f"CREATE DATABASE {_TEMPLATE}")
    finally:
        await admin.close()
    await migrate(database_url_of(postgres, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture
async def database_url(postgres: str, template_database: str) -> AsyncIterator[str]:
    """The URL of a migrated database of the test's own."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(postgres)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY FILE_COPY")
        yield database_url_of(postgres, name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's own database."""
    opened = await open_pool(database_url, min_size=1, max_size=8)
    try:
        yield opened
    finally:
        await opened.close()
