"""A run in which tests are tried again tells of those that passed only then, and bears no more than a few (ADR 0031)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests import unsteady

CONFTEST = 'pytest_plugins = ["tests.unsteady"]\n'
TESTS = """
import pathlib, pytest

@pytest.mark.parametrize("number", range({count}))
def test_first_fails(number, request):
    tried = pathlib.Path(__file__).with_name(f"tried-{{number}}")
    if not tried.exists():
        tried.touch()
        raise AssertionError(f"the reason of {{number}}")

def test_always(): assert {sound}
"""
NOTHING_IS_HELD_BACK = """
import socket

def test_questions_go_off_at_once(pytestconfig):
    assert pytestconfig.failures_db.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
"""


def _run(
    directory: Path, workers: int, count: int, *, sound: bool = True, tests: str = TESTS
) -> subprocess.CompletedProcess[str]:
    (directory / "conftest.py").write_text(CONFTEST)
    (directory / "test_some.py").write_text(tests.format(count=count, sound=sound))
    (directory / "pytest.ini").write_text("[pytest]\n")
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--reruns=1", "-p", "no:randomly"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(directory)],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_a_few_unsteady_tests_are_told_of(tmp_path: Path, workers: int) -> None:
    run = _run(tmp_path, workers, unsteady.MOST)
    assert run.returncode == 0, run.stdout
    for number in range(unsteady.MOST):
        assert f"test_first_fails[{number}]" in run.stdout
        assert f"the reason of {number}" in run.stdout
    assert f"{unsteady.MOST + 1} passed, {unsteady.MOST} rerun" in run.stdout


@pytest.mark.parametrize("workers", [0, 2])
def test_many_of_them_fail_the_run(tmp_path: Path, workers: int) -> None:
    run = _run(tmp_path, workers, unsteady.MOST + 1)
    assert run.returncode == 1, run.stdout
    assert "the run fails for that" in run.stdout


def test_what_always_fails_fails_the_run(tmp_path: Path) -> None:
    run = _run(tmp_path, 0, 0, sound=False)
    assert run.returncode == 1, run.stdout
    assert "UNSTEADY" not in run.stdout


def test_no_test_waits_for_what_is_asked_before_it(tmp_path: Path) -> None:
    run = _run(tmp_path, 1, 0, tests=NOTHING_IS_HELD_BACK)
    assert run.returncode == 0, run.stdout
