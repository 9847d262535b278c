"""Whatever fails in a table of cases is told of, with its row."""

from __future__ import annotations

import pytest
from tests.rows import by, each, tabled


async def test_all_rows_are_tried_and_all_that_fail_told_of() -> None:
    tried = []

    async def odd(row: int) -> None:
        tried.append(row)
        assert row % 2, "even"

    with pytest.raises(ExceptionGroup) as failed:
        await each(range(5), odd)
    assert tried == [0, 1, 2, 3, 4]
    assert failed.value.message == "3 of 5 rows"
    assert [failure.__notes__ for failure in failed.value.exceptions] == [["at 0"], ["at 2"], ["at 4"]]
    await each((1, 3), odd)


async def test_a_table_without_rows_fails() -> None:
    async def never(row: int) -> None:
        raise NotImplementedError

    with pytest.raises(AssertionError, match="tries nothing"):
        await each([], never)


def test_areas_hold_all_rows() -> None:
    assert by(lambda row: row[0], ["ab", "ba", "ac"]) == {"a": ["ab", "ac"], "b": ["ba"]}


_AREAS = {"odd": [1, 3], "even": [2]}


@pytest.fixture
def kept() -> str:
    return "a fixture"


@tabled(_AREAS)
async def test_a_test_of_a_row_becomes_one_of_each_area(
    row: int, kept: str, request: pytest.FixtureRequest
) -> None:
    """It has the fixtures that it asks for, and the row as its first argument."""
    assert kept == "a fixture"
    assert row in _AREAS[request.node.callspec.params["area"]]


async def test_a_table_tells_of_its_rows() -> None:
    @tabled(_AREAS)
    async def never(row: int) -> None:
        raise AssertionError(row)

    with pytest.raises(ExceptionGroup) as failed:
        await never("odd")
    assert [str(failure) for failure in failed.value.exceptions] == ["1", "3"]
