"""`entrepot serve` as a process of its own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 120.0  # seconds before a server that says nothing counts as failed


@dataclass
class Server:
    """One run of the command, in a session of its own as at a terminal."""

    process: subprocess.Popen[bytes]
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
        deadline = time.monotonic() + PATIENCE
        # One client, and none that reads certificates: that takes as much of a core as the server has to start with.
        with httpx.Client(timeout=PATIENCE, trust_env=False, verify=False) as http:
            while True:
                assert self.process.poll() is None, self.output
                try:
                    assert http.get(f"{self.url}/healthz").status_code == 200
                except httpx.TransportError:
                    assert time.monotonic() < deadline, self.output
                    time.sleep(0.02)
                else:
                    return

    def end(self, order: signal.Signals, *, whole_session: bool = False) -> int:
        (os.killpg if whole_session else os.kill)(self.process.pid, order)
        return self.process.wait(PATIENCE)


Serve = Callable[..., Server]


def demo_of(server: Server) -> dict[str, Any]:
    read: dict[str, str] = json.loads((server.data_dir / "demo.json").read_text())
    return read
