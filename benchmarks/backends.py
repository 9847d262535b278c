"""The processes of a PostgreSQL that serve connections, and whose they are."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from benchmarks.servers import cpu_seconds_of


class Backends:
    """All of them, as they come."""

    def __init__(self, postmaster: int) -> None:
        self._children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        self._known = self._all()

    def new(self) -> set[int]:
        """Those that have come since this was last asked."""
        before, self._known = self._known, self._all()
        return self._known - before

    def _all(self) -> set[int]:
        return {int(child) for child in self._children.read_text().split() if _serves(child)}


class Own:
    """Those that came while nobody but one server was started or loaded."""

    def __init__(self, backends: set[int]) -> None:
        self._spent = dict.fromkeys(backends, 0.0)

    def add(self, backends: set[int]) -> None:
        self._spent |= dict.fromkeys(backends, 0.0)

    def cpu_seconds(self) -> float:
        """Processor time of all of them so far; of one that has ended, what it had when it was last looked at."""
        for pid in self._spent:
            with suppress(OSError):
                self._spent[pid] = cpu_seconds_of(pid)
        return sum(self._spent.values())


def _serves(pid: str) -> bool:
    """By its title: `postgres: role database [local] idle`."""
    try:
        return b"[local]" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
