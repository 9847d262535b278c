"""What other marketplaces wait while one is seeded: `python -m benchmarks.beside_seed [--scale 0.1] [--seconds 20]`.

One client asks the server of another marketplace for GET /v1/me and a page of products, and changes a product, one after
the other with short pauses: first alone, then beside `entrepot seed` of the benchmark's catalog.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import catalog_marketplace
from benchmarks.http_connection import HttpConnection
from benchmarks.load import Request
from benchmarks.servers import demo
from benchmarks.waiting import stranger

PRODUCTS = 40
PAUSE = 0.02
Latencies = dict[str, list[float]]
"""Milliseconds by request."""


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=20.0, help="How long the client is alone.")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=120)
    with tempfile.TemporaryDirectory(prefix="entrepot-beside-", ignore_cleanup_errors=True) as place:
        home = Path(place)
        home.chmod(0o711)
        file = home / "catalog.yml"
        size = catalog_marketplace.write(file, arguments.scale)
        with demo(home) as server:
            token = f"Bearer {stranger(server.base_url, home)}"
            alone = asyncio.run(_beside(server.base_url, token, lambda: asyncio.sleep(arguments.seconds)))
            begun = time.monotonic()
            beside = asyncio.run(_beside(server.base_url, token, lambda: _seed(file, home)))
            seconds = time.monotonic() - begun
    _print(console, "Alone", alone)
    _print(console, f"Beside a seed of {size.products:,} products, which took {seconds:.0f} s", beside)


async def _seed(file: Path, home: Path) -> None:
    command = ["-m", "entrepot", "seed", str(file), "--data-dir", str(home)]
    # As from another terminal.
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, start_new_session=True, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"entrepot seed ended with {process.returncode}")


async def _beside(base_url: str, token: str, work: Callable[[], Awaitable[None]]) -> Latencies:
    """How long each request took while `work` went on."""
    latencies: Latencies = defaultdict(list)
    async with HttpConnection(base_url) as connection:
        for number in range(PRODUCTS):
            body = json.dumps({"Name": f"Product {number}"})
            await connection.send(_request("PUT", f"/v1/products/other-{number}", token, body))
        working = asyncio.ensure_future(work())
        count = 0
        while not working.done():
            count += 1
            change = json.dumps({"Description": f"Changed {count} times"})
            for name, request in (
                ("GET /v1/me", _request("GET", "/v1/me", token)),
                ("GET /v1/products", _request("GET", "/v1/products", token)),
                (
                    "PATCH a product",
                    _request("PATCH", f"/v1/products/other-{count % PRODUCTS}", token, change),
                ),
            ):
                started = time.perf_counter()
                await connection.send(request)
                latencies[name].append(1000 * (time.perf_counter() - started))
            await asyncio.sleep(PAUSE)
        await working
    return latencies


def _request(method: str, path: str, token: str, body: str = "") -> Request:
    return Request(method, path, token, "application/json", body)


def _print(console: Console, title: str, latencies: Latencies) -> None:
    table = Table("ms", "requests", "p50", "p99", "longest", title=title)
    for name, all_of_it in latencies.items():
        ordered = sorted(all_of_it)
        figures = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])
        table.add_row(name, str(len(ordered)), *(f"{each:.1f}" for each in figures))
    console.print(table)


if __name__ == "__main__":
    main()
