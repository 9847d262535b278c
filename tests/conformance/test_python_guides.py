"""The guides in docs/guide with blocks of Python run as they stand."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.conformance.running import BENCH_KEY, Shop
from tests.forking import interpreter, run

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GUIDES = sorted(path.name for path in GUIDE.glob("*.md") if BLOCK.search(path.read_text("utf-8")))


@pytest.mark.parametrize("guide", GUIDES)
def test_guide(shop: Shop, guide: str, tmp_path: Path) -> None:
    """The blocks of a page, one after the other, in one program."""
    blocks = BLOCK.findall((GUIDE / guide).read_text("utf-8"))
    assert len(blocks) >= 2
    program = tmp_path / "guide.py"
    commands = f"import sys\nsys.executable = {str(interpreter(tmp_path))!r}\n"
    program.write_text("\n".join([commands, *blocks, 'print("arrived")\n']), "utf-8")
    environment = {
        **os.environ,
        "ENTREPOT_DEMO_FILE": str(shop.demo_file),
        "ENTREPOT_TEST_BENCH_KEY": BENCH_KEY,
    }
    done = run(str(program), environment=environment, timeout=250)
    assert (done.returncode, done.stdout) == (0, "arrived\n"), done.stdout + done.stderr
