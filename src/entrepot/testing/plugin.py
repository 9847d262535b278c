"""The pytest plugin: fixtures, and where they find their server. Loaded in every run, so that it imports nothing else at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from entrepot.testing.clock import Clock
    from entrepot.testing.mailbox import Mailbox
    from entrepot.testing.marketplace import Marketplace
    from entrepot.testing.receiver import Receiver
    from entrepot.testing.run import Run
    from entrepot.testing.server import Server

URL, SEED, KEY = "entrepot_url", "entrepot_seed", "ENTREPOT_TEST_BENCH_KEY"
_RUN = pytest.StashKey["Run"]()
_HANDED_ON = "entrepot_testing_directory"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("entrepot", "Entrepot")
    group.addoption(
        "--entrepot-url", help=f"A server that runs with {KEY}; else one is started. [ENTREPOT_URL]"
    )
    group.addoption(
        "--entrepot-seed", help="Of what marketplaces are made: demo, or a seed file. [ENTREPOT_SEED]"
    )
    parser.addini(URL, f"A server that runs with {KEY}; else one is started.")
    parser.addini(SEED, "Of what marketplaces are made: demo, or a seed file.")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """pytest-xdist is about to start one of its processes: all of them use one server, which ends with this process."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    if not _said(config, URL):
        node.workerinput[_HANDED_ON] = str(_run(config).directory)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Also after Ctrl-C."""
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.end()


@pytest.fixture(scope="session")
def entrepot_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server of this run: the one that is named, else one that is started on a free port of this machine, with a data directory of
    its own.
    """
    try:
        import httpx  # noqa: F401
    except ImportError:
        pytest.fail("The fixtures of Entrepot need httpx: pip install 'entrepot[testing]'", pytrace=False)
    from entrepot.testing.server import NoServerError, Server
    from entrepot.testing.sharing import shared_server

    url, seed = _said(pytestconfig, URL), _seed(pytestconfig)
    try:
        if url:
            key = os.environ.get(KEY)
            if not key:
                raise NoServerError(f"{KEY} has to be the key with which the server at {url} was started.")
            server = Server(url, key, seed)
        else:
            handed_on = getattr(pytestconfig, "workerinput", {}).get(_HANDED_ON)
            directory = Path(handed_on) if handed_on else _run(pytestconfig).directory
            server = shared_server(directory, seed)
    except NoServerError as error:
        pytest.fail(str(error), pytrace=False)
    with closing(server):
        yield server


@pytest.fixture
def marketplace(entrepot_server: Server, request: pytest.FixtureRequest) -> Iterator[Marketplace]:
    """A fresh marketplace, which is gone after the test."""
    from entrepot.testing.server import NoServerError, SeedError

    with ExitStack() as opened:
        try:
            made = opened.enter_context(entrepot_server.marketplace(name=request.node.name))
        except (NoServerError, SeedError) as error:
            pytest.fail(str(error), pytrace=False)
        yield made


@pytest.fixture
def clock(marketplace: Marketplace) -> Clock:
    """The clock of the test's marketplace."""
    return marketplace.clock


@pytest.fixture
def mailbox(marketplace: Marketplace) -> Mailbox:
    """The messages to people of the test's marketplace."""
    return marketplace.mailbox


@pytest.fixture
def receiver(marketplace: Marketplace) -> Receiver:
    """An address to which webhooks of the test's marketplace may send, and what has come there."""
    return marketplace.receiver()


def _run(config: pytest.Config) -> Run:
    run = config.stash.get(_RUN, None)
    if run is None:
        from entrepot.testing.run import Run

        run = config.stash[_RUN] = Run()
    return run


def _seed(config: pytest.Config) -> str | Path:
    """A file has an ending; its place is reckoned from that of the ini file."""
    said = _said(config, SEED) or "demo"
    return config.rootpath / said if Path(said).suffix else said


def _said(config: pytest.Config, name: str) -> str:
    """By flag, variable or ini file, in this order."""
    return str(config.getoption(name) or os.environ.get(name.upper()) or config.getini(name) or "")
