"""The tests that take longest, and start processes of their own, come first and one after the other.

Begun last, one of them would keep one process of the run at work when the other has nothing left; and beside one another they
would make each other slow, when all that they tell is what a server does in its time.
"""

from __future__ import annotations

import pytest

FIRST = (
    "tests/e2e/test_nobody_waits.py",
    "tests/e2e/test_trade_under_fire.py",
    "tests/api/test_killed_dispatchers.py",
    "tests/e2e/",
    "tests/app/test_seed_command.py",
    "tests/api/test_product_index.py",
)
"""Files and folders, the longest tests first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All others stay as pytest-randomly has shuffled them: of two processes, one is given the first half, and the other takes
    from the end of it when it has done its own.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))
