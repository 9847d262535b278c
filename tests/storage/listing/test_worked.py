"""The worked sets in SQL, beside a second marketplace whose rows must never show."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.domain.listing.people import PEOPLE, WORKED
from tests.domain.listing.worked import FOUND, ORDER
from tests.storage.listing.people_table import found, insert

from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import ApiError

HERE, ELSEWHERE = 101, 102


@pytest.fixture(scope="module", autouse=True)
async def worked_set(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await insert(connection, HERE, WORKED)
    await insert(connection, ELSEWHERE, WORKED)
    yield
    await connection.execute(f"DELETE FROM people WHERE marketplace_id IN ({HERE}, {ELSEWHERE})")


async def answer(connection: asyncpg.Connection, query: str) -> str:
    try:
        request = read_list_request(query, PEOPLE)
    except ApiError as error:
        return error.code
    ids, total = await found(connection, HERE, request)
    assert total == len(ids)
    return "".join(ids)


@pytest.mark.parametrize(("query", "expected"), FOUND.items())
async def test_found(connection: asyncpg.Connection, query: str, expected: str) -> None:
    """FLT-2, FLT-6, FLT-7, FLT-8, SRCH-1, SRCH-2."""
    answered = await answer(connection, query)
    assert (answered if "." in expected else "".join(sorted(answered))) == expected


@pytest.mark.parametrize(("query", "expected"), ORDER.items())
async def test_order(connection: asyncpg.Connection, query: str, expected: str) -> None:
    """SRCH-3, SRCH-5, SRCH-6, SRCH-7."""
    assert await answer(connection, query) == expected
