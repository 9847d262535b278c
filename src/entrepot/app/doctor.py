"""`entrepot doctor`: what an operator would look at, and whether it is as it should be. It changes nothing."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import asyncpg

from entrepot.app.secret_key import secret_box, with_kept_key
from entrepot.app.settings import Settings, SettingsError
from entrepot.features.people.credentials import key_check, keys
from entrepot.kernel.clock import utc_now
from entrepot.storage.connecting import connected
from entrepot.storage.migrate import NewerSchemaError, check_known, head_revision, recorded_revision
from entrepot.storage.suitable import EXTENSIONS, UnsuitableDatabaseError, check_standing, missing_extensions

OLD_KEY_DAYS = 365
LEAST_FREE = (0.05, 0.15)
"""Shares of the disk below which it is a problem, and a warning."""
CLOCKS = (1.0, 30.0)
"""Seconds of difference from which on it is a warning, and a problem: tokens, codes and carts live by the clock."""
DEAD_SHARE, WORTH_VACUUMING = 0.3, 10_000
LARGEST_SCALE_FACTOR = 0.05
GROWING = (
    "orders",
    "deliveries",
    "outbox_events",
    "logged_requests",
    "refresh_tokens",
    "user_codes",
    "password_history",
    "refused_names",
    "portal_sessions",
    "portal_codes",
    "portal_messages",
    "portal_refusals",
    "portal_used_states",
)
"""Tables that traffic alone makes larger."""

SETTINGS = """
SELECT name, setting, unit FROM pg_settings WHERE name = ANY($1) ORDER BY name
"""
SHOWN = (
    "autovacuum", "autovacuum_analyze_scale_factor", "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_scale_factor", "fsync", "full_page_writes", "idle_in_transaction_session_timeout", "lock_timeout",
    "max_connections", "shared_buffers", "statement_timeout", "synchronous_commit", "track_counts",
)  # fmt: skip
SIZES = """
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, s.n_live_tup AS live, s.n_dead_tup AS dead,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed, c.relname = ANY($1) AS grows
FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace ORDER BY bytes DESC, c.relname
"""
LARGEST = 5
DATABASE = (
    "SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version') AS version"
)


class Level(StrEnum):
    """How it is."""

    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    told: str


async def examine(settings: Settings, url: str) -> list[Finding]:
    """Everything, in the order in which one thing rests on another. Raises PostgresUnavailableError."""
    async with connected(url) as connection:
        found = [each async for each in _database(connection)]
        found += [each async for each in _schema_and_keys(settings, connection)]
        found += [each async for each in _clock(connection)]
        found += [each async for each in _configuration(settings, connection)]
        found += [each async for each in _tables(connection)]
    if settings.embedded:
        found.append(_disk(settings.data_dir))
    return found


def is_well(findings: list[Finding]) -> bool:
    """Whether nothing of it is a problem."""
    return all(each.level is not Level.PROBLEM for each in findings)


def as_json(findings: list[Finding]) -> str:
    """For programs."""
    told = {"well": is_well(findings), "findings": [asdict(each) for each in findings]}
    return json.dumps(told, indent=2, ensure_ascii=False)


async def _database(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    row = await connection.fetchrow(DATABASE)
    try:
        await check_standing(connection)
        yield Finding(Level.GOOD, "server", f"PostgreSQL {row['version']}, UTF8, knows all letters")
    except UnsuitableDatabaseError as error:
        yield Finding(Level.PROBLEM, "server", str(error))
    absent = await missing_extensions(connection)
    yield _judged(
        "extensions", f"{', '.join(absent)} missing" if absent else ", ".join(EXTENSIONS), bad=bool(absent)
    )
    yield Finding(Level.GOOD, "size of the database", _bytes(row["bytes"]))


async def _schema_and_keys(settings: Settings, connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    revision = await recorded_revision(connection)
    try:
        check_known(revision)
    except NewerSchemaError as error:
        yield Finding(Level.PROBLEM, "schema", str(error))
        return
    if revision != head_revision():
        told = f"revision {revision}, the newest is {head_revision()}: run `entrepot migrate`"
        yield Finding(Level.PROBLEM, "schema", told)
        return
    yield Finding(Level.GOOD, "schema", f"revision {revision}, the newest")
    yield await _secret_key(settings, connection)
    known = await keys.describe(connection)
    signing = next((key for key in known if key.retired_at is None), None)
    if signing is None:
        yield Finding(Level.WARNING, "signing key", "none yet: the first start makes one")
        return
    days = (utc_now() - signing.created_at).days
    told = f"{signing.kid}, {days} days old, {len(known) - 1} others"
    if days > OLD_KEY_DAYS:
        yield Finding(Level.WARNING, "signing key", f"{told}: run `entrepot keys rotate`")
    else:
        yield Finding(Level.GOOD, "signing key", told)


async def _secret_key(settings: Settings, connection: asyncpg.Connection) -> Finding:
    sealed = await key_check.sealed_value(connection)
    if sealed is None:
        return Finding(Level.WARNING, "secret key", "not compared yet: the next start or command does")
    try:
        settings = with_kept_key(settings, make=False)
    except SettingsError as error:
        return Finding(Level.PROBLEM, "secret key", str(error))
    good = key_check.opens(secret_box(settings), sealed)
    previous = f", {len(settings.previous_secret_keys)} previous" if settings.previous_secret_keys else ""
    return _judged("secret key", f"the database's{previous}" if good else "not the database's", bad=not good)


async def _clock(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    began = time.monotonic()
    theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    ours = utc_now()
    # Their clock was read at some moment of the question.
    difference = max(0.0, abs((ours - theirs).total_seconds()) - (time.monotonic() - began))
    yield Finding(_level(difference, *CLOCKS), "clock", f"{difference:.1f} s from the database's")


async def _configuration(settings: Settings, connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    rows = {row["name"]: row for row in await connection.fetch(SETTINGS, list(SHOWN))}
    value = {name: row["setting"] for name, row in rows.items()}
    for name in ("autovacuum", "track_counts", "fsync", "full_page_writes"):
        yield _judged(name, value[name], bad=value[name] != "on")
    for name in SHOWN:
        if name.endswith("scale_factor"):
            wide = float(value[name]) > LARGEST_SCALE_FACTOR
            told = f"{value[name]}: totals of large lists are slow until tables are vacuumed, 0.02 keeps them fast"
            yield Finding(Level.WARNING if wide else Level.GOOD, name, told if wide else value[name])
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        told = "none of the server's own" if value[name] == "0" else f"{value[name]} ms"
        yield Finding(Level.GOOD, name, told)
    most = settings.workers * settings.pool_max_size
    room = int(value["max_connections"])
    told = f"{room}; the servers of these settings open up to {most} and a few more"
    yield Finding(Level.WARNING if most > room * 0.8 else Level.GOOD, "max_connections", told)


async def _tables(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    for number, row in enumerate(await connection.fetch(SIZES, list(GROWING))):
        if number >= LARGEST and not row["grows"]:
            continue
        told = f"{_bytes(row['bytes'])}, {row['live']:,} rows, {row['dead']:,} dead"
        neglected = row["dead"] > max(WORTH_VACUUMING, DEAD_SHARE * row["live"])
        yield Finding(
            Level.WARNING if neglected else Level.GOOD,
            f"table {row['name']}",
            f"{told}: autovacuum does not come by" if neglected else told,
        )


def _disk(data_dir: Path) -> Finding:
    usage = shutil.disk_usage(data_dir)
    share = usage.free / usage.total
    level = Level.PROBLEM if share < LEAST_FREE[0] else Level.WARNING if share < LEAST_FREE[1] else Level.GOOD
    return Finding(level, "disk", f"{_bytes(usage.free)} free of {_bytes(usage.total)}")


def _judged(subject: str, told: str, *, bad: bool) -> Finding:
    return Finding(Level.PROBLEM if bad else Level.GOOD, subject, told)


def _level(figure: float, warning: float, problem: float) -> Level:
    return Level.PROBLEM if figure >= problem else Level.WARNING if figure >= warning else Level.GOOD


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"
