"""The user for whom a token is asked: standing, roles and password rules, in one statement (AUTH-13, AUTH-17)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg

from entrepot.domain.identity.lockout import UNTIL_UNLOCKED, LoginState
from entrepot.domain.identity.password_policy import PasswordPolicy, combine
from entrepot.domain.identity.roles import NO_ROLES, RoleSet
from entrepot.engine.call import Database
from entrepot.engine.principal import Principal
from entrepot.engine.wire.json import load
from entrepot.features.people.identity.computed import PROFILES
from entrepot.features.people.identity.policies import config_of
from entrepot.features.people.oauth.grant_client import GrantClient
from entrepot.kernel.errors import ClientNotForUserError, GrantCompanyInactiveError, GrantUserInactiveError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType, type_of

MAX_USERNAME = 100

SUBJECT = f"""
SELECT t.key, t."ID", t."Username", t."BuyerID", t."SupplierID", t."Active",
       t.password_hash, t."PasswordLastSetDate", t."FailedLoginAttempts", t.locked_until, t.locked_indefinitely,
       t.generation, coalesce(b."Active", s."Active", true) AS company_active,
       EXISTS (SELECT 1 FROM api_client_assignments x WHERE x.marketplace_id = :marketplace_id AND x."ApiClientID" = :client
               AND (x."BuyerID" = t."BuyerID" OR x."SupplierID" = t."SupplierID")) AS company_assigned,
       o.code_hash, o.expires_at AS code_expires_at, held.profiles
FROM users t
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = t."BuyerID"
LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = t."SupplierID"
LEFT JOIN user_codes o ON o.marketplace_id = :marketplace_id AND o.user_key = t.key AND o."ApiClientID" = :client
                       AND o.kind = 'one_time_password'
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(p."Roles", p."CustomRoles", p."PasswordConfig")) AS profiles
    FROM ({PROFILES}) AS assigned
    JOIN security_profiles p ON p.marketplace_id = :marketplace_id AND p."ID" = assigned."SecurityProfileID") held ON true
WHERE t.marketplace_id = :marketplace_id"""
BY_USERNAME = Sql(f'{SUBJECT} AND lower(t."Username") = lower(:username)').bound(
    "marketplace_id", "client", "username"
)
BY_KEY = Sql(f"{SUBJECT} AND t.key = :user_key").bound("marketplace_id", "client", "user_key")


@dataclass(frozen=True, slots=True)
class Subject:
    """A user as a grant sees it. `key`, `generation` are internal; `available` is AvailableRoles, both kinds apart."""

    key: int
    id: str
    username: str
    user_type: UserType
    company_id: str
    active: bool
    company_active: bool
    company_assigned: bool
    generation: int
    password_hash: str | None
    password_set: datetime | None
    login: LoginState
    one_time_password: bytes | None
    """The digest of the one in force on this client; expired ones are not here."""
    available: RoleSet
    policy: PasswordPolicy

    def seen_through(self, client: GrantClient) -> Principal:
        """As the log knows the user, without roles."""
        return replace(
            client.nobody,
            user_key=self.key,
            user_id=self.id,
            username=self.username,
            user_type=self.user_type,
            company_id=self.company_id,
        )

    def holds_one_time_password(self, digest: bytes) -> bool:
        return self.one_time_password is not None and hmac.compare_digest(self.one_time_password, digest)


async def by_username(db: Database, client: GrantClient, username: str, now: datetime) -> Subject | None:
    """Usernames match in any case (AUTH-14). A name that none can have is looked for all the same."""
    # PostgreSQL's text cannot hold U+0000, and a long name would be an expensive key.
    sought = username.replace("\0", "\N{REPLACEMENT CHARACTER}")[: MAX_USERNAME + 1]
    row = await db.fetchrow(BY_USERNAME, client.marketplace_id, client.id, sought)
    return None if row is None else _subject(row, client, now)


async def by_key(db: Database, client: GrantClient, key: int, now: datetime) -> Subject | None:
    """The user of a key."""
    row = await db.fetchrow(BY_KEY, client.marketplace_id, client.id, key)
    return None if row is None else _subject(row, client, now)


def require_standing(subject: Subject, client: GrantClient) -> None:
    """E9 for user and company, then E7."""
    if not subject.active:
        raise GrantUserInactiveError
    if not subject.company_active:
        raise GrantCompanyInactiveError
    if not client.admission.admits(subject.user_type, is_company_assigned=subject.company_assigned):
        raise ClientNotForUserError


def stored_state(row: asyncpg.Record) -> LoginState:
    """The lockout columns of a user's row."""
    locked_until = UNTIL_UNLOCKED if row["locked_indefinitely"] else row["locked_until"]
    return LoginState(row["FailedLoginAttempts"], locked_until)


def _subject(row: asyncpg.Record, client: GrantClient, now: datetime) -> Subject:
    profiles: list[list[Any]] = load(row["profiles"] or "[]")
    has_code = row["code_hash"] is not None and now < row["code_expires_at"]
    return Subject(
        key=row["key"],
        id=row["ID"],
        username=row["Username"],
        user_type=type_of(row["BuyerID"], row["SupplierID"]),
        company_id=row["BuyerID"] or row["SupplierID"] or client.marketplace,
        active=row["Active"],
        company_active=row["company_active"],
        company_assigned=row["company_assigned"],
        generation=row["generation"],
        password_hash=row["password_hash"],
        password_set=row["PasswordLastSetDate"],
        login=stored_state(row),
        one_time_password=row["code_hash"] if has_code else None,
        available=NO_ROLES.union(*(RoleSet.of(roles, custom) for roles, custom, _ in profiles)),
        policy=combine(config_of(config) for _, _, config in profiles if config is not None),
    )
