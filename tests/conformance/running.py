"""The real server as a process, and the Node programs that drive it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.directories import server_directory
from tests.forking import fork
from tests.ports import free_port
from tests.prepared import CHEAP_HASHES, PATIENCE, await_answer, copy
from tests.strict import CHECKED, ROOT

NODE = Path(__file__).parent / "node"
BENCH_KEY = "the-key-of-the-shop_which-is-long-enough"
"""Opens the test bench of a shop."""


@dataclass(frozen=True)
class Shop:
    """A running server with its demo marketplace."""

    url: str
    demo_file: Path

    @property
    def demo(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.demo_file.read_text("utf-8"))
        return found


@contextlib.contextmanager
def running_shop(
    prepared: Path,
    base_url: str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    **variables: str,
) -> Iterator[Shop]:
    """`entrepot serve` on a free port with a database of its own, a copy of what the fixture `prepared` has made, ended and
    removed afterwards. It answers 500 in place of what its document does not know. base_url: what it takes for its own address,
    if not where it is, by the name of `host`. port: a free one that others have to know before it starts. variables: more of its
    environment.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    with server_directory() as home:
        log = home / "serve.log"
        copy(prepared, home / "data")
        with log.open("wb") as sink:
            process = fork(
                CHECKED, "serve", "--port", str(port), "--base-url", base_url or f"http://{host}:{port}",
                "--data-dir", str(home / "data"), stdout=sink.fileno(), stderr=sink.fileno(), session=True,
                environment={**os.environ, **CHEAP_HASHES, "ENTREPOT_TEST_BENCH_KEY": BENCH_KEY, **variables},
            )  # fmt: skip
        try:
            await_answer(f"{url}/readyz", process, log)
            yield Shop(url, home / "data" / "demo.json")
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def install_node_packages(place: Path = NODE) -> None:
    """`npm ci` into a folder where the packages are missing or others than those of its lock file. When either was written tells
    nothing: a checkout makes all files anew, and what several share must not be taken from under them.
    """
    lock = place / "package-lock.json"
    with lock.open() as turn:
        # Test processes run side by side: one installs, the others wait.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not _has_packages(place, json.load(turn)["packages"]):
            subprocess.run(["npm", "ci", "--loglevel=error"], cwd=place, check=True, stdin=subprocess.DEVNULL)
            os.utime(place / "node_modules")


def _has_packages(place: Path, wanted: dict[str, dict[str, Any]]) -> bool:
    # What npm writes last; it has neither the project itself nor what is of other systems.
    record = place / "node_modules/.package-lock.json"
    if not record.exists():
        return False
    has = json.loads(record.read_text("utf-8"))["packages"]
    needed = {name for name, each in wanted.items() if name and not each.get("optional")}
    return needed <= has.keys() and all(wanted.get(name) == each for name, each in has.items())


def install_chromium() -> None:
    """Name one to the programs, in the variable CHROMIUM: which it does already, or the machine's, else Debian's.

    Its headless shell where there is one: without the windows and the profiles of a whole Chromium, pages take half the processor.
    """
    if os.environ.get("CHROMIUM"):
        return
    names = ("chromium-headless-shell", "chromium")
    with (NODE / "package-lock.json").open() as turn:
        # Test processes run side by side: one installs, the others wait.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not any(map(shutil.which, names)):
            install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", names[0]]
            for command in (["apt-get", "update", "-qq"], install):
                subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    os.environ["CHROMIUM"] = next(filter(None, map(shutil.which, names)))


def node(*arguments: str, shop: Shop, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of tests/conformance/node; what it prints is in the result."""
    return subprocess.run(
        ["node", *arguments],
        cwd=NODE,
        env={
            **os.environ,
            "ENTREPOT_URL": shop.url,
            "ENTREPOT_DEMO_FILE": str(shop.demo_file),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def install_generators() -> Path:
    """The folder of the generators' commands, installed where they are missing or older than their list."""
    made = ROOT / ".venv/generators"
    with (ROOT / "requirements/generators.txt").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", str(made.relative_to(ROOT) / ".installed")], cwd=ROOT, check=True)
    return made / "bin"
