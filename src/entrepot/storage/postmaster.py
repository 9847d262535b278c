"""What a cluster's directory tells about the server that runs on it, whoever started that server."""

import os
import signal
import subprocess
import time
from pathlib import Path

from entrepot.storage.programs import PostgresUnavailableError

STOP_SECONDS = 30.0


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def is_ready(cluster: Path, pid: int) -> bool:
    lines = _pid_file(cluster)
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def server_pid(cluster: Path) -> int | None:
    """The process id of the server that runs on the cluster, whoever started it."""
    lines = _pid_file(cluster)
    if not lines or not lines[0].isdecimal():
        return None
    pid = int(lines[0])
    return pid if _runs_cluster(pid, cluster) else None


def _runs_cluster(pid: int, cluster: Path) -> bool:
    """Tells a live server from a process that has got its number since."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except FileNotFoundError:
        said = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return "postgres" in said.stdout and str(cluster) in said.stdout
    return Path(words[0]).name == "postgres" and str(cluster) in words


def end_orphan(pid: int, cluster: Path) -> None:
    """Ends the server that a killed process of ours left running, first in order, then at once."""
    for order, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        while _runs_cluster(pid, cluster):
            try:
                os.kill(pid, order)
            except ProcessLookupError:
                return
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
    raise PostgresUnavailableError(f"The PostgreSQL of {cluster} (process {pid}) cannot be stopped.")
