"""Writes single messages to one topic, each confirmed by all replicas in sync before the next step."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import errors
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from entrepot.domain.deliveries.bootstrap_servers import BootstrapServers
from entrepot.features.people.deliveries.targets.kafka.connection import (
    REQUEST_LIMIT_MS,
    BrokerConnection,
    Login,
)
from entrepot.features.people.outgoing.bulkheads import RefusedCallError
from entrepot.features.people.outgoing.client import Outgoing

MECHANISMS = ("PLAIN", "SCRAM-SHA-512", "SCRAM-SHA-256")
"""In the order in which they are tried; without TLS the password itself is sent last of all."""
MOVED = (
    errors.NotLeaderForPartitionError,
    errors.LeaderNotAvailableError,
    errors.ReplicaNotAvailableError,
    errors.UnknownTopicOrPartitionError,
    errors.KafkaConnectionError,
)
"""What may mean that another broker leads by now."""
ALL_IN_SYNC = -1
CLOSE_LIMIT = 2.0
"""Seconds for which a broker may take part in the end of a connection."""

Place = tuple[str, int]


@dataclass(slots=True)
class _Topic:
    leaders: dict[int, Place] = field(default_factory=dict)
    """By partition; those without a leader at present are missing."""
    partitions: list[int] = field(default_factory=list)


class Producer:
    """Connections to the brokers of one cluster, and where one topic's partitions lie."""

    def __init__(
        self, outgoing: Outgoing, servers: BootstrapServers, topic: str, username: str, password: str
    ) -> None:
        self._outgoing = outgoing
        self._servers = servers
        self._topic = topic
        self._credentials = (username, password)
        self._mechanism: str | None = None
        self._connections: dict[Place, BrokerConnection] = {}
        self._known: _Topic | None = None
        self._connecting = asyncio.Lock()

    async def send(self, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> None:
        """Write one message. Raises RefusedCallError, OSError, TimeoutError, KafkaError."""
        batch = _batch(key, value, headers)
        if self._known is not None:
            try:
                return await self._produce(self._known, key, batch)
            except TimeoutError:
                # Once more would take longer than an attempt has.
                raise
            except (*MOVED, OSError):
                self._known = None
        self._known = await self._look_up()
        return await self._produce(self._known, key, batch)

    async def close(self) -> None:
        """Close all connections."""
        closing = [each.close() for each in self._connections.values()]
        self._connections.clear()
        ending = [each for each in closing if each is not None]
        if ending:
            await asyncio.wait(ending, timeout=CLOSE_LIMIT)

    async def _produce(self, topic: _Topic, key: bytes, batch: bytes) -> None:
        if not topic.partitions:
            raise errors.LeaderNotAvailableError
        partition = DefaultPartitioner()(key, topic.partitions, topic.partitions)
        leader = topic.leaders.get(partition)
        if leader is None:
            raise errors.LeaderNotAvailableError
        connection = await self._connected(leader)
        topics = [(self._topic, [(partition, batch)])]
        answer = await connection.send(ProduceRequest(None, ALL_IN_SYNC, REQUEST_LIMIT_MS, topics))
        for _, partitions in answer.topics:
            for outcome in partitions:
                _check(outcome[1])

    async def _look_up(self) -> _Topic:
        """Ask the first server that answers."""
        for place in self._servers.places[:-1]:
            try:
                return await self._ask(place)
            except (OSError, TimeoutError, errors.KafkaConnectionError):
                continue
        return await self._ask(self._servers.places[-1])

    async def _ask(self, place: Place) -> _Topic:
        connection = await self._connected(place)
        answer = await connection.send(MetadataRequest([self._topic], allow_auto_topic_creation=False))
        brokers = {broker[0]: (str(broker[1]), int(broker[2])) for broker in answer.brokers}
        found = _Topic()
        for topic in answer.topics:
            _check(topic[0])
            for partition in topic[-1]:
                found.partitions.append(partition[1])
                if partition[2] in brokers:
                    found.leaders[partition[1]] = brokers[partition[2]]
        found.partitions.sort()
        return found

    async def _connected(self, place: Place) -> BrokerConnection:
        async with self._connecting:
            known = self._connections.get(place)
            if known is not None and known.connected():
                return known
            if known is not None:
                # The broker has closed it: until this side has, too, its transport is open.
                del self._connections[place]
                known.close()
            connection = await self._connect(place)
            self._connections[place] = connection
            return connection

    async def _connect(self, place: Place) -> BrokerConnection:
        """With the first mechanism that the cluster takes."""
        context = await self._context()
        for mechanism in self._mechanisms():
            login = Login(context, mechanism, *self._credentials)
            connection = BrokerConnection(self._outgoing, *place, login)
            try:
                await connection.connect()
            except errors.UnsupportedSaslMechanismError:
                continue
            self._mechanism = mechanism
            return connection
        raise errors.UnsupportedSaslMechanismError

    def _mechanisms(self) -> Sequence[str | None]:
        if not self._servers.sasl:
            return (None,)
        if self._mechanism is not None:
            return (self._mechanism,)
        return MECHANISMS if self._servers.tls else MECHANISMS[::-1]

    async def _context(self) -> ssl.SSLContext | None:
        if self._servers.tls:
            return await self._outgoing.authorities()
        if not self._outgoing.private:
            raise RefusedCallError("Without TLS no server is spoken to.")
        return None


def _batch(key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        # The first message is taken whatever its size.
        batch_size=len(value),
    )
    builder.append(0, None, key, value, list(headers))
    return bytes(builder.build())


def _check(code: int) -> None:
    if code:
        raise errors.for_code(code)
