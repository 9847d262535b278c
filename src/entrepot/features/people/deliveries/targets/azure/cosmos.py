"""The clients of Azure Cosmos DB: an item per message, in the container `messages`, partitioned by type."""

from __future__ import annotations

import asyncio
from typing import Any

from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient

from entrepot.domain.deliveries.connection_strings import checked_url, required
from entrepot.features.people.deliveries.targets.azure.target import DEFAULT_NAME, Settings, secrets_of
from entrepot.features.people.deliveries.targets.azure.transport import OutgoingTransport
from entrepot.features.people.outgoing.client import Outgoing

CONTAINER = "messages"
PARTITION = "/type"


class CosmosItems:
    """One container of a database."""

    def __init__(self, outgoing: Outgoing, marketplace_id: int, settings: Settings, config: Any) -> None:
        endpoint, key = required(settings, "AccountEndpoint", "AccountKey")
        self._client = CosmosClient(
            checked_url(endpoint),
            credential=key,
            transport=OutgoingTransport(outgoing, marketplace_id, secrets_of(settings)),
            retry_total=0,
            retry_connect=0,
            retry_throttle_total=0,
        )
        self._database = config.get("OverrideDatabaseName") or DEFAULT_NAME
        self._container: ContainerProxy | None = None
        self._opening = asyncio.Lock()

    async def put(self, item: dict[str, Any]) -> None:
        """Write an item; make database and container where there are none."""
        async with self._opening:
            if self._container is None:
                await self._client.__aenter__()
                database = await self._client.create_database_if_not_exists(self._database)
                self._container = await database.create_container_if_not_exists(
                    CONTAINER, PartitionKey(PARTITION)
                )
        await self._container.upsert_item(item)

    async def close(self) -> None:
        await self._client.close()
