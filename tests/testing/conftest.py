from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.running import BENCH_KEY, Shop, install_node_packages, running_shop
from tests.directories import server_directory
from tests.prepared import CHEAP_HASHES, made_once
from tests.strict import ROOT

from entrepot.testing import Marketplace, Server

PACKAGE = ROOT / "packages/testing-js"


@pytest.fixture(scope="session")
def shop(prepared: Path) -> Iterator[Shop]:
    """A server that runs, shared by the tests of one process."""
    with running_shop(prepared) as running:
        yield running


@pytest.fixture(scope="session")
def entrepot_server(shop: Shop) -> Iterator[Server]:
    """The same, as tests of others know it."""
    server = Server(shop.url, BENCH_KEY)
    yield server
    server.close()


@pytest.fixture
def marketplace(entrepot_server: Server) -> Iterator[Marketplace]:
    """As the plugin's, which is not among the plugins of this run."""
    with entrepot_server.marketplace() as made:
        yield made


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A directory for temporary files of a run's own: what it leaves there is seen."""
    with server_directory() as directory:
        yield directory


@pytest.fixture
def environment(temporary: Path) -> dict[str, str]:
    """Of a run that knows neither of a server nor of this run."""
    of_this_run = ("ENTREPOT_", "PYTEST_", "PYTHON")
    known = {name: value for name, value in os.environ.items() if not name.startswith(of_this_run)}
    return {**known, **CHEAP_HASHES, "TMPDIR": str(temporary)}


@pytest.fixture(scope="session")
def command(installed: Path, prepared: Path) -> str:
    """The wheel's `entrepot`, whose first start is a later one: it gets a copy of what another server has made."""
    return shlex.join(
        [
            sys.executable,
            str(Path(__file__).parent / "started.py"),
            str(prepared),
            str(installed / "entrepot"),
        ]
    )


@pytest.fixture(scope="session")
def package() -> Path:
    """What `npm pack` makes of @entrepot/testing; its types are checked on the way."""
    install_node_packages(PACKAGE)

    def pack(place: Path) -> None:
        place.mkdir()
        subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", place],
            cwd=PACKAGE,
            check=True,
            stdin=subprocess.DEVNULL,
        )

    (packed,) = made_once("npm", pack).glob("*.tgz")
    return packed
