"""`entrepot clone`: a marketplace of another server, over its public API, becomes one of this one (ADR 0047)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import asyncpg

from entrepot.app.database import prepare
from entrepot.app.registry import registry
from entrepot.app.seeding import bars_of, seeder
from entrepot.app.settings import Settings
from entrepot.features.seeding.problems import MOST, Problem, SeedRefusedError
from entrepot.features.seeding.reading import Record
from entrepot.features.seeding.remote.anonymizing import Anonymizer, key_of
from entrepot.features.seeding.remote.assembling import assemble, records_at
from entrepot.features.seeding.remote.collecting import Change, collect, collect_trade
from entrepot.features.seeding.remote.errors import RemoteError
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.reader import RemoteReader, open_reader
from entrepot.features.seeding.remote.source import Access, Patience
from entrepot.features.seeding.remote.store import Head, Store
from entrepot.features.seeding.remote.trade_writing import TradeWriter
from entrepot.features.seeding.remote.transport import Transport
from entrepot.features.seeding.seeding import Progress, Seeded, Seeder, Silence, citext_by_copy
from entrepot.features.seeding.statistics import analyze
from entrepot.kernel.ids import is_id, new_id
from entrepot.storage.pool import open_pool
from entrepot.storage.priority import give_way, give_way_in_database

__all__ = ["Access", "Cloned", "RemoteError", "SeedRefusedError", "Wanted", "clone"]

SEED = "marketplace.yml"
USERS = frozenset({"AdminUsers", "SupplierUsers", "Users"})
CALLING = (
    "Webhooks",
    "IntegrationEvents",
    "MessageSenders",
    "DeliveryConfigurations",
    "OpenIdConnects",
    "PromotionIntegrations",
    "SubscriptionIntegrations",
)
"""Kinds of what calls somebody abroad."""
PASSES = 20
"""Times that what was read is written, without what was refused the last time: what hangs on that may be refused then."""
MOST_UNFIT = 100_000
"""Records that may be left out in each."""
THERE_IS = 'SELECT EXISTS (SELECT 1 FROM marketplaces WHERE lower("ID") = lower($1))'
PASSWORD_LETTERS = 28
_KINDS_OF_LETTERS = "aA1-"
"""What every rule for passwords is content with, before the random ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be cloned, and how. state: the directory in which it goes on; keep: whether that stays
    afterwards. keep_xp: of what is anonymized.
    """

    access: Access
    state: Path
    marketplace: str = field(default_factory=new_id)
    name: str | None = None
    keep: bool = False
    orders: bool = False
    anonymize: bool = False
    keep_xp: bool = False
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Cloned:
    """What has been made. username: of whoever has read it, as it is here; password: everybody's, since those of the source cannot
    be read.
    """

    seeded: Seeded
    source: str
    findings: Findings
    username: str
    password: str = field(repr=False)
    requests: int
    went_on: bool

    @property
    def users(self) -> int:
        return sum(self.seeded.records.get(kind, 0) for kind in USERS)


async def clone(settings: Settings, url: str, wanted: Wanted) -> Cloned:
    """Read, then write all of it or nothing, with bars on standard error.

    Raises RemoteError, after which the same call goes on, SeedRefusedError and OSError.
    """
    give_way()
    settings = await prepare(settings, url)
    async with (
        await open_pool(url, min_size=1, max_size=2) as pool,
        seeder(settings, pool) as made,
    ):
        with bars_of(piped=False) as bars:
            async with pool.acquire() as connection:
                if settings.embedded:
                    give_way_in_database(settings.data_dir, connection.get_server_pid())
                await check_free(connection, wanted.marketplace)
            return await clone_into(made, pool, wanted, progress=bars)


async def clone_into(
    made: Seeder,
    pool: asyncpg.Pool,
    wanted: Wanted,
    *,
    progress: Progress | None = None,
    transport: Transport | None = None,
) -> Cloned:
    """The same with what is open already. `transport` leads to the source otherwise than by a network."""
    progress = progress or Silence()
    async with open_reader(
        registry(), wanted.access, patience=wanted.patience, transport=transport
    ) as reader:
        anonymized = ("with xp" if wanted.keep_xp else "without xp") if wanted.anonymize else ""
        head = Head(wanted.access.url, wanted.access.client_id, reader.marketplace, wanted.orders, anonymized)
        with Store.open(wanted.state, head) as store:
            went_on = store.goes_on
            change = _change(wanted, reader)
            await collect(reader, store, progress, change)
            if wanted.orders:
                await collect_trade(reader, store, registry(), progress, change)
            password = _password()
            seeded = await _write_fitting(made, pool, wanted, reader, store, password, progress)
    if not wanted.keep:
        store.remove()
    username = change("AdminUsers", {"Username": reader.username})["Username"]
    return Cloned(
        seeded, reader.marketplace, reader.findings, username, password, reader.source.requests, went_on
    )


async def _write_fitting(
    made: Seeder,
    pool: asyncpg.Pool,
    wanted: Wanted,
    reader: RemoteReader,
    store: Store,
    password: str,
    progress: Progress,
) -> Seeded:
    """What the store holds. Where something of the source was not read, rules may refuse what hangs on it without naming it, as a shop
    for everybody whose default user is not there: that is left out, and the rest written anew.
    """
    seed, unfit, findings = wanted.state / SEED, set[bytes](), reader.findings
    for left in reversed(range(PASSES)):
        assemble(registry(), store, findings, seed, progress, unfit)
        try:
            return await _write(made, pool, wanted, reader, store, password, progress)
        except SeedRefusedError as error:
            refused = [*records_at(seed, error.problems)] if left and findings.is_partial else []
            if not refused:
                where = Problem(0, "", f"what has been read is in {seed}, whose lines these are")
                problems = [where, *error.problems[:MOST]]
                raise SeedRefusedError(problems, more=error.more or len(error.problems) > MOST) from None
            for kind, mark, message in refused:
                count, why = findings.unfit.get(kind, (0, message))
                findings.unfit[kind] = (count + 1, why)
                unfit.add(mark)
    raise AssertionError


async def _write(
    made: Seeder,
    pool: asyncpg.Pool,
    wanted: Wanted,
    reader: RemoteReader,
    store: Store,
    password: str,
    progress: Progress,
) -> Seeded:
    """What the store holds, in one transaction."""

    async def seed() -> Seeded:
        return await made.seed(
            connection,
            store.directory / SEED,
            wanted.marketplace,
            wanted.name or f"Clone of {reader.marketplace}",
            progress=progress,
            fill=lambda record: _with_password(record, password),
            most=MOST_UNFIT if reader.findings.is_partial else MOST,
        )

    async with pool.acquire() as connection:
        if not wanted.orders:
            return await seed()
        async with connection.transaction():
            seeded = await seed()
            names = (reader.marketplace, wanted.marketplace)
            writer = TradeWriter(connection, store, *names, reader.findings, progress)
            async with citext_by_copy(connection):
                tables = await writer.write()
        await analyze(connection, (*seeded.tables, *tables))
    orders = {name: count for name, count in writer.counts.items() if count}
    return replace(seeded, records={**seeded.records, **orders})


def told(cloned: Cloned) -> Iterator[str]:
    """What the reader of a terminal has to know, a line each."""
    findings, made = cloned.findings, cloned.seeded
    yield f"Marketplace  {made.marketplace}, a clone of {cloned.source}"
    for there, here in made.client_ids.items():
        yield f"API client   {here} ({there.upper()} there)"
    if cloned.users:
        yield f"Log in       as {cloned.username}, whose API client has read it"
        yield f"Password     {cloned.password} is now that of all {cloned.users:,} users"
    calling = [f"{made.records[kind]:,} {kind}" for kind in CALLING if made.records.get(kind)]
    if calling:
        yield f"Calls out    {', '.join(calling)} have the URLs that they have there"
    if collections := made.records.get("ProductCollections"):
        yield f"Of nobody    {collections:,} ProductCollections: no list says whose they are"
    for name in sorted(findings.redacted):
        yield f"New secret   {name}"
    for name, why in sorted(findings.refused.items()):
        yield f"Not read     {name}: {why}"
    for name, (read, total) in sorted(findings.short.items()):
        yield f"Incomplete   {name}: {read:,} of {total:,}"
    for name, count in sorted(findings.unknown.items()):
        yield f"Unknown      {name}, left out of {count:,}"
    for name, count in sorted(findings.cleared.items()):
        yield f"Emptied      {name} of {count:,}, for what it names was not read"
    for name, count in sorted(findings.dropped.items()):
        yield f"Left out     {count:,} of {name}, for what they belong to was not read"
    for name, (count, why) in sorted(findings.unfit.items()):
        yield f"Left out     {count:,} of {name}, which cannot be without what was not read: {why}"
    for name, count in sorted(findings.gone.items()):
        yield f"Gone         {count:,} lists of {name} led through what was deleted meanwhile"


def _change(wanted: Wanted, reader: RemoteReader) -> Change:
    if not wanted.anonymize:
        return lambda _kind, record: record
    key = key_of(wanted.access.client_secret, reader.marketplace)
    return Anonymizer(key, partial(reader.known.has, "buyers"), keeps_xp=wanted.keep_xp).record


async def check_free(connection: asyncpg.Connection, marketplace: str) -> None:
    """Before hours of reading what could not be written."""
    if not is_id(marketplace):
        raise SeedRefusedError([Problem(0, "", f"{marketplace} cannot be the ID of a marketplace")])
    if await connection.fetchval(THERE_IS, marketplace):
        raise SeedRefusedError([
            Problem(0, "", f"there is a marketplace {marketplace} already; a clone is a new one")
        ])  # fmt: skip


def _with_password(record: Record, password: str) -> Record:
    if record.kind in USERS and isinstance(record.value, dict):
        return replace(record, value={**record.value, "Password": password})
    return record


def _password() -> str:
    letters = string.ascii_letters + string.digits
    return _KINDS_OF_LETTERS + "".join(secrets.choice(letters) for _ in range(PASSWORD_LETTERS))
