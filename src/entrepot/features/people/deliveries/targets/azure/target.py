"""What the targets in Azure have in common: clients that are kept, loaded when they are needed first, and one way to fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from entrepot.domain.deliveries.connection_strings import ConnectionStringError, parts
from entrepot.features.people.deliveries.targets.connections import Closable, Connections
from entrepot.features.people.deliveries.targets.envelopes import UnreadableError
from entrepot.features.people.deliveries.targets.outcomes import delivered, refused
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.integrations.extras import EXTRA
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.outgoing.client import Outgoing
from entrepot.features.people.services import services

DEFAULT_NAME = "ordercloud"
"""Of containers, tables and databases (DC-6)."""

# At INFO they write every request.
logging.getLogger("azure").setLevel(logging.WARNING)

Client = TypeVar("Client", bound=Closable)
Settings = dict[str, str]
"""The parts of a connection string."""


class AzureTarget(Generic[Client]):
    """One kind of service. A subclass names its module and says how a message is put."""

    def __init__(self) -> None:
        self._connections: Connections[Client] = Connections()
        self._make: Callable[[Outgoing, int, Settings, Any], Client] | None = None

    def load(self) -> Callable[[Outgoing, int, Settings, Any], Client]:
        """Import what makes a client. It takes a second, hence in a thread. Raises ImportError."""
        raise NotImplementedError

    def put(self, client: Client, sending: Sending) -> Awaitable[None]:
        """Put one document. Putting it again changes nothing."""
        raise NotImplementedError

    async def deliver(self, sending: Sending) -> Answer:
        if self._make is None:
            try:
                self._make = await asyncio.to_thread(self.load)
            except ImportError:
                return refused(f"The server lacks the optional package {EXTRA}.")
        make = self._make
        outgoing, config = services(sending.call).outgoing, sending.config
        try:
            settings = parts(str(config["ConnectionString"]))
            async with self._connections.use(
                sending.marketplace_id,
                config,
                lambda: make(outgoing, sending.marketplace_id, settings, config),
            ) as client:
                await self.put(client, sending)
        except ConnectionStringError as error:
            return refused(str(error))
        except UnreadableError:
            return refused("The message cannot be read, or is larger than the service takes.")
        except Exception as error:  # noqa: BLE001 (the clients raise much besides their own errors, as of a key that is no Base64)
            from entrepot.features.people.deliveries.targets.azure.failures import answer_of

            return answer_of(error)
        return delivered()

    async def close(self) -> None:
        await self._connections.close()


def secrets_of(settings: Settings) -> list[str]:
    """What of a connection string must not come back."""
    names = ("accountkey", "sharedaccesskey", "sharedaccesssignature")
    return [settings[name] for name in names if settings.get(name)]
