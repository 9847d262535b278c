"""Kafka: one message per delivery, with what its order is kept of as its key. An Azure event hub is one to those who use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.domain.deliveries.bootstrap_servers import BootstrapServers, bootstrap_servers
from entrepot.domain.deliveries.connection_strings import event_hub_place, parts
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.features.people.deliveries.targets.connections import Connections
from entrepot.features.people.deliveries.targets.outcomes import delivered
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.outgoing.names import ASKED_BY
from entrepot.features.people.services import services

if TYPE_CHECKING:
    from entrepot.features.people.deliveries.targets.kafka.producer import Producer

CONNECTION_STRING = "$ConnectionString"
"""The user name by which an event hub knows that the password is a connection string."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    producer: type[Producer]
    judge: Callable[[Exception], Answer]


class KafkaTarget:
    """A topic."""

    def __init__(self) -> None:
        self._connections: Connections[Producer] = Connections()
        self._loaded: _Loaded | None = None

    async def deliver(self, sending: Sending) -> Answer:
        loaded = self._loaded
        if loaded is None:
            loaded = self._loaded = await asyncio.to_thread(_load)
        outgoing = services(sending.call).outgoing
        ASKED_BY.set(sending.marketplace_id)
        headers = [(DELIVERY, sending.delivery_id.encode())]
        try:
            async with self._connections.use(
                sending.marketplace_id,
                sending.config,
                lambda: loaded.producer(outgoing, *self._settings(sending)),
            ) as producer:
                await producer.send(sending.aggregate.encode(), sending.body, headers)
        except Exception as error:  # noqa: BLE001 (what a broker answers may break the protocol in any way)
            return loaded.judge(error)
        return delivered()

    async def close(self) -> None:
        await self._connections.close()

    def _settings(self, sending: Sending) -> tuple[BootstrapServers, str, str, str]:
        config = sending.config
        topic, username, password = (
            str(config.get(name) or "") for name in ("Topic", "SaslUsername", "SaslPassword")
        )
        return bootstrap_servers(str(config["BootstrapServers"])), topic, username, password


class EventHubTarget(KafkaTarget):
    """An event hub, by its Kafka endpoint, which every tier but Basic has."""

    def _settings(self, sending: Sending) -> tuple[BootstrapServers, str, str, str]:
        text = str(sending.config["ConnectionString"]).strip()
        host, port, tls = event_hub_place(parts(text))
        servers = BootstrapServers(((host, port),), tls)
        return servers, str(sending.config["EventHubName"]), CONNECTION_STRING, text


def _load() -> _Loaded:
    """Import the protocol, which takes half a second, and what judges its failures."""
    from entrepot.features.people.deliveries.targets.kafka.failures import answer_of
    from entrepot.features.people.deliveries.targets.kafka.producer import Producer

    return _Loaded(Producer, answer_of)
