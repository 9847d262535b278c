"""`entrepot serve` as a process of its own."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forking import Process
from tests.prepared import PATIENCE, await_answer


@dataclass
class Server:
    """One run of the command, in a session of its own as at a terminal."""

    process: Process
    port: int
    data_dir: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text()

    def await_ready(self) -> None:
        await_answer(f"{self.url}/healthz", self.process, self.log)

    def end(self, order: signal.Signals, *, whole_session: bool = False) -> int:
        (os.killpg if whole_session else os.kill)(self.process.pid, order)
        return self.process.wait(PATIENCE)


Serve = Callable[..., Server]


def demo_of(server: Server) -> dict[str, Any]:
    read: dict[str, str] = json.loads((server.data_dir / "demo.json").read_text())
    return read
