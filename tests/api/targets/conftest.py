"""Counterparts of targets: what they deliver to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.api.dispatching import opened, own_call
from tests.api.marketplace import Api
from tests.api.targets.azurite import Azurite, running_azurite
from tests.api.targets.cluster import Cluster, running_cluster

from entrepot.engine.call import Call


@pytest.fixture
async def call(api: Api) -> AsyncIterator[Call]:
    """A call of the server's own, as a dispatcher has it."""
    async with opened(api) as backend:
        yield await own_call(api, backend)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Kafka cluster."""
    with running_cluster() as made:
        yield made


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Azure's storage, emulated."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as made:
        yield made
