"""Tables of cases that one test tries.

A case by itself costs pytest and xdist 3 ms of a core, which is more than many a request: what is asked of each of hundreds of
operations is asked by area.
"""

from __future__ import annotations

import functools
import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

import pytest

Row = TypeVar("Row")


async def each(rows: Collection[Row], tried: Callable[[Row], Awaitable[None]]) -> None:
    """Tries every row, of which there is at least one, also after one has failed. Raises all failures in one group, each with a note of its
    row.
    """
    assert rows, "a table without rows tries nothing"
    failures = []
    for row in rows:
        try:
            await tried(row)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the next row is tried
            failure.add_note(f"at {row}")
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(rows)} rows", failures)


def by(area: Callable[[Row], str], rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each area, in their order."""
    areas: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        areas[area(row)].append(row)
    return dict(areas)


def tabled(areas: Mapping[str, Collection[Row]]) -> Callable[[Callable[..., Awaitable[None]]], Any]:
    """Makes of a test of one row, which is its first argument, a test of each area, which tries all rows of it."""

    def wrap(test: Callable[..., Awaitable[None]]) -> Any:
        _, *fixtures = inspect.signature(test).parameters.values()

        @functools.wraps(test)
        async def all_rows(area: str, **given: Any) -> None:
            await each(areas[area], functools.partial(test, **given))

        area = inspect.Parameter("area", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        all_rows.__signature__ = inspect.Signature([area, *fixtures])  # type: ignore[attr-defined]
        return pytest.mark.parametrize("area", areas)(all_rows)

    return wrap
