"""The clients of Azure Blob Storage: a blob per message, `<type>/<delivery>.json`."""

from __future__ import annotations

from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContentSettings
from azure.storage.blob.aio import ContainerClient

from entrepot.domain.deliveries.connection_strings import required, storage_endpoint
from entrepot.features.people.deliveries.targets.azure.target import DEFAULT_NAME, Settings, secrets_of
from entrepot.features.people.deliveries.targets.azure.transport import OutgoingTransport
from entrepot.features.people.outgoing.client import Outgoing

JSON = ContentSettings(content_type="application/json; charset=utf-8")
MISSING = "ContainerNotFound"


class BlobClient:
    """One container."""

    def __init__(self, outgoing: Outgoing, marketplace_id: int, settings: Settings, config: Any) -> None:
        self._container = ContainerClient(
            storage_endpoint(settings, "blob"),
            config.get("OverrideContainerName") or DEFAULT_NAME,
            credential=credential(settings),
            transport=OutgoingTransport(outgoing, marketplace_id, secrets_of(settings)),
            retry_total=0,
        )

    async def put(self, name: str, body: bytes) -> None:
        """Write a blob; make the container where there is none."""
        try:
            await self._container.upload_blob(name, body, overwrite=True, content_settings=JSON)
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) != MISSING:
                raise
            try:
                await self._container.create_container()
            except ResourceExistsError:
                """Another delivery has made it."""
            await self._container.upload_blob(name, body, overwrite=True, content_settings=JSON)

    async def close(self) -> None:
        await self._container.close()


def credential(settings: Settings) -> Any:
    """The account's key, or a signature that somebody has made with it. Raises ConnectionStringError."""
    from azure.core.credentials import AzureSasCredential

    signature = settings.get("sharedaccesssignature")
    if signature:
        return AzureSasCredential(signature)
    name, key = required(settings, "AccountName", "AccountKey")
    return {"account_name": name, "account_key": key}
