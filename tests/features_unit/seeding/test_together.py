"""Records of a seed that are judged together: the parts of a chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from entrepot.features.seeding import together


async def test_reliability_r6_two_parts_of_a_chunk_are_at_work_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "BATCH", 100)
    done: list[int] = []
    sizes: list[int] = []
    at_work = most = 0

    async def work(some: Sequence[int]) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        sizes.append(len(some))
        await asyncio.sleep(0)
        done.extend(some)
        at_work -= 1

    await together.by_parts(range(320), work)
    assert sorted(done) == list(range(320))
    assert sizes == [50] * 6 + [20]
    assert most == 2


async def test_seed_3_after_a_part_that_fails_no_other_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other lane has begun it ends, since the chunk is undone then."""
    monkeypatch.setattr(together, "BATCH", 100)
    begun: list[int] = []
    ended: list[int] = []

    async def work(some: Sequence[int]) -> None:
        begun.append(some[0])
        await asyncio.sleep(0)
        if some[0] == 0:
            raise together.ApartError
        await asyncio.sleep(0)
        ended.append(some[0])

    with pytest.raises(together.ApartError):
        await together.by_parts(range(400), work)
    assert begun == [0, 50]
    assert ended == [50]
