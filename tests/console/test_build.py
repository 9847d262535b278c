"""`console/build` and the Node that it takes: the machine's where Vite runs on it, else one from a wheel (requirements/node.txt)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.strict import ROOT

TOOLS = ("sh", "find", "cksum", "sort", "cat", "cp", "dirname", "rm", "mv", "mkdir", "touch")
BUILT = "src/entrepot/http/console/built"
NPM = """#!/bin/sh
if [ "$1" = ci ]; then mkdir -p console/node_modules && touch console/node_modules/.package-lock.json; exit; fi
mkdir dist && node --version >dist/index.html
"""
"""Installs nothing, and builds a page that says by which Node."""
UV = """#!/bin/sh
echo "$*" >>"$(dirname "$0")/uv.log"
case $2 in
  venv) for last in "$@"; do :; done; mkdir -p "$last/bin" ;;
  pip) cp "$(dirname "$0")/wheel/"* "$VIRTUAL_ENV/bin/" ;;
esac
"""
"""Has a wheel at hand instead of downloading one."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """As much of the repository as `console/build` looks at, and a `bin` in which no Node is."""
    (tmp_path / "console").mkdir()
    (tmp_path / "src/entrepot/http/console").mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "console/build", tmp_path / "console/build")
    shutil.copy(ROOT / "requirements/node.txt", tmp_path / "requirements/node.txt")
    (tmp_path / "console/package-lock.json").write_text("{}")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    wheel = tmp_path / ".venv/bin/wheel"
    wheel.mkdir(parents=True)
    program(tmp_path / ".venv/bin/uv", UV)
    pretend_node(wheel / "node", "24.19.0")
    program(wheel / "npm", NPM)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def pretend_node(path: Path, version: str) -> None:
    """The machine's Node, which says that it is of this version."""
    node = shutil.which("node")
    says = path.with_name(f"{version}.cjs")
    says.write_text(
        f"Object.defineProperty(process, 'versions', {{value: {{...process.versions, node: '{version}'}}}});"
    )
    # Of --version what is required beforehand does not hear.
    program(
        path,
        f"#!/bin/sh\n"
        f'if [ "$1" = --version ]; then echo v{version}; exit; fi\n'
        f'exec {node} -r "$(cd "$(dirname "$0")" && pwd)/{says.name}" "$@"\n',
    )


def build(tree: Path) -> str:
    """Which Node has built what is there afterwards."""
    done = subprocess.run(
        [tree / "console/build"],
        env={**os.environ, "PATH": str(tree / "bin"), "VENV": ".venv"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (tree / BUILT / "index.html").read_text().strip()


def installed(tree: Path) -> str:
    log = tree / ".venv/bin/uv.log"
    return log.read_text() if log.exists() else ""


@pytest.mark.parametrize("version", [None, "18.20.8", "20.18.3", "21.7.3", "22.11.0"])
def test_without_a_node_that_suits_one_comes_from_a_wheel(tree: Path, version: str | None) -> None:
    if version is not None:
        pretend_node(tree / "bin/node", version)
        program(tree / "bin/npm", NPM)
    assert build(tree) == "v24.19.0"
    assert "--require-hashes -r requirements/node.txt" in installed(tree)


@pytest.mark.parametrize("version", ["20.19.0", "22.12.0", "23.0.0", "26.1.0"])
def test_a_node_that_suits_is_taken(tree: Path, version: str) -> None:
    pretend_node(tree / "bin/node", version)
    program(tree / "bin/npm", NPM)
    assert build(tree) == f"v{version}"
    assert installed(tree) == ""


def test_a_node_without_npm_does_not_suit(tree: Path) -> None:
    pretend_node(tree / "bin/node", "22.12.0")
    assert build(tree) == "v24.19.0"


def test_it_is_built_where_sources_have_changed(tree: Path) -> None:
    """And only there: what is built needs no Node at all; one that was installed is not installed again."""
    assert build(tree) == "v24.19.0"
    (tree / ".venv/.node/bin/node").rename(tree / "away")
    assert build(tree) == "v24.19.0"
    (tree / "away").rename(tree / ".venv/.node/bin/node")
    (tree / BUILT / "index.html").write_text("old")
    (tree / "console/new.ts").touch()
    assert build(tree) == "v24.19.0"
    assert installed(tree).count("pip install") == 1


def test_an_installation_that_was_broken_off_is_done_again(tree: Path) -> None:
    (tree / "console/node_modules/half").mkdir(parents=True)
    assert build(tree) == "v24.19.0"
    assert (tree / "console/node_modules/.package-lock.json").exists()


def test_the_wheel_runs(tree: Path) -> None:
    """The pinned one, with its npm: a package is installed and built by it. That the console's own is, was tried by hand; it would
    take half a minute of a core.
    """
    uv = tree / ".venv/bin/uv"
    uv.unlink()
    program(uv, f'#!/bin/sh\nexec "{Path(sys.executable).with_name("uv")}" "$@"\n')
    (tree / ".venv/bin/python").symlink_to(sys.executable)
    page = {"name": "page", "version": "1.0.0", "dependencies": {"part": "file:part"}}
    part = {"name": "part", "version": "1.0.0"}
    package = {**page, "scripts": {"build": "node build.cjs"}}
    packages = {"": page, "part": part, "node_modules/part": {"resolved": "part", "link": True}}
    lock = {"name": "page", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (tree / "console/part").mkdir()
    (tree / "console/part/package.json").write_text(json.dumps(part))
    (tree / "console/package.json").write_text(json.dumps(package))
    (tree / "console/package-lock.json").write_text(json.dumps(lock))
    (tree / "console/build.cjs").write_text(
        'const fs = require("fs"); fs.mkdirSync("dist"); fs.writeFileSync("dist/index.html", process.execPath);'
    )
    node = Path(build(tree))
    assert (tree / ".venv/.node").resolve() in node.parents, node
