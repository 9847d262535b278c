"""A marketplace that plays the cloud: seeded, and read over HTTP by an API client of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
from tests.api.marketplace import Server

from entrepot.engine.wire.json import dump, encode, parse
from entrepot.features.seeding.download import download
from entrepot.features.seeding.reading import Record, read_records
from entrepot.features.seeding.remote.listings import UNLISTED
from entrepot.features.seeding.remote.reader import RemoteReader, open_reader
from entrepot.features.seeding.remote.source import Access, Patience
from entrepot.features.seeding.remote.transport import Answer, UnreachedError
from entrepot.features.seeding.seeding import Seeder
from entrepot.kernel.ids import new_id

EVERYTHING = Path(__file__).with_name("seeds") / "everything.yml"
SECRET = "the-source's-secret-0123456789"
Records = dict[str, list[str]]
Objects = dict[str, list[dict[str, Any]]]
Strike = Callable[[str], Awaitable[Answer | None]]
"""Of a method and a URL: what is answered instead; it may raise UnreachedError."""
Change = Callable[[str, Any], None]
"""Changes the body of an answer to a method and a URL."""


WAITED: list[float] = []
"""Seconds that a test would have waited for."""


async def at_once(seconds: float) -> None:
    """Nobody waits in a test."""
    WAITED.append(seconds)


PATIENCE = Patience(attempts=4, rate=1e6, sleep=at_once)


def reading(roles: list[str], user: str = "cloud-reader") -> dict[str, Objects]:
    """The records of an API client that reads with these roles."""
    return {
        "Objects": {
            "SecurityProfiles": [{"ID": user, "Name": "Reads", "Roles": roles}],
            "AdminUsers": [
                {
                    "ID": user,
                    "Username": user,
                    "FirstName": "R",
                    "LastName": "R",
                    "Email": "reader@example.com",
                    "Active": True,
                }
            ],
            "ApiClients": [
                {
                    "ID": user,
                    "AppName": "Reads",
                    "ClientSecret": SECRET,
                    "AccessTokenDuration": 600,
                    "Active": True,
                    "AllowSeller": True,
                    "DefaultContextUserName": user,
                }
            ],
        },
        "Assignments": {"SecurityProfileAssignments": [{"SecurityProfileID": user, "UserID": user}]},
    }


def joined(*documents: Mapping[str, Any]) -> dict[str, Objects]:
    """One document with the records of all."""
    whole: dict[str, Objects] = {"Objects": {}, "Assignments": {}}
    for document in documents:
        for section, kinds in whole.items():
            for kind, records in (document.get(section) or {}).items():
                kinds.setdefault(kind, []).extend(records)
    return whole


def everything() -> dict[str, Objects]:
    """The document with a record of every kind."""
    document: dict[str, Objects] = {"Objects": {}, "Assignments": {}}
    for record in read_records(EVERYTHING):
        document[record.section].setdefault(record.kind, []).append(record.value)
    return document


@dataclass
class Cloud:
    """A seeded marketplace. `strikes` fail its requests, the first that does."""

    server: Server
    marketplace: str
    marketplace_id: int
    client_id: str
    login: Mapping[str, str] | None = None
    """The form of another grant than that of the API client's secret."""
    strikes: list[Strike] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Methods and URLs."""

    @property
    def access(self) -> Access:
        return Access(self.server.settings.base_url, self.client_id, SECRET)

    async def transport(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """The way to it, without a network."""
        self.asked.append(f"{method} {url}")
        for strike in self.strikes:
            answer = await strike(self.asked[-1])
            if answer is not None:
                return answer
        if self.login is not None and url.endswith("/oauth/token"):
            body = urlencode(self.login).encode()
        async with self.server.client() as client:
            try:
                answered = await client.request(method, url, headers=dict(headers), content=body)
            except httpx.HTTPError as error:
                raise UnreachedError(str(error)) from error
        body = answered.content
        if self.changes and answered.status_code == 200:
            value = parse(body)
            for change in self.changes:
                change(self.asked[-1], value)
            body = encode(value)
        return Answer(answered.status_code, body, dict(answered.headers))

    @asynccontextmanager
    async def reader(self, access: Access | None = None) -> AsyncIterator[RemoteReader]:
        from entrepot.app.registry import registry

        async with open_reader(
            registry(), access or self.access, patience=PATIENCE, transport=self.transport
        ) as reader:
            yield reader


async def cloud_of(
    server: Server,
    seeder: Seeder,
    connection: asyncpg.Connection,
    directory: Path,
    document: Mapping[str, Any],
    client: str = "cloud-reader",
) -> Cloud:
    """Seed a document as such a marketplace."""
    marketplace = new_id()
    path = directory / f"{marketplace}.yml"
    path.write_text(dump(document), encoding="utf-8")
    seeded = await seeder.seed(connection, path, marketplace, "Cloud")
    sql = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
    return Cloud(
        server, marketplace, await connection.fetchval(sql, marketplace), seeded.client_ids[client.lower()]
    )


@dataclass
class Clouds:
    """Makes sources, and says what their own server would write of them."""

    server: Server
    seeder: Seeder
    connection: asyncpg.Connection
    directory: Path

    async def of(self, *documents: dict[str, Any]) -> Cloud:
        return await cloud_of(self.server, self.seeder, self.connection, self.directory, joined(*documents))

    async def downloaded(self, marketplace: str) -> Records:
        """As its own server writes it, without what no list shows: whose collections are, and who is invited to them."""
        file = StringIO()
        made = self.seeder
        await download(self.connection, made.registry, made.services, marketplace, file)
        path = self.directory / f"{marketplace}-own.yml"
        path.write_text(file.getvalue(), encoding="utf-8")
        records: Records = {}
        for record in read_records(path):
            if record.kind not in UNLISTED:
                records.setdefault(record.kind, []).append(text_of(as_listed(record)))
        return {kind: sorted(each) for kind, each in records.items()}


def as_listed(record: Record) -> dict[str, Any]:
    """A record as the lists of its server show it."""
    hidden = ("UserID",) if record.kind == "ProductCollections" else ()
    return {name: value for name, value in record.value.items() if name not in hidden}


def text_of(value: Any) -> str:
    """A record, comparable: but for the quantity that records of stock hide, and that nobody can see (IRC-3)."""
    if isinstance(value.get("Inventory"), dict):
        value = {**value, "Inventory": {**value["Inventory"], "QuantityAvailable": None}}
    return json.dumps(value, sort_keys=True, default=lambda number: str(number.normalize()))


async def read_all(reader: RemoteReader) -> Records:
    """All that a reader reads, by kind."""
    records: Records = {}
    async for kind, record in reader.records():
        records.setdefault(kind.name, []).append(text_of(record))
    return {kind: sorted(each) for kind, each in records.items()}


def refusing(status: int, **headers: str) -> Answer:
    """An answer of trouble."""
    told = {"Errors": [{"ErrorCode": "Api.Busy", "Message": "Later.", "Data": None}]}
    return Answer(status, json.dumps(told).encode(), headers)
