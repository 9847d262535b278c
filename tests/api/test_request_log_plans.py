"""What reads, and what trims, the log of requests has an index for it, however many others' rows there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.api.large_world import check_plans, large_world
from tests.api.marketplace import Api, Server
from tests.api.test_catalog_plans import recorded

from entrepot.app.settings import Settings
from entrepot.features.people.request_log.trimming import trim

PATH = "/entrepot/v1/requests"
NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
MANY = """
INSERT INTO logged_requests (marketplace_id, "ID", created_at, request_id, operation, method, path, status, microseconds)
SELECT m, n::text, $1::timestamptz - n * interval '1 minute', 'r' || n, 'Op.' || n % 30, 'GET', '/', 200, n
FROM generate_series($2::bigint, $2::bigint + 9) m, generate_series(1, 3000) n
"""


@pytest.fixture(scope="module")
async def large(
    settings: Settings, postgres: str, template_database: str
) -> AsyncIterator[tuple[Server, Api]]:
    """Ten marketplaces with as many requests, of which one exists."""
    async with large_world(settings, postgres, template_database, "requests", [MANY], NOW) as world:
        yield world


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (PATH, 1),
        (f"{PATH}?sortBy=!DateCreated&pageSize=50", 1),
        (f"{PATH}?sortBy=!DateCreated&pageSize=50&page=30", 1),
        (f"{PATH}?sortBy=!DateCreated&pageSize=50&page=60", 2),
        (f"{PATH}?Status=>=400&sortBy=!DateCreated", 2),
        (f"{PATH}?DateCreated=>2026-05-20T10:00:00Z&Operation=Op.1*&Count=>1", 2),
        (f"{PATH}?search=op.7&sortBy=!Milliseconds", 2),
        (f"{PATH}/R17", 4),
    ],
)
async def test_reading_it_takes_few_statements_with_an_index_each(
    large: tuple[Server, Api], monkeypatch: pytest.MonkeyPatch, path: str, most: int
) -> None:
    """An empty page, and all about a request, have one more for their caller, a page far from the start for its total."""
    server, api = large
    assert (await api.seller.get("/v1/me")).is_success
    with recorded(monkeypatch) as statements:
        answer = await api.seller.get(path)
    assert answer.is_success, answer.text
    assert 1 <= len(statements) <= most
    read = [each for each in statements if "logged_requests" in each[0]]
    assert read
    async with server.database.acquire() as connection:
        await check_plans(connection, read, {"logged_requests"})


async def test_the_newest_come_by_the_key_unsorted(
    large: tuple[Server, Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The console asks for them every other second."""
    server, api = large
    with recorded(monkeypatch) as statements:
        assert (await api.seller.get(f"{PATH}?sortBy=!DateCreated&pageSize=50")).is_success
    [(query, args)] = [each for each in statements if "logged_requests" in each[0]]
    async with server.database.acquire() as connection:
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *args))
    assert "Backward using pk_logged_requests" in plan
    assert "Sort" not in plan


async def test_trimming_reads_what_it_deletes(
    large: tuple[Server, Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, api = large
    async with server.database.acquire() as connection:
        other = api.marketplace_id + 1
        with recorded(monkeypatch) as statements:
            assert await trim(server.database, other, 2_900) == 100
        await check_plans(connection, statements, {"logged_requests"})
        count = "SELECT count(*), min(created_at) FROM logged_requests WHERE marketplace_id = $1"
        kept, others = [tuple(await connection.fetchrow(count, key)) for key in (other, other + 1)]
    assert (kept[0], others[0]) == (2_900, 3_000)
    assert kept[1] > others[1]
