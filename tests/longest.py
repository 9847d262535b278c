"""The tests that take longest, and start processes of their own, come first: in each process of the run those of one lane.

Begun last, one of them would keep one process of the run at work when the others have nothing left; and so would all of them in
one process. Those that are of a lane come one after the other: beside one another they would make each other slow, when all that
they tell is what a server does in its time, and what they start for all of a file, or of a folder, is started once.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

import pytest

LANES = (
    (
        "tests/e2e/test_nobody_waits.py",
        "tests/e2e/test_trade_under_fire.py",
        "tests/api/test_killed_dispatchers.py",
        "tests/e2e/",
    ),
    (
        # Beside the first of the other lane stands nothing that takes more than its share of the machine, as a browser does.
        "tests/api/test_product_index.py",
        # Of a server that others share.
        "tests/conformance/test_javascript_sdk.py",
        "tests/conformance/test_portal_sdk.py",
        "tests/conformance/test_journeys.py",
        "tests/console/test_pages.py",
        "tests/console/test_wheel.py",
    ),
    (
        # Of a Node process for Azure's storage.
        "tests/api/targets/test_targets.py",
        "tests/app/test_seed_command.py",
        "tests/conformance/test_seeding_tool.py",
        "tests/conformance/test_postman.py",
        # Of packages that are made and installed once.
        "tests/testing/",
        "tests/conformance/test_python_guides.py",
        "tests/conformance/test_tools.py",
        "tests/conformance/test_csharp_habits.py",
    ),
)
"""Files and folders, the longest tests of a lane first."""

Test = TypeVar("Test")

FIRST = tuple(place for lane in LANES for place in lane)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All others stay as pytest-randomly has shuffled them."""
    lanes: list[list[pytest.Item]] = [[] for _ in LANES]
    others: list[pytest.Item] = []
    for item in sorted(items, key=lambda item: _place(_file(item))):
        lane = _lane(_file(item))
        (others if lane is None else lanes[lane]).append(item)
    items[:] = shared(lanes, others, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def shared(lanes: Sequence[Sequence[Test]], others: Sequence[Test], processes: int) -> list[Test]:
    """Each process is given one part of the whole, the first of them the first (xdist's worksteal), and when it has done that takes
    from the end of another's. So each part begins with a lane, and goes on with its share of the others.
    """
    whole = [*(test for lane in lanes for test in lane), *others]
    if processes != len(lanes):
        return whole
    left, order, rest = len(whole), [], iter(others)
    for number, lane in enumerate(lanes):
        part = left // (processes - number)
        left -= part
        order += [*lane, *islice(rest, max(0, part - len(lane)))]
    return [*order, *rest]


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@functools.cache
def _lane(file: str) -> int | None:
    return next((lane for lane, places in enumerate(LANES) if file.startswith(places)), None)


@functools.cache
def _place(file: str) -> int:
    return next((place for place, start in enumerate(FIRST) if file.startswith(start)), len(FIRST))
