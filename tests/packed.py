"""What others install, made once for all processes of a run: the wheel, and an environment that has it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.console.running import build_console
from tests.prepared import made_once
from tests.strict import ROOT

PARTS = ("pyproject.toml", "README.md", "LICENSE", "requirements", "src")
UV = Path(sys.executable).parent / "uv"


@pytest.fixture(scope="session")
def wheel() -> Path:
    """What `make dist` packs, with the console in it."""
    (packed,) = made_once("wheel", _pack).glob("*.whl")
    return packed


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Path:
    """An environment with the wheel, what its extra `testing` asks for, and pytest-xdist: its programs' folder."""

    def install(place: Path) -> None:
        _uv("venv", "--python", sys.executable, place)
        versions = ROOT / "requirements/dev.txt"
        _uv(
            "pip", "install", "--python", place, "--constraint", versions, f"{wheel}[testing]", "pytest-xdist"
        )

    return made_once("installed", install) / "bin"


def _pack(place: Path) -> None:
    build_console()
    # A copy: setuptools leaves a folder `build` beside what it builds.
    project = place / "project"
    project.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, project / part, ignore=ignored)
        else:
            shutil.copy(source, project / part)
    _uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", place, project)


def _uv(*arguments: str | Path) -> None:
    subprocess.run([UV, "--quiet", *arguments], check=True, stdin=subprocess.DEVNULL)
