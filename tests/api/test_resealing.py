"""The secret key can be replaced: everything that is sealed is sealed with another one (security 13)."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from tests.app.commands import KEY, entrepot, told

from entrepot.app.registry import registry
from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.features.people.catchers import places as catchers
from entrepot.features.people.credentials import key_check, keys
from entrepot.features.people.credentials.secrets import FORMAT_VERSION, SecretBox
from entrepot.features.people.deliveries.places import place_of_body
from entrepot.features.people.deliveries.telling import place_of_confidential
from entrepot.features.people.integrations.sealing import place
from entrepot.features.people.mail import mailbox
from entrepot.features.people.resealing import reseal
from entrepot.features.people.sealed_rows import sealed_tables

EVERYTHING = Path(__file__).with_name("seeds") / "everything.yml"
OLD, NEW = KEY, "n" * 32
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def header(key: str) -> bytes:
    """What every value that this key sealed begins with."""
    return FORMAT_VERSION + SecretBox(key.encode())._current.id


async def places(connection: asyncpg.Connection, key: str) -> Counter[str]:
    """Tables with values that the key sealed, and how many; wherever in a row they are, in binary or in Base64."""
    marks = (header(key).hex(), base64.b64encode(header(key)).decode()[:6])
    found: Counter[str] = Counter()
    for (table,) in await connection.fetch(TABLES):
        for (row,) in await connection.fetch(f"SELECT t::text FROM {table} t"):
            found[table] += sum(row.count(mark) for mark in marks)
    return +found


async def add_settings(connection: asyncpg.Connection, box: SecretBox) -> None:
    """Those of which a marketplace has one are in no seed file."""
    marketplace_id, client = await connection.fetchrow('SELECT marketplace_id, "ID" FROM api_clients LIMIT 1')
    for table, more, values in (
        ("promotion_integrations", "", ()),
        ("subscription_integrations", ', "ApiClientID"', (client,)),
    ):
        header, key = (
            box.seal_text("secret", place(table, name, marketplace_id))
            for name in ("CustomAuthHeaderValue", "HashKey")
        )
        await connection.execute(
            f"""INSERT INTO {table} (marketplace_id, setting, "CustomAuthHeaderValue", sealed_hashkey{more})
            VALUES ($1, 'it', $2, $3{", $4" if more else ""})""",
            marketplace_id,
            base64.b64encode(header).decode(),
            key,
            *values,
        )


async def add_deliveries(connection: asyncpg.Connection, box: SecretBox) -> None:
    """One whose body is sealed, and what was told with something confidential."""
    marketplace_id = await connection.fetchval("SELECT marketplace_id FROM marketplaces LIMIT 1")
    confidential = box.seal(b"{}", place_of_confidential(marketplace_id))
    await connection.execute(
        """INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, confidential, request_id, told_at)
        VALUES ($1, 'K', 'a', '{}', $2, '', now())""",
        marketplace_id,
        confidential,
    )
    await connection.execute(
        """INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate,
            status, body, confidential, log, request_id, told_at, created_at)
        VALUES ($1, 'D', 'K', 'I', '', 'T', 'E', '', 'a', 'Queued', $2, $3, '[]', '', now(), now())""",
        marketplace_id,
        box.seal(b"{}", place_of_body(marketplace_id, "D")),
        confidential,
    )
    await connection.execute(
        """INSERT INTO mailbox (marketplace_id, "ID", "MessageType", "Recipient", "Username", "Subject", "DateCreated", content)
        VALUES ($1, 'M', '', '', '', '', now(), $2)""",
        marketplace_id,
        box.seal(b"{}", mailbox.place(marketplace_id)),
    )
    await connection.execute(
        """INSERT INTO catchers (marketplace_id, "ID", "DateCreated", address) VALUES ($1, 'C', now(), 'x')""",
        marketplace_id,
    )
    await connection.execute(
        """INSERT INTO caught_requests (marketplace_id, "CatcherID", "ID", "DateCreated", "Method", "Path", content)
        VALUES ($1, 'C', 'R', now(), 'GET', '', $2)""",
        marketplace_id,
        box.seal(b"{}", catchers.place(marketplace_id)),
    )


async def test_security_13_everything_is_sealed_anew(database_url: str, pool: asyncpg.Pool) -> None:
    """What a declaration adds is in it by itself: the file has a secret of every kind, and each row is looked through."""
    settings = Settings(database_url=database_url, secret_key=OLD, argon2_memory_kib=8, argon2_passes=1)
    async with seeder(settings, pool) as made, pool.acquire() as connection:
        await key_check.check(connection, SecretBox(OLD.encode()))
        await keys.rotate(connection, SecretBox(OLD.encode()), datetime.now(UTC))
        await made.seed(connection, EVERYTHING, "shop", "Shop")
        await add_settings(connection, SecretBox(OLD.encode()))
        await add_deliveries(connection, SecretBox(OLD.encode()))
        before = await places(connection, OLD)
        declared = {each.entity.table for each in sealed_tables(registry())}
        others = {
            "api_clients",
            "signing_keys",
            "secret_key_checks",
            "outbox_events",
            "deliveries",
            "mailbox",
            "caught_requests",
        }
        assert before.keys() == declared | others
        box = SecretBox(NEW.encode(), OLD.encode())
        assert await reseal(connection, registry(), box) > 0
        assert await places(connection, OLD) == Counter()
        assert await places(connection, NEW) == before
        # They open, too: once more, with the new key alone.
        assert await reseal(connection, registry(), SecretBox(NEW.encode())) > 0


def test_security_13_a_new_secret_key_beside_the_embedded_database(home: Path) -> None:
    data = ("--data-dir", str(home / "data"))
    assert entrepot("marketplace", "create", "Shop", *data).returncode == 0
    assert entrepot("keys", "rotate", *data).returncode == 0
    place = home / "data" / "secret.key"
    former = place.read_text()
    done = entrepot("keys", "reseal", "--new-secret", *data)
    assert done.returncode == 0, done.stderr
    assert former not in place.read_text()
    assert place.stat().st_mode & 0o777 == 0o600
    assert entrepot("keys", "list", *data).stdout.count("signs") == 1
    current = place.read_text()
    place.write_text(former)
    assert "secret.key is not the key" in told(entrepot("keys", "list", *data))
    # As a reseal leaves it that was interrupted: the new key stands first, and is there to stay.
    place.write_text(f"{current}\n{former}")
    assert entrepot("keys", "list", *data).returncode == 0
    assert entrepot("keys", "reseal", *data).returncode == 0
    assert place.read_text() == current


def test_security_13_a_new_secret_key_with_a_database_of_ones_own(database_url: str) -> None:
    """Each step with servers of the step before still running: all of them open what any of them seals."""
    old, new = "o" * 32, "n" * 32
    steps = [
        (old, "", ["keys", "rotate"]),
        (old, new, ["keys", "list"]),
        (new, old, ["keys", "list"]),
        (new, old, ["keys", "reseal"]),
        (new, "", ["keys", "rotate"]),
    ]
    for key, previous, command in steps:
        settings = {
            "ENTREPOT_DATABASE_URL": database_url,
            "ENTREPOT_SECRET_KEY": key,
            "ENTREPOT_PREVIOUS_SECRET_KEYS": previous,
        }
        done = entrepot(*command, **settings)
        assert done.returncode == 0, done.stderr
    told(entrepot("keys", "list", ENTREPOT_DATABASE_URL=database_url, ENTREPOT_SECRET_KEY=old))
