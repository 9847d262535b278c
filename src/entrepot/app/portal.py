"""`entrepot portal ...`: accounts of people, made by whoever runs the server, and the mail that nothing sends to them."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from entrepot.app.forwarding import UnknownNameError
from entrepot.app.mail import mailbox_of
from entrepot.app.marketplaces import hash_passwords, new_password
from entrepot.app.secret_key import secret_box
from entrepot.app.settings import Settings
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM
from entrepot.domain.portal.places import Environment
from entrepot.features.people.identity.policies import require_secure
from entrepot.features.people.portal import accounts, messages, organizations
from entrepot.features.people.portal.access import end_tokens
from entrepot.features.people.portal.accounts import Person, checked_email, checked_username
from entrepot.features.people.portal.messages import Kept
from entrepot.features.people.portal.organizations import Organization
from entrepot.kernel.clock import utc_now
from entrepot.kernel.errors import ApiError

MARKETPLACE = """
SELECT m.marketplace_id, m."ID", m."Name" FROM marketplace_directory d
JOIN marketplaces m ON m.marketplace_id = d.marketplace_id WHERE d.kind = 'marketplace' AND d.name = $1
"""

FORMER = "SELECT owner_key FROM portal_organizations WHERE marketplace_id = $1 FOR UPDATE"


class PortalRefusedError(ValueError):
    """An account cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """How to sign in to an account just made. Its text is for a person."""

    username: str
    email: str
    password: str

    def __str__(self) -> str:
        return "\n".join(
            (
                f"Username  {self.username}",
                f"Email     {self.email}",
                f"Password  {self.password}",
                "",
                "The password is not shown again.",
            )
        )


async def create_account(
    pool: asyncpg.Pool,
    settings: Settings,
    username: str,
    email: str,
    *,
    password: str | None = None,
    operates: bool = False,
    owns: str | None = None,
) -> NewAccount:
    """An account; with `owns`, the owner of the marketplace of this ID. Raises PortalRefusedError, UnknownNameError."""
    password = password or new_password()
    try:
        require_secure(PLATFORM_MINIMUM, password, username)
        username, email = checked_username(username), checked_email(email)
        (password_hash,) = await hash_passwords(settings, password)
        async with pool.acquire() as connection, connection.transaction():
            await add_account(
                connection, settings, username, email, password_hash, operates=operates, owns=owns
            )
    except ApiError as refusal:
        raise PortalRefusedError(" ".join(item.message for item in refusal.items())) from None
    return NewAccount(username, email, password)


async def add_account(
    connection: asyncpg.Connection,
    settings: Settings,
    username: str,
    email: str,
    password_hash: str,
    *,
    operates: bool = False,
    owns: str | None = None,
) -> int:
    """The same within a transaction; the account's key. Raises UsernameTakenError, EmailTakenError, UnknownNameError."""
    person = Person(
        key=0,
        username=username,
        email=email,
        name=username,
        country=None,
        region=None,
        terms_accepted=None,
        verified=False,
        operates=operates,
        password_hash=password_hash,
    )
    key = await accounts.add(connection, person, utc_now())
    if owns is not None:
        await give(connection, settings, owns, key)
    return key


async def give(
    connection: asyncpg.Connection, settings: Settings, marketplace: str, account_key: int
) -> None:
    """The account owns a marketplace that there is; what tokens of it the former owner had end. Raises UnknownNameError."""
    row = await connection.fetchrow(MARKETPLACE, marketplace)
    if row is None:
        raise UnknownNameError(f"There is no marketplace {marketplace}.")
    organization = Organization(
        marketplace_id=row["marketplace_id"],
        id=row["ID"],
        name=row["Name"],
        environment=settings.environment if settings.environment in set(Environment) else Environment.Sandbox,
        region=settings.regions[0],
        owner=account_key,
    )
    former = await connection.fetchval(FORMER, organization.marketplace_id)
    await organizations.add(connection, organization, utc_now())
    if former not in (None, account_key):
        await end_tokens(connection, organization.marketplace_id, [former])


async def give_to(pool: asyncpg.Pool, settings: Settings, marketplace: str, username: str) -> None:
    """The same, by the account's username. Raises UnknownNameError."""
    async with pool.acquire() as connection, connection.transaction():
        person = await accounts.by_username(connection, username)
        if person is None:
            raise UnknownNameError(f"There is no account {username}.")
        await give(connection, settings, marketplace, person.key)


async def unsent(pool: asyncpg.Pool, settings: Settings, email: str | None, most: int) -> list[Kept]:
    """Mail to accounts that nothing has sent, the newest first."""
    async with pool.acquire() as connection:
        return await messages.latest(
            connection, secret_box(settings), mailbox_of(settings).renderer, email, most
        )
