"""The official SDK of the portal, unmodified, drives it; the journeys are in node/portal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest
from tests.api.receiver import Received, receiving
from tests.conformance.running import NODE, Shop, node

from entrepot.app.database import run_on_database
from entrepot.app.portal import unsent
from entrepot.app.settings import Settings, read_settings

JOURNEYS = sorted(path.name for path in (NODE / "portal").glob("*.test.js"))


@pytest.fixture
def mail(shop: Shop) -> Iterator[str]:
    """A URL below which the newest mail to each address can be read, as by `entrepot portal messages`."""
    with receiving() as server:
        server.otherwise = partial(_newest, shop.demo_file.parent)
        yield server.url


def _newest(data: Path, request: Received) -> bytes:
    address = unquote(request.path.removeprefix("/"))

    async def read(settings: Settings, pool: asyncpg.Pool) -> bytes:
        return "\n".join(each.text for each in await unsent(pool, settings, address, 1)).encode()

    return run_on_database(read_settings({}, data_dir=data), read)


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
