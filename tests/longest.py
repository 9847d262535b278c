"""The tests that take longest, and start processes of their own, come first and one after the other.

Begun last, one of them would keep one process of the run at work when the others have nothing left; and beside one another they
would make each other slow, when all that they tell is what a server does in its time. What they start for all of a file, or of a
folder, is started in one process of the run, and not in each.
"""

from __future__ import annotations

import pytest

FIRST = (
    "tests/e2e/test_nobody_waits.py",
    "tests/e2e/test_trade_under_fire.py",
    "tests/api/test_killed_dispatchers.py",
    "tests/e2e/",
    "tests/console/test_pages.py",
    "tests/app/test_seed_command.py",
    "tests/api/test_product_index.py",
    # Of a Node process for Azure's storage.
    "tests/api/targets/test_targets.py",
    # Of a server that others share.
    "tests/conformance/test_seeding_tool.py",
    "tests/conformance/test_postman.py",
    "tests/conformance/test_javascript_sdk.py",
    "tests/conformance/test_portal_sdk.py",
    "tests/conformance/test_journeys.py",
    "tests/conformance/test_python_guides.py",
    "tests/conformance/test_tools.py",
    "tests/conformance/test_csharp_habits.py",
)
"""Files and folders, the longest tests first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All others stay as pytest-randomly has shuffled them: of several processes, the first is given these and some others, and the
    rest take from the end of that when they have done their own.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))
