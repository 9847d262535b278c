"""The demo marketplace: made on the first start, told in DATA_DIR/demo.json."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from entrepot.app.announce import GUIDE_SCOPE
from entrepot.app.marketplaces import hash_passwords, new_password
from entrepot.app.settings import Settings
from entrepot.domain.identity.roles import RoleSet
from entrepot.features.credentials.secrets import SecretBox, new_client_secret
from entrepot.features.oauth import bootstrap, client_secrets
from entrepot.features.oauth.bootstrap import FirstClient, FirstUser
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_guid
from entrepot.kernel.user_types import UserType

NAME = "Entrepot demo"
BUYER, SUPPLIER = "demo-buyer", "demo-supplier"
REFRESH_MINUTES = 7 * 24 * 60

# The guide asks for one role that does not exist; the others are named although FullAccess includes them.
SELLER_ROLES = ("FullAccess", *RoleSet.of(GUIDE_SCOPE.split()).names())
BUYER_ROLES = (
    "Shopper",
    "MeAdmin",
    "MeAddressAdmin",
    "MeCreditCardAdmin",
    "MeSubscriptionAdmin",
    "MeXpAdmin",
    "PasswordReset",
)
SUPPLIER_ROLES = (
    "MeAdmin",
    "MeXpAdmin",
    "PasswordReset",
    "SupplierReader",
    "SupplierUserReader",
    "SupplierUserGroupReader",
    "BuyerReader",
    "ProductReader",
    "OrderReader",
    "ShipmentReader",
)

EXISTS = "SELECT EXISTS (SELECT 1 FROM marketplace_directory WHERE kind = 'marketplace' AND name = $1)"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A person who can log in to the demo."""

    username: str
    first_name: str
    last_name: str
    user_type: UserType
    buyer_id: str | None = None
    supplier_id: str | None = None


USERS = (
    DemoUser("admin01", "Ada", "Admin", UserType.SELLER),
    DemoUser("buyer01", "Bela", "Buyer", UserType.BUYER, buyer_id=BUYER),
    DemoUser("supplier01", "Sami", "Supplier", UserType.SUPPLIER, supplier_id=SUPPLIER),
)


async def ensure_demo(pool: asyncpg.Pool, settings: Settings) -> None:
    """The marketplace that DATA_DIR/demo.json tells of exists, and the file names the present base URL.

    The file is what ties a data directory to its marketplace: passwords stand nowhere else. Where it is missing, or
    tells of another database, a new marketplace is made.
    """
    place = settings.data_dir / "demo.json"
    known = _read(place)
    if known is None or not await pool.fetchval(EXISTS, known["marketplaceID"]):
        await _create(pool, settings, place)
    elif known["baseUrl"] != settings.base_url:
        _write(place, {**known, "baseUrl": settings.base_url})


async def _create(pool: asyncpg.Pool, settings: Settings, place: Path) -> None:
    passwords = {user.username: new_password() for user in USERS}
    hashes = dict(zip(passwords, await hash_passwords(settings, *passwords.values()), strict=True))
    marketplace, integration_secret = f"demo-{secrets.token_hex(4)}", new_client_secret()
    async with pool.acquire() as connection, connection.transaction():
        marketplace_id = await bootstrap.add_marketplace(connection, marketplace, NAME, utc_now())
        keys = await _add_people(connection, marketplace_id, marketplace, hashes)
        box = SecretBox(settings.secret_key.encode())
        clients = await _add_clients(connection, marketplace_id, keys, box, integration_secret)
        facts = {
            "baseUrl": settings.base_url,
            "marketplaceID": marketplace,
            **clients,
            "integrationClientSecret": integration_secret,
            "users": {
                user.username: {
                    "username": user.username,
                    "password": passwords[user.username],
                    "userType": user.user_type.value,
                }
                for user in USERS
            },
        }
        # Before the commit: a marketplace without its file could never be logged in to.
        _write(place, facts)


async def _add_people(
    connection: asyncpg.Connection, marketplace_id: int, marketplace: str, hashes: dict[str, str]
) -> dict[str, int]:
    """Companies, profiles and users; the users' keys by username."""
    now = utc_now()
    await bootstrap.add_buyer(connection, marketplace_id, marketplace, BUYER, "Demo Buyer", now)
    await bootstrap.add_supplier(connection, marketplace_id, SUPPLIER, "Demo Supplier", now)
    for profile, name, roles in (
        ("seller", "Sellers", SELLER_ROLES),
        ("shopper", "Shoppers", BUYER_ROLES),
        ("supplier", "Suppliers", SUPPLIER_ROLES),
    ):
        await bootstrap.add_profile(connection, marketplace_id, profile, name, roles)
    await bootstrap.assign_profile(connection, marketplace_id, "shopper", buyer_id=BUYER)
    await bootstrap.assign_profile(connection, marketplace_id, "supplier", supplier_id=SUPPLIER)
    template = DemoUser("anonymous", "Anonymous", "Shopper", UserType.BUYER, buyer_id=BUYER)
    keys = {}
    for user in (*USERS, template):
        row = FirstUser(
            id=user.username,
            username=user.username,
            first_name=user.first_name,
            last_name=user.last_name,
            email=f"{user.username}@example.com",
            password_hash=hashes.get(user.username),
            buyer_id=user.buyer_id,
            supplier_id=user.supplier_id,
        )
        keys[user.username] = await bootstrap.add_user(connection, marketplace_id, row, now)
    await bootstrap.assign_profile(connection, marketplace_id, "seller", user_key=keys["admin01"])
    return keys


async def _add_clients(
    connection: asyncpg.Connection, marketplace_id: int, keys: dict[str, int], box: SecretBox, secret: str
) -> dict[str, str]:
    """The three clients, by the names that demo.json has for their IDs."""
    integration = new_guid()
    return {
        "clientID": await bootstrap.add_client(
            connection,
            marketplace_id,
            FirstClient(
                name="Demo application",
                refresh_duration=REFRESH_MINUTES,
                allow_seller=True,
                allow_any_buyer=True,
                allow_any_supplier=True,
            ),
        ),
        "integrationClientID": await bootstrap.add_client(
            connection,
            marketplace_id,
            FirstClient(name="Demo integration", allow_seller=True, default_context_user=keys["admin01"]),
            client_id=integration,
            sealed_secret=client_secrets.seal(box, marketplace_id, integration, secret),
        ),
        "anonymousClientID": await bootstrap.add_client(
            connection,
            marketplace_id,
            FirstClient(
                name="Demo storefront",
                allow_any_buyer=True,
                is_anonymous=True,
                default_context_user=keys["anonymous"],
            ),
        ),
    }


def _read(place: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(place.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return known if isinstance(known, dict) and {"marketplaceID", "baseUrl"} <= known.keys() else None


def _write(place: Path, facts: dict[str, Any]) -> None:
    """Whole or not at all, and for the owner's eyes alone: it holds passwords."""
    draft = place.with_name(f"demo.json.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")
    draft.replace(place)
