from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.running import Shop, install_chromium, install_node_packages, running_shop

from entrepot.declare.registry import Registry
from entrepot.features.registry import build_registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Every declaration of the server."""
    return build_registry()


@pytest.fixture(scope="session")
def shop(prepared: Path) -> Iterator[Shop]:
    """The real server, shared by the tests of one process: each makes what it needs under fresh IDs."""
    with running_shop(prepared) as running:
        yield running


@pytest.fixture(scope="session")
def node_packages() -> None:
    install_node_packages()


@pytest.fixture(scope="session")
def chromium() -> None:
    """For the pages of other servers that people log in at."""
    install_chromium()
