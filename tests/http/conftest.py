from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.http.driver import started
from tests.http.shop import Doorman, shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from entrepot.http.asgi import App


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest.fixture
async def app(doorman: Doorman) -> AsyncIterator[App]:
    async with started(shop(doorman)) as running:
        yield running
