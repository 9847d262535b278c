"""What `make dist` packs: a wheel whose server shows the console."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.strict import ROOT

PARTS = ("pyproject.toml", "README.md", "LICENSE", "requirements", "src")


@pytest.mark.usefixtures("console")
def test_the_wheel_holds_the_console(tmp_path: Path) -> None:
    """The page, what it loads, and both packed forms of each; nothing that was needed only to build it."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, tmp_path / "project" / part, ignore=ignored)
        else:
            (tmp_path / "project").mkdir(exist_ok=True)
            shutil.copy(source, tmp_path / "project" / part)
    subprocess.run(
        [Path(sys.executable).parent / "uv", "--quiet", "build", "--wheel", "--no-build-isolation",
         "--python", sys.executable, "--out-dir", tmp_path / "dist", tmp_path / "project"],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {
            name.removeprefix("entrepot/http/console/")
            for name in packed.namelist()
            if name.startswith("entrepot/http/console/")
        }
        page = packed.read("entrepot/http/console/built/index.html").decode()
    assert {"unbuilt.html", "built/index.html", "built/index.html.br", "built/index.html.gz"} <= names
    scripts = {name for name in names if name.startswith("built/assets/") and name.endswith(".js")}
    assert len(scripts) > 1
    assert any(f"/{name.removeprefix('built/')}" in page for name in scripts)
    assert not {name for name in names if "node_modules" in name}
