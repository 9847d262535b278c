"""Hashes of several marketplaces in one line each (security 11)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from entrepot.features.people.credentials.fair_queue import FairQueue
from entrepot.kernel.errors import TooBusyError


class Bench:
    """One thread, whose pieces of work wait until `go` lets them."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.queue = FairQueue(self.executor, 1, longest=3)
        self.go = threading.Semaphore(0)
        self.done: list[str] = []

    def work(self, name: str) -> Callable[[], str]:
        def run() -> str:
            self.go.acquire()
            self.done.append(name)
            return name

        return run

    async def start(self, party: str, name: str) -> asyncio.Task[str]:
        task = asyncio.create_task(self.queue.run(party, self.work(name)))
        await asyncio.sleep(0)
        return task


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.executor.shutdown()


async def test_parties_take_turns(bench: Bench) -> None:
    """Whoever has lined up three pieces waits for one of the other's between them."""
    tasks = [await bench.start("loud", f"loud {number}") for number in range(4)]
    tasks.append(await bench.start("quiet", "quiet"))
    bench.go.release(5)
    await asyncio.gather(*tasks)
    assert bench.done == ["loud 0", "loud 1", "quiet", "loud 2", "loud 3"]


async def test_a_full_line_is_refused_and_the_other_is_not(bench: Bench) -> None:
    tasks = [await bench.start("loud", str(number)) for number in range(4)]
    with pytest.raises(TooBusyError) as refused:
        await bench.queue.run("loud", bench.work("too many"))
    assert (refused.value.status, refused.value.headers()) == (503, {"Retry-After": "2"})
    tasks.append(await bench.start("quiet", "quiet"))
    bench.go.release(5)
    assert await asyncio.gather(*tasks) == ["0", "1", "2", "3", "quiet"]


async def test_whoever_goes_away_leaves_the_line(bench: Bench) -> None:
    first = await bench.start("a", "first")
    waiting = [await bench.start("a", f"gone {number}") for number in range(3)]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    last = await bench.start("a", "last")
    bench.go.release(2)
    assert [await first, await last] == ["first", "last"]
    assert bench.done == ["first", "last"]


async def test_failures_hand_the_thread_on(bench: Bench) -> None:
    def fail() -> None:
        raise ValueError("no hash")

    for _ in range(3):
        with pytest.raises(ValueError, match="no hash"):
            await bench.queue.run("a", fail)
    last = await bench.start("a", "last")
    bench.go.release()
    assert await last == "last"
