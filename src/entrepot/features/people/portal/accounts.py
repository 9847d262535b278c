"""Accounts as they are stored. Usernames and addresses are one in any case, each of them unique on the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from entrepot.domain.mail.headers import mail_address
from entrepot.engine.call import Database
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    EmailTakenError,
    NotFoundError,
    PropertyError,
    UsernameTakenError,
    ValidationError,
)

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Without an at sign, by which people sign in with their address."""
LONGEST_NAME = 100
_COLUMNS = 'key, "Username", "Email", "Name", "Country", "Region", "TermsAccepted", "Verified", operates, password_hash'
BY_KEY = f"SELECT {_COLUMNS} FROM portal_accounts WHERE key = $1"
BY_NAME = f'SELECT {_COLUMNS} FROM portal_accounts WHERE "Username" = $1'
BY_EMAIL = f'SELECT {_COLUMNS} FROM portal_accounts WHERE "Email" = $1'
INSERT = """
INSERT INTO portal_accounts ("Username", "Email", "Name", "Country", "Region", "Verified", operates, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING key
"""

FORGET_PASSWORD = "UPDATE portal_accounts SET password_hash = NULL WHERE key = $1"  # noqa: S105 (no password)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account. operates: whether it is of who runs the server."""

    key: int
    username: str
    email: str
    name: str
    country: str | None
    region: str | None
    terms_accepted: datetime | None
    verified: bool
    operates: bool
    password_hash: str | None

    def wire(self) -> dict[str, Any]:
        """As its owner sees it (User)."""
        accepted = self.terms_accepted
        return {
            "Username": self.username,
            "Name": self.name,
            "Email": self.email,
            "TermsAccepted": None if accepted is None else format_datetime(accepted),
            "Country": self.country,
            "Region": self.region,
            "SCAdmin": self.operates,
            "Verified": self.verified,
        }


async def forget_password(db: Database, key: int) -> None:
    """No password is the account's from now on. One statement."""
    await db.execute(FORGET_PASSWORD, key)


async def by_key(db: Database, key: int) -> Person | None:
    """One statement."""
    return _person(await db.fetchrow(BY_KEY, key))


async def by_username(db: Database, username: str) -> Person | None:
    """One statement; none for what cannot be a username."""
    return _person(await db.fetchrow(BY_NAME, username)) if USERNAME.fullmatch(username) else None


async def named(db: Database, username: str) -> Person:
    """The account of this username. Raises NotFoundError. One statement."""
    person = await by_username(db, username)
    if person is None:
        raise NotFoundError("PortalUser", username)
    return person


async def by_email(db: Database, email: str) -> Person | None:
    """One statement."""
    return _person(await db.fetchrow(BY_EMAIL, email))


async def by_login(db: Database, name: str) -> Person | None:
    """Who signs in with this username or address; one statement, whatever it is."""
    sought = name.replace("\0", "\N{REPLACEMENT CHARACTER}")[:300]
    return _person(await db.fetchrow(BY_EMAIL if "@" in sought else BY_NAME, sought))


async def add(db: Database, person: Person, now: datetime) -> int:
    """The account's key; that of `person` is not looked at. Raises UsernameTakenError, EmailTakenError."""
    try:
        key: int = await db.fetchval(
            INSERT,
            person.username,
            person.email,
            person.name,
            person.country,
            person.region,
            person.verified,
            person.operates,
            person.password_hash,
            now,
        )
    except asyncpg.UniqueViolationError as taken:
        raise taken_error(taken) from None
    return key


def taken_error(taken: asyncpg.UniqueViolationError) -> UsernameTakenError | EmailTakenError:
    """Which of the two somebody else has."""
    return EmailTakenError() if "email" in str(taken) else UsernameTakenError()


def checked_username(username: str) -> str:
    """Raises ValidationError for what cannot be one."""
    if not USERNAME.fullmatch(username):
        raise ValidationError(
            PropertyError(
                "Username has letters, digits, points, hyphens and underscores, 100 at most, and begins with a letter or digit.",
                {"Property": "Username"},
            )
        )
    return username


def checked_email(email: str) -> str:
    """The address as mail is sent to it. Raises ValidationError for what is none."""
    try:
        return mail_address(email).address
    except ValueError:
        raise ValidationError(
            PropertyError("Email is not a valid e-mail address.", {"Property": "Email"})
        ) from None


def _person(row: asyncpg.Record | None) -> Person | None:
    if row is None:
        return None
    return Person(
        key=row["key"],
        username=row["Username"],
        email=row["Email"],
        name=row["Name"],
        country=row["Country"],
        region=row["Region"],
        terms_accepted=row["TermsAccepted"],
        verified=row["Verified"],
        operates=row["operates"],
        password_hash=row["password_hash"],
    )
