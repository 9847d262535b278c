"""Which functions one request runs through: `python -m benchmarks.trace`.

The application answers in this process, over a database and a demo marketplace of its own. Counted is what runs of
`entrepot` between the first byte of a request and the last of its answer; uvicorn is left out. A *hop* is a call that leads
from one file into another.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import asyncpg
from rich.console import Console
from rich.table import Table

import entrepot
from entrepot.app.asgi import create_app
from entrepot.app.database import prepare
from entrepot.app.demo import ensure_demo
from entrepot.app.logging import configure_logging
from entrepot.app.settings import Settings
from entrepot.storage.embedded import EmbeddedPostgres
from entrepot.storage.pool import open_pool

SOURCE = f"{Path(entrepot.__file__).parent}{os.sep}"
WARM = 3
"""Requests of a kind before the one that is traced."""
_STATEMENT = re.compile(rb"^entrepot LOG:  (?:execute|statement)[^:]*:\s+(\w+)", re.MULTILINE)
_OF_TRANSACTIONS = (b"BEGIN", b"COMMIT", b"ROLLBACK")


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; `body` as JSON, or as text as it is."""

    verb: str
    target: str
    token: str | None = None
    body: object = None
    kind: str = "application/json"


@dataclass(frozen=True, slots=True)
class Way:
    """A request's way through the source."""

    status: int
    files: tuple[str, ...]
    functions: int
    calls: int
    hops: int
    statements: tuple[str, ...]


class Tracer:
    """Notes each call of a function of `entrepot` while it is on."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.functions: set[tuple[str, int, str]] = set()
        self.calls = 0
        self.hops = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(SOURCE):
            return
        code = frame.f_code
        # A coroutine or generator that goes on is no call: it stands at a RESUME that is not its first.
        if code.co_code[frame.f_lasti + 1]:
            return
        file = code.co_filename[len(SOURCE) :]
        self.calls += 1
        self.files.setdefault(file)
        self.functions.add((file, code.co_firstlineno, code.co_qualname))
        if _caller(frame) != file:
            self.hops += 1


def _caller(frame: FrameType) -> str:
    """The file of `entrepot` from which a frame was called, whatever else lies between."""
    above = frame.f_back
    while above is not None and not above.f_code.co_filename.startswith(SOURCE):
        above = above.f_back
    return "" if above is None else above.f_code.co_filename[len(SOURCE) :]


class Server:
    """The application, and the log of its database."""

    def __init__(self, app: Any, log: Path) -> None:
        self._app = app
        self._log = log

    async def ask(self, request: Request) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        status, body, _ = await self._send(request, None)
        return status, json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body or b"null")

    async def trace(self, request: Request) -> Way:
        """Its way through the source."""
        tracer = Tracer()
        status, _, statements = await self._send(request, tracer)
        return Way(
            status, tuple(tracer.files), len(tracer.functions), tracer.calls, tracer.hops, tuple(statements)
        )

    async def _send(self, request: Request, tracer: Tracer | None) -> tuple[int, bytes, list[str]]:
        scope, content = _scope(request)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        # What the request before has left to be done in the background.
        await asyncio.sleep(0.05)
        before = self._log.stat().st_size
        sys.setprofile(tracer)
        try:
            await self._app(scope, receive, send)
        finally:
            sys.setprofile(None)
        with self._log.open("rb") as log:
            log.seek(before)
            statements = [found.decode() for found in _STATEMENT.findall(log.read())]
        return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:]), statements


def _scope(request: Request) -> tuple[dict[str, Any], bytes]:
    path, _, query = request.target.partition("?")
    text = request.body if isinstance(request.body, str) else json.dumps(request.body)
    content = b"" if request.body is None else text.encode()
    headers = [(b"host", b"localhost"), (b"accept-encoding", b"gzip")]
    if request.token is not None:
        headers.append((b"authorization", request.token.encode()))
    if content:
        headers += [(b"content-type", request.kind.encode()), (b"content-length", b"%d" % len(content))]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.verb,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50000),
    }, content


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[tuple[Server, dict[str, Any]]]:
    """The application with a demo marketplace, and what demo.json tells of it."""
    settings = Settings(data_dir=home)
    with EmbeddedPostgres(home) as database:
        settings = await prepare(settings, database.url)
        async with await open_pool(database.url, min_size=1, max_size=2) as pool:
            await ensure_demo(pool, settings)
        await _log_statements(database)
        app = create_app(replace(settings, database_url=database.url), chores=False)
        # Requests are logged as ever, to nobody.
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # noqa: ASYNC230, PTH123
            configure_logging("info", "json")
            async with _started(app):
                yield Server(app, database.log), json.loads((home / "demo.json").read_text())


async def _log_statements(database: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute("ALTER SYSTEM SET log_line_prefix = '%a '")
        await connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
    await asyncio.sleep(0.3)


@asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
    task = asyncio.create_task(app(scope, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    if (await outgoing.get())["type"] != "lifespan.startup.complete":
        raise RuntimeError("the application did not start")
    try:
        yield
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await outgoing.get()
        await task


async def trace_all(server: Server, demo: dict[str, Any]) -> dict[str, Way]:
    """The ways of the traced requests, by what they are."""
    shopper, admin = [await _login(server, demo, name) for name in ("buyer01", "admin01")]
    ways = {"GET /v1/me": await _warm(server, lambda _: Request("GET", "/v1/me", shopper))}
    ways["PATCH /v1/products/{id} (Description)"] = await _warm(
        server,
        lambda n: Request("PATCH", "/v1/products/lark-1", admin, {"Description": f"As described {n}."}),
    )
    remembered = Request("GET", "/v1/me/products?search=tent", shopper)
    ways["GET /v1/me/products?search, page remembered"] = await _warm(server, lambda _: remembered)
    words = ("lamp", "stove", "jacket", "bottle")
    ways["the same, another word"] = await _warm(
        server, lambda n: Request("GET", f"/v1/me/products?search={words[n]}", shopper)
    )
    first = Request("GET", "/v1/me/products?search=mat&Weight=%3E1&pageSize=7", shopper)
    ways["the same, first of its shape"] = await server.trace(first)
    orders = [await _cart(server, shopper) for _ in range(WARM + 1)]
    ways["POST ../submit (2 lines)"] = await _warm(
        server, lambda n: Request("POST", f"/v1/orders/Outgoing/{orders[n]}/submit", shopper, {})
    )
    grant = {"grant_type": "password", "client_id": demo["clientID"], "username": "nobody", "password": "x"}
    ways["POST /oauth/token, refused"] = await _warm(
        server,
        lambda _: Request(
            "POST", "/oauth/token", None, urlencode(grant), "application/x-www-form-urlencoded"
        ),
    )
    return ways


async def _warm(server: Server, request: Callable[[int], Request]) -> Way:
    """The way of the last of several such requests."""
    for number in range(WARM):
        await server.ask(request(number))
    return await server.trace(request(WARM))


async def _login(server: Server, demo: dict[str, Any], name: str) -> str:
    user = demo["users"][name]
    grant = {"grant_type": "password", "client_id": demo["clientID"]}
    grant |= {"username": user["username"], "password": user["password"]}
    form = Request("POST", "/oauth/token", None, urlencode(grant), "application/x-www-form-urlencoded")
    status, answer = await server.ask(form)
    if status != 200:
        raise RuntimeError(f"{name} cannot log in: {answer}")
    return f"Bearer {answer['access_token']}"


async def _cart(server: Server, shopper: str) -> str:
    """The ID of a new order with two lines."""
    _, order = await server.ask(Request("POST", "/v1/orders/Outgoing", shopper, {}))
    for product in ("peg-set", "tote"):
        line = {"ProductID": product, "Quantity": 1}
        target = f"/v1/orders/Outgoing/{order['ID']}/lineitems"
        status, answer = await server.ask(Request("POST", target, shopper, line))
        if status != 201:
            raise RuntimeError(f"no line of {product}: {answer}")
    order_id: str = order["ID"]
    return order_id


def main() -> None:
    """Print the table, and with `--files` the files of each way in the order of their first call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", action="store_true", help="Show the files of each request.")
    arguments = parser.parse_args()
    console = Console(highlight=False, width=120)
    with tempfile.TemporaryDirectory(prefix="entrepot-trace-", ignore_cleanup_errors=True) as place:
        home = Path(place)
        home.chmod(0o711)
        ways = asyncio.run(_traced(home))
    table = Table("request", "status", "files", "functions", "calls", "hops", "statements")
    for name, way in ways.items():
        of_transactions = [each for each in way.statements if each.upper().encode() in _OF_TRANSACTIONS]
        statements = str(len(way.statements) - len(of_transactions))
        if of_transactions:
            statements += f" + {', '.join(of_transactions)}"
        counts = (way.status, len(way.files), way.functions, way.calls, way.hops)
        table.add_row(name, *map(str, counts), statements)
    console.print(table)
    for name, way in ways.items() if arguments.files else ():
        console.print(f"\n{name}: {' -> '.join(way.files)}")


async def _traced(home: Path) -> dict[str, Way]:
    async with serving(home) as (server, demo):
        return await trace_all(server, demo)


if __name__ == "__main__":
    main()
