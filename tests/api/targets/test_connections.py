"""Connections of targets are kept, bounded, and end by themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from entrepot.domain.deliveries.bootstrap_servers import bootstrap_servers
from entrepot.features.people.deliveries.targets.connections import (
    IDLE_SECONDS,
    MOST_OF_ALL,
    MOST_OF_ONE,
    Connections,
)
from entrepot.features.people.deliveries.targets.kafka.producer import Place, Producer
from entrepot.features.people.outgoing.client import Outgoing


@dataclass(eq=False)
class One:
    """A connection that knows whether it has ended."""

    ended: bool = False

    async def close(self) -> None:
        self.ended = True


@dataclass
class World:
    """What was connected, in order; a clock."""

    made: list[One] = field(default_factory=list)
    now: float = 0.0

    def connect(self) -> One:
        self.made.append(One())
        return self.made[-1]


async def used(kept: Connections[One], world: World, marketplace_id: int, setting: int) -> One:
    async with kept.use(marketplace_id, {"Setting": setting}, world.connect) as one:
        return one


async def test_kept_by_marketplace_and_settings() -> None:
    """Deliveries share one; another marketplace with the same settings does not; another setting is another connection."""
    world = World()
    kept: Connections[One] = Connections(lambda: world.now)
    ones = [await used(kept, world, *key) for key in ((1, 1), (1, 1), (2, 1), (1, 2), (1, 1))]
    assert [world.made.index(each) for each in ones] == [0, 0, 1, 2, 0]
    await kept.close()
    assert [each.ended for each in world.made] == [True] * 3
    assert len(kept) == 0


async def test_idle_ones_end() -> None:
    world = World()
    kept: Connections[One] = Connections(lambda: world.now)
    old = await used(kept, world, 1, 1)
    world.now = 1
    async with kept.use(1, {"Setting": 2}, world.connect) as busy:
        newer = await used(kept, world, 1, 3)
        world.now = IDLE_SECONDS
        kept.expire()
        await asyncio.gather(*kept._closing)
        assert (old.ended, newer.ended, busy.ended) == (True, False, False)
        world.now = 10 * IDLE_SECONDS
        kept.expire()
        await asyncio.gather(*kept._closing)
        assert (newer.ended, busy.ended) == (True, False)
    await kept.close()
    assert busy.ended


async def test_bounded() -> None:
    """The one that was used longest ago makes room, of one marketplace and of all; none that is in use."""
    world = World()
    kept: Connections[One] = Connections(lambda: world.now)
    async with kept.use(1, {"Setting": -1}, world.connect) as busy:
        for setting in range(MOST_OF_ONE):
            await used(kept, world, 1, setting)
        await used(kept, world, 1, 1)
        assert len(kept) == MOST_OF_ONE
        for marketplace_id in range(2, MOST_OF_ALL + 50):
            await used(kept, world, marketplace_id, 1)
        await asyncio.gather(*kept._closing)
        assert len(kept) == MOST_OF_ALL
        assert not busy.ended
        assert [each.ended for each in world.made].count(False) == MOST_OF_ALL
        assert not world.made[-1].ended
    await kept.close()


@dataclass
class Broker:
    """Stands for a connection to a broker."""

    alive: bool = True
    closed: int = 0

    def connected(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.closed += 1


async def test_what_a_broker_has_closed_is_closed_here_before_another_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DC-1: at the end of what the other side has said a connection is still open until this side closes it."""
    outgoing, made = Outgoing(private=True), [Broker(), Broker()]
    producer = Producer(outgoing, bootstrap_servers("PLAINTEXT://a:1"), "t", "", "")
    opened = iter(made)

    async def connect(_: Producer, __: Place) -> Broker:
        return next(opened)

    monkeypatch.setattr(Producer, "_connect", connect)
    first = await producer._connected(("a", 1))
    assert await producer._connected(("a", 1)) is first
    made[0].alive = False
    second: Any = await producer._connected(("a", 1))
    assert (second, made[0].closed, made[1].closed) == (made[1], 1, 0)
    await outgoing.close()
