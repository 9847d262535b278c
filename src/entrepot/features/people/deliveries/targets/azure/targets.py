"""AzureBlob, AzureTable, CosmosDb: one JSON document per message (DC-6). A repeated delivery writes the same one again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from entrepot.engine.content import OFF_LOOP
from entrepot.features.people.deliveries.targets.azure.target import AzureTarget, Settings
from entrepot.features.people.deliveries.targets.envelopes import UnreadableError
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.client import Outgoing

if TYPE_CHECKING:
    from entrepot.features.people.deliveries.targets.azure.blob import BlobClient
    from entrepot.features.people.deliveries.targets.azure.cosmos import CosmosItems
    from entrepot.features.people.deliveries.targets.azure.table import TableClient

COLUMN_CHARACTERS = 30_000
"""Of a table's columns, each of which has 64 KiB in UTF-16."""
MOST_COLUMNS = 15
"""An entity has a megabyte."""


class AzureBlobTarget(AzureTarget["BlobClient"]):
    """A container."""

    def load(self) -> Callable[[Outgoing, int, Settings, Any], BlobClient]:
        from entrepot.features.people.deliveries.targets.azure.blob import BlobClient

        return BlobClient

    async def put(self, client: BlobClient, sending: Sending) -> None:
        await client.put(f"{_type(sending)}/{sending.delivery_id}.json", sending.body)


class AzureTableTarget(AzureTarget["TableClient"]):
    """A table."""

    def load(self) -> Callable[[Outgoing, int, Settings, Any], TableClient]:
        from entrepot.features.people.deliveries.targets.azure.table import TableClient

        return TableClient

    async def put(self, client: TableClient, sending: Sending) -> None:
        await client.put(entity(_type(sending), sending.delivery_id, sending.body))


class CosmosDbTarget(AzureTarget["CosmosItems"]):
    """A database."""

    def load(self) -> Callable[[Outgoing, int, Settings, Any], CosmosItems]:
        from entrepot.features.people.deliveries.targets.azure.cosmos import CosmosItems

        return CosmosItems

    async def put(self, client: CosmosItems, sending: Sending) -> None:
        large = len(sending.body) > OFF_LOOP
        document = await asyncio.to_thread(_document, sending.body) if large else _document(sending.body)
        await client.put({"id": sending.delivery_id, "type": _type(sending), **document})


def _type(sending: Sending) -> str:
    return sending.type or sending.integration


def entity(kind: str, delivery_id: str, body: bytes) -> dict[str, str]:
    """The body in as many columns as it needs: Document, Document2 ... Raises UnreadableError for more than it may have."""
    text = body.decode("utf-8", "replace")
    pieces = [text[start : start + COLUMN_CHARACTERS] for start in range(0, len(text), COLUMN_CHARACTERS)]
    if len(pieces) > MOST_COLUMNS:
        raise UnreadableError
    columns = {
        "Document" if place == 1 else f"Document{place}": piece for place, piece in enumerate(pieces, 1)
    }
    return {"PartitionKey": kind, "RowKey": delivery_id, **columns}


def _document(body: bytes) -> dict[str, Any]:
    # Their client writes JSON with the standard library, which knows no decimals; nor does the service.
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error
    if not isinstance(value, dict):
        raise UnreadableError
    return value
