from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.running import Shop, install_chromium, install_node_packages, running_shop
from tests.console.running import HERE, build_console, running_browser


@pytest.fixture(scope="session")
def console() -> None:
    build_console()


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    """The address of a browser that the programs of one process share."""
    install_node_packages(HERE)
    install_chromium()
    with running_browser() as address:
        yield address


@pytest.fixture(scope="session")
def shop(console: None, prepared: Path) -> Iterator[Shop]:
    """The real server with its console, shared by the tests of one process."""
    with running_shop(prepared) as running:
        yield running
