"""The marketplace under load: 100,000 users of one buyer in groups, whose roles come from buyer and groups."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from benchmarks.limits import ROWS
from benchmarks.names import FIRST_NAMES, LAST_NAMES
from entrepot.app.marketplaces import create_marketplace, hash_passwords
from entrepot.app.settings import Settings
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.oauth.bootstrap import FirstClient
from entrepot.features.seeding.derived import settle
from entrepot.storage.pool import open_pool

BUYER = "northwind"
USERS = 100_000
GROUPS = 40
PASSWORD = "Correct-Horse-7"
SEED = 20_260_701

DEPARTMENTS = ("Purchasing", "Facilities", "Finance", "Logistics", "Research", "Sales", "Service")

USER_COLUMNS = (
    "marketplace_id", "BuyerID", "ID", "Username", "FirstName", "LastName", "Email", "Phone", "Active", "xp",
    "TermsAccepted", "DateCreated", "LastActive", "PasswordLastSetDate", "password_hash",
)  # fmt: skip

BUYER_ROLES = ("Shopper", "MeAdmin", "MeXpAdmin", "MeAddressAdmin", "PasswordReset")
GROUP_ROLES = ("BuyerReader", "OrderReader", "ApprovalRuleReader")

MEMBERS = """
INSERT INTO user_group_members (marketplace_id, group_key, user_key)
SELECT $1, g.key, u.key
FROM (SELECT key, row_number() OVER (ORDER BY key) AS place FROM users WHERE marketplace_id = $1) u
JOIN (SELECT key, row_number() OVER (ORDER BY key) AS place FROM user_groups WHERE marketplace_id = $1) g
  ON g.place = 1 + u.place % $2 OR (u.place % 3 = 0 AND g.place = 1 + (u.place * 7) % $2)
ON CONFLICT DO NOTHING
"""
GROUP_PROFILES = """
INSERT INTO security_profile_assignments (marketplace_id, "SecurityProfileID", "BuyerID", group_key)
SELECT $1, 'approvers', $2, key FROM user_groups WHERE marketplace_id = $1 ORDER BY key LIMIT 5
"""
LIST_INDEXES = (
    r"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'users' AND indexname LIKE 'ls\_%'"
)
LIMIT_ROWS = """
CREATE TABLE benchmark_rows (id bigint PRIMARY KEY, body text NOT NULL);
INSERT INTO benchmark_rows SELECT row_number() OVER (), json_build_object(
    'ID', "ID", 'CompanyID', "BuyerID", 'Username', "Username", 'FirstName', "FirstName", 'LastName', "LastName",
    'Email', "Email", 'Phone', "Phone", 'Active', "Active", 'xp', xp, 'AvailableRoles', $roles$["Shopper"]$roles$::json,
    'DateCreated', "DateCreated", 'LastActive', "LastActive", 'PasswordLastSetDate', "PasswordLastSetDate")::text
FROM users WHERE "BuyerID" IS NOT NULL LIMIT {rows}
"""


@dataclass(frozen=True, slots=True)
class Marketplace:
    """How to log in; the buyer's users are `username(n)` for n below USERS, all with PASSWORD."""

    client_id: str
    admin_username: str
    admin_password: str


def user_id(number: int) -> str:
    return f"buyer-user-{number:06d}"


def username(number: int) -> str:
    return f"user{number:06d}@northwind.example.com"


def is_active(number: int) -> bool:
    """Whether the user may log in: nineteen of twenty may."""
    return number % 20 != 19


async def load(url: str, settings: Settings) -> Marketplace:
    """Make the marketplace, and the table that the limit reads, in an empty schema; takes some ten seconds."""
    async with await open_pool(url, min_size=1, max_size=2) as pool:
        made = await create_marketplace(pool, "Benchmark", settings)
        (password_hash,) = await hash_passwords(settings, PASSWORD)
        async with pool.acquire() as connection:
            # COPY is binary; on the wire citext is text.
            await connection.set_type_codec(
                "citext", encoder=str.encode, decoder=bytes.decode, format="binary"
            )
            async with connection.transaction():
                client_id = await _company(connection, made.marketplace_id)
                records = _users(made.marketplace_id, password_hash)
                async with _without_list_indexes(connection):
                    await connection.copy_records_to_table("users", records=records, columns=USER_COLUMNS)
                await connection.execute(MEMBERS, made.marketplace_id, GROUPS)
                await connection.execute(GROUP_PROFILES, made.marketplace_id, BUYER)
                async for _ in settle(connection, made.marketplace_id):
                    pass
                await connection.execute(LIMIT_ROWS.format(rows=ROWS))
    return Marketplace(client_id, made.username, made.password)


@asynccontextmanager
async def _without_list_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """The table of users without the indexes of its lists, which are made in a tenth of the time afterwards."""
    indexes = await connection.fetch(LIST_INDEXES)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['indexname']}")
    yield
    for index in indexes:
        await connection.execute(index["indexdef"])


async def _company(connection: asyncpg.Connection, marketplace_id: int) -> str:
    """The buyer with its groups, profiles and locale, and a client for everybody; the client's ID."""
    await connection.execute(
        """INSERT INTO buyers (marketplace_id, "ID", "Name", "Active", "DateCreated") VALUES ($1, $2, $3, true, now())""",
        marketplace_id, BUYER, "Northwind Traders",
    )  # fmt: skip
    await connection.executemany(
        """INSERT INTO user_groups (marketplace_id, "BuyerID", "ID", "Name") VALUES ($1, $2, $3, $4)""",
        [(marketplace_id, BUYER, f"site-{i:02d}", f"Site {i}") for i in range(GROUPS)],
    )
    await connection.execute(
        """INSERT INTO locales (marketplace_id, "ID", "Currency", "Language") VALUES ($1, 'en-us', 'USD', 'en-US')""",
        marketplace_id,
    )
    await connection.execute(
        """INSERT INTO locale_assignments (marketplace_id, "LocaleID", "BuyerID") VALUES ($1, 'en-us', $2)""",
        marketplace_id, BUYER,
    )  # fmt: skip
    await bootstrap.add_profile(connection, marketplace_id, "shoppers", "Shoppers", BUYER_ROLES)
    await bootstrap.add_profile(connection, marketplace_id, "approvers", "Approvers", GROUP_ROLES)
    await bootstrap.assign_profile(connection, marketplace_id, "shoppers", buyer_id=BUYER)
    client = FirstClient(name="Benchmark", allow_seller=True, allow_any_buyer=True)
    return await bootstrap.add_client(connection, marketplace_id, client)


def _users(marketplace_id: int, password_hash: str) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(SEED)
    joined = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(USERS):
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        created = joined + timedelta(minutes=7 * number)
        yield (
            marketplace_id,
            BUYER,
            user_id(number),
            username(number),
            first,
            last,
            f"{first}.{last}.{number}@northwind.example.com".lower(),
            f"+1 555 {chance.randrange(10_000):04d}",
            is_active(number),
            _xp(chance, number),
            created,
            created,
            None if chance.random() < 0.4 else created + timedelta(days=chance.randrange(300)),
            created,
            password_hash,
        )


def _xp(chance: random.Random, number: int) -> str:
    return json.dumps(
        {
            "Department": chance.choice(DEPARTMENTS),
            "CostCenter": 1000 + number % 350,
            "Newsletter": chance.random() < 0.3,
            "Favorites": [f"product-{chance.randrange(5000)}" for _ in range(chance.randrange(4))],
        }
    )
