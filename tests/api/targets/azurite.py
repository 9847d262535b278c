"""Azurite, the emulator of Azure's storage services, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.running import NODE, install_node_packages
from tests.ports import free_port

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Of every installation of it, by its documentation."""
PATIENCE = 60


@dataclass(frozen=True)
class Azurite:
    """Ports on 127.0.0.1."""

    blob_port: int
    table_port: int

    def connection_string(self, key: str = KEY) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};"
            f"BlobEndpoint=http://127.0.0.1:{self.blob_port}/{ACCOUNT};"
            f"TableEndpoint=http://127.0.0.1:{self.table_port}/{ACCOUNT};"
        )


@contextmanager
def running_azurite(folder: Path) -> Iterator[Azurite]:
    """The emulator, until the block ends."""
    install_node_packages()
    ports = [free_port(), free_port(), free_port()]
    options = [f"--{name}Port={port}" for name, port in zip(("blob", "queue", "table"), ports, strict=True)]
    command = ["node", "node_modules/azurite/dist/src/azurite.js", *options, "--location", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--silent", "--skipApiVersionCheck", "--disableTelemetry"],
            cwd=NODE,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        for port in ports:
            _await(port, process, folder / "log")
        yield Azurite(ports[0], ports[2])
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"Azurite does not answer:\n{log.read_text('utf-8', 'replace')}")
