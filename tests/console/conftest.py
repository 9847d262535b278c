from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.running import Shop, install_chromium, running_shop
from tests.console.running import build_console, install_packages


@pytest.fixture(scope="session")
def console() -> None:
    build_console()


@pytest.fixture(scope="session")
def browser() -> None:
    install_packages()
    install_chromium()


@pytest.fixture(scope="session")
def shop(console: None, prepared: Path) -> Iterator[Shop]:
    """The real server with its console, shared by the tests of one process."""
    with running_shop(prepared) as running:
        yield running
