"""Loads a server with wrk, whose only thread needs little of the machine."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")


class LoadError(RuntimeError):
    """wrk did not run, or the server did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, without tabs and line ends."""

    method: str
    path: str
    authorization: str = ""
    content_type: str = ""
    body: str = ""
    idempotency_key: str = ""

    def line(self) -> str:
        head = f"{self.method}\t{self.path}\t{self.authorization}\t{self.content_type}"
        return f"{head}\t{self.body}\t{self.idempotency_key}"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: answers per second, latencies in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float


class Load:
    """A file of requests, sent in turn over `connections` connections, each waiting for its answer."""

    def __init__(self, directory: Path, name: str, requests: Sequence[Request], connections: int) -> None:
        self.name = name
        self._file = directory / f"{name}.tsv"
        self._file.write_text("".join(f"{request.line()}\n" for request in requests))
        self._connections = connections

    def start(self, base_url: str, seconds: float) -> subprocess.Popen[str]:
        """Begin a run of whole seconds."""
        command = [
            "wrk",
            "--threads",
            "1",
            "--connections",
            str(self._connections),
            "--duration",
            f"{seconds:.0f}s",
        ]
        command += ["--timeout", "20s", "--script", str(SCRIPT), base_url, "--", str(self._file)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, base_url: str, seconds: float) -> Figures:
        """A whole run. Raises LoadError if an answer was an error."""
        return self.finish(self.start(base_url, seconds))

    def finish(self, process: subprocess.Popen[str]) -> Figures:
        """The figures of a run once it has ended. Raises LoadError."""
        said, _ = process.communicate()
        line = next((line for line in said.splitlines() if line.startswith("FIGURES ")), None)
        if line is None:
            raise LoadError(f"wrk failed:\n{said}")
        requests, microseconds, p50, p99, refused, broken = (int(word) for word in line.split()[1:])
        if refused or broken or not requests:
            raise LoadError(
                f"{self.name}: of {requests} requests {refused} were refused, {broken} got no answer"
            )
        return Figures(requests, requests / (microseconds / 1e6), p50 / 1000, p99 / 1000)
