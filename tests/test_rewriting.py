"""The share of a process is made once, as pytest makes it itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.rewriting import files_of, rewrite

ROOT = Path(__file__).parents[1]
FAILING = "def test_that_fails():\n    seven = 7\n    assert seven == 8\n"


def test_the_files_that_a_run_is_asked_for(tmp_path: Path) -> None:
    for name in ("b/test_two.py", "b/c/test_three.py", "b/other.py", "test_one.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = files_of([f"{tmp_path}/test_one.py::test_that", f"{tmp_path}/b", f"{tmp_path}/b/test_two.py"])
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        "b/c/test_three.py",
        "b/test_two.py",
        "test_one.py",
    ]


def test_pytest_takes_what_was_made(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """And leaves it as it is; its assertions tell of values."""
    file = tmp_path / "test_it.py"
    file.write_text(FAILING)
    rewrite(file, pytestconfig)
    (made,) = (tmp_path / "__pycache__").iterdir()
    before = made.stat()
    rewrite(file, pytestconfig)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--disable-plugin-autoload",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "-q",
        str(file),
    ]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    told = subprocess.run(
        command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
    ).stdout
    assert "assert 7 == 8" in told
    assert list((tmp_path / "__pycache__").iterdir()) == [made]
    assert (made.stat().st_ino, made.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
