"""`entrepot marketplace create`: a marketplace that its first administrator can log in to (AUTH-84)."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

import asyncpg

from entrepot.app.announce import token_request
from entrepot.app.settings import Settings
from entrepot.features.people.credentials.passwords import Argon2Parameters, PasswordHasher
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.oauth.bootstrap import FirstClient, FirstUser
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_id

PASSWORD_LENGTH = 20
PROFILE = "FullAccess"


@dataclass(frozen=True, slots=True)
class NewMarketplace:
    """How to log in to a marketplace just made. Its text is for a person; the password is shown nowhere else."""

    marketplace_id: int
    """The internal key."""
    marketplace: str
    client_id: str
    username: str
    password: str
    base_url: str

    def __str__(self) -> str:
        return "\n".join(
            (
                f"Marketplace  {self.marketplace}",
                f"Client ID    {self.client_id}",
                f"Username     {self.username}",
                f"Password     {self.password}",
                "",
                "The password is not shown again. With the server running, this gets a token:",
                "",
                token_request(self.base_url, self.client_id, self.username, self.password),
            )
        )


async def create_marketplace(pool: asyncpg.Pool, name: str, settings: Settings) -> NewMarketplace:
    """A new marketplace with one active API client that admits sellers, and one seller user with FullAccess."""
    password = new_password()
    password_hash = await hash_passwords(settings, password)
    marketplace, now = new_id(), utc_now()
    # Usernames are unique in a marketplace only, and there is nobody else in this one.
    user = FirstUser(
        id="admin",
        username="admin",
        first_name="First",
        last_name="Administrator",
        email="admin@example.com",
        password_hash=password_hash[0],
    )
    async with pool.acquire() as connection, connection.transaction():
        marketplace_id = await bootstrap.add_marketplace(connection, marketplace, name, now)
        user_key = await bootstrap.add_user(connection, marketplace_id, user, now)
        await bootstrap.add_profile(connection, marketplace_id, PROFILE, "Full access", ("FullAccess",))
        await bootstrap.assign_profile(connection, marketplace_id, PROFILE, user_key=user_key)
        client = FirstClient(name=f"{name} administration", allow_seller=True)
        client_id = await bootstrap.add_client(connection, marketplace_id, client)
    return NewMarketplace(marketplace_id, marketplace, client_id, user.username, password, settings.base_url)


def new_password() -> str:
    """A random password that meets the platform's rules (AUTH-55)."""
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    rest = "".join(kinds)
    letters = [
        *(secrets.choice(kind) for kind in kinds),
        *(secrets.choice(rest) for _ in range(PASSWORD_LENGTH - len(kinds))),
    ]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def argon2_parameters(settings: Settings) -> Argon2Parameters:
    """The costs of a password hash, as set."""
    return Argon2Parameters(settings.argon2_memory_kib, settings.argon2_passes, settings.argon2_lanes)


async def hash_passwords(settings: Settings, *passwords: str) -> list[str]:
    """The hashes of passwords, where no server is running that has a hasher."""
    hasher = PasswordHasher(argon2_parameters(settings))
    try:
        return [await hasher.hash(password) for password in passwords]
    finally:
        hasher.close()
