"""The servers under load, each a process of its own on a free port of the loopback interface."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

START_SECONDS = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")
_LISTS = re.compile(r'^entrepot_product_lists_total\{by="(\w+)"\} (\S+)$', re.MULTILINE)
_SCHEDULER = 2
"""CPUCLOCK_SCHED: all threads, as the scheduler counts."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; the figures come from /proc."""

    name: str
    base_url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far."""
        return cpu_seconds_of(self.pid)

    def database_cpu_seconds(self, home: Path) -> float:
        """The same of the PostgreSQL that it has started in `home`, with all connections, those that have ended included."""
        postmaster = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
        own = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
        ticks = sum(map(int, own[11:15]))
        for child in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
            with suppress(OSError):
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS

    def lists(self) -> Counter[str]:
        """Lists of shoppers' products so far, by what counted them: index, memory, database. Empty of a limit."""
        with urllib.request.urlopen(f"{self.base_url}/metrics", timeout=START_SECONDS) as answer:
            return Counter({by: int(float(count)) for by, count in _LISTS.findall(answer.read().decode())})

    def memory(self) -> float:
        """Resident memory in MiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds_of(pid: int) -> float:
    """Processor time of a process so far, by its clock, whose number Linux makes of its own: /proc knows ticks of 10 ms. Raises OSError."""
    return time.clock_gettime((~pid << 3) | _SCHEDULER)


def cpu_seconds_of_all(pid: int) -> float:
    """Processor time so far of a process whose children have none of their own, and of these, also of those that have ended."""
    of_children = 0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(OSError):
            of_children += sum(_times(int(child))[:2])
    return (sum(_times(pid)) + of_children) / _TICKS


def _times(pid: int) -> tuple[int, ...]:
    """Ticks as a user and in the system: its own, and of children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return tuple(int(ticks) for ticks in fields[11:15])


@contextmanager
def limit(application: str, home: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """An application of limits.py under uvicorn with the event loop and the parser that Entrepot runs on."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"benchmarks.limits:{application}", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--ws", "none", "--no-access-log"]
    with _running(application, command, port, home, environment) as server:
        yield server


@contextmanager
def entrepot(home: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """`entrepot serve` with one worker, which logs every request to a file."""
    port = free_port()
    command = [sys.executable, "-m", "entrepot", "serve", "--port", str(port), "--no-demo", "--workers", "1"]
    with _running("entrepot", command, port, home, environment) as server:
        yield server


@contextmanager
def receiver(home: Path) -> Iterator[Server]:
    """An integrator's server that answers at once."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.quick_receiver", str(port)]
    with _running("receiver", command, port, home, {}) as server:
        yield server


@contextmanager
def demo(home: Path) -> Iterator[Server]:
    """The same with a database and the demo marketplace of its own, in `home`."""
    port = free_port()
    command = [sys.executable, "-m", "entrepot", "serve", "--port", str(port), "--workers", "1"]
    with _running("demo", [*command, "--data-dir", str(home)], port, home, {}) as server:
        wait_until_ready(server)
        yield server


def wait_until_ready(server: Server) -> None:
    """It listens before it has made the demo marketplace."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{server.base_url}/readyz", timeout=START_SECONDS):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.base_url} did not get ready")


@contextmanager
def _running(
    name: str, command: Sequence[str], port: int, home: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    log = home / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
    try:
        _wait_until_listening(process, port, log)
        yield Server(name, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')}")
