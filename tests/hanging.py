"""A test that hangs fails with the stacks of all threads and tasks, and the run goes on without it.

Its task is cancelled, so that it gives back what it holds; what that does not end, such as a loop without an await, is broken
off. A worker of xdist ends after such a test, for nobody knows what it left of the server that others would share: xdist
starts another in its place. What holds the interpreter itself is ended by faulthandler, later (pyproject.toml).
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import threading
import traceback
from asyncio.base_events import BaseEventLoop
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

GRACE = 0.1
"""What a cancelled test has to end, as a share of its limit; the same again and again, until it has."""
LIMIT = pytest.StashKey[float]()
STACKS = pytest.StashKey[str]()
ENDED = pytest.StashKey[bool]()


@pytest.hookimpl
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:
    """The limit of pytest-timeout, in place of its own ways to end a test: these leave a task half done, or end the run."""
    item.stash[LIMIT] = settings.timeout
    return True


@pytest.hookimpl
def pytest_timeout_cancel_timer(item: pytest.Item) -> bool:
    """No phase of a test is without the limit, also after a failure."""
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with _limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with _limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with _limited(item):
        return (yield)


@contextmanager
def _limited(item: pytest.Item) -> Iterator[None]:
    limit = item.stash.get(LIMIT, 0.0)

    def end(number: int, frame: FrameType | None) -> None:
        task = _awaited(frame)
        known = STACKS in item.stash
        item.stash[STACKS] = item.stash.get(STACKS, "") or _stacks(task)
        if known or task is None:
            pytest.fail(f"longer than {limit:g} s")
        task.get_loop().call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit, GRACE * limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if STACKS in item.stash:
        report.sections.append(("stacks when the time was up", item.stash[STACKS]))
        del item.stash[STACKS]
        item.stash[ENDED] = True
        if report.passed:
            report.outcome, report.longrepr = "failed", "The test hung, and ended when it was cancelled."
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    done = yield
    if ENDED in item.stash and hasattr(item.config, "workerinput"):
        os._exit(1)
    return done


def _awaited(frame: FrameType | None) -> asyncio.Task[Any] | None:
    """The task for which the event loop runs in this thread; None outside of one."""
    while frame is not None:
        if frame.f_code is BaseEventLoop.run_until_complete.__code__:
            task = frame.f_locals["future"]
            return task if isinstance(task, asyncio.Task) else None
        frame = frame.f_back
    return None


def _stacks(task: asyncio.Task[Any] | None) -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    text = io.StringIO()
    for ident, frame in sys._current_frames().items():
        text.write(f"--- thread {names.get(ident, ident)}\n{''.join(traceback.format_stack(frame))}")
    for each in asyncio.all_tasks(task.get_loop()) if task is not None else ():
        text.write(f"--- task {each.get_name()}{', the test' if each is task else ''}\n")
        each.print_stack(file=text)
    return text.getvalue()
