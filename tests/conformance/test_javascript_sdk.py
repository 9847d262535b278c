"""The official JavaScript SDK 12 drives the server; the journeys are in node/journeys."""

from __future__ import annotations

import re

import pytest
from tests.conformance.running import NODE, Shop, node

JOURNEYS = sorted(path.name for path in (NODE / "journeys").glob("*.test.js"))


@pytest.mark.usefixtures("node_packages")
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(shop: Shop, journey: str) -> None:
    done = node("--test-reporter=tap", f"journeys/{journey}", shop=shop)
    assert done.returncode == 0, done.stdout + done.stderr
    # A file in which no test ran would succeed as well.
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 0
