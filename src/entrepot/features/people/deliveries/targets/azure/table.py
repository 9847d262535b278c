"""The clients of Azure Table Storage: an entity per message, below its type."""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient as Client

from entrepot.domain.deliveries.connection_strings import required, storage_endpoint
from entrepot.features.people.deliveries.targets.azure.target import DEFAULT_NAME, Settings, secrets_of
from entrepot.features.people.deliveries.targets.azure.transport import OutgoingTransport
from entrepot.features.people.outgoing.client import Outgoing

MISSING = "TableNotFound"


class TableClient:
    """One table."""

    def __init__(self, outgoing: Outgoing, marketplace_id: int, settings: Settings, config: Any) -> None:
        self._table = Client(
            storage_endpoint(settings, "table"),
            config.get("OverrideTableName") or DEFAULT_NAME,
            credential=_credential(settings),
            transport=OutgoingTransport(outgoing, marketplace_id, secrets_of(settings)),
            retry_total=0,
        )

    async def put(self, entity: dict[str, str]) -> None:
        """Write an entity; make the table where there is none."""
        try:
            await self._table.upsert_entity(entity, mode=UpdateMode.REPLACE)
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) != MISSING:
                raise
            try:
                await self._table.create_table()
            except ResourceExistsError:
                """Another delivery has made it."""
            await self._table.upsert_entity(entity, mode=UpdateMode.REPLACE)

    async def close(self) -> None:
        await self._table.close()


def _credential(settings: Settings) -> AzureNamedKeyCredential | AzureSasCredential:
    signature = settings.get("sharedaccesssignature")
    if signature:
        return AzureSasCredential(signature)
    return AzureNamedKeyCredential(*required(settings, "AccountName", "AccountKey"))
