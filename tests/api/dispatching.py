"""A process that delivers, in the hands of a test: its services, and calls of the server's own in a marketplace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.api.marketplace import Api

from entrepot.app.asgi import open_services
from entrepot.declare.operation import chore
from entrepot.engine.call import Backend, Call
from entrepot.engine.principal import Principal
from entrepot.engine.standing import READ_EPOCH
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.services import Services
from entrepot.kernel.user_types import UserType

TESTING = chore("Tests.Own")


@asynccontextmanager
async def opened(api: Api) -> AsyncIterator[Backend]:
    """What another process on the same database has open."""
    server = api.server
    services: Services = await open_services(server.settings, server.database, server.clock)
    try:
        yield Backend(server.database, services, server.clock, server.settings.base_url)
    finally:
        services.passwords.close()
        await services.outgoing.close()
        await services.memory(Waking).close()


async def own_call(api: Api, backend: Backend) -> Call:
    """A call in the test's marketplace, as of its present security epoch."""
    acting = Principal(
        marketplace_id=api.marketplace_id,
        marketplace=api.marketplace,
        user_key=api.admin.key,
        user_id=api.admin.id,
        username=api.admin.username,
        user_type=UserType.SELLER,
        company_id=api.marketplace,
        client_id=api.client_id,
        roles=frozenset(),
        epoch=await api.value(READ_EPOCH),
    )
    return Call.of_server(TESTING, backend, acting)
