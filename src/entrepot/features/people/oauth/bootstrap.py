"""Rows that a marketplace begins with, before anybody can call the API (AUTH-84).

Each function is a few statements on a connection whose transaction is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from entrepot.engine import totals
from entrepot.features.people import holdings
from entrepot.features.people.identity.resources import USER
from entrepot.kernel.ids import new_guid

INSERT_MARKETPLACE = """
INSERT INTO marketplaces ("ID", "Name", "DateCreated") VALUES ($1, $2, $3) RETURNING marketplace_id
"""
INSERT_EPOCHS = (
    "INSERT INTO security_epochs (marketplace_id) VALUES ($1)",
    "INSERT INTO catalog_epochs (marketplace_id) VALUES ($1)",
)
INSERT_DIRECTORY = "INSERT INTO marketplace_directory (kind, name, marketplace_id) VALUES ($1, $2, $3)"
INSERT_PROFILE = """
INSERT INTO security_profiles (marketplace_id, "ID", "Name", "Roles", "CustomRoles") VALUES ($1, $2, $3, $4, $5)
"""
INSERT_ASSIGNMENT = """
INSERT INTO security_profile_assignments (marketplace_id, "SecurityProfileID", "BuyerID", "SupplierID", user_key)
VALUES ($1, $2, $3, $4, $5)
"""
INSERT_USER = """
INSERT INTO users (marketplace_id, "BuyerID", "SupplierID", "ID", "Username", "FirstName", "LastName", "Email", "Active",
                   "DateCreated", "PasswordLastSetDate", password_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true, $9, $10, $11) RETURNING key
"""
INSERT_CLIENT = """
INSERT INTO api_clients (marketplace_id, "ID", "AppName", "Active", "AccessTokenDuration", "RefreshTokenDuration",
                         "AnonymousTokenDuration", "AllowSeller", "AllowAnyBuyer", "AllowAnySupplier", "IsAnonBuyer",
                         default_context_user_key, client_secret_encrypted)
VALUES ($1, $2, $3, true, $4, $5, 10080, $6, $7, $8, $9, $10, $11)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUser:
    """A user to begin with. At most one of buyer_id and supplier_id; neither is a seller user."""

    id: str
    username: str
    first_name: str
    last_name: str
    email: str
    password_hash: str | None = None
    """argon2id; None for a user that nobody logs in as."""
    buyer_id: str | None = None
    supplier_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstClient:
    """An API client to begin with; durations in minutes, refresh 0 = no refresh tokens."""

    name: str
    access_duration: int = 600
    refresh_duration: int = 0
    allow_seller: bool = False
    allow_any_buyer: bool = False
    allow_any_supplier: bool = False
    is_anonymous: bool = False
    default_context_user: int | None = None
    """The user's key."""


async def add_marketplace(connection: asyncpg.Connection, marketplace: str, name: str, now: datetime) -> int:
    """A marketplace with its epochs and its place in the directory. Raises UniqueViolationError for an ID in use."""
    marketplace_id: int = await connection.fetchval(INSERT_MARKETPLACE, marketplace, name, now)
    for insert in INSERT_EPOCHS:
        await connection.execute(insert, marketplace_id)
    await connection.execute(INSERT_DIRECTORY, "marketplace", marketplace, marketplace_id)
    return marketplace_id


async def add_user(
    connection: asyncpg.Connection, marketplace_id: int, user: FirstUser, now: datetime
) -> int:
    """An active user; its key."""
    key: int = await connection.fetchval(
        INSERT_USER,
        marketplace_id,
        user.buyer_id,
        user.supplier_id,
        user.id,
        user.username,
        user.first_name,
        user.last_name,
        user.email,
        now,
        now if user.password_hash else None,
        user.password_hash,
    )
    made = {"BuyerID": user.buyer_id, "SupplierID": user.supplier_id, "Active": True}
    await totals.keep(connection, marketplace_id, USER, None, made)
    return key


async def add_profile(
    connection: asyncpg.Connection,
    marketplace_id: int,
    profile: str,
    name: str,
    roles: tuple[str, ...],
    custom_roles: tuple[str, ...] = (),
) -> None:
    """A security profile."""
    await connection.execute(INSERT_PROFILE, marketplace_id, profile, name, list(roles), list(custom_roles))


async def assign_profile(
    connection: asyncpg.Connection,
    marketplace_id: int,
    profile: str,
    *,
    user_key: int | None = None,
    buyer_id: str | None = None,
    supplier_id: str | None = None,
) -> None:
    """Give a profile to a user (beside its company, if it has one) or to a whole company (AUTH-48)."""
    async with holdings.changing(connection, marketplace_id) as holders:
        holders.users.add(user_key)
        await connection.execute(INSERT_ASSIGNMENT, marketplace_id, profile, buyer_id, supplier_id, user_key)


async def add_client(
    connection: asyncpg.Connection,
    marketplace_id: int,
    client: FirstClient,
    *,
    client_id: str | None = None,
    sealed_secret: bytes | None = None,
) -> str:
    """An active client with its place in the directory; its ID. `sealed_secret` as `client_secrets.seal` makes it."""
    client_id = client_id or new_guid()
    await connection.execute(
        INSERT_CLIENT,
        marketplace_id,
        client_id,
        client.name,
        client.access_duration,
        client.refresh_duration,
        client.allow_seller,
        client.allow_any_buyer,
        client.allow_any_supplier,
        client.is_anonymous,
        client.default_context_user,
        sealed_secret,
    )
    await connection.execute(INSERT_DIRECTORY, "client", client_id, marketplace_id)
    return client_id
