"""The demo marketplace from `marketplace.yml`, with passwords and a secret that stand in no file."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg

from entrepot.app.marketplaces import hash_passwords, new_password
from entrepot.app.portal import add_account
from entrepot.app.seeding import seeder
from entrepot.app.settings import Settings
from entrepot.features.people.credentials.secrets import new_client_secret
from entrepot.features.seeding.reading import Record
from entrepot.features.seeding.statistics import analyze
from entrepot.kernel.user_types import UserType

NAME = "Entrepot demo"
ACCOUNT = "demo"
"""The username of the account that owns it."""
FILE = Path(__file__).with_name("marketplace.yml")
FREE = """
SELECT each.name::text FROM unnest($1::citext[]) WITH ORDINALITY AS each(name, place)
WHERE NOT EXISTS (SELECT 1 FROM portal_accounts a WHERE a."Username" = each.name) ORDER BY each.place LIMIT 1
"""
"""The first of these usernames that nobody has."""
USERS = {"admin01": UserType.SELLER, "buyer01": UserType.BUYER, "supplier01": UserType.SUPPLIER}
"""Who gets a password; the kinds of records that they stand under are USER_KINDS."""
USER_KINDS = frozenset({"AdminUsers", "Users", "SupplierUsers"})
CLIENTS = {
    "clientID": "application",
    "integrationClientID": "integration",
    "anonymousClientID": "storefront",
}
"""What demo.json calls an API client -> its ID in the file."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands in no file: secrets, which are told in demo.json, and where this server is."""

    passwords: dict[str, str]
    integration: str
    base_url: str

    def fill(self, record: Record) -> Record:
        """A record of the file with its password or secret, or with its pictures' whole addresses."""
        object_id = record.value.get("ID")
        if record.kind == "Products":
            images = [
                {name: f"{self.base_url}{path}" for name, path in image.items()}
                for image in record.value["xp"]["Images"]
            ]
            return replace(record, value=record.value | {"xp": record.value["xp"] | {"Images": images}})
        if record.kind in USER_KINDS and object_id in self.passwords:
            return replace(record, value={**record.value, "Password": self.passwords[object_id]})
        if record.kind == "ApiClients" and object_id == CLIENTS["integrationClientID"]:
            return replace(record, value={**record.value, "ClientSecret": self.integration})
        return record


async def make_demo(pool: asyncpg.Pool, settings: Settings, keep: Callable[[dict[str, Any]], None]) -> None:
    """Make a marketplace; `keep` is told what demo.json has of it."""
    passwords = {username: new_password() for username in USERS}
    known = Missing(passwords, new_client_secret(), settings.base_url)
    marketplace = f"demo-{secrets.token_hex(4)}"
    async with seeder(settings, pool) as made, pool.acquire() as connection:
        async with connection.transaction():
            seeded = await made.seed(connection, FILE, marketplace, NAME, fill=known.fill)
            facts = {
                "baseUrl": settings.base_url,
                "marketplaceID": marketplace,
                **{name: seeded.client_ids[in_file] for name, in_file in CLIENTS.items()},
                "integrationClientSecret": known.integration,
                "users": {
                    username: {
                        "username": username,
                        "password": known.passwords[username],
                        "userType": user_type.value,
                    }
                    for username, user_type in USERS.items()
                },
            }
            facts |= await own_account(connection, settings, marketplace)
            # Before the commit: a marketplace without its file could never be logged in to.
            keep(facts)
        await analyze(connection, seeded.tables)


async def own_account(connection: asyncpg.Connection, settings: Settings, marketplace: str) -> dict[str, Any]:
    """An account of the portal that owns the marketplace and runs the server; what demo.json has of it."""
    # Another demo of this database has the first; this one, whose file is lost or from before, the second.
    names = [ACCOUNT, marketplace, f"{marketplace}-{secrets.token_hex(4)}"]
    username: str = await connection.fetchval(FREE, names)
    password = new_password()
    (password_hash,) = await hash_passwords(settings, password)
    email = f"{username}@example.com"
    await add_account(connection, settings, username, email, password_hash, operates=True, owns=marketplace)
    return {"portal": {"username": username, "email": email, "password": password}}
