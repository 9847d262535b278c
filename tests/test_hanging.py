"""A hung test is a failure and no more: with the stacks of all that stood still, in one process and under xdist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

CONFTEST = 'pytest_plugins = ["tests.hanging"]\n'
TESTS = """
import asyncio, time, pytest

@pytest.fixture(scope="session")
async def shared():
    beside = asyncio.create_task(held(), name="beside")
    yield asyncio.Lock()
    beside.cancel()

async def held():
    await asyncio.Event().wait()

@pytest.fixture
async def slow_to_leave():
    yield
    await asyncio.Event().wait()

hangs = pytest.mark.timeout(1)

async def test_first(shared):
    pass

@hangs
async def test_waits_for_ever(shared):
    async with shared:
        await asyncio.Event().wait()

async def test_what_the_first_held_is_free(shared):
    async with shared:
        pass

@hangs
async def test_holds_the_loop(shared):
    while True:
        time.sleep(0.01)

@hangs
def test_without_a_loop():
    while True:
        time.sleep(0.01)

@hangs
async def test_swallows_its_end():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        pass

@hangs
async def test_fails_and_hangs_afterwards(slow_to_leave):
    assert False

async def test_last(shared):
    pass
"""
HUNG = ("waits_for_ever", "holds_the_loop", "without_a_loop", "swallows_its_end")
FINE = ("first", "what_the_first_held_is_free", "last")
LEAVES_LATE = "fails_and_hangs_afterwards"


PLUGINS = ("xdist.plugin", "pytest_asyncio.plugin", "pytest_timeout")
OPTIONS = (
    "asyncio_mode=auto",
    "asyncio_default_fixture_loop_scope=session",
    "asyncio_default_test_loop_scope=session",
)


def run(directory: Path, *arguments: str) -> tuple[str, set[tuple[str, str]]]:
    """What pytest prints about TESTS, and how each of them ended."""
    (directory / "conftest.py").write_text(CONFTEST)
    (directory / "test_hung.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--timeout=120",
        "-rA",
        "--rootdir",
        str(directory),
        str(directory),
    ]
    command += [part for name in PLUGINS for part in ("-p", name)]
    command += [part for option in OPTIONS for part in ("-o", option)]
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return done.stdout, set(re.findall(r"^(FAILED|ERROR|PASSED) .*::test_(\w+)", done.stdout, re.MULTILINE))


def test_hung_tests_fail_and_the_run_goes_on(tmp_path: Path) -> None:
    printed, ended = run(tmp_path, "-n0")
    assert ended == {
        *(("FAILED", name) for name in (*HUNG, LEAVES_LATE)),
        ("ERROR", LEAVES_LATE),
        *(("PASSED", name) for name in FINE),
    }, printed
    assert printed.count("--- thread MainThread") == len(HUNG) + 1
    assert "--- task beside" in printed, "those that are not the test's own as well"


def test_another_worker_takes_over(tmp_path: Path) -> None:
    """Nobody shares the process of a hung test; its stacks are told all the same."""
    printed, ended = run(tmp_path, "-n1", "-k", "first or waits_for_ever or free or last")
    assert ended == {
        ("FAILED", "waits_for_ever"),
        *(("PASSED", name) for name in FINE),
    }, printed
    assert printed.count("replacing crashed worker") == 1
    assert "--- thread MainThread" in printed
    assert "--- task beside" in printed
