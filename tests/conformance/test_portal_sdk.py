"""The official SDK of the portal, unmodified, drives it; the journeys are in node/portal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest
from tests.conformance.portal_mail import reading_mail
from tests.conformance.running import NODE, Shop, node

JOURNEYS = sorted(path.name for path in (NODE / "portal").glob("*.test.js"))


@pytest.fixture
def mail(shop: Shop) -> Iterator[str]:
    with reading_mail(shop) as url:
        yield url


@pytest.mark.usefixtures("node_packages")
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(shop: Shop, mail: str, journey: str) -> None:
    variables = {"ENTREPOT_PYTHON": sys.executable, "ENTREPOT_MAIL": mail}
    done = node("--test-reporter=tap", f"portal/{journey}", shop=shop, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    # A file in which no test ran would succeed as well.
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 0
