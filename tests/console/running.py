"""The console as it is built from its sources, and the programs that go through its pages."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.portal_mail import reading_mail
from tests.conformance.running import Shop
from tests.ports import free_port
from tests.strict import ROOT

HERE = Path(__file__).parent
PAGES = HERE / "pages"


def build_console() -> None:
    """What `make console` does, where its sources have changed."""
    with (ROOT / "console/package-lock.json").open() as turn:
        # Test processes run side by side: one builds, the others wait.
        fcntl.flock(turn, fcntl.LOCK_EX)
        environment = {**os.environ, "VENV": str(Path(sys.executable).parents[1])}
        subprocess.run(
            [ROOT / "console/build"], check=True, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL
        )


@contextmanager
def running_browser() -> Iterator[str]:
    """Chromium, as long as the block runs; its address."""
    with subprocess.Popen(
        ["node", str(HERE / "support/launch.js"), str(free_port())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def go_through(program: str, shop: Shop, browser: str) -> subprocess.CompletedProcess[str]:
    """Run one program of pages/; what it prints is in the result."""
    with reading_mail(shop) as mail:
        return subprocess.run(
            ["node", "--test-reporter=spec", str(PAGES / program)],
            cwd=HERE,
            env={
                **os.environ,
                "ENTREPOT_URL": shop.url,
                "ENTREPOT_DEMO_FILE": str(shop.demo_file),
                "ENTREPOT_MAIL": mail,
                "ENTREPOT_BROWSER": browser,
                "PYTHON": sys.executable,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
