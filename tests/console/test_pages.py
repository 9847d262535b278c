"""The console's pages in a browser, as people use them: each program of pages/ against a real server."""

from __future__ import annotations

import pytest
from tests.conformance.running import Shop
from tests.console.running import PAGES, go_through

PROGRAMS = sorted(path.name for path in PAGES.glob("*.test.js"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_pages(shop: Shop, browser: str, program: str) -> None:
    done = go_through(program, shop, browser)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests 0" not in done.stdout
