"""What pytest makes of a test file, so that its assertions tell of values, is kept beside the compiled one. Where nothing is kept yet,
as in a new clone, each process of a run would make all of it: eight seconds of a core. So each makes its share first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
    try_makedirs,
)


@pytest.hookimpl
def pytest_sessionstart(session: pytest.Session) -> None:
    worker = getattr(session.config, "workerinput", None)
    if worker is not None and not sys.dont_write_bytecode:
        number = int(worker["workerid"].removeprefix("gw"))
        for file in files_of(session.config.args)[number :: worker["workercount"]]:
            rewrite(file, session.config)


def files_of(arguments: Iterable[str]) -> list[Path]:
    """Of the places that a run is asked for, in the same order for each of its processes."""
    found: set[Path] = set()
    for argument in arguments:
        place = Path(argument.partition("::")[0])
        found.update(place.rglob("test_*.py") if place.is_dir() else [place])
    return sorted(found)


def rewrite(file: Path, config: pytest.Config) -> None:
    """As pytest itself does when it imports a file, which then finds it done."""
    folder = get_cache_dir(file)
    kept = folder / f"{file.stem}{PYC_TAIL}"
    if _read_pyc(file, kept) is None and try_makedirs(folder):
        stat, code = _rewrite_test(file, config)
        _write_pyc(config.stash[assertstate_key], code, stat, kept)
