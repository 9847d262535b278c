"""A process that delivers, in the hands of a test: its services, what it is told, and one dispatcher."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from tests.api.marketplace import Api

from entrepot.app.asgi import open_services
from entrepot.declare.operation import chore
from entrepot.engine.call import Backend, Call
from entrepot.engine.principal import Principal
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.units import writing
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.events import URL, Event, EventKind, Outbound
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.services import Services
from entrepot.kernel.user_types import UserType
from entrepot.worker.dispatcher import outgoing_of_deliveries

TESTING = chore("Tests.Own")
HASH_KEY = "my-secret"


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    """To the webhook that the facts name, or a delivery configuration of it, as many times as they say."""
    if "raises" in event.facts:
        raise RuntimeError(event.facts["raises"])
    facts: dict[str, Any] = {**event.facts, **event.confidential}
    body = json.dumps(facts).encode() + b" " * facts.get("blanks", 0)
    about = facts.get("about", event.aggregate)
    return [
        Outbound(
            integration="Webhook",
            integration_id=facts["hook"],
            target="Http" if "config" in facts else URL,
            config_id=facts.get("config"),
            body=body,
            aggregate=f"{about}/{time}" if time else about,
        )
        for time in range(facts.get("times", 1))
    ]


TOLD = EventKind(name="TestTold", expand=_expand)


@asynccontextmanager
async def opened(api: Api) -> AsyncIterator[Backend]:
    """What another process on the same database has open. It knows a kind of event of the tests' own."""
    server = api.server
    services: Services = await open_services(server.settings, server.database, server.clock)
    services = replace(services, events={**services.events, TOLD.name: TOLD})
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
        epoch=await api.value(READ_EPOCH.bound("marketplace_id")),
    )
    return Call.of_server(TESTING, backend, acting)


@dataclass
class Post:
    """One marketplace with a dispatcher that runs when it is told to."""

    api: Api
    backend: Backend
    dispatcher: Dispatcher

    async def hook(self, hook_id: str, url: str, **values: Any) -> None:
        """A webhook of this ID, or another URL for it."""
        usual = {"Name": hook_id, "Url": url, "HashKey": HASH_KEY}
        answer = await self.api.seller.put(f"/v1/webhooks/{hook_id}", json={**usual, **values})
        assert answer.status_code in {200, 201}, answer.text

    async def tell(self, of: str, confidential: dict[str, Any] | None = None, **facts: Any) -> None:
        """An event about something, in a unit of its own."""
        call = await own_call(self.api, self.backend)
        async with writing(call):
            await tell(call, call.marketplace_id, TOLD.name, of, facts, confidential=confidential)

    async def settle(self) -> None:
        """What is due now is done."""
        await self.dispatcher.settle(self.api.marketplace_id)

    async def rows(self, columns: str = "*") -> list[asyncpg.Record]:
        """The deliveries in their order."""
        return await self.api.rows(f"SELECT {columns} FROM deliveries WHERE marketplace_id = $1 ORDER BY key")

    async def states(self) -> list[tuple[str, int]]:
        """Status and attempts of each delivery."""
        return [(row["status"], row["attempts"]) for row in await self.rows()]


@asynccontextmanager
async def posting(api: Api) -> AsyncIterator[Post]:
    """A process that delivers what its marketplace's tests tell it."""
    async with opened(api) as backend:
        dispatcher = Dispatcher(backend, outgoing_of_deliveries(private=True))
        try:
            yield Post(api, backend, dispatcher)
        finally:
            dispatcher.stop()
            await dispatcher.run()
