"""A database with the table of people."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.storage.listing.people_table import DDL

from entrepot.storage.embedded import database_url_of


@pytest.fixture(scope="session")
async def listing_url(postgres: str) -> str:
    admin = await asyncpg.connect(postgres)
    await admin.execute("CREATE DATABASE listing")
    await admin.close()
    url = database_url_of(postgres, "listing")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin")
    await connection.execute(DDL)
    await connection.close()
    return url


@pytest.fixture(scope="session")
async def connection(listing_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(listing_url)
    yield opened
    await opened.close()
