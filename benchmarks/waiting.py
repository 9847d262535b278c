"""How long everybody else waits while one request is answered.

A process of its own asks for `/healthz` and for another marketplace's GET /v1/me, one after the other, without a pause, from one
line that it is given to the next; then it tells the longest that each has taken, in milliseconds, and rests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.client import bearer
from benchmarks.http_connection import HttpConnection
from benchmarks.load import Request
from benchmarks.servers import demo
from benchmarks.worst_cases import Attack, Attackers, WorstCase, preparations, worst_cases
from entrepot.app.registry import registry

LONGEST = 50.0
"""Milliseconds that nobody may wait longer for the process because of somebody else's request."""
TRIES = 6
"""A request that holds the others up does so each time; the machine's own pauses come and go."""
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds; `answers` are the statuses of the case's requests."""

    healthz: float
    me: float
    answers: tuple[int, ...] = ()

    @property
    def longest(self) -> float:
        return max(self.healthz, self.me)


class Probe:
    """The process that waits."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def watch(self) -> None:
        """From now on, when both have been answered once."""
        self._ask()

    def told(self) -> Waits:
        """The longest since then; afterwards it rests."""
        return Waits(**json.loads(self._ask()))

    def _ask(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextmanager
def probing(base_url: str, token: str) -> Iterator[Probe]:
    """A probe of the server while the block runs; `token` is that of somebody in another marketplace."""
    command = [sys.executable, "-m", "benchmarks.waiting", base_url, token]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        yield Probe(process)
        assert process.stdin is not None
        process.stdin.close()


def longest_waits(home: Path) -> dict[str, Waits]:
    """What others wait in each worst case, on a server with the demo marketplace and its data in `home`.

    Of a few tries the shortest: the machine's own pauses come and go. `answers` are those of all tries.
    """
    found: dict[str, Waits] = {}
    with demo(home) as server:
        attackers, token = _attackers(server.base_url, home), stranger(server.base_url, home)
        made = asyncio.run(send_all(server.base_url, tuple(preparations(attackers))))
        assert set(made) <= {200, 201}, made
        with probing(server.base_url, token) as probe:
            for number in range(TRIES):
                for case in worst_cases(registry(), attackers, number):
                    if number == 0 or found[case.name].longest > LONGEST:
                        waits = attack(server.base_url, probe, case)
                        known = found.get(case.name, waits)
                        shortest = min(known, waits, key=lambda each: each.longest)
                        answers = known.answers + waits.answers
                        found[case.name] = replace(shortest, answers=answers)
    return found


def _attackers(base_url: str, home: Path) -> Attackers:
    """The demo's administrator and a shopper of its buyer."""
    facts = json.loads((home / "demo.json").read_text())
    users = [facts["users"][name] for name in ("admin01", "buyer01")]
    admin, shopper = (
        _login(base_url, facts["clientID"], user["username"], user["password"]) for user in users
    )
    return Attackers(admin, shopper, facts["clientID"], users[1]["username"])


def stranger(base_url: str, home: Path) -> str:
    """A token of the administrator of another marketplace on the same server."""
    command = [sys.executable, "-m", "entrepot", "marketplace", "create", "Other", "--data-dir", str(home)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    facts = dict(re.findall(r"^(Client ID|Username|Password) +(\S+)$", told, re.MULTILINE))
    return _login(base_url, facts["Client ID"], facts["Username"], facts["Password"])


def _login(base_url: str, client_id: str, username: str, password: str) -> str:
    form = {"grant_type": "password", "client_id": client_id, "username": username, "password": password}
    return bearer(base_url, urlencode(form)).removeprefix("Bearer ")


def attack(base_url: str, probe: Probe, case: WorstCase) -> Waits:
    """What others wait while the case's requests are answered, one after the other."""
    probe.watch()
    answers = tuple(asyncio.run(send_all(base_url, case.attacks)))
    waits = probe.told()
    return Waits(waits.healthz, waits.me, answers)


async def send_all(base_url: str, attacks: Sequence[Attack]) -> list[int]:
    """The statuses of the answers; 0 where the connection was closed without one."""
    return [await asyncio.wait_for(_send(base_url, each), PATIENCE) for each in attacks]


async def _send(base_url: str, request: Attack) -> int:
    host, _, port = base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**20)
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    if request.token:
        lines.append(f"Authorization: Bearer {request.token}")
    if request.body:
        lines.append(f"Content-Type: {request.content_type}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines.append(f"Content-Length: {len(request.body)}")
    with contextlib.suppress(ConnectionError):
        writer.write("\r\n".join([*lines, "", ""]).encode() + request.body)
        await writer.drain()
    # A refusal that comes before all has been read may reset the connection.
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n")
        await reader.read()
        writer.close()
        return int(head.split(b" ")[1])
    writer.close()
    return 0


async def _watch(base_url: str, token: str) -> None:
    asked: asyncio.Queue[bool] = asyncio.Queue()
    reading = asyncio.create_task(_read_lines(asked))
    requests = {"healthz": Request("GET", "/healthz"), "me": Request("GET", "/v1/me", f"Bearer {token}")}

    async def once(connection: HttpConnection) -> dict[str, float]:
        taken = {}
        for name, request in requests.items():
            started = time.perf_counter()
            await connection.send(request)
            taken[name] = 1000 * (time.perf_counter() - started)
        return taken

    while await asked.get():
        # A new one: a server closes what has rested for long.
        async with HttpConnection(base_url) as connection:
            await once(connection)
            print(flush=True)
            longest = dict.fromkeys(requests, 0.0)
            while asked.empty():
                taken = await once(connection)
                longest = {name: max(longest[name], taken[name]) for name in requests}
                await asyncio.sleep(0.001)
        if not asked.get_nowait():
            break
        print(json.dumps(longest), flush=True)
    await reading


async def _read_lines(asked: asyncio.Queue[bool]) -> None:
    """True for each line, False when there will be no more."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        asked.put_nowait(True)
    asked.put_nowait(False)


if __name__ == "__main__":
    asyncio.run(_watch(sys.argv[1], sys.argv[2]))
