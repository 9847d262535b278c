"""What `make dist` packs: a wheel whose server shows the console."""

from __future__ import annotations

import zipfile
from pathlib import Path


def test_the_wheel_holds_the_console(wheel: Path) -> None:
    """The page, what it loads, and both packed forms of each; nothing that was needed only to build it."""
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
