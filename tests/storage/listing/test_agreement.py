"""SQL and the plain evaluator give the same page for generated items and requests (FLT, SRCH, LIST rules)."""

import asyncpg
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.domain.listing.people import PEOPLE
from tests.domain.listing.strategies import people, queries
from tests.storage.listing.people_table import found, insert

from entrepot.domain.listing.evaluate import matches, page_of
from entrepot.domain.listing.request import ListRequest, read_list_request
from entrepot.kernel.errors import ApiError
from entrepot.kernel.recent import Recent
from entrepot.storage.listing import compile as compiling

HERE = 201


def readable(query: str) -> ListRequest | None:
    try:
        return read_list_request(query, PEOPLE)
    except ApiError:
        return None


@pytest.mark.parametrize("deep", [compiling.DEEP, 1])
@settings(max_examples=150)
@given(data=st.data())
async def test_sql_agrees_with_the_evaluator(
    connection: asyncpg.Connection, data: st.DataObject, deep: int
) -> None:
    """FLT-6, FLT-8, SRCH-1 to SRCH-7, LIST-2: the same IDs in the same order, and the same total; also where whatever is not the
    first page is looked for from the end that is nearer.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "DEEP", deep)
        patch.setattr(compiling, "_known", Recent(2**20))
        await agrees(connection, data)


async def agrees(connection: asyncpg.Connection, data: st.DataObject) -> None:
    items = data.draw(people())
    requests = [data.draw(queries(items)) for _ in range(6)]
    transaction = connection.transaction()
    await transaction.start()
    try:
        await insert(connection, HERE, items)
        for query in requests:
            request = readable(query)
            if request is None:
                continue
            note(query)
            expected = [item["ID"] for item in page_of(items, request, PEOPLE)]
            total = sum(matches(item, request) for item in items)
            assert await found(connection, HERE, request) == (expected, total)
    finally:
        await transaction.rollback()
