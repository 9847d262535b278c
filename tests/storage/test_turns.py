"""Turns: a tenant never holds more than its share, lines are served in turn and in order, and no place is ever lost."""

import asyncio
import random
from collections import Counter

import pytest

from entrepot.kernel.errors import BusyError
from entrepot.storage.turns import Tenant, Turns


async def take(turns: Turns, tenant: Tenant) -> None:
    if not turns.take(tenant):
        await turns.wait(tenant)


async def test_a_tenant_has_its_share_and_the_others_theirs() -> None:
    """Reliability R4"""
    turns = Turns(4, share=2)
    assert [turns.take(1), turns.take(1), turns.take(1), turns.take(None)] == [True, True, False, True]
    assert [turns.take(2), turns.take(3)] == [True, False]


async def test_free_places_go_round_the_tenants_that_wait() -> None:
    """Ten of one tenant wait when one of another comes: it does not wait for the ten."""
    turns, served = Turns(2, share=1), list[tuple[int, int]]()

    async def one(tenant: int, number: int) -> None:
        await take(turns, tenant)
        served.append((tenant, number))
        await asyncio.sleep(0)
        turns.leave(tenant)

    await take(turns, 8)
    await take(turns, 9)
    waiting = [asyncio.create_task(one(1, number)) for number in range(10)]
    waiting += [asyncio.create_task(one(2, number)) for number in range(2)]
    await asyncio.sleep(0)
    turns.leave(8)
    await asyncio.gather(*waiting)
    assert served[:4] == [(1, 0), (2, 0), (1, 1), (2, 1)]
    assert [number for tenant, number in served if tenant == 1] == list(range(10))


async def test_a_line_has_an_end_and_waiting_a_limit() -> None:
    """Security 19"""
    turns = Turns(1, share=1, longest_line=2, patience=0.01)
    assert turns.take(1)
    first, second = (asyncio.create_task(turns.wait(1)) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await turns.wait(1)
    for task in (first, second):
        with pytest.raises(BusyError):
            await task
    turns.leave(1)
    assert turns.take(1), "whoever gave up has taken nothing along"


async def test_no_place_is_lost_whatever_happens_to_those_who_wait() -> None:
    """A thousand takers of five tenants, of whom some are cancelled and some lose their patience at any moment."""
    turns, held, most, chance = (
        Turns(6, share=3, patience=0.02),
        Counter[int](),
        Counter[int](),
        random.Random(7),
    )

    async def one(tenant: int) -> None:
        await take(turns, tenant)
        held[tenant] += 1
        most[tenant] = max(most[tenant], held[tenant])
        assert held.total() <= 6
        try:
            await asyncio.sleep(chance.choice([0, 0, 0.001]))
        finally:
            held[tenant] -= 1
            turns.leave(tenant)

    tasks = [asyncio.create_task(one(chance.randrange(5))) for _ in range(1000)]
    while not all(task.done() for task in tasks):
        chance.choice(tasks).cancel()
        await asyncio.sleep(0)
    outcomes = {type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)}
    assert outcomes <= {type(None), asyncio.CancelledError, BusyError}
    assert max(most.values()) == 3
    assert [turns.take(number // 3) for number in range(7)] == [*[True] * 6, False]
