"""Modules that documentation, docstrings and comments name by path are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(?<![\w./*<-])\w+(?:/\w+)*\.py\b")
PLACES = ("src/**/*.py", "benchmarks/**/*.py", "docs/guide/**/*.md", "docs/reference/*.md", "*.md")
MODULES = ("src", "tests", "benchmarks")


def test_modules_that_are_named_exist() -> None:
    """A path may begin anywhere above the file: `orders/rows.py`. Decisions and migrations tell of their own
    time, and are not looked at.
    """
    there = {path.relative_to(ROOT).as_posix() for place in MODULES for path in (ROOT / place).rglob("*.py")}
    ends = {"/".join(parts[at:]) for parts in (path.split("/") for path in there) for at in range(len(parts))}
    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for place in PLACES
        for path in ROOT.glob(place)
        if path.parent.name != "versions"
        for name in NAMED.findall(path.read_text())
    }
    assert len(named) > 50
    assert {at for at in named if at[1] not in ends} == set()
